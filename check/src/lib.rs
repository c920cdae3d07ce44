//! Judges a trajectory that any program wrote: `glassbox check`.
//!
//! Under a linear law the *innovations*, what each move between saved frames has that the law could not foresee, are
//! independent standard Gaussian numbers. Strength of noise and pull, shape, memory, change over time and dependence
//! between replicas and weights all show in them; what is not stated about the law is fitted first. Frames are streamed:
//! a trajectory may be larger than memory.
//!
//! ```
//! use glassbox_check::{ExaminationSettings, ExaminedLaw, FramesInMemory, examine};
//! use glassbox_oracle::inference::StatedParameters;
//! use glassbox_oracle::verdict::{Budget, Outcome};
//! # use glassbox_simulations::noise::{NoiseStream, Purpose};
//! # let mut values = Vec::new();
//! # for replica in 0..16 {
//! #     let mut weights = vec![0.0; 400];
//! #     values.extend_from_slice(&weights);
//! #     for step in 0..50 {
//! #         let mut noise = vec![0.0; 400];
//! #         NoiseStream::new(1, Purpose::Langevin, replica).gaussians(step, &mut noise);
//! #         weights.iter_mut().zip(&noise).for_each(|(w, z)| *w += 0.2 * z);
//! #         values.extend_from_slice(&weights);
//! #     }
//! # }
//! // 16 replicas of 400 weights, saved at steps 0 to 50, that should diffuse with 2 mu T dt/P_D = 0.04.
//! let frames = FramesInMemory::new((0..=50).collect(), 400, values)?;
//! let stated = StatedParameters {
//!     mobility: Some(0.1), temperature: Some(10.0), dataset_size: Some(50.0), step: Some(1.0), ..Default::default()
//! };
//! let settings = ExaminationSettings::new(ExaminedLaw::Free, stated, Budget::new(1e-6)?);
//! let examination = examine(&frames, &settings, "my program")?;
//! assert_eq!(examination.report.outcome(), Outcome::Consistent);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod convention;
mod displacements;
mod error;
mod first_pass;
mod gaussian_sums;
mod identification;
mod innovation_checks;
mod innovations;
mod interleaved;
mod lanes;
mod layers;
mod limits;
mod noise_checks;
mod noise_search;
mod repeated_frames;
mod settings;
mod slips;
mod source;
mod step_law;
mod summary;
mod trajectory_file;

pub use convention::Convention;
pub use error::ExaminationError;
pub use settings::{ExaminationSettings, ExaminedLaw};
pub use source::{FramesInMemory, Source, SourceError, Visitor};

use check::{Check, Part};
use displacements::Places;
use first_pass::{Drift, FirstLane, FirstPass};
use glassbox_oracle::verdict::Evidence;
use glassbox_oracle::{Number, Scheme};
use glassbox_reports::{Report, Run, Section};
use glassbox_trajectories::trajectory::Piece;
use identification::{Identification, Unknown, identify, mobility_step};
use innovations::{Innovations, Plan, Rule};
use limits::Rounding;
use noise_checks::Noise;
use step_law::{Numbers, StepLaw};

/// What an examination has found.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Verdicts and figures.
    pub report: Report,
    /// The parameters in glassbox's terms, what was inferred, and known slips: lines for a reader.
    pub remarks: Vec<String>,
}

/// Examines a trajectory; `command` is what repeats the examination.
///
/// # Errors
/// [`ExaminationError`] for a trajectory that cannot be read or options that do not fit it. A trajectory that is wrong, or
/// too short to decide, is a verdict.
pub fn examine(
    source: &dyn Source,
    settings: &ExaminationSettings,
    command: &str,
) -> Result<Examination, ExaminationError> {
    let layers = settings.layers.as_deref().or_else(|| source.layers()).unwrap_or_default().to_vec();
    refuse(source, settings, &layers)?;
    let alone = |part: Part| {
        let remarks = vec![summary::outline(source)];
        Ok(Examination { report: report(settings, command, vec![part], &remarks)?, remarks })
    };
    match read(source, settings, &layers) {
        Ok(Read::All(readings)) => judge(source, settings, command, &layers, *readings),
        Ok(Read::Beyond(part)) => alone(part),
        Err(ExaminationError::Source(error @ SourceError::NotFinite { .. })) => {
            alone(limits::of_number(&error))
        }
        Err(error) => Err(error),
    }
}

/// What the readings of a trajectory found.
struct Readings {
    pass: FirstPass,
    found: Identification,
    rule: Rule,
    innovations: Innovations,
    places: Places,
}

/// What came of reading a trajectory.
enum Read {
    All(Box<Readings>),
    /// Numbers that no test can judge: a verdict of their own.
    Beyond(Part),
}

