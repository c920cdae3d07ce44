//! The readers, each in a file: damage that fits the format, and the way in that users have.

mod baseline;
pub mod checkpoint;
mod own_data;
mod plan;
mod program;
mod raw_images;
mod record;
mod settings;
mod trajectory;

use crate::Reader;

/// All readers.
pub const ALL: [&Reader; 17] = [
    &trajectory::NPZ,
    &trajectory::NPY,
    &trajectory::SNAPSHOTS,
    &trajectory::TABLE,
    &own_data::ARCHIVE,
    &own_data::PREPARED,
    &raw_images::IDX,
    &raw_images::CIFAR,
    &settings::EXPERIMENT,
    &settings::PRESET,
    &settings::CLUSTER_PROFILE,
    &plan::MANIFEST_AND_TASKS,
    &plan::LEFTOVERS,
    &record::RECORD,
    &checkpoint::CHECKPOINT,
    &baseline::BASELINE,
    &program::OPTIONS,
];
