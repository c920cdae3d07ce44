//! Records of tasks, under right digests more often than not.

use super::trajectory::only_file;
use crate::case::Case;
use crate::mutation::{Mutator, damage_safetensors, seal_record};
use crate::reader::{Accepted, Damage, Input, Numbers, Reader, donors};
use glassbox_simulations::protocol::{Head, Record, RecordError, RecordReader, verify};
use std::path::Path;

/// Finished records, read whole, frame by frame, and by their heads.
pub(super) const RECORD: Reader = Reader {
    name: "record",
    corpus: "record",
    trials: 600,
    lines: 1,
    input: Input::Files,
    damage,
    read: |folder, choice| read(&only_file(folder), choice).map_err(|error| error.to_string()),
};

/// Damages a file of frames.
pub(super) fn damage(mutator: &mut Mutator, case: &mut Case, cases: &[Case]) -> Damage {
    let bytes = &mut case.files[0].1;
    if mutator.one_in(4) {
        mutator.damage_bytes(bytes, &donors(cases, ""));
        return Damage::Contradiction;
    }
    damage_safetensors(mutator, bytes);
    seal_record(bytes);
    Damage::Any
}

fn read(path: &Path, choice: u64) -> Result<Accepted, RecordError> {
    if choice.is_multiple_of(3) {
        // As `verify-store`, and as figures ask for what diverged: the same faults, by other ways.
        verify(path)?;
        Head::read(path)?;
        Record::divergence(path)?;
    }
    let record = Record::read(path)?;
    let mut numbers = Numbers::default();
    numbers.counts(&record.times);
    numbers.floats(&record.losses);
    numbers.floats(&record.weights);
    let mut reader = RecordReader::open(path)?;
    let mut weights = Vec::new();
    for index in 0..reader.len() {
        reader.frame(index, &mut weights)?;
        // Bit by bit: a damaged number may be NaN.
        let same =
            weights.iter().map(|one| one.to_bits()).eq(record.frame(index).iter().map(|one| one.to_bits()));
        assert!(same, "frame {index} by both ways");
    }
    Ok(numbers.accepted())
}
