//! Files of others in the place of what `glassbox sweep` makes, links out of its folders, and plans, claims and checkpoints that somebody
//! else has written: nothing of others is read, replaced or removed, and nothing is waited for without end.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod sweep;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use sweep::forging::{checkpoint_of_wrapping_size, replan};
use sweep::*;

/// A process of a machine that is not this one.
const TOKEN: &str = "deadbeefdeadbeef-12-34-0123456789abcdef";

/// Days in seconds.
const DAY: u64 = 86_400;

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn at(path: &Path, time: SystemTime) {
    fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

fn yesterday() -> SystemTime {
    SystemTime::now() - Duration::from_secs(DAY)
}

/// `sweep plan` of the tiny experiment into `out`.
fn plan<'a>(data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["plan", TINY, "--data", text(data), "--out", text(out)], more].concat()
}

/// Every kind of thing in the place of what a plan writes.
#[test]
fn a_plan_replaces_nothing_of_others() {
    let folder = planned();
    let data = folder.path().join("data.safetensors");
    let elsewhere = folder.path().join("elsewhere");
    write(&elsewhere.join("000000.jsonl"), "theirs");
    let places = [
        "tasks/thesis.txt",
        "tasks/000000.jsonl",
        "tasks.new/000000.jsonl",
        "data.safetensors",
        "merged/tasks.parquet",
        "records/ab/quench-ab0123456789abcd.safetensors",
        "manifest.json",
        "glassbox-sweep.json",
    ];
    for replace in [&[][..], &["--replace"]] {
        for place in places {
            let project = folder.path().join("project");
            write(&project.join(place), "the only copy");
            let before = all_files(&project);
            let message = refusal(&plan(&data, &project, replace));
            assert!(message.contains(place.split('/').next().unwrap()), "{place}: {message}");
            assert_eq!(all_files(&project), before, "{place}");
            fs::remove_dir_all(&project).unwrap();
        }
        for place in ["tasks", "tasks.new", "merged", "records", "data.safetensors", "manifest.json"] {
            let project = folder.path().join("project");
            fs::create_dir(&project).unwrap();
            symlink(&elsewhere, project.join(place)).unwrap();
            let message = refusal(&plan(&data, &project, replace));
            assert!(message.contains(place), "{place}: {message}");
            assert_eq!(fs::read_to_string(elsewhere.join("000000.jsonl")).unwrap(), "theirs");
            assert!(fs::symlink_metadata(project.join(place)).unwrap().is_symlink());
            fs::remove_dir_all(&project).unwrap();
        }
    }
    // What is beside a plan that is replaced.
    for (place, told) in [
        ("tasks/notes.txt", "tasks/notes.txt"),
        ("tasks/000007.jsonl", "tasks/000007.jsonl"),
        ("tasks/000000.jsonl.bak", "tasks/000000.jsonl.bak"),
        ("tasks.new/notes.txt", "tasks.new/notes.txt"),
    ] {
        let sweep = folder.path().join("plan");
        write(&sweep.join(place), "the only copy");
        let before = all_files(&sweep);
        assert!(refusal(&plan(&data, &sweep, &["--replace"])).contains(told));
        assert_eq!(all_files(&sweep), before);
        fs::remove_file(sweep.join(place)).unwrap();
    }
    with_status(0, &plan(&data, &folder.path().join("plan"), &["--replace"]));
    // A file where a folder should be.
    let message = refusal(&plan(&data, &data, &[]));
    assert!(message.contains("is not a folder"), "{message}");
}

/// Data in the folder of a plan that has none are not the plan's.
#[test]
fn a_plan_replaces_no_data_but_its_own() {
    let folder = planned();
    let data = folder.path().join("data.safetensors");
    let relaxation = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/hysteresis.toml");
    let out = folder.path().join("mnist");
    with_status(0, &["plan", relaxation, "--out", text(&out)]);
    write(&out.join("data.safetensors"), "the only copy");
    let message = refusal(&plan(&data, &out, &["--replace"]));
    assert!(message.contains("mnist/data.safetensors: is not of a plan"), "{message}");
    assert_eq!(fs::read_to_string(out.join("data.safetensors")).unwrap(), "the only copy");
    with_status(0, &["plan", relaxation, "--out", text(&out), "--replace"]);
    assert_eq!(fs::read_to_string(out.join("data.safetensors")).unwrap(), "the only copy");
}

