//! Tests of the collapse.

use super::*;
use crate::analysis::power_law_fit::free_overlap;
use approx::assert_relative_eq;
use glassbox_simulations::noise::{NoiseStream, Purpose};

fn times() -> Vec<f64> {
    (0..=100).map(|i| 10.0_f64.powf(-1.0 + f64::from(i) / 25.0)).collect()
}

fn free(tau90: f64) -> impl Fn(f64) -> f64 {
    move |time| free_overlap(time, tau90).unwrap()
}

fn curves(law: impl Fn(f64) -> f64, factors: &[f64]) -> Vec<Vec<f64>> {
    factors.iter().map(|factor| times().iter().map(|time| law(time * factor)).collect()).collect()
}

#[test]
fn exact_curves_collapse_onto_the_free_law() {
    let temperatures = [3.0, 7.0, 20.0].map(|tau90| curves(free(tau90), &[0.98, 1.0, 1.02]));
    let bootstrap = Bootstrap::new(100, 0.95, 1).unwrap();
    for spread in [Spread::Linear, Spread::Logarithmic] {
        let found = collapse(&bootstrap, &times(), &temperatures, None, spread, free(1.0)).unwrap();
        // The range: from the first time over the shortest tau90 to the last over the longest.
        assert_relative_eq!(found.from, 0.1 / 3.0, max_relative = 2e-3);
        assert_relative_eq!(found.to, 1000.0 / 20.0, max_relative = 2e-3);
        // Interpolation on this grid errs by (ln 10/25)²/8 = 1e-3 times a second derivative below ½.
        assert!(found.spread < 5e-4 && found.from_master < 1e-3, "{found:?}");
        assert_relative_eq!(found.tau90[1], 7.0, max_relative = 5e-3);
    }
}

#[test]
fn a_known_distance_from_a_master_curve() {
    // Straight lines in ln t: interpolation is exact, so is the collapse; the master curve is off by 0.1 everywhere.
    let line = |time: f64| 0.95 - 0.02 * time.ln();
    let temperatures = [1.0, 3.0].map(|tau| curves(|time| line(time / tau), &[1.0, 1.0]));
    let bootstrap = Bootstrap::new(100, 0.95, 1).unwrap();
    let at = (0.05_f64 / 0.02).exp();
    let found = collapse(&bootstrap, &times(), &temperatures, Some((0.1, 1.0)), Spread::Linear, |theta| {
        line(theta * at) + 0.1
    })
    .unwrap();
    assert!(found.spread < 1e-12);
    assert_relative_eq!(found.from_master, 0.1, max_relative = 1e-10);
    assert_relative_eq!(found.from, 0.1, max_relative = 1e-12);
    assert_relative_eq!(found.to, 1.0, max_relative = 1e-12);
    // Slopes 0.02 and 0.03 through 0.9 at θ = 1 differ by 0.01 |ln θ|; variance of two ½ of the square, its mean over [θ₀, 1]
    // (ln θ₀)²/3.
    let steeper = |time: f64| 0.95 - 0.03 * time.ln();
    let two = [curves(line, &[1.0, 1.0]), curves(steeper, &[1.0, 1.0])];
    let found = collapse(&bootstrap, &times(), &two, Some((0.1, 1.0)), Spread::Linear, |_| 1.0).unwrap();
    let expected = 0.01 * 10.0_f64.ln() / 6.0_f64.sqrt();
    // The grid's mean of squares is off by half a step of 99 at the end.
    assert_relative_eq!(found.spread, expected, max_relative = 0.01);
    assert_eq!((found.expected, found.ratio, found.p_value), (0.0, f64::INFINITY, 0.0));
}

