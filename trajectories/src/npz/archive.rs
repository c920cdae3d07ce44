//! An archive, and the arrays in it: a zip file with one `.npy` entry for each.

use super::directory::{self, Entry};
use super::entry::{EntryBytes, parts_agree};
use super::header::{Header, Kind};
use crate::input;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What is wrong with which archive, and what is allowed.
#[derive(Debug, Error)]
#[error("{}: {reason}", file.display())]
pub struct ArchiveError {
    /// The archive.
    pub file: PathBuf,
    /// What is wrong, and what is allowed.
    pub reason: String,
}

/// An archive whose directory is sound.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    needs: &'static str,
    entries: Vec<Entry>,
}

/// An array that is about to be read: the numbers behind a header which accounts for every byte of its entry.
pub struct Array {
    /// Its header.
    pub header: Header,
    path: PathBuf,
    name: &'static str,
    bytes: EntryBytes,
    checksum: u32,
    /// Bytes that were read, of which those from `taken` on were not yet taken.
    block: Vec<u8>,
    taken: usize,
    numbers: Vec<f64>,
}

/// Bytes read at once, unless more are asked for.
const BLOCK: usize = 1 << 18;

impl Archive {
    /// Opens the archive at `path`; `needs` says in words which arrays such a file must have.
    pub fn open(path: &Path, needs: &'static str) -> Result<Self, ArchiveError> {
        let error = |reason: String| ArchiveError { file: path.to_owned(), reason };
        let mut file =
            input::open(path).map_err(|problem| error(format!("cannot be opened: {}", problem.source)))?;
        let entries = directory::read(&mut file)
            .map_err(|problem| error(format!("cannot be read as a NumPy archive: {problem}")))?;
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(error("holds more than one array of the same name".to_owned()));
        }
        Ok(Self { path: path.to_owned(), needs, entries })
    }

    /// Names of all arrays, in the order of the file; of an entry that is not an array, its own name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.strip_suffix(".npy").unwrap_or(&entry.name))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.strip_suffix(".npy") == Some(name))
    }

    /// Whether there is an array of this name.
    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The array of this name, in C order.
    pub fn array(&self, name: &'static str) -> Result<Array, ArchiveError> {
        let Some(entry) = self.entry(name) else {
            let mut there: Vec<String> = self.names().map(|name| name.escape_debug().to_string()).collect();
            there.sort_unstable();
            let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
            let reason = format!("has no array '{name}'; it needs {}, and has {there}", self.needs);
            return Err(ArchiveError { file: self.path.clone(), reason });
        };
        let file = input::open(&self.path)
            .map_err(|error| self.wrong(name, format!("cannot be read: {}", error.source)))?;
        let mut bytes = EntryBytes::new(file, entry.clone())
            .map_err(|error| self.wrong(name, format!("cannot be read: {error}")))?;
        let header =
            Header::read(|into| bytes.read_exact(into)).map_err(|reason| self.wrong(name, reason))?;
        let held = bytes.left();
        if header.data_bytes() != Some(held) {
            let (shape, kind) = (&header.shape, header.type_name());
            let reason = format!("claims shape {shape:?} of {kind}, but holds {held} bytes");
            return Err(self.wrong(name, reason));
        }
        if header.fortran_order && header.shape.len() > 1 {
            return Err(self.wrong(name, "is in Fortran order; save numpy.ascontiguousarray of it"));
        }
        Ok(Array {
            header,
            path: self.path.clone(),
            name,
            bytes,
            checksum: entry.checksum,
            block: Vec::new(),
            taken: 0,
            numbers: Vec::new(),
        })
    }

    /// The array of this name, which must be of floating-point numbers.
    pub fn floats(&self, name: &'static str) -> Result<Array, ArchiveError> {
        let array = self.array(name)?;
        if array.header.kind != Kind::Float {
            let kind = array.header.type_name();
            return Err(array.wrong(format!("has type {kind}; it must be of 32- or 64-bit floats")));
        }
        Ok(array)
    }

    /// An error about the array of this name.
    pub fn wrong(&self, name: &str, reason: impl Display) -> ArchiveError {
        wrong(&self.path, name, reason)
    }
}

impl Array {
    /// Returns the bytes of the next `count` numbers, which follow one another in a run of `run` numbers that are all wanted:
    /// no number behind the run is read.
    pub fn next_bytes(&mut self, count: usize, run: u64) -> io::Result<&[u8]> {
        let size = self.header.item_size;
        let wanted = count.checked_mul(size).ok_or(io::ErrorKind::UnexpectedEof)?;
        if self.block.len() - self.taken < wanted {
            let kept = self.block.len() - self.taken;
            self.block.copy_within(self.taken.., 0);
            let run = usize::try_from(run).unwrap_or(usize::MAX).saturating_mul(size);
            // An array that ends early has not made the program reserve what it claims.
            let left = usize::try_from(self.bytes.left()).unwrap_or(usize::MAX);
            let length = BLOCK.max(wanted).min(run).min(kept.saturating_add(left));
            self.block.resize(length.max(kept), 0);
            self.taken = 0;
            self.bytes.read_exact(&mut self.block[kept..])?;
        }
        let bytes = self.block.get(self.taken..self.taken + wanted).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.taken += wanted;
        Ok(bytes)
    }

    /// Reads the next `count` numbers of an array of floats, as [`next_bytes`](Self::next_bytes); they are then
    /// [`floats`](Self::floats).
    pub fn next_floats(&mut self, count: usize, run: u64) -> io::Result<()> {
        let format = self.header.float_format().ok_or(io::ErrorKind::InvalidData)?;
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.resize(count, 0.0);
        format.decode(self.next_bytes(count, run)?, &mut numbers);
        self.numbers = numbers;
        Ok(())
    }

    /// The numbers that were read last.
    pub fn floats(&self) -> &[f64] {
        &self.numbers
    }

    /// Skips numbers, where no run is unfinished.
    pub fn skip(&mut self, count: u64) -> io::Result<()> {
        self.bytes.skip(count.saturating_mul(self.header.item_size as u64))
    }

    /// Says that the numbers from here on are a part of their own: see [`Array::end`].
    pub fn begin_part(&mut self) {
        self.bytes.begin_part();
    }

    /// Ends an array of which every number was read, and verifies its checksum.
    pub fn end_whole(&mut self) -> Result<(), ArchiveError> {
        self.end().map(|_| ())
    }

    /// Verifies the checksum at the end of the array. Where numbers were skipped unread, it returns the part of the checksum
    /// that those have which were read: [`Array::parts_agree`] has the use for it.
    pub fn end(&mut self) -> Result<Option<u32>, ArchiveError> {
        self.bytes.end().map_err(|error| self.wrong(format!("is damaged: {error}")))
    }

    /// Whether the parts of the checksum that several readings returned give that of the array.
    pub fn parts_agree(&self, parts: impl Iterator<Item = u32>) -> bool {
        parts_agree(parts, self.checksum)
    }

    /// An error about this array.
    pub fn wrong(&self, reason: impl Display) -> ArchiveError {
        wrong(&self.path, self.name, reason)
    }
}

fn wrong(path: &Path, name: &str, reason: impl Display) -> ArchiveError {
    ArchiveError { file: path.to_owned(), reason: format!("array '{name}' {reason}") }
}
