//! What is fuzzed: a reader with its corpus, the damage that fits its format, and what it makes of a file.

use crate::Mutator;
use crate::case::Case;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// What a reader made of its input.
pub type Reading = Result<Accepted, String>;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// A digest of every number that was read: equal for equal numbers.
    pub numbers: u64,
    /// What the program says of it: verdicts, remarks, refusals of a later step. Each must be fit to be shown.
    pub sayings: Vec<String>,
}

/// What a damaged file may be to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Another file, which may be sound.
    Any,
    /// No sound file with other numbers: checksums or two counts contradict each other. It is refused, or what is read is what
    /// was read before.
    Contradiction,
}

/// What the input of a reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Files: those of the corpus are sound, and a message names the file.
    Files,
    /// Arguments: some of the corpus are to be refused, and a message names the option.
    Arguments,
}

/// A reader of the program.
pub struct Reader {
    /// Its name.
    pub name: &'static str,
    /// The name of its corpus.
    pub corpus: &'static str,
    /// Trials in a run of `cargo test`: some seconds.
    pub trials: u64,
    /// Lines that a message may have.
    pub lines: usize,
    /// What its input is.
    pub input: Input,
    /// Damages a case; `donors` are the other sound cases.
    pub damage: fn(&mut Mutator, &mut Case, &[Case]) -> Damage,
    /// Reads the case that lies in a folder as a user would; the number chooses among what a user may ask for.
    pub read: fn(&Path, u64) -> Reading,
}

/// Makes the digest of [`Accepted::numbers`].
#[derive(Default)]
pub(crate) struct Numbers(DefaultHasher);

impl Numbers {
    pub(crate) fn floats(&mut self, values: &[f64]) {
        values.iter().for_each(|value| value.to_bits().hash(&mut self.0));
    }

    pub(crate) fn counts(&mut self, values: &[u64]) {
        values.hash(&mut self.0);
    }

    pub(crate) fn text(&mut self, value: &str) {
        value.hash(&mut self.0);
    }

    pub(crate) fn accepted(self) -> Accepted {
        Accepted { numbers: self.0.finish(), sayings: Vec::new() }
    }
}

/// The bytes of the files of this name in all cases, for splices.
pub(crate) fn donors(cases: &[Case], name: &str) -> Vec<Vec<u8>> {
    let files = cases.iter().flat_map(|case| &case.files);
    let alike = |other: &str| other == name || cases.iter().all(|case| case.files.len() == 1);
    let bytes: Vec<Vec<u8>> =
        files.filter(|(other, _)| alike(other)).map(|(_, bytes)| bytes.clone()).collect();
    if bytes.is_empty() { vec![Vec::new()] } else { bytes }
}
