//! `glassbox data prepare` as a process: good files, and every kind of bad one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Four images of 1 × 3 pixels and their digits.
const PIXELS: [u8; 12] = [0, 0, 9, 2, 4, 9, 4, 2, 9, 6, 6, 9];

fn idx(magic: u32, dimensions: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        std::iter::once(&magic).chain(dimensions).flat_map(|word| word.to_be_bytes()).collect();
    bytes.extend(body);
    bytes
}

fn images() -> Vec<u8> {
    idx(0x803, &[4, 1, 3], &PIXELS)
}

fn labels() -> Vec<u8> {
    idx(0x801, &[4], &[0, 1, 2, 3])
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

    fn prepare(&self, images: &[u8], labels: &[u8], more: &[&str]) -> Output {
        std::fs::write(self.path("images"), images).unwrap();
        std::fs::write(self.path("labels"), labels).unwrap();
        self.prepare_files(&self.path("images"), &self.path("out"), more)
    }

    fn prepare_files(&self, images: &Path, out: &Path, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_glassbox"))
            .args(["data", "prepare", "--images"])
            .arg(images)
            .arg("--labels")
            .arg(self.path("labels"))
            .arg("--out")
            .arg(out)
            .args(more)
            .output()
            .unwrap()
    }
}

#[test]
fn plain_and_compressed_files_give_the_same_bytes() {
    let folder = Folder::new();
    let output = folder.prepare(&images(), &labels(), &["--components", "2"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plain = std::fs::read(folder.path("out")).unwrap();
    assert!(folder.prepare(&gzip(&images()), &gzip(&labels()), &["--components", "2"]).status.success());
    assert_eq!(std::fs::read(folder.path("out")).unwrap(), plain);
    let data = glassbox::simulations::dataset::read_prepared(&folder.path("out")).unwrap();
    assert_eq!((data.sample_count(), data.input_dimension()), (4, 2));
    assert_eq!(data.labels(), [1.0, -1.0, 1.0, -1.0]);
    // First scores by hand: (−6, 0, 0, 6)/√10.
    let expected = 6.0 / 10.0_f32.sqrt();
    assert!((data.inputs()[6] - expected).abs() < 1e-6 && (data.inputs()[0] + expected).abs() < 1e-6);
    assert!(folder.prepare(&images(), &labels(), &["--components", "1", "--subset", "2"]).status.success());
    assert_eq!(glassbox::simulations::dataset::read_prepared(&folder.path("out")).unwrap().sample_count(), 2);
}

/// Images, labels, options, and what the message must say.
type Case<'a> = (Vec<u8>, Vec<u8>, &'a [&'a str], &'a str);

#[test]
fn bad_files_are_named_and_the_output_is_left_alone() {
    let folder = Folder::new();
    let mut damaged = gzip(&images());
    let middle = damaged.len() / 2;
    damaged.truncate(middle);
    let huge = idx(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[]);
    let one = ["--components", "1"];
    let cases: [Case<'_>; 15] = [
        (labels(), labels(), &one, "an IDX image file starts with 0x00000803"),
        (images()[..20].to_vec(), labels(), &one, "fewer than the 12 bytes that its header says"),
        ([images(), vec![0]].concat(), labels(), &one, "more than the 12 bytes that its header says"),
        (images()[..7].to_vec(), labels(), &one, "of an IDX image header"),
        (Vec::new(), labels(), &one, "of an IDX image header"),
        (huge, labels(), &one, "1 to 2^31 bytes are allowed"),
        (idx(0x803, &[0, 1, 3], &[]), labels(), &one, "dimensions [0, 1, 3]; 1 to 2^31 bytes are allowed"),
        // Of pairs of so many pixels there are 10¹². Small on the disk.
        (
            gzip(&idx(0x803, &[2, 1000, 1000], &vec![0; 2_000_000])),
            labels(),
            &one,
            "1000 x 1000 = 1000000 pixels; at most 10000",
        ),
        (
            idx(0x803, &[4, 101, 100], &vec![0; 40_400]),
            labels(),
            &one,
            "101 x 100 = 10100 pixels; at most 10000",
        ),
        // Unpacked it is a thousand times as long as its header says.
        (gzip(&idx(0x803, &[4, 1, 3], &vec![0; 3_000_000])), labels(), &one, "more than the 12 bytes"),
        (damaged, labels(), &one, "images"),
        (images(), idx(0x801, &[3], &[0, 1, 2]), &one, "has 3 labels; the images are 4"),
        (images(), idx(0x801, &[4], &[0, 1, 2, 10]), &one, "label 3 is 10; classes are 0 to 9"),
        (
            images(),
            labels(),
            &["--components", "3"],
            "3 principal components; it must be at least 1 and at most 2",
        ),
        (images(), labels(), &["--components", "1", "--subset", "9"], "a subset of 9 samples"),
    ];
    std::fs::write(folder.path("out"), "precious").unwrap();
    for (images, labels, more, says) in cases {
        let output = folder.prepare(&images, &labels, more);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(says) && !message.contains("panicked"), "expected \"{says}\" in: {message}");
        assert_eq!(std::fs::read(folder.path("out")).unwrap(), b"precious");
    }
    for (images, out) in [("missing", "out"), ("images", "no/such/folder")] {
        std::fs::write(folder.path("images"), self::images()).unwrap();
        let output = folder.prepare_files(&folder.path(images), &folder.path(out), &one);
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("cannot read") || message.contains("cannot write"), "{message}");
    }
    // The place is looked at first: nothing of the images is read.
    for (out, says) in [
        ("no/such/folder".to_owned(), "cannot write"),
        (".".to_owned(), "it is a folder"),
        ("n".repeat(256), "File name too long"),
    ] {
        let output = folder.prepare_files(&folder.path("missing"), &folder.path(&out), &one);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(says) && !message.contains("partial"), "{message}");
    }
    let left: Vec<_> =
        std::fs::read_dir(folder.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn damaged_prepared_files_are_refused() {
    let folder = Folder::new();
    assert!(folder.prepare(&images(), &labels(), &["--components", "2"]).status.success());
    let good = std::fs::read(folder.path("out")).unwrap();
    let read = |bytes: &[u8]| {
        std::fs::write(folder.path("bad"), bytes).unwrap();
        glassbox::simulations::dataset::read_prepared(&folder.path("bad")).map_err(|error| error.to_string())
    };
    assert!(read(&good).is_ok());
    for length in 0..good.len() {
        assert!(read(&good[..length]).is_err(), "a file cut to {length} bytes is accepted");
    }
    // The scores lie at the end of the header or of the file: put a NaN or a label of 3 wherever it fits.
    let text = String::from_utf8_lossy(&good).into_owned();
    assert!(text.contains("scores") && text.contains("labels"));
    let mut renamed = good.clone();
    let position = good.windows(6).position(|window| window == b"scores").unwrap();
    renamed[position] = b'S';
    assert!(read(&renamed).unwrap_err().contains("has no tensor \"scores\""));
    let labels_at = good.windows(4).rposition(|window| window == [1, 255, 1, 255]).unwrap();
    let mut relabelled = good.clone();
    relabelled[labels_at] = 3;
    assert!(read(&relabelled).unwrap_err().contains("the label of sample 0 is 3; it must be 1 or -1"));
}

/// As long as the file system allows.
#[test]
fn a_long_name_is_written() {
    let folder = Folder::new();
    assert!(folder.prepare(&images(), &labels(), &["--components", "1"]).status.success());
    let long = folder.path(&"n".repeat(255));
    assert!(folder.prepare_files(&folder.path("images"), &long, &["--components", "1"]).status.success());
    assert_eq!(std::fs::read(long).unwrap(), std::fs::read(folder.path("out")).unwrap());
}

/// A named pipe is not waited for.
#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused() {
    let folder = Folder::new();
    assert!(folder.prepare(&images(), &labels(), &["--components", "1"]).status.success());
    let pipe = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, what) in [(pipe.as_path(), "a named pipe"), (Path::new("/dev/zero"), "a device")] {
        let output = folder.prepare_files(path, &folder.path("out"), &["--components", "1"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(&format!("it is {what}; only a regular file can be read")), "{message}");
    }
}
