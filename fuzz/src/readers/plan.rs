//! The folder of a sweep: its manifest and tasks, and what its processes leave for one another.

use crate::mutation::{damage_text, seal_manifest};
use crate::reader::{Accepted, Damage, Input, Numbers, Reader, donors};
use glassbox_sweep::{Manifest, ManifestError, slurm};
use std::time::Duration;

const MANIFEST: &str = "manifest.json";
const TASKS: &str = "tasks/000000.jsonl";

/// Manifests and files of tasks, under right digests more often than not.
pub(super) const MANIFEST_AND_TASKS: Reader = Reader {
    name: "manifest",
    corpus: "manifest",
    trials: 600,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let name = *mutator.pick(&[MANIFEST, TASKS]);
        if mutator.one_in(4) {
            mutator.damage_bytes(case.bytes(name), &donors(cases, name));
            return Damage::Contradiction;
        }
        damage_text(mutator, case.bytes(name));
        let tasks = case.bytes(TASKS).clone();
        seal_manifest(case.bytes(MANIFEST), &tasks);
        Damage::Any
    },
    read: |folder, choice| {
        let read = || -> Result<Accepted, ManifestError> {
            let manifest = Manifest::read(folder)?;
            let mut numbers = Numbers::default();
            numbers.text(&format!("{manifest:?}"));
            for entry in manifest.entries(0..manifest.len())? {
                numbers.text(&format!("{:?}", entry?));
            }
            if choice % 4 == 0 {
                // As `sweep submit` asks.
                let _ = slurm::Pending::of(&manifest)?.is_empty();
            }
            Ok(numbers.accepted())
        };
        read().map_err(|error| error.to_string())
    },
};

/// Claims, failures and heartbeats, as `sweep status` reads them.
pub(super) const LEFTOVERS: Reader = Reader {
    name: "leftovers",
    corpus: "leftovers",
    trials: 300,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let mut places = Vec::new();
        for (index, (name, _)) in case.files.iter().enumerate() {
            if name != MANIFEST && name != TASKS {
                places.push(index);
            }
        }
        let (name, bytes) = &mut case.files[*mutator.pick(&places)];
        if mutator.one_in(2) {
            mutator.damage_bytes(bytes, &donors(cases, name));
        } else {
            damage_text(mutator, bytes);
        }
        Damage::Any
    },
    read: |folder, _| {
        let status = Manifest::read(folder).and_then(|manifest| manifest.status(Duration::from_secs(120)));
        let status = status.map_err(|error| error.to_string())?;
        assert!(status.finished + status.waiting <= status.tasks, "{status:?}");
        Ok(Accepted::default())
    },
};
