//! How a figure or a scorecard was made: enough to make it again.

use serde::{Deserialize, Serialize};

/// How a result was made.
///
/// ```
/// use glassbox_reports::Provenance;
/// let made = Provenance::new("0.1.0", "desk", 7, "glassbox reproduce --scale desk");
/// assert_eq!(made.line(), "glassbox 0.1.0 · desk scale · seed 7 · glassbox reproduce --scale desk");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program.
    pub version: String,
    /// Scale of the runs: "desk", "paper" …
    pub scale: String,
    /// Seed of all noise.
    pub seed: u64,
    /// The command line that repeats the run.
    pub command: String,
}

impl Provenance {
    /// The four facts.
    pub fn new(
        version: impl Into<String>,
        scale: impl Into<String>,
        seed: u64,
        command: impl Into<String>,
    ) -> Self {
        Self { version: version.into(), scale: scale.into(), seed, command: command.into() }
    }

    /// The facts as one line for the foot of a figure.
    pub fn line(&self) -> String {
        let Self { version, scale, seed, command } = self;
        format!("glassbox {version} · {scale} scale · seed {seed} · {command}")
    }

    /// The facts as (label, value), in the order in which they are shown.
    pub fn facts(&self) -> [(&'static str, String); 4] {
        [
            ("Command", self.command.clone()),
            ("Version", self.version.clone()),
            ("Scale", self.scale.clone()),
            ("Seed", self.seed.to_string()),
        ]
    }
}
