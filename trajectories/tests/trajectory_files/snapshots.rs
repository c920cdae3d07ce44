//! Hostile and broken folders of safetensors snapshots, each with the message that it gets.

use crate::files::{little_endian, numbers, refusal, safetensors, seen};
use safetensors::Dtype;
use std::path::{Path, PathBuf};

/// A folder with sound snapshots of two replicas at steps 0 and 5, to be spoilt.
pub(crate) struct Folder(tempfile::TempDir);

/// The snapshot of two layers, the second in single precision, with gradients.
pub(crate) fn snapshot() -> Vec<u8> {
    let singles = [0.5_f32, -0.25].iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    safetensors(&[
        ("net.10.weight", Dtype::F32, &[2], singles.clone()),
        ("net.2.weight", Dtype::F64, &[2, 3], little_endian(&numbers(6))),
        ("grad.net.10.weight", Dtype::F32, &[2], singles),
        ("grad.net.2.weight", Dtype::F64, &[2, 3], little_endian(&numbers(6))),
    ])
}

impl Folder {
    pub(crate) fn sound() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for replica in 0..2 {
            for step in [0, 5] {
                std::fs::write(folder.snapshot(replica, step), snapshot()).unwrap();
            }
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn snapshot(&self, replica: u32, step: u32) -> PathBuf {
        self.path().join(format!("replica-{replica}-step-{step}.safetensors"))
    }

    /// The message when the last snapshot is this.
    fn says_of_last(&self, bytes: &[u8], expected: &str) {
        std::fs::write(self.snapshot(1, 5), bytes).unwrap();
        self.says(expected);
    }

    fn says(&self, expected: &str) {
        let message = refusal(self.path());
        assert!(message.contains(expected), "{message}\nshould contain\n{expected}");
    }
}

#[test]
fn layers_are_read_in_natural_order() {
    let seen = seen(Folder::sound().path()).unwrap();
    let weights: Vec<f64> = numbers(6).into_iter().chain([0.5, -0.25]).collect();
    let expected = |replica, step| (replica, step, weights.clone(), Some(weights.clone()));
    assert_eq!(seen, [expected(0, 0), expected(0, 5), expected(1, 0), expected(1, 5)]);
}

#[test]
fn files_that_do_not_belong_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path()).contains("has no snapshots named like replica-0-step-100.safetensors"));
    std::fs::write(empty.path().join("run.txt"), "nothing").unwrap();
    assert!(refusal(empty.path()).contains("has no snapshots"));

    let folder = Folder::sound();
    for name in ["model.safetensors", "replica-1.safetensors", "replica-1-step-.safetensors"] {
        let path = folder.path().join(name);
        std::fs::write(&path, snapshot()).unwrap();
        folder.says("is not named like replica-0-step-100.safetensors");
        std::fs::remove_file(path).unwrap();
    }
    std::fs::write(folder.path().join("replica-01-step-005.safetensors"), snapshot()).unwrap();
    folder.says("is the same replica and step as");
}

#[test]
fn missing_snapshots_are_named() {
    let folder = Folder::sound();
    std::fs::remove_file(folder.snapshot(1, 5)).unwrap();
    folder.says("replica 1 has no snapshot of step 5, replica 0 has");
    std::fs::write(folder.snapshot(1, 6), snapshot()).unwrap();
    folder.says("replica 1 has no snapshot of step 5, replica 0 has");
    std::fs::write(folder.snapshot(1, 5), snapshot()).unwrap();
    folder.says("replica 0 has no snapshot of step 6, replica 1 has");
    for replica in 0..2 {
        std::fs::remove_file(folder.snapshot(replica, 5)).unwrap();
    }
    std::fs::remove_file(folder.snapshot(1, 6)).unwrap();
    folder.says("1 saved times; a trajectory needs at least 2");
}