/// Reads a trajectory as often as needed: once where the law's numbers are known before, twice where they are fitted.
fn read(
    source: &dyn Source,
    settings: &ExaminationSettings,
    layers: &[std::ops::Range<usize>],
) -> Result<Read, ExaminationError> {
    let drift = Drift::of(settings.law, source, mobility_step(&settings.stated));
    let mut places = Places::new(source);
    let mut watch = |piece: &Piece<'_>| places.add(piece);
    let known = match drift {
        Drift::Unknown => Some(Rule::Differences),
        // A law that no double holds is told after what the weights show.
        _ => identification::stated_numbers(settings, drift)
            .and_then(|numbers| rule(source, settings, drift, Some(numbers)).ok()),
    };
    let plan = known.map(|rule| Plan::new(source, rule, layers.to_vec()));
    let numbers = plan.as_ref().map_or(0, Plan::numbers_per_weight);
    let make = |weights: std::ops::Range<usize>| {
        let first = FirstLane::new(source, drift, weights.len());
        (first, plan.as_ref().map(|plan| plan.lane(weights)))
    };
    let lanes = lanes::walk(source, numbers, make, &mut watch)?;
    let (first, of_plan): (Vec<_>, Vec<_>) = lanes.into_iter().unzip();
    let pass = first_pass::merge(source, first)?;
    complete(source, &pass)?;
    if let Some(part) = limits::of_moves(source, &pass) {
        return Ok(Read::Beyond(part));
    }
    let law = identify(settings, drift, &pass.transitions)
        .and_then(|found| Ok((rule(source, settings, drift, found.numbers)?, found)));
    let (rule, mut found) = match law {
        Ok(law) => law,
        Err(error) => return limits::of_stated_law(settings, &error).map(Read::Beyond).ok_or(error),
    };
    let innovations = match &plan {
        Some(plan) => plan.merge(of_plan.into_iter().flatten().collect()),
        None => {
            let plan = Plan::new(source, rule.clone(), layers.to_vec());
            let lanes =
                lanes::walk(source, plan.numbers_per_weight(), |weights| plan.lane(weights), &mut |_| {})?;
            plan.merge(lanes)
        }
    };
    // A factor that is hardly a double explains nothing that a reader could mend.
    found.explanations.retain(|one| {
        one.factor.standard_error.is_finite() && (1e-150..1e150).contains(&one.factor.value.abs())
    });
    if let Some(part) = limits::of_innovations(&innovations) {
        return Ok(Read::Beyond(part));
    }
    Ok(Read::All(Box::new(Readings { pass, found, rule, innovations, places })))
}

/// The verdicts on what was read.
fn judge(
    source: &dyn Source,
    settings: &ExaminationSettings,
    command: &str,
    layers: &[std::ops::Range<usize>],
    readings: Readings,
) -> Result<Examination, ExaminationError> {
    let Readings { pass, found, rule, innovations, places } = readings;
    let mut parts = Vec::new();
    let deviation = match &rule {
        Rule::Linear(law) => shortest_deviation(law, source),
        Rule::Gradient { deviation, .. } => Some(*deviation),
        Rule::Differences => None,
    };
    let rounding = Rounding::of(&pass, deviation);
    let noise = Noise {
        pass: &pass,
        weights: source.weights(),
        innovations: &innovations,
        has_law: rule.is_law(),
        deviation,
        rounding_share: rounding.share,
    };
    let coarse = noise.is_too_coarse();
    if rule.is_law() && !coarse {
        parts.push(innovation_checks::part(settings, &found, &innovations, layers.len(), &rounding)?);
    } else if coarse || settings.law != ExaminedLaw::None {
        parts.push(undecided(&found, coarse.then_some(rounding.words)));
    }
    parts.push(noise_checks::part(&noise));
    if let Rule::Linear(law) = &rule
        && !coarse
    {
        match displacements::part(source.times(), settings, law, pass.first_square, &places) {
            Ok(part) => parts.push(part),
            // The law holds for a move, and no double holds it for the longest lag.
            Err(error) => parts.push(limits::of_stated_law(settings, &error).ok_or(error)?),
        }
    }
    let steps = layers::Steps {
        mobility_step: mobility_step(&found.completed),
        noise_variance: stated_noise(&found),
        mean_square: pass.still.root_mean_square().powi(2),
    };
    parts.extend(layers::part(source, settings, layers, steps)?);
    let remarks = summary::remarks(source, settings, &rule, &found)?;
    Ok(Examination { report: report(settings, command, parts, &remarks)?, remarks })
}

