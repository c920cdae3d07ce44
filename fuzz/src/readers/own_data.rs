//! Data sets: archives of NumPy, and what `glassbox data prepare` wrote.

use super::trajectory::only_file;
use crate::mutation::{Arrays, damage_npy, damage_safetensors, damage_zip_field};
use crate::reader::{Damage, Input, Numbers, Reader, Reading, donors};
use glassbox::own_data::read_data_set;
use std::path::Path;
use zip::CompressionMethod;

/// Data sets in archives of NumPy.
pub(super) const ARCHIVE: Reader = Reader {
    name: "own-data",
    corpus: "own-data",
    trials: 500,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let bytes = case.bytes("data.npz");
        match mutator.below(4) {
            0 => damage_zip_field(mutator, bytes),
            1 => mutator.damage_bytes(bytes, &donors(cases, "data.npz")),
            choice => {
                let mut arrays = Arrays::of(bytes);
                if choice == 2 && mutator.one_in(3) {
                    arrays.damage_names(mutator);
                } else {
                    let index = mutator.below(arrays.0.len());
                    damage_npy(mutator, &mut arrays.0[index].1);
                }
                let method = *mutator.pick(&[CompressionMethod::Stored, CompressionMethod::Deflated]);
                *bytes = arrays.archive(method);
                return Damage::Any;
            }
        }
        Damage::Contradiction
    },
    read: read_first,
};

/// Prepared data sets.
pub(super) const PREPARED: Reader = Reader {
    name: "prepared",
    corpus: "prepared",
    trials: 500,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let bytes = case.bytes("data.safetensors");
        if mutator.one_in(3) {
            mutator.damage_bytes(bytes, &donors(cases, "data.safetensors"));
        } else {
            damage_safetensors(mutator, bytes);
        }
        Damage::Any
    },
    read: read_first,
};

fn read_first(folder: &Path, _: u64) -> Reading {
    let data = read_data_set(&only_file(folder)).map_err(|error| error.to_string())?;
    let mut numbers = Numbers::default();
    numbers.counts(&[data.sample_count() as u64, data.input_dimension() as u64]);
    let floats = data.inputs().iter().chain(data.labels()).map(|value| f64::from(*value));
    numbers.floats(&floats.collect::<Vec<f64>>());
    Ok(numbers.accepted())
}
