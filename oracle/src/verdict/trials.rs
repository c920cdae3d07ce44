//! Repeated trials of a test on correct data, for the tests of this folder.

use crate::Displacement;
use crate::numerics::tail_probability::{binomial_two_sided_p_value, binomial_upper_tail};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Probability that a size assertion fails although the test has its nominal size.
const FALSE_ALARM: f64 = 1e-6;

pub(super) fn gaussian(noise: &mut SmallRng) -> f64 {
    noise.sample(StandardNormal)
}

/// Independent displacements with this law.
pub(super) fn sample(noise: &mut SmallRng, law: &Displacement, count: usize) -> Vec<f64> {
    let draw = |_| {
        let mut remaining: f64 = noise.random();
        let mut chosen = 0.0;
        for (fraction, part) in law.components() {
            chosen = part.mean() + part.variance().sqrt() * gaussian(noise);
            remaining -= fraction;
            if remaining < 0.0 {
                break;
            }
        }
        chosen
    };
    (0..count).map(draw).collect()
}

/// Number of `repetitions` whose p-value is below `nominal`.
pub(super) fn rejections(
    repetitions: u32,
    nominal: f64,
    seed: u64,
    mut p_value: impl FnMut(&mut SmallRng) -> f64,
) -> u64 {
    let mut noise = SmallRng::seed_from_u64(seed);
    (0..repetitions)
        .map(|_| {
            let p = p_value(&mut noise);
            assert!((0.0..=1.0).contains(&p), "a p-value of {p}");
            u64::from(p < nominal)
        })
        .sum()
}

/// The rate of rejections is `nominal`; fails with a probability of at most 1e-6 if it is.
pub(super) fn assert_size(
    repetitions: u32,
    nominal: f64,
    seed: u64,
    p_value: impl FnMut(&mut SmallRng) -> f64,
) {
    let count = rejections(repetitions, nominal, seed, p_value);
    let p = binomial_two_sided_p_value(count, u64::from(repetitions), nominal);
    assert!(p >= FALSE_ALARM, "{count} of {repetitions} below {nominal}: probability {p:.1e}");
}

/// The rate of rejections is at most `nominal`, for tests with a bound; fails with a probability of at most 1e-6 if so.
pub(super) fn assert_size_at_most(
    repetitions: u32,
    nominal: f64,
    seed: u64,
    p_value: impl FnMut(&mut SmallRng) -> f64,
) {
    let count = rejections(repetitions, nominal, seed, p_value);
    let p = binomial_upper_tail(count, u64::from(repetitions), nominal);
    assert!(p >= FALSE_ALARM, "{count} of {repetitions} below {nominal}: probability {p:.1e}");
}
