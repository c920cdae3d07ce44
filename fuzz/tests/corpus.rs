//! Writes `fuzz/corpus`, but for what other programs wrote (`fuzz/corpus/README.md`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use flate2::Compression;
use flate2::write::GzEncoder;
use glassbox::trajectories::trajectory::{Arrays, write_npz};
use glassbox_fuzz::case::corpus_folder;
use glassbox_fuzz::mutation::Arrays as Archive;
use glassbox_fuzz::readers::checkpoint;
use glassbox_simulations::dataset::{mnist, write_prepared};
use glassbox_simulations::noise::{NoiseStream, Purpose};
use glassbox_simulations::protocol::{QuenchTask, Record, Task};
use glassbox_sweep::experiment::Experiment;
use glassbox_sweep::{Failure, Manifest, Observer, Plan, Store, Worker};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zip::CompressionMethod;

/// Where a file of a corpus is; its folder is made.
fn place(reader: &str, name: &str) -> PathBuf {
    let path = corpus_folder(reader).join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

fn bytes_of(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Four replicas of ten diffusing weights at twelve times, and gradients of a well of stiffness 0.5.
fn diffusion() -> (Vec<u64>, Vec<f64>, Vec<f64>) {
    let times: Vec<u64> = (0..12).collect();
    let mut weights = Vec::new();
    for replica in 0..4 {
        let mut frame = vec![0.3; 10];
        for step in &times {
            weights.extend_from_slice(&frame);
            let mut noise = vec![0.0; frame.len()];
            NoiseStream::new(1, Purpose::Langevin, replica).gaussians(*step, &mut noise);
            frame.iter_mut().zip(&noise).for_each(|(weight, noise)| *weight += 0.2 * noise);
        }
    }
    let gradients = weights.iter().map(|weight| 0.5 * weight).collect();
    (times, weights, gradients)
}

fn trajectories() {
    let (times, weights, gradients) = diffusion();
    let whole = place("npz", "stored.npz");
    let arrays = Arrays {
        times: &times,
        replicas: 4,
        weights: &weights,
        gradients: Some(&gradients),
        layers: Some(&[4, 6]),
    };
    write_npz(&whole, &arrays).unwrap();
    let deflated = Archive::of(&fs::read(&whole).unwrap()).archive(CompressionMethod::Deflated);
    fs::write(place("npz", "deflated.npz"), deflated).unwrap();
    let plain = Arrays { gradients: None, layers: None, ..arrays };
    write_npz(&place("npz", "plain.npz"), &plain).unwrap();
    for replica in 0..2_u32 {
        for step in 0..3_u32 {
            let frame = (12 * replica + step) as usize * 10;
            let double = bytes_of(&weights[frame..frame + 6]);
            let single: Vec<u8> = (6..10_u8).flat_map(|index| f32::from(index).to_le_bytes()).collect();
            let tensors = [
                ("net.0.weight", Dtype::F64, vec![2, 3], &double),
                ("net.2.weight", Dtype::F32, vec![4], &single),
                ("grad.net.0.weight", Dtype::F64, vec![2, 3], &double),
                ("grad.net.2.weight", Dtype::F32, vec![4], &single),
            ];
            let views = tensors
                .map(|(name, dtype, shape, bytes)| (name, TensorView::new(dtype, shape, bytes).unwrap()));
            let name = format!("two-layers/replica-{replica}-step-{step}.safetensors");
            fs::write(place("snapshots", &name), safetensors::serialize(views, None).unwrap()).unwrap();
        }
    }
}

fn data_sets() {
    let small = mnist().unwrap().subset(12, 1).unwrap();
    write_prepared(&small, &place("prepared", "data.safetensors")).unwrap();
    let npy = |kind: &str, shape: &str, data: Vec<u8>| {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(data);
        bytes
    };
    let inputs: Vec<f64> = small.inputs().iter().map(|value| f64::from(*value)).collect();
    let labels: Vec<u8> =
        small.labels().iter().flat_map(|label| if *label > 0.0 { [1_u8] } else { [255] }).collect();
    let archive = Archive(vec![
        ("inputs.npy".to_owned(), npy("<f8", "(12, 10)", bytes_of(&inputs))),
        ("labels.npy".to_owned(), npy("|i1", "(12,)", labels)),
    ]);
    fs::write(place("own-data", "stored.npz"), archive.archive(CompressionMethod::Stored)).unwrap();
    fs::write(place("own-data", "deflated.npz"), archive.archive(CompressionMethod::Deflated)).unwrap();
}

fn raw_images() {
    let big = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let mut images = big(&[0x0803, 6, 3, 4]);
    images.extend((0..72_u32).map(|place| (place * place % 251).to_le_bytes()[0]));
    let mut labels = big(&[0x0801, 6]);
    labels.extend([3, 0, 4, 1, 9, 2]);
    let mut batch = Vec::new();
    for row in 0..2_u32 {
        batch.push(row.to_le_bytes()[0]);
        // Few pixels vary, so that the file is small when it is compressed.
        batch.extend((0..3072_u32).map(|pixel| if pixel % 64 == row { 200 } else { 7_u8 }));
    }
    fs::write(place("idx", "plain/images"), &images).unwrap();
    fs::write(place("idx", "plain/labels"), &labels).unwrap();
    fs::write(place("idx", "gzip/images"), gzip(&images)).unwrap();
    fs::write(place("idx", "gzip/labels"), gzip(&labels)).unwrap();
    fs::write(place("cifar", "plain"), &batch).unwrap();
    fs::write(place("cifar", "gzip"), gzip(&batch)).unwrap();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A plan of few tasks, in a folder of a corpus.
fn planned(reader: &str) -> Manifest {
    let folder = corpus_folder(reader).join("tiny");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/experiment/tiny.toml");
    let text = fs::read_to_string(&path).unwrap();
    let experiment = Experiment::parse(&text, &path).unwrap();
    let digest = "0".repeat(64);
    let tasks: Vec<Task> = experiment.tasks(Some(&digest)).map(|planned| planned.task).collect();
    let quenches = tasks.iter().filter_map(|task| match task {
        Task::Quench(quench) => Some(quench.clone()),
        _ => None,
    });
    let quenches: Vec<QuenchTask> = quenches.collect();
    let others = tasks.iter().filter(|task| task.start().is_some()).map(|task| (task.clone(), Some(0.5)));
    let plan =
        Plan { name: "tiny".to_owned(), about: "a sweep".to_owned(), experiment: text, own_data: None };
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    Manifest::write(&folder, plan, quenches.into_iter(), others, None, &mut |_| Ok(1.5), true).unwrap()
}

fn sweeps() {
    planned("manifest");
    let manifest = planned("leftovers");
    let store: Store = manifest.store().unwrap();
    let entries: Vec<_> = manifest.entries(0..manifest.len()).unwrap().map(Result::unwrap).collect();
    let failure = Failure { reason: "the landscape is flat".to_owned(), host: "node07".to_owned() };
    store.fail(&entries[0].identifier, &failure).unwrap();
    let worker = Worker::begin(&store, Duration::from_secs(120)).unwrap();
    worker.beat(2, |report| report.finished = 3).unwrap();
    let claim = store.claim(&entries[1].identifier, &worker).unwrap().unwrap();
    let observer = Observer::new(&store, Duration::from_secs(120));
    assert!(store.holder(&entries[1].identifier, &observer).is_some());
    // The claim and the heartbeat stay, as those of a process that was killed.
    std::mem::forget((claim, worker));
}

fn records() {
    let times: Vec<u64> = vec![100, 101, 110];
    let record = Record {
        losses: vec![0.5, 0.25, 0.125],
        weights: (0..48_u8).map(|index| 0.25 * f64::from(index)).collect(),
        times,
        diverged: None,
        start: Some("0".repeat(64)),
    };
    record.write(&place("record", "finished.safetensors"), &checkpoint::task()).unwrap();
    let diverged = Record { diverged: Some(111), ..record };
    diverged.write(&place("record", "diverged.safetensors"), &checkpoint::task()).unwrap();
    // Stopped at its first look, after 64 steps and before its first frame; then after frames.
    let early = place("checkpoint", "early.checkpoint");
    let _ = fs::remove_file(&early);
    assert_eq!(checkpoint::run_with(&early, true).unwrap_err(), "stopped");
    let late = place("checkpoint", "late.checkpoint");
    fs::copy(&early, &late).unwrap();
    assert_eq!(checkpoint::run_with(&late, true).unwrap_err(), "stopped");
}

#[test]
#[ignore = "writes fuzz/corpus: after a change of a format"]
fn corpora_are_written() {
    trajectories();
    data_sets();
    raw_images();
    records();
    sweeps();
    fs::copy("../baselines/gradient-descent.json", place("baseline", "gradient-descent.json")).unwrap();
}
