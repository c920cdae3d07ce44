//! Long-time limits of the wells, where they exist and where they do not, and numbers at the edge of a double.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use approx::assert_relative_eq;
use glassbox_oracle::laws::{AnisotropicBasin, LinearRecursion, Population, QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, Displacement, DisplacementLaw, Scheme};

const HALF_WIDTH: f64 = 0.7;

fn close(got: f64, brute: f64, what: &str) {
    if got.is_infinite() {
        assert!(
            brute.abs() > 1e9 && brute.signum() == got.signum(),
            "{what}: {got}, after many steps {brute}"
        );
    } else {
        assert!(
            (got - brute).abs() <= 1e-4 * (1e-1 + brute.abs()),
            "{what}: {got}, after many steps {brute}"
        );
    }
}

/// Second route: the recursion in two dimensions (weight and noise), after 2⁴⁰ steps or as many as a double holds.
#[test]
fn limits_are_what_many_steps_come_to() {
    let mut without = 0;
    for scheme in [Scheme::EulerMaruyama, Scheme::Heun, Scheme::LeimkuhlerMatthews] {
        for h in [-0.5_f64, 0.6, 1.5, 2.0, 2.5] {
            for temperature in [0.0, 1.5] {
                for (mean, spread) in [(0.0, 0.0), (1.0, 0.0), (0.0, 0.6), (0.2, 0.3)] {
                    for waiting in [0.0, 3.0] {
                        let bath = Bath::new(1.0, temperature, 1.0).unwrap();
                        let law = QuadraticWell::new(bath, h, Clock::Steps { dt: 1.0 }).unwrap();
                        let law = law.integrated_by(scheme).unwrap().from_gaussian(mean, spread).unwrap();
                        let law = law.after_waiting(waiting).unwrap();
                        let brute =
                            recursion(scheme, h, temperature, mean, spread).after_waiting(waiting).unwrap();
                        let many = if h == 2.0 || h == 0.6 || h == 1.5 { 2.0_f64.powi(40) } else { 400.0 };
                        let limits = law.displacement_limits().unwrap();
                        let what = format!("{scheme} {h} T {temperature} {mean} {spread} {waiting}");
                        let mut even_and_odd = Vec::new();
                        for (limit, steps) in limits.iter().zip([many, many + 1.0]) {
                            let after = brute.displacement(steps).unwrap();
                            close(limit.mean(), after.mean(), &what);
                            close(limit.variance(), after.variance(), &what);
                            close(limit.overlap(HALF_WIDTH), after.overlap(HALF_WIDTH), &what);
                            close(
                                limit.mobile_fraction(HALF_WIDTH),
                                after.mobile_fraction(HALF_WIDTH),
                                &what,
                            );
                            if let (Some(limit), Some(after)) =
                                (limit.non_gaussian_parameter(), after.non_gaussian_parameter())
                            {
                                close(limit, after, &what);
                            }
                            even_and_odd.push(after.overlap(HALF_WIDTH));
                        }
                        let exists = (even_and_odd[0] - even_and_odd[1]).abs() < 1e-4;
                        assert_eq!(law.overlap_limit(HALF_WIDTH).is_ok(), exists, "{what}: {even_and_odd:?}");
                        assert_eq!(law.overlap(f64::INFINITY, HALF_WIDTH).is_ok(), exists);
                        without += usize::from(!exists);
                    }
                }
            }
        }
    }
    // Two starts that move, waiting or not, for Euler–Maruyama at T = 0 (0.4 is within the half width), and more for
    // Leimkuhler–Matthews.
    assert!(without >= 10, "{without}");
}

fn recursion(scheme: Scheme, h: f64, temperature: f64, mean: f64, spread: f64) -> LinearRecursion<2> {
    let sigma = (2.0 * temperature).sqrt();
    let (a, b) = match scheme {
        Scheme::Heun => (1.0 - h + 0.5 * h * h, 1.0 - 0.5 * h),
        _ => (1.0 - h, 1.0),
    };
    let law = if scheme == Scheme::LeimkuhlerMatthews {
        // x = (w, ξ): w' = a w + σ (ξ + ξ')/2.
        let half = 0.5 * sigma;
        LinearRecursion::new([[a, half], [0.0, 0.0]], [[half * half, half], [half, 1.0]], [1.0, 0.0], 1.0)
    } else {
        let kick = b * b * sigma * sigma;
        LinearRecursion::new([[a, 0.0], [0.0, 0.0]], [[kick, 0.0], [0.0, 0.0]], [1.0, 0.0], 1.0)
    };
    law.unwrap().from_gaussian([mean, 0.0], [[spread * spread, 0.0], [0.0, 1.0]]).unwrap()
}

