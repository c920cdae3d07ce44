//! Is the noise there, everywhere and every time anew?

use super::check::{Check, Part};
use super::first_pass::{FirstPass, Still};
use super::innovation_checks::{independence, too_few};
use super::innovations::Innovations;
use glassbox_oracle::verdict::{Evidence, Sensitivity};
use libm::{erf, expm1, log, log1p};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// A share of moves of exactly 0 that matters.
const STILL_TOLERANCE: f64 = 1e-3;

/// Probability of an accidental repeat below which one is proof.
const ACCIDENT: f64 = 1e-12;

/// Gaussian numbers made in single precision agree about this often.
const NOISE_RESOLUTION: f64 = 1e-6;

/// Without a law the moves have no known distribution: this share of zeros is allowed.
const STILL_WITHOUT_LAW: f64 = 0.05;

/// Without a law what is left of a common drift may correlate the differences this much.
const CORRELATION_WITHOUT_LAW: f64 = 0.3;

/// How far a copy's correlation may lie from 1.
const COPY: f64 = 1e-9;

/// What the section is made from.
pub(crate) struct Noise<'a> {
    pub(crate) pass: &'a FirstPass,
    pub(crate) weights: usize,
    pub(crate) innovations: &'a Innovations,
    pub(crate) has_law: bool,
    /// Standard deviation of the shortest move, where it is known.
    pub(crate) deviation: Option<f64>,
    /// Share of the variance of a move that is rounding.
    pub(crate) rounding_share: f64,
}

impl Noise<'_> {
    /// Whether rounding to the precision of the file moves the second moment by more than its standard error, although no
    /// more moves are 0 than that rounding explains: then the file, not the program, is too coarse.
    pub(crate) fn is_too_coarse(&self) -> bool {
        let still = &self.pass.still;
        let frozen = still_moves(still, self.deviation).evidence.p_value.is_some_and(|p| p < 1e-6);
        !frozen && self.rounding_share * (0.5 * self.innovations.all.count).sqrt() > 1.0
    }
}

/// The section on the noise; of weights that are saved too coarsely only what rounding leaves.
pub(crate) fn part(noise: &Noise<'_>) -> Part {
    let Noise { pass, weights, innovations, has_law, deviation, .. } = *noise;
    let mut part = Part::new(
        "noise",
        "Noise: there, everywhere, and every time anew",
        "No frame comes twice, no weight stands still, and no replica's noise is that of another replica, of another \
         time or of another weight. The search compares blocks of up to 4,096 numbers a replica, as many pairs and \
         shifts as a fixed amount of work allows, and its p-value counts them all.",
    );
    part.checks.extend(repeated(pass, weights, deviation));
    part.checks.push(still_moves(&pass.still, deviation));
    if noise.is_too_coarse() {
        part.statement += " Rounding to the precision of the file correlates neighbouring moves here, so that nothing was \
                           searched.";
        return part;
    }
    let allowed = if has_law { 0.0 } else { CORRELATION_WITHOUT_LAW };
    match innovations.blocks.search() {
        Some(search) => {
            let name = format!(
                "noise: largest correlation of {} pairs of replicas and shifts",
                search.comparisons()
            );
            let evidence = search.evidence(&name, allowed);
            let described = search.largest.described();
            let evidence = if has_law { evidence } else { only_copies_fail(evidence, &described) };
            part.checks.push(Check::from(evidence).with_remark(described));
        }
        None => {
            let name = "noise: largest correlation of pairs of replicas and shifts";
            part.checks.push(too_few(name, innovations.all.count, 30.0).into());
        }
    }
    if has_law {
        independence(innovations, &mut part.checks);
    } else {
        part.statement += " Without a law the differences of neighbouring moves stand for the noise: what changes slowly \
                           cancels. Larger correlations than 0.3 may be what is left of a common drift, and decide nothing \
                           unless they are exact.";
    }
    part
}

/// Without a law a large correlation can be what replicas that start alike and relax fast have in common. Only a copy, whose
/// correlation is 1 to rounding, is a failure of the noise; anything between is left open.
fn only_copies_fail(evidence: Evidence, described: &str) -> Evidence {
    let correlation = evidence.observed.abs();
    if correlation <= CORRELATION_WITHOUT_LAW || 1.0 - correlation < COPY {
        return evidence;
    }
    let doubt = format!(
        "{described}; replicas that relax alike are correlated by their common drift: state --law, or save gradients at \
         every step with --mobility and --step, to tell it from shared noise"
    );
    Evidence { p_value: Some(1.0), ..evidence }.doubted(doubt)
}

/// Two frames with the same bits; left out where right frames of so few weights, or so coarsely saved, could agree.
fn repeated(pass: &FirstPass, weights: usize, deviation: Option<f64>) -> Option<Check> {
    let digests = &pass.digests;
    let scale = deviation.unwrap_or_else(|| pass.still.root_mean_square());
    let one_agrees = explained_by_rounding(&pass.still, scale).max(NOISE_RESOLUTION);
    let pairs = (digests.kept() as f64).powi(2);
    if pairs * one_agrees.powf(weights as f64) > ACCIDENT {
        return None;
    }
    let repeats = digests.repeats() as f64;
    let evidence = Evidence {
        observed: repeats,
        predicted: 0.0,
        p_value: None,
        effect_measure: "number of frames",
        effect: repeats,
        practical_tolerance: 0.5,
        sensitivity: Sensitivity::Rounding { bound: 0.5 },
        sample_size: digests.kept() as u64,
        effective_sample_size: digests.kept() as f64,
        failure: None,
        ..Evidence::failed("noise: frames that repeat another one bit by bit", 0, "")
    };
    let remark = digests.first_repeat().map(|repeat| {
        let (earlier, later) = (repeat.earlier, repeat.later);
        if earlier.0 == later.0 {
            format!("frame {} of replica {} is a copy of its frame {}", later.1, later.0, earlier.1)
        } else {
            format!(
                "frame {} of replica {} is a copy of frame {} of replica {}: a duplicated seed?",
                later.1, later.0, earlier.1, earlier.0
            )
        }
    });
    Some(Check { evidence, remark })
}

