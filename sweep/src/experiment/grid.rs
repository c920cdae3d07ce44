//! Experiments of one's own: which networks are quenched and how they are followed, as products of lists (TOML).
//!
//! `docs/experiments.md` describes the file. What an experiment stands for are its [`tasks`](Experiment::tasks): independent,
//! each known by its content alone.

mod blocks;
mod check;
mod motion;
mod one_or_many;
mod plan;

#[cfg(test)]
mod properties;

use super::preset::PresetError;
use super::toml_file;
use glassbox_simulations::protocol::Task;
use serde::{Deserialize, Serialize};
use std::path::Path;

pub use blocks::{Langevin, MinibatchDescentRuns, Networks, Precision, RegularisationPath};
pub use one_or_many::OneOrMany;

/// Networks, and what is done with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Name, which manifests and tables show.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub about: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Blocks of networks.
    pub networks: Vec<Networks>,
}

/// A task of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What is computed.
    pub task: Task,
    /// Half width of the overlap, where one was given: it decides no result, only how it is looked at.
    pub half_width: Option<f64>,
}

impl Experiment {
    /// The experiment of a file.
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
        let experiment = toml_file::parsed(text, path, EVERY_KEY)?;
        check::check(&experiment).map_err(PresetError::out_of_range(path))?;
        Ok(experiment)
    }

    /// Whether some networks are on data of one's own.
    #[must_use]
    pub fn needs_own_data(&self) -> bool {
        self.networks.iter().any(|networks| networks.data == "own")
    }
}

/// Every key once, for suggestions.
const EVERY_KEY: &str = include_str!("grid/every_key.toml");

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Experiment, String> {
        Experiment::parse(text, Path::new("mine.toml")).map_err(|error| error.to_string())
    }

    fn changed(from: &str, to: &str) -> String {
        assert!(EVERY_KEY.contains(from), "{from}");
        parse(&EVERY_KEY.replacen(from, to, 1)).unwrap_err()
    }

    #[test]
    fn what_is_read_can_be_written_again() {
        let experiment = parse(EVERY_KEY).unwrap();
        let text = toml::to_string(&experiment).unwrap();
        assert_eq!(parse(&text).unwrap(), experiment);
    }

    #[test]
    fn counts_by_hand() {
        let experiment = parse(EVERY_KEY).unwrap();
        // Four kinds of three networks. For each network: Langevin runs once at T = 0 and twice at 1e-4, in two precisions;
        // two batch sizes twice; one path.
        assert_eq!((experiment.starts(), experiment.count()), (12, 12 * (1 + 6 + 4 + 1)));
        assert_eq!(experiment.tasks(None).count(), 144);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, message) in [
            ("width =", "widht =", "unknown key networks[0].widht; did you mean width?"),
            (
                "temperature =",
                "temperatures =",
                "unknown key networks[0].langevin[0].temperatures; did you mean temperature?",
            ),
            (
                "[[networks.minibatch]]",
                "[[networks.minibatches]]",
                "unknown key networks[0].minibatches; did you mean minibatch?",
            ),
            (
                "[0.0, 1e-4]",
                "[0.0, -1]",
                "networks[0].langevin[0].temperature is -1; it must be finite and at least 0",
            ),
            ("[4, 8]", "[4, 8, 4]", "networks[0].width is 4 twice; it must be a list with each value once"),
            (
                "[0.0, 0.01]",
                "[0.0, -0.0]",
                "networks[0].regularisation is -0.0 twice; it must be a list with each value once",
            ),
            ("[4, 8]", "[]", "networks[0].width is []; it must be one or more values"),
            (
                "samples = 600",
                "samples = 60001",
                "networks[0].samples is 60001; it must be at least 2 and at most 60,000, which MNIST has",
            ),
            (
                "initial_conditions = 3",
                "initial_conditions = 0",
                "networks[0].initial_conditions is 0; it must be at least 1 and at most 1,000,000",
            ),
            (
                "[10, 100]\nend",
                "[100, 10]\nend",
                "networks[0].langevin[0].waiting_times is [100, 10]; it must be one or more, ascending, each below end",
            ),
            (
                "per_decade = 10",
                "per_decade = 0",
                "networks[0].minibatch[0].schedule.logarithmic.per_decade is 0; it must be at least 1 and at most 1,000",
            ),
            (
                "0.01, 0.1]",
                "0.01, nan]",
                "networks[0].regularisation_path[0].regularisations is NaN; it must be finite and at least 0",
            ),
        ] {
            assert_eq!(changed(from, to), format!("mine.toml: {message}"));
        }
        let message = changed("[\"double\", \"single\"]", "\"quad\"");
        assert!(
            message.contains("line 19")
                && message.contains("unknown variant `quad`, expected `double` or `single`"),
            "{message}"
        );
        let message =
            parse(&EVERY_KEY.replacen("noise_replicas = 2", "noise_replicas = 1000000", 1).replacen(
                "conditions = 3",
                "conditions = 10",
                1,
            ))
            .unwrap_err();
        assert_eq!(message, "mine.toml: the number of tasks is 160000240; it must be at most 100,000,000");
        let message = changed("gain = 1.0\n", "");
        assert!(message.contains("missing field `gain`"), "{message}");
    }

    /// Each example file, with the numbers of its head.
    #[test]
    fn shipped_examples_are_whole() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments"));
        let mut read: Vec<(String, u64, u64)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let experiment = Experiment::read(&path).unwrap();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, experiment.starts(), experiment.count())
            })
            .collect();
        read.sort_unstable();
        let expected =
            [("hysteresis.toml", 4, 24), ("phase-diagram.toml", 216, 216), ("relaxation.toml", 40, 560)];
        assert_eq!(read, expected.map(|(name, starts, count)| (name.to_owned(), starts, count)));
    }
}
