//! Ranges of weights are read piece by piece, by several threads, and are the same numbers as the whole.

use crate::files::{Archive, Seen, f64s, i64s, little_endian, npy, safetensors, seen};
use crate::table::{Column, table};
use glassbox_trajectories::trajectory::{PIECE, Trajectory, TrajectoryError};
use parquet::basic::Compression;
use safetensors::Dtype;
use std::ops::Range;
use std::path::{Path, PathBuf};
use zip::CompressionMethod::{Deflated, Stored};

const REPLICAS: usize = 2;
const TIMES: [i64; 3] = [0, 10, 20];
/// Two whole pieces and a short one.
const WEIGHTS: usize = 2 * PIECE + 5;

/// Numbers of single precision that differ from one another.
fn weights() -> Vec<f64> {
    let count = u32::try_from(REPLICAS * TIMES.len() * WEIGHTS).unwrap();
    (0..count).map(|index| 0.125 * f64::from(index) - 7.0).collect()
}

fn gradients() -> Vec<f64> {
    weights().iter().map(|weight| -2.0 * weight).collect()
}

fn npz(folder: &Path, name: &str, descr: &str, method: zip::CompressionMethod) -> PathBuf {
    let shape = format!("({REPLICAS}, {}, {WEIGHTS})", TIMES.len());
    #[allow(clippy::cast_possible_truncation, reason = "the numbers are of single precision")]
    let bytes = |numbers: Vec<f64>| match descr {
        "'<f4'" => numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect(),
        "'>f8'" => numbers.iter().flat_map(|number| number.to_be_bytes()).collect(),
        _ => little_endian(&numbers),
    };
    let archive = Archive::sound()
        .with("times", i64s("(3,)", &TIMES))
        .with("weights", npy(descr, false, &shape, &bytes(weights())))
        .with("gradients", f64s(&shape, &gradients()));
    let path = folder.join(format!("{name}.npz"));
    std::fs::write(&path, archive.bytes(method)).unwrap();
    path
}

fn snapshots(folder: &Path) -> PathBuf {
    let path = folder.join("snapshots");
    std::fs::create_dir(&path).unwrap();
    let (weights, gradients) = (weights(), gradients());
    // A layer ends within a piece, and the last begins in one piece and ends in another.
    let layers = [("a", 0..7), ("b", 7..PIECE - 1), ("c", PIECE - 1..WEIGHTS)];
    for (index, (weights, gradient)) in weights.chunks(WEIGHTS).zip(gradients.chunks(WEIGHTS)).enumerate() {
        let (replica, step) = (index / TIMES.len(), TIMES[index % TIMES.len()]);
        let shapes = layers.clone().map(|(_, layer)| [layer.len()]);
        let names = layers.clone().map(|(name, _)| format!("grad.{name}"));
        let mut tensors = Vec::new();
        for (((name, layer), shape), gradient_name) in layers.iter().zip(&shapes).zip(&names) {
            tensors.push((*name, Dtype::F64, shape.as_slice(), little_endian(&weights[layer.clone()])));
            let gradient = little_endian(&gradient[layer.clone()]);
            tensors.push((gradient_name.as_str(), Dtype::F64, shape.as_slice(), gradient));
        }
        let file = path.join(format!("replica-{replica}-step-{step}.safetensors"));
        std::fs::write(file, safetensors(&tensors)).unwrap();
    }
    path
}

fn parquet(folder: &Path) -> PathBuf {
    let rows = REPLICAS * TIMES.len() * WEIGHTS;
    let frame = TIMES.len() * WEIGHTS;
    let index = |index: usize| i64::try_from(index).unwrap();
    let columns = [
        ("replica", Column::Int64((0..rows).map(|row| index(row / frame)).collect())),
        ("step", Column::Int64((0..rows).map(|row| TIMES[row / WEIGHTS % TIMES.len()]).collect())),
        ("weight", Column::Int64((0..rows).map(|row| index(row % WEIGHTS)).collect())),
        ("value", Column::Double(weights())),
        ("gradient", Column::Double(gradients())),
    ];
    let path = folder.join("run.parquet");
    // Row groups that begin anywhere in a frame.
    std::fs::write(&path, table(&columns, rows, 10_007, Compression::SNAPPY)).unwrap();
    path
}

fn ranges() -> [Range<usize>; 3] {
    [0..PIECE, PIECE..2 * PIECE, 2 * PIECE..WEIGHTS]
}

