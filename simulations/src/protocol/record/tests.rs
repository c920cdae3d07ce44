//! Files that come back, and files that must not.

use super::layout::WORD;
use super::*;
use crate::protocol::{DataSource, Problem, QuenchTask};
use std::fs;

/// A task whose own text has a digest, too.
pub(super) fn task() -> Task {
    Task::Quench(QuenchTask {
        problem: Problem {
            data: DataSource::Own { digest: "ab".repeat(32) },
            samples: 100,
            subset_seed: 1,
            width: 4,
            regularisation: 0.01,
        },
        gain: 1.0,
        seed: 2,
        initial_condition: 3,
        learning_rate: 0.1,
        batch_size: 10,
        minibatch_steps: 7,
        descent_steps: 5,
    })
}

fn record() -> Record {
    Record {
        times: vec![0, 3, 10],
        losses: vec![0.5, 0.25, f64::MIN_POSITIVE],
        weights: vec![1.0, -0.0, 2.5, 1e-300, 3.0, 4.0],
        diverged: None,
        start: None,
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn records_and_checkpoints_come_back_bit_by_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.safetensors");
    record().write(&path, &task()).unwrap();
    assert_eq!(Record::read(&path).unwrap(), record());
    assert_eq!(bits(&Record::read(&path).unwrap().weights), bits(&record().weights));
    assert_eq!(Record::divergence(&path).unwrap(), None);
    assert_eq!(record().at(3), Some(&[2.5, 1e-300][..]));
    let progress = Progress { step: 12, weights: vec![0.1, 0.2] };
    let diverged = Record { diverged: Some(11), ..record() };
    diverged.write_with(&path, &Head::new(task(), None), Some(&progress)).unwrap();
    let (head, record, standing) = Record::read_with(&path).unwrap();
    assert_eq!((&head.task, record, standing), (&task(), diverged, Some(progress)));
    assert_eq!(Record::divergence(&path).unwrap(), Some(11));
    assert!(Record::read(&path).unwrap_err().to_string().contains("unfinished"));
    let nothing = Record { diverged: Some(0), ..Record::default() };
    nothing.write(&path, &task()).unwrap();
    assert_eq!(Record::read(&path).unwrap(), nothing);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn any_safetensors_reader_reads_a_record_and_its_digest_is_that_of_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.safetensors");
    record().write(&path, &task()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("weights").unwrap().shape(), [3, 2]);
    assert_eq!(file.tensor("times").unwrap().data(), [0_u64, 3, 10].map(u64::to_le_bytes).as_flattened());
    let digest = Head::read(&path).unwrap().digest;
    let from = bytes.windows(64).position(|window| window == digest.as_bytes()).unwrap();
    bytes[from..from + 64].fill(b'0');
    use sha2::Digest;
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, sum);
    assert_eq!(verify(&path).unwrap(), Head { digest, ..Head::new(task(), None) });
}

#[test]
fn a_record_is_read_frame_by_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.safetensors");
    let record = Record { diverged: Some(11), ..record() };
    record.write(&path, &task()).unwrap();
    let mut reader = RecordReader::open(&path).unwrap();
    assert_eq!((reader.times(), reader.losses()), (&record.times[..], &record.losses[..]));
    assert_eq!((reader.len(), reader.is_empty(), reader.diverged()), (3, false, Some(11)));
    assert_eq!(reader.head().task, task());
    let mut weights = vec![7.0; 9];
    for index in [2, 0, 1] {
        reader.frame(index, &mut weights).unwrap();
        assert_eq!(bits(&weights), bits(record.frame(index)));
    }
    let error = reader.frame(3, &mut weights).unwrap_err().to_string();
    assert!(error.ends_with("one.safetensors: has no frame 3; its 3 frames count from 0"), "{error}");
}

/// Every way to open a file, each of which must call it damaged.
fn is_damaged(path: &Path) -> bool {
    let damaged = |error: Option<RecordError>| matches!(error, Some(RecordError::Damaged { .. }));
    damaged(verify(path).err())
        && damaged(RecordReader::open(path).err())
        && damaged(Record::read(path).err())
        && damaged(Record::read_with(path).err())
}

