//! What goes wrong around `glassbox sweep`: disks that are full or may not be written, files that are torn or altered. It is told,
//! with the path and the cause, and nothing is lost.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod sweep;

use glassbox_simulations::noise::{NoiseStream, Purpose};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use sweep::forging::{of_a_later_format, of_other_arithmetic, start_of};
use sweep::*;

/// Runs `script` with a tmpfs of these `options` at $M that has a copy of the plan in $M/s; $GLASSBOX is the program. What it leaves in
/// $OUT is there afterwards. Every command of the script is to succeed.
fn in_small_space(folder: &Path, options: &str, script: &str) -> Option<PathBuf> {
    let mut command = namespace(&["--mount"], &["mount", "-t", "tmpfs", "none", "/mnt"])?;
    let (mount, out) = (folder.join("mount"), folder.join("out"));
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&mount).unwrap();
    fs::create_dir_all(&out).unwrap();
    let script = format!(
        "set -eu\nmount -t tmpfs -o {options} none \"$M\"\ncp -r \"$PLAN\" \"$M/s\"\n{script}\ncp -r \"$M/s\" \"$OUT/s\""
    );
    let output = command
        .args(["sh", "-c", &script])
        .env("M", &mount)
        .env("PLAN", folder.join("plan"))
        .env("OUT", &out)
        .env("GLASSBOX", env!("CARGO_BIN_EXE_glassbox"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{options}\n{}\n{}", said(&output.stdout), said(&output.stderr));
    Some(out)
}

/// The refusal that a script left in `name.err`, with the status in `name.status`.
fn refusal_in(out: &Path, name: &str, status: &str) -> String {
    let read = |kind: &str| fs::read_to_string(out.join(format!("{name}.{kind}"))).unwrap();
    let message = read("err");
    assert_eq!(read("status").trim(), status, "{message}");
    assert!(!message.contains("panicked") && !message.contains("RUST_BACKTRACE"), "{message}");
    message
}

const RUN_UNTIL_FULL: &str = r#"
s=0; "$GLASSBOX" sweep run "$M/s" --threads 2 --checkpoint-interval 0.01 >"$OUT/full.out" 2>"$OUT/full.err" || s=$?
echo $s >"$OUT/full.status"
find "$M/s/records" -type f >"$OUT/full.files"
s=0; "$GLASSBOX" sweep status "$M/s" --json >"$OUT/status.json" 2>"$OUT/status.err" || s=$?
echo $s >"$OUT/status.status"
s=0; "$GLASSBOX" sweep verify-store "$M/s" >"$OUT/verify.out" 2>"$OUT/verify.err" || s=$?
echo $s >"$OUT/verify.status"
mount -o remount,size=100m,nr_inodes=10000 none "$M"
s=0; "$GLASSBOX" sweep run "$M/s" --threads 2 >"$OUT/room.out" 2>"$OUT/room.err" || s=$?
echo $s >"$OUT/room.status"
"#;

/// Disks that are full at once, early and late, and one that has room but for no more files.
#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let mut finished_before = Vec::new();
    for options in ["size=60k", "size=120k", "size=240k", "size=480k", "size=960k", "size=10m,nr_inodes=40"] {
        let Some(out) = in_small_space(folder.path(), options, RUN_UNTIL_FULL) else { return };
        let message = refusal_in(&out, "full", "2");
        let line = message.lines().find(|line| line.contains("No space left on device"));
        assert!(line.is_some_and(|line| line.contains("/mount/s/records")), "{options}: {message}");
        // What was finished is there and sound; nothing else is, but checkpoints.
        let names = fs::read_to_string(out.join("full.files")).unwrap();
        let told = named("finished", &fs::read_to_string(out.join("full.out")).unwrap());
        for identifier in &told {
            assert!(names.contains(&format!("{identifier}.safetensors")), "{options}: {identifier} is lost");
        }
        let kept = [".safetensors", ".checkpoint", "/glassbox-store.json"];
        let sound = |name: &str| kept.iter().any(|kind| name.ends_with(kind));
        assert!(names.lines().all(sound), "{options}: {names}");
        assert_eq!(fs::read_to_string(out.join("verify.status")).unwrap().trim(), "0", "{options}");
        // No task failed by it.
        assert_eq!(fs::read_to_string(out.join("status.status")).unwrap().trim(), "0", "{options}");
        let status: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("status.json")).unwrap()).unwrap();
        assert_eq!(status["failed"].as_array().unwrap().len(), 0, "{options}: {status}");
        let records = names.lines().filter(|name| name.ends_with(".safetensors")).count();
        assert_eq!(status["finished"], records, "{options}");
        finished_before.push(records);
        // With more room the same command finishes it.
        assert_eq!(refusal_in(&out, "room", "0").lines().filter(|line| line.contains("error")).count(), 0);
        assert_same(&out.join("s"), &expected);
    }
    // The disks were full at different stages.
    finished_before.sort_unstable();
    assert!(finished_before[0] == 0 && *finished_before.last().unwrap() > 8, "{finished_before:?}");
}

