//! What differs, what agrees, and what cannot be told.

use super::*;

#[test]
fn two_samples_are_told_apart_by_their_noise() {
    let compare = |now, before| two_samples(now, before, 100, 0.1, 1e-8);
    assert_eq!(compare((1.0, 0.001), (1.0, 0.001)), Difference::None);
    assert_eq!(compare((1.0, 0.001), (1.001, 0.001)), Difference::Noise);
    assert!(matches!(compare((1.0, 0.001), (1.1, 0.001)), Difference::Change { .. }));
    assert!(matches!(compare((1.0, 0.1), (1.1, 0.1)), Difference::Hidden { .. }));
    // Without noise any difference is a change, and what is no number decides nothing.
    assert!(matches!(compare((1.0, 0.0), (1.1, 0.0)), Difference::Change { .. }));
    assert!(matches!(compare((f64::NAN, 0.1), (1.1, 0.1)), Difference::Hidden { .. }));
    assert!(matches!(compare((f64::NAN, 0.001), (1.1, 0.001)), Difference::Hidden { .. }));
    assert!(matches!(compare((1.0, 0.1), (1.1, f64::NAN)), Difference::Hidden { .. }));
}

#[test]
fn a_limit_may_move_by_its_bracket() {
    let at = |limit| Stability { landscape: "well".to_owned(), limit, width: 1e-6, searched_to: 64.0 };
    let verdict = |now, before: Option<f64>| compare_stability(&at(now), Some(&at(before))).0;
    assert_eq!(verdict(Some(2.0), Some(2.0)), LineVerdict::Same);
    assert_eq!(verdict(Some(2.0), Some(2.000_000_5)), LineVerdict::Agrees);
    assert_eq!(verdict(Some(2.0), Some(2.000_01)), LineVerdict::Changed);
    assert_eq!(verdict(Some(2.0), None), LineVerdict::Changed);
    assert_eq!(compare_stability(&at(None), None).0, LineVerdict::Changed);
}

#[test]
fn bits_are_compared_for_the_same_arithmetic_only() {
    use crate::profile::Arithmetic::{Fused, Separate};
    let bits = |run: &str, arithmetic, hash: &str| Bits {
        run: run.to_owned(),
        arithmetic,
        hash: hash.to_owned(),
        leading: vec![0.5],
    };
    let before = [bits("network", Fused, "aa")];
    assert_eq!(compare_bits(&bits("network", Fused, "aa"), &before).0, LineVerdict::Same);
    assert_eq!(compare_bits(&bits("network", Fused, "bb"), &before).0, LineVerdict::Changed);
    assert_eq!(compare_bits(&bits("network", Separate, "bb"), &before).0, LineVerdict::NotCompared);
    assert_eq!(compare_bits(&bits("well", Fused, "aa"), &before).0, LineVerdict::Changed);
    // A machine without the arithmetic of the baseline says so, and does not fail.
    let profile = |bits| Profile {
        integrator: "one".to_owned(),
        seed: 1,
        ladders: Vec::new(),
        stability: Vec::new(),
        bits,
    };
    let both = vec![bits("network", Fused, "aa"), bits("network", Separate, "cc")];
    let portable = profile(vec![bits("network", Separate, "cc")]);
    let regression = compare(&[(portable, profile(both))], &Budget::new(1e-6).unwrap());
    assert_eq!(regression.count(LineVerdict::NotCompared), 1);
    assert_eq!(regression.outcome(), Outcome::Consistent);
}
