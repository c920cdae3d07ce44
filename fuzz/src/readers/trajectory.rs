//! Trajectories in their three forms, read and examined as `glassbox check` does.

use crate::mutation::{
    Arrays, Mutator, damage_footer_counts, damage_npy, damage_page_body, damage_safetensors, damage_table,
    damage_zip_field,
};
use crate::reader::{Damage, Input, Numbers, Reader, Reading, donors};
use glassbox::check::{ExaminationSettings, ExaminedLaw, examine};
use glassbox::oracle::Scheme;
use glassbox::oracle::inference::StatedParameters;
use glassbox::oracle::verdict::Budget;
use glassbox::trajectories::trajectory::Trajectory;
use std::path::Path;
use zip::CompressionMethod;

/// Archives of NumPy, damaged as archives.
pub(super) const NPZ: Reader = Reader {
    name: "npz",
    corpus: "npz",
    trials: 250,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let bytes = case.bytes("run.npz");
        match mutator.below(4) {
            0 => damage_zip_field(mutator, bytes),
            1 => {
                let mut arrays = Arrays::of(bytes);
                arrays.damage_names(mutator);
                *bytes = arrays.archive(CompressionMethod::Stored);
                return Damage::Any;
            }
            _ => mutator.damage_bytes(bytes, &donors(cases, "run.npz")),
        }
        // Checksums of the archive cover every number; what it says of sizes and places contradicts the other place that says it.
        Damage::Contradiction
    },
    read: |folder, choice| examined(&only_file(folder), choice),
};

/// Arrays of NumPy, damaged within an archive whose checksums are right.
pub(super) const NPY: Reader = Reader {
    name: "npy",
    corpus: "npz",
    trials: 250,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, _| {
        let bytes = case.bytes("run.npz");
        let mut arrays = Arrays::of(bytes);
        for _ in 0..1 + mutator.below(2) {
            let index = mutator.below(arrays.0.len());
            damage_npy(mutator, &mut arrays.0[index].1);
        }
        let method = *mutator.pick(&[CompressionMethod::Stored, CompressionMethod::Deflated]);
        *bytes = arrays.archive(method);
        Damage::Any
    },
    read: NPZ.read,
};

/// Folders of safetensors, one file of which is damaged.
pub(super) const SNAPSHOTS: Reader = Reader {
    name: "snapshots",
    corpus: "snapshots",
    trials: 250,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let index = mutator.below(case.files.len());
        let (name, bytes) = &mut case.files[index];
        if mutator.one_in(3) {
            mutator.damage_bytes(bytes, &donors(cases, name));
        } else {
            damage_safetensors(mutator, bytes);
        }
        Damage::Any
    },
    read: examined,
};

/// Parquet tables in several encodings. Those with checksums of pages have `checksums` in their names.
pub(super) const TABLE: Reader = Reader {
    name: "parquet",
    corpus: "parquet",
    trials: 250,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let checked = case.origin.contains("checksums");
        let bytes = case.bytes("run.parquet");
        match mutator.below(6) {
            0 => {
                damage_footer_counts(mutator, bytes);
                return Damage::Contradiction;
            }
            1 if checked => {
                damage_page_body(mutator, bytes);
                return Damage::Contradiction;
            }
            1..=3 => damage_table(mutator, bytes),
            _ => mutator.damage_bytes(bytes, &donors(cases, "run.parquet")),
        }
        Damage::Any
    },
    read: |folder, choice| examined(&only_file(folder), choice),
};

/// The file of a case of one file.
pub(super) fn only_file(folder: &Path) -> std::path::PathBuf {
    let mut entries = std::fs::read_dir(folder).expect("the folder of a trial");
    entries.next().expect("a case has a file").expect("the folder of a trial").path()
}

/// Reads a trajectory and examines it under one of the laws, with all, some or none of the parameters stated.
fn examined(path: &Path, choice: u64) -> Reading {
    let trajectory = Trajectory::open(path).map_err(|error| error.to_string())?;
    let mut numbers = Numbers::default();
    numbers.counts(trajectory.times());
    let layers = trajectory.layers().unwrap_or_default();
    numbers.counts(&layers.iter().map(|layer| layer.end as u64).collect::<Vec<u64>>());
    let read = trajectory.read(0..trajectory.weights(), &mut |piece| {
        numbers.counts(&[piece.replica as u64, piece.step]);
        numbers.floats(piece.weights);
        numbers.floats(piece.gradient.unwrap_or_default());
    });
    read.map_err(|error| error.to_string())?;
    let mut accepted = numbers.accepted();
    match examine(&trajectory, &settings(choice), "glassbox check") {
        // Options that do not fit the trajectory: of these the message does not name the file.
        Err(error) => accepted.sayings.push(error.to_string()),
        Ok(examination) => {
            accepted.sayings.extend(examination.report.verdicts().map(|verdict| verdict.reason.clone()));
            accepted.sayings.extend(examination.remarks);
        }
    }
    Ok(accepted)
}

fn settings(choice: u64) -> ExaminationSettings {
    let mut mutator = Mutator::new(choice);
    let law = *mutator.pick(&[
        ExaminedLaw::Free,
        ExaminedLaw::Well,
        ExaminedLaw::StationaryWell,
        ExaminedLaw::None,
    ]);
    let stated = |mutator: &mut Mutator, value: f64| (!mutator.one_in(3)).then_some(value);
    let dataset_size = *mutator.pick(&[50.0, 50.0, 50.0, 1e-300, 1e305]);
    let stiffness = matches!(law, ExaminedLaw::Well | ExaminedLaw::StationaryWell);
    let stated = StatedParameters {
        mobility: stated(&mut mutator, 0.1),
        temperature: stated(&mut mutator, 10.0),
        dataset_size: stated(&mut mutator, dataset_size),
        stiffness: stated(&mut mutator, 0.5).filter(|_| stiffness),
        step: stated(&mut mutator, 1.0),
    };
    let budget = Budget::new(1e-6).expect("a probability");
    let mut settings = ExaminationSettings::new(law, stated, budget);
    settings.scheme =
        *mutator.pick(&[Scheme::EulerMaruyama, Scheme::EulerMaruyama, Scheme::Heun, Scheme::ExactStep]);
    settings
}
