//! Merging real folders, read back by the Parquet reader.

use super::*;
use crate::{Failure, Plan};
use glassbox_simulations::protocol::test_tasks::{quench, trajectory};
use glassbox_simulations::protocol::{Record, SweepTask, Task};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use std::fs::File;

/// Two quenches, one of which diverged, two trajectories and a sweep.
fn tasks() -> Vec<Task> {
    let sweep =
        SweepTask { quench: quench(1), learning_rate: 0.1, regularisations: vec![0.1, 0.2], steps: 5 };
    vec![trajectory(1, 0.1), trajectory(2, 0.2), Task::Sweep(sweep)]
}

fn record_of(task: &Task, scale: f64) -> Record {
    let times: Vec<u64> = match task {
        Task::Quench(_) => vec![0, 7],
        Task::Trajectory(_) => vec![0, 1, 4, 10],
        Task::Sweep(_) => vec![5, 10],
    };
    let losses = times.iter().map(|time| scale / (1.0 + *time as f64)).collect();
    let weights = times.iter().flat_map(|time| [scale, scale * *time as f64, -1.0]).collect();
    Record { times, losses, weights, ..Record::default() }
}

fn planned(folder: &Path, half_width: Option<f64>) -> Manifest {
    let tasks = tasks();
    let quenches = tasks.iter().map(|task| task.quench().clone());
    let others = tasks.iter().map(|task| (task.clone(), half_width));
    Manifest::write(folder, Plan::default(), quenches, others, None, &mut |_| Ok(1.0), false).unwrap()
}

/// A sweep whose records are written, those of quench 2 and of what starts from it as of a network that diverged.
fn sweep(folder: &Path) -> Manifest {
    let manifest = planned(folder, Some(1.5));
    let store = manifest.store().unwrap();
    for (entry, scale) in manifest.entries(0..manifest.len()).unwrap().zip(1..) {
        let task = entry.unwrap().task;
        let diverged = task.quench().initial_condition == 2;
        let record = if diverged {
            Record { diverged: Some(3), ..Record::default() }
        } else {
            record_of(&task, f64::from(scale))
        };
        store.write(&task, &record).unwrap();
    }
    manifest
}

fn merged(manifest: &Manifest, options: MergeOptions) -> Result<Merged, MergeError> {
    let stop = AtomicBool::new(false);
    merge(
        manifest,
        &manifest.folder().join("merged"),
        options,
        &MergeWatch { stop: &stop, progress: &|_| {} },
    )
}

fn rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

fn field(row: &Row, name: &str) -> Field {
    row.get_column_iter().find(|(column, _)| *column == name).unwrap().1.clone()
}

