//! A preset: every parameter of a reproduction, read from TOML.

use super::ranges;
use super::toml_file;
use glassbox_simulations::protocol::Schedule;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The shipped presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Minutes on two cores.
    Desk,
    /// The paper's own numbers, for a cluster.
    Paper,
}

/// Every parameter of a reproduction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Name, which reports show.
    pub name: String,
    /// What is kept of the paper and what is not.
    pub about: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Bootstrap samples of every interval.
    pub bootstrap_resamples: usize,
    /// Confidence of every interval.
    pub confidence: f64,
    /// Networks whose dynamics are followed.
    pub phases: Phases,
    /// Fig. 1a, b.
    pub phase_diagram: PhaseDiagram,
    /// Fig. A3.
    pub cifar10_phase_diagram: PhaseDiagram,
    /// Fig. 1c.
    pub transition: PhaseDiagram,
    /// Lambda up and down.
    pub hysteresis: Hysteresis,
    /// Fig. 5d.
    pub minibatch: MinibatchRuns,
    /// Regularised networks in single precision.
    pub single_precision: SinglePrecisionRuns,
    /// Regularised networks with more noise.
    pub noise_replicas: NoiseReplicas,
    /// More regularised networks at one temperature, for the tail of the overlap.
    pub tail: TailRuns,
}

/// The phases of the paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phases {
    /// MNIST, lambda > 0.
    pub regularised: Phase,
    /// MNIST, lambda = 0, below the transition.
    pub under_parameterised: Phase,
    /// MNIST, lambda = 0, above it.
    pub over_parameterised: Phase,
    /// CIFAR-10, lambda > 0.
    pub cifar10_regularised: Phase,
    /// CIFAR-10, lambda = 0, below the transition.
    pub cifar10_under_parameterised: Phase,
    /// CIFAR-10, lambda = 0, above it.
    pub cifar10_over_parameterised: Phase,
}

/// Networks of one kind, and how they are followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// `mnist`, `cifar10`, or `own` (the file given with `--data`).
    pub data: String,
    /// Size of the data set that the temperatures belong to: a run has `T samples / reference_samples`.
    pub reference_samples: f64,
    /// Samples `P_D`.
    pub samples: usize,
    /// Width.
    pub width: usize,
    /// Regularisation lambda.
    pub regularisation: f64,
    /// Gain of the initialisation.
    pub gain: f64,
    /// Networks.
    pub initial_conditions: u32,
    /// Learning rate of the quench.
    pub learning_rate: f64,
    /// Samples a minibatch of the quench.
    pub batch_size: usize,
    /// Steps of minibatch descent.
    pub minibatch_steps: u64,
    /// Steps of full-batch descent at each of two rates.
    pub descent_steps: u64,
    /// Mobility mu of the dynamics.
    pub mobility: f64,
    /// Steps of the paper in one of this preset: mobility over the paper's.
    pub steps_of_the_paper: f64,
    /// Temperatures, ascending, for `reference_samples`.
    pub temperatures: Vec<f64>,
    /// Waiting time of Fig. 2b, in steps.
    pub early_waiting_time: u64,
    /// Waiting times, in steps; the first is that of all figures but those on ageing.
    pub waiting_times: Vec<u64>,
    /// Last step.
    pub end: u64,
    /// When frames are saved after each waiting time.
    pub schedule: Schedule,
    /// Half width of the overlap: the paper's sigma / chi.
    pub window: f64,
    /// The same for Fig. 2b.
    pub early_window: f64,
    /// Temperature of Fig. 8.
    pub ageing_temperature: f64,
}

