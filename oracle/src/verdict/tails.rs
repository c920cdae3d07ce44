//! Tails: what lies beyond a fixed grid of quantiles of the law, far out where Kolmogorov–Smirnov is blind.
//!
//! Beyond the quantiles with tail probability 2^{−2}, 2^{−5/2}, 2^{−3} … (as long as one of n values is expected there)
//! the values in the lower tail, the upper tail and both are counted. Each count is binomial. To these come the
//! outermost values themselves: `n` values keep below probability `u` with `(1 − u)^n`. The smallest of the exact
//! two-sided p-values, times their number, bounds the p-value of the whole (Bonferroni): a "higher criticism" on a
//! dyadic grid (compare Berk and Jones, Z. Wahrsch. verw. Gebiete 47, 47 (1979)).

use super::error::{VerdictError, require_count, require_sample};
use super::evidence::Evidence;
use super::kolmogorov_smirnov::require_continuous;
use super::sensitivity::Sensitivity;
use crate::Displacement;
use crate::numerics::tail_probability::{binomial_two_sided_p_value, binomial_upper_tail};

/// Fewest values, so that the grid has several levels.
const FEWEST: usize = 30;

/// Compares the tails of independent `displacements` with the law's.
///
/// The p-value is a bound for every n. The effect is that of the most significant count: the signed root of twice its
/// Kullback–Leibler divergence from the law, a displacement; for small differences `(q − p)/√(p (1 − p))`.
///
/// # Errors
/// [`VerdictError`] for fewer than 30 values, a value that is not finite, or a law with certain displacements.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, FEWEST)?;
    require_continuous(&name, law)?;
    let count = displacements.len() as f64;
    let counts = Counts::of(displacements, law);
    let worst = counts.most_significant(displacements.len() as u64);
    let p = worst.probability;
    Ok(Evidence {
        observed: worst.fraction,
        predicted: p,
        standard_error: Some((p * (1.0 - p) / count).sqrt()),
        p_value: Some((worst.p_value * comparisons(count)).clamp(0.0, 1.0)),
        effect_measure: "standardised difference of a tail count",
        effect: divergence(worst.fraction, p),
        ..Evidence::of_sample(name, seed, displacements.len(), sensitivity(count))
    })
}

/// The smallest standardised difference of a count beyond a quantile of the grid that [`check`] finds in 99 of 100
/// samples of this size, whatever the law.
///
/// # Errors
/// [`VerdictError`] for fewer than 30 values or a probability outside (0, 1).
pub fn detectable(sample_size: usize, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    sensitivity(require_count("tails", sample_size, FEWEST)?).found(false_alarm_probability)
}

