//! Tests of bimodality.

use super::*;
use approx::assert_relative_eq;
use glassbox_oracle::Displacement;
use proptest::prelude::*;

/// Second route: every interval of the mode tried, as the theorem of the paper has it. A unimodal law nearest to the sample is
/// the minorant raised by d up to a value a, the majorant lowered by d from a value b, and a straight line between them that
/// is its steepest part; the smallest d that keeps all of it within d of the sample.
fn by_trying_all(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let d = Distribution::of_sorted(&sorted);
    let (x, l, u) = (&d.values, &d.before, &d.after);
    let last = x.len() - 1;
    let mut best = f64::INFINITY;
    for a in 0..=last {
        for b in a..=last {
            let left = hull(x, l, 0, a, 1.0);
            let right = hull(x, u, b, last, -1.0);
            let (mut least, mut most) = (0.0_f64, f64::INFINITY);
            for (i, height) in d.along(l, &left).filter(|(i, _)| *i < a) {
                least = least.max(0.5 * (u[i] - height));
            }
            for (i, height) in d.along(u, &right).filter(|(i, _)| *i > b) {
                least = least.max(0.5 * (height - l[i]));
            }
            if a == b {
                // A jump upwards at the mode.
                most = 0.5 * (u[a] - l[a]);
            } else {
                least = least.max(0.5 * (u[a] - l[a])).max(0.5 * (u[b] - l[b]));
                let (width, rise) = (x[b] - x[a], u[b] - l[a]);
                for slope in left.windows(2).map(|e| (l[e[1]] - l[e[0]]) / (x[e[1]] - x[e[0]])) {
                    most = most.min(0.5 * (rise - slope * width));
                }
                for slope in right.windows(2).map(|e| (u[e[1]] - u[e[0]]) / (x[e[1]] - x[e[0]])) {
                    most = most.min(0.5 * (rise - slope * width));
                }
                most = most.min(0.5 * rise);
                for i in a + 1..b {
                    let share = (x[i] - x[a]) / width;
                    let line = l[a] + share * rise;
                    least = least.max((u[i] - line) / (2.0 - 2.0 * share)).max((line - l[i]) / (2.0 * share));
                }
            }
            if least <= most * (1.0 + 1e-12) + 1e-12 {
                best = best.min(least);
            }
        }
    }
    best / samples.len() as f64
}

#[test]
fn by_hand() {
    assert_eq!(dip(&[3.0; 5]).unwrap(), 0.0);
    assert_eq!(dip(&[1.0]).unwrap(), 0.0);
    // Equally spaced: the steps alone.
    let spaced: Vec<f64> = (0..50).map(f64::from).collect();
    assert_relative_eq!(dip(&spaced).unwrap(), 0.01, max_relative = 1e-12);
    // An atom at the mode costs nothing: the two single values at the ends do.
    let atom = [0.0, 5.0, 5.0, 5.0, 5.0, 10.0];
    assert_relative_eq!(dip(&atom).unwrap(), 1.0 / 12.0, max_relative = 1e-12);
    // Two atoms of shares p and 1 − p: half of the smaller.
    assert_relative_eq!(dip(&[0.0, 0.0, 0.0, 1.0]).unwrap(), 0.125, max_relative = 1e-12);
}

proptest! {
    #[test]
    fn equals_the_second_route(samples in prop::collection::vec(0.0_f64..1.0, 1..14)) {
        prop_assert!((dip(&samples).unwrap() - by_trying_all(&samples)).abs() < 1e-12);
    }

    /// With repeated values, and gaps.
    #[test]
    fn equals_the_second_route_with_ties(samples in prop::collection::vec(0_u8..12, 1..24)) {
        let samples: Vec<f64> = samples.iter().map(|i| f64::from(*i).powf(1.3)).collect();
        let (found, expected) = (dip(&samples).unwrap(), by_trying_all(&samples));
        prop_assert!((found - expected).abs() < 1e-12, "{} {}", found, expected);
    }

    /// Mirrored, shifted and scaled samples have the same dip, and its bounds hold.
    #[test]
    fn does_not_see_the_axis(samples in prop::collection::vec(-1.0_f64..1.0, 2..60), scale in 0.1_f64..10.0) {
        let moved: Vec<f64> = samples.iter().map(|x| 3.0 - scale * x).collect();
        let found = dip(&samples).unwrap();
        prop_assert!((found - dip(&moved).unwrap()).abs() < 1e-9);
        prop_assert!(found <= 0.25 && (found >= 0.5 / samples.len() as f64 - 1e-12));
    }
}