#[test]
fn tensors_of_other_names_shapes_and_types_are_refused() {
    let folder = Folder::sound();
    let singles = || vec![0; 8];
    let doubles = || little_endian(&numbers(6));
    let last = |tensors: &[(&str, Dtype, &[usize], Vec<u8>)], expected: &str| {
        folder.says_of_last(&safetensors(tensors), expected);
    };
    let first = ("net.10.weight", Dtype::F32, [2].as_slice(), singles());
    let gradient = ("grad.net.10.weight", Dtype::F32, [2].as_slice(), singles());
    let second = ("net.2.weight", Dtype::F64, [2, 3].as_slice(), doubles());
    let second_gradient = ("grad.net.2.weight", Dtype::F64, [2, 3].as_slice(), doubles());
    last(&[], "has no tensors of weights");
    last(&[gradient.clone(), second_gradient.clone()], "has no tensors of weights");
    last(&[first.clone(), gradient.clone()], "has other tensors than");
    last(&[first.clone(), second.clone(), gradient.clone()], "has no tensor 'grad.net.2.weight'");
    let turned = ("net.2.weight", Dtype::F64, [3, 2].as_slice(), doubles());
    last(&[first.clone(), turned, gradient.clone(), second_gradient.clone()], "has other tensors than");
    let turned = ("grad.net.2.weight", Dtype::F64, [3, 2].as_slice(), doubles());
    let sound = [first.clone(), second.clone(), gradient.clone()];
    let with = |tensor| [sound.as_slice(), &[tensor]].concat();
    last(&with(turned), "tensor 'grad.net.2.weight' has shape [3, 2]; it must be [2, 3]");
    let half = ("net.10.weight", Dtype::F16, [2].as_slice(), vec![0; 4]);
    let halved = [half, second, gradient, second_gradient.clone()];
    last(&halved, "tensor 'net.10.weight' is of F16; it must be of F32 or F64");
    let alien = ("grad.net.3.weight", Dtype::F64, [1].as_slice(), little_endian(&[0.0]));
    let aliens = [with(second_gradient).as_slice(), &[alien]].concat();
    last(&aliens, "tensor 'grad.net.3.weight' is the gradient of no tensor");
}

/// Gradients in later files alone, or in the first alone, are no gradients.
#[test]
fn gradients_are_in_every_file_or_in_none() {
    let folder = Folder::sound();
    let without = safetensors(&[
        ("net.10.weight", Dtype::F32, &[2], vec![0; 8]),
        ("net.2.weight", Dtype::F64, &[2, 3], little_endian(&numbers(6))),
    ]);
    std::fs::write(folder.snapshot(0, 0), &without).unwrap();
    folder.says("has gradients, but");
    for (replica, step) in [(0, 5), (1, 0), (1, 5)] {
        std::fs::write(folder.snapshot(replica, step), &without).unwrap();
    }
    assert!(seen(folder.path()).unwrap().iter().all(|(_, _, _, gradient)| gradient.is_none()));
    std::fs::write(folder.snapshot(0, 0), snapshot()).unwrap();
    folder.says("has no tensor 'grad.net.2.weight'");
}

#[test]
fn numbers_must_be_finite_and_there() {
    let folder = Folder::sound();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut spoilt = numbers(6);
        spoilt[4] = value;
        // Of net.2.weight, which comes first in a frame.
        for (spoil, what) in [(1, "weights"), (3, "gradients")] {
            let mut tensors = vec![
                ("net.10.weight", Dtype::F32, [2].as_slice(), vec![0; 8]),
                ("net.2.weight", Dtype::F64, [2, 3].as_slice(), little_endian(&numbers(6))),
                ("grad.net.10.weight", Dtype::F32, [2].as_slice(), vec![0; 8]),
                ("grad.net.2.weight", Dtype::F64, [2, 3].as_slice(), little_endian(&numbers(6))),
            ];
            tensors[spoil].3 = little_endian(&spoilt);
            std::fs::write(folder.snapshot(1, 5), safetensors(&tensors)).unwrap();
            folder
                .says(&format!("the {what} are {value} at replica 1, step 5, weight 4; they must be finite"));
        }
    }
    let folder = Folder::sound();
    let none = safetensors(&[("net", Dtype::F64, &[0, 3], Vec::new())]);
    std::fs::write(folder.snapshot(0, 0), none).unwrap();
    folder.says("has a tensor without numbers");
}

#[test]
fn truncation_and_huge_claims_are_refused() {
    let folder = Folder::sound();
    let whole = snapshot();
    for length in 0..whole.len() {
        folder.says_of_last(&whole[..length], "is not a sound safetensors file");
    }
    let claim = |header: &str| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes
    };
    folder.says_of_last(&u64::MAX.to_le_bytes(), "is not a sound safetensors file");
    let huge = r#"{"net":{"dtype":"F64","shape":[9999999999999,9999999999999],"data_offsets":[0,8]}}"#;
    folder.says_of_last(&claim(huge), "is not a sound safetensors file");
    let beyond = r#"{"net":{"dtype":"F64","shape":[1000],"data_offsets":[0,8000]}}"#;
    folder.says_of_last(&claim(beyond), "is not a sound safetensors file");
    folder.says_of_last(&claim("no JSON"), "is not a sound safetensors file");
    std::fs::remove_file(folder.snapshot(1, 5)).unwrap();
    std::fs::create_dir(folder.snapshot(1, 5)).unwrap();
    folder.says("cannot be read");
}
