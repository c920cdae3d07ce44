//! A folder of safetensors snapshots: one file per replica and step, one tensor per layer.

mod header;
mod names;

use super::outline::{Outline, layer_ranges};
use super::piece::{Piece, Pieces, Place, show};
use super::unused::is_close;
use super::{Precision, TrajectoryError};
use crate::input;
use crate::npz::{FloatFormat, FloatWidth};
use header::Tensors;
use names::{Listing, listed, natural_order};
use safetensors::Dtype;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A folder whose outline is sound.
#[derive(Debug)]
pub(super) struct Snapshots {
    folder: PathBuf,
    /// In the order of reading: replica by replica, step by step.
    names: Vec<String>,
    layers: Vec<Tensor>,
    /// Header of the first snapshot: in most folders it is that of all.
    header: Vec<u8>,
    layout: Layout,
}

/// What every snapshot must have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
}

/// Where the numbers of a snapshot are: of each layer, and of its gradient where there are gradients.
#[derive(Clone, Debug)]
struct Layout {
    weights: Vec<Numbers>,
    gradients: Vec<Numbers>,
    /// Length of the file.
    length: u64,
}

/// The numbers of a tensor.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    start: u64,
    format: FloatFormat,
}

/// Begins the name of the gradient of a layer.
const GRADIENT: &str = "grad.";

impl Snapshots {
    pub(super) fn open(folder: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let Listing { snapshots: by_replica, unused } = listed(folder)?;
        let mut replicas = by_replica.iter();
        let Some((first, snapshots)) = replicas.next() else {
            let reason = "has no snapshots named like replica-0-step-100.safetensors";
            return Err(TrajectoryError::new(folder, reason));
        };
        let times: Vec<u64> = snapshots.keys().copied().collect();
        for (replica, snapshots) in replicas {
            if let Some(step) = times.iter().find(|step| !snapshots.contains_key(step)) {
                let reason = format!("replica {replica} has no snapshot of step {step}, replica {first} has");
                return Err(TrajectoryError::new(folder, reason));
            }
            if let Some(step) = snapshots.keys().find(|step| times.binary_search(step).is_err()) {
                let reason = format!("replica {first} has no snapshot of step {step}, replica {replica} has");
                return Err(TrajectoryError::new(folder, reason));
            }
        }
        let replicas = by_replica.len();
        let names: Vec<String> = by_replica.into_values().flat_map(BTreeMap::into_values).collect();
        let path = folder.join(&names[0]);
        let (_, length, header) = opened(&path)?;
        let tensors = parsed(&path, &header, length)?;
        let layers = layers_of(&path, &tensors)?;
        let has_gradients = tensors.names.iter().any(|name| name.starts_with(GRADIENT));
        let sizes: Option<Vec<usize>> = layers.iter().map(Tensor::size).collect();
        let layer_ranges = sizes.as_deref().and_then(layer_ranges).ok_or_else(|| {
            TrajectoryError::new(&path, "has a tensor without numbers, or too large for any memory")
        })?;
        let layout = layout(&path, &path, &tensors, &layers, has_gradients, length)?;
        let single = layout.weights.iter().all(|layer| layer.format.width == FloatWidth::Single);
        let outline = Outline {
            replicas,
            weights: layer_ranges.last().map_or(0, |layer| layer.end),
            times,
            has_gradients,
            layers: Some(layer_ranges),
            precision: if single { Precision::Single } else { Precision::Double },
            unused,
        };
        let snapshots = Self { folder: folder.to_owned(), names, layers, header, layout };
        Ok((outline.validated(folder)?, snapshots))
    }

    /// Shows the pieces of `weights`.
    pub(super) fn read(
        &self,
        outline: &Outline,
        weights: Range<usize>,
        visit: &mut dyn FnMut(&Piece<'_>),
    ) -> Result<(), TrajectoryError> {
        let mut reader = Reader {
            snapshots: self,
            outline,
            current: None,
            path: PathBuf::new(),
            bytes: Vec::new(),
            weights: Vec::new(),
            gradients: Vec::new(),
        };
        show(outline, weights, &mut reader, visit)
    }
}

impl Tensor {
    fn size(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))
    }
}

