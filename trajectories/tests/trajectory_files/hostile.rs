//! Files made to deceive: each byte changed in turn, sizes that are not there, special files, memory.

use crate::files::{Archive, Seen, f64s, i64s, npy, numbers, refusal, seen};
use crate::snapshots::Folder;
use crate::table::{Column, parquet, table};
use glassbox_trajectories::trajectory::{PIECE, Trajectory, TrajectoryError};
use parquet::basic::Compression;
use std::ops::Range;
use std::path::Path;
use zip::CompressionMethod::{Deflated, Stored};

fn archive() -> Archive {
    Archive::sound().with("gradients", f64s("(2, 3, 4)", &numbers(24))).with("layers", i64s("(2,)", &[1, 3]))
}

/// Everything that a file says: frames, layers, and what is not used.
type Whole = (Seen, Option<Vec<Range<usize>>>, Vec<String>);

fn whole(path: &Path) -> Result<Whole, String> {
    let frames = seen(path)?;
    let trajectory = Trajectory::open(path).unwrap();
    Ok((frames, trajectory.layers().map(<[_]>::to_vec), trajectory.unused().to_vec()))
}

/// Whichever byte of an archive is changed: it is refused, or says the same (some bytes, such as dates, mean nothing here).
#[test]
fn no_changed_byte_of_an_archive_changes_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for method in [Stored, Deflated] {
        let sound = archive().bytes(method);
        let path = folder.path().join(format!("sound-{method}.npz"));
        std::fs::write(&path, &sound).unwrap();
        let expected = whole(&path).unwrap();
        assert!(expected.0[0].3.is_some() && expected.1.is_some() && expected.2.is_empty());
        let mut same = 0;
        for index in 0..sound.len() {
            for flip in [0x01, 0x10, 0x20] {
                let mut bytes = sound.clone();
                bytes[index] ^= flip;
                // A file of its own for each: writing over the last one waits for the disk.
                let path = folder.path().join(format!("{method}-{index}-{flip}.npz"));
                std::fs::write(&path, bytes).unwrap();
                if let Ok(read) = whole(&path) {
                    assert!(read == expected, "{method}, byte {index} changed by {flip:#x}");
                    same += 1;
                }
                std::fs::remove_file(&path).unwrap();
            }
        }
        assert!(same < sound.len(), "{method}: {same} changes of {} were not seen", 3 * sound.len());
    }
}

/// Archives that were written in one go describe each entry behind it; large ones have 64-bit sizes.
#[test]
fn other_layouts_of_archives_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    std::fs::write(&path, archive().bytes(Stored)).unwrap();
    let expected = whole(&path).unwrap();
    for method in [Stored, Deflated] {
        std::fs::write(&path, archive().streamed(method)).unwrap();
        assert!(whole(&path).unwrap() == expected, "{method}, streamed");
        std::fs::write(&path, archive().large(method)).unwrap();
        assert!(whole(&path).unwrap() == expected, "{method}, large");
    }
    let mut streamed = archive().streamed(Stored);
    let descriptor = streamed.windows(4).position(|window| window == b"PK\x07\x08").unwrap();
    streamed[descriptor + 5] ^= 1;
    std::fs::write(&path, streamed).unwrap();
    assert!(
        refusal(&path).contains("other sizes or another checksum in its own header"),
        "{}",
        refusal(&path)
    );
}

#[test]
fn archives_with_bytes_before_or_behind_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let sound = archive().bytes(Stored);
    std::fs::write(&path, [b"some bytes".as_slice(), &sound].concat()).unwrap();
    assert!(refusal(&path).contains("its directory is not where its end says"));
    std::fs::write(&path, [sound.as_slice(), b"some bytes"].concat()).unwrap();
    assert!(refusal(&path).contains("has no directory of a zip archive at its end"));
}

