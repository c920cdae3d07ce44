//! Where quenches and sweeps end: loss, how stationary the weights are, and whether they have collapsed.
//!
//! Everything is measured in double precision on the task's own samples, so that a loss of 1e-12 is one and the
//! stationary certificate (`<D₊ y f>` against `lambda |W_l|²`, PHYSICS.md D.5c) is not that of the kernels' rounding.

use crate::results::{ResultError, Results};
use glassbox_oracle::OracleError;
use glassbox_oracle::networks::balance::{MeasuredPoint, StationaryCertificate};
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
use glassbox_simulations::dataset::Dataset;
use glassbox_simulations::network::Architecture;
use glassbox_simulations::network::reference::{Samples, outputs};
use glassbox_simulations::protocol::{QuenchTask, Task};

/// Data loss from which on a network counts as collapsed: within 2% of ½, that of a network whose output is 0.
///
/// On the way to `W = 0` the output dies long before the norms do, which only decay as `e^{−mu lambda t}`; a network that has
/// learnt anything lies far below.
const COLLAPSED: f64 = 0.49;

/// Layers of the paper's network.
pub(super) const LAYERS: u32 = 7;

/// Weights after descent.
#[derive(Clone, Debug)]
pub(super) struct EndPoint {
    /// Regularisation lambda.
    pub(super) regularisation: f64,
    /// Loss with the regularisation.
    pub(super) loss: f64,
    /// Loss without it.
    pub(super) data_loss: f64,
    /// `<D₊>`.
    pub(super) mean_shortfall: f64,
    /// `|W_l|²`, layer after layer.
    pub(super) squared_layer_norms: Vec<f64>,
}

impl EndPoint {
    /// Measures `weights`.
    pub(super) fn measure(
        architecture: &Architecture,
        dataset: &Dataset,
        regularisation: f64,
        weights: &[f64],
    ) -> Result<Self, ResultError> {
        let samples = Samples { inputs: dataset.inputs(), labels: dataset.labels() };
        let all = outputs(architecture, samples, weights)?;
        let shortfalls = all.iter().zip(dataset.labels()).map(|(f, y)| (1.0 - f64::from(*y) * f).max(0.0));
        let (sum, squares) = shortfalls.fold((0.0, 0.0), |(sum, squares), d| (sum + d, squares + d * d));
        let count = dataset.sample_count() as f64;
        let squared_layer_norms: Vec<f64> = architecture
            .layers()
            .iter()
            .map(|layer| weights[layer.range.clone()].iter().map(|weight| weight * weight).sum())
            .collect();
        let data_loss = 0.5 * squares / count;
        let loss = data_loss + 0.5 * regularisation * squared_layer_norms.iter().sum::<f64>();
        Ok(Self { regularisation, loss, data_loss, mean_shortfall: sum / count, squared_layer_norms })
    }

    /// Whether the output has died.
    pub(super) fn has_collapsed(&self) -> bool {
        self.data_loss > COLLAPSED
    }

    /// How far from stationary, by the scaling of the layers; `None` at lambda = 0, where the certificate has no scale.
    pub(super) fn certificate(&self) -> Result<Option<StationaryCertificate>, OracleError> {
        if self.regularisation == 0.0 {
            return Ok(None);
        }
        StationaryCertificate::new(MeasuredPoint {
            regularisation: self.regularisation,
            mean_shortfall: self.mean_shortfall,
            data_loss: self.data_loss,
            squared_layer_norms: &self.squared_layer_norms,
            // Sums over samples and weights in double precision, of at most 1e6 terms.
            relative_error: 1e6 * f64::EPSILON,
        })
        .map(Some)
    }
}

/// The end of a quench; `None` if it diverged.
pub(super) fn of_quench(results: &Results<'_>, task: &QuenchTask) -> Result<Option<EndPoint>, ResultError> {
    let record = results.record(&Task::Quench(task.clone()))?;
    if record.diverged.is_some() {
        return Ok(None);
    }
    let architecture = Architecture::paper(task.problem.width)?;
    let dataset = results.samples.of(&task.problem)?;
    let weights = record.last().unwrap_or_default();
    EndPoint::measure(&architecture, &dataset, task.problem.regularisation, weights).map(Some)
}

/// The network on one sample whose input has the data's mean norm: its spinodal and lowest loss bound those of any data.
pub(super) fn one_sample_network(
    results: &Results<'_>,
    task: &QuenchTask,
) -> Result<OneSampleNetwork, ResultError> {
    let dataset = results.samples.of(&task.problem)?;
    let norms = dataset
        .inputs()
        .chunks(dataset.input_dimension())
        .map(|input| input.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>().sqrt());
    Ok(OneSampleNetwork::new(LAYERS, norms.sum::<f64>() / dataset.sample_count() as f64)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn a_network_by_hand() {
        // f = 0.4 relu(0.5 x): 0.4 at x = 2, y = 1, and 0 at x = −1, y = 1; D₊ = 0.6 and 1.
        let architecture = Architecture::new(&[1, 1, 1]).unwrap();
        let dataset = Dataset::new(vec![2.0, -1.0], vec![1.0, 1.0], 1).unwrap();
        let point = EndPoint::measure(&architecture, &dataset, 0.3, &[0.5, 0.4]).unwrap();
        assert_relative_eq!(point.mean_shortfall, 0.8, max_relative = 1e-14);
        assert_relative_eq!(point.data_loss, 0.34, max_relative = 1e-14);
        assert_relative_eq!(point.loss, 0.34 + 0.15 * 0.41, max_relative = 1e-14);
        let certificate = point.certificate().unwrap().unwrap();
        // As in the oracle's own test of these weights.
        assert_relative_eq!(certificate.relative_distance, 0.072 / 0.168, max_relative = 1e-12);
        assert!(!point.has_collapsed());
        let dead = EndPoint::measure(&architecture, &dataset, 0.0, &[0.0, 0.4]).unwrap();
        assert!(dead.has_collapsed() && dead.certificate().unwrap().is_none());
    }
}