/// Moves that are exactly 0, beside what rounding a correct run to the file's precision explains.
fn still_moves(still: &Still, deviation: Option<f64>) -> Check {
    let observed = still.unmoved / still.moves;
    let scale = deviation.unwrap_or_else(|| still.root_mean_square());
    let explained = explained_by_rounding(still, scale);
    // Where nothing is left of the frame before, fresh noise may be the same twice.
    let allowed = explained.max(if deviation.is_some() { NOISE_RESOLUTION } else { STILL_WITHOUT_LAW });
    let spread = (allowed * (1.0 - allowed)).max(1.0 / still.moves);
    let evidence = Evidence {
        observed,
        predicted: explained,
        p_value: Some(excess(observed, allowed, still.moves)),
        effect_measure: "share of moves",
        effect: observed - explained,
        practical_tolerance: STILL_TOLERANCE.max(allowed - explained),
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: (spread / still.moves).sqrt() },
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of moves")]
        sample_size: still.moves as u64,
        effective_sample_size: still.moves,
        failure: None,
        ..Evidence::failed("noise: share of moves that are exactly 0", 0, "")
    };
    let spacings = scale / still.mean_spacing();
    let remark = if still.is_single() {
        format!(
            "frozen by single precision? The noise of a move is {spacings:.2} spacings of the weights' numbers, and moves \
             below half a spacing are lost"
        )
    } else {
        "some weights get no noise, or not at every step".to_owned()
    };
    Check::from(evidence).with_remark(remark)
}

/// Share of the moves that rounding makes 0 in a right run with noise of this standard deviation. A program that computes in
/// double precision has its weights on the grid of these numbers at every step, and a step below half a spacing is lost.
fn explained_by_rounding(still: &Still, deviation: f64) -> f64 {
    let x = still.mean_spacing() / deviation;
    let saved = rounded_to_nothing(x);
    // Concave in x as well.
    if still.is_single() { saved } else { saved.max(erf(0.5 * x * FRAC_1_SQRT_2)) }
}

/// Probability that two numbers whose difference is Gaussian, of standard deviation `1/x` spacings, round to the same one:
/// `E max(0, 1 − |ξ|/x)`. It is concave in x, so that the mean spacing gives an upper bound over all weights.
fn rounded_to_nothing(x: f64) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    if !x.is_finite() {
        return 1.0;
    }
    (erf(x * FRAC_1_SQRT_2) + 2.0 / (x * (2.0 * PI).sqrt()) * expm1(-0.5 * x * x)).clamp(0.0, 1.0)
}

/// Chernoff's bound for a share of `trials` at least `observed`, each with probability at most `allowed`.
fn excess(observed: f64, allowed: f64, trials: f64) -> f64 {
    if observed <= allowed {
        return 1.0;
    }
    let part = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * (log(a) - log(b)) };
    let rest = if observed >= 1.0 { 0.0 } else { (1.0 - observed) * (log1p(-observed) - log1p(-allowed)) };
    (-trials * (part(observed, allowed) + rest)).exp().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: both numbers rounded, over a grid of phases and differences.
    #[test]
    fn rounding_hides_moves_as_computed() {
        for x in [0.2_f64, 1.0, 4.0] {
            let (mut hidden, mut total) = (0.0, 0.0);
            for i in -4000..=4000 {
                let z = f64::from(i) * 2e-3;
                let density = (-0.5 * z * z).exp();
                for phase in 0..200 {
                    let from = (f64::from(phase) + 0.5) / 200.0;
                    total += density;
                    hidden += density * f64::from(u8::from((from + z / x).floor() == 0.0));
                }
            }
            assert!((rounded_to_nothing(x) - hidden / total).abs() < 3e-3, "{x}");
        }
        assert!((rounded_to_nothing(1e-6) - 1e-6 / (2.0 * PI).sqrt()).abs() < 1e-9);
        assert_eq!((rounded_to_nothing(0.0), rounded_to_nothing(f64::INFINITY)), (0.0, 1.0));
    }

    /// Against the exact binomial tails: all of 5 at probability 0.1, and one of 10⁹ at 1e-12.
    #[test]
    fn the_bound_is_a_bound() {
        assert!((excess(1.0, 0.1, 5.0) - 1e-5).abs() < 1e-18);
        assert_eq!(excess(0.1, 0.1, 50.0), 1.0);
        let bound = excess(1e-9, 1e-12, 1e9);
        assert!((1e-3..3e-3).contains(&bound), "{bound}");
    }

    fn evidence(correlation: f64) -> Evidence {
        Evidence { observed: correlation, p_value: Some(1e-40), ..Evidence::failed("x", 0, "") }
    }

    #[test]
    fn a_common_drift_is_no_copy() {
        assert!(only_copies_fail(evidence(0.997), "place").doubt.is_some());
        assert_eq!(only_copies_fail(evidence(0.997), "place").p_value, Some(1.0));
        for correlation in [0.2, 1.0, -1.0 + 1e-14] {
            assert_eq!(only_copies_fail(evidence(correlation), "place").p_value, Some(1e-40));
        }
    }
}