/// The frames of a range, whose pieces must be what the documentation says.
fn part(trajectory: &Trajectory, range: &Range<usize>) -> Result<Seen, TrajectoryError> {
    let mut seen: Seen = Vec::new();
    trajectory.read(range.clone(), &mut |piece| {
        assert!(piece.first.is_multiple_of(PIECE));
        assert_eq!(piece.weights.len(), PIECE.min(range.end - piece.first));
        assert_eq!(trajectory.times()[piece.frame], piece.step);
        let gradient = piece.gradient.unwrap();
        assert_eq!(gradient.len(), piece.weights.len());
        if piece.first == range.start {
            assert_eq!(seen.len(), piece.replica * trajectory.times().len() + piece.frame);
            seen.push((piece.replica, piece.step, piece.weights.to_vec(), Some(gradient.to_vec())));
        } else {
            let (_, _, weights, gradients) = seen.last_mut().unwrap();
            assert_eq!(weights.len(), piece.first - range.start);
            weights.extend(piece.weights);
            gradients.as_mut().unwrap().extend(gradient);
        }
    })?;
    Ok(seen)
}

#[test]
fn ranges_of_every_form_are_parts_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        npz(folder.path(), "double", "'<f8'", Stored),
        npz(folder.path(), "single", "'<f4'", Stored),
        npz(folder.path(), "big_endian", "'>f8'", Stored),
        npz(folder.path(), "packed", "'<f8'", Deflated),
        snapshots(folder.path()),
        parquet(folder.path()),
    ];
    let (weights, gradients) = (weights(), gradients());
    for path in files {
        let whole = seen(&path).unwrap();
        assert_eq!(whole.len(), REPLICAS * TIMES.len());
        for (index, (_, _, frame, gradient)) in whole.iter().enumerate() {
            let place = index * WEIGHTS..(index + 1) * WEIGHTS;
            assert!(frame == &weights[place.clone()], "{}, frame {index}", path.display());
            assert!(gradient.as_deref() == Some(&gradients[place]), "{}, frame {index}", path.display());
        }
        let trajectory = Trajectory::open(&path).unwrap();
        let all = [ranges().to_vec(), vec![0..2 * PIECE, PIECE..WEIGHTS, 0..WEIGHTS, 0..0]].concat();
        std::thread::scope(|scope| {
            for range in all {
                let (trajectory, whole, path) = (&trajectory, &whole, &path);
                scope.spawn(move || {
                    let part = part(trajectory, &range).unwrap();
                    for (part, whole) in part.iter().zip(whole) {
                        assert_eq!((part.0, part.1), (whole.0, whole.1));
                        assert!(part.2 == whole.2[range.clone()], "{} {range:?}", path.display());
                        let gradient = &whole.3.as_ref().unwrap()[range.clone()];
                        assert!(part.3.as_deref() == Some(gradient), "{} {range:?}", path.display());
                    }
                    assert_eq!(part.len(), if range.is_empty() { 0 } else { whole.len() });
                });
            }
        });
    }
}

#[test]
fn ranges_that_are_not_whole_pieces_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let trajectory = Trajectory::open(&npz(folder.path(), "double", "'<f8'", Stored)).unwrap();
    #[allow(clippy::reversed_empty_ranges, reason = "to be refused")]
    for range in [1..PIECE, 0..PIECE + 1, 0..WEIGHTS - 1, 0..WEIGHTS + 1, 0..3 * PIECE, PIECE..0] {
        let message =
            trajectory.read(range.clone(), &mut |_| panic!("a piece was shown")).unwrap_err().to_string();
        assert!(
            message.contains("cannot be read; a range begins and ends at a multiple of 16384"),
            "{message}"
        );
    }
}

/// A reading of some weights does not see the others; the one that completes them compares the checksum of all.
#[test]
fn damage_is_found_when_all_weights_were_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(folder.path(), "double", "'<f8'", Stored);
    let mut bytes = std::fs::read(&path).unwrap();
    let trajectory = Trajectory::open(&path).unwrap();
    for range in ranges() {
        part(&trajectory, &range).unwrap();
    }
    let number = weights()[PIECE + 3].to_le_bytes();
    let at = bytes.windows(8).position(|window| window == number).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    // A second reading compares with the first.
    let message = part(&trajectory, &(PIECE..2 * PIECE)).unwrap_err().to_string();
    assert!(message.contains("array 'weights' has changed since it was first read"), "{message}");
    for last in 0..3 {
        let trajectory = Trajectory::open(&path).unwrap();
        for (index, range) in ranges().into_iter().enumerate().filter(|(index, _)| *index != last) {
            assert!(part(&trajectory, &range).is_ok(), "{index}");
        }
        let message = part(&trajectory, &ranges()[last]).unwrap_err().to_string();
        assert!(message.contains("array 'weights' is damaged"), "{message}");
    }
    let message = part(&Trajectory::open(&path).unwrap(), &(0..WEIGHTS)).unwrap_err().to_string();
    assert!(message.contains("array 'weights' is damaged"), "{message}");
}
