use super::*;
use crate::Bath;
use crate::glass::master_curve::MasterCurve::{CriticalF1, FreeDiffusion};
use crate::laws::{FreeBrownian, QuadraticWell};
use approx::assert_relative_eq;
use proptest::prelude::*;

/// Exponent of the collapse on a window in units of `tau_level`.
fn fitted(level: f64, from: f64, to: f64, spacing: Spacing) -> f64 {
    let tau = FreeDiffusion.relaxation_time(level).unwrap();
    let window = FitWindow::new(from * tau, to * tau, spacing).unwrap();
    window.exponent(|time| FreeDiffusion.local_exponent(time)).unwrap()
}

#[test]
fn the_exponents_that_diffusion_shows_on_finite_windows() {
    // PHYSICS.md C.7, given with three digits.
    for (from, to, expected) in [
        (1.0, 100.0, -0.434),
        (3.0, 100.0, -0.467),
        (10.0, 100.0, -0.484),
        (1.0, 1000.0, -0.464),
        (3.0, 1000.0, -0.483),
    ] {
        let got = fitted(0.9, from, to, Spacing::Logarithmic);
        assert!((got - expected).abs() <= 5e-4, "[{from}, {to}]: {got}, expected {expected}");
    }
    // The window of the authors' scripts is in units of tau_e.
    let tau_e = (-1.0_f64).exp();
    assert!((fitted(tau_e, 1.0, 1e3, Spacing::Logarithmic) + 0.497).abs() <= 5e-4);
    assert!((fitted(tau_e, 1.0, 1e3, Spacing::Uniform) + 0.499).abs() <= 5e-4);
}

/// Second route: least squares over a dense grid. Its sums are trapezoidal rules of the integrals, but with whole end
/// points: they differ by a few ends in n.
#[test]
fn the_integral_is_the_limit_of_dense_grids() {
    for curve in [FreeDiffusion, CriticalF1] {
        for spacing in [Spacing::Logarithmic, Spacing::Uniform] {
            let window = FitWindow::new(0.2, 30.0, spacing).unwrap();
            let limit = window.exponent(|time| curve.local_exponent(time)).unwrap();
            let on_grid = |count: usize| {
                let times = window.times(count).unwrap();
                let values: Vec<f64> = times.iter().map(|time| curve.value(*time).unwrap()).collect();
                PowerLaw::fit(&times, &values).unwrap().exponent
            };
            // Richardson's rule removes the 1/n of the ends.
            let count = 20_000;
            let extrapolated = 2.0 * on_grid(2 * count - 1) - on_grid(count);
            assert_relative_eq!(extrapolated, limit, epsilon = 2e-7);
            assert_relative_eq!(on_grid(count), limit, epsilon = 100.0 / count as f64);
        }
    }
}

#[test]
fn a_power_law_is_fitted_exactly() {
    for spacing in [Spacing::Logarithmic, Spacing::Uniform] {
        for (from, to) in [(1e-300, 1e300), (1.0, 1.0 + 1e-12), (1.0, 1.001), (2.0, 3.0)] {
            let window = FitWindow::new(from, to, spacing).unwrap();
            assert_relative_eq!(window.exponent(|_| Ok(-0.37)).unwrap(), -0.37, max_relative = 1e-14);
        }
    }
    let times = [0.5, 1.0, 3.0, 100.0];
    let values = times.map(|t: f64| 7.0 * t.powf(-1.5));
    let fit = PowerLaw::fit(&times, &values).unwrap();
    assert_relative_eq!(fit.exponent, -1.5, max_relative = 1e-14);
    assert_relative_eq!(fit.amplitude, 7.0, max_relative = 1e-13);
}

#[test]
fn bad_fits_are_refused() {
    assert!(FitWindow::new(0.0, 1.0, Spacing::Uniform).is_err());
    assert!(FitWindow::new(1.0, 1.0, Spacing::Uniform).is_err());
    assert!(FitWindow::new(1.0, f64::INFINITY, Spacing::Uniform).is_err());
    let window = FitWindow::new(1.0, 2.0, Spacing::Uniform).unwrap();
    assert!(window.times(1).is_err());
    assert!(window.exponent(|_| Ok(f64::NAN)).is_err());
    assert!(PowerLaw::fit(&[1.0, 1.0], &[1.0, 2.0]).is_err() && PowerLaw::fit(&[], &[]).is_err());
    assert!(PowerLaw::fit(&[1.0, 2.0], &[1.0]).is_err() && PowerLaw::fit(&[1.0, 2.0], &[1.0, 0.0]).is_err());
}

#[test]
fn local_exponents_of_laws() {
    let bath = Bath::new(1e-3, 1e-2, 6e4).unwrap();
    let free = FreeBrownian::new(bath, Clock::Continuous).unwrap();
    for lag in [1e-3, 1.0, 1e6] {
        assert_relative_eq!(mean_squared_displacement_exponent(&free, lag).unwrap(), 1.0, epsilon = 1e-12);
        let time = lag * bath.diffusion() / 1.9e-4_f64.powi(2);
        let exact = FreeDiffusion.local_exponent(time).unwrap();
        assert_relative_eq!(overlap_exponent(&free, lag, 1.9e-4).unwrap(), exact, epsilon = 1e-12);
    }
    // A well from its bottom: MSD ∝ 1 − e^{−2 kappa t}, exponent x/(e^x − 1) with x = 2 kappa t.
    let well = QuadraticWell::new(bath, 0.01, Clock::Continuous).unwrap();
    for x in [1e-6, 0.1, 1.0, 5.0_f64] {
        let got = mean_squared_displacement_exponent(&well, x / 2e-5).unwrap();
        assert_relative_eq!(got, x / x.exp_m1(), epsilon = 1e-12);
    }
    assert!(overlap_exponent(&free, 0.0, 1.0).is_err() && overlap_exponent(&free, 1.0, -1.0).is_err());
}

#[test]
fn local_exponents_on_a_step_clock_are_secants() {
    let bath = Bath::new(1.0, 1.0, 1.0).unwrap();
    let free = FreeBrownian::new(bath, Clock::Steps { dt: 0.5 }).unwrap();
    assert_relative_eq!(mean_squared_displacement_exponent(&free, 1.0).unwrap(), 1.0, max_relative = 1e-14);
    assert!(mean_squared_displacement_exponent(&free, 0.5).is_err());
    assert!(mean_squared_displacement_exponent(&free, 1.2).is_err());
    let still = FreeBrownian::new(Bath::new(1.0, 0.0, 1.0).unwrap(), Clock::Continuous).unwrap();
    assert!(mean_squared_displacement_exponent(&still, 1.0).is_err());
}

proptest! {
    /// A mean lies between the extremes: the local exponent of diffusion falls with time.
    #[test]
    fn the_fitted_exponent_lies_between_the_local_ones(start in -2.0..3.0_f64, decades in 0.001..4.0_f64, dense: bool) {
        let (from, to) = (10.0_f64.powf(start), 10.0_f64.powf(start + decades));
        let spacing = if dense { Spacing::Uniform } else { Spacing::Logarithmic };
        let window = FitWindow::new(from, to, spacing).unwrap();
        let local = |time: f64| FreeDiffusion.local_exponent(time).unwrap();
        let fitted = window.exponent(|time| Ok(local(time))).unwrap();
        prop_assert!(fitted <= local(from) + 1e-15 && fitted >= local(to) - 1e-15);
    }
}
