//! What every law must satisfy, for any parameters: bounds, monotonicity, limits, and consistency of the observables with
//! the distribution.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::laws::{FreeBrownian, Population, QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, Displacement, DisplacementLaw, OracleError};
use proptest::prelude::*;

#[derive(Debug)]
enum AnyLaw {
    Free(FreeBrownian),
    Well(QuadraticWell),
    Stationary(StationaryWell),
}

impl DisplacementLaw for AnyLaw {
    fn clock(&self) -> Clock {
        match self {
            AnyLaw::Free(law) => law.clock(),
            AnyLaw::Well(law) => law.clock(),
            AnyLaw::Stationary(law) => law.clock(),
        }
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        match self {
            AnyLaw::Free(law) => law.displacement(lag),
            AnyLaw::Well(law) => law.displacement(lag),
            AnyLaw::Stationary(law) => law.displacement(lag),
        }
    }

    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        match self {
            AnyLaw::Free(law) => law.relaxation_time(half_width, level),
            AnyLaw::Well(law) => law.relaxation_time(half_width, level),
            AnyLaw::Stationary(law) => law.relaxation_time(half_width, level),
        }
    }
}

fn logarithmic(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|exponent: f64| 10.0_f64.powf(exponent))
}

prop_compose! {
    fn baths()(mobility in logarithmic(-4.0, 0.0), temperature in logarithmic(-8.0, 2.0), size in logarithmic(0.0, 5.0))
        -> Bath {
        Bath::new(mobility, temperature, size).unwrap()
    }
}

prop_compose! {
    fn clocks()(step in prop::option::of(logarithmic(-2.0, 0.0))) -> Clock {
        step.map_or(Clock::Continuous, |dt| Clock::Steps { dt })
    }
}

prop_compose! {
    fn laws()(bath in baths(), clock in clocks(), stiffness in logarithmic(-4.0, 0.2), mean in -1.0..1.0_f64,
        spread in 0.0..1.0_f64, kind in 0..4) -> AnyLaw {
        let well = QuadraticWell::new(bath, stiffness, clock).unwrap();
        match kind {
            0 => AnyLaw::Free(FreeBrownian::new(bath, clock).unwrap()),
            1 => AnyLaw::Well(well.from_fixed(mean).unwrap()),
            2 => AnyLaw::Well(well.from_gaussian(mean, spread).unwrap()),
            _ => AnyLaw::Stationary(StationaryWell::new(bath, stiffness, clock).unwrap()),
        }
    }
}

/// A whole number of steps of the law's clock.
fn lag_of(law: &dyn DisplacementLaw, steps: u32) -> f64 {
    match law.clock() {
        Clock::Continuous => f64::from(steps),
        Clock::Steps { dt } => f64::from(steps) * dt,
    }
}

/// Midpoint rule over ±9 standard deviations: its error is that of the truncated tails, below 1e-15.
fn average(law: &Displacement, of: impl Fn(f64) -> f64) -> f64 {
    let (mean, deviation) = (law.mean(), law.variance().sqrt());
    let step = 18.0 / 600.0;
    (0..600)
        .map(|i| mean + deviation * (-9.0 + (f64::from(i) + 0.5) * step))
        .map(|x| of(x) * law.density(x) * deviation * step)
        .sum()
}

proptest! {
    #[test]
    fn overlap_is_a_probability_that_grows_with_the_half_width(law in laws(), steps in 1_u32..2000, x in 0.01..4.0_f64) {
        let displacement = law.displacement(lag_of(&law, steps)).unwrap();
        let unit = displacement.mean_squared_displacement().sqrt();
        let (narrow, wide) = (displacement.overlap(x * unit), displacement.overlap(1.1 * x * unit));
        prop_assert!((0.0..=1.0).contains(&narrow) && narrow <= wide);
        prop_assert!((narrow + displacement.mobile_fraction(x * unit) - 1.0).abs() < 1e-15);
        let window = displacement.cumulative(x * unit) - displacement.cumulative(-x * unit);
        prop_assert!((narrow - window).abs() < 1e-14);
    }

    #[test]
    fn nothing_has_moved_at_lag_zero(law in laws(), half_width in 0.0..1.0_f64) {
        prop_assert_eq!(law.overlap(0.0, half_width).unwrap(), 1.0);
        prop_assert_eq!(law.mean_squared_displacement(0.0).unwrap(), 0.0);
        prop_assert_eq!(law.non_gaussian_parameter(0.0).unwrap(), None);
    }

    #[test]
    fn moments_are_those_of_the_density(law in laws(), steps in 1_u32..2000) {
        let displacement = law.displacement(lag_of(&law, steps)).unwrap();
        prop_assume!(displacement.mean().abs() < 1e6 * displacement.variance().sqrt());
        let second = average(&displacement, |x| x * x);
        prop_assert!((average(&displacement, |_| 1.0) - 1.0).abs() < 1e-9);
        prop_assert!((second / displacement.mean_squared_displacement() - 1.0).abs() < 1e-9);
        let alpha = average(&displacement, |x| x.powi(4)) / (3.0 * second * second) - 1.0;
        prop_assert!((alpha - displacement.non_gaussian_parameter().unwrap()).abs() < 1e-9);
        prop_assert!((-2.0 / 3.0..=0.0).contains(&displacement.non_gaussian_parameter().unwrap()));
    }

    #[test]
    fn a_soft_well_is_free(bath in baths(), clock in clocks(), steps in 1_u32..1000) {
        let well = QuadraticWell::new(bath, 1e-12, clock).unwrap();
        let lag = lag_of(&well, steps);
        let free = FreeBrownian::new(bath, clock).unwrap().mean_squared_displacement(lag).unwrap();
        let expected = 1e-12 * bath.mobility() * lag;
        let ratio = well.mean_squared_displacement(lag).unwrap() / free;
        prop_assert!((ratio - 1.0).abs() <= 2.0 * expected + 1e-13);
    }

    #[test]
    fn the_overlap_at_the_relaxation_time_is_the_level(law in laws(), x in 0.1..3.0_f64, level in 0.05..0.95_f64) {
        let half_width = x * law.displacement(lag_of(&law, 100)).unwrap().mean_squared_displacement().sqrt();
        if let Some(time) = law.relaxation_time(half_width, level).unwrap() {
            let overlap = law.overlap(time, half_width).unwrap();
            match law.clock() {
                // Half a part in 10⁹ of slack for times close to a divergence, where the slope vanishes.
                Clock::Continuous => prop_assert!((overlap - level).abs() < 1e-9, "{} at {}", overlap, time),
                Clock::Steps { .. } => prop_assert!(overlap < level),
            }
        }
    }

    #[test]
    fn a_population_of_one_law_is_that_law(bath in baths(), steps in 1_u32..100, p in 0.0..1.0_f64) {
        let free = FreeBrownian::new(bath, Clock::Continuous).unwrap();
        let both = Population::new(vec![(p, Box::new(free)), (1.0 - p, Box::new(free))]).unwrap();
        let lag = f64::from(steps);
        let (one, two) = (free.displacement(lag).unwrap(), both.displacement(lag).unwrap());
        prop_assert!((two.variance() / one.variance() - 1.0).abs() < 1e-13);
        prop_assert!(two.non_gaussian_parameter().unwrap().abs() < 1e-13);
    }
}