/// Options that contradict each other or the trajectory.
fn refuse(
    source: &dyn Source,
    settings: &ExaminationSettings,
    layers: &[std::ops::Range<usize>],
) -> Result<(), ExaminationError> {
    let refused = |message: String| Err(ExaminationError::Options(message));
    layers::validate(layers, source.weights())?;
    if source.times().len() < 2 {
        return refused(
            "the trajectory has a single frame; nothing moves in it, at least 2 are needed".to_owned(),
        );
    }
    if settings.scheme == Scheme::LeimkuhlerMatthews && settings.law != ExaminedLaw::None {
        let message = "--scheme leimkuhler-matthews: its steps share their noise, so that saved weights are no Markov chain \
                       and have no innovations; choose another scheme or --law none";
        return refused(message.to_owned());
    }
    let in_range = [
        (
            "tolerance",
            ExaminationSettings::TOLERANCES.contains(&settings.tolerance),
            settings.tolerance,
            "at least 1e-12 and at most 1",
        ),
        (
            "half-width",
            settings.half_width.is_none_or(|one| one > 0.0),
            settings.half_width.unwrap_or(1.0),
            "finite and above 0",
        ),
        ("regularisation", settings.regularisation >= 0.0, settings.regularisation, "finite and at least 0"),
    ];
    for (name, holds, value, range) in in_range {
        if !(holds && value.is_finite()) {
            return refused(format!("--{name} is {}; it must be {range}", Number::from(value)));
        }
    }
    for parameter in glassbox_oracle::inference::Parameter::ALL {
        let stiffness = parameter == glassbox_oracle::inference::Parameter::Stiffness;
        if let Some(value) = settings.stated.get(parameter) {
            if !(value.is_finite() && (stiffness || value > 0.0)) {
                let range = if stiffness { "finite" } else { "finite and above 0" };
                let name = parameter.to_string().replace('_', "-");
                return refused(format!("--{name} is {}; it must be {range}", Number::from(value)));
            }
            if stiffness && matches!(settings.law, ExaminedLaw::Free | ExaminedLaw::None) {
                return refused(format!(
                    "--stiffness {}: the law {} has no stiffness",
                    Number::from(value),
                    settings.law
                ));
            }
        }
    }
    Ok(())
}

/// Every replica must have every frame: an average over those that came through would be biased.
fn complete(source: &dyn Source, pass: &FirstPass) -> Result<(), ExaminationError> {
    let frames = source.times().len();
    match pass.frames.iter().position(|count| *count != frames) {
        None => Ok(()),
        Some(replica) => {
            let count = pass.frames[replica];
            let message = format!("replica {replica} has {count} frames; the times are {frames}");
            Err(ExaminationError::Shape(message))
        }
    }
}

fn rule(
    source: &dyn Source,
    settings: &ExaminationSettings,
    drift: Drift,
    numbers: Option<Numbers>,
) -> Result<Rule, ExaminationError> {
    let Some(numbers) = numbers else { return Ok(Rule::Differences) };
    Ok(match drift {
        Drift::Linear => Rule::Linear(StepLaw::new(numbers, settings.scheme, source.times())?),
        Drift::Gradient(product) => Rule::Gradient { product, deviation: numbers.noise_variance.sqrt() },
        Drift::Unknown => Rule::Differences,
    })
}

fn shortest_deviation(law: &StepLaw, source: &dyn Source) -> Option<f64> {
    let gaps = source.times().windows(2).filter_map(|pair| law.gap(pair[1] - pair[0]));
    gaps.map(|gap| gap.deviation).reduce(f64::min)
}

/// `2 mu T dt / P_D` of one step.
fn stated_noise(found: &Identification) -> Option<f64> {
    if let Some(numbers) = found.numbers {
        return Some(numbers.noise_variance);
    }
    let stated = found.completed;
    Some(2.0 * stated.mobility? * stated.temperature? * stated.step? / stated.dataset_size?)
}

/// Why the innovations were not tested.
fn undecided(found: &Identification, rounding: Option<String>) -> Part {
    let mut part = Part::new("innovations", "Innovations", "They could not be tested.");
    let name = "innovations: strength and shape of the noise";
    let doubted = |doubt: String| Check::from(innovation_checks::too_few(name, 0.0, 1.0).doubted(doubt));
    let check = match &found.gap {
        _ if let Some(rounding) = rounding => doubted(rounding),
        Some(Unknown::NoNoise(reason)) => {
            let nothing = innovation_checks::too_few(name, 0.0, 1.0);
            Evidence { failure: Some(reason.clone()), ..nothing }.into()
        }
        Some(Unknown::TooShort(reason) | Unknown::Parameters(reason)) => doubted(reason.clone()),
        None => doubted("the law's numbers are not known".to_owned()),
    };
    part.checks.push(check);
    part
}

fn report(
    settings: &ExaminationSettings,
    command: &str,
    parts: Vec<Part>,
    remarks: &[String],
) -> Result<Report, ExaminationError> {
    let mut run = Run::new(env!("CARGO_PKG_VERSION"), command, "check", 0, settings.budget.total())?;
    for (index, remark) in remarks.iter().enumerate() {
        run = run.with_fact(format!("Remark {}", index + 1), remark);
    }
    let (mut sections, mut checks, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let mut section = Section::new(part.id, part.title, part.statement)?;
        section.comparisons = part.comparisons;
        counts.push(part.checks.len());
        checks.extend(part.checks);
        sections.push(section);
    }
    let mut verdicts = check::judge(&settings.budget, checks).into_iter();
    let mut report = Report::new("glassbox check", run);
    for (mut section, count) in sections.into_iter().zip(counts) {
        section.verdicts.extend(verdicts.by_ref().take(count));
        report = report.with_section(section);
    }
    report.validate()?;
    Ok(report)
}

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