/// Interrupted between any two of its steps, a plan leaves what the next one may replace.
#[test]
fn what_a_plan_left_is_replaced_with_its_marker_only() {
    let folder = planned();
    let (data, sweep) = (folder.path().join("data.safetensors"), folder.path().join("plan"));
    fs::remove_file(sweep.join("manifest.json")).unwrap();
    write(&sweep.join("tasks.new/000000.jsonl"), "");
    write(&sweep.join("tasks.new").join(format!(".000001.jsonl.3.{TOKEN}.partial")), "half");
    let unmarked = folder.path().join("unmarked");
    copy(&sweep, &unmarked);
    fs::remove_file(unmarked.join("glassbox-sweep.json")).unwrap();
    let before = all_files(&unmarked);
    assert!(refusal(&plan(&data, &unmarked, &[])).contains("is not of a plan"));
    assert_eq!(all_files(&unmarked), before);
    with_status(0, &plan(&data, &sweep, &[]));
    assert!(!sweep.join("tasks.new").exists());
    // A plan of an earlier version, which had no marker.
    fs::remove_file(sweep.join("glassbox-sweep.json")).unwrap();
    with_status(0, &plan(&data, &sweep, &["--replace"]));
    assert!(sweep.join("glassbox-sweep.json").exists());
}

/// Files of others in a store, old ones.
fn foreign(store: &Path) -> Vec<PathBuf> {
    let names = [
        "workers/payroll.csv",
        "workers/id_rsa",
        "workers/0123456789abcdef",
        "workers/folder/thesis.tex",
        "workers/..partial",
        "ab/.draft.1.partial",
        "ab/notes.claim",
        "ab/quench-cd0123456789abcd.claim",
        "ab/QUENCH-ab0123456789abcd.claim",
        "ab/quench-ab0123456789abcd.claim\n",
        "ab/quench-ab0123456789abcd.claim/inner",
        "xy/.draft.1.partial",
        "thesis.txt",
    ];
    let paths: Vec<PathBuf> = names.iter().map(|name| store.join(name)).collect();
    for path in &paths {
        write(path, "the only copy");
        at(path, yesterday());
    }
    paths
}

#[test]
fn a_folder_that_is_no_store_is_not_repaired() {
    let folder = planned();
    let lab = folder.path().join("lab");
    let before = foreign(&lab);
    let output = done(&["verify-store", text(&lab), "--repair"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output.stderr).contains("holds no results"), "{}", said(&output.stderr));
    assert!(before.iter().all(|path| path.exists()));
    assert!(!lab.join("glassbox-store.json").exists());
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reproduce_command/tiny.toml");
    let out = folder.path().join("report");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .args(["reproduce", "--preset", preset, "--figure", "2b", "--out", text(&out), "--store", text(&lab)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output.stderr).contains("is not a folder of results"), "{}", said(&output.stderr));
    assert!(before.iter().all(|path| path.exists()));
}

/// In a store they are named once and left alone, whatever is done.
#[test]
fn files_of_others_in_a_store_are_named_and_left_alone() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    let theirs = foreign(&plan.join("records"));
    // And what a process of another machine left, a day ago.
    let heartbeat = plan.join("records/workers").join(TOKEN);
    write(&heartbeat, "{}");
    at(&heartbeat, yesterday());
    let (out, _) = with_status(0, &["run", text(&plan), "--threads", "2"]);
    assert_eq!(
        out.lines().filter(|line| line.contains("not files of glassbox; they are left alone")).count(),
        1,
        "{out}"
    );
    assert!(!heartbeat.exists(), "{out}");
    let (out, _) = with_status(0, &["verify-store", text(&plan), "--repair"]);
    assert_eq!(out.lines().filter(|line| line.contains("left alone")).count(), 1, "{out}");
    for path in &theirs {
        assert_eq!(fs::read_to_string(path).unwrap(), "the only copy", "{}", path.display());
        fs::remove_file(path).unwrap();
    }
    assert_same(&plan, &expected);
}

