//! Data sets of anyone's own, as files that NumPy itself wrote (numpy/make_fixtures.py): each is read number by number,
//! or refused with its message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::own_data::read_data_set;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/own_data/numpy")).join(format!("{name}.npz"))
}

/// The message with which a file is refused, which must begin with the file.
fn refusal(path: &Path) -> String {
    let message = match read_data_set(path) {
        Ok(data) => panic!("{} was accepted with {} samples", path.display(), data.sample_count()),
        Err(error) => error.to_string(),
    };
    assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
    assert!(!message.contains('\n'), "one line: {message}");
    message
}

#[test]
fn every_width_and_byte_order_gives_the_same_data() {
    let expected: Vec<f32> = (0..18_u8).map(|index| 0.25 * f32::from(index) - 1.5).collect();
    for name in ["double", "single_scores", "big_endian", "big_endian_single", "small_labels", "compressed"] {
        let data = read_data_set(&fixture(name)).unwrap();
        assert_eq!((data.sample_count(), data.input_dimension()), (6, 3), "{name}");
        assert_eq!(data.inputs(), expected, "{name}");
        assert_eq!(data.labels(), [1.0, -1.0, 1.0, 1.0, -1.0, -1.0], "{name}");
    }
}

#[test]
fn what_is_no_data_set_is_refused() {
    for (name, expected) in [
        ("labels_from_zero", "array 'labels' is 0 at sample 1; it must be 1 or -1"),
        ("label_not_a_number", "array 'labels' is NaN at sample 3; it must be 1 or -1"),
        ("label_nearly_one", "array 'labels' is -1.000000000000001 at sample 5; it must be 1 or -1"),
        ("labels_too_few", "array 'labels' has shape [5]; it must be (6,), a label for each sample"),
        ("labels_in_a_column", "array 'labels' has shape [6, 1]; it must be (6,), a label for each sample"),
        (
            "labels_true_or_false",
            "array 'labels' has the type '|b1'; floats of 4 or 8 bytes and integers are known",
        ),
        (
            "labels_in_words",
            "array 'labels' has the type '<U3'; floats of 4 or 8 bytes and integers are known",
        ),
        ("labels_as_objects", "array 'labels' is an object array"),
        ("two_names", "array 'scores' and array 'inputs' are both there; one of them is needed"),
        (
            "no_inputs",
            "has no array 'inputs'; it needs scores or inputs, and labels, and has features, labels",
        ),
        ("no_labels", "has no array 'labels'; it needs scores or inputs, and labels, and has inputs"),
        ("fortran_order", "array 'inputs' is in Fortran order; save numpy.ascontiguousarray of it"),
        ("integer_inputs", "array 'inputs' has type <i8; it must be of 32- or 64-bit floats"),
        ("half_precision", "array 'inputs' has the type '<f2'"),
        ("images", "array 'inputs' has shape [6, 1, 3]; it must be (samples, dimension), each at least 1"),
        ("no_samples", "array 'inputs' has shape [0, 3]; it must be (samples, dimension), each at least 1"),
        ("input_not_a_number", "array 'inputs' is NaN at sample 4, input 2; it must be finite"),
        (
            "input_too_large",
            "is -1e39 at sample 1, input 0; it must be finite and at most 3.4028235e38 in size",
        ),
    ] {
        let message = refusal(&fixture(name));
        assert!(message.contains(expected), "expected \"{expected}\" in: {message}");
    }
}

#[test]
fn files_of_other_kinds_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("data.npz"), "no archive").unwrap();
    std::fs::write(path("data.safetensors"), "no tensors").unwrap();
    std::fs::write(path("data.csv"), "1,2,3").unwrap();
    std::fs::create_dir(path("folder.npz")).unwrap();
    for (name, expected) in [
        ("data.npz", "cannot be read as a NumPy archive"),
        ("data.safetensors", "not a safetensors file"),
        ("data.csv", "is no data set: it must be a .npz file, or a .safetensors file"),
        ("folder.npz", "cannot be opened: it is a folder; only a regular file can be read"),
        ("missing.npz", "cannot be opened"),
    ] {
        let message = refusal(&path(name));
        assert!(message.contains(expected), "expected \"{expected}\" in: {message}");
    }
    let message = read_data_set(&path("missing.safetensors")).unwrap_err().to_string();
    assert!(message.starts_with("cannot read ") && message.contains("missing.safetensors"), "{message}");
}

#[test]
fn cut_files_are_refused_and_damaged_ones_give_no_other_data() {
    let folder = tempfile::tempdir().unwrap();
    // A file of its own for each: writing over the last one waits for the disk.
    let write = |name: &str, index: usize, bytes: &[u8]| {
        let path = folder.path().join(format!("{name}-{index}.npz"));
        std::fs::write(&path, bytes).unwrap();
        path
    };
    for name in ["double", "compressed"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        let sound = read_data_set(&fixture(name)).unwrap();
        for length in 0..whole.len() {
            refusal(&write(&format!("{name}-cut"), length, &whole[..length]));
        }
        for index in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[index] ^= 0x10;
            // Some bytes mean nothing here, such as dates; no other may change what is read.
            if let Ok(data) = read_data_set(&write(&format!("{name}-damaged"), index, &damaged)) {
                assert_eq!(data, sound, "{name}, byte {index}");
            }
        }
    }
}

#[test]
fn prepared_data_sets_are_read_as_well() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mnist-train-pca10.safetensors");
    let mnist = glassbox::simulations::dataset::mnist().unwrap();
    assert!(read_data_set(path.as_ref()).unwrap() == mnist);
}
