//! NumPy archives: `times`, `weights` and, where they are there, `gradients` and `layers`.

use super::npy::{Header, Kind};
use super::outline::{Outline, layer_ranges};
use super::{Frame, Precision, TrajectoryError};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::read::ZipFile;

/// An archive whose outline is sound.
#[derive(Debug)]
pub(super) struct Npz {
    path: PathBuf,
}

type Archive = ZipArchive<BufReader<File>>;
type Entry<'a> = ZipFile<'a, BufReader<File>>;

/// Times and layer sizes are kept in memory: more than this are no trajectory.
const MOST_NUMBERS: usize = 1 << 24;

impl Npz {
    pub(super) fn open(path: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let npz = Self { path: path.to_owned() };
        let mut archive = npz.archive()?;
        let has_gradients = npz.has(&archive, "gradients");
        let times = npz.counts(&mut archive, "times")?;
        let weights = npz.numbers(&mut archive, "weights")?;
        let (replicas, frames, count) = match weights.shape.as_slice() {
            [frames, count] => (1, *frames, *count),
            [replicas, frames, count] => (*replicas, *frames, *count),
            shape => {
                return Err(npz.wrong(
                    "weights",
                    format!("has shape {shape:?}; it must be (replicas, times, weights) or (times, weights)"),
                ));
            }
        };
        if frames != times.len() {
            let reason = format!("has {frames} frames a replica, but times has {} numbers", times.len());
            return Err(npz.wrong("weights", reason));
        }
        if has_gradients {
            let gradients = npz.numbers(&mut archive, "gradients")?;
            if gradients.shape != weights.shape {
                let reason = format!(
                    "has shape {:?}; it must be that of weights, {:?}",
                    gradients.shape, weights.shape
                );
                return Err(npz.wrong("gradients", reason));
            }
        }
        let layers = if npz.has(&archive, "layers") { Some(npz.layers(&mut archive)?) } else { None };
        let precision = if weights.item_size == 4 { Precision::Single } else { Precision::Double };
        let outline = Outline { replicas, weights: count, times, has_gradients, layers, precision };
        Ok((outline.validated(path)?, npz))
    }

