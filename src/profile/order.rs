//! Orders of convergence, with the replica as the independent unit.

use super::record::{Order, Standing};
use glassbox_oracle::tail_probability::{student_p_value, student_upper_quantile};
use libm::log;

/// Probability that an error of 0 is taken for a measured one; three of them are needed to make an order.
const NOISE_FLOOR: f64 = 1e-6;
/// Points that an order needs.
const FEWEST_POINTS: usize = 3;
/// Half-width of the 99 % interval beyond which an order cannot be told from the next half order.
const WIDEST: f64 = 0.25;

/// One value a replica at one step; `square` where the error is the root of their mean.
pub(crate) struct Sample {
    pub(crate) dt: f64,
    pub(crate) values: Vec<f64>,
    pub(crate) square: bool,
}

impl Sample {
    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The error and its standard error.
    pub(crate) fn error(&self) -> (f64, f64) {
        let (mean, deviation) = (self.mean(), standard_error(&self.values));
        if !self.square {
            return (mean, deviation);
        }
        let root = mean.sqrt();
        (root, if root > 0.0 { 0.5 * deviation / root } else { 0.0 })
    }

    /// Where the point stands.
    pub(crate) fn standing(&self, rounding_floor: f64) -> Standing {
        let (value, deviation) = self.error();
        if value.abs() <= rounding_floor {
            Standing::BelowRounding
        } else if student_p_value(value / deviation, self.values.len() as f64 - 1.0) < NOISE_FLOOR {
            Standing::Measured
        } else {
            Standing::BelowNoise
        }
    }
}

/// The slope of log error against log step by least squares; `expected` are the exact errors at the same steps.
///
/// Its standard error is that of the mean over replicas of the slope's derivative with respect to each replica's values
/// (delta method), which knows that all steps share their paths.
///
/// # Errors
/// Why there is no order.
pub(crate) fn fit(samples: &[Sample], expected: &[Option<f64>]) -> Result<Order, String> {
    if samples.len() < FEWEST_POINTS {
        return Err(format!(
            "not measurable: steps above the floors {}, needed {FEWEST_POINTS}",
            samples.len()
        ));
    }
    let means: Vec<f64> = samples.iter().map(Sample::mean).collect();
    if means.iter().any(|mean| (*mean > 0.0) != (means[0] > 0.0)) {
        return Err("not measurable: the error changes its sign within the ladder".to_owned());
    }
    let steps: Vec<f64> = samples.iter().map(|sample| sample.dt).collect();
    let weights = slope_weights(&steps);
    let power = |sample: &Sample| if sample.square { 0.5 } else { 1.0 };
    let replicas = samples[0].values.len();
    let (mut value, mut influence) = (0.0, vec![0.0; replicas]);
    for ((sample, mean), weight) in samples.iter().zip(&means).zip(&weights) {
        value += weight * power(sample) * log(mean.abs());
        for (sum, one) in influence.iter_mut().zip(&sample.values) {
            *sum += weight * power(sample) * (one - mean) / mean;
        }
    }
    let deviation = standard_error(&influence);
    let half_width = deviation * student_upper_quantile(0.005, replicas as f64 - 1.0);
    if half_width > WIDEST {
        return Err(format!(
            "not measurable: its 99 % interval {value:.2} ± {half_width:.2} cannot tell half an order"
        ));
    }
    Ok(Order {
        value,
        standard_error: deviation,
        low: value - half_width,
        high: value + half_width,
        expected: expected_slope(expected, &weights),
    })
}

fn expected_slope(expected: &[Option<f64>], weights: &[f64]) -> Option<f64> {
    let mut slope = 0.0;
    for (value, weight) in expected.iter().zip(weights) {
        let size = (*value)?.abs();
        if size == 0.0 {
            return None;
        }
        slope += weight * log(size);
    }
    Some(slope)
}

