//! Writers of sound and of broken files, byte by byte and without the readers' own code.

use glassbox_trajectories::trajectory::Trajectory;
use safetensors::tensor::TensorView;
use std::io::{Cursor, Seek, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;

/// What a reader saw: for every frame replica, step, weights and gradient.
pub(crate) type Seen = Vec<(usize, u64, Vec<f64>, Option<Vec<f64>>)>;

/// Opens and reads a trajectory.
pub(crate) fn seen(path: &Path) -> Result<Seen, String> {
    let trajectory = Trajectory::open(path).map_err(|error| error.to_string())?;
    let mut seen: Seen = Vec::new();
    trajectory
        .read(0..trajectory.weights(), &mut |piece| {
            let gradient = piece.gradient.map(<[f64]>::to_vec);
            if piece.first == 0 {
                seen.push((piece.replica, piece.step, piece.weights.to_vec(), gradient));
            } else {
                let (_, _, weights, gradients) = seen.last_mut().unwrap();
                assert_eq!(weights.len(), piece.first);
                weights.extend(piece.weights);
                if let Some(gradients) = gradients {
                    gradients.extend(gradient.unwrap());
                }
            }
        })
        .map_err(|error| error.to_string())?;
    Ok(seen)
}

/// The message with which a file is refused, which must begin with the file.
pub(crate) fn refusal(path: &Path) -> String {
    match seen(path) {
        Ok(seen) => panic!("{} was accepted with {} frames", path.display(), seen.len()),
        Err(message) => {
            assert!(message.starts_with(&path.display().to_string()), "{message}");
            assert!(!message.contains('\n'), "one line: {message}");
            message
        }
    }
}

/// An `.npy` file of format version 1, whatever its header says.
pub(crate) fn npy(descr: &str, fortran_order: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    let mut header = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}");
    header.push_str(&" ".repeat(63 - (10 + header.len()) % 64));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

pub(crate) fn f64s(shape: &str, numbers: &[f64]) -> Vec<u8> {
    npy("'<f8'", false, shape, &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

pub(crate) fn i64s(shape: &str, numbers: &[i64]) -> Vec<u8> {
    npy("'<i8'", false, shape, &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

/// Numbers that differ from one another.
pub(crate) fn numbers(count: u32) -> Vec<f64> {
    (0..count).map(|index| 0.25 * f64::from(index) - 1.5).collect()
}

/// Arrays of an `.npz` file: 2 replicas, 3 times, 4 weights, until something is changed.
#[derive(Clone)]
pub(crate) struct Archive(Vec<(&'static str, Vec<u8>)>);

impl Archive {
    pub(crate) fn sound() -> Self {
        Self(vec![("times", i64s("(3,)", &[0, 10, 20])), ("weights", f64s("(2, 3, 4)", &numbers(24)))])
    }

    /// With this array, in the place of one of the same name.
    pub(crate) fn with(mut self, name: &'static str, array: Vec<u8>) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, array));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self
    }

    pub(crate) fn bytes(&self, method: zip::CompressionMethod) -> Vec<u8> {
        self.written(zip::ZipWriter::new(Cursor::new(Vec::new())), method, false).into_inner()
    }

    /// With 64-bit sizes.
    pub(crate) fn large(&self, method: zip::CompressionMethod) -> Vec<u8> {
        self.written(zip::ZipWriter::new(Cursor::new(Vec::new())), method, true).into_inner()
    }

    /// Written in one go, so that checksums and sizes stand behind the entries.
    pub(crate) fn streamed(&self, method: zip::CompressionMethod) -> Vec<u8> {
        self.written(zip::ZipWriter::new_stream(Vec::new()), method, false).into_inner()
    }

    fn written<W: Write + Seek>(
        &self,
        mut archive: zip::ZipWriter<W>,
        method: zip::CompressionMethod,
        large: bool,
    ) -> W {
        for (name, array) in &self.0 {
            let options = SimpleFileOptions::default().compression_method(method).large_file(large);
            archive.start_file(format!("{name}.npy"), options).unwrap();
            archive.write_all(array).unwrap();
        }
        archive.finish().unwrap()
    }

    /// The message with which the file of these arrays is refused.
    pub(crate) fn refusal(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.npz");
        std::fs::write(&path, self.bytes(zip::CompressionMethod::Stored)).unwrap();
        refusal(&path)
    }
}

/// A safetensors file of these tensors: name, type, shape and bytes.
pub(crate) fn safetensors(tensors: &[(&str, safetensors::Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

pub(crate) fn little_endian(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
