//! What a user says about a cluster, in a profile or in options.

use super::options::Problem;
use crate::experiment::{PresetError, toml_file};
use serde::Deserialize;
use std::path::Path;
use thiserror::Error;

/// Settings that cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file, or a key of it.
    #[error(transparent)]
    Profile(#[from] PresetError),
    /// A value that Slurm or a script could not take.
    #[error("{place} is {value}; it must be {allowed}")]
    Value {
        /// The option, or the profile and its key.
        place: String,
        /// What was given.
        value: String,
        /// What may be given.
        allowed: String,
    },
}

/// What may be said about a cluster; what is not said is the cluster's own default, or that of [`Options`](super::Options).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Partition, or several with commas.
    pub partition: Option<String>,
    /// Account that is charged.
    pub account: Option<String>,
    /// Time limit of an element, in a format of Slurm.
    pub time: Option<String>,
    /// Memory of an element, such as 2G.
    pub memory: Option<String>,
    /// Threads of an element.
    pub cpus_per_task: Option<u64>,
    /// Quality of service.
    pub quality_of_service: Option<String>,
    /// Estimated core-minutes that an element is filled up to.
    pub chunk_minutes: Option<f64>,
    /// Elements of an array that may run at the same time.
    pub simultaneous: Option<u64>,
    /// Seconds before the time limit at which an element is told to save a checkpoint.
    pub grace_seconds: Option<u64>,
    /// Largest number of elements in an array, where it is not what `scontrol show config` says.
    pub max_array_size: Option<u64>,
    /// Lines of shell before the program starts, such as `module load`.
    pub setup: Vec<String>,
    /// Further options of sbatch, such as `--constraint=skylake`.
    pub extra: Vec<String>,
}

/// Every key once, for suggestions.
const EVERY_KEY: &str = include_str!("every_key.toml");

impl Settings {
    /// Reads a profile (TOML) and checks its values.
    ///
    /// # Errors
    /// [`SettingsError`], which names the file.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&toml_file::text_of(path)?, path)
    }

    /// Reads the text of a profile, which messages call `path`. Unknown keys are errors, with a suggestion.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        let settings: Self = toml_file::parsed(text, path, EVERY_KEY)?;
        settings.check(|key| format!("{}: {key}", path.display()))?;
        Ok(settings)
    }

    /// Checks the values given as options of the command line.
    ///
    /// # Errors
    /// [`SettingsError::Value`], which names the option.
    pub fn check_options(&self) -> Result<(), SettingsError> {
        self.check(|key| format!("--{}", key.replace('_', "-")))
    }

    fn check(&self, place: impl Fn(&str) -> String) -> Result<(), SettingsError> {
        self.problem().map_or(Ok(()), |Problem { key, value, allowed }| {
            Err(SettingsError::Value { place: place(&key), value, allowed })
        })
    }

    /// These settings, and where they say nothing those of `profile`.
    #[must_use]
    pub fn or(self, profile: Self) -> Self {
        Self {
            partition: self.partition.or(profile.partition),
            account: self.account.or(profile.account),
            time: self.time.or(profile.time),
            memory: self.memory.or(profile.memory),
            cpus_per_task: self.cpus_per_task.or(profile.cpus_per_task),
            quality_of_service: self.quality_of_service.or(profile.quality_of_service),
            chunk_minutes: self.chunk_minutes.or(profile.chunk_minutes),
            simultaneous: self.simultaneous.or(profile.simultaneous),
            grace_seconds: self.grace_seconds.or(profile.grace_seconds),
            max_array_size: self.max_array_size.or(profile.max_array_size),
            setup: if self.setup.is_empty() { profile.setup } else { self.setup },
            extra: if self.extra.is_empty() { profile.extra } else { self.extra },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Settings::parse(text, Path::new("p.toml")).unwrap_err().to_string()
    }

    #[test]
    fn options_override_the_profile() {
        let text = r#"
            partition = "long"
            time = "12:00:00"
            chunk_minutes = 60
            cpus_per_task = 4
            setup = ["module load gcc"]
            extra = ["--constraint=skylake"]
        "#;
        let profile = Settings::parse(text, Path::new("p.toml")).unwrap();
        let options = Settings { partition: Some("short".to_owned()), ..Settings::default() };
        let both = options.or(profile.clone());
        assert_eq!(both, Settings { partition: Some("short".to_owned()), ..profile.clone() });
        assert_eq!(profile.chunk_minutes, Some(60.0));
    }

    #[test]
    fn messages_name_file_key_value_and_range() {
        assert_eq!(message("partitoin = \"a\""), "p.toml: unknown key partitoin; did you mean partition?");
        assert_eq!(message("zebra = 1"), "p.toml: unknown key zebra");
        let time = message("time = \"1h\"");
        assert!(time.starts_with("p.toml: time is 1h; it must be"), "{time}");
        assert!(message("cpus_per_task = 0").starts_with("p.toml: cpus_per_task is 0; it must be from 1 to"));
        assert!(message("cpus_per_task = -1").contains("cpus_per_task"));
        assert!(message("setup = [\"a\\nb\"]").starts_with("p.toml: setup[0] is"));
        let options = Settings { grace_seconds: Some(0), ..Settings::default() };
        assert!(options.check_options().unwrap_err().to_string().starts_with("--grace-seconds is 0; "));
    }

    #[test]
    fn every_field_is_a_known_key() {
        let settings = Settings::parse(EVERY_KEY, Path::new("p.toml")).unwrap();
        let told = format!("{settings:?}");
        assert!(!told.contains("None") && !told.contains("[]"), "{told}");
    }
}
