//! Files that NumPy itself wrote (numpy/make_fixtures.py): each is read number by number, or refused with its message.

use crate::files::{numbers, refusal, seen};
use glassbox_trajectories::trajectory::{Precision, Trajectory};
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trajectory_files/numpy")).join(name)
}

#[test]
fn every_width_and_byte_order_gives_the_same_numbers() {
    let expected = numbers(24);
    for (name, precision, replicas) in [
        ("double", Precision::Double, 2),
        ("single", Precision::Single, 2),
        ("big_endian", Precision::Double, 2),
        ("big_endian_single", Precision::Single, 2),
        ("float_times", Precision::Double, 2),
        ("compressed", Precision::Double, 2),
        ("one_replica", Precision::Double, 1),
    ] {
        let path = fixture(&format!("{name}.npz"));
        let trajectory = Trajectory::open(&path).unwrap();
        assert_eq!((trajectory.replicas(), trajectory.weights()), (replicas, 4), "{name}");
        assert_eq!((trajectory.times(), trajectory.stored_precision()), ([0, 10, 20].as_slice(), precision));
        let frames = seen(&path).unwrap();
        assert_eq!(frames.len(), 3 * replicas, "{name}");
        for (index, (replica, step, weights, gradient)) in frames.iter().enumerate() {
            assert_eq!((*replica, *step), (index / 3, [0, 10, 20][index % 3]), "{name}");
            assert_eq!(weights, &expected[4 * index..4 * index + 4], "{name}");
            assert_eq!(gradient.is_some(), name == "compressed");
        }
    }
}

#[test]
fn gradients_and_layers_are_read_beside_the_weights() {
    let path = fixture("compressed.npz");
    assert_eq!(Trajectory::open(&path).unwrap().layers(), Some([0..1, 1..4].as_slice()));
    for (_, _, weights, gradient) in seen(&path).unwrap() {
        let doubled: Vec<f64> = weights.iter().map(|weight| 2.0 * weight).collect();
        assert_eq!(gradient, Some(doubled));
    }
}

#[test]
fn what_numpy_can_write_but_is_no_trajectory_is_refused() {
    for (name, expected) in [
        ("fortran_order", "is in Fortran order; save numpy.ascontiguousarray"),
        ("object_array", "array 'weights' is an object array, which only Python can read"),
        ("half_precision", "array 'weights' has the type '<f2'"),
        ("structured", "array 'weights' is a structured array"),
    ] {
        let message = refusal(&fixture(&format!("{name}.npz")));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_file_of_numpy_that_is_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    for name in ["double.npz", "compressed.npz"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        for length in (0..whole.len()).step_by(5) {
            std::fs::write(&path, &whole[..length]).unwrap();
            refusal(&path);
        }
    }
}
