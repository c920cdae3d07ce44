//! Files that real NumPy wrote (tests/numpy/write.py): what its releases do, not what a description says.

use crate::files::{Seen, refusal, seen};
use glassbox::trajectory::{Precision, Trajectory};
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/numpy").join(name)
}

/// The frames that `write.py` wrote; eighths, exact in single precision.
fn written(replicas: usize, with_gradients: bool) -> Seen {
    let mut next = (0_u32..).map(|index| f64::from(index) / 8.0 - 1.0);
    let mut frames = Vec::new();
    for replica in 0..replicas {
        for step in [0, 10, 20] {
            let weights: Vec<f64> = next.by_ref().take(4).collect();
            let gradient = with_gradients.then(|| weights.iter().map(|weight| 2.0 * weight).collect());
            frames.push((replica, step, weights, gradient));
        }
    }
    frames
}

#[test]
fn every_sound_file_is_read_exactly() {
    assert_eq!(seen(&file("double.npz")), Ok(written(2, true)));
    assert_eq!(seen(&file("single_packed.npz")), Ok(written(2, false)));
    assert_eq!(seen(&file("big_endian.npz")), Ok(written(2, false)));
    assert_eq!(seen(&file("one_replica.npz")), Ok(written(1, false)));
}

#[test]
fn outlines_are_those_that_were_written() {
    let double = Trajectory::open(&file("double.npz")).unwrap();
    assert_eq!(
        (double.stored_precision(), double.layers()),
        (Precision::Double, Some([0..1, 1..4].as_slice()))
    );
    let single = Trajectory::open(&file("single_packed.npz")).unwrap();
    assert_eq!((single.stored_precision(), single.layers()), (Precision::Single, None));
}

#[test]
fn what_numpy_writes_but_is_no_plain_array_is_refused() {
    assert!(refusal(&file("fortran_order.npz")).contains("array 'weights' is in Fortran order"));
    assert!(refusal(&file("object_array.npz")).contains("array 'weights' is an object array"));
}
