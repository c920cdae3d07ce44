//! `glassbox data prepare --cifar` as a process: good batches, and every kind of bad one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::simulations::dataset::{prepare_cifar, read_prepared};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A row of a batch: a class, and an image of which two pixels are as given and all others 7.
fn row(class: u8, first: u8, last: u8) -> Vec<u8> {
    let mut row = vec![7; 3073];
    (row[0], row[1], row[3072]) = (class, first, last);
    row
}

/// Standard deviations √5 and √5, correlation 0.8: the first direction is (1, 1)/√2 and explains 0.9.
fn batches() -> [Vec<u8>; 2] {
    [[row(0, 0, 0), row(9, 2, 4)].concat(), [row(4, 4, 2), row(5, 6, 6)].concat()]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program in the folder, so that names of files need no folder.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_glassbox"))
            .current_dir(self.0.path())
            .args(["data", "prepare"])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty() && !message.contains("panicked"), "{message}");
        message
    }
}

#[test]
fn plain_and_compressed_batches_give_the_same_bytes() {
    let folder = Folder::new();
    let [first, second] = batches();
    std::fs::write(folder.path("1.bin"), &first).unwrap();
    std::fs::write(folder.path("2.bin"), &second).unwrap();
    std::fs::write(folder.path("1.bin.gz"), gzip(&first)).unwrap();
    std::fs::write(folder.path("2.bin.gz"), gzip(&second)).unwrap();
    let output = folder.run(&["--cifar", "1.bin", "2.bin", "--components", "2", "--out", "plain"]);
    let (message, problem) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{problem}");
    assert!(message.contains("samples             4 (2 of even classes, 2 of odd ones)"), "{message}");
    assert!(message.contains("explained variance  90.00 10.00 %"), "{message}");
    let arguments = ["--cifar", "1.bin.gz", "--cifar", "2.bin.gz", "--components", "2", "--out", "packed"];
    assert!(folder.run(&arguments).status.success());
    let plain = std::fs::read(folder.path("plain")).unwrap();
    assert_eq!(std::fs::read(folder.path("packed")).unwrap(), plain);
    let data = read_prepared(&folder.path("plain")).unwrap();
    assert_eq!(data.labels(), [1.0, -1.0, 1.0, -1.0]);
    // Standardised pixels (p − 3)/√5 along (1, 1)/√2: (−6, 0, 0, 6)/√10, and along the other direction ±2/√10.
    let (far, near) = (6.0 / 10.0_f32.sqrt(), 2.0 / 10.0_f32.sqrt());
    let sign = data.inputs()[3].signum();
    let expected = [-far, 0.0, 0.0, sign * near, 0.0, -sign * near, far, 0.0];
    for (found, expected) in data.inputs().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{:?}", data.inputs());
    }
}

#[test]
fn bad_batches_are_named_and_the_output_is_left_alone() {
    let folder = Folder::new();
    let [first, second] = batches();
    let mut packed = gzip(&second);
    packed.truncate(packed.len() / 2);
    let mut archive = vec![0; 10_240];
    archive[257..262].copy_from_slice(b"ustar");
    let files: [(&str, Vec<u8>, &str); 7] = [
        (
            "cut.bin",
            second[..5000].to_vec(),
            "holds 5000 bytes; a CIFAR-10 batch is one or more rows of 3073",
        ),
        ("long.bin", [second.clone(), vec![0]].concat(), "holds 6147 bytes; a CIFAR-10 batch"),
        ("empty.bin", Vec::new(), "holds 0 bytes; a CIFAR-10 batch"),
        ("class.bin", [row(3, 1, 2), row(10, 2, 1)].concat(), "label 1 is 10; classes are 0 to 9"),
        ("cut.bin.gz", packed, "cannot read a CIFAR-10 batch"),
        ("all.tar.gz", gzip(&archive), "is an archive; unpack it"),
        (
            "copy.bin",
            first.clone(),
            "batch 2 holds the same images as batch 1, 1.bin; each batch must be given once",
        ),
    ];
    std::fs::write(folder.path("1.bin"), &first).unwrap();
    std::fs::write(folder.path("out"), "precious").unwrap();
    for (name, bytes, says) in &files {
        std::fs::write(folder.path(name), bytes).unwrap();
        let message = folder.refusal(&["--cifar", "1.bin", name, "--components", "1", "--out", "out"]);
        assert!(message.starts_with(&format!("glassbox: {name}: ")), "{message}");
        assert!(message.contains(says), "expected \"{says}\" in: {message}");
    }
    let others: [(&[&str], &str); 4] = [
        (&["1.bin", "1.bin"], "1.bin: batch 2 holds the same images as batch 1, 1.bin"),
        (&["missing.bin"], "cannot read missing.bin"),
        (&["1.bin", "--components", "3"], "3 principal components; it must be at least 1 and at most 2"),
        (&["1.bin", "--components", "1", "--subset", "9"], "a subset of 9 samples"),
    ];
    for (arguments, says) in others {
        let message = folder.refusal(&[&["--out", "out", "--cifar"], arguments].concat());
        assert!(message.contains(says), "expected \"{says}\" in: {message}");
    }
    assert_eq!(std::fs::read(folder.path("out")).unwrap(), b"precious");
    let left = std::fs::read_dir(folder.0.path()).unwrap().count();
    assert_eq!(left, files.len() + 2, "nothing half-written is left");
}

#[test]
fn batches_and_pairs_exclude_each_other() {
    let folder = Folder::new();
    for (arguments, says) in [
        (&["--cifar", "1.bin", "--images", "i", "--labels", "l"][..], "cannot be used with"),
        (&["--images", "i"], "--labels"),
        (&["--labels", "l"], "--images"),
        (&[], "--images"),
        (&["--cifar"], "--cifar"),
    ] {
        let message = folder.refusal(&[&["--out", "out"], arguments].concat());
        assert!(message.contains(says), "expected \"{says}\" in: {message}");
    }
    assert!(!folder.path("out").exists());
}

#[test]
fn no_batches_are_no_data() {
    let message = prepare_cifar(&[], 1).unwrap_err().to_string();
    assert!(
        message.starts_with("a data set of 0 samples of 3072 inputs; both must be at least 1"),
        "{message}"
    );
}
