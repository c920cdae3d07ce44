//! A report with made-up but realistic content: curves of free diffusion, Gaussian noise, all kinds of verdicts.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a sample that cannot be made fails its test")]

use glassbox_oracle::verdict::{Outcome, Verdict};
use glassbox_reports::{Axis, Comparison, Curve, Observed, Palette, Report, Run, Section, Series};

const X90: f64 = 1.163_087_153_677;

/// Gaussian numbers from a linear congruential generator: good enough to look at.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub(crate) fn gaussian(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn logarithmic(first: f64, last: f64, count: i32) -> impl Iterator<Item = f64> {
    (0..count).map(move |index| first * (last / first).powf(f64::from(index) / f64::from(count - 1)))
}

fn measured(noise: &mut Noise, at: f64, predicted: f64, standard_error: f64) -> Observed {
    Observed { at, observed: predicted + standard_error * noise.gaussian(), standard_error, predicted }
}

pub(crate) fn overlap() -> Comparison {
    let mut noise = Noise(1);
    let mut figure = Comparison::new(
        "free-overlap",
        "Overlap of free diffusion at five temperatures",
        "Each curve is erf(x₉₀/√(t/τ₉₀)); temperatures rise from cold to hot by a factor of ten.",
        Axis::logarithmic("time since the waiting time (steps)"),
        Axis::linear("overlap Q(t)"),
    )
    .unwrap()
    .with_palette(Palette::Sequence);
    for index in 0..5 {
        let relaxation = 10f64.powi(4 - i32::try_from(index).unwrap());
        let law = |time: f64| libm::erf(X90 / (time / relaxation).sqrt());
        let label =
            format!("T = 10{}", glassbox_reports::numbers::superscript(i32::try_from(index).unwrap() - 7));
        figure = figure
            .with_law(Curve::prediction(
                &label,
                logarithmic(1.0, 3e5, 200).map(|t| (t, law(t))).collect(),
                index,
            ))
            .with_series(Series::new(
                &label,
                logarithmic(1.0, 3e5, 14)
                    .map(|t| measured(&mut noise, t, law(t), 0.004 + 0.02 * law(t) * (1.0 - law(t))))
                    .collect(),
                index,
            ));
    }
    figure
}

pub(crate) fn mean_squared_displacement() -> Comparison {
    let mut noise = Noise(2);
    let law = |time: f64| 2.0 * 1.6e-9 * (1.0 - (-2e-4 * time).exp()) / 2e-4 * 0.5;
    let broad = |time: f64| 2.0 * 1.6e-9 * time * 0.5;
    let points = logarithmic(1.0, 1e5, 18)
        .map(|t| measured(&mut noise, t, law(t), law(t) * if t < 3.0 { 1.3 } else { 0.06 }))
        .collect();
    Comparison::new(
        "well-msd",
        "Mean squared displacement in a quadratic well",
        "The Euler–Maruyama law saturates; free diffusion (dashed) does not.",
        Axis::logarithmic("time (steps)"),
        Axis::logarithmic("mean squared displacement"),
    )
    .unwrap()
    .with_law(Curve::prediction(
        "law of the steps",
        logarithmic(1.0, 1e5, 200).map(|t| (t, law(t))).collect(),
        0,
    ))
    .with_law(Curve::dashed(
        "free diffusion (null model)",
        logarithmic(1.0, 1e8, 200).map(|t| (t, broad(t))).collect(),
        1,
    ))
    .with_series(Series::new("simulation, 512 replicas", points, 0))
}

pub(crate) fn biased_density() -> Comparison {
    let mut noise = Noise(3);
    let density = |x: f64| (-0.5 * (x + 3.0).powi(2) / 0.16).exp();
    let grid = |count: i32| (0..count).map(move |index| -5.0 + 4.0 * f64::from(index) / f64::from(count - 1));
    let points = grid(30)
        .map(|x| {
            let point = measured(&mut noise, x, density(x), 0.012);
            Observed { observed: point.observed + 0.25 * density(x) * (x + 3.0), ..point }
        })
        .chain([Observed { at: -2.0, observed: f64::NAN, standard_error: 0.1, predicted: 0.1 }])
        .collect();
    Comparison::new(
        "displacement-density",
        "Density of log₁₀|Δw| after 2×10⁵ steps, with a biased integrator that moves weights a little too far",
        "A deviation in shape is visible in the residuals long before it is visible above.",
        Axis::linear("log₁₀ of the absolute displacement"),
        Axis::linear("probability density (per decade), normalised to its peak"),
    )
    .unwrap()
    .with_law(Curve::prediction("law", grid(200).map(|x| (x, density(x))).collect(), 2))
    .with_series(Series::new("simulation <biased & bold>", points, 1))
}