/// One field of the footer that says 8 rows instead of 12, in turn.
#[test]
fn row_counts_of_a_table_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let sound = crate::table::one_group();
    std::fs::write(&path, &sound).unwrap();
    let expected = seen(&path).unwrap();
    // A 64-bit integer of the compact Thrift protocol: 12 and 8 in zigzag.
    let places: Vec<usize> =
        sound.windows(2).enumerate().filter(|(_, pair)| *pair == [0x16, 24]).map(|(at, _)| at).collect();
    assert!(places.len() >= 7, "5 columns, the row group and the file state their rows: {places:?}");
    let mut refused = 0;
    for at in places {
        let mut bytes = sound.clone();
        bytes[at + 1] = 16;
        std::fs::write(&path, bytes).unwrap();
        match seen(&path) {
            Ok(frames) => assert_eq!(frames, expected, "byte {at}"),
            Err(message) => {
                refused += 1;
                assert!(message.contains("rows"), "{message}");
            }
        }
    }
    assert!(refused >= 7, "{refused}");
}

/// Runs of equal numbers are packed without a bound: a few bytes claim rows that take years to read.
#[test]
fn more_rows_than_a_table_can_mean_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let rows = 1 << 21;
    let zeros = || Column::Int32(vec![0; rows]);
    let value = Column::Float(vec![0.0; rows]);
    let columns = [("replica", zeros()), ("step", zeros()), ("weight", zeros()), ("value", value)];
    std::fs::write(&path, table(&columns, rows, rows, Compression::UNCOMPRESSED)).unwrap();
    assert!(refusal(&path).contains("at most 1024 rows per byte are read"), "{}", refusal(&path));
}