#[test]
fn a_plan_that_does_not_fit_is_refused() {
    let folder = planned();
    let script = format!(
        r#"
fallocate -l 20k "$M/ballast" 2>/dev/null || dd if=/dev/zero of="$M/ballast" bs=1k count=20 2>/dev/null
s=0; "$GLASSBOX" sweep plan {TINY} --data "$PLAN/../data.safetensors" --out "$M/new" >"$OUT/plan.out" 2>"$OUT/plan.err" || s=$?
echo $s >"$OUT/plan.status"
test ! -e "$M/new/manifest.json"
find "$M/new" -name '*.partial' >"$OUT/plan.partial"
rm "$M/ballast"
mount -o remount,size=10m none "$M"
"$GLASSBOX" sweep plan {TINY} --data "$PLAN/../data.safetensors" --out "$M/new"
"#
    );
    let Some(out) = in_small_space(folder.path(), "size=70k", &script) else { return };
    let message = refusal_in(&out, "plan", "2");
    assert!(message.contains("No space left on device") && message.contains("/mount/new"), "{message}");
    assert_eq!(fs::read_to_string(out.join("plan.partial")).unwrap(), "");
}

#[test]
fn a_disk_that_may_not_be_written_is_told_and_can_be_looked_at() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    // Before the first run, and in its middle.
    let script = r#"