/// A link in the place of a folder of a store: refused, and nothing behind it is touched.
#[test]
fn nothing_is_removed_through_a_link() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let shard = entries(&plan)[0].identifier.split('-').nth(1).unwrap()[..2].to_owned();
    for marked in [false, true] {
        for link in ["records", "records/workers", &format!("records/{shard}"), "records/glassbox-store.json"]
        {
            let place = folder.path().join("place");
            copy(&plan, &place);
            if marked {
                with_status(0, &["run", text(&place), "--tasks", "1..2"]);
            }
            let victim = folder.path().join("victim");
            let names = [
                "id_rsa",
                TOKEN,
                "quench-ab0123456789abcd.checkpoint",
                "quench-ab0123456789abcd.safetensors",
            ];
            for name in names {
                write(&victim.join(name), "the only copy");
                at(&victim.join(name), yesterday());
            }
            let link = place.join(link);
            if link.is_dir() {
                fs::remove_dir_all(&link).unwrap();
            }
            let _ = fs::remove_file(&link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            // Nested: a link to a link.
            symlink(&victim, folder.path().join("middle")).unwrap();
            symlink(folder.path().join("middle"), &link).unwrap();
            for arguments in [
                &["run", text(&place), "--threads", "1"][..],
                &["run", text(&place), "--tasks", "0..4"],
                &["verify-store", text(&place), "--repair"],
                &["verify-store", text(&place)],
                &["retry", text(&place)],
            ] {
                let output = done(arguments);
                let told = said(&output.stderr);
                // Forgetting failures, or looking, reads no marker.
                let looks = link.ends_with("glassbox-store.json") && !told.contains("glassbox-store.json");
                assert!(looks || output.status.code() == Some(2), "{arguments:?} {}: {told}", link.display());
                assert!(looks || told.contains(text(&link)), "{arguments:?}: {told}");
                assert!(!told.contains("panicked"), "{told}");
                for name in names {
                    assert_eq!(fs::read_to_string(victim.join(name)).unwrap(), "the only copy");
                }
                assert_eq!(
                    fs::read_dir(&victim).unwrap().count(),
                    names.len(),
                    "{arguments:?} wrote there: {told}"
                );
            }
            fs::remove_dir_all(&place).unwrap();
            fs::remove_file(folder.path().join("middle")).unwrap();
        }
    }
}

/// Links and folders in the place of single files of tasks.
#[test]
fn a_file_of_a_task_that_is_no_file_is_not_replaced() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let task = &entries(&plan)[0].identifier;
    let victim = folder.path().join("victim");
    for kind in ["safetensors", "checkpoint", "claim"] {
        for as_link in [true, false] {
            fs::write(&victim, "the only copy").unwrap();
            let path = record_path(&plan, task).with_extension(kind);
            if as_link {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                symlink(&victim, &path).unwrap();
            } else {
                write(&path.join("inner"), "the only copy");
            }
            let (_, err) = with_status(2, &["run", text(&plan), "--tasks", "0..1"]);
            assert!(err.contains(text(&path)), "{kind}: {err}");
            with_status(0, &["verify-store", text(&plan), "--repair"]);
            assert_eq!(fs::read_to_string(&victim).unwrap(), "the only copy");
            assert!(fs::symlink_metadata(&path).is_ok());
            if as_link { fs::remove_file(&path).unwrap() } else { fs::remove_dir_all(&path).unwrap() }
        }
    }
    // Another name of the same file keeps its content.
    with_status(0, &["run", text(&plan), "--tasks", "0..1"]);
    let record = record_path(&plan, task);
    fs::hard_link(&record, folder.path().join("kept")).unwrap();
    let bytes = fs::read(&record).unwrap();
    fs::remove_file(&record).unwrap();
    with_status(0, &["run", text(&plan), "--tasks", "0..1"]);
    assert!(fs::read(folder.path().join("kept")).unwrap() == bytes);
}