#[test]
fn bad_input_is_named() {
    assert_eq!(dip(&[1.0, f64::NAN]).unwrap_err().to_string(), "samples[1] is NaN; it must be finite");
    assert!(dip(&[]).is_err() && dip(&[f64::INFINITY]).is_err());
    let samples: Vec<f64> = (0..10).map(f64::from).collect();
    for (samples, largest, simulations) in
        [(&samples[..3], 10, 99), (&samples[..], 3, 99), (&samples[..], 10, 18)]
    {
        assert!(dip_test(samples, largest, simulations, 1).is_err());
    }
    let mut broken = samples;
    broken[9] = f64::NAN;
    assert!(dip_test(&broken, 4, 99, 1).is_err());
}

#[test]
fn valleys_by_hand() {
    let found = valley(&[1, 10, 4, 2, 6, 8, 3]).unwrap();
    assert_eq!((found.left, found.bottom, found.right), (1, 3, 5));
    assert_eq!((found.depth, found.z), (0.75, 6.0 / 10.0_f64.sqrt()));
    for flat in [&[][..], &[1], &[1, 2], &[1, 2, 3, 2, 1], &[0, 0, 0], &[5, 5, 5]] {
        assert_eq!(valley(flat), None);
    }
}

#[test]
fn the_null_of_the_histogram_has_one_mode() {
    let law = Displacement::gaussian(0.0, 1e-6).unwrap();
    let densities: Vec<f64> =
        (0..200).map(|i| law.log10_magnitude_density(-7.0 + 0.025 * f64::from(i))).collect();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "densities of order one")]
    let counts: Vec<u64> = densities.iter().map(|density| (1e9 * density) as u64).collect();
    assert_eq!(valley(&counts), None);
}

fn gaussians(count: usize, step: u64) -> Vec<f64> {
    let mut out = vec![0.0; count];
    NoiseStream::new(31, Purpose::Initialisation, 0).gaussians(step, &mut out);
    out
}

#[test]
fn equal_seeds_are_equal() {
    let samples = gaussians(500, 0);
    let test = |seed| dip_test(&samples, 200, 99, seed).unwrap();
    assert_eq!(test(1), test(1));
    assert_ne!(test(1).dip, test(2).dip);
    assert_eq!((test(1).samples, dip_test(&samples, 500, 19, 1).unwrap().samples), (200, 500));
}

/// Uniform samples have p-values uniform on 1/100, 2/100 … 1, exactly, whatever the dip: of 200 with p ≤ 0.1, 42 or more
/// have probability 3e-6, and 2 or fewer 2e-7. log10 |dw| of one Gaussian is unimodal and at most as often below.
#[test]
fn false_alarms_are_those_stated() {
    let mut rejected = (0, 0);
    let mut uniform = vec![0.0; 60];
    for trial in 0..200 {
        NoiseStream::new(32, Purpose::Initialisation, 0).uniforms(trial, &mut uniform);
        rejected.0 += u32::from(dip_test(&uniform, 60, 99, trial).unwrap().p_value <= 0.1);
        let logarithms: Vec<f64> = gaussians(60, trial).iter().map(|z| z.abs().log10()).collect();
        rejected.1 += u32::from(dip_test(&logarithms, 60, 99, trial).unwrap().p_value <= 0.1);
    }
    assert!(rejected.0 > 2 && rejected.0 < 42, "{rejected:?}");
    assert!(rejected.1 < 42, "{rejected:?}");
}

/// Two populations of weights whose widths differ by a factor of 100 (dead and live, PHYSICS.md C.13): with 400 samples all of
/// 99 uniform ones have a smaller dip.
#[test]
fn two_populations_are_seen() {
    let mut samples = gaussians(400, 7);
    samples[..200].iter_mut().for_each(|z| *z *= 0.01);
    let logarithms: Vec<f64> = samples.iter().map(|z| z.abs().log10()).collect();
    let found = dip_test(&logarithms, 1000, 99, 1).unwrap();
    assert_eq!(found.p_value, 0.01);
}
