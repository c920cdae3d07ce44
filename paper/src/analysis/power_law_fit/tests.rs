//! Tests of power-law fits.

use super::*;
use approx::assert_relative_eq;
use glassbox_oracle::glass::power_law::{FitWindow, PowerLaw, Spacing};
use glassbox_simulations::noise::{NoiseStream, Purpose};
use proptest::prelude::*;

fn decades(from: i32, to: i32, a_decade: usize) -> Vec<f64> {
    FitWindow::new(10.0_f64.powi(from), 10.0_f64.powi(to), Spacing::Logarithmic)
        .unwrap()
        .times(to.abs_diff(from) as usize * a_decade + 1)
        .unwrap()
}

#[test]
fn windows_by_hand() {
    let times = [1.0, 10.0, 100.0, 1000.0];
    let values = times.map(|time: f64| 2.0 * time.powf(-0.5));
    let scan = WindowScan::new(1.0, 1000.0, 2.0).unwrap().run(&times, &values, Some(&[0.1; 4])).unwrap();
    let windows: Vec<_> =
        scan.fits.iter().map(|fit| (fit.from.round(), fit.to.round(), fit.points)).collect();
    assert_eq!(windows, [(1.0, 100.0, 3), (1.0, 1000.0, 4), (10.0, 1000.0, 3)]);
    for fit in &scan.fits {
        assert_relative_eq!(fit.exponent, -0.5, max_relative = 1e-12);
        assert_relative_eq!(fit.amplitude, 2.0, max_relative = 1e-12);
    }
    assert_eq!(scan.widest_acceptable(1.0).unwrap().points, 4);
    // Errors that are too small for a kink at the end shorten the window.
    let kinked = [values[0], values[1], values[2], 2.0 * values[3]];
    let errors = kinked.map(|value| 0.01 * value);
    let scan = WindowScan::new(1.0, 1000.0, 2.0).unwrap().run(&times, &kinked, Some(&errors)).unwrap();
    assert_relative_eq!(scan.widest_acceptable(1.0).unwrap().to, 100.0, max_relative = 1e-12);
    assert!(scan.lowest() < scan.highest() && scan.median() >= scan.lowest());
    let without = WindowScan::new(1.0, 1000.0, 2.0).unwrap().run(&times, &kinked, None).unwrap();
    assert_eq!(without.widest_acceptable(f64::MAX), None);
}

#[test]
fn the_free_law_has_the_exponents_of_the_oracle() {
    // Log-uniform fits in t/tau90 (PHYSICS.md C.7), tau90 = 7.
    let times: Vec<f64> = decades(0, 3, 200).iter().map(|time| 7.0 * time).collect();
    let values: Vec<f64> = times.iter().map(|time| free_overlap(*time, 7.0).unwrap()).collect();
    for (from, to, known) in [(1.0, 100.0, -0.434), (3.0, 1000.0, -0.483), (10.0, 100.0, -0.484)] {
        let width = log10(to / from);
        let scan = WindowScan::new(7.0 * from, 7.0 * to, 0.98 * width).unwrap();
        let free = scan.free(&times, &vec![1.0; times.len()], None, 7.0).unwrap();
        assert!((free.median() - known).abs() < 2e-3, "{from} to {to}: {}", free.median());
        let same = scan.run(&times, &values, None).unwrap();
        assert_relative_eq!(same.median(), free.median(), max_relative = 1e-12);
    }
}

#[test]
fn weights_of_the_free_law_are_those_of_the_data() {
    let times = decades(0, 2, 10);
    let values: Vec<f64> = times.iter().map(|time| 3.0 * time.powf(-0.4)).collect();
    // Relative errors that grow a hundredfold: the fit sees the early times, where the free law is flat.
    let errors: Vec<f64> = times.iter().zip(&values).map(|(time, value)| 0.01 * time * value).collect();
    let scan = WindowScan::new(1.0, 100.0, 2.0).unwrap();
    let weighted = scan.free(&times, &values, Some(&errors), 1.0).unwrap().median();
    let plain = scan.free(&times, &values, None, 1.0).unwrap().median();
    assert!(weighted > plain + 0.05, "{weighted} {plain}");
    assert_eq!(scan.free(&times, &values, Some(&errors), 1.0).unwrap().fits.len(), 1);
}