/// Tables that pyarrow wrote with checksums of pages (pyarrow/make_fixtures.py): no changed bit changes a number.
#[test]
fn checksums_of_pages_are_verified() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trajectory_files/pyarrow/checksums.parquet");
    let sound = std::fs::read(fixture).unwrap();
    let expected = seen(fixture.as_ref()).unwrap();
    assert_eq!(expected.iter().flat_map(|frame| frame.2.clone()).collect::<Vec<_>>(), numbers(24));
    let folder = tempfile::tempdir().unwrap();
    let mut checksums = 0;
    for index in 4..sound.len() {
        let mut bytes = sound.clone();
        bytes[index] ^= 4;
        let path = folder.path().join(format!("{index}.parquet"));
        std::fs::write(&path, bytes).unwrap();
        match seen(&path) {
            Ok(frames) => assert!(frames == expected, "byte {index} of {}", sound.len()),
            Err(message) => checksums += usize::from(message.contains("CRC checksum mismatch")),
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert!(checksums > 100, "{checksums}");
}

#[test]
fn keys_that_stand_twice_in_a_snapshot_are_refused() {
    let folder = Folder::sound();
    let tensor = r#"{"dtype":"F64","shape":[1],"data_offsets":[0,8]}"#;
    let header = format!(r#"{{"net":{tensor},"net":{tensor}}}"#);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([0; 8]);
    std::fs::write(folder.snapshot(0, 0), bytes).unwrap();
    assert!(refusal(folder.path()).contains("the key \"net\" is there twice"), "{}", refusal(folder.path()));
}

/// The first in the order of reading is an error of its own kind.
#[test]
fn a_number_that_is_not_finite_is_told_from_a_bad_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let mut weights = numbers(24);
    (weights[14], weights[17]) = (f64::NEG_INFINITY, f64::NAN);
    let mut gradients = numbers(24);
    gradients[13] = f64::NAN;
    let archive = archive().with("weights", f64s("(2, 3, 4)", &weights));
    std::fs::write(&path, archive.clone().with("gradients", f64s("(2, 3, 4)", &gradients)).bytes(Stored))
        .unwrap();
    let trajectory = Trajectory::open(&path).unwrap();
    let mut shown = 0;
    match trajectory.read(0..4, &mut |_| shown += 1).unwrap_err() {
        TrajectoryError::NotFinite { file, what: "weights", replica: 1, step: 0, weight: 2, value } => {
            assert_eq!((file, value, shown), (path.clone(), f64::NEG_INFINITY, 3));
        }
        other => panic!("{other:?}"),
    }
    let archive = archive.with("weights", f64s("(2, 3, 4)", &numbers(24)));
    std::fs::write(&path, archive.with("gradients", f64s("(2, 3, 4)", &gradients)).bytes(Deflated)).unwrap();
    let error = Trajectory::open(&path).unwrap().read(0..4, &mut |_| ()).unwrap_err();
    assert!(
        matches!(error, TrajectoryError::NotFinite { what: "gradients", replica: 1, step: 0, weight: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn more_than_the_limits_is_refused_with_both_numbers() {
    let says = |archive: &Archive, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.npz");
        std::fs::write(&path, archive.bytes(Deflated)).unwrap();
        let message = refusal(&path);
        assert!(message.contains(expected), "{message}");
    };
    let replicas = npy("'<f4'", false, "(1048577, 2, 1)", &vec![0; 8 * 1_048_577]);
    let times = i64s("(2,)", &[0, 1]);
    let many = Archive::sound().with("times", times).with("weights", replicas);
    says(&many, "1048577 replicas; at most 1048576 are read");
    let layers = i64s("(65537,)", &vec![1; 65_537]);
    says(
        &Archive::sound().with("layers", layers),
        "array 'layers' has 65537 numbers; at most 65536 are read",
    );
}

/// Packed zeros that would fill 32 MiB: memory is that of a few pieces, whichever range is read.
#[test]
fn memory_does_not_grow_with_the_weights_of_a_frame() {
    let count = 128 * PIECE;
    let shape = format!("(2, {count})");
    let weights = npy("'<f8'", false, &shape, &vec![0; 16 * count]);
    let archive = Archive::sound().with("times", i64s("(2,)", &[0, 1])).with("weights", weights);
    let folder = tempfile::tempdir().unwrap();
    for method in [Stored, Deflated] {
        let path = folder.path().join(format!("{method}.npz"));
        std::fs::write(&path, archive.bytes(method)).unwrap();
        for range in [0..count, PIECE..3 * PIECE] {
            let mut pieces = 0;
            let allocated = allocation_counter::measure(|| {
                let trajectory = Trajectory::open(&path).unwrap();
                trajectory.read(range.clone(), &mut |_| pieces += 1).unwrap();
            });
            assert_eq!(pieces, 2 * range.len() / PIECE);
            assert!(allocated.bytes_max < 1 << 20, "{method}, {range:?}: {} bytes", allocated.bytes_max);
        }
    }
}

/// A named pipe would be waited for without end.
#[cfg(target_os = "linux")]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = Folder::sound();
    let pipe =
        |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    for name in ["run.npz", "run.parquet"] {
        let path = folder.path().join(name);
        pipe(&path);
        assert!(refusal(&path).contains("it is a named pipe; only a regular file can be read"));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(refusal(&path).contains("it is a device"));
        std::fs::remove_file(&path).unwrap();
    }
    for (replica, step) in [(0, 0), (1, 5)] {
        std::fs::remove_file(folder.snapshot(replica, step)).unwrap();
        pipe(&folder.snapshot(replica, step));
        assert!(refusal(folder.path()).contains("it is a named pipe"));
    }
}

/// Sizes that a file declares, changed to large ones wherever four or eight bytes may be one.
#[test]
fn declared_sizes_reserve_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("run.npz", archive().bytes(Stored)),
        ("run.npz", archive().bytes(Deflated)),
        ("run.parquet", parquet()),
    ];
    for (number, (name, sound)) in files.into_iter().enumerate() {
        for index in 0..sound.len() - 8 {
            for large in [&[0xff, 0xff, 0xff, 0x7f][..], &[0, 0, 0, 0x40], &[0xfe, 0xff, 0xff, 0xff, 0x0f]] {
                let mut bytes = sound.clone();
                bytes[index..index + large.len()].copy_from_slice(large);
                // A file of its own for each: writing over the last one waits for the disk.
                let path = folder.path().join(format!("{number}-{index}-{}-{name}", large[0]));
                std::fs::write(&path, bytes).unwrap();
                let allocated = allocation_counter::measure(|| drop(seen(&path)));
                assert!(
                    allocated.bytes_max < 16 << 20,
                    "{name}, byte {index}: {} bytes",
                    allocated.bytes_max
                );
                std::fs::remove_file(&path).unwrap();
            }
        }
    }
}