/// Quenches over widths and lambda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseDiagram {
    /// `mnist`, `cifar10` or `own`.
    pub data: String,
    /// Samples `P_D`.
    pub samples: usize,
    /// Widths, ascending.
    pub widths: Vec<usize>,
    /// Values of lambda, ascending.
    pub regularisations: Vec<f64>,
    /// Gains of the initialisation.
    pub gains: Vec<f64>,
    /// Networks of each kind.
    pub initial_conditions: u32,
    /// Learning rate.
    pub learning_rate: f64,
    /// Samples a minibatch.
    pub batch_size: usize,
    /// Steps of minibatch descent.
    pub minibatch_steps: u64,
    /// Steps of full-batch descent at each of two rates.
    pub descent_steps: u64,
}

/// Lambda up and down again, by full-batch descent from the networks of `transition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hysteresis {
    /// Values of lambda on the way up, ascending.
    pub regularisations: Vec<f64>,
    /// Steps at each.
    pub steps: u64,
    /// Learning rate.
    pub learning_rate: f64,
    /// Networks.
    pub initial_conditions: u32,
}

/// Minibatch descent from regularised minima.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinibatchRuns {
    /// Samples a minibatch.
    pub batch_sizes: Vec<usize>,
    /// Networks.
    pub initial_conditions: u32,
}

/// Langevin dynamics of regularised networks in single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SinglePrecisionRuns {
    /// Temperatures, some of the phase's own.
    pub temperatures: Vec<f64>,
    /// Networks.
    pub initial_conditions: u32,
}

/// Further noise for the same networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseReplicas {
    /// One of the phase's temperatures.
    pub temperature: f64,
    /// Runs of each network, the usual one included.
    pub replicas: u32,
}

/// More networks of the regularised phase at one temperature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TailRuns {
    /// One of the phase's temperatures.
    pub temperature: f64,
    /// Networks, those of the phase included.
    pub initial_conditions: u32,
}

/// Why a preset, an experiment or a profile of a cluster cannot be used.
#[derive(Debug, Error)]
pub enum PresetError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Not TOML, or a key with a wrong type, or one that is missing.
    #[error("{path}: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// A key that there is not.
    #[error("{path}: unknown key {key}{hint}")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key, dotted.
        key: String,
        /// A suggestion.
        hint: String,
    },
    /// A value outside its range.
    #[error("{path}: {key} is {value}; it must be {allowed}")]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// The key, dotted.
        key: String,
        /// The value.
        value: String,
        /// The allowed range, in words.
        allowed: &'static str,
    },
}

impl PresetError {
    /// [`OutOfRange`](Self::OutOfRange) in the file `path`.
    pub(super) fn out_of_range(path: &Path) -> impl FnOnce(ranges::OutOfRange) -> Self {
        let path = path.to_owned();
        move |(key, value, allowed)| Self::OutOfRange {
            path,
            key,
            value: toml_file::shortened(&value),
            allowed,
        }
    }
}

impl Scale {
    /// The text of the shipped preset.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Desk => include_str!("../../presets/desk.toml"),
            Self::Paper => include_str!("../../presets/paper.toml"),
        }
    }
}

impl Preset {
    /// A shipped preset.
    ///
    /// # Errors
    /// [`PresetError`] if the shipped file is damaged.
    pub fn shipped(scale: Scale) -> Result<Self, PresetError> {
        Self::parse(
            scale.text(),
            Path::new(match scale {
                Scale::Desk => "presets/desk.toml",
                Scale::Paper => "presets/paper.toml",
            }),
        )
    }

    /// A preset of one's own.
    ///
    /// # Errors
    /// [`PresetError`].
    pub fn read(path: &Path) -> Result<Self, PresetError> {
        Self::parse(&toml_file::text_of(path)?, path)
    }