/// The weights that make a least-squares slope of the logarithms of errors at these steps.
fn slope_weights(steps: &[f64]) -> Vec<f64> {
    let logarithms: Vec<f64> = steps.iter().map(|step| log(*step)).collect();
    let centre = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
    let square: f64 = logarithms.iter().map(|x| (x - centre) * (x - centre)).sum();
    logarithms.iter().map(|x| (x - centre) / square).collect()
}

/// Standard error of the mean of independent values.
pub(crate) fn standard_error(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (count * (count - 1.0))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::noise::{NoiseStream, Purpose};

    fn sample(dt: f64, values: Vec<f64>) -> Sample {
        Sample { dt, values, square: false }
    }

    #[test]
    fn a_power_law_has_its_exponent() {
        let ladder: Vec<Sample> = [0.4, 0.2, 0.1, 0.05]
            .into_iter()
            .map(|dt: f64| sample(dt, vec![3.0 * dt.powf(1.5); 4]))
            .collect();
        let expected: Vec<_> = [0.4_f64, 0.2, 0.1, 0.05].iter().map(|dt| Some(dt * dt)).collect();
        let order = fit(&ladder, &expected).unwrap();
        // Rounding of four logarithms over their spread.
        assert!((order.value - 1.5).abs() < 1e-14 && (order.expected.unwrap() - 2.0).abs() < 1e-14);
        assert!(order.low <= order.value && order.value <= order.high);
    }

    /// The delta method against the spread of 4,000 whole experiments: each has replicas whose values share their noise
    /// over the steps. Their variance has a relative standard error of √(2/4000) = 2.2 %; six of them are 13.4 %.
    #[test]
    fn the_standard_error_is_the_spread_of_repeated_experiments() {
        let (experiments, replicas) = (4000, 40);
        let mut slopes = Vec::new();
        let mut variance = 0.0;
        for experiment in 0..experiments {
            let stream = NoiseStream::new(9, Purpose::Langevin, experiment);
            let (mut common, mut own) = (vec![0.0; replicas], vec![0.0; replicas]);
            stream.gaussians(0, &mut common);
            let ladder: Vec<Sample> = [0.4, 0.2, 0.1]
                .into_iter()
                .zip(1..)
                .map(|(dt, step)| {
                    stream.gaussians(step, &mut own);
                    sample(dt, common.iter().zip(&own).map(|(a, b)| dt + 0.02 * a + 0.02 * b).collect())
                })
                .collect();
            let order = fit(&ladder, &[None; 3]).unwrap();
            slopes.push(order.value);
            variance += order.standard_error * order.standard_error / f64::from(experiments);
        }
        let spread = standard_error(&slopes).powi(2) * f64::from(experiments);
        assert!((spread / variance - 1.0).abs() < 0.134, "{spread:e} {variance:e}");
    }

    #[test]
    fn what_cannot_be_an_order_is_refused() {
        let two = [sample(0.2, vec![1.0, 1.0]), sample(0.1, vec![0.5, 0.5])];
        assert!(fit(&two, &[None; 2]).unwrap_err().contains("floors 2"));
        let crossing =
            [sample(0.4, vec![1.0, 1.0]), sample(0.2, vec![0.1, 0.1]), sample(0.1, vec![-0.2, -0.2])];
        assert!(fit(&crossing, &[None; 3]).unwrap_err().contains("sign"));
        let vague = [sample(0.4, vec![1.0, 2.0]), sample(0.2, vec![0.6, 0.5]), sample(0.1, vec![0.4, 0.2])];
        assert!(fit(&vague, &[None; 3]).unwrap_err().contains("half an order"));
    }

    #[test]
    fn floors_are_named() {
        assert_eq!(
            sample(0.1, vec![1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.0, 1.1]).standing(1e-12),
            Standing::Measured
        );
        assert_eq!(sample(0.1, vec![1.0, -1.1]).standing(1e-12), Standing::BelowNoise);
        assert_eq!(sample(0.1, vec![1e-13, 2e-13]).standing(1e-12), Standing::BelowRounding);
    }
}