#[test]
fn bad_input_is_named() {
    let bootstrap = Bootstrap::new(100, 0.95, 1).unwrap();
    let good = curves(free(3.0), &[1.0, 1.1]);
    let refused = |temperatures: &[Vec<Vec<f64>>], range, spread, master: f64| {
        collapse(&bootstrap, &times(), temperatures, range, spread, |_| master).unwrap_err().to_string()
    };
    refused(std::slice::from_ref(&good), None, Spread::Linear, 1.0);
    let uneven = refused(&[good.clone(), curves(free(3.0), &[1.0; 3])], None, Spread::Linear, 1.0);
    assert!(uneven.contains("initial conditions of a temperature has 3"));
    let two = [good.clone(), good.clone()];
    refused(&two, Some((1.0, 1.0)), Spread::Linear, 1.0);
    refused(&two, Some((f64::NAN, 1.0)), Spread::Linear, 1.0);
    assert!(refused(&two, Some((1e5, 1e6)), Spread::Linear, 1.0).contains("no range in common"));
    assert!(refused(&two, None, Spread::Linear, f64::NAN).contains("master curve"));
    assert!(refused(&two, None, Spread::Logarithmic, 0.0).contains("master curve"));
    let flat = [good, vec![vec![1.0; 101]; 2]];
    assert!(refused(&flat, None, Spread::Linear, 1.0).contains("does not cross 0.9"));
    let mut broken = two;
    broken[1][0][5] = f64::NAN;
    assert!(refused(&broken, None, Spread::Linear, 1.0).contains("NaN"));
}

/// Overlaps with noise that is smooth in ln t: an amplitude, and a tilt after tau90, about the free law for each network. Independent at
/// each temperature, as thermal noise is.
fn noisy(tau90: f64, tilt: f64, count: usize, stream: NoiseStream, step: u64) -> Vec<Vec<f64>> {
    let mut noise = vec![0.0; 2 * count];
    stream.gaussians(step, &mut noise);
    noise
        .chunks(2)
        .map(|z| {
            let law = |time: f64| {
                let logarithm = (time / tau90).ln();
                free_overlap(time, tau90).unwrap()
                    * (1.0 + 0.01 * z[0] + (0.01 * z[1] + tilt) * logarithm.max(0.0))
            };
            times().iter().map(|time| law(*time)).collect()
        })
        .collect()
}

/// Curves of one law: the mean square spread over its expectation has mean 1 up to the second order of the errors (1%,
/// so 1e-4) and the estimate of the expectation from 20 networks (relative variance about 2/19 in each of few directions).
/// Its standard deviation is at most √2, that of one degree of freedom, so that of the mean of 200 is 0.1; ±0.5 is five of
/// them (6e-7). A tilt of 0.02 at one temperature, 5 to 10 errors of the mean of 20, must be seen.
#[test]
fn the_ratio_is_one_within_errors() {
    let stream = NoiseStream::new(12, Purpose::Initialisation, 0);
    let mut mean = 0.0;
    let mut small = 0;
    for trial in 0..200 {
        let bootstrap = Bootstrap::new(100, 0.95, trial).unwrap();
        let temperatures: Vec<_> =
            (0..3).map(|i| noisy(3.0 * (1.0 + i as f64), 0.0, 20, stream, 10 * trial + i)).collect();
        let found = collapse(&bootstrap, &times(), &temperatures, None, Spread::Linear, free(1.0)).unwrap();
        mean += found.ratio.powi(2) / 200.0;
        small += u32::from(found.p_value < 0.05);
    }
    assert!((mean - 1.0).abs() < 0.5, "{mean}");
    // At a rate of 10%, twice the nominal one, 41 or more of 200 have probability 7e-6; at 12%, 4e-4.
    assert!(small < 41, "{small} of 200 below 5%");
    let bootstrap = Bootstrap::new(200, 0.95, 1).unwrap();
    let tilted: Vec<_> =
        (0..3).map(|i| noisy(3.0 * (1.0 + i as f64), 0.02 * i as f64, 20, stream, 5000 + i)).collect();
    let found = collapse(&bootstrap, &times(), &tilted, None, Spread::Linear, free(1.0)).unwrap();
    assert!(found.ratio > 2.0 && found.p_value < 0.05, "{found:?}");
}