    /// Shows all frames.
    pub(super) fn read(
        &self,
        outline: &Outline,
        visit: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<(), TrajectoryError> {
        let (mut first, mut second) = (self.archive()?, self.archive()?);
        let mut weights = self.column(&mut first, "weights", outline.weights)?;
        let mut gradients = if outline.has_gradients {
            Some(self.column(&mut second, "gradients", outline.weights)?)
        } else {
            None
        };
        for replica in 0..outline.replicas {
            for (frame, step) in outline.times.iter().enumerate() {
                weights.next_frame(self, replica, *step)?;
                if let Some(gradients) = &mut gradients {
                    gradients.next_frame(self, replica, *step)?;
                }
                visit(&Frame {
                    replica,
                    frame,
                    step: *step,
                    weights: &weights.frame,
                    gradient: gradients.as_ref().map(|column| column.frame.as_slice()),
                });
            }
        }
        weights.end(self)?;
        gradients.map_or(Ok(()), |mut gradients| gradients.end(self))
    }

    fn archive(&self) -> Result<Archive, TrajectoryError> {
        let failed = |error: &dyn std::fmt::Display| {
            TrajectoryError::while_doing(&self.path, "cannot be read as a NumPy archive", error)
        };
        let file = File::open(&self.path)
            .map_err(|error| TrajectoryError::while_doing(&self.path, "cannot be opened", error))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(TrajectoryError::new(&self.path, "is no file"));
        }
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| failed(&error))?;
        if archive.has_duplicate_names() {
            return Err(TrajectoryError::new(&self.path, "holds more than one array of the same name"));
        }
        Ok(archive)
    }

    fn has(&self, archive: &Archive, array: &str) -> bool {
        archive.index_for_name(&entry_name(array)).is_some()
    }

    fn entry<'a>(&self, archive: &'a mut Archive, array: &str) -> Result<Entry<'a>, TrajectoryError> {
        if !self.has(archive, array) {
            let mut there: Vec<String> = archive
                .file_names()
                .filter_map(Result::ok)
                .map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned())
                .collect();
            there.sort_unstable();
            let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
            return Err(TrajectoryError::new(
                &self.path,
                format!("has no array '{array}'; it needs times and weights, and has {there}"),
            ));
        }
        archive
            .by_name(&entry_name(array))
            .map_err(|error| self.wrong(array, format!("cannot be unpacked: {error}")))
    }

    /// The header of an array, which must account for every byte of its entry.
    fn header(&self, entry: &mut Entry<'_>, array: &str) -> Result<Header, TrajectoryError> {
        let header = Header::read(entry).map_err(|reason| self.wrong(array, reason))?;
        let held = entry.size().saturating_sub(header.offset);
        if header.data_bytes() != Some(held) {
            let (shape, kind) = (&header.shape, header.type_name());
            let reason = format!("claims shape {shape:?} of {kind}, but holds {held} bytes");
            return Err(self.wrong(array, reason));
        }
        if header.fortran_order && header.shape.len() > 1 {
            let reason = "is in Fortran order; save numpy.ascontiguousarray of it";
            return Err(self.wrong(array, reason));
        }
        Ok(header)
    }

    /// The header of an array of floating-point numbers.
    fn numbers(&self, archive: &mut Archive, array: &str) -> Result<Header, TrajectoryError> {
        let header = self.header(&mut self.entry(archive, array)?, array)?;
        if header.kind != Kind::Float {
            let reason = format!("has type {}; it must be of 32- or 64-bit floats", header.type_name());
            return Err(self.wrong(array, reason));
        }
        Ok(header)
    }

    /// A whole one-dimensional array of whole numbers from 0 up.
    fn counts(&self, archive: &mut Archive, array: &str) -> Result<Vec<u64>, TrajectoryError> {
        let mut entry = self.entry(archive, array)?;
        let header = self.header(&mut entry, array)?;
        let [length] = header.shape.as_slice() else {
            return Err(
                self.wrong(array, format!("has shape {:?}; it must have one dimension", header.shape))
            );
        };
        if *length > MOST_NUMBERS {
            return Err(self.wrong(array, format!("has {length} numbers; at most {MOST_NUMBERS} are read")));
        }
        let mut counts = Vec::new();
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..header.item_size];
        for index in 0..*length {
            entry.read_exact(bytes).map_err(|error| self.wrong(array, format!("ends early: {error}")))?;
            counts.push(header.count(bytes).map_err(|value| {
                self.wrong(array, format!("[{index}] is {value}; it must be a whole number of at least 0"))
            })?);
        }
        let mut more = [0];
        entry.read(&mut more).map_err(|error| self.wrong(array, format!("is damaged: {error}")))?;
        Ok(counts)
    }

    fn layers(&self, archive: &mut Archive) -> Result<Vec<std::ops::Range<usize>>, TrajectoryError> {
        let sizes: Option<Vec<usize>> =
            self.counts(archive, "layers")?.into_iter().map(|size| usize::try_from(size).ok()).collect();
        sizes
            .and_then(|sizes| layer_ranges(&sizes))
            .ok_or_else(|| self.wrong("layers", "must have sizes of at least 1 weight each"))
    }

    fn column<'a>(
        &self,
        archive: &'a mut Archive,
        array: &'static str,
        weights: usize,
    ) -> Result<Column<'a>, TrajectoryError> {
        let mut entry = self.entry(archive, array)?;
        let header = self.header(&mut entry, array)?;
        Ok(Column { array, header, entry, length: weights, frame: Vec::new(), bytes: Vec::new() })
    }

    fn wrong(&self, array: &str, reason: impl std::fmt::Display) -> TrajectoryError {
        TrajectoryError::new(&self.path, format!("array '{array}' {reason}"))
    }
}

/// An array being read frame by frame.
struct Column<'a> {
    array: &'static str,
    header: Header,
    entry: Entry<'a>,
    length: usize,
    frame: Vec<f64>,
    bytes: Vec<u8>,
}

/// Bytes read at once: a multiple of every item size.
const CHUNK: usize = 1 << 16;

impl Column<'_> {
    /// Reads the next frame, chunk by chunk: a file that ends early has not made the program reserve what it claims.
    fn next_frame(&mut self, npz: &Npz, replica: usize, step: u64) -> Result<(), TrajectoryError> {
        self.frame.clear();
        let mut left = self.length * self.header.item_size;
        while left > 0 {
            self.bytes.resize(left.min(CHUNK), 0);
            self.entry.read_exact(&mut self.bytes).map_err(|error| {
                npz.wrong(
                    self.array,
                    format!("ends early or is damaged in replica {replica}, step {step}: {error}"),
                )
            })?;
            left -= self.bytes.len();
            self.frame
                .extend(self.bytes.chunks_exact(self.header.item_size).map(|item| self.header.float(item)));
        }
        match self.frame.iter().position(|number| !number.is_finite()) {
            None => Ok(()),
            Some(weight) => {
                let value = self.frame[weight];
                let reason = format!(
                    "is {value} at replica {replica}, step {step}, weight {weight}; it must be finite"
                );
                Err(npz.wrong(self.array, reason))
            }
        }
    }

    /// Reads the end of the entry, where its checksum is verified.
    fn end(&mut self, npz: &Npz) -> Result<(), TrajectoryError> {
        match self.entry.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(npz.wrong(self.array, "holds more numbers than its shape")),
            Err(error) => Err(npz.wrong(self.array, format!("is damaged: {error}"))),
        }
    }
}

fn entry_name(array: &str) -> String {
    format!("{array}.npy")
}