/// The audit's cases at `kappa dt = 2`: Q alternates, and nothing is what it tends to.
#[test]
fn what_alternates_for_ever_has_no_limit() {
    let law = |temperature, stiffness, scheme| {
        let bath = Bath::new(1.0, temperature, 1.0).unwrap();
        let well = QuadraticWell::new(bath, stiffness, Clock::Steps { dt: 1.0 }).unwrap();
        well.integrated_by(scheme).unwrap().from_fixed(1.0).unwrap()
    };
    for (temperature, scheme) in [(0.0, Scheme::EulerMaruyama), (1.0, Scheme::LeimkuhlerMatthews)] {
        let well = law(temperature, 2.0, scheme);
        let message = well.overlap_limit(1.0).unwrap_err().to_string();
        assert!(message.starts_with("the limit of the overlap does not exist: mobility"), "{message}");
        assert!(well.mean_squared_displacement_limit().is_err() && well.displacement(f64::INFINITY).is_err());
        assert!(
            well.non_gaussian_parameter(f64::INFINITY).is_err() && well.weight_mean(f64::INFINITY).is_err()
        );
        // So has a mixture or a basin of which it is a part.
        let part = |one: QuadraticWell| -> Vec<(f64, Box<dyn DisplacementLaw>)> {
            vec![(0.5, Box::new(one)), (0.5, Box::new(law(temperature, 0.5, scheme)))]
        };
        assert!(Population::new(part(well)).unwrap().overlap_limit(1.0).is_err());
        assert!(Population::new(part(law(temperature, 1.9, scheme))).unwrap().overlap_limit(1.0).is_ok());
    }
    // Noise that adds up leaves no overlap on either side.
    let warm = law(1.0, 2.0, Scheme::EulerMaruyama);
    assert_eq!(warm.overlap_limit(1.0).unwrap(), 0.0);
    assert_eq!(warm.mean_squared_displacement_limit().unwrap(), f64::INFINITY);
    assert_eq!(warm.non_gaussian_parameter(f64::INFINITY).unwrap(), Some(0.0));
    assert!(warm.displacement(f64::INFINITY).is_err());
    // A swing within the half width is no loss of overlap.
    assert_eq!(law(0.0, 2.0, Scheme::EulerMaruyama).overlap_limit(2.0).unwrap(), 1.0);
    let bath = Bath::new(1.0, 0.0, 1.0).unwrap();
    let basin = AnisotropicBasin::diagonal(bath, &[2.0, 0.5], Clock::Steps { dt: 1.0 }).unwrap();
    assert!(basin.clone().from_fixed(&[1.0, 1.0]).unwrap().overlap_limit(1.0).is_err());
    assert_eq!(basin.from_fixed(&[0.0, 3.0]).unwrap().overlap_limit(1.0).unwrap(), 0.5);
}

/// On a hill nothing overlaps in the end, from a start with a mean as from one without.
#[test]
fn a_hill_throws_every_start() {
    let bath = Bath::new(1.0, 2.0, 1.0).unwrap();
    for clock in [Clock::Continuous, Clock::Steps { dt: 0.5 }] {
        for mean in [0.0, 0.3, -4.0] {
            let hill = QuadraticWell::new(bath, -1.0, clock).unwrap().from_fixed(mean).unwrap();
            assert_eq!(hill.overlap_limit(5.0).unwrap(), 0.0);
            assert_eq!(hill.mean_squared_displacement_limit().unwrap(), f64::INFINITY);
            let limit = hill.displacement(f64::INFINITY).unwrap();
            assert_eq!((limit.variance(), limit.mobile_fraction(5.0)), (f64::INFINITY, 1.0));
            assert!(mean == 0.0 || limit.mean() == f64::INFINITY * mean);
            // Share of the mean by hand: V → s² r² with s² = D/kappa, or 2 D dt/(a² − 1) = 2/(1.5² − 1).
            let spread = if clock == Clock::Continuous { 2.0 } else { 2.0 / 1.25 };
            let share = mean * mean / (mean * mean + spread);
            assert_relative_eq!(
                limit.non_gaussian_parameter().unwrap(),
                -2.0 / 3.0 * share * share,
                epsilon = 1e-15
            );
        }
    }
    let cold = QuadraticWell::new(Bath::new(1.0, 0.0, 1.0).unwrap(), -1.0, Clock::Continuous).unwrap();
    assert_eq!(cold.overlap_limit(1.0).unwrap(), 1.0);
    assert_eq!(cold.from_fixed(1e-9).unwrap().overlap_limit(1.0).unwrap(), 0.0);
}

