//! The noise is what it says: independent standard Gaussian numbers.
//!
//! Every bound is derived for a false-alarm probability of 1e-9 a test, so that other seeds would pass as well.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::noise::{NoiseStream, Purpose};
use libm::erfc;
use std::f64::consts::SQRT_2;

const FALSE_ALARM: f64 = 1e-9;

fn draw(seed: u64, replica: u32, step: u64, count: usize) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    NoiseStream::new(seed, Purpose::Langevin, replica).gaussians(step, &mut numbers);
    numbers
}

/// Largest distance of numbers that should be uniform on (0, 1) from the straight line, against the bound of
/// Dvoretzky, Kiefer, Wolfowitz and Massart.
fn assert_uniform(mut numbers: Vec<f64>, what: &str) {
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len() as f64;
    let distance = numbers
        .iter()
        .zip(0..)
        .map(|(number, rank)| (number - f64::from(rank) / count).max(f64::from(rank + 1) / count - number))
        .fold(0.0, f64::max);
    let bound = ((2.0 / FALSE_ALARM).ln() / (2.0 * count)).sqrt();
    assert!(distance <= bound, "{what}: distance {distance:.2e}, bound {bound:.2e} for {count} numbers");
}

#[test]
fn the_bulk_is_gaussian() {
    let cumulative = |number: &f64| 0.5 * erfc(-number / SQRT_2);
    assert_uniform(draw(1, 0, 0, 1 << 22).iter().map(cumulative).collect(), "bulk");
    // The first numbers of many steps, as a landscape of few weights draws them.
    let firsts = (0..200_000).flat_map(|step| draw(2, 5, step, 3));
    assert_uniform(firsts.map(|number| cumulative(&number)).collect(), "first numbers of a step");
}

#[test]
fn the_tail_is_gaussian_to_one_in_a_million() {
    // Beyond 4 lie 6.3e-5 of all numbers, beyond 4.89 one in a million.
    const DRAWS: usize = 1 << 22;
    const STEPS: u64 = 64;
    let beyond = |threshold: f64| erfc(threshold / SQRT_2);
    let tail: Vec<f64> = (0..STEPS)
        .flat_map(|step| draw(3, 1, step, DRAWS))
        .map(f64::abs)
        .filter(|number| *number > 4.0)
        .collect();
    let draws = DRAWS as f64 * STEPS as f64;
    for threshold in [4.0, 4.5, 4.891_638_475_698_917] {
        let count = tail.iter().filter(|number| **number > threshold).count() as f64;
        let mean = draws * beyond(threshold);
        // Bernstein: P(|count − mean| > d) ≤ 2 exp(−d² / (2 (mean + d/3))).
        let logarithm = (2.0 / FALSE_ALARM).ln();
        let bound = logarithm / 3.0 + (logarithm * logarithm / 9.0 + 2.0 * logarithm * mean).sqrt();
        assert!((count - mean).abs() <= bound, "{count} beyond {threshold}, {mean:.0} ± {bound:.0} expected");
    }
    assert_uniform(tail.iter().map(|number| beyond(*number) / beyond(4.0)).collect(), "tail");
}

/// Correlations of n pairs of independent Gaussian numbers, and of their squares, have a standard deviation of
/// 1/√n; the products have exponential tails, which at n = 2²⁰ widen the normal bound by less than 1 %.
#[test]
fn streams_steps_and_lanes_are_independent() {
    const COUNT: usize = 1 << 20;
    let reference = draw(4, 10, 100, COUNT + 4096);
    let mut partners = vec![
        ("next replica".to_owned(), draw(4, 11, 100, COUNT)),
        ("next step".to_owned(), draw(4, 10, 101, COUNT)),
        ("next seed".to_owned(), draw(5, 10, 100, COUNT)),
        ("seed with the other half changed".to_owned(), draw(4 | 1 << 32, 10, 100, COUNT)),
        ("replica and step exchanged".to_owned(), draw(4, 100, 10, COUNT)),
    ];
    for shift in (1..=128).chain([192, 256, 1024, 4096]) {
        partners.push((format!("{shift} numbers on"), reference[shift..shift + COUNT].to_vec()));
    }
    // Two correlations a partner share the false-alarm probability: P(|r| √n > z) ≤ exp(−z²/2), times 2 per tail.
    let tests = 2.0 * partners.len() as f64;
    let bound = 1.01 * (2.0 * (2.0 * tests / FALSE_ALARM).ln() / COUNT as f64).sqrt();
    for (name, partner) in &partners {
        let pairs = || reference.iter().zip(partner);
        let plain = pairs().map(|(a, b)| a * b).sum::<f64>() / COUNT as f64;
        // A square has mean 1 and variance 2.
        let squares = pairs().map(|(a, b)| (a * a - 1.0) * (b * b - 1.0)).sum::<f64>() / (2.0 * COUNT as f64);
        assert!(plain.abs() <= bound, "{name}: correlation {plain:.2e}, bound {bound:.2e}");
        assert!(squares.abs() <= bound, "{name}: correlation of squares {squares:.2e}, bound {bound:.2e}");
    }
}
