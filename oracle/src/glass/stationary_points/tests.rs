use super::*;
use crate::numerics::special::gaussian_upper_quantile;
use approx::assert_relative_eq;
use proptest::prelude::*;
use std::f64::consts::PI;

/// A well with a random Fourier series: `V = Σ_k (a_k cos kx + b_k sin kx)`, exactly stationary and Gaussian.
struct Landscape {
    stiffness: f64,
    waves: Vec<(f64, f64, f64)>,
}

impl Landscape {
    /// H' and H''.
    fn slopes(&self, x: f64) -> (f64, f64) {
        self.waves.iter().fold((self.stiffness * x, self.stiffness), |(first, second), (k, a, b)| {
            let (sin, cos) = (k * x).sin_cos();
            (first + k * (b * cos - a * sin), second - k * k * (a * cos + b * sin))
        })
    }

    /// A bound on the n-th derivative of V.
    fn bound(&self, order: i32) -> f64 {
        self.waves.iter().map(|(k, a, b)| k.powi(order) * a.hypot(*b)).sum()
    }

    /// Number of zeros of H' and, of those, minima: none is missed, because the bounds on H'' and H''' decide when an
    /// interval holds at most one.
    fn count(&self) -> (u32, u32) {
        let reach = 1.001 * self.bound(1) / self.stiffness;
        self.count_in(-reach, reach)
    }

    fn count_in(&self, left: f64, right: f64) -> (u32, u32) {
        let (centre, half) = (0.5 * (left + right), 0.5 * (right - left));
        let (first, second) = self.slopes(centre);
        if first.abs() > (self.bound(2) + self.stiffness) * half {
            return (0, 0);
        }
        if second.abs() > self.bound(3) * half {
            let crosses = (self.slopes(left).0 < 0.0) != (self.slopes(right).0 < 0.0);
            return (u32::from(crosses), u32::from(crosses && second > 0.0));
        }
        let (before, after) = (self.count_in(left, centre), self.count_in(centre, right));
        (before.0 + after.0, before.1 + after.1)
    }
}

/// SplitMix64, and Gaussians by the inverse of their distribution.
struct Gaussians(u64);

impl Gaussians {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        gaussian_upper_quantile((((z ^ (z >> 31)) >> 11) as f64 + 0.5) * 2.0_f64.powi(-53))
    }
}

/// Second route: count them, at 6 standard errors. For a Gaussian mean that is a false alarm in 5e8. At stiffness 10 only one
/// landscape in thirty has more than one stationary point; with some 120 such events the mean has skewness 0.09, which
/// raises the tail by `e^{0.09 · 6³/6}` = 26: 5e-8, and less at the other two.
#[test]
fn counts_of_random_fourier_series() {
    let amplitudes = [(1.0, 2.0), (2.0, 1.0), (3.0, 0.6), (5.0, 0.1)];
    let deviation = amplitudes.iter().map(|(k, s): &(f64, f64)| (k * k * s).powi(2)).sum::<f64>().sqrt();
    let mut gaussians = Gaussians(9);
    for stiffness in [0.7, 3.0, 10.0] {
        let samples = 4000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..samples {
            let waves =
                amplitudes.iter().map(|(k, s)| (*k, s * gaussians.next(), s * gaussians.next())).collect();
            let (all, minima) = Landscape { stiffness, waves }.count();
            // Minima and maxima alternate.
            assert_eq!(2 * minima, all + 1);
            sum += f64::from(all);
            squares += f64::from(all).powi(2);
        }
        let mean = sum / f64::from(samples);
        let error = ((squares / f64::from(samples) - mean * mean) / f64::from(samples)).sqrt();
        let expected = expected_count(stiffness, deviation).unwrap();
        println!("stiffness {stiffness}: {mean} ± {error}, expected {expected}");
        assert!((mean - expected).abs() < 6.0 * error, "{mean} ± {error}, expected {expected}");
    }
}

