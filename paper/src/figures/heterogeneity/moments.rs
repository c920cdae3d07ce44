//! alpha2 of the networks of a phase after each lag, and what Gaussian weights would give.

use crate::analysis::Interval;
use crate::analysis::moments_of_networks::non_gaussian_parameter;
use crate::results::{Network, ResultError, Results, Run};
use glassbox_oracle::special::gaussian_upper_quantile;
use glassbox_simulations::observables::mean_squared_displacement;
use glassbox_simulations::protocol::Population;

/// alpha2 by both averages, after each lag at which the networks moved.
pub(in crate::figures) struct Alpha {
    /// Lags in steps of the paper.
    pub times: Vec<f64>,
    /// Mean over networks of the alpha2 of each: the paper's.
    pub mean_of_ratios: Vec<Option<Interval>>,
    /// The ratio of moments averaged over networks first.
    pub ratio_of_means: Vec<Option<Interval>>,
    /// alpha2 of each network: `networks[network][lag]`, NaN where it did not move.
    pub networks: Vec<Vec<f64>>,
}

/// What Gaussian weights give: mean and half width of the interval of the mean over networks.
#[derive(Clone, Copy)]
pub(in crate::figures) struct GaussianBand {
    pub mean: f64,
    pub half_width: f64,
}

impl GaussianBand {
    /// For `networks` of `weights` independent Gaussian weights of one variance each: exactly `−2/(N + 2)`, and to first
    /// order in 1/N a variance of `8/(3 N)` a network (var m4 − 6 m2 = 96 + 72 − 144 of unit Gaussians, over 9).
    pub(in crate::figures) fn new(weights: usize, networks: usize, confidence: f64) -> Self {
        let (weights, networks) = (weights as f64, networks as f64);
        let deviation = (8.0 / (3.0 * weights * networks)).sqrt();
        let half_width = gaussian_upper_quantile(0.5 * (1.0 - confidence)) * deviation;
        Self { mean: -2.0 / (weights + 2.0), half_width }
    }

    pub(in crate::figures) fn low(self) -> f64 {
        self.mean - self.half_width
    }

    pub(in crate::figures) fn high(self) -> f64 {
        self.mean + self.half_width
    }

    /// Whether an interval lies outside of the band altogether.
    pub(in crate::figures) fn excludes(self, interval: &Interval) -> bool {
        interval.low > self.high() || interval.high < self.low()
    }
}

impl Alpha {
    /// alpha2 of the weights that `chosen` gives of each network, from the first waiting time on.
    pub(in crate::figures) fn of(
        results: &Results<'_>,
        run: &Run,
        temperature: usize,
        chosen: impl Fn(&Network) -> Population,
    ) -> Result<Self, ResultError> {
        let waiting = run.waiting_time();
        let second = run.curves(temperature, waiting, &chosen, |_, moved| mean_squared_displacement(moved));
        let fourth = run.curves(temperature, waiting, &chosen, |_, moved| {
            moved.iter().map(|moved| moved.powi(4)).sum::<f64>() / moved.len() as f64
        });
        let (mut mean_of_ratios, mut ratio_of_means) = (Vec::new(), Vec::new());
        for lag in 0..second.times.len() {
            let column = |curves: &[Vec<f64>]| curves.iter().map(|curve| curve[lag]).collect::<Vec<f64>>();
            let found =
                non_gaussian_parameter(&results.bootstrap, &column(&second.curves), &column(&fourth.curves))?;
            mean_of_ratios.push(found.mean_of_ratios);
            ratio_of_means.push(found.ratio_of_means);
        }
        let networks = second
            .curves
            .iter()
            .zip(&fourth.curves)
            .map(|(second, fourth)| second.iter().zip(fourth).map(|(m2, m4)| ratio(*m2, *m4)).collect())
            .collect();
        Ok(Self { times: second.times, mean_of_ratios, ratio_of_means, networks })
    }

    /// The paper's alpha2 at the last lag.
    pub(in crate::figures) fn last(&self) -> Option<Interval> {
        self.mean_of_ratios.last().copied().flatten()
    }

    /// Index of the lag with the largest alpha2.
    pub(in crate::figures) fn peak(&self) -> Option<usize> {
        let values = self.mean_of_ratios.iter().enumerate();
        values
            .filter_map(|(lag, interval)| Some((lag, interval.as_ref()?.value)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .map(|(lag, _)| lag)
    }

    /// What alpha2 loses from its peak to the last lag, paired over networks: above 0 for a fall.
    pub(in crate::figures) fn fall(&self, results: &Results<'_>) -> Option<Interval> {
        let peak = self.peak()?;
        results.bootstrap.interval(self.networks.len(), |indices| {
            let fall = |network: &Vec<f64>| Some(network[peak] - network.last()?);
            let sum = indices.iter().map(|index| fall(&self.networks[*index])).sum::<Option<f64>>()?;
            Some(sum / indices.len() as f64)
        })
    }
}

fn ratio(second: f64, fourth: f64) -> f64 {
    (fourth.sqrt() / second).powi(2) / 3.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::noise::{NoiseStream, Purpose};

    /// Mean and spread of alpha2 over 2,000 networks of 100 Gaussian weights: the mean within 5 of its standard errors, and
    /// the interval for one network covers 95% of them within 5 standard errors of a binomial and the 0.02 that the first
    /// order in 1/N leaves out (the tails of m4/m2² are skewed): false alarms below 1e-6.
    #[test]
    fn the_band_is_that_of_gaussian_weights() {
        let (weights, networks) = (100, 2_000);
        let stream = NoiseStream::new(7, Purpose::Initialisation, 0);
        let mut drawn = vec![0.0; weights];
        let values: Vec<f64> = (0..networks)
            .map(|network| {
                stream.gaussians(network, &mut drawn);
                glassbox_simulations::observables::non_gaussian_parameter(&drawn)
            })
            .collect();
        let band = GaussianBand::new(weights, 1, 0.95);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let error = (8.0 / (3.0 * weights as f64 * networks as f64)).sqrt();
        assert!((mean - band.mean).abs() < 5.0 * error, "{mean}");
        let inside = values.iter().filter(|value| (band.low()..band.high()).contains(*value)).count();
        let share = inside as f64 / networks as f64;
        assert!((share - 0.95).abs() < 0.02 + 5.0 * (0.95 * 0.05 / networks as f64).sqrt(), "{share}");
    }
}