mount -o remount,ro none "$M"
s=0; "$GLASSBOX" sweep run "$M/s" >"$OUT/first.out" 2>"$OUT/first.err" || s=$?
echo $s >"$OUT/first.status"
s=0; "$GLASSBOX" sweep status "$M/s" --json >"$OUT/look.out" 2>"$OUT/look.err" || s=$?
echo $s >"$OUT/look.status"
s=0; "$GLASSBOX" sweep plan "$M/s/none.toml" --out "$M/s" >"$OUT/plan.out" 2>"$OUT/plan.err" || s=$?
mount -o remount,rw none "$M"
"$GLASSBOX" sweep run "$M/s" --threads 2 --checkpoint-interval 0.01 >"$OUT/middle.out" 2>"$OUT/middle.err" &
run=$!
while ! ls "$M"/s/records/*/*.safetensors >/dev/null 2>&1; do sleep 0.005; done
# Busy while a file is being written.
while ! mount -o remount,ro none "$M" 2>/dev/null; do :; done
s=0; wait $run || s=$?
echo $s >"$OUT/middle.status"
s=0; "$GLASSBOX" sweep status "$M/s" --json >"$OUT/later.json" 2>"$OUT/later.err" || s=$?
echo $s >"$OUT/later.status"
s=0; "$GLASSBOX" sweep verify-store "$M/s" >"$OUT/verify.out" 2>"$OUT/verify.err" || s=$?
echo $s >"$OUT/verify.status"
mount -o remount,rw none "$M"
"$GLASSBOX" sweep run "$M/s" --threads 2
"#;
    let Some(out) = in_small_space(folder.path(), "size=50m", script) else { return };
    for name in ["first", "middle"] {
        let message = refusal_in(&out, name, "2");
        let line = message.lines().find(|line| line.contains("Read-only file system"));
        assert!(line.is_some_and(|line| line.contains("/mount/s/records")), "{name}: {message}");
    }
    for name in ["look", "later", "verify"] {
        refusal_in(&out, name, "0");
    }
    let later: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("later.json")).unwrap()).unwrap();
    assert_eq!(later["failed"].as_array().unwrap().len(), 0, "{later}");
    assert_same(&out.join("s"), &expected);
}

/// What can happen to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Emptied,
    Cut,
    LastByte,
    Flipped,
    Longer,
    OfAnotherTask,
}

const DAMAGES: [Damage; 6] =
    [Damage::Emptied, Damage::Cut, Damage::LastByte, Damage::Flipped, Damage::Longer, Damage::OfAnotherTask];

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in a file")]
fn damage(path: &Path, how: Damage, other: &[u8], random: f64) {
    let mut bytes = fs::read(path).unwrap();
    match how {
        Damage::Emptied => bytes.clear(),
        Damage::Cut => bytes.truncate((bytes.len() as f64 * random) as usize),
        Damage::LastByte => _ = bytes.pop(),
        Damage::Flipped => {
            let bit = (8.0 * bytes.len() as f64 * random) as usize;
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        Damage::Longer => bytes.push(0),
        Damage::OfAnotherTask => bytes = other.to_vec(),
    }
    fs::write(path, bytes).unwrap();
}

/// Paths that `verify-store` calls damaged.
fn damaged(out: &str) -> Vec<PathBuf> {
    let lines = out.lines().filter_map(|line| line.strip_prefix("damaged    "));
    let mut paths: Vec<PathBuf> = lines.map(|line| PathBuf::from(line.split(": ").next().unwrap())).collect();
    paths.sort_unstable();
    paths
}

#[test]
fn every_damaged_record_is_found_removed_and_made_again() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    copy(&folder.path().join("whole"), &plan);
    let names: Vec<&PathBuf> = expected.keys().collect();
    for (round, how) in DAMAGES.into_iter().enumerate() {
        let mut random = [0.0; 3];
        NoiseStream::new(3, Purpose::Resampling, 0).uniforms(round as u64, &mut random);
        // Quenches and what starts from them, each in its turn.
        let mut hit: Vec<PathBuf> =
            (0..3).map(|index| plan.join("records").join(names[(5 * round + 9 * index) % TASKS])).collect();
        hit.sort_unstable();
        let other = &expected[names[(5 * round + 1) % TASKS]];
        for (path, random) in hit.iter().zip(random) {
            damage(path, how, other, random);
        }
        let (out, _) = with_status(1, &["verify-store", text(&plan)]);
        assert_eq!(damaged(&out), hit, "{how:?}: {out}");
        assert!(out.contains("21 files sound, 3 damaged"), "{how:?}: {out}");
        assert!(hit.iter().all(|path| path.exists()));
        let (out, _) = with_status(0, &["verify-store", text(&plan), "--repair"]);
        assert_eq!(damaged(&out), hit, "{how:?}: {out}");
        assert!(hit.iter().all(|path| !path.exists()));
        with_status(0, &["verify-store", text(&plan)]);
        assert_eq!(status(&plan)["finished"], 21);
        let (out, _) = with_status(0, &["run", text(&plan), "--threads", "2"]);
        assert_eq!(named("finished", &out).len(), 3, "{how:?}: {out}");
        assert_same(&plan, &expected);
    }
}

/// A minimum that is damaged when something is to start from it: made again, with a word, without being asked.
#[test]
fn a_damaged_start_is_made_again() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    for (round, how) in DAMAGES.into_iter().enumerate() {
        let _ = fs::remove_dir_all(plan.join("records"));
        with_status(0, &["run", text(&plan), "--tasks", "0..4"]);
        let records = files(&plan.join("records"));
        let path = plan.join("records").join(records.keys().nth(round % 4).unwrap());
        damage(&path, how, records.values().nth((round + 1) % 4).unwrap(), 0.7);
        let command = sweep(&["run", text(&plan), "--threads", "2"]);
        let mut process = Process::start(command, &folder.path().join("process"));
        assert_eq!(process.end(), Some(0), "{how:?}: {}", process.err());
        let out = process.out();
        let told: Vec<&str> = out.lines().filter(|line| line.starts_with("made again: ")).collect();
        assert!(told.len() == 1 && told[0].contains(text(&path)), "{how:?}: {out}");
        assert_same(&plan, &expected);
    }
}

/// Checkpoints of stopped runs, with the plan.
fn with_checkpoints(folder: &Path, place: &Path) -> Vec<PathBuf> {
    for wait in [90, 130, 170, 60, 210, 250] {
        let _ = fs::remove_dir_all(place);
        copy(&folder.join("plan"), place);
        let command = sweep(&["run", text(place), "--threads", "4", "--checkpoint-interval", "0.01"]);
        let mut process = Process::start(command, &folder.join("process"));
        std::thread::sleep(Duration::from_millis(wait));
        process.signal("INT");
        process.end();
        let names: Vec<PathBuf> = files(&place.join("records"))
            .into_keys()
            .filter(|name| name.extension().is_some_and(|kind| kind == "checkpoint"))
            .map(|name| place.join("records").join(name))
            .collect();
        if names.len() > 1 {
            return names;
        }
    }
    panic!("no checkpoints");
}

#[test]
fn damaged_checkpoints_are_found_and_stop_no_run() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    for repair in [false, true] {
        for (round, how) in DAMAGES.into_iter().enumerate() {
            let place = folder.path().join("checkpoints");
            let hit = with_checkpoints(folder.path(), &place);
            let sound: BTreeMap<PathBuf, Vec<u8>> =
                hit.iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
            for (index, path) in hit.iter().enumerate() {
                let other = &sound[&hit[(index + 1) % hit.len()]];
                damage(path, how, other, 0.1 + 0.13 * (round + index) as f64 % 0.9);
            }
            let (out, _) = with_status(1, &["verify-store", text(&place)]);
            assert_eq!(damaged(&out), hit, "{how:?}: {out}");
            if repair {
                with_status(0, &["verify-store", text(&place), "--repair"]);
                assert!(hit.iter().all(|path| !path.exists()));
            }
            let (out, _) = with_status(0, &["run", text(&place), "--threads", "2"]);
            let told = out.lines().filter(|line| line.starts_with("made again: ")).count();
            assert_eq!(told, if repair { 0 } else { hit.len() }, "{how:?}: {out}");
            assert_same(&place, &expected);
        }
    }
}

/// Files half written and heartbeats of the dead are found and removed; those of a process at work are not.
#[test]
fn what_the_dead_left_behind_is_removed() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let place = folder.path().join("left");
    copy(&folder.path().join("plan"), &place);
    let mut kinds = Vec::new();
    for wait in 0..20 {
        let command = sweep(&["run", text(&place), "--threads", "2", "--checkpoint-interval", "0.01"]);
        let mut process = Process::start(command, &folder.path().join("process"));
        std::thread::sleep(Duration::from_millis(30 + wait));
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        let left = files(&place.join("records"));
        let worker = left.keys().any(|name| name.starts_with("workers"));
        let claim = left.keys().any(|name| name.extension().is_some_and(|kind| kind == "claim"));
        if worker && claim {
            kinds.push(left.len());
            break;
        }
    }
    assert!(!kinds.is_empty(), "no process was killed at a task");
    let (out, _) = with_status(0, &["verify-store", text(&place)]);
    assert!(out.lines().filter(|line| line.starts_with("left over  ")).count() >= 2, "{out}");
    with_status(0, &["verify-store", text(&place), "--repair"]);
    let left = files(&place.join("records"));
    let kept =
        |name: &PathBuf| name.extension().is_some_and(|kind| kind == "safetensors" || kind == "checkpoint");
    assert!(left.keys().all(kept), "{:?}", left.keys());
    with_status(0, &["run", text(&place)]);
    assert_same(&place, &expected);
}

/// What another version wrote is not damaged: nobody may remove it unasked, and nobody may go on as if it were not there.
#[test]
fn a_record_of_a_later_format_is_told_and_kept() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    with_status(0, &["run", text(&plan), "--tasks", "0..4"]);
    let start = entries(&plan)[4].start.clone().unwrap();
    let path = record_path(&plan, &start);
    let sound = fs::read(&path).unwrap();
    let later = of_a_later_format(&sound);
    fs::write(&path, &later).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let of_another_version = |told: &str| {
        let line = told.lines().find(|line| line.contains(name)).unwrap_or_default();
        assert!(line.contains("is of format 3, of a later glassbox"), "{told}");
        assert!(!line.contains("delete") && !line.contains("damaged"), "{told}");
    };
    for repair in [&[][..], &["--repair"]] {
        let output = done(&[&["verify-store", text(&plan)], repair].concat());
        let told = said(&output.stdout) + &said(&output.stderr);
        assert_eq!(damaged(&told), [""; 0].map(PathBuf::from), "{told}");
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(
            told.contains("3 files sound, 0 damaged") && told.contains("1 files are of other versions"),
            "{told}"
        );
        assert!(fs::read(&path).unwrap() == later, "{told}");
    }
    let (out, err) = with_status(2, &["run", text(&plan), "--threads", "2"]);
    of_another_version(&err);
    assert!(!out.contains("made again"), "{out}");
    assert_eq!(status(&plan)["failed"].as_array().unwrap().len(), 0);
    let (_, err) = with_status(2, &["merge", text(&plan), "--partial"]);
    of_another_version(&err);
    assert!(fs::read(&path).unwrap() == later);
    fs::write(&path, sound).unwrap();
    with_status(0, &["run", text(&plan), "--threads", "2"]);
    assert_same(&plan, &expected);
}

/// `ssh` that is gone, or `| head -1`: nobody reads any more what is said, at once or after the first line.
#[test]
fn nobody_reads_and_the_tasks_are_done_all_the_same() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    for (round, lines) in [0, 1, 0, 1].into_iter().enumerate() {
        let place = folder.path().join(format!("unread-{round}"));
        copy(&folder.path().join("plan"), &place);
        let mut command = sweep(&["run", text(&place), "--threads", "2"]);
        command.stderr(Stdio::piped());
        // In the last rounds nobody reads either channel.
        command.stdout(if round < 2 { Stdio::null() } else { Stdio::piped() });
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let mut reader = BufReader::new(child.stderr.take().unwrap());
        for _ in 0..lines {
            assert!(reader.read_line(&mut String::new()).unwrap() > 0);
        }
        drop(reader);
        let ended = child.wait().unwrap();
        assert_eq!(status(&place)["failed"].as_array().unwrap().len(), 0, "{lines} lines read");
        assert_same(&place, &expected);
        assert_eq!(ended.code(), Some(0), "{lines} lines read");
    }
}

/// A start that one process could not do and another one could.
#[test]
fn an_old_failure_of_a_finished_start_blocks_nothing() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let plan = folder.path().join("plan");
    with_status(0, &["run", text(&plan), "--tasks", "0..4"]);
    for entry in &entries(&plan)[..4] {
        let path = record_path(&plan, &entry.identifier);
        assert!(path.exists());
        fs::write(path.with_extension("failure"), r#"{"reason":"no data","host":"elsewhere"}"#).unwrap();
    }
    let seen = status(&plan);
    let failed = seen["failed"].as_array().unwrap().len();
    let counts = [&seen["finished"], &seen["blocked"], &seen["waiting"], &failed.into()];
    assert_eq!(counts, [&4.into(), &0.into(), &20.into(), &serde_json::Value::from(0)], "{seen}");
    let (out, _) = with_status(0, &["run", text(&plan), "--threads", "2"]);
    assert_eq!(named("finished", &out).len(), 20, "{out}");
    let mut records = files(&plan.join("records"));
    records.retain(|name, _| name.extension().is_none_or(|kind| kind != "failure"));
    let differences = difference(&records, &expected);
    assert!(differences.is_empty(), "{differences:#?}");
}

/// A quench that was lost and made again by other arithmetic is another minimum, if only by a bit: what started from the first one
/// does not belong to it, sound as each file is by itself.
#[test]
fn what_started_from_another_minimum_is_found_and_made_again() {
    let folder = planned();
    undisturbed(folder.path());
    let plan = folder.path().join("whole");
    with_status(0, &["verify-store", text(&plan)]);
    let all = entries(&plan);
    let start = &all[1].identifier;
    let path = record_path(&plan, start);
    let other = of_other_arithmetic(&fs::read(&path).unwrap());
    fs::write(&path, &other).unwrap();
    let mut strays: Vec<PathBuf> = all
        .iter()
        .filter(|entry| entry.start.as_ref() == Some(start))
        .map(|entry| record_path(&plan, &entry.identifier))
        .collect();
    strays.sort_unstable();
    assert!(strays.len() > 2);
    let (out, _) = with_status(1, &["verify-store", text(&plan)]);
    assert_eq!(damaged(&out), strays, "{out}");
    let (_, err) = with_status(2, &["merge", text(&plan)]);
    for stray in &strays {
        let line = |told: &str| told.lines().find(|line| line.contains(text(stray))).map(str::to_owned);
        for told in [&out, &err] {
            assert!(line(told).is_some_and(|line| line.contains("start")), "{}: {told}", stray.display());
        }
    }
    assert!(!plan.join("merged/tasks.parquet").exists());
    let before = files(&plan.join("records"));
    with_status(0, &["verify-store", text(&plan), "--repair"]);
    let left = files(&plan.join("records"));
    let removed = before.keys().filter(|name| !left.contains_key(*name));
    let mut removed: Vec<PathBuf> = removed.map(|name| plan.join("records").join(name)).collect();
    removed.sort_unstable();
    assert_eq!(removed, strays);
    let (out, _) = with_status(0, &["run", text(&plan), "--threads", "2"]);
    assert_eq!(named("finished", &out).len(), strays.len(), "{out}");
    with_status(0, &["verify-store", text(&plan)]);
    // They now name the start that is there, and no other file was touched.
    assert!(fs::read(&path).unwrap() == other);
    for (name, bytes) in files(&plan.join("records")) {
        let old = &before[&name];
        if strays.contains(&plan.join("records").join(&name)) {
            let (now, then) = (start_of(&bytes), start_of(old));
            assert!(now.is_some() && then.is_some() && now != then, "{}: {now:?}", name.display());
        } else {
            assert!(bytes == *old, "{}", name.display());
        }
    }
    with_status(0, &["merge", text(&plan)]);
}

/// Kills `command` when a file half written is in `place`, until one is left there.
fn killed_in_the_middle(command: &[&str], output: &Path, place: &Path) -> Vec<PathBuf> {
    let partial = || -> Vec<PathBuf> {
        let entries = fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "partial")).collect()
    };
    for _ in 0..100 {
        let mut process = Process::start(sweep(command), output);
        while partial().is_empty() && process.child.try_wait().unwrap().is_none() {}
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        let left = partial();
        if !left.is_empty() {
            return left;
        }
    }
    panic!("{command:?} was never killed with a file half written in {}", place.display());
}

#[test]
fn what_a_killed_merge_and_a_killed_plan_left_behind_is_removed_by_the_next() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let whole = folder.path().join("whole");
    let output = folder.path().join("process");
    let merge = ["merge", text(&whole)];
    let left = killed_in_the_middle(&merge, &output, &whole.join("merged"));
    with_status(0, &merge);
    assert!(left.iter().all(|path| !path.exists()), "{left:?}");
    let names: Vec<PathBuf> = files(&whole.join("merged")).into_keys().collect();
    assert_eq!(names, ["frames.parquet", "tasks.parquet"].map(PathBuf::from));

    assert_same(&whole, &expected);

    // In place of a plan that stays whole; of so many tasks that writing them takes a while.
    let (experiment, many) = (folder.path().join("many.toml"), folder.path().join("many"));
    let lines = fs::read_to_string(TINY).unwrap();
    fs::write(&experiment, lines.replace("initial_conditions = 2", "initial_conditions = 1000")).unwrap();
    copy(&folder.path().join("plan"), &many);
    let data = folder.path().join("data.safetensors");
    let plan = ["plan", text(&experiment), "--out", text(&many), "--data", text(&data), "--replace"];
    let earlier = files(&many);
    killed_in_the_middle(&plan, &output, &many.join("tasks.new"));
    let mut now = files(&many);
    now.retain(|name, _| !name.starts_with("tasks.new"));
    // A life that came to its end before it was killed has put the new plan there, whole.
    assert!(now == earlier || status(&many)["tasks"] == 12_000);
    with_status(0, &plan);
    assert!(!many.join("tasks.new").exists());
    let partial = |name: &PathBuf| name.extension().is_some_and(|kind| kind == "partial");
    assert!(!files(&many).keys().any(partial), "{:?}", files(&many).keys());
    let names: Vec<PathBuf> = files(&many.join("tasks")).into_keys().collect();
    assert_eq!(names, ["000000.jsonl", "000001.jsonl"].map(PathBuf::from));
}
