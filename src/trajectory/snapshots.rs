//! A folder of safetensors snapshots: one file a replica and step, one tensor a layer.

use super::outline::{Outline, layer_ranges};
use super::{Frame, Precision, TrajectoryError};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder whose outline is sound.
#[derive(Debug)]
pub(super) struct Snapshots {
    /// In the order of reading: replica by replica, step by step.
    files: Vec<PathBuf>,
    layers: Vec<Tensor>,
}

/// What every snapshot must have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
}

/// Begins the name of the gradient of a layer.
const GRADIENT: &str = "grad.";

impl Snapshots {
    pub(super) fn open(folder: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let by_replica = listed(folder)?;
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
        let files: Vec<PathBuf> = by_replica.values().flat_map(BTreeMap::values).cloned().collect();
        let bytes = contents(&files[0])?;
        let tensors = parsed(&files[0], &bytes)?;
        let layers = layers_of(&files[0], &tensors)?;
        let has_gradients = tensors.names().iter().any(|name| name.starts_with(GRADIENT));
        let sizes: Option<Vec<usize>> = layers.iter().map(Tensor::size).collect();
        let layer_ranges = sizes.as_deref().and_then(layer_ranges).ok_or_else(|| {
            TrajectoryError::new(&files[0], "has a tensor without numbers, or too large for any memory")
        })?;
        let single = layers
            .iter()
            .all(|layer| tensors.tensor(&layer.name).is_ok_and(|tensor| tensor.dtype() == Dtype::F32));
        let outline = Outline {
            replicas: by_replica.len(),
            weights: layer_ranges.last().map_or(0, |layer| layer.end),
            times,
            has_gradients,
            layers: Some(layer_ranges),
            precision: if single { Precision::Single } else { Precision::Double },
        };
        Ok((outline.validated(folder)?, Self { files, layers }))
    }

    /// Shows all frames.
    pub(super) fn read(
        &self,
        outline: &Outline,
        visit: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<(), TrajectoryError> {
        let (mut weights, mut gradient) = (Vec::new(), Vec::new());
        for (index, file) in self.files.iter().enumerate() {
            let (replica, frame) = (index / outline.times.len(), index % outline.times.len());
            let bytes = contents(file)?;
            let tensors = parsed(file, &bytes)?;
            if layers_of(file, &tensors)? != self.layers {
                let reason = format!("has other tensors than {}", self.files[0].display());
                return Err(TrajectoryError::new(file, reason));
            }
            self.check_gradients(outline, file, &tensors)?;
            self.gather(file, &tensors, "", &mut weights)?;
            if outline.has_gradients {
                self.gather(file, &tensors, GRADIENT, &mut gradient)?;
            }
            visit(&Frame {
                replica,
                frame,
                step: outline.times[frame],
                weights: &weights,
                gradient: outline.has_gradients.then_some(gradient.as_slice()),
            });
        }
        Ok(())
    }

    /// Gradients are those of the layers, and in every file or in none: a part of them would be no gradient.
    fn check_gradients(
        &self,
        outline: &Outline,
        file: &Path,
        tensors: &SafeTensors<'_>,
    ) -> Result<(), TrajectoryError> {
        for name in tensors.names() {
            let Some(layer) = name.strip_prefix(GRADIENT) else { continue };
            if !outline.has_gradients {
                let reason = format!("has gradients, but {} has none", self.files[0].display());
                return Err(TrajectoryError::new(file, reason));
            }
            if self.layers.iter().all(|known| known.name != layer) {
                let reason = format!("tensor '{name}' is the gradient of no tensor");
                return Err(TrajectoryError::new(file, reason));
            }
        }
        Ok(())
    }

    /// The numbers of all layers, one after the other.
    fn gather(
        &self,
        file: &Path,
        tensors: &SafeTensors<'_>,
        prefix: &str,
        numbers: &mut Vec<f64>,
    ) -> Result<(), TrajectoryError> {
        numbers.clear();
        for layer in &self.layers {
            let name = format!("{prefix}{}", layer.name);
            let tensor = tensors
                .tensor(&name)
                .map_err(|_| TrajectoryError::new(file, format!("has no tensor '{name}'")))?;
            if tensor.shape() != layer.shape.as_slice() {
                let (found, needed) = (tensor.shape(), &layer.shape);
                let reason = format!("tensor '{name}' has shape {found:?}; it must be {needed:?}");
                return Err(TrajectoryError::new(file, reason));
            }
            let before = numbers.len();
            numbers.extend(floats(file, &name, &tensor)?);
            if let Some(index) = numbers[before..].iter().position(|number| !number.is_finite()) {
                let value = numbers[before + index];
                let reason = format!("tensor '{name}', number {index} is {value}; it must be finite");
                return Err(TrajectoryError::new(file, reason));
            }
        }
        Ok(())
    }
}

impl Tensor {
    fn size(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))
    }
}

