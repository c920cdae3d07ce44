//! The file of a prepared data set: safetensors with `scores` (samples × components, f32) and `labels` (samples, i8).

use super::{Dataset, DatasetError};
use glassbox_trajectories::{FileError, input, output::write_output};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::path::Path;

/// Reads a prepared data set.
///
/// # Errors
/// [`DatasetError`] for a file that cannot be read or is not a prepared data set.
pub fn read_prepared(path: &Path) -> Result<Dataset, DatasetError> {
    parse(&input::read(path, MOST_BYTES)?, path)
}

/// Bytes of a prepared data set, at most: a hundred million samples of ten inputs.
const MOST_BYTES: u64 = 1 << 32;

pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Dataset, DatasetError> {
    let malformed = |problem: String| DatasetError::Malformed { path: path.to_owned(), problem };
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| malformed(format!("not a safetensors file: {error}")))?;
    let tensor = |name: &str, dtype: Dtype, dimensions: usize| {
        let view = file.tensor(name).map_err(|_| malformed(format!("has no tensor \"{name}\"")))?;
        if view.dtype() != dtype || view.shape().len() != dimensions {
            let (found, shape) = (view.dtype(), view.shape());
            let needed = format!("{dtype:?} with {dimensions} dimensions");
            return Err(malformed(format!(
                "tensor \"{name}\" is {found:?} of shape {shape:?}; it must be {needed}"
            )));
        }
        Ok(view)
    };
    let scores = tensor("scores", Dtype::F32, 2)?;
    let labels = tensor("labels", Dtype::I8, 1)?;
    let inputs: Vec<f32> = scores
        .data()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    let labels = labels.data().iter().map(|byte| f32::from(i8::from_le_bytes([*byte]))).collect();
    Dataset::new(inputs, labels, scores.shape()[1]).map_err(|error| malformed(error.to_string()))
}

/// Writes a prepared data set (scores f32, labels i8) where `path` says, as [`write_output`] does: a regular file whole or not at all.
///
/// # Errors
/// [`DatasetError::File`] where the file system refuses.
pub fn write_prepared(dataset: &Dataset, path: &Path) -> Result<(), DatasetError> {
    let scores: Vec<u8> = dataset.inputs().iter().flat_map(|value| value.to_le_bytes()).collect();
    let labels: Vec<u8> =
        dataset.labels().iter().map(|label| if *label > 0.0 { 1 } else { u8::MAX }).collect();
    let problem = |error: safetensors::SafeTensorError| DatasetError::Malformed {
        path: path.to_owned(),
        problem: format!("cannot be laid out: {error}"),
    };
    let shape = vec![dataset.sample_count(), dataset.input_dimension()];
    let tensors = [
        ("scores", TensorView::new(Dtype::F32, shape, &scores).map_err(problem)?),
        ("labels", TensorView::new(Dtype::I8, vec![dataset.sample_count()], &labels).map_err(problem)?),
    ];
    // One entry only: a map of several would be written in a random order.
    let about = HashMap::from([("glassbox".to_owned(), "prepared data set, version 1".to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(about)).map_err(problem)?;
    if bytes.len() as u64 > MOST_BYTES {
        let length = bytes.len();
        let problem =
            format!("would have {length} bytes; at most {MOST_BYTES} are read back. Take fewer samples");
        return Err(DatasetError::Malformed { path: path.to_owned(), problem });
    }
    Ok(write_output(path, &bytes)?)
}

impl From<FileError> for DatasetError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::File { action, path, source }
    }
}
