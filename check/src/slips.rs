//! Known slips: factors by which noise or pull are wrong when a convention is misread.

use super::ExaminationError;
use super::identification::Ratios;
use glassbox_oracle::inference::{Estimate, StatedParameters};

/// The interval in which a slip's factor must lie covers the true ratio with this probability.
const COVERAGE: f64 = 0.999;

/// A ratio less certain than this names no slip.
const LARGEST_ERROR: f64 = 0.05;

/// Diagnoses of ratios of fitted to stated numbers, in words: empty where both may be 1, or no slip is known.
pub(crate) fn diagnose(ratios: &Ratios, stated: &StatedParameters) -> Result<Vec<String>, ExaminationError> {
    let mut found = explain("noise variance of a step", ratios.noise, &noise_slips(stated))?;
    if let Some(rate) = ratios.rate {
        found.extend(explain("pull towards the bottom", rate, &rate_slips(stated))?);
    }
    Ok(found)
}

fn explain(what: &str, ratio: Estimate, slips: &[(f64, &str)]) -> Result<Vec<String>, ExaminationError> {
    let (low, high) = ratio.interval(COVERAGE)?;
    let holds = |factor: f64| low <= factor && factor <= high;
    if holds(1.0) || ratio.standard_error > LARGEST_ERROR * ratio.value.abs() {
        return Ok(Vec::new());
    }
    let named = slips.iter().filter(|(factor, _)| holds(*factor) && *factor != 1.0);
    let found = named.map(|(factor, meaning)| {
        format!(
            "the {what} is {:.4} ± {:.2e} times what was stated, which fits a factor of {factor:.4}: {meaning}",
            ratio.value, ratio.standard_error
        )
    });
    Ok(found.collect())
}

fn noise_slips(stated: &StatedParameters) -> Vec<(f64, &'static str)> {
    let mut slips = vec![
        (2.0, "a factor 2 too much in the variance (amplitude √2 times too large)"),
        (
            0.5,
            "the factor 2 of 2 mu T dt / P_D is missing, or noise of the half convention with a full drift",
        ),
        (2.0_f64.sqrt(), "√2 in the variance: a fourth root where a square root belongs"),
        (0.5_f64.sqrt(), "1/√2 in the variance: a fourth root where a square root belongs"),
        (4.0, "the amplitude is doubled: a factor 2 outside the square root"),
        (0.25, "the amplitude is halved: a factor 1/2 outside the square root"),
    ];
    if let Some(size) = stated.dataset_size {
        slips.push((size, "the noise is not divided by the data set size P_D"));
        slips.push((1.0 / size, "the noise is divided by the data set size P_D twice"));
    }
    if let Some(temperature) = stated.temperature {
        slips.push((temperature, "T² in place of T: the amplitude has T where √T belongs"));
        slips.push((1.0 / temperature, "the temperature does not enter the noise"));
        slips.push((
            temperature.powi(-2),
            "1/T in place of T: the inverse temperature was used as temperature",
        ));
    }
    if let (Some(mobility), Some(step)) = (stated.mobility, stated.step) {
        slips.push((mobility * step, "the amplitude has mu dt where √(mu dt) belongs"));
        slips.push((1.0 / (mobility * step), "mu dt does not enter the noise"));
        slips.push((0.5 / (mobility * step), "neither 2 nor mu dt enter the noise"));
    }
    slips
}

fn rate_slips(stated: &StatedParameters) -> Vec<(f64, &'static str)> {
    let mut slips = vec![
        (
            2.0,
            "the drift is doubled: a gradient of k w² in place of k w²/2, or a half convention read as full",
        ),
        (
            0.5,
            "the drift is halved: the step of the half convention (Welling and Teh) with parameters of the full one",
        ),
        (-1.0, "the sign of the gradient is turned"),
    ];
    if let Some(size) = stated.dataset_size {
        slips.push((size, "the gradient is that of the summed loss, P_D times the mean"));
        slips.push((1.0 / size, "the gradient is divided by the data set size P_D once too often"));
    }
    if let Some(mobility) = stated.mobility {
        slips.push((mobility, "the mobility enters the drift twice"));
        slips.push((1.0 / mobility, "the mobility does not enter the drift"));
    }
    slips
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated() -> StatedParameters {
        StatedParameters {
            mobility: Some(0.1),
            temperature: Some(0.5),
            dataset_size: Some(50.0),
            stiffness: Some(1.0),
            step: Some(1.0),
        }
    }

    fn estimate(value: f64, relative: f64) -> Estimate {
        Estimate::new(value, relative * value.abs(), None)
    }

    fn diagnoses(noise: f64, rate: f64) -> Vec<String> {
        let ratios = Ratios { noise: estimate(noise, 0.003), rate: Some(estimate(rate, 0.003)) };
        diagnose(&ratios, &stated()).unwrap()
    }

    #[test]
    fn slips_are_named_and_nothing_else() {
        assert_eq!(diagnoses(1.004, 0.995), Vec::<String>::new());
        assert_eq!(diagnoses(1.07, 1.0), Vec::<String>::new());
        let half = diagnoses(0.501, 1.0);
        // T = 1/2 gives the same factor: both are named.
        assert_eq!(half.len(), 2);
        assert!(half[0].contains("the factor 2 of 2 mu T dt / P_D is missing"), "{}", half[0]);
        assert!(half[1].contains("T² in place of T"));
        assert!(diagnoses(50.2, 1.0)[0].contains("not divided by the data set size"));
        assert!(diagnoses(1.0, 0.4995)[0].contains("Welling and Teh"));
        assert!(diagnoses(1.0, -1.0)[0].contains("sign of the gradient"));
    }

    #[test]
    fn an_uncertain_ratio_names_nothing() {
        let ratios = Ratios { noise: estimate(2.0, 0.1), rate: None };
        assert_eq!(diagnose(&ratios, &stated()).unwrap(), Vec::<String>::new());
    }
}
