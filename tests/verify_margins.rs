//! The chance that `glassbox verify` is inconclusive on a right program.
//!
//! A check is inconclusive where its smallest visible effect is larger than its tolerance. Most smallest visible effects follow
//! from the law and the size of the sample alone and are the same for every seed. Three kinds are not (docs/verdicts.md):
//! the ledger of the trained network (its scale is the pull of that network), the forces outside the law in the limits of a
//! network (measured), and the averages over replicas of the hot network (their standard errors are measured: χ²).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::special::gaussian_two_sided_tail;
use glassbox::oracle::tail_probability::chi_squared_upper_tail;
use glassbox::oracle::verdict::Evidence;
use glassbox::suite::{Level, STATISTICAL_CHECKS, Settings, Silent, balance, network_limits};

/// What the whole run may come to.
const ALLOWED: f64 = 1e-3;

/// The smallest visible effect over the tolerance at the share of a whole run: above 1 the check is inconclusive.
fn visible_over_tolerance(evidence: &Evidence) -> f64 {
    let share = Settings::DEFAULT_BUDGET / STATISTICAL_CHECKS as f64;
    evidence.sensitivity.detectable(share) / evidence.practical_tolerance
}

fn of_trained(seed: u64) -> Vec<(String, f64)> {
    let settings = Settings::new(Level::Quick, seed).unwrap();
    let findings = balance::run_trained(&settings, &Silent).unwrap();
    findings.evidence.iter().map(|one| (one.name.clone(), visible_over_tolerance(one))).collect()
}

/// The seed of the audit, at which five ledgers of six were inconclusive, and another.
#[test]
fn the_ledger_sees_what_matters_at_the_seed_of_the_audit() {
    for seed in [20_240_613, 1] {
        let ratios = of_trained(seed);
        assert_eq!(ratios.len(), 6);
        assert!(ratios.iter().all(|(_, ratio)| *ratio < 0.6), "{seed}: {ratios:?}");
    }
}

/// Probability that a number whose logarithm is Gaussian, as measured over seeds, exceeds 1: the Gaussian tail beyond the
/// measured mean, with the measured standard deviation enlarged by three of its own standard errors.
fn beyond_one(ratios: &[f64]) -> (f64, f64, f64) {
    let count = ratios.len() as f64;
    let mean = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / count;
    let deviation =
        (ratios.iter().map(|ratio| (ratio.ln() - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let widened = deviation * (1.0 + 3.0 / (2.0 * count).sqrt());
    let z = -mean / widened;
    (mean.exp(), deviation, if z > 0.0 { 0.5 * gaussian_two_sided_tail(z) } else { 1.0 })
}

#[test]
#[ignore = "200 networks trained, 8 hot ones: cargo test --release --test verify_margins -- --ignored --nocapture (five minutes)"]
fn a_right_program_is_inconclusive_once_in_a_thousand_runs_at_most() {
    const SEEDS: u64 = 200;
    const HOT_SEEDS: u64 = 8;
    let mut measured: Vec<(String, Vec<f64>)> = Vec::new();
    let mut add = |name: String, ratio: f64| match measured.iter_mut().find(|(known, _)| *known == name) {
        Some((_, ratios)) => ratios.push(ratio),
        None => measured.push((name, vec![ratio])),
    };
    for seed in 1..=SEEDS {
        for (name, ratio) in of_trained(seed) {
            add(name, ratio);
        }
        for (name, ratio) in
            network_limits::excess_over_allowed(&Settings::new(Level::Quick, seed).unwrap()).unwrap()
        {
            add(format!("{name}: forces outside the law over what is allowed"), ratio);
        }
    }
    println!("| check | typical | spread of its logarithm | largest of {SEEDS} | P at quick | P at full |");
    let (mut quick, mut full) = (0.0, 0.0);
    for (name, ratios) in &measured {
        let (typical, deviation, chance) = beyond_one(ratios);
        // Four times the replicas halve a standard error; the tolerance of the limits is halved, their forces are not.
        let at_full = if name.contains("outside") { 2.0 } else { 0.5 };
        let (_, _, chance_at_full) =
            beyond_one(&ratios.iter().map(|ratio| at_full * ratio).collect::<Vec<_>>());
        let largest = ratios.iter().fold(0.0_f64, |most, one| most.max(*one));
        println!(
            "| {name} | {typical:.3} | {deviation:.3} | {largest:.3} | {chance:.0e} | {chance_at_full:.0e} |"
        );
        (quick, full) = (quick + chance, full + chance_at_full);
    }
    // The variance of the hot network's averages, by its mean over seeds; its measured values are χ² of 63 (255) over that.
    let mut variances: Vec<(String, f64)> = Vec::new();
    for seed in 1..=HOT_SEEDS {
        let findings = balance::run_hot(&Settings::new(Level::Quick, seed).unwrap(), &Silent).unwrap();
        for one in &findings.evidence {
            let square = visible_over_tolerance(one).powi(2) / HOT_SEEDS as f64;
            match variances.iter_mut().find(|(known, _)| *known == one.name) {
                Some((_, sum)) => *sum += square,
                None => variances.push((one.name.clone(), square)),
            }
        }
    }
    for (name, square) in &variances {
        // Of 8 × 63 degrees of freedom: three standard errors more.
        let widened = square * (1.0 + 3.0 * (2.0 / (63.0 * HOT_SEEDS as f64)).sqrt());
        let chance = chi_squared_upper_tail(63.0 / widened, 63.0);
        let at_full = chi_squared_upper_tail(255.0 * 4.0 / widened, 255.0);
        println!("| {name} | {:.3} | χ², 63 | | {chance:.0e} | {at_full:.0e} |", square.sqrt());
        (quick, full) = (quick + chance, full + at_full);
    }
    println!("sum: {quick:.1e} at quick, {full:.1e} at full");
    assert!(quick <= ALLOWED && full <= ALLOWED, "{quick:e} {full:e}");
}
