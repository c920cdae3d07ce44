//! Tests of local exponents.

use super::*;
use glassbox_oracle::glass::master_curve::MasterCurve;
use glassbox_simulations::noise::{NoiseStream, Purpose};
use proptest::prelude::*;

fn decades(from: f64, to: f64, a_decade: u32) -> Vec<f64> {
    let count = ((to - from) * f64::from(a_decade)).round();
    (0..)
        .map(f64::from)
        .take_while(|i| *i <= count)
        .map(|i| 10.0_f64.powf(from + i / f64::from(a_decade)))
        .collect()
}

#[test]
fn the_free_law_also_at_its_ends() {
    let times = decades(-2.0, 3.0, 20);
    let law = MasterCurve::FreeDiffusion;
    let values: Vec<f64> = times.iter().map(|time| law.value(*time).unwrap()).collect();
    let found = local_exponents(&times, &values, None, 0.5).unwrap();
    assert!(found.iter().all(Option::is_some));
    for one in found.iter().flatten() {
        // The slope at the middle errs by the third derivative times half²/10, below 0.02 here.
        assert!((one.exponent - law.local_exponent(one.time).unwrap()).abs() < 0.02, "{one:?}");
    }
    // At the last time the window is one-sided, and the slope belongs before it.
    assert!(found.last().unwrap().unwrap().time < 0.95 * times.last().unwrap());
}

#[test]
fn what_has_no_exponent() {
    let times = [0.0, 1.0, 1.1, 1.2, 100.0];
    let found = local_exponents(&times, &[0.0, 1.0, 1.1, 1.2, 5.0], None, 0.5).unwrap();
    assert!(found[0].is_none() && found[4].is_none());
    assert!((found[2].unwrap().exponent - 1.0).abs() < 1e-12);
    assert_eq!(found[2].unwrap().points, 3);
    // A value of 0 in the window.
    let found = local_exponents(&times, &[0.0, 1.0, 1.1, 0.0, 5.0], None, 0.5).unwrap();
    assert!(found.iter().all(Option::is_none));
}

#[test]
fn bad_input_is_named() {
    let refused =
        |times: &[f64], values: &[f64], decades| local_exponents(times, values, None, decades).unwrap_err();
    let message = refused(&[1.0, 2.0], &[1.0, f64::NAN], 1.0).to_string();
    assert_eq!(message, "values[1] is NaN; it must be finite");
    refused(&[2.0, 1.0], &[1.0, 1.0], 1.0);
    refused(&[1.0], &[1.0, 1.0], 1.0);
    refused(&[1.0, 2.0], &[1.0, 1.0], 0.0);
    assert!(local_exponents(&[1.0, 2.0], &[1.0, 1.0], Some(&[1.0, -1.0]), 1.0).is_err());
    let bootstrap = Bootstrap::new(100, 0.9, 1).unwrap();
    let curves = vec![vec![1.0, 1.0]; 2];
    assert!(of_mean_curve(&bootstrap, &[1.0, 2.0], &curves[..1], 1.0).is_err());
    assert!(smallest(&bootstrap, &[1.0, 2.0], &curves, 1.0, (2.0, 1.0)).is_err());
    assert_eq!(smallest(&bootstrap, &[1.0, 2.0], &curves, 1.0, (1.0, 2.0)).unwrap(), None);
}

proptest! {
    /// A power law has its exponent in every window, with any errors.
    #[test]
    fn power_laws(exponent in -2.0_f64..2.0, width in 0.3_f64..3.0, errors in prop::collection::vec(0.1_f64..1.0, 61)) {
        let times = decades(0.0, 3.0, 20);
        let values: Vec<f64> = times.iter().map(|time| 0.3 * time.powf(exponent)).collect();
        for one in local_exponents(&times, &values, Some(&errors), width).unwrap() {
            prop_assert!((one.unwrap().exponent - exponent).abs() < 1e-10);
        }
    }
}

/// Curves `A t` with a log-normal A for each initial condition: any exponent but 1 is rounding, in every resample.
#[test]
fn amplitudes_do_not_enter() {
    let times = decades(0.0, 2.0, 10);
    let mut amplitudes = [0.0; 6];
    NoiseStream::new(2, Purpose::Initialisation, 0).gaussians(0, &mut amplitudes);
    let curves: Vec<Vec<f64>> =
        amplitudes.iter().map(|a| times.iter().map(|time| exp(*a) * time).collect()).collect();
    let bootstrap = Bootstrap::new(200, 0.95, 1).unwrap();
    for one in of_mean_curve(&bootstrap, &times, &curves, 0.6).unwrap() {
        let exponent = one.unwrap().exponent;
        assert!((exponent.low - 1.0).abs() < 1e-12 && (exponent.high - 1.0).abs() < 1e-12);
    }
    let least = smallest(&bootstrap, &times, &curves, 0.6, (2.0, 50.0)).unwrap().unwrap();
    assert!((least.value - 1.0).abs() < 1e-12);
}

/// Initial conditions with exponents scattered about 1 by 0.1: 20 of them, 95% intervals of the exponent at one time. The mean
/// curve near t = 1 (all curves equal there) has the mean exponent, so coverage is that of a mean of 20 Gaussians, at least
/// 92% (module `bootstrap`); more than 30 misses of 120 have probability 4e-8 at 8%.
#[test]
fn intervals_cover() {
    let times = decades(-0.25, 0.25, 20);
    let stream = NoiseStream::new(3, Purpose::Initialisation, 0);
    let mut scatter = [0.0; 20];
    let misses = (0..120)
        .filter(|trial| {
            stream.gaussians(*trial, &mut scatter);
            let curves: Vec<Vec<f64>> = scatter
                .iter()
                .map(|shift| times.iter().map(|time| time.powf(1.0 + 0.1 * shift)).collect())
                .collect();
            let bootstrap = Bootstrap::new(200, 0.95, *trial).unwrap();
            let found = of_mean_curve(&bootstrap, &times, &curves, 0.4).unwrap()[5].unwrap();
            found.exponent.excludes(1.0)
        })
        .count();
    assert!(misses <= 30, "{misses} of 120 intervals miss");
}
