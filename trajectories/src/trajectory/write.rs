//! Writing `.npz` trajectories.

use super::TrajectoryError;
use crate::npz::header_bytes;
use crate::output::write_output;
use std::io::Write;
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What a trajectory file holds.
#[derive(Clone, Copy, Debug)]
pub struct Arrays<'a> {
    /// The saved steps, strictly ascending.
    pub times: &'a [u64],
    /// Number of replicas.
    pub replicas: usize,
    /// Weights of (replica, time, weight), the last running fastest.
    pub weights: &'a [f64],
    /// Gradients of the loss at these weights, in the same order.
    pub gradients: Option<&'a [f64]>,
    /// Sizes of the layers, in the order of the weights.
    pub layers: Option<&'a [u64]>,
}

/// Writes a trajectory in double precision, as `numpy.savez` would, where `path` says as [`write_output`] does.
///
/// # Errors
/// [`TrajectoryError`] for arrays that do not fit together, or a file that cannot be written; nothing half-written is
/// left.
pub fn write_npz(path: &Path, arrays: &Arrays<'_>) -> Result<(), TrajectoryError> {
    let frames = arrays.replicas.checked_mul(arrays.times.len()).filter(|frames| *frames > 0);
    let weights = frames
        .filter(|frames| arrays.weights.len().is_multiple_of(*frames))
        .map(|n| arrays.weights.len() / n);
    let Some(weights) = weights.filter(|weights| *weights > 0) else {
        let (count, times, replicas) = (arrays.weights.len(), arrays.times.len(), arrays.replicas);
        return Err(TrajectoryError::new(
            path,
            format!("{count} weights are no whole number of frames for {replicas} replicas at {times} times"),
        ));
    };
    if let Some(gradients) = arrays.gradients
        && gradients.len() != arrays.weights.len()
    {
        let (given, needed) = (gradients.len(), arrays.weights.len());
        return Err(TrajectoryError::new(path, format!("{given} gradients for {needed} weights")));
    }
    let shape = [arrays.replicas, arrays.times.len(), weights];
    let floats =
        |numbers: &[f64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let counts =
        |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let mut entries = vec![
        ("times", "<u8", vec![arrays.times.len()], counts(arrays.times)),
        ("weights", "<f8", shape.to_vec(), floats(arrays.weights)),
    ];
    if let Some(gradients) = arrays.gradients {
        entries.push(("gradients", "<f8", shape.to_vec(), floats(gradients)));
    }
    if let Some(layers) = arrays.layers {
        entries.push(("layers", "<u8", vec![layers.len()], counts(layers)));
    }
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .large_file(arrays.weights.len() > (1 << 28));
    let failed =
        |error: &dyn std::fmt::Display| TrajectoryError::while_doing(path, "cannot be written", error);
    for (name, kind, shape, bytes) in entries {
        archive.start_file(format!("{name}.npy"), options).map_err(|error| failed(&error))?;
        archive.write_all(&header_bytes(kind, &shape)).map_err(|error| failed(&error))?;
        archive.write_all(&bytes).map_err(|error| failed(&error))?;
    }
    let bytes = archive.finish().map_err(|error| failed(&error))?.into_inner();
    write_output(path, &bytes).map_err(|error| failed(&error.source))
}
