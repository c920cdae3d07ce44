//! The four-point susceptibility `chi4 = N Var(Q̂)` where nothing is collective, and what a measurement of it scatters.
//!
//! `Q̂` is the fraction of N weights displaced by at most `eps` in one network. Independent weights have a variance of
//! `Q̂` all the same; only what exceeds it is dynamic correlation, or a spread of the initial conditions
//! (PHYSICS.md D.1, D.3). With a probability `q_i` for each weight, all measures follow from two means over weights,
//! - `chi4 = <q (1 − q)>`, which is `Q (1 − Q) − Var(q)`;
//! - fourth cumulant `<q (1 − q) (1 − 6 q (1 − q))>`.

use crate::Displacement;
use crate::error::{OracleError, require};

/// Networks of independent weights: what their overlaps scatter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IndependentWeights {
    overlap: f64,
    susceptibility: f64,
    /// Of the number of overlapping weights, a weight.
    fourth_cumulant: f64,
}

impl IndependentWeights {
    /// Weights that all follow `law`.
    ///
    /// A mixture is read as a draw for each weight and network anew; if each weight keeps its own part from network to
    /// network, use [`fixed`](Self::fixed).
    #[must_use]
    pub fn identical(law: &Displacement, half_width: f64) -> Self {
        Self::average([(1.0, law.overlap(half_width), law.mobile_fraction(half_width))])
    }

    /// Weights of which the fractions of the mixture `law` follow its parts, the same ones in every network: the mean
    /// over weights of `q (1 − q)`, which is less than for identical weights by the variance of `q` over weights.
    ///
    /// # Errors
    /// As [`Displacement::gaussian`].
    pub fn fixed(law: &Displacement, half_width: f64) -> Result<Self, OracleError> {
        let parts: Result<Vec<_>, OracleError> = law
            .components()
            .iter()
            .map(|(fraction, part)| {
                let part = Displacement::gaussian(part.mean(), part.variance())?;
                Ok((*fraction, part.overlap(half_width), part.mobile_fraction(half_width)))
            })
            .collect();
        Ok(Self::average(parts?))
    }

    /// Weights whose probabilities to overlap are known one by one.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a value that is no probability; [`OracleError::Undefined`] for none.
    pub fn with_probabilities(probabilities: &[f64]) -> Result<Self, OracleError> {
        if probabilities.is_empty() {
            return Err(OracleError::Undefined { quantity: "chi4", reason: "there are no weights" });
        }
        let share = 1.0 / probabilities.len() as f64;
        for q in probabilities {
            require("probability", *q, (0.0..=1.0).contains(q), "between 0 and 1")?;
        }
        Ok(Self::average(probabilities.iter().map(|q| (share, *q, 1.0 - q))))
    }

    fn average(parts: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let mut mean = Self { overlap: 0.0, susceptibility: 0.0, fourth_cumulant: 0.0 };
        for (fraction, inside, outside) in parts {
            let variance = inside * outside;
            mean.overlap += fraction * inside;
            mean.susceptibility += fraction * variance;
            mean.fourth_cumulant += fraction * variance * (1.0 - 6.0 * variance);
        }
        mean
    }

    /// Mean overlap.
    #[must_use]
    pub const fn overlap(&self) -> f64 {
        self.overlap
    }

    /// `chi4`, the same for any number of weights; at most 1/4.
    #[must_use]
    pub const fn susceptibility(&self) -> f64 {
        self.susceptibility
    }

    /// Expectation of N times the variance over `networks` with divisor M (not M − 1): `chi4 (M − 1)/M`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for no networks.
    pub fn expected_plug_in_estimate(&self, networks: usize) -> Result<f64, OracleError> {
        let networks = require("networks", networks as f64, networks >= 1, "at least 1")?;
        Ok(self.susceptibility * ((networks - 1.0) / networks))
    }

    /// Standard error of the [`estimate`] of chi4 from `networks` of `weights` each, exactly:
    /// `Var = chi4₄/(N M) + 2 chi4²/(M − 1)` with the fourth cumulant chi4₄ of the number of overlapping weights, a
    /// weight.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for fewer than 2 networks or no weights.
    pub fn standard_error(&self, networks: usize, weights: usize) -> Result<f64, OracleError> {
        let networks = require("networks", networks as f64, networks >= 2, "at least 2")?;
        let weights = require("weights", weights as f64, weights >= 1, "at least 1")?;
        let of_fourth = self.fourth_cumulant / weights / networks;
        let of_second = 2.0 * self.susceptibility * self.susceptibility / (networks - 1.0);
        // A single pair of networks of one weight each can come out at a rounding error below 0.
        Ok((of_fourth + of_second).max(0.0).sqrt())
    }
}

/// The unbiased estimate of chi4: `weights` times the variance of the `overlaps` of networks, with divisor M − 1.
///
/// # Errors
/// [`OracleError::OutOfRange`] for fewer than 2 overlaps or one that is not finite.
pub fn estimate(overlaps: &[f64], weights: usize) -> Result<f64, OracleError> {
    let networks = require("overlaps", overlaps.len() as f64, overlaps.len() >= 2, "at least 2")?;
    let (_, squares) = mean_and_squares(overlaps)?;
    Ok(weights as f64 * squares / (networks - 1.0))
}

