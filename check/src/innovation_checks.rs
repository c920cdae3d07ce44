//! Are the innovations independent standard Gaussian numbers?

use super::check::{Check, Part};
use super::gaussian_sums::{self, GaussianEvidence, Sums};
use super::identification::Identification;
use super::innovations::{Innovations, LAGS, SAMPLE};
use super::limits::Rounding;
use super::{ExaminationError, ExaminationSettings};
use glassbox_oracle::Displacement;
use glassbox_oracle::inference::{Agreement, Estimate, Explanation, Parameter};
use glassbox_oracle::verdict::{
    Evidence, ParameterDeviation, Sensitivity, kolmogorov_smirnov, kurtosis, second_moment, tails,
};

/// Fewest numbers for sums that are Gaussian only in the limit.
const FEWEST: f64 = 1e4;

/// Fewest numbers for a cube root to be Gaussian.
const FEWEST_SQUARES: f64 = 100.0;

/// A correlation of the noise that matters where many numbers are summed: it multiplies the variance of their sum by
/// `1 + (N − 1) rho`.
const SHARED_NOISE: f64 = 0.01;

/// Where few are summed, half as much variance again matters.
const SHARED_NOISE_TOLERANCE: f64 = 0.5;

/// Rounding that moves a distribution by less than this, in units of its fluctuation, is not seen: at a p-value of 1e-7 it
/// makes a factor of 1.1.
const NEGLIGIBLE_ROUNDING: f64 = 0.01;

/// An explanation that leaves less than this probability of a rest is none.
const UNEXPLAINED: f64 = 1e-3;

/// The section on the innovations.
pub(crate) fn part(
    settings: &ExaminationSettings,
    found: &Identification,
    innovations: &Innovations,
    layers: usize,
    rounding: &Rounding,
) -> Result<Part, ExaminationError> {
    let tolerance = settings.tolerance;
    let mut part = Part::new(
        "innovations",
        "Innovations: what each move has that the law could not foresee",
        "Under the law z = (w' − (1 − b) w)/√V of successive frames (with gradients in the file: the move less mu dt \
         times the gradient, in standard deviations of the noise) are independent standard Gaussian numbers for every \
         replica, time and weight.",
    );
    let all = &innovations.all;
    let checks = &mut part.checks;
    checks.push(gaussian_sums::mean(all, tolerance).named("innovations: mean").into());
    if found.noise_is_fitted {
        part.statement += " The noise variance was fitted to these data, so their second moment is 1 by construction and \
                           is not tested.";
    } else {
        checks.push(moment(settings, found, innovations, rounding)?);
    }
    if found.rate_is_fitted || found.noise_is_fitted {
        part.statement += " With fitted numbers the other p-values are upper bounds: what is open is fitted by maximum \
                           likelihood under what is stated, which takes fluctuations away.";
    }
    if found.rate_is_fitted {
        checks.extend(agreement_of_numbers(found, innovations, tolerance));
    } else if innovations.rate_information > 0.0
        && let Some(numbers) = found.numbers.filter(|numbers| numbers.rate != 0.0)
    {
        checks.push(rate(innovations, numbers.rate, tolerance, found));
    }
    if !distribution(innovations, tolerance, rounding, checks)? {
        part.statement += " Tails are not tested: ";
        part.statement += &rounding.words;
        part.statement += ".";
    }
    let checks = &mut part.checks;
    over_time(innovations, tolerance, checks);
    if layers > 1 {
        for (index, layer) in innovations.by_layer.iter().enumerate() {
            let rest = all.without(layer);
            if layer.count >= FEWEST_SQUARES && rest.count >= FEWEST_SQUARES {
                let name = format!("innovations: variance of layer {} over that of the others", index + 1);
                checks.push(gaussian_sums::moment_ratio(layer, &rest, 2.5 * tolerance).named(name).into());
            }
        }
    }
    Ok(part)
}

/// Whether a change of one parameter, of a size that the data bound, leaves nothing unexplained.
pub(crate) fn explains(explanation: &Explanation) -> bool {
    explanation.factor.standard_error.is_finite()
        && explanation.remainder_p_value.is_none_or(|p| p > UNEXPLAINED)
}

