//! Experiments of the paper as presets (TOML), and the tasks that each needs.

mod plan;
mod preset;
mod ranges;
mod suggestion;

pub use plan::{PhaseName, Tasks};
pub use preset::{
    Hysteresis, MinibatchRuns, NoiseReplicas, Phase, PhaseDiagram, Phases, Preset, PresetError, Scale,
    SinglePrecisionRuns, TailRuns,
};
