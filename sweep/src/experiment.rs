//! Experiments of the paper as presets, those of one's own as products of lists (TOML), and the tasks that each needs.

mod grid;
mod plan;
mod preset;
mod ranges;
mod suggestion;
pub(crate) mod toml_file;

pub use grid::{
    Experiment, Langevin, MinibatchDescentRuns, Networks, OneOrMany, Planned, Precision, RegularisationPath,
};
pub use plan::{PhaseName, Tasks};
pub use preset::{
    Hysteresis, MinibatchRuns, NoiseReplicas, Phase, PhaseDiagram, Phases, Preset, PresetError, Scale,
    SinglePrecisionRuns, TailRuns,
};
pub use toml_file::text_of;