/// The variance of the noise, in the user's parameters.
fn moment(
    settings: &ExaminationSettings,
    found: &Identification,
    innovations: &Innovations,
    rounding: &Rounding,
) -> Result<Check, ExaminationError> {
    const NAME: &str = "innovations: second moment (strength of the noise)";
    let (all, tolerance) = (&innovations.all, settings.tolerance);
    // Exact while the numbers are kept; by their sums beyond. With a rate fitted at the stated noise variance the moment is
    // partly fitted too: what is left is tested.
    let evidence = if let Some(agreement) = found.agreement() {
        remaining(agreement, all.count, tolerance).named(NAME)
    } else if all.count <= SAMPLE as f64 && innovations.sample.len() >= 30 {
        let standard = Displacement::gaussian(0.0, 1.0)?;
        second_moment::check(NAME, 0, &innovations.sample, &standard)?.with_practical_tolerance(tolerance)
    } else {
        gaussian_sums::second_moment(all, tolerance).named(NAME)
    };
    let deviation = |one: &Explanation| ParameterDeviation {
        parameter: one.parameter,
        factor: one.factor,
        practical_tolerance: tolerance,
    };
    let explains = |one: &&Explanation| one.parameter.power_in_noise() != 0 && explains(one);
    let mut evidence = Evidence {
        parameter_deviations: found.explanations.iter().filter(explains).map(deviation).collect(),
        ..evidence
    };
    // The temperature is what a reader looks for first.
    evidence.parameter_deviations.sort_by_key(|one| one.parameter != Parameter::Temperature);
    if rounding.share > 0.1 * tolerance {
        return Ok(Check::from(evidence).with_remark(&rounding.words));
    }
    Ok(evidence.into())
}

/// The pull: the regression of the innovations on the weights.
fn rate(innovations: &Innovations, rate: f64, tolerance: f64, found: &Identification) -> Check {
    let standard_error = innovations.rate_information.sqrt().recip();
    let error = innovations.rate_score / innovations.rate_information;
    let evidence = GaussianEvidence {
        observed: rate + error,
        predicted: rate,
        standard_error,
        standardised: error / standard_error,
        effect: error / rate,
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error / rate.abs() },
        effect_measure: "relative difference",
        tolerance: 2.5 * tolerance,
        count: innovations.all.count,
    };
    let evidence = evidence.named("innovations: reduced rate mu k dt (strength of the pull)");
    let explained =
        found.explanations.iter().filter(|one| one.parameter.power_in_rate() != 0 && explains(one));
    let deviations = explained.map(|one| ParameterDeviation {
        parameter: one.parameter,
        factor: one.factor,
        practical_tolerance: 2.5 * tolerance,
    });
    Evidence { parameter_deviations: deviations.collect(), ..evidence }.into()
}

/// One parameter was fitted to two numbers: do they agree about it?
fn agreement_of_numbers(found: &Identification, innovations: &Innovations, tolerance: f64) -> Option<Check> {
    let agreement = found.agreement().filter(|_| found.noise_is_fitted)?;
    let evidence = remaining(agreement, innovations.all.count, 2.5 * tolerance);
    let remark =
        "the fitted parameter cannot explain pull and noise at once; one of the stated parameters is wrong";
    let name = "fit: the pull over the noise, as the stated parameters have it";
    Some(Check::from(evidence.named(name)).with_remark(remark))
}

/// What the moves say about the stated number, or ratio of numbers, that the fit was made under.
struct Remaining {
    evidence: GaussianEvidence,
    p_value: f64,
    doubt: Option<&'static str>,
}

fn remaining(agreement: &Agreement, count: f64, tolerance: f64) -> Remaining {
    let Estimate { value, standard_error, .. } = agreement.ratio;
    let seen = standard_error.is_finite();
    Remaining {
        p_value: agreement.p_value,
        doubt: (!seen).then_some(
            "the frames do not show pull and noise apart: save more often, or state the parameter that was fitted",
        ),
        evidence: GaussianEvidence {
            observed: value,
            predicted: 1.0,
            standard_error: if seen { standard_error } else { 0.0 },
            standardised: 0.0,
            effect: value - 1.0,
            sensitivity: if seen {
                Sensitivity::Gaussian { effect_per_standard_error: standard_error }
            } else {
                Sensitivity::Rounding { bound: tolerance }
            },
            effect_measure: "relative difference",
            tolerance,
            count,
        },
    }
}

impl Remaining {
    fn named(self, name: &str) -> Evidence {
        let seen = self.doubt.is_none();
        let evidence = self.evidence.named(name);
        let standard_error = evidence.standard_error.filter(|_| seen);
        let evidence = Evidence { p_value: Some(self.p_value), standard_error, ..evidence };
        self.doubt.map_or(evidence.clone(), |doubt| evidence.doubted(doubt))
    }
}