/// Third route: `E|mu + V''| / mu` by the midpoint rule.
#[test]
fn the_mean_modulus_of_the_curvature() {
    for (stiffness, deviation) in [(1.0, 0.3), (1.0, 2.0), (0.1, 5.0)] {
        let (nodes, reach) = (400_000, 12.0);
        let width = 2.0 * reach / f64::from(nodes);
        let sum: f64 = (0..nodes)
            .map(|i| {
                let z = -reach + (f64::from(i) + 0.5) * width;
                (stiffness + deviation * z).abs() * (-0.5 * z * z).exp()
            })
            .sum();
        let expected = sum * width / (2.0 * PI).sqrt() / stiffness;
        // The kink costs at most σ width²/(4 √(2π) mu).
        let kink = deviation * width * width / 4.0 / stiffness;
        assert_relative_eq!(expected_count(stiffness, deviation).unwrap(), expected, epsilon = kink + 1e-11);
    }
}

#[test]
fn limits_of_the_count() {
    assert_eq!(expected_count(5.0, 0.0).unwrap(), 1.0);
    assert_eq!(expected_minima(5.0, 0.0).unwrap(), 1.0);
    let soft = expected_count(1e-9, 3.0).unwrap();
    assert_relative_eq!(soft, (2.0 / PI).sqrt() * 3e9, max_relative = 1e-15);
    assert!(matches!(expected_count(1e-300, 1e300), Err(OracleError::Overflow { .. })));
    assert!(expected_count(0.0, 1.0).is_err() && expected_count(1.0, -1.0).is_err());
    assert!(expected_count(f64::NAN, 1.0).is_err());
}

/// `∫ ρ(λ) ln|y − λ| dλ` over the semicircle on [−2, 2], with λ = 2 cos θ: the midpoint rule in θ, which stays away from
/// the logarithm at y between nodes.
fn semicircle_potential(y: f64) -> f64 {
    let nodes = 20_000;
    (0..nodes)
        .map(|i| {
            let theta = PI * (f64::from(i) + 0.5) / f64::from(nodes);
            2.0 / f64::from(nodes) * theta.sin().powi(2) * (y - 2.0 * theta.cos()).abs().ln()
        })
        .sum()
}

/// Second route: `max_s [−s²/2 + ∫ ρ ln|r + s − λ|] − ln r`, over all s for the total, and over those that lift the whole
/// spectrum above 0, `r + s ≥ 2`, for the minima.
#[test]
fn complexities_are_maxima_over_the_shift_of_the_spectrum() {
    for ratio in [0.1_f64, 0.4, 0.8, 0.97] {
        let best = |from: f64, to: f64| {
            let steps = 200;
            (0..=steps)
                .map(|i| {
                    let y = from + (to - from) * f64::from(i) / f64::from(steps);
                    -0.5 * (y - ratio).powi(2) + semicircle_potential(y)
                })
                .fold(f64::NEG_INFINITY, f64::max)
                - ratio.ln()
        };
        // The grid misses a maximum by at most (step/2)²/4 < 3e-6; the rule misses the logarithm by ln(n)/n < 5e-4.
        assert_relative_eq!(total_complexity(ratio).unwrap(), best(0.0, 2.0), epsilon = 6e-4);
        assert_relative_eq!(minima_complexity(ratio).unwrap(), best(2.0, 3.0), epsilon = 6e-4);
    }
}

#[test]
fn complexities_vanish_at_the_transition_as_they_should() {
    let distance = 2.0_f64.powi(-20);
    let ratio = 1.0 - distance;
    assert_relative_eq!(total_complexity(ratio).unwrap(), distance * distance, max_relative = distance);
    assert_relative_eq!(minima_complexity(ratio).unwrap(), distance.powi(3) / 3.0, max_relative = distance);
    for beyond in [1.0, 1.5, 1e300] {
        assert_eq!((total_complexity(beyond).unwrap(), minima_complexity(beyond).unwrap()), (0.0, 0.0));
    }
    assert!(total_complexity(0.0).is_err() && minima_complexity(f64::NAN).is_err());
    assert_relative_eq!(critical_stiffness(4.0).unwrap(), 2.0);
    assert!(critical_stiffness(0.0).is_err());
}

proptest! {
    /// The printed forms, where they do not cancel.
    #[test]
    fn closed_forms(ratio in 0.01..0.8_f64) {
        let r = ratio;
        prop_assert!((total_complexity(r).unwrap() - (0.5 * (r * r - 1.0) - r.ln())).abs() < 1e-14);
        prop_assert!((minima_complexity(r).unwrap() - 0.5 * (-3.0 - (r * r).ln() + 4.0 * r - r * r)).abs() < 1e-14);
    }
}
