//! An archive, and the arrays in it: a zip file with one `.npy` entry for each.

use super::header::{Header, Kind};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;
use zip::ZipArchive;
use zip::read::ZipFile;

/// What is wrong with which archive, and what is allowed.
#[derive(Debug, Error)]
#[error("{}: {reason}", file.display())]
pub(crate) struct ArchiveError {
    pub(crate) file: PathBuf,
    pub(crate) reason: String,
}

/// An opened archive.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    needs: &'static str,
    zip: ZipArchive<BufReader<File>>,
}

/// An array that is about to be read: the numbers behind a header which accounts for every byte of its entry.
pub(crate) struct Array<'a> {
    pub(crate) header: Header,
    path: &'a Path,
    name: &'static str,
    entry: ZipFile<'a, BufReader<File>>,
    bytes: Vec<u8>,
}

/// Bytes read at once: a multiple of every item size.
const CHUNK: usize = 1 << 16;

impl Archive {
    /// Opens the archive at `path`; `needs` says in words which arrays such a file must have.
    pub(crate) fn open(path: &Path, needs: &'static str) -> Result<Self, ArchiveError> {
        let error = |reason: String| ArchiveError { file: path.to_owned(), reason };
        let file = File::open(path).map_err(|problem| error(format!("cannot be opened: {problem}")))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(error("is no file".to_owned()));
        }
        let zip = ZipArchive::new(BufReader::new(file))
            .map_err(|problem| error(format!("cannot be read as a NumPy archive: {problem}")))?;
        if zip.has_duplicate_names() {
            return Err(error("holds more than one array of the same name".to_owned()));
        }
        Ok(Self { path: path.to_owned(), needs, zip })
    }

    /// Whether there is an array of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(&entry_name(name)).is_some()
    }

    /// The array of this name, in C order.
    pub(crate) fn array(&mut self, name: &'static str) -> Result<Array<'_>, ArchiveError> {
        if !self.has(name) {
            let mut there: Vec<String> = self
                .zip
                .file_names()
                .filter_map(Result::ok)
                .map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned())
                .collect();
            there.sort_unstable();
            let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
            let reason = format!("has no array '{name}'; it needs {}, and has {there}", self.needs);
            return Err(ArchiveError { file: self.path.clone(), reason });
        }
        let path = self.path.as_path();
        let mut entry = self
            .zip
            .by_name(&entry_name(name))
            .map_err(|error| wrong(path, name, format!("cannot be unpacked: {error}")))?;
        let header = Header::read(&mut entry).map_err(|reason| wrong(path, name, reason))?;
        let held = entry.size().saturating_sub(header.offset);
        if header.data_bytes() != Some(held) {
            let (shape, kind) = (&header.shape, header.type_name());
            return Err(wrong(
                path,
                name,
                format!("claims shape {shape:?} of {kind}, but holds {held} bytes"),
            ));
        }
        if header.fortran_order && header.shape.len() > 1 {
            return Err(wrong(path, name, "is in Fortran order; save numpy.ascontiguousarray of it"));
        }
        Ok(Array { header, path, name, entry, bytes: Vec::new() })
    }

    /// The array of this name, which must be of floating-point numbers.
    pub(crate) fn floats(&mut self, name: &'static str) -> Result<Array<'_>, ArchiveError> {
        let array = self.array(name)?;
        if array.header.kind != Kind::Float {
            let kind = array.header.type_name();
            return Err(array.wrong(format!("has type {kind}; it must be of 32- or 64-bit floats")));
        }
        Ok(array)
    }

    /// An error about the array of this name.
    pub(crate) fn wrong(&self, name: &str, reason: impl Display) -> ArchiveError {
        wrong(&self.path, name, reason)
    }
}

impl Array<'_> {
    /// Shows the next `count` numbers as their bytes, chunk by chunk: a file that ends early has not made the program reserve
    /// what it claims.
    pub(crate) fn read(&mut self, count: usize, mut show: impl FnMut(&Header, &[u8])) -> io::Result<()> {
        let mut left = count.saturating_mul(self.header.item_size);
        while left > 0 {
            self.bytes.resize(left.min(CHUNK), 0);
            self.entry.read_exact(&mut self.bytes)?;
            left -= self.bytes.len();
            for item in self.bytes.chunks_exact(self.header.item_size) {
                show(&self.header, item);
            }
        }
        Ok(())
    }

    /// Reads the end of the entry, where its checksum is verified.
    pub(crate) fn end(&mut self) -> Result<(), ArchiveError> {
        match self.entry.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.wrong("holds more numbers than its shape")),
            Err(error) => Err(self.wrong(format!("is damaged: {error}"))),
        }
    }

    /// An error about this array.
    pub(crate) fn wrong(&self, reason: impl Display) -> ArchiveError {
        wrong(self.path, self.name, reason)
    }
}

fn wrong(path: &Path, name: &str, reason: impl Display) -> ArchiveError {
    ArchiveError { file: path.to_owned(), reason: format!("array '{name}' {reason}") }
}

fn entry_name(name: &str) -> String {
    format!("{name}.npy")
}