pub(crate) fn verdict(name: &str, outcome: Outcome, difference: Option<f64>, share: f64) -> Verdict {
    let p_value = difference.map(|z: f64| libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2));
    Verdict {
        name: name.to_owned(),
        outcome,
        reason: match outcome {
            Outcome::Consistent => "p above its share and the tolerance would have been seen",
            Outcome::Inconclusive => "a bias as large as the tolerance could have been missed",
            Outcome::Inconsistent => "p below its share of the false-alarm budget",
        }
        .to_owned(),
        observed: 0.842_7 + 0.000_31 * difference.unwrap_or(0.0),
        predicted: 0.842_7,
        standard_error: difference.map(|_| 3.1e-4),
        difference_in_standard_errors: difference,
        p_value,
        false_alarm_probability: share,
        effect_measure: "relative difference".to_owned(),
        effect: 3.7e-4 * difference.unwrap_or(0.0).abs(),
        practical_tolerance: 0.01,
        smallest_visible_effect: if outcome == Outcome::Inconclusive { 0.021 } else { 2.6e-3 },
        sample_size: 1_048_576,
        effective_sample_size: 262_144.3,
        seed: 20_240_513,
        parameter_deviations: Vec::new(),
    }
}

pub(crate) fn report() -> Report {
    let mut noise = Noise(4);
    let run = Run::new("0.1.0", "glassbox verify --level full --seed 20240513", "full", 20_240_513, 1e-6)
        .unwrap()
        .with_fact("Instruction set", "avx2")
        .with_fact("Precision", "strict (f64 weights)");
    let mut free = Section::new(
        "free-diffusion",
        "Free diffusion",
        "Without a landscape, displacements are Gaussian with variance 2Dt. The overlap is an error function, the mean squared displacement is linear, and the non-Gaussian parameter is zero.",
    )
    .unwrap()
    .with_comparison(overlap());
    for time in [1, 10, 100, 1000, 10_000] {
        for quantity in ["overlap", "mean squared displacement", "non-Gaussian parameter", "motility density"]
        {
            let name = format!("free diffusion, {time} steps: {quantity}");
            free.verdicts.push(verdict(&name, Outcome::Consistent, Some(noise.gaussian()), 1e-8));
        }
    }
    let mut well = Section::new(
        "quadratic-well",
        "Quadratic well, Euler–Maruyama",
        "The Euler–Maruyama chain in a quadratic well has a closed law at any step size. A deviation from it is not step bias.",
    )
    .unwrap()
    .with_comparison(mean_squared_displacement())
    .with_comparison(biased_density())
    .with_verdict(verdict("well: stationary variance", Outcome::Consistent, Some(0.4), 2e-8))
    .with_verdict(verdict("well: displacement density after 200 000 steps, whole distribution", Outcome::Inconsistent, Some(9.3), 2e-8))
    .with_verdict(verdict("well: mean after quench", Outcome::Inconsistent, Some(-212.0), 2e-8))
    .with_verdict(verdict("well: overlap at the relaxation time", Outcome::Inconclusive, Some(2.1), 1e-7));
    well.verdicts.push(Verdict {
        observed: f64::NAN,
        difference_in_standard_errors: Some(f64::NAN),
        p_value: Some(f64::NAN),
        ..verdict("well: fourth moment", Outcome::Inconclusive, Some(0.0), 2e-8)
    });
    let balance = Section::new(
        "layer-balance",
        "Layer balance of bias-free ReLU networks",
        "The products w·∇L of all layers are equal, for any data and weights.",
    )
    .unwrap()
    .with_verdict(verdict("balance: layers 1 and 2", Outcome::Consistent, None, 1e-9))
    .with_verdict(verdict("balance: layers 2 and 3", Outcome::Consistent, None, 1e-9));
    Report::new("glassbox verification", run).with_section(free).with_section(well).with_section(balance)
}

/// A report small enough to be shown whole: one check of each value, and a section without checks.
pub(crate) fn small() -> Report {
    let run = Run::new("0.1.0", "glassbox verify", "quick", 7, 1e-6).unwrap().with_fact("Precision", "f64");
    let odd = Verdict {
        observed: f64::NAN,
        difference_in_standard_errors: None,
        ..verdict(
            "a check whose name is far too long to be shown on one line of a table",
            Outcome::Inconclusive,
            Some(0.5),
            1e-7,
        )
    };
    let section = Section::new("free", "Free diffusion", "Displacements are Gaussian.")
        .unwrap()
        .with_verdict(verdict("overlap", Outcome::Consistent, Some(-0.25), 1e-7))
        .with_verdict(odd)
        .with_verdict(verdict("mean", Outcome::Inconsistent, Some(60.0), 1e-7));
    Report::new("Small", run)
        .with_section(section)
        .with_section(Section::new("empty", "Nothing", "").unwrap())
}