/// Snapshot after snapshot.
struct Reader<'a> {
    snapshots: &'a Snapshots,
    outline: &'a Outline,
    current: Option<Snapshot>,
    path: PathBuf,
    bytes: Vec<u8>,
    weights: Vec<f64>,
    gradients: Vec<f64>,
}

/// A snapshot that is being read.
struct Snapshot {
    index: usize,
    file: File,
    /// Where it is not that of the first snapshot.
    layout: Option<Layout>,
}

impl Reader<'_> {
    /// Opens the snapshot of this number, whose tensors must be those of the first.
    fn open(&mut self, index: usize) -> Result<Snapshot, TrajectoryError> {
        let Snapshots { folder, names, layers, header: first_header, layout: first_layout } = self.snapshots;
        self.path = folder.join(&names[index]);
        let (file, length, header) = opened(&self.path)?;
        if header == *first_header && length == first_layout.length {
            return Ok(Snapshot { index, file, layout: None });
        }
        let tensors = parsed(&self.path, &header, length)?;
        let first = folder.join(&names[0]);
        if layers_of(&self.path, &tensors)? != *layers {
            let reason = format!("has other tensors than {}", first.display());
            return Err(TrajectoryError::new(&self.path, reason));
        }
        let layout = layout(&self.path, &first, &tensors, layers, self.outline.has_gradients, length)?;
        Ok(Snapshot { index, file, layout: Some(layout) })
    }
}

impl Pieces for Reader<'_> {
    fn next(&mut self, place: &Place) -> Result<(&[f64], Option<&[f64]>), TrajectoryError> {
        let index = place.replica * self.outline.times.len() + place.frame;
        let mut current = match self.current.take() {
            Some(current) if current.index == index => current,
            _ => self.open(index)?,
        };
        let layout = current.layout.as_ref().unwrap_or(&self.snapshots.layout);
        let layers = self.outline.layers.as_deref().unwrap_or_default();
        let gathered =
            gather(&mut current.file, &layout.weights, layers, place, &mut self.bytes, &mut self.weights)
                .and_then(|()| {
                    let gradients = &layout.gradients;
                    gather(&mut current.file, gradients, layers, place, &mut self.bytes, &mut self.gradients)
                });
        gathered.map_err(|error| TrajectoryError::while_doing(&self.path, "cannot be read", error))?;
        self.current = Some(current);
        let gradients = self.outline.has_gradients.then_some(self.gradients.as_slice());
        Ok((&self.weights, gradients))
    }

    fn file(&self, _: &Place) -> &Path {
        &self.path
    }

    fn end(&mut self) -> Result<(), TrajectoryError> {
        Ok(())
    }
}

/// Reads the numbers of a piece from the layers that it touches; none where `tensors` is empty.
fn gather(
    file: &mut File,
    tensors: &[Numbers],
    layers: &[Range<usize>],
    place: &Place,
    bytes: &mut Vec<u8>,
    numbers: &mut Vec<f64>,
) -> io::Result<()> {
    numbers.clear();
    let first = layers.partition_point(|layer| layer.end <= place.weights.start);
    for (layer, tensor) in layers.iter().zip(tensors).skip(first) {
        let part = layer.start.max(place.weights.start)..layer.end.min(place.weights.end);
        if part.is_empty() {
            break;
        }
        let size = tensor.format.size();
        bytes.resize(part.len() * size, 0);
        file.seek(SeekFrom::Start(tensor.start + ((part.start - layer.start) * size) as u64))?;
        file.read_exact(bytes)?;
        let before = numbers.len();
        numbers.resize(before + part.len(), 0.0);
        tensor.format.decode(bytes, &mut numbers[before..]);
    }
    Ok(())
}

/// A snapshot with its length and its header.
fn opened(path: &Path) -> Result<(File, u64, Vec<u8>), TrajectoryError> {
    let cannot = |error: &io::Error| TrajectoryError::while_doing(path, "cannot be read", error);
    let mut file = input::open(path).map_err(|error| cannot(&error.source))?;
    let length = file.metadata().map_err(|error| cannot(&error))?.len();
    let header = header::read(&mut file).map_err(|reason| unsound(path, &reason))?;
    Ok((file, length, header))
}

fn parsed(path: &Path, header: &[u8], length: u64) -> Result<Tensors, TrajectoryError> {
    header::parse(header, length).map_err(|reason| unsound(path, &reason))
}