fn text(row: &Row, name: &str) -> String {
    match field(row, name) {
        Field::Str(text) => text,
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn two_tables_tell_of_every_task_and_frame() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sweep(folder.path());
    let outcome = merged(&manifest, MergeOptions::default()).unwrap();
    let entries: Vec<Entry> = manifest.entries(0..5).unwrap().map(Result::unwrap).collect();
    let tasks = rows(&outcome.tasks_file);
    assert_eq!((outcome.tasks, outcome.missing, tasks.len()), (5, 0, 5));
    for (row, entry) in tasks.iter().zip(&entries) {
        assert_eq!(text(row, "task"), entry.identifier);
        let path = folder.path().join(text(row, "record"));
        assert_eq!(text(row, "digest"), glassbox_simulations::protocol::verify(&path).unwrap().digest);
        assert_eq!(field(row, "seed"), Field::ULong(2));
        assert_eq!(field(row, "gain"), Field::Double(1.0));
    }
    let row = |kind: &str, initial_condition: i64| {
        let known = |row: &&Row| {
            text(row, "kind") == kind && field(row, "initial_condition") == Field::Long(initial_condition)
        };
        tasks.iter().find(known).unwrap()
    };
    assert_eq!(field(row("quench", 1), "start"), Field::Null);
    assert_eq!(text(row("trajectory", 1), "start"), Task::Quench(quench(1)).identifier());
    assert_eq!(field(row("trajectory", 1), "temperature"), Field::Double(0.1));
    assert_eq!(field(row("trajectory", 1), "waiting_times").to_string(), "[0, 4]");
    assert_eq!(field(row("trajectory", 1), "sweep_regularisations"), Field::Null);
    assert_eq!(field(row("sweep", 1), "sweep_regularisations").to_string(), "[0.1, 0.2]");
    assert_eq!(field(row("sweep", 1), "waiting_times"), Field::Null);
    for diverged in [row("quench", 2), row("trajectory", 2)] {
        assert_eq!(field(diverged, "diverged"), Field::Long(3));
        assert_eq!((field(diverged, "frames"), field(diverged, "first_loss")), (Field::Long(0), Field::Null));
    }

    let frames = rows(&outcome.frames_file);
    // A quench of 2 frames, a trajectory of 4 frames from 0 and 2 from 4, a sweep of 2 frames.
    assert_eq!((outcome.frames, frames.len()), (2 + 6 + 2, 10));
    let order: Vec<usize> = frames
        .iter()
        .map(|row| entries.iter().position(|entry| entry.identifier == text(row, "task")).unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    let trajectory = entries[2].identifier.as_str();
    let last = frames.iter().rfind(|row| text(row, "task") == trajectory).unwrap();
    // Third of the manifest: its scale is 3, and its second weight goes from 12 to 30.
    assert_eq!((field(last, "waiting_time"), field(last, "lag")), (Field::Long(4), Field::Long(6)));
    assert_eq!(field(last, "mean_squared_displacement"), Field::Double(18.0 * 18.0 / 3.0));
    assert_eq!(field(last, "overlap"), Field::Double(2.0 / 3.0));
    assert_eq!(field(last, "loss"), Field::Double(3.0 / 11.0));
}

#[test]
fn metadata_describe_every_column() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = merged(&sweep(folder.path()), MergeOptions::default()).unwrap();
    let mut records = Vec::new();
    for path in [&outcome.tasks_file, &outcome.frames_file] {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let file = reader.metadata().file_metadata();
        let about = &file.key_value_metadata().unwrap()[0];
        assert_eq!(about.key, "glassbox");
        let about: serde_json::Value = serde_json::from_str(about.value.as_ref().unwrap()).unwrap();
        let columns = about["columns"].as_object().unwrap();
        let fields = file.schema().get_fields();
        assert_eq!(columns.len(), fields.len());
        for field in fields {
            assert!(!columns[field.name()]["about"].as_str().unwrap().is_empty(), "{}", field.name());
            assert!(columns[field.name()]["unit"].is_string());
        }
        records.push(about["records"].clone());
    }
    // Two files of one merge can be told from those of two.
    assert_eq!(records[0], records[1]);
}

/// The documentation's tables have a row for each column, as it is.
#[test]
fn the_documentation_lists_the_columns() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sweep-results.md")).unwrap();
    fn lines<Row>(columns: &[table::Column<Row>]) -> Vec<String> {
        let line = |column: &table::Column<Row>| {
            format!(
                "| `{}` | {} | {} | {} |",
                column.name,
                column.value.type_name(),
                column.unit,
                column.about
            )
        };
        columns.iter().map(line).collect()
    }
    for lines in [lines(task_row::COLUMNS), lines(frame_row::COLUMNS)] {
        let table = lines.join("\n");
        assert!(text.contains(&table), "docs/sweep-results.md lacks the table\n{table}");
    }
}

#[test]
fn bytes_depend_on_manifest_and_records_only() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bytes = |folder: &Path, threads: usize| {
        let manifest = sweep(folder);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let outcome = pool.install(|| merged(&manifest, MergeOptions::default()).unwrap());
        assert_eq!(fs::read_dir(folder.join("merged")).unwrap().count(), 2);
        (fs::read(outcome.tasks_file).unwrap(), fs::read(outcome.frames_file).unwrap())
    };
    assert!(bytes(one.path(), 1) == bytes(other.path(), 7));
}

#[test]
fn missing_tasks_are_refused_unless_a_part_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = planned(folder.path(), None);
    let part = MergeOptions { partial: true, ..MergeOptions::default() };
    for options in [MergeOptions::default(), part] {
        let error = merged(&manifest, options).unwrap_err().to_string();
        assert!(error.contains("no task of") && error.contains("glassbox sweep run"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let manifest = sweep(folder.path());
    let store = manifest.store().unwrap();
    let gone = tasks()[0].identifier();
    fs::remove_file(store.record_path(&gone)).unwrap();
    store.fail(&gone, &Failure { reason: "none".to_owned(), host: "here".to_owned() }).unwrap();
    let error = merged(&manifest, MergeOptions::default()).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "1 of 5 tasks have no record (1 failed, and are tried again after: glassbox sweep retry "
        ),
        "{error}"
    );
    assert!(error.contains("glassbox sweep run") && error.contains("--partial"), "{error}");
    assert!(!folder.path().join("merged").exists());
    let outcome = merged(&manifest, part).unwrap();
    assert_eq!((outcome.tasks, outcome.missing), (4, 1));
    assert!(rows(&outcome.tasks_file).iter().all(|row| text(row, "task") != gone));
}