/// A plan from somebody else, its digests right: a name that is not its task's is refused before anything is made of it.
#[test]
fn a_task_has_the_name_of_its_content() {
    let folder = planned();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let entry = entries(&folder.path().join("plan"))[4].clone();
    let start = entry.start.unwrap();
    let absolute = format!("{}/evil-ab", outside.display());
    let names = [
        (entry.identifier.clone(), "../../outside/evil-ab".to_owned()),
        (entry.identifier.clone(), absolute),
        (entry.identifier.clone(), "trajectory-0123456789abcdef".to_owned()),
        (entry.identifier.clone(), String::new()),
        (entry.identifier.clone(), "x".repeat(5000)),
        (start.clone(), "../../../outside/evil-ab".to_owned()),
        (format!("\"start\":\"{start}\""), "\"start\":null".to_owned()),
    ];
    for (from, to) in names {
        let place = folder.path().join("forged");
        copy(&folder.path().join("plan"), &place);
        replan(&place, |text| text.replacen(&from, &to, 1));
        write(&outside.join("evil-ab.checkpoint"), "the only copy");
        for arguments in [
            &["run"][..],
            &["status"],
            &["verify-store"],
            &["merge"],
            &["submit", "--engine", "slurm", "--dry-run"],
        ] {
            let message = refusal(&[arguments, &[text(&place)]].concat());
            assert!(message.contains("tasks/000000.jsonl: "), "{arguments:?}: {message}");
            assert!(message.len() < 500, "{message}");
        }
        assert_eq!(all_files(&outside).len(), 1);
        assert_eq!(fs::read_to_string(outside.join("evil-ab.checkpoint")).unwrap(), "the only copy");
        fs::remove_dir_all(&place).unwrap();
    }
    // As it is, it is read.
    let place = folder.path().join("forged");
    copy(&folder.path().join("plan"), &place);
    replan(&place, str::to_owned);
    status(&place);
    // Fewer tasks than the manifest says.
    replan(&place, |text| text.lines().take(20).map(|line| line.to_owned() + "\n").collect());
    assert!(refusal(&["run", text(&place)]).contains("has 20 tasks; the manifest says 24"));
}

/// Claims and heartbeats with any time. Nobody waits for a time that is to come.
#[test]
fn a_claim_from_the_future_is_taken_over() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let task = entries(&plan)[0].identifier.clone();
    let claim = record_path(&plan, &task).with_extension("claim");
    let heartbeat = plan.join("records/workers").join(TOKEN);
    let report = r#"{"host":"north","pid":12,"threads":1,"running":[],"finished":0,"estimated_seconds":0.0,"measured_seconds":0.0}"#;
    let now = SystemTime::now;
    let day = Duration::from_secs(DAY);
    for (claimed, beat) in [
        (now() + day, None),
        (now() + day, Some(now() + day)),
        (now() - day, Some(now() + 365 * day)),
        (now() + day, Some(now() - day)),
        (SystemTime::UNIX_EPOCH, None),
    ] {
        write(&claim, TOKEN);
        at(&claim, claimed);
        if let Some(beat) = beat {
            write(&heartbeat, report);
            at(&heartbeat, beat);
        }
        let started = Instant::now();
        let (out, _) = with_status(0, &["run", text(&plan), "--tasks", "0..1", "--claim-expiry", "1"]);
        assert!(started.elapsed() < Duration::from_secs(30), "{out}");
        assert_eq!(named("finished", &out), [task.as_str()], "{out}");
        // Who waits says for whom, and until when.
        let waited = out.lines().find(|line| line.starts_with("waiting for "));
        if beat.is_some_and(|beat| beat > now()) {
            let line = waited.expect(&out);
            assert!(line.contains(&task) && line.contains("process 12 on north"), "{line}");
            assert!(line.contains("s in the future; without another it counts as gone in "), "{line}");
        } else {
            assert_eq!(waited, None, "{out}");
        }
        fs::remove_file(record_path(&plan, &task)).unwrap();
        let _ = fs::remove_file(&heartbeat);
    }
    // A fresh claim of a machine that is gone: waited for as long as the expiry, which the status tells too.
    write(&claim, TOKEN);
    write(&heartbeat, report);
    let (out, _) = with_status(0, &["status", text(&plan), "--claim-expiry", "30"]);
    assert!(out.contains("north (process 12), last sign of life "), "{out}");
    write(&claim, TOKEN);
    write(&heartbeat, report);
    let (out, _) = with_status(0, &["run", text(&plan), "--tasks", "0..1", "--claim-expiry", "5"]);
    assert!(out.contains("process 12 on north, whose last sign of life is "), "{out}");
    assert_eq!(named("finished", &out), [task]);
}

/// A checkpoint whose digest is right and whose sizes are not those of any file.
#[test]
fn a_checkpoint_with_sizes_that_wrap_around_is_damaged() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    let (name, record) = expected.iter().next().unwrap();
    let checkpoint = plan.join("records").join(name).with_extension("checkpoint");
    fs::create_dir_all(checkpoint.parent().unwrap()).unwrap();
    for repair in [false, true] {
        fs::write(&checkpoint, checkpoint_of_wrapping_size(record)).unwrap();
        let (out, _) = with_status(1, &["verify-store", text(&plan)]);
        assert!(out.contains(&format!("damaged    {}: is cut short", checkpoint.display())), "{out}");
        if repair {
            with_status(0, &["verify-store", text(&plan), "--repair"]);
            assert!(!checkpoint.exists());
        }
        let (out, err) = with_status(0, &["run", text(&plan), "--threads", "2"]);
        assert!(!err.contains("panicked"), "{err}");
        assert_eq!(
            out.lines().filter(|line| line.starts_with("made again: ")).count(),
            usize::from(!repair),
            "{out}"
        );
        assert_same(&plan, &expected);
        fs::remove_dir_all(plan.join("records")).unwrap();
        fs::create_dir_all(checkpoint.parent().unwrap()).unwrap();
    }
}