/// The snapshots of each replica by step.
fn listed(folder: &Path) -> Result<BTreeMap<u64, BTreeMap<u64, PathBuf>>, TrajectoryError> {
    let unreadable = |error: std::io::Error| TrajectoryError::while_doing(folder, "cannot be listed", error);
    let mut found: BTreeMap<u64, BTreeMap<u64, PathBuf>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_none_or(|extension| extension != "safetensors") {
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((replica, step)) = numbered(name) else {
            let reason = "is not named like replica-0-step-100.safetensors";
            return Err(TrajectoryError::new(&path, reason));
        };
        if let Some(other) = found.entry(replica).or_default().insert(step, path.clone()) {
            let reason = format!("is the same replica and step as {}", other.display());
            return Err(TrajectoryError::new(&path, reason));
        }
    }
    Ok(found)
}

/// Replica and step of `replica-R-step-S`.
fn numbered(name: &str) -> Option<(u64, u64)> {
    let (replica, step) = name.strip_prefix("replica-")?.split_once("-step-")?;
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((digits(replica)?, digits(step)?))
}

fn contents(file: &Path) -> Result<Vec<u8>, TrajectoryError> {
    std::fs::read(file).map_err(|error| TrajectoryError::while_doing(file, "cannot be read", error))
}

fn parsed<'a>(file: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>, TrajectoryError> {
    SafeTensors::deserialize(bytes)
        .map_err(|error| TrajectoryError::while_doing(file, "is no sound safetensors file", error))
}

/// The layers in the order of their names, numbers in them compared as numbers.
fn layers_of(file: &Path, tensors: &SafeTensors<'_>) -> Result<Vec<Tensor>, TrajectoryError> {
    let mut layers = Vec::new();
    for (name, tensor) in tensors.iter() {
        if !name.starts_with(GRADIENT) {
            layers.push(Tensor { name: name.to_owned(), shape: tensor.shape().to_vec() });
        }
    }
    if layers.is_empty() {
        return Err(TrajectoryError::new(file, "has no tensors of weights"));
    }
    layers.sort_by(|left, right| natural_order(&left.name, &right.name));
    Ok(layers)
}

/// `layers.2` before `layers.10`.
fn natural_order(left: &str, right: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut left, mut right) = (left, right);
    loop {
        let (in_left, in_right) = (digits(left), digits(right));
        if in_left > 0 && in_right > 0 {
            let (number, other) =
                (left[..in_left].trim_start_matches('0'), right[..in_right].trim_start_matches('0'));
            let order = number.len().cmp(&other.len()).then_with(|| number.cmp(other));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[in_left..], &right[in_right..]);
            continue;
        }
        let (mut rest, mut other_rest) = (left.chars(), right.chars());
        match (rest.next(), other_rest.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) if one != other => return one.cmp(&other),
            _ => (left, right) = (rest.as_str(), other_rest.as_str()),
        }
    }
}

fn floats(file: &Path, name: &str, tensor: &TensorView<'_>) -> Result<Vec<f64>, TrajectoryError> {
    let bytes = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => Ok(bytes
            .chunks_exact(4)
            .map(|item| f64::from(f32::from_le_bytes([item[0], item[1], item[2], item[3]])))
            .collect()),
        Dtype::F64 => Ok(bytes
            .chunks_exact(8)
            .map(|item| {
                let mut number = [0; 8];
                number.copy_from_slice(item);
                f64::from_le_bytes(number)
            })
            .collect()),
        other => {
            let reason = format!("tensor '{name}' is of {other:?}; it must be of F32 or F64");
            Err(TrajectoryError::new(file, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_as_numbers() {
        let mut names = ["net.10.weight", "net.2.weight", "net.02.bias", "net.weight", "net"];
        names.sort_by(|left, right| natural_order(left, right));
        assert_eq!(names, ["net", "net.02.bias", "net.2.weight", "net.10.weight", "net.weight"]);
    }

    #[test]
    fn file_names_tell_replica_and_step() {
        assert_eq!(numbered("replica-0003-step-000100"), Some((3, 100)));
        for wrong in ["replica-3", "replica-x-step-1", "step-1", "replica-1-step--1", "replica--step-1"] {
            assert_eq!(numbered(wrong), None, "{wrong}");
        }
    }
}