#[test]
fn many_times_are_thinned_but_all_fitted() {
    let times: Vec<f64> = (1..=5000).map(f64::from).collect();
    let values: Vec<f64> = times.iter().map(|time| time.powf(-0.3)).collect();
    let scan = WindowScan::new(1.0, 5000.0, 1.0).unwrap().run(&times, &values, None).unwrap();
    assert!(scan.fits.len() < MOST_EDGES * MOST_EDGES / 2);
    let widest = scan.fits.iter().map(|fit| fit.points).max().unwrap();
    assert_eq!(widest, 5000);
}

#[test]
fn bad_input_is_named() {
    let message = |times: &[f64], values: &[f64], errors: Option<&[f64]>| {
        fit(times, values, errors).unwrap_err().to_string()
    };
    let times = [1.0, 2.0, 3.0];
    assert_eq!(message(&times, &[1.0, 0.0, 1.0], None), "values[1] is 0; it must be finite and above 0");
    assert_eq!(
        message(&times, &[1.0, f64::NAN, 1.0], None),
        "values[1] is NaN; it must be finite and above 0"
    );
    message(&[0.0, 1.0, 2.0], &[1.0; 3], None);
    message(&[1.0, 3.0, 2.0], &[1.0; 3], None);
    message(&times, &[1.0; 2], None);
    message(&times, &[1.0; 3], Some(&[1.0, -1.0, 1.0]));
    message(&times[..2], &[1.0; 2], None);
    message(&[], &[], None);
    for (from, to, least) in
        [(0.0, 1.0, 0.1), (1.0, 1.0, 0.1), (1.0, 10.0, 1.1), (1.0, 10.0, 0.0), (1.0, 10.0, f64::NAN)]
    {
        assert!(WindowScan::new(from, to, least).is_err());
    }
    let scan = WindowScan::new(1.0, 100.0, 1.0).unwrap();
    let empty = scan.run(&[0.0, 200.0], &[1.0, 0.5], None).unwrap_err().to_string();
    assert!(empty.contains("no window of the range holds three times"));
    assert!(scan.free(&times, &[1.0; 3], None, 0.0).is_err());
    assert!(scan.run(&times, &[1.0, f64::NAN, 1.0], None).is_err());
    assert!(scan.run(&times, &[1.0; 3], Some(&[1.0])).is_err());
}

proptest! {
    #[test]
    fn agrees_with_the_oracle(values in prop::collection::vec(0.1_f64..10.0, 3..20)) {
        let times: Vec<f64> = (1..=values.len()).map(|i| i as f64).collect();
        let (found, oracle) = (fit(&times, &values, None).unwrap(), PowerLaw::fit(&times, &values).unwrap());
        prop_assert!((found.exponent - oracle.exponent).abs() < 1e-12);
        prop_assert!((found.amplitude / oracle.amplitude - 1.0).abs() < 1e-11);
    }
}

/// Independent relative errors of 2% on a power law: over 500 fits of 12 points the reduced chi-squared has mean 1 and variance
/// 2/10 (Gaussian errors; the second order of the logarithm adds below 1e-3), so 6 standard errors of its mean are
/// `6 √(0.2/500)` = 0.12: false alarms 2e-9.
#[test]
fn chi_squared_is_that_of_the_errors() {
    let times = decades(0, 2, 6);
    let times = &times[..12];
    let stream = NoiseStream::new(6, Purpose::Initialisation, 0);
    let mut noise = [0.0; 12];
    let mut mean = 0.0;
    for trial in 0..500 {
        stream.gaussians(trial, &mut noise);
        let law = |i: usize| times[i].powf(-0.5);
        let values: Vec<f64> = (0..12).map(|i| law(i) * (1.0 + 0.02 * noise[i])).collect();
        let errors: Vec<f64> = (0..12).map(|i| 0.02 * law(i)).collect();
        mean += fit(times, &values, Some(&errors)).unwrap().reduced_chi_squared().unwrap() / 500.0;
    }
    assert!((mean - 1.0).abs() < 0.12, "{mean}");
}