/// Where the variance overflows and the mean does not, shares and overlaps are still those of the law.
#[test]
fn a_variance_beyond_a_double_keeps_its_shape() {
    let time = 567.0_f64;
    let thrown = time.exp();
    for (temperature, mean, spread) in [(3.0, 1.0, 0.0), (1e-6, 1.0, 0.0), (3.0, 2.0, 1.5)] {
        let bath = Bath::new(1.0, temperature, 1.0).unwrap();
        let hill =
            QuadraticWell::new(bath, -1.0, Clock::Continuous).unwrap().from_gaussian(mean, spread).unwrap();
        let after = hill.displacement(time).unwrap();
        assert_eq!(after.variance(), f64::INFINITY);
        let deviation = (temperature + spread * spread).sqrt();
        let share = 1.0 / (1.0 + (deviation / mean).powi(2));
        assert_relative_eq!(
            after.non_gaussian_parameter().unwrap(),
            -2.0 / 3.0 * share * share,
            max_relative = 1e-12
        );
        // A narrow window: the density at 0 times its width.
        let width = 1e-3 * deviation * thrown;
        let density = (-0.5 * (mean / deviation).powi(2)).exp() / (2.0 * std::f64::consts::PI).sqrt();
        assert_relative_eq!(after.overlap(width), 2e-3 * density, max_relative = 1e-5, epsilon = 1e-300);
        // The same after a wait in which the variance has overflowed.
        let waited = hill.after_waiting(400.0).unwrap().displacement(200.0).unwrap();
        assert_relative_eq!(
            waited.non_gaussian_parameter().unwrap(),
            -2.0 / 3.0 * share * share,
            max_relative = 1e-12
        );
    }
    // Steps, by the recursion: a = 3, V = 2 D (9ⁿ − 1)/8.
    let bath = Bath::new(1.0, 0.5, 1.0).unwrap();
    for (scheme, spread) in
        [(Scheme::EulerMaruyama, 1.0 / 8.0), (Scheme::LeimkuhlerMatthews, (0.25 + 4.0 / 8.0) / 9.0)]
    {
        let hill =
            QuadraticWell::new(bath, -2.0, Clock::Steps { dt: 1.0 }).unwrap().integrated_by(scheme).unwrap();
        let after = hill.from_fixed(1.0).unwrap().displacement(500.0).unwrap();
        let share = 1.0 / (1.0 + spread);
        assert_relative_eq!(
            after.non_gaussian_parameter().unwrap(),
            -2.0 / 3.0 * share * share,
            max_relative = 1e-12
        );
    }
}

/// Products that underflow on the way, but not in the end.
#[test]
fn what_underflows_on_the_way_is_not_lost() {
    let bath = Bath::new(1e-3, 1.0, 1.0).unwrap();
    // mu k is subnormal; mu k t is not.
    let stiffness = 8.8e-313;
    for clock in [Clock::Continuous, Clock::Steps { dt: 1e290 }] {
        let well = QuadraticWell::new(bath, stiffness, clock).unwrap().from_fixed(-2.0).unwrap();
        let mean = well.displacement(1e300).unwrap().mean();
        assert_relative_eq!(mean, 2.0 * (stiffness * 1e300 * 1e-3), max_relative = 1e-15);
    }
    // mu k t = 1e-352 itself underflows: the weight has diffused freely, 2 mu T t/P_D.
    let well = StationaryWell::new(bath, 1e-175, Clock::Continuous).unwrap();
    assert_relative_eq!(well.mean_squared_displacement(1e-174).unwrap(), 2e-177, max_relative = 1e-14);
    let steps = StationaryWell::new(bath, 1e-175, Clock::Steps { dt: 1e-174 }).unwrap();
    assert_relative_eq!(steps.mean_squared_displacement(3e-174).unwrap(), 6e-177, max_relative = 1e-14);
    let narrow = Displacement::gaussian(0.0, 2e-177).unwrap();
    let time = well.relaxation_time(1e-89, narrow.overlap(1e-89)).unwrap().unwrap();
    assert_relative_eq!(time, 1e-174, max_relative = 1e-10);
}
