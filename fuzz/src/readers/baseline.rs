//! Committed profiles of integrators, as `glassbox regress` reads and compares them.

use super::trajectory::only_file;
use crate::case::corpus;
use crate::mutation::damage_text;
use crate::reader::{Accepted, Damage, Input, Reader, Reading, donors};
use glassbox::oracle::verdict::Budget;
use glassbox::profile::{Profile, baseline, compare};
use std::path::Path;
use std::sync::OnceLock;

/// Profiles, each compared with the sound one.
pub(super) const BASELINE: Reader = Reader {
    name: "baseline",
    corpus: "baseline",
    trials: 500,
    lines: 1,
    input: Input::Files,
    damage: |mutator, case, cases| {
        let bytes = case.bytes("");
        if mutator.one_in(5) {
            mutator.damage_bytes(bytes, &donors(cases, ""));
        } else {
            damage_text(mutator, bytes);
        }
        Damage::Any
    },
    read,
};

fn read(folder: &Path, _: u64) -> Reading {
    static SOUND: OnceLock<Vec<Profile>> = OnceLock::new();
    let sound = SOUND.get_or_init(|| {
        let files = corpus("baseline").into_iter().flat_map(|case| case.files);
        let parsed = files.map(|(_, bytes)| baseline::parse(&String::from_utf8_lossy(&bytes)));
        parsed.collect::<Result<_, _>>().expect("sound profiles")
    });
    let path = only_file(folder);
    let integrator = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let profile = baseline::read(folder, &integrator).map_err(|error| error.to_string())?;
    let measured =
        sound.iter().find(|sound| sound.integrator == integrator).expect("the profile of the corpus");
    let regression = compare(&[(measured.clone(), profile)], &Budget::new(1e-6).expect("a probability"));
    Ok(Accepted {
        sayings: regression.lines.into_iter().map(|line| line.summary).collect(),
        ..Accepted::default()
    })
}