#[test]
fn every_cut_and_every_flipped_bit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.safetensors");
    let progress = Progress { step: 12, weights: vec![0.1, 0.2] };
    for progress in [None, Some(&progress)] {
        record().write_with(&path, &Head::new(task(), None), progress).unwrap();
        let bytes = fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(is_damaged(&path), "cut at {length}");
            assert!(matches!(Head::read(&path), Err(RecordError::Damaged { .. })), "cut at {length}");
            assert!(matches!(Record::divergence(&path), Err(RecordError::Damaged { .. })), "cut at {length}");
        }
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &flipped).unwrap();
            let found = (verify(&path).err(), Record::read_with(&path).err());
            let damaged =
                matches!(found, (Some(RecordError::Damaged { .. }), Some(RecordError::Damaged { .. })));
            assert!(damaged, "bit {} of byte {}: {found:?}", bit % 8, bit / 8);
        }
        fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
        assert!(verify(&path).unwrap_err().to_string().contains("is too long"));
        fs::write(&path, &bytes).unwrap();
        assert!(verify(&path).is_ok());
    }
}

#[test]
fn damage_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.safetensors");
    let told = || verify(&path).unwrap_err().to_string();
    record().write(&path, &task()).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(told().contains("one.safetensors: is cut short: "), "{}", told());
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&path, &flipped).unwrap();
    assert!(told().contains("one.safetensors: is altered: its digest is "), "{}", told());
    let old = serde_json::json!({ "__metadata__": { "glassbox": serde_json::to_string(&task()).unwrap() } });
    let old = old.to_string();
    fs::write(&path, [&(old.len() as u64).to_le_bytes(), old.as_bytes()].concat()).unwrap();
    assert!(told().contains("one.safetensors: is of format 1, of an earlier glassbox"), "{}", told());
    assert!(matches!(verify(&folder.path().join("none")), Err(RecordError::File { .. })));
}

/// Headers whose numbers wrap around 2⁶⁴, or ask for more than there is: the digest is right, as anybody can compute it.
#[test]
fn sizes_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.checkpoint");
    let progress = Progress { step: 12, weights: Vec::new() };
    Record::default().write_with(&path, &Head::new(task(), None), Some(&progress)).unwrap();
    let bytes = fs::read(&path).unwrap();
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let data = &bytes[8 + length..];
    let most = u64::MAX / WORD;
    for (name, shape, end) in [
        ("state", vec![(1 << 61) - 2], u64::MAX - 7),
        ("state", vec![most], most * WORD),
        ("state", vec![1 << 40], 8 + (1 << 43)),
        ("weights", vec![0, 1 << 61], 8),
        ("weights", vec![1 << 32, 1 << 32], 8),
        ("weights", vec![1 << 61, 8], 8),
        ("times", vec![(1 << 61) - 1], u64::MAX - 7),
    ] {
        let mut header = header.clone();
        let from = header[name]["data_offsets"][0].as_u64().unwrap();
        header[name]["shape"] = shape.clone().into();
        header[name]["data_offsets"] = vec![from, end].into();
        let mut text = header.to_string().into_bytes();
        text.resize(text.len().next_multiple_of(8), b' ');
        let mut forged = [&(text.len() as u64).to_le_bytes()[..], &text, data].concat();
        let place = digest::place(&forged).unwrap();
        forged[place.clone()].fill(b'0');
        let sum =
            Sha256::digest(&forged).iter().fold(String::new(), |sum, byte| sum + &format!("{byte:02x}"));
        forged[place].copy_from_slice(sum.as_bytes());
        fs::write(&path, &forged).unwrap();
        // A matrix of no rows has no numbers, however long they would be.
        let nothing = shape == [0, 1 << 61];
        assert_eq!(is_damaged(&path), !nothing, "{name} {shape:?}");
        assert_eq!(Head::read(&path).is_err(), !nothing, "{name} {shape:?}");
        assert_eq!(Record::divergence(&path).is_err(), !nothing, "{name} {shape:?}");
    }
}