/// Number of independent displacements with which [`check`] finds a standardised difference `effect` of a count beyond
/// a quantile of the grid in 99 of 100 runs, at this false-alarm probability. (Cut tails lack a probability p on either
/// side: their effect is about √(4 p).)
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0 and the probability in (0, 1).
pub fn samples_needed(effect: f64, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    Sensitivity::smallest_sample(sensitivity, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(count: f64) -> Sensitivity {
    Sensitivity::Largest { effect_per_standard_error: 1.0 / count.sqrt(), comparisons: comparisons(count) }
}

/// Levels of the grid for this many values: `count · 2^{−2−j/2} ≥ 1`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 200")]
fn levels(count: f64) -> usize {
    (2.0 * (count.log2() - 2.0)).floor() as usize + 1
}

fn level(number: usize) -> f64 {
    (-2.0 - 0.5 * number as f64).exp2()
}

/// Three counts a level, and three outermost values.
fn comparisons(count: f64) -> f64 {
    3.0 * (levels(count) + 1) as f64
}

/// `±√(2 [q ln(q/p) + (1 − q) ln((1 − q)/(1 − p))])`, with the sign of `q − p`.
fn divergence(q: f64, p: f64) -> f64 {
    let beyond = if q > 0.0 { q * (q / p).ln() } else { 0.0 };
    let within = if q < 1.0 { (1.0 - q) * ((p - q) / (1.0 - p)).ln_1p() } else { 0.0 };
    (2.0 * (beyond + within).max(0.0)).sqrt().copysign(q - p)
}

/// One of the comparisons: the fraction found beyond a quantile, the law's, and its two-sided p-value.
struct Comparison {
    fraction: f64,
    probability: f64,
    p_value: f64,
}

/// What lies beyond each level, and the smallest tail probability: of the lower and the upper side.
struct Counts {
    beyond: [Vec<u64>; 2],
    outermost: [f64; 2],
}

impl Counts {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a level number, at least 0")]
    fn of(displacements: &[f64], law: &Displacement) -> Self {
        let levels = levels(displacements.len() as f64);
        let (mut beyond, mut outermost) = ([vec![0; levels], vec![0; levels]], [1.0_f64; 2]);
        for displacement in displacements {
            let below = law.cumulative(*displacement);
            let (side, tail) = if below < 0.5 { (0, below) } else { (1, law.survival(*displacement)) };
            // Farther than a double can say: still a probability above 0.
            let tail = tail.max(f64::MIN_POSITIVE);
            outermost[side] = outermost[side].min(tail);
            if tail <= level(0) {
                let deepest = (2.0 * (-tail.log2() - 2.0)).floor() as usize;
                beyond[side][deepest.min(levels - 1)] += 1;
            }
        }
        for side in &mut beyond {
            for number in (1..levels).rev() {
                side[number - 1] += side[number];
            }
        }
        Self { beyond, outermost }
    }

    fn most_significant(&self, trials: u64) -> Comparison {
        let [lower, upper] = &self.beyond;
        let counted = (0..lower.len()).flat_map(|number| {
            let p = level(number);
            [(lower[number], p), (upper[number], p), (lower[number] + upper[number], 2.0 * p)]
        });
        let counted = counted.map(|(count, p)| Comparison {
            fraction: count as f64 / trials as f64,
            probability: p,
            p_value: binomial_two_sided_p_value(count, trials, p),
        });
        let [a, b] = self.outermost;
        let outermost = [a, b, (2.0 * a.min(b)).clamp(0.0, 1.0)].map(|p| {
            let (reached, kept) = (binomial_upper_tail(1, trials, p), (trials as f64 * (-p).ln_1p()).exp());
            let fraction = if reached < kept { 1.0 / trials as f64 } else { 0.0 };
            Comparison { fraction, probability: p, p_value: (2.0 * reached.min(kept)).clamp(0.0, 1.0) }
        });
        // The middle of a tail count is always there.
        let start = Comparison { fraction: 0.5, probability: 0.5, p_value: 1.0 };
        counted
            .chain(outermost)
            .filter(|one| one.probability < 1.0)
            .fold(start, |worst, one| if one.p_value < worst.p_value { one } else { worst })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn law() -> Displacement {
        Displacement::gaussian(0.3, 2.0).unwrap()
    }

    /// By hand: one value in 64 beyond 1e-9 is 64e-9 likely, twice, of 3 · 10 comparisons.
    #[test]
    fn a_single_outlier() {
        let quantile = crate::numerics::special::gaussian_upper_quantile;
        let mut sample: Vec<f64> =
            (0..64).map(|i| 0.3 + 2.0_f64.sqrt() * quantile((f64::from(i) + 0.5) / 64.0)).collect();
        assert_eq!(check("ideal", 0, &sample, &law()).unwrap().p_value.unwrap(), 1.0);
        sample[0] = 0.3 + 2.0_f64.sqrt() * quantile(1e-9);
        let evidence = check("outlier", 0, &sample, &law()).unwrap();
        assert_eq!(levels(64.0), 9);
        assert_relative_eq!(evidence.p_value.unwrap(), 30.0 * 2.0 * 64e-9, max_relative = 1e-6);
        sample[0] = 1e200;
        let evidence = check("far", 0, &sample, &law()).unwrap();
        assert!(evidence.p_value.unwrap() < 1e-290 && evidence.effect.is_finite());
    }

    #[test]
    fn the_divergence_is_a_standardised_difference() {
        assert_relative_eq!(divergence(0.2501, 0.25), 1e-4 / 0.1875_f64.sqrt(), max_relative = 1e-3);
        assert_relative_eq!(divergence(0.0, 1e-4), -(2e-4_f64).sqrt(), max_relative = 1e-4);
    }

    /// Gaussian noise cut at four standard deviations, and uniform noise, at a budget of 1e-9.
    #[test]
    fn cut_tails_and_uniform_noise_are_seen() {
        let mut noise = SmallRng::seed_from_u64(30);
        let (root2, standard) = (2.0_f64.sqrt(), |noise: &mut SmallRng| trials::gaussian(noise));
        let cut: Vec<f64> = std::iter::repeat_with(|| standard(&mut noise))
            .filter(|z| z.abs() < 4.0)
            .take(500_000)
            .map(|z| 0.3 + root2 * z)
            .collect();
        // 31.7 values are missing; up to 4 may lie between the cut and the next level, 3.05e-5 or 4.01 deviations.
        let evidence = check("cut", 30, &cut, &law()).unwrap();
        assert!(evidence.p_value.unwrap() < 1e-9, "{evidence:?}");
        assert!((-0.0125..-0.0105).contains(&evidence.effect), "{}", evidence.effect);
        let mut noise = SmallRng::seed_from_u64(31);
        let half_width = 6.0_f64.sqrt();
        let uniform: Vec<f64> =
            (0..1000).map(|_| 0.3 + half_width * (2.0 * noise.random::<f64>() - 1.0)).collect();
        assert!(check("uniform", 31, &uniform, &law()).unwrap().p_value.unwrap() < 1e-6);
    }

    /// Second route for the second verb: the exact power of the binomial test at the visible effect, on every level.
    #[test]
    fn a_visible_effect_is_found_in_99_of_100() {
        let (trials, alpha) = (100_000_u64, 1e-6);
        let effect = detectable(100_000, alpha).unwrap();
        let threshold = alpha / comparisons(1e5);
        for number in [0, 8, 16] {
            let p = level(number);
            let other = crate::numerics::tail_probability::root(p, 0.9, |q| divergence(q, p) - effect);
            let significant = (0..trials)
                .find(|k| *k as f64 > p * 1e5 && 2.0 * binomial_upper_tail(*k, trials, p) < threshold)
                .unwrap();
            let power = binomial_upper_tail(significant, trials, other);
            assert!((0.975..0.999).contains(&power), "level {number}: {power}");
        }
        let needed = samples_needed(effect, alpha).unwrap();
        assert!((0.98..=1.0).contains(&(needed / 1e5)), "{needed}");
    }

    /// 2,000 runs at a nominal 1 %, which the bound may only undercut. The assertion fails on one correct seed in a
    /// million.
    #[test]
    fn size() {
        let part = |mean, variance| Displacement::gaussian(mean, variance).unwrap();
        let law = Displacement::mixture([(0.3, part(1.0, 4.0)), (0.7, part(-0.5, 0.3))]).unwrap();
        trials::assert_size_at_most(2000, 0.01, 32, |noise| {
            let sample = trials::sample(noise, &law, 200);
            check("size", 32, &sample, &law).unwrap().p_value.unwrap()
        });
    }
}