fn unsound(path: &Path, reason: &str) -> TrajectoryError {
    TrajectoryError::while_doing(path, "is not a sound safetensors file", reason)
}

/// The layers in the order of their names, numbers in them compared as numbers.
fn layers_of(file: &Path, tensors: &Tensors) -> Result<Vec<Tensor>, TrajectoryError> {
    let mut layers = Vec::new();
    for name in tensors.names.iter().filter(|name| !name.starts_with(GRADIENT)) {
        if let Some(tensor) = tensors.metadata.info(name) {
            layers.push(Tensor { name: name.clone(), shape: tensor.shape.clone() });
        }
    }
    if layers.is_empty() {
        return Err(TrajectoryError::new(file, "has no tensors of weights"));
    }
    if let Some((name, meant)) = mistaken_gradient(&layers) {
        let (name, meant) = (name.escape_debug(), meant.escape_debug());
        let reason =
            format!("tensor '{name}' would be a layer: was '{GRADIENT}{meant}' meant? Rename or remove it");
        return Err(TrajectoryError::new(file, reason));
    }
    layers.sort_by(|left, right| natural_order(&left.name, &right.name));
    Ok(layers)
}

/// A layer that seems to be the gradient of another, by a name such as `gradient.NAME` or `NAME.grad`; with the other's name.
fn mistaken_gradient(layers: &[Tensor]) -> Option<(&str, &str)> {
    let names: HashSet<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    let separators = ['.', '_', '/', ':', '-'];
    layers.iter().map(|layer| layer.name.as_str()).find_map(|name| {
        let front = name.split_once(separators);
        let back = name.rsplit_once(separators).map(|(other, word)| (word, other));
        [front, back].into_iter().flatten().find_map(|(word, other)| {
            (is_close(word, "gradient") && names.contains(other)).then_some((name, other))
        })
    })
}

/// Where the numbers of `layers` are in a file. Gradients are those of the layers, and in every file or in none: a part of them
/// would be no gradient.
fn layout(
    file: &Path,
    first: &Path,
    tensors: &Tensors,
    layers: &[Tensor],
    has_gradients: bool,
    length: u64,
) -> Result<Layout, TrajectoryError> {
    for name in &tensors.names {
        let Some(layer) = name.strip_prefix(GRADIENT) else { continue };
        if !has_gradients {
            let reason = format!("has gradients, but {} has none", first.display());
            return Err(TrajectoryError::new(file, reason));
        }
        if layers.binary_search_by(|known| natural_order(&known.name, layer)).is_err() {
            let reason = format!("tensor '{}' is the gradient of no tensor", name.escape_debug());
            return Err(TrajectoryError::new(file, reason));
        }
    }
    let find = |prefix| layers.iter().map(move |layer| numbers(file, tensors, prefix, layer)).collect();
    let weights: Result<Vec<Numbers>, TrajectoryError> = find("");
    let gradients = if has_gradients { find(GRADIENT) } else { Ok(Vec::new()) };
    Ok(Layout { weights: weights?, gradients: gradients?, length })
}

/// Where the numbers of a layer, or of its gradient, are.
fn numbers(file: &Path, tensors: &Tensors, prefix: &str, layer: &Tensor) -> Result<Numbers, TrajectoryError> {
    let name = format!("{prefix}{}", layer.name);
    let wrong = |reason: String| TrajectoryError::new(file, reason);
    let Some(tensor) = tensors.metadata.info(&name) else {
        return Err(wrong(format!("has no tensor '{}'", name.escape_debug())));
    };
    if tensor.shape != layer.shape {
        let (found, needed) = (&tensor.shape, &layer.shape);
        let name = name.escape_debug();
        return Err(wrong(format!("tensor '{name}' has shape {found:?}; it must be {needed:?}")));
    }
    let width = match tensor.dtype {
        Dtype::F32 => FloatWidth::Single,
        Dtype::F64 => FloatWidth::Double,
        other => {
            let name = name.escape_debug();
            return Err(wrong(format!("tensor '{name}' is of {other:?}; it must be of F32 or F64")));
        }
    };
    let start = tensors.start + tensor.data_offsets.0 as u64;
    Ok(Numbers { start, format: FloatFormat { width, big_endian: false } })
}
