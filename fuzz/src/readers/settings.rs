//! Settings in TOML: experiments, presets, profiles of clusters.

use super::trajectory::only_file;
use crate::case::Case;
use crate::mutation::{Mutator, damage_text};
use crate::reader::{Accepted, Damage, Input, Reader, donors};
use glassbox_sweep::experiment::{Experiment, Preset};
use glassbox_sweep::slurm::{Options, Settings};

/// A message about TOML shows the line of the mistake and points at it.
const LINES: usize = 8;

/// Experiments, and their first tasks.
pub(super) const EXPERIMENT: Reader = Reader {
    name: "experiment",
    corpus: "experiment",
    trials: 1000,
    lines: LINES,
    input: Input::Files,
    damage,
    read: |folder, _| {
        let experiment = Experiment::read(&only_file(folder)).map_err(|error| error.to_string())?;
        // As `sweep plan` asks, which writes each task as it comes.
        let (count, starts) = (experiment.count(), experiment.starts());
        let digest = "0".repeat(64);
        let tasks: Vec<String> =
            experiment.tasks(Some(&digest)).take(200).map(|planned| planned.task.identifier()).collect();
        assert!(
            starts <= count && tasks.len() as u64 <= count,
            "{starts} starts and {} tasks of {count}",
            tasks.len()
        );
        Ok(Accepted::default())
    },
};

/// Presets of `reproduce`.
pub(super) const PRESET: Reader = Reader {
    name: "preset",
    corpus: "preset",
    trials: 500,
    lines: LINES,
    input: Input::Files,
    damage,
    read: |folder, _| {
        Preset::read(&only_file(folder)).map(|_| Accepted::default()).map_err(|error| error.to_string())
    },
};

/// Profiles of clusters.
pub(super) const CLUSTER_PROFILE: Reader = Reader {
    name: "cluster-profile",
    corpus: "cluster-profile",
    trials: 1000,
    lines: LINES,
    input: Input::Files,
    damage,
    read: |folder, _| {
        let settings = Settings::read(&only_file(folder)).map_err(|error| error.to_string())?;
        let mut accepted = Accepted::default();
        // What the settings say together: its message names the key, the file was named for each value before.
        accepted.sayings.extend(Options::new(settings).err().map(|error| error.to_string()));
        Ok(accepted)
    },
};

fn damage(mutator: &mut Mutator, case: &mut Case, cases: &[Case]) -> Damage {
    let bytes = &mut case.files[0].1;
    if mutator.one_in(5) {
        mutator.damage_bytes(bytes, &donors(cases, ""));
    } else {
        damage_text(mutator, bytes);
    }
    Damage::Any
}