/// Somebody removes the results, all or some, while they are made.
#[test]
fn results_that_are_removed_meanwhile_are_missed() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    for all in [true, false] {
        let place = folder.path().join(format!("all-{all}"));
        copy(&folder.path().join("plan"), &place);
        let command = sweep(&["run", text(&place), "--threads", "1"]);
        let mut process = Process::start(command, &folder.path().join("process"));
        // A quench that is gone is made again where something starts from it; a trajectory is not.
        let trajectory = || {
            let finished = named("finished", &process.out());
            finished.into_iter().find(|identifier| identifier.starts_with("trajectory"))
        };
        wait_until("a trajectory is finished", || trajectory().is_some());
        if all {
            wait_until("it is gone", || fs::remove_dir_all(place.join("records")).is_ok());
        } else {
            fs::remove_file(record_path(&place, &trajectory().unwrap())).unwrap();
        }
        assert_eq!(process.end(), Some(2), "{}{}", process.out(), process.err());
        let told = process.err();
        assert!(!told.contains("are done"), "{told}");
        let line = told.lines().last().unwrap_or_default();
        assert!(
            line.contains("of 24 records are not in") && line.contains("something removed files there"),
            "{told}"
        );
        with_status(0, &["run", text(&place), "--threads", "2"]);
        assert_same(&place, &expected);
    }
}

/// Tables of others in the folder of merged ones.
#[test]
fn a_merge_replaces_no_tables_but_its_own() {
    let folder = planned();
    undisturbed(folder.path());
    let whole = folder.path().join("whole");
    let out = folder.path().join("tables");
    let merge = ["merge", text(&whole), "--out", text(&out)];
    write(&out.join("tasks.parquet"), "the only copy");
    assert!(refusal(&merge).contains("tables/tasks.parquet: is not a table that glassbox wrote"));
    assert_eq!(fs::read_to_string(out.join("tasks.parquet")).unwrap(), "the only copy");
    fs::remove_file(out.join("tasks.parquet")).unwrap();
    with_status(0, &merge);
    with_status(0, &merge);
    symlink(&out, whole.join("merged")).unwrap();
    assert!(refusal(&["merge", text(&whole)]).contains("merged: is a link"));
}

/// Files of settings without a bound, and what is no file.
#[test]
fn files_of_settings_are_bounded() {
    let folder = planned();
    let (data, sweep) = (folder.path().join("data.safetensors"), folder.path().join("plan"));
    let experiment = folder.path().join("long.toml");
    let lines = fs::read_to_string(TINY).unwrap();
    fs::write(&experiment, format!("{lines}\n#{}", "x".repeat(2_000_000))).unwrap();
    let pipe = folder.path().join("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let out = folder.path().join("new");
    let submit = |profile: &Path| {
        refusal(&["submit", text(&sweep), "--engine", "slurm", "--dry-run", "--profile", text(profile)])
    };
    for (path, told) in [
        (experiment.as_path(), "at most 1000000 are read"),
        (&pipe, "it is a named pipe"),
        (Path::new("/dev/zero"), "it is a device"),
        (folder.path(), "it is a folder"),
    ] {
        let planned = refusal(&["plan", text(path), "--out", text(&out), "--data", text(&data)]);
        let preset = refusal(&["plan", "--preset", text(path), "--out", text(&out)]);
        for message in [planned, preset, submit(path)] {
            assert!(message.contains(told) && message.contains(text(path)), "{message}");
        }
        assert!(!out.exists());
    }
    for line in ["--uid=0", "--prolog=/tmp/x", "--comment=\"a", "--constraint=a --uid=0"] {
        let profile = folder.path().join("profile.toml");
        fs::write(&profile, format!("extra = [{line:?}]")).unwrap();
        assert!(submit(&profile).contains("extra[0] is"), "{line}");
    }
}
