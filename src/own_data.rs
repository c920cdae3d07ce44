//! Data sets of anyone's own: a NumPy archive, or what `glassbox data prepare` wrote.

use glassbox_simulations::dataset::{Dataset, DatasetError, read_prepared};
use glassbox_trajectories::npz::{Archive, ArchiveError};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file is no data set.
#[derive(Debug, Error)]
pub enum DataFileError {
    /// A file whose name says neither form.
    #[error("{}: is no data set: it must be a .npz file, or a .safetensors file of glassbox data prepare", file.display())]
    Form {
        /// The file.
        file: PathBuf,
    },
    /// A NumPy archive that cannot be read, or whose arrays are no data set.
    #[error("{}: {reason}", file.display())]
    Archive {
        /// The file.
        file: PathBuf,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// A prepared data set that cannot be read.
    #[error(transparent)]
    Prepared(#[from] DatasetError),
}

impl From<ArchiveError> for DataFileError {
    fn from(ArchiveError { file, reason }: ArchiveError) -> Self {
        Self::Archive { file, reason }
    }
}

const NEEDS: &str = "scores or inputs, and labels";

/// Reads a data set from a `.npz` file, as `numpy.savez` and `numpy.savez_compressed` write it, or from a `.safetensors`
/// file that `glassbox data prepare` wrote.
///
/// The archive holds `inputs` (samples × dimension, 32- or 64-bit floats, finite, in C order, at most 2²⁸ numbers), which may
/// also be called `scores`, and `labels` (samples, any integers or floats, each 1 or −1). Other arrays are ignored. Inputs are
/// kept in single precision, as they are: nothing is standardised.
///
/// ```no_run
/// // numpy.savez("mine.npz", inputs=inputs, labels=labels)
/// let mine = glassbox::own_data::read_data_set("mine.npz".as_ref())?;
/// println!("{} samples of {} inputs", mine.sample_count(), mine.input_dimension());
/// # Ok::<(), glassbox::own_data::DataFileError>(())
/// ```
///
/// # Errors
/// [`DataFileError`] that names the file, what is wrong with it, and what is allowed.
pub fn read_data_set(path: &Path) -> Result<Dataset, DataFileError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "npz" => read_archive(path),
        "safetensors" => Ok(read_prepared(path)?),
        _ => Err(DataFileError::Form { file: path.to_owned() }),
    }
}

fn read_archive(path: &Path) -> Result<Dataset, DataFileError> {
    let archive = Archive::open(path, NEEDS)?;
    let name = match (archive.has("scores"), archive.has("inputs")) {
        (true, true) => {
            return Err(archive
                .wrong("scores", "and array 'inputs' are both there; one of them is needed")
                .into());
        }
        (true, false) => "scores",
        _ => "inputs",
    };
    let (inputs, samples, dimension) = inputs(&archive, name)?;
    let labels = labels(&archive, samples)?;
    Dataset::new(inputs, labels, dimension)
        .map_err(|error| DataFileError::Archive { file: path.to_owned(), reason: error.to_string() })
}

/// Most numbers of the inputs, which are kept in memory in single precision: 1 GiB.
const MOST_INPUTS: usize = 1 << 28;

/// Numbers that are read at once.
const AT_ONCE: usize = 1 << 14;

/// Inputs with the number of samples and their dimension.
fn inputs(archive: &Archive, name: &'static str) -> Result<(Vec<f32>, usize, usize), ArchiveError> {
    let mut array = archive.floats(name)?;
    let (samples, dimension) = match *array.header.shape.as_slice() {
        [samples, dimension] if samples > 0 && dimension > 0 => (samples, dimension),
        _ => {
            let reason = format!(
                "has shape {:?}; it must be (samples, dimension), each at least 1",
                array.header.shape
            );
            return Err(array.wrong(reason));
        }
    };
    let count = samples.saturating_mul(dimension);
    if count > MOST_INPUTS {
        let reason =
            format!("has {samples} samples of {dimension} inputs; at most {MOST_INPUTS} numbers are read");
        return Err(array.wrong(reason));
    }
    let mut inputs: Vec<f32> = Vec::new();
    while inputs.len() < count {
        let left = count - inputs.len();
        array
            .next_floats(left.min(AT_ONCE), left as u64)
            .map_err(|error| array.wrong(format!("ends early or is damaged: {error}")))?;
        let values = array.floats();
        inputs
            .try_reserve(values.len())
            .map_err(|error| array.wrong(format!("has {count} numbers: {error}")))?;
        let before = inputs.len();
        inputs.extend(values.iter().map(|value| single(*value)));
        if let Some(index) = inputs[before..].iter().position(|value| !value.is_finite()) {
            let (value, index) = (values[index], before + index);
            let (sample, input) = (index / dimension, index % dimension);
            let reason = format!(
                "is {value:?} at sample {sample}, input {input}; it must be finite and at most {:e} in size",
                f32::MAX
            );
            return Err(array.wrong(reason));
        }
    }
    array.end_whole()?;
    Ok((inputs, samples, dimension))
}

/// One label for each of `samples`.
fn labels(archive: &Archive, samples: usize) -> Result<Vec<f32>, ArchiveError> {
    let mut array = archive.array("labels")?;
    if array.header.shape != [samples] {
        let reason =
            format!("has shape {:?}; it must be ({samples},), a label for each sample", array.header.shape);
        return Err(array.wrong(reason));
    }
    let header = array.header.clone();
    let mut labels = Vec::new();
    while labels.len() < samples {
        let left = samples - labels.len();
        let bytes = match array.next_bytes(left.min(AT_ONCE), left as u64) {
            Ok(bytes) => bytes,
            Err(error) => return Err(array.wrong(format!("ends early or is damaged: {error}"))),
        };
        for item in bytes.chunks_exact(header.item_size) {
            let value = header.number(item);
            if value.abs() != 1.0 {
                let reason = format!("is {value} at sample {}; it must be 1 or -1", labels.len());
                return Err(array.wrong(reason));
            }
            labels.push(if value > 0.0 { 1.0 } else { -1.0 });
        }
    }
    array.end_whole()?;
    Ok(labels)
}

#[allow(clippy::cast_possible_truncation, reason = "data sets are in single precision; overflow is refused")]
fn single(value: f64) -> f32 {
    value as f32
}
