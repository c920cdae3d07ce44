//! Plans written, read, replaced and damaged.

use super::*;
use glassbox_simulations::protocol::test_tasks::{quench, trajectory};
use std::fs;

fn plan() -> Plan {
    Plan { name: "one".to_owned(), ..Plan::default() }
}

fn written(folder: &Path, tasks: &[Task], replace: bool) -> Result<Manifest, ManifestError> {
    let quenches = tasks.iter().map(|task| task.quench().clone());
    let others = tasks.iter().filter(|task| !matches!(task, Task::Quench(_)));
    let others = others.map(|task| (task.clone(), Some(0.5)));
    Manifest::write(folder, plan(), quenches, others, None, &mut |task| Ok(task.steps() as f64), replace)
}

#[test]
fn a_plan_comes_back_starts_first_and_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = [trajectory(2, 0.1), trajectory(1, 0.1), trajectory(2, 0.1), Task::Quench(quench(1))];
    let manifest = written(folder.path(), &tasks, false).unwrap();
    assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    let entries: Vec<Entry> = manifest.entries(0..4).unwrap().collect::<Result<_, _>>().unwrap();
    let expected = [Task::Quench(quench(2)), Task::Quench(quench(1)), trajectory(2, 0.1), trajectory(1, 0.1)];
    for (entry, task) in entries.iter().zip(&expected) {
        let again = Entry::of(task.clone());
        assert_eq!((&entry.identifier, &entry.start, &entry.task), (&again.identifier, &again.start, task));
        assert_eq!(entry.seconds, task.steps() as f64);
    }
    let half_widths: Vec<Option<f64>> = entries.iter().map(|entry| entry.half_width).collect();
    assert_eq!(half_widths, [None, None, Some(0.5), Some(0.5)]);
    assert_eq!((manifest.len(), manifest.starts()), (4, 2));
    assert_eq!(manifest.entries(1..3).unwrap().count(), 2);
    assert!(manifest.entries(2..5).err().unwrap().to_string().contains("has 4 tasks"));
}

#[test]
fn many_files_make_one_list() {
    let folder = tempfile::tempdir().unwrap();
    let tasks: Vec<Task> = (0..25_000).map(|index| trajectory(1, f64::from(index))).collect();
    let manifest = written(folder.path(), &tasks, false).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("tasks")).unwrap().count(), 3);
    let entries: Vec<Entry> = manifest.entries(9_998..22_003).unwrap().map(Result::unwrap).collect();
    // The first is the quench.
    let tasks_there: Vec<&Task> = entries.iter().map(|entry| &entry.task).collect();
    assert_eq!(tasks_there, tasks[9_997..22_002].iter().collect::<Vec<_>>());
    // A shorter plan leaves no file of the longer one.
    written(folder.path(), &tasks[..10], true).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("tasks")).unwrap().count(), 1);
}

/// The last task cannot be planned, such as for want of data: the folder has the plan that it had.
#[test]
fn a_plan_that_cannot_be_replaced_stays() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = written(folder.path(), &[trajectory(1, 0.1)], false).unwrap();
    let others = [(trajectory(2, 0.1), None)].into_iter();
    let mut seconds = |task: &Task| match task {
        Task::Quench(_) => Ok(1.0),
        _ => Err(SamplesError::NoOwnData("none".to_owned())),
    };
    let failed =
        Manifest::write(folder.path(), plan(), [quench(2)].into_iter(), others, None, &mut seconds, true);
    assert!(failed.unwrap_err().to_string().contains("none"));
    assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    assert_eq!(manifest.entries(0..2).unwrap().filter(Result::is_ok).count(), 2);
    // Manifest, marker and tasks.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn what_is_not_the_plan_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let message = |result: Result<Manifest, ManifestError>| result.unwrap_err().to_string();
    assert!(message(Manifest::read(folder.path())).contains("has no manifest.json"));
    assert!(message(written(folder.path(), &[], false)).contains("no tasks"));
    let manifest = written(folder.path(), &[trajectory(1, 0.1)], false).unwrap();
    assert!(message(written(folder.path(), &[trajectory(1, 0.2)], false)).contains("--replace"));
    let tasks = folder.path().join("tasks/000000.jsonl");
    let mut text = fs::read(&tasks).unwrap();
    text[40] ^= 1;
    fs::write(&tasks, text).unwrap();
    let error = manifest.entries(0..2).unwrap().next().unwrap().unwrap_err();
    assert!(error.to_string().contains("is not what was planned"), "{error}");
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let altered = text.replace("\"starts\": 1", "\"starts\": 2");
    assert_ne!(altered, text);
    fs::write(&path, altered).unwrap();
    assert!(message(Manifest::read(folder.path())).contains("is altered"));
    fs::write(&path, text.replace("\"generation\": 1", "\"generation\": 77")).unwrap();
    assert!(message(Manifest::read(folder.path())).contains("generation 77"));
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert!(message(Manifest::read(folder.path())).contains("plan again with --replace"));
}
