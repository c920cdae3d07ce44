//! Names that are not used are listed, and those close to known ones are asked about.

use crate::files::{Archive, f64s, little_endian, numbers, safetensors};
use crate::snapshots::Folder;
use crate::table::{Column, columns, table};
use glassbox_trajectories::trajectory::Trajectory;
use parquet::basic::Compression;
use safetensors::Dtype;
use std::path::Path;
use zip::CompressionMethod::Stored;

fn unused(path: &Path) -> Result<Vec<String>, String> {
    Trajectory::open(path).map(|trajectory| trajectory.unused().to_vec()).map_err(|error| error.to_string())
}

fn of_arrays(extra: &[&'static str]) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let extra = extra.iter().copied();
    let archive = extra.fold(Archive::sound(), |archive, name| archive.with(name, f64s("(2,)", &[1.0, 2.0])));
    std::fs::write(&path, archive.bytes(Stored)).unwrap();
    unused(&path)
}

fn of_columns(extra: &'static str) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let mut columns = columns();
    columns.push((extra, Column::Double(numbers(12))));
    std::fs::write(&path, table(&columns, 12, 5, Compression::UNCOMPRESSED)).unwrap();
    unused(&path)
}

#[test]
fn arrays_that_are_not_used_are_named() {
    assert_eq!(of_arrays(&[]), Ok(Vec::new()));
    assert_eq!(of_arrays(&["loss", "seed"]), Ok(vec!["array 'loss'".to_owned(), "array 'seed'".to_owned()]));
    for (name, known) in [
        ("gradient", "gradients"),
        ("Gradients", "gradients"),
        ("gradients ", "gradients"),
        ("grad_x", "gradients"),
        ("layer", "layers"),
        ("weight", "weights"),
        ("time", "times"),
        ("run/layers", "layers"),
    ] {
        let message = of_arrays(&["seed", name]).unwrap_err();
        let expected = format!("array '{name}' was not used: was '{known}' meant? Rename or remove it");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn columns_that_are_not_used_are_named() {
    assert_eq!(of_columns("loss"), Ok(vec!["column 'loss'".to_owned()]));
    for (name, known) in
        [("Gradient", "gradient"), ("grad", "gradient"), ("values", "value"), ("steps", "step")]
    {
        let message = of_columns(name).unwrap_err();
        assert!(
            message.contains(&format!("column '{name}' was not used: was '{known}' meant?")),
            "{message}"
        );
    }
    let message = of_columns("value").unwrap_err();
    assert!(message.contains("column 'value' is there more than once"), "{message}");
}

#[test]
fn files_and_tensors_that_are_not_used_are_named() {
    let folder = Folder::sound();
    std::fs::write(folder.path().join("notes.txt"), "a run").unwrap();
    std::fs::write(folder.path().join(".hidden"), "").unwrap();
    assert_eq!(unused(folder.path()), Ok(vec!["file 'notes.txt'".to_owned()]));
    for index in 0..30 {
        std::fs::write(folder.path().join(format!("plot-{index:02}.svg")), "").unwrap();
    }
    let named = unused(folder.path()).unwrap();
    assert_eq!((named.len(), named[20].as_str()), (21, "11 more files"));
    for name in
        ["replica-1-step-9.safetensor", "replica-1-step-9.SAFETENSORS", "replica-1-step-9.safetensors.part"]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        let message = unused(folder.path()).unwrap_err();
        assert!(message.contains("was a name like replica-0-step-100.safetensors meant?"), "{message}");
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn tensors_that_may_be_gradients_are_asked_about() {
    for name in ["gradient.net", "Grad.net", "grads_net", "net.grad", "net.gradient"] {
        let folder = tempfile::tempdir().unwrap();
        let tensors = safetensors(&[
            ("net", Dtype::F64, &[2], little_endian(&[1.0, 2.0])),
            (name, Dtype::F64, &[2], little_endian(&[1.0, 2.0])),
        ]);
        for step in 0..2 {
            let path = folder.path().join(format!("replica-0-step-{step}.safetensors"));
            std::fs::write(path, &tensors).unwrap();
        }
        let message = unused(folder.path()).unwrap_err();
        let expected = format!("tensor '{name}' would be a layer: was 'grad.net' meant? Rename or remove it");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_gradient_of_lists_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    std::fs::write(&path, crate::table::with_gradient_of_lists()).unwrap();
    let message = unused(&path).unwrap_err();
    assert!(message.contains("column 'gradient' has several numbers per row; it must have one"), "{message}");
}