/// Mean, and sum of squared deviations from it.
fn mean_and_squares(overlaps: &[f64]) -> Result<(f64, f64), OracleError> {
    if let Some(overlap) = overlaps.iter().find(|overlap| !overlap.is_finite()) {
        return Err(OracleError::OutOfRange { argument: "overlap", value: *overlap, allowed: "finite" });
    }
    let mean = overlaps.iter().sum::<f64>() / overlaps.len() as f64;
    Ok((mean, overlaps.iter().map(|overlap| (overlap - mean).powi(2)).sum()))
}

/// chi4 by the law of total variance: what the noise makes of one initial condition, and what initial conditions add.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// N times the mean variance within an initial condition.
    pub noise: f64,
    /// N times the variance of the mean overlap over initial conditions; an unbiased estimate can be negative.
    pub initial_condition: f64,
}

impl Split {
    /// Splits the `overlaps` of runs of networks of `weights` each, grouped by initial condition, with independent
    /// noise in each run. Both parts are unbiased for groups of any sizes (one-way analysis of variance with random
    /// effects; Searle, Casella and McCulloch, "Variance Components", 1992, section 3.6).
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for an overlap that is not finite; [`OracleError::Undefined`] for fewer than two
    /// groups, an empty one, or none with two runs.
    pub fn of<G: AsRef<[f64]>>(overlaps: &[G], weights: usize) -> Result<Self, OracleError> {
        let undefined = |reason| OracleError::Undefined { quantity: "a split of chi4", reason };
        if overlaps.len() < 2 {
            return Err(undefined("there are fewer than two initial conditions"));
        }
        let (mut groups, mut runs, mut squared_sizes, mut within) = (Vec::new(), 0.0, 0.0, 0.0);
        for group in overlaps {
            let size = group.as_ref().len() as f64;
            if size == 0.0 {
                return Err(undefined("an initial condition has no runs"));
            }
            let (mean, squares) = mean_and_squares(group.as_ref())?;
            groups.push((size, mean));
            runs += size;
            squared_sizes += size * size;
            within += squares;
        }
        let count = groups.len() as f64;
        if runs == count {
            return Err(undefined("no initial condition has two runs"));
        }
        let grand_mean = groups.iter().map(|(size, mean)| size * mean).sum::<f64>() / runs;
        let between: f64 = groups.iter().map(|(size, mean)| size * (mean - grand_mean).powi(2)).sum();
        let noise = within / (runs - count);
        let effective_size = (runs - squared_sizes / runs) / (count - 1.0);
        let initial_condition = (between / (count - 1.0) - noise) / effective_size;
        let weights = weights as f64;
        Ok(Self { noise: weights * noise, initial_condition: weights * initial_condition })
    }

    /// chi4 of networks that differ in both.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.noise + self.initial_condition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    /// Every outcome of `networks` with these probabilities, each with its probability: the overlaps.
    fn outcomes(probabilities: &[f64], networks: usize) -> Vec<(f64, Vec<f64>)> {
        let bits = probabilities.len() * networks;
        let weights = probabilities.len() as f64;
        (0..1_u32 << bits)
            .map(|outcome| {
                let (mut chance, mut overlaps) = (1.0, vec![0.0; networks]);
                for bit in 0..bits {
                    let q = probabilities[bit % probabilities.len()];
                    let inside = outcome >> bit & 1 == 1;
                    chance *= if inside { q } else { 1.0 - q };
                    overlaps[bit / probabilities.len()] += f64::from(u8::from(inside)) / weights;
                }
                (chance, overlaps)
            })
            .collect()
    }