    /// Reads `text`, which messages call `path`. Unknown keys are errors, with a suggestion.
    ///
    /// # Errors
    /// [`PresetError`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, PresetError> {
        let preset = toml_file::parsed(text, path, Scale::Desk.text())?;
        ranges::check(&preset).map_err(PresetError::out_of_range(path))?;
        Ok(preset)
    }

    /// Puts data of one's own in the place of MNIST and CIFAR-10 everywhere.
    pub fn use_own_data(&mut self) {
        let phases = &mut self.phases;
        for phase in [
            &mut phases.regularised,
            &mut phases.under_parameterised,
            &mut phases.over_parameterised,
            &mut phases.cifar10_regularised,
            &mut phases.cifar10_under_parameterised,
            &mut phases.cifar10_over_parameterised,
        ] {
            "own".clone_into(&mut phase.data);
        }
        for diagram in [&mut self.phase_diagram, &mut self.cifar10_phase_diagram, &mut self.transition] {
            "own".clone_into(&mut diagram.data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(from: &str, to: &str) -> String {
        let text = Scale::Desk.text();
        assert!(text.contains(from), "{from}");
        Preset::parse(&text.replacen(from, to, 1), Path::new("mine.toml")).unwrap_err().to_string()
    }

    #[test]
    fn shipped_presets_are_whole() {
        for scale in [Scale::Desk, Scale::Paper] {
            let preset = Preset::shipped(scale).unwrap();
            // What is read is what a user can write.
            let text = toml::to_string(&preset).unwrap();
            assert_eq!(Preset::parse(&text, Path::new("again.toml")).unwrap(), preset);
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(
            changed("mobility = 1e-2", "mobilty = 1e-2"),
            "mine.toml: unknown key phases.regularised.mobilty; did you mean mobility?"
        );
        assert_eq!(
            changed("width = 8", "width = 0"),
            "mine.toml: phases.regularised.width is 0; it must be at least 1 and at most 10,000"
        );
        assert_eq!(
            changed("confidence = 0.95", "confidence = 1.5"),
            "mine.toml: confidence is 1.5; it must be above 0 and below 1"
        );
        let message = changed("seed = 2405", "seed = \"x\"");
        assert!(
            message.contains("mine.toml: TOML parse error at line") && message.contains("invalid type"),
            "{message}"
        );
        let message = changed("end = 32000\n", "");
        assert!(message.contains("missing field `end`"), "{message}");
        let message = changed("waiting_times = [2000, 5000", "waiting_times = [2000, 50000");
        assert!(message.contains("each below end"), "{message}");
    }

    /// The claims of the desk preset's head.
    #[test]
    fn the_desk_keeps_what_it_says() {
        let (desk, paper) = (Preset::shipped(Scale::Desk).unwrap(), Preset::shipped(Scale::Paper).unwrap());
        let weights = |phase: &Phase| (11 * phase.width + 5 * phase.width * phase.width) as f64;
        let pairs = [
            (&desk.phases.regularised, &paper.phases.regularised),
            (&desk.phases.under_parameterised, &paper.phases.under_parameterised),
            (&desk.phases.over_parameterised, &paper.phases.over_parameterised),
            (&desk.phases.cifar10_regularised, &paper.phases.cifar10_regularised),
            (&desk.phases.cifar10_under_parameterised, &paper.phases.cifar10_under_parameterised),
            (&desk.phases.cifar10_over_parameterised, &paper.phases.cifar10_over_parameterised),
        ];
        for (here, there) in pairs {
            let ratio = |phase: &Phase| weights(phase) / phase.samples as f64;
            // Over-parameterised: above the transition, which moves as P_D^(3/4) from 10,800 weights at 60,000.
            let transition = |phase: &Phase| 10_800.0 * (phase.samples as f64 / 60_000.0).powf(0.75);
            let over = weights(here) > transition(here);
            assert_eq!(over, weights(there) > transition(there));
            assert!(over || (ratio(here) / ratio(there) - 1.0).abs() < 1e-3);
            let reduced = |phase: &Phase, step: u64| phase.mobility * step as f64;
            assert!(
                (reduced(here, here.waiting_times[0]) / reduced(there, there.waiting_times[0]) - 1.0).abs()
                    < 1e-12
            );
            assert!((here.mobility / there.mobility / here.steps_of_the_paper - 1.0).abs() < 1e-12);
            assert_eq!(here.regularisation, there.regularisation);
        }
    }
}