#[test]
fn damaged_records_are_all_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sweep(folder.path());
    let before = merged(&manifest, MergeOptions::default()).unwrap();
    let before = fs::read(before.tasks_file).unwrap();
    let store = manifest.store().unwrap();
    let [flipped, cut, other] = tasks().try_into().unwrap();
    let path = store.path(&flipped);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::write(store.path(&cut), "{").unwrap();
    record_of(&other, 1.0).write(&store.path(&other), &flipped).unwrap();
    let part = MergeOptions { partial: true, ..MergeOptions::default() };
    for options in [MergeOptions::default(), part] {
        let error = merged(&manifest, options).unwrap_err().to_string();
        assert!(error.starts_with("damaged records: 3; nothing is written; repair with"), "{error}");
        assert!(error.contains("glassbox sweep verify-store") && error.contains("--repair"), "{error}");
        for (task, problem) in
            [(&flipped, "is altered"), (&cut, "is cut short"), (&other, "is the record of trajectory-")]
        {
            let line = error.lines().find(|line| line.contains(&task.identifier())).unwrap();
            assert!(line.contains(problem), "{error}");
        }
    }
    let out = folder.path().join("merged");
    assert_eq!(fs::read(out.join("tasks.parquet")).unwrap(), before);
    assert_eq!(fs::read_dir(out).unwrap().count(), 2);
}

#[test]
fn mixed_records_are_refused_unless_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sweep(folder.path());
    let task = &tasks()[0];
    let path = manifest.store().unwrap().path(task);
    let mixed = MergeOptions { allow_mixed: true, ..MergeOptions::default() };
    let head = Head::new(task.clone(), None);
    record_of(task, 1.0)
        .write_as(&path, &Head { instruction_set: "abacus".to_owned(), ..head.clone() })
        .unwrap();
    let error = merged(&manifest, MergeOptions::default()).unwrap_err().to_string();
    assert!(error.contains(&format!("abacus in 1 (such as {})", task.identifier())), "{error}");
    let outcome = merged(&manifest, mixed).unwrap();
    let sets: Vec<String> =
        rows(&outcome.tasks_file).iter().map(|row| text(row, "instruction_set")).collect();
    assert_eq!(sets.iter().filter(|set| *set == "abacus").count(), 1);
    record_of(task, 1.0).write_as(&path, &Head { generation: 0, ..head }).unwrap();
    assert!(merged(&manifest, mixed).unwrap_err().to_string().contains("differ in their generation"));
}

#[test]
fn a_stop_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sweep(folder.path());
    let stop = AtomicBool::new(true);
    let out = folder.path().join("merged");
    let watch = MergeWatch { stop: &stop, progress: &|_| {} };
    let error = merge(&manifest, &out, MergeOptions::default(), &watch).unwrap_err();
    assert!(matches!(error, MergeError::Stopped));
    assert_eq!(fs::read_dir(out).unwrap().count(), 0);
}

/// A record of 16 MB and a table of many groups, in a few MB.
#[test]
fn memory_is_that_of_a_group_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let task = trajectory(1, 0.1);
    let path = folder.path().join("record");
    let weights: Vec<f64> = (0..2_000 * 1_000).map(|index| f64::from(index % 1_009)).collect();
    Record { times: (0..2_000).collect(), losses: vec![0.0; 2_000], weights, ..Record::default() }
        .write(&path, &task)
        .unwrap();
    let entry = Entry::of(task);
    let mut rows = Vec::new();
    let read = allocation_counter::measure(|| {
        rows = frame_row::rows(&entry, &mut RecordReader::open(&path).unwrap()).unwrap();
    });
    assert_eq!(rows.len(), 2_000 + 1_996);
    assert!(read.bytes_max < 3_000_000, "{} bytes", read.bytes_max);
    let file = File::create(folder.path().join("table")).unwrap();
    let mut table = Table::new("frames", frame_row::COLUMNS, &file).unwrap();
    let written = allocation_counter::measure(|| {
        for _ in 0..200 {
            rows.iter().cloned().for_each(|row| table.push(row).unwrap());
        }
    });
    assert!(written.bytes_max < 40_000_000, "{} bytes", written.bytes_max);
    assert_eq!(table.close("").unwrap(), 200 * 3_996);
}