    /// Second route: all outcomes of a few coins, counted.
    #[test]
    fn moments_of_the_estimate_by_counting() {
        for probabilities in [vec![0.3; 3], vec![0.9, 0.2, 0.5], vec![0.5], vec![0.05, 1.0, 0.0, 0.4]] {
            for networks in 2..=4 {
                let law = IndependentWeights::with_probabilities(&probabilities).unwrap();
                let weights = probabilities.len();
                let (mut mean, mut square) = (0.0, 0.0);
                for (chance, overlaps) in outcomes(&probabilities, networks) {
                    let estimate = estimate(&overlaps, weights).unwrap();
                    mean += chance * estimate;
                    square += chance * estimate * estimate;
                }
                assert_relative_eq!(mean, law.susceptibility(), max_relative = 1e-12);
                let error = law.standard_error(networks, weights).unwrap();
                assert_relative_eq!(
                    square - mean * mean,
                    error * error,
                    max_relative = 1e-11,
                    epsilon = 1e-16
                );
                let m = networks as f64;
                let plug_in = law.expected_plug_in_estimate(networks).unwrap();
                assert_relative_eq!(plug_in, mean * (m - 1.0) / m, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn identical_weights_peak_at_one_quarter() {
        // PHYSICS.md D.1: Q (1 − Q), at most 1/4 at Q = 1/2.
        let law = |q: f64| IndependentWeights::with_probabilities(&[q]).unwrap();
        assert_eq!((law(0.5).susceptibility(), law(0.5).overlap()), (0.25, 0.5));
        assert_relative_eq!(law(0.9).susceptibility(), 0.09, max_relative = 1e-15);
        let sharp = Displacement::gaussian(0.0, 1.0).unwrap();
        // 1 − Q = erfc(10/√2) to all its digits.
        let chi4 = IndependentWeights::identical(&sharp, 10.0).susceptibility();
        assert_relative_eq!(chi4, libm::erfc(10.0 / 2.0_f64.sqrt()), max_relative = 1e-13);
    }

    #[test]
    fn a_fixed_population_scatters_less_by_the_variance_of_q() {
        let parts = [Displacement::gaussian(0.0, 1.0).unwrap(), Displacement::gaussian(2.0, 0.3).unwrap()];
        let both = Displacement::mixture([(0.3, parts[0].clone()), (0.7, parts[1].clone())]).unwrap();
        let q = parts.map(|part| part.overlap(1.1));
        let (drawn, fixed) =
            (IndependentWeights::identical(&both, 1.1), IndependentWeights::fixed(&both, 1.1).unwrap());
        let mean = 0.3 * q[0] + 0.7 * q[1];
        let variance = 0.3 * (q[0] - mean).powi(2) + 0.7 * (q[1] - mean).powi(2);
        assert_relative_eq!(drawn.susceptibility(), mean * (1.0 - mean), max_relative = 1e-14);
        assert_relative_eq!(fixed.susceptibility(), mean * (1.0 - mean) - variance, max_relative = 1e-14);
    }

    /// Second route: the expectation over all outcomes of two initial conditions, each with its own probability, for
    /// groups of different sizes. With one weight the noise is `q (1 − q)`.
    #[test]
    fn the_split_is_unbiased_by_counting() {
        let conditions = [0.2, 0.7, 0.9];
        let sizes = [1_usize, 2, 3];
        let count = conditions.len() as f64;
        let (mut noise, mut initial) = (0.0, 0.0);
        for choice in 0..27 {
            let chosen = [choice % 3, choice / 3 % 3, choice / 9].map(|index| conditions[index]);
            let groups = [0, 1, 2].map(|group| outcomes(&[chosen[group]], sizes[group]));
            for (p0, first) in &groups[0] {
                for (p1, second) in &groups[1] {
                    for (p2, third) in &groups[2] {
                        let split = Split::of(&[first, second, third], 1).unwrap();
                        noise += p0 * p1 * p2 / 27.0 * split.noise;
                        initial += p0 * p1 * p2 / 27.0 * split.initial_condition;
                    }
                }
            }
        }
        let mean = conditions.iter().sum::<f64>() / count;
        assert_relative_eq!(
            noise,
            conditions.iter().map(|q| q * (1.0 - q)).sum::<f64>() / count,
            max_relative = 1e-12
        );
        let variance = conditions.iter().map(|q| (q - mean).powi(2)).sum::<f64>() / count;
        assert_relative_eq!(initial, variance, max_relative = 1e-12);
    }

    proptest! {
        /// For groups of equal size the total is that of all runs, up to the known weights of the two sums of squares.
        #[test]
        fn equal_groups_add_up(values in prop::collection::vec(0.0..1.0_f64, 12)) {
            let groups: Vec<&[f64]> = values.chunks(3).collect();
            let split = Split::of(&groups, 7).unwrap();
            let all = estimate(&values, 7).unwrap() * 11.0;
            // Within 8 degrees of freedom, between 3.
            prop_assert!((8.0 * split.noise + 3.0 * (split.noise + 3.0 * split.initial_condition) - all).abs() < 1e-12);
            prop_assert_eq!(split.total(), split.noise + split.initial_condition);
        }
    }

    #[test]
    fn bad_arguments_are_named() {
        let message = IndependentWeights::with_probabilities(&[0.5, 1.5]).unwrap_err().to_string();
        assert_eq!(message, "probability is 1.5; it must be between 0 and 1");
        assert!(IndependentWeights::with_probabilities(&[f64::NAN]).is_err());
        assert!(IndependentWeights::with_probabilities(&[]).is_err());
        let law = IndependentWeights::with_probabilities(&[0.5]).unwrap();
        assert!(law.standard_error(1, 5).is_err() && law.standard_error(5, 0).is_err());
        assert!(law.expected_plug_in_estimate(0).is_err());
        assert_eq!(estimate(&[0.5], 1).unwrap_err().to_string(), "overlaps is 1; it must be at least 2");
        assert!(estimate(&[0.5, f64::NAN], 1).is_err());
        assert!(Split::of(&[[0.5, 0.4]], 1).is_err() && Split::of(&[[0.5], [0.4]], 1).is_err());
        assert!(Split::of(&[vec![0.5, 0.4], vec![]], 1).is_err());
    }
}
