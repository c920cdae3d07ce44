//! The catalogue: one family of laws a file.

mod bath;
mod displacement;
mod free_diffusion;
mod layer_balance;
mod mode_coupling;
mod population;
mod quadratic_well;
mod relaxation;
mod single_precision;
mod spherical_ageing;
mod stationary_points;
mod stationary_well;
mod trivialisation;
mod two_weight;

use super::law::Law;

/// Every law, in the order of `glassbox predict --list`.
pub const CATALOGUE: [&Law; 19] = [
    &free_diffusion::LAW,
    &quadratic_well::LAW,
    &stationary_well::LAW,
    &population::LAW,
    &population::DENSITY,
    &relaxation::FREE_DIFFUSION,
    &relaxation::QUADRATIC_WELL,
    &relaxation::STATIONARY_WELL,
    &layer_balance::LAW,
    &trivialisation::LAW,
    &two_weight::LAW,
    &single_precision::LAW,
    &mode_coupling::MASTER_CURVE,
    &mode_coupling::F1_CORRELATOR,
    &mode_coupling::F12_PLATEAU,
    &mode_coupling::EXPONENTS,
    &spherical_ageing::LAW,
    &stationary_points::COUNT,
    &stationary_points::COMPLEXITY,
];

/// The law of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Law> {
    CATALOGUE.into_iter().find(|law| law.name == name)
}

#[cfg(test)]
mod tests {
    use super::super::{Fallback, MOST_ROWS, evaluate};
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_law_has_a_table_at_its_defaults() {
        for law in CATALOGUE {
            let table =
                evaluate(law, &BTreeMap::new()).unwrap_or_else(|error| panic!("{}: {error}", law.name));
            assert!((2..MOST_ROWS).contains(&table.rows()), "{}: {} rows", law.name, table.rows());
            assert!(table.columns().iter().any(|column| column.name == law.columns[0].name), "{}", law.name);
        }
    }

    #[test]
    fn names_are_unique_and_every_law_has_one_natural_axis() {
        for (index, law) in CATALOGUE.iter().enumerate() {
            assert!(CATALOGUE[..index].iter().all(|other| other.name != law.name), "{}", law.name);
            let is_grid = |fallback| matches!(fallback, Fallback::Grid(_));
            let axes = law.parameters.iter().filter(|parameter| is_grid(parameter.fallback)).count();
            assert_eq!(axes, 1, "{}", law.name);
            for (index, parameter) in law.parameters.iter().enumerate() {
                let twice = law.parameters[..index].iter().any(|other| other.name == parameter.name);
                assert!(!twice, "{} of {}", parameter.name, law.name);
            }
        }
    }

    /// A law must refuse what is no number, with an error, whichever parameter it is.
    #[test]
    fn no_parameter_of_any_law_panics() {
        for law in CATALOGUE {
            for parameter in law.parameters {
                for value in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-300, 1e300, 0.5] {
                    let values = super::super::Values::List(vec![value]);
                    let table = evaluate(law, &BTreeMap::from([(parameter.name, values)]));
                    assert!(!value.is_nan() || table.is_err(), "{} of {}", parameter.name, law.name);
                }
            }
        }
    }
}
