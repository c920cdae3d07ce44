//! Raw images, as `glassbox data prepare` reads them: IDX and CIFAR-10, plain and gzip.

use super::trajectory::only_file;
use crate::case::Case;
use crate::mutation::Mutator;
use crate::reader::{Damage, Input, Numbers, Reader, Reading, donors};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use glassbox_simulations::dataset::{DatasetError, Prepared, prepare, prepare_cifar};
use std::io::{Read as _, Write as _};

/// Images and labels of MNIST's form.
pub(super) const IDX: Reader = Reader {
    name: "idx",
    corpus: "idx",
    trials: 300,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let compressed = case.bytes("images").starts_with(&GZIP);
        let name = *mutator.pick(&["images", "images", "labels"]);
        if compressed && mutator.one_in(2) {
            // The checksum of the compressed file covers its content.
            let donors = donors(cases, name);
            mutator.damage_bytes(case.bytes(name), &donors);
            return Damage::Contradiction;
        }
        with_content(case, name, |bytes| match mutator.below(3) {
            // Places of the mark and of each dimension.
            0 => {
                let place = *mutator.pick(&[0, 4, 8, 12]);
                mutator.damage_integer(bytes, place, 4, true);
            }
            1 => mutator.damage_bytes(bytes, &[Vec::new()]),
            _ => large_image(mutator, bytes),
        });
        Damage::Any
    },
    read: |folder, choice| {
        let components = usize::from(choice % 7 == 0) + 1;
        prepared(prepare(&folder.join("images"), &folder.join("labels"), components))
    },
};

/// Batches of CIFAR-10.
pub(super) const CIFAR: Reader = Reader {
    name: "cifar",
    corpus: "cifar",
    // Each batch that is read costs a matrix of all pairs of 3,072 pixels.
    trials: 60,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let compressed = case.bytes("batch").starts_with(&GZIP);
        if compressed && mutator.one_in(2) {
            mutator.damage_bytes(case.bytes("batch"), &donors(cases, "batch"));
            return Damage::Contradiction;
        }
        with_content(case, "batch", |bytes| mutator.damage_bytes(bytes, &[Vec::new()]));
        Damage::Any
    },
    read: |folder, _| prepared(prepare_cifar(&[only_file(folder)], 1)),
};

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Damages what is in a file, which stays compressed if it was.
fn with_content(case: &mut Case, name: &str, damage: impl FnOnce(&mut Vec<u8>)) {
    let bytes = case.bytes(name);
    if !bytes.starts_with(&GZIP) {
        return damage(bytes);
    }
    let mut content = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut content).expect("a sound file");
    damage(&mut content);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&content).expect("memory to write to");
    *bytes = encoder.finish().expect("memory to write to");
}

/// Fewer and larger images than there are labels for, all their bytes there: the matrix of pairs of pixels would have 8 TB.
fn large_image(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    let (rows, columns) =
        *mutator.pick(&[(1_u32, 1_u32), (3, 5), (20, 20), (400, 250), (1000, 1000), (1, 2_000_000)]);
    let Some(mut header) = bytes.first_chunk::<16>().copied() else { return };
    let count = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
    header[8..12].copy_from_slice(&rows.to_be_bytes());
    header[12..16].copy_from_slice(&columns.to_be_bytes());
    let size = count as usize * rows as usize * columns as usize;
    bytes.clear();
    bytes.extend(header);
    bytes.extend((0..size).map(|place| (place * place % 251).to_le_bytes()[0]));
}

fn prepared(result: Result<Prepared, DatasetError>) -> Reading {
    let prepared = result.map_err(|error| error.to_string())?;
    let mut numbers = Numbers::default();
    let floats = prepared.dataset.inputs().iter().chain(prepared.dataset.labels());
    numbers.floats(&floats.map(|value| f64::from(*value)).collect::<Vec<f64>>());
    Ok(numbers.accepted())
}