/// Tests of the shape; false where tails are left out because rounding moves them.
fn distribution(
    innovations: &Innovations,
    tolerance: f64,
    rounding: &Rounding,
    checks: &mut Vec<Check>,
) -> Result<bool, ExaminationError> {
    let (sample, standard) = (&innovations.sample, Displacement::gaussian(0.0, 1.0)?);
    let count = sample.len() as f64;
    // In units in which the distance of a right sample is of order 1.
    let is_rounded = rounding.distance * count.sqrt() > NEGLIGIBLE_ROUNDING;
    let name = "innovations: Kolmogorov–Smirnov distance";
    let mut distance = kolmogorov_smirnov::check(name, 0, sample, &standard)?;
    if is_rounded {
        let left = (distance.observed - rounding.distance).max(0.0);
        distance.p_value = Some((2.0 * (-2.0 * count * left * left).exp()).clamp(0.0, 1.0));
    }
    checks.push(distance.with_practical_tolerance(tolerance).into());
    let name = "innovations: non-Gaussian parameter";
    if count >= FEWEST {
        let parameter = kurtosis::check(name, 0, sample, &standard)?;
        checks.push(parameter.with_practical_tolerance(2.5 * tolerance).into());
    } else {
        checks.push(too_few(name, count, FEWEST).into());
    }
    if sample.len() >= 30 && !is_rounded {
        let tails = tails::check("innovations: tails", 0, sample, &standard)?;
        checks.push(tails.with_practical_tolerance(2.5 * tolerance).into());
    }
    Ok(!is_rounded)
}

fn over_time(innovations: &Innovations, tolerance: f64, checks: &mut Vec<Check>) {
    for (lag, sums) in innovations.products.iter().enumerate().take(LAGS) {
        if sums.count == 0.0 {
            continue;
        }
        let name = format!("innovations: autocorrelation over {} saved moves", lag + 1);
        if sums.count < FEWEST {
            if lag == 0 {
                checks.push(too_few(&name, sums.count, FEWEST).into());
            }
            continue;
        }
        let evidence =
            GaussianEvidence { effect_measure: "correlation", ..gaussian_sums::mean(sums, tolerance) };
        checks.push(evidence.named(name).into());
    }
    let [first, second] = &innovations.halves;
    if first.count >= FEWEST_SQUARES && second.count >= FEWEST_SQUARES {
        let name = "innovations: variance of the second half of the moves over that of the first";
        let ratio = gaussian_sums::moment_ratio(second, first, 2.5 * tolerance);
        checks.push(Check::from(ratio.named(name)).with_remark("the noise changes in the course of the run"));
        let standard_error = (1.0 / first.count + 1.0 / second.count).sqrt();
        let difference = second.mean() - first.mean();
        let evidence = GaussianEvidence {
            observed: difference,
            standard_error,
            standardised: difference / standard_error,
            effect: difference,
            sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error },
            count: first.count + second.count,
            ..gaussian_sums::mean(first, 2.5 * tolerance)
        };
        checks.push(evidence.named("innovations: mean of the second half less that of the first").into());
    }
}

/// Sums over replicas, weights and times have the variance of independent numbers.
pub(crate) fn independence(innovations: &Innovations, checks: &mut Vec<Check>) {
    let sums: [(&str, &str, Sums, f64); 3] = [
        (
            "noise: variance of sums over replicas",
            "replicas share part of their noise",
            innovations.over_replicas(),
            innovations.replicas as f64,
        ),
        (
            "noise: variance of sums over weights",
            "weights share part of their noise",
            innovations.over_weights,
            innovations.all.count / innovations.over_weights.count.max(1.0),
        ),
        (
            "noise: variance of sums over times",
            "moves of one weight share part of their noise, or a weight is pushed one way",
            innovations.over_times,
            innovations.all.count / innovations.over_times.count.max(1.0),
        ),
    ];
    for (name, remark, sums, summed) in sums {
        // A sum of one number is the number itself.
        if summed < 1.5 {
            continue;
        }
        let tolerance = SHARED_NOISE_TOLERANCE.max(SHARED_NOISE * (summed - 1.0));
        let evidence = gaussian_sums::any_second_moment(name, &sums, tolerance);
        checks.push(Check::from(evidence).with_remark(remark));
    }
}

/// Evidence that there is too little of.
pub(crate) fn too_few(name: &str, count: f64, needed: f64) -> Evidence {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of numbers")]
    let sample_size = count as u64;
    Evidence {
        observed: count,
        predicted: needed,
        // Spends nothing of the budget; the doubt makes it inconclusive.
        p_value: None,
        effect_measure: "numbers missing",
        effect: 0.0,
        practical_tolerance: 0.0,
        sensitivity: Sensitivity::Rounding { bound: 0.0 },
        sample_size,
        effective_sample_size: count,
        failure: None,
        ..Evidence::failed(name, 0, "")
    }
    .doubted(format!("{count} numbers; it needs {needed}, {:.1} times as many", needed / count.max(1.0)))
}
