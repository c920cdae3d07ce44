//! `glassbox sweep` as its user meets it: what it says, what it writes, and how it takes mistakes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod sweep;

use std::fs;
use std::path::Path;
use sweep::*;

#[test]
fn a_plan_is_run_once_and_its_status_told() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let before = status(&plan);
    assert_eq!(
        (&before["tasks"], &before["finished"], &before["waiting"]),
        (&24.into(), &0.into(), &24.into())
    );
    let (out, _) = with_status(0, &["run", text(&plan), "--threads", "2"]);
    let mut finished = named("finished", &out);
    finished.sort_unstable();
    finished.dedup();
    assert_eq!(finished.len(), TASKS, "{out}");
    let records = files(&plan.join("records"));
    assert_eq!(records.len(), TASKS);
    for identifier in &finished {
        let digits = identifier.rsplit_once('-').unwrap().1;
        assert!(records.contains_key(&Path::new(&digits[..2]).join(format!("{identifier}.safetensors"))));
    }
    let after = status(&plan);
    assert_eq!((&after["finished"], &after["waiting"]), (&24.into(), &0.into()));
    assert_eq!(after["estimated_core_seconds_left"], 0.0);
    // Nothing left to do, and nothing done.
    let (out, err) = with_status(0, &["run", text(&plan)]);
    assert_eq!(out, "");
    assert!(err.contains("all 24 tasks are done; 0 finished now"), "{err}");
    assert_same(&plan, &records);
    let (out, _) = with_status(0, &["verify-store", text(&plan)]);
    assert!(out.contains("24 files sound, 0 damaged, 0 left over"), "{out}");
}

#[test]
fn status_is_written_to_a_file_too() {
    let folder = planned();
    let (plan, file) = (folder.path().join("plan"), folder.path().join("status.json"));
    let (out, _) = with_status(0, &["status", text(&plan), "--json", text(&file)]);
    assert_eq!(out, "");
    let written: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(written, status(&plan));
    let (out, _) = with_status(0, &["status", text(&plan)]);
    for line in
        ["tiny", "tasks           24", "finished         0", "waiting         24", "failed           0"]
    {
        assert!(out.lines().any(|other| other == line), "no line \"{line}\" in\n{out}");
    }
}

/// While a process is at work others see what it does; when it is killed they see that, too.
#[test]
fn running_and_abandoned_tasks_are_told_apart() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let command = sweep(&["run", text(&plan), "--threads", "1", "--checkpoint-interval", "0.01"]);
    let mut process = Process::start(command, &folder.path().join("process"));
    let mut seen = serde_json::Value::Null;
    wait_until("a task runs", || {
        seen = status(&plan);
        !seen["running"].as_array().unwrap().is_empty()
    });
    assert_eq!(seen["running"][0]["pid"], process.child.id());
    let sum = ["finished", "waiting", "blocked"].map(|key| seen[key].as_u64().unwrap()).iter().sum::<u64>();
    let lists = ["running", "failed"].map(|key| seen[key].as_array().unwrap().len() as u64);
    assert_eq!(sum + lists[0] + lists[1], 24, "{seen}");
    let running = |folder: &Path| status(folder)["running"].as_array().unwrap().len();
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    let after = status(&plan);
    assert_eq!((running(&plan), after["workers"].as_array().unwrap().len()), (0, 0), "{after}");
    let abandoned = after["abandoned"].as_array().unwrap();
    assert!(abandoned.len() <= 1, "one thread: {after}");
    assert_eq!(after["finished"].as_u64().unwrap() + after["waiting"].as_u64().unwrap(), 24);
}

/// Data that are gone: what needs them fails with a reason, the rest is done, and after mending `retry` brings it back.
#[test]
fn failed_tasks_are_told_and_tried_again() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let (plan, data) = (folder.path().join("plan"), folder.path().join("plan/data.safetensors"));
    let sound = fs::read(&data).unwrap();
    let own = fs::read_to_string(TINY).unwrap();
    // The same file with networks on MNIST besides.
    let networks = own.split("[[networks.langevin]]").next().unwrap().split("[[networks]]").nth(1).unwrap();
    let mnist = networks.replace("\"own\"", "\"mnist\"").replace("width = [3, 4]", "width = 3");
    let experiment = folder.path().join("both.toml");
    fs::write(&experiment, format!("{own}\n[[networks]]{mnist}")).unwrap();
    let arguments = ["plan", text(&experiment), "--out", text(&plan), "--replace"];
    let (out, _) = with_status(
        0,
        &[&arguments[..], &["--data", text(&folder.path().join("data.safetensors"))]].concat(),
    );
    assert!(out.contains("tasks       26 (6 quenches, 20 that start from them)"), "{out}");
    for broken in [None, Some(&sound[..100])] {
        match broken {
            None => fs::remove_file(&data).unwrap(),
            Some(bytes) => fs::write(&data, bytes).unwrap(),
        }
        let (out, err) = with_status(1, &["run", text(&plan), "--threads", "2"]);
        assert_eq!(named("failed", &out).len(), 4, "{out}");
        assert!(err.contains("24 tasks failed, ") && err.contains("glassbox sweep retry"), "{err}");
        let seen = status(&plan);
        let failed = seen["failed"].as_array().unwrap();
        assert_eq!((&seen["finished"], &seen["blocked"], failed.len()), (&2.into(), &20.into(), 4), "{seen}");
        for task in failed {
            let reason = task["reason"].as_str().unwrap();
            match broken {
                None => assert!(reason.contains("data.safetensors of the sweep is not there"), "{reason}"),
                Some(_) => assert!(reason.contains("data.safetensors"), "{reason}"),
            }
        }
        let (out, _) = with_status(0, &["status", text(&plan)]);
        assert!(out.contains("20 tasks wait for a start that failed"), "{out}");
        assert!(out.contains(failed[0]["reason"].as_str().unwrap()), "{out}");
        // Another run does not try again by itself.
        let (out, _) = with_status(1, &["run", text(&plan)]);
        assert_eq!(named("finished", &out), [""; 0], "{out}");
        let one = failed[0]["identifier"].as_str().unwrap();
        let (out, _) = with_status(0, &["retry", text(&plan), one]);
        assert!(out.contains("1 failure"), "{out}");
        assert_eq!(status(&plan)["failed"].as_array().unwrap().len(), 3);
        assert!(refusal(&["retry", text(&plan), one]).contains(&format!("{one}: no such task has failed")));
        with_status(0, &["retry", text(&plan)]);
        assert_eq!(status(&plan)["failed"].as_array().unwrap().len(), 0);
    }
    fs::write(&data, sound).unwrap();
    with_status(0, &["run", text(&plan), "--threads", "2"]);
    let records = files(&plan.join("records"));
    assert_eq!(records.len(), 26);
    assert!(expected.iter().all(|(name, bytes)| records[name] == *bytes));
}

#[test]
fn another_plan_for_the_same_folder_keeps_what_is_done() {
    let folder = planned();
    let plan = folder.path().join("plan");
    with_status(0, &["run", text(&plan), "--tasks", "0..10"]);
    let some = files(&plan.join("records"));
    let experiment = folder.path().join("more.toml");
    let more = fs::read_to_string(TINY).unwrap().replace("[0.0, 1e-4]", "[0.0, 1e-5, 1e-4]");
    fs::write(&experiment, more).unwrap();
    let data = folder.path().join("data.safetensors");
    let arguments = ["plan", text(&experiment), "--out", text(&plan), "--data", text(&data)];
    let before = fs::read(plan.join("manifest.json")).unwrap();
    assert!(
        refusal(&arguments).contains("has a plan already; --replace makes a new one and keeps the results")
    );
    assert_eq!(fs::read(plan.join("manifest.json")).unwrap(), before);
    with_status(0, &[&arguments[..], &["--replace"]].concat());
    let seen = status(&plan);
    assert_eq!((&seen["tasks"], &seen["finished"]), (&32.into(), &some.len().into()));
    with_status(0, &["run", text(&plan), "--threads", "2"]);
    let records = files(&plan.join("records"));
    assert_eq!(records.len(), 32);
    assert!(some.iter().all(|(name, bytes)| records[name] == *bytes));
}

/// Ranges do what they say, and the starts that they need.
#[test]
fn a_range_runs_its_tasks_and_their_starts() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let lines = fs::read_to_string(plan.join("tasks/000000.jsonl")).unwrap();
    let entries: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), TASKS);
    let (out, _) = with_status(0, &["run", text(&plan), "--tasks", "23..24"]);
    let wanted = |key: &str| entries[23][key].as_str().unwrap().to_owned();
    assert_eq!(named("finished", &out), [wanted("start"), wanted("identifier")]);
}

#[test]
fn mistakes_are_named_in_one_line_with_status_2() {
    let folder = planned();
    let plan = folder.path().join("plan");
    let place = |name: &str| folder.path().join(name);
    let data = place("data.safetensors");
    for command in ["run", "status", "retry", "verify-store"] {
        let message = refusal(&[command, text(&place("nowhere"))]);
        assert!(message.contains(text(&place("nowhere"))), "{message}");
    }
    assert!(!place("nowhere").exists());
    fs::create_dir(place("empty")).unwrap();
    for command in ["run", "status", "retry", "verify-store"] {
        assert!(refusal(&[command, text(&place("empty"))]).contains("manifest.json"), "{command}");
    }
    assert_eq!(files(&place("empty")).len(), 0);
    // A plan of a program that computes otherwise, one that is cut short, one whose tasks are altered.
    let manifest = fs::read_to_string(plan.join("manifest.json")).unwrap();
    let changed = |name: &str, bytes: &str| {
        copy(&plan, &place(name));
        fs::write(place(name).join("manifest.json"), bytes).unwrap();
        place(name)
    };
    let generation = changed("generation", &manifest.replacen("\"generation\": 1", "\"generation\": 77", 1));
    let cut = changed("cut", &manifest[..manifest.len() / 2]);
    let format = changed("format", &manifest.replacen("\"format\": 1", "\"format\": 9", 1));
    let altered = changed("altered", &manifest);
    let tasks = altered.join("tasks/000000.jsonl");
    fs::write(&tasks, fs::read_to_string(&tasks).unwrap().replacen("\"end\":6000", "\"end\":6001", 1))
        .unwrap();
    for command in ["run", "status"] {
        assert!(
            refusal(&[command, text(&generation)])
                .contains("are of generation 77, this program's of generation 1")
        );
        assert!(refusal(&[command, text(&cut)]).contains("cut/manifest.json: "));
        assert!(refusal(&[command, text(&format)]).contains("its format is 9"));
        assert!(refusal(&[command, text(&altered)]).contains("tasks/000000.jsonl: is not what was planned"));
    }
    // Ranges.
    assert!(refusal(&["run", text(&plan), "--tasks", "20..25"]).contains("the plan has 24 tasks"));
    for range in ["24..25", "5..5", "7..3", "x", "1-2", "-1..2"] {
        let output = done(&["run", text(&plan), &format!("--tasks={range}")]);
        assert_eq!(output.status.code(), Some(2), "{range}");
        let message = said(&output.stderr);
        assert!(message.contains(range) || message.contains("24 tasks"), "{range}: {message}");
    }
    for (option, value) in [
        ("--threads", "0"),
        ("--checkpoint-interval", "0"),
        ("--claim-expiry", "-1"),
        ("--checkpoint-interval", "nan"),
    ] {
        let output = done(&["run", text(&plan), &format!("{option}={value}")]);
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(said(&output.stderr).contains(option), "{}", said(&output.stderr));
    }
    assert!(!plan.join("records").exists() || files(&plan.join("records")).is_empty());
    // Experiments.
    let tiny = fs::read_to_string(TINY).unwrap();
    let bad = |name: &str, text_of: &str| {
        fs::write(place(name), text_of).unwrap();
        refusal(&["plan", text(&place(name)), "--out", text(&place("new")), "--data", text(&data)])
    };
    let message = bad("key.toml", &tiny.replacen("learning_rate", "learning_rates", 1));
    assert!(
        message.contains("key.toml: unknown key networks[0].learning_rates; did you mean learning_rate?"),
        "{message}"
    );
    let message = bad("value.toml", &tiny.replacen("[0.0, 1e-4]", "[0.0, -1e-4]", 1));
    assert!(
        message.contains(
            "value.toml: networks[0].langevin[0].temperature is -0.0001; it must be finite and at least 0"
        ),
        "{message}"
    );
    let message = bad("samples.toml", &tiny.replacen("samples = 60", "samples = 6000", 1));
    assert!(message.contains("a subset of 6000 samples"), "{message}");
    let message = refusal(&["plan", TINY, "--out", text(&place("new"))]);
    assert!(message.contains("data = \"own\" needs a file of data; give it with --data FILE"), "{message}");
    let message = refusal(&["plan", text(&place("none.toml")), "--out", text(&place("new"))]);
    assert!(message.contains("cannot read") && message.contains("none.toml"), "{message}");
    assert!(!place("new").join("manifest.json").exists());
    // A file where a folder should be.
    let message = refusal(&["plan", TINY, "--data", text(&data), "--out", text(&data)]);
    assert!(message.contains("data.safetensors"), "{message}");
}

/// Each example in `experiments/` can be planned; its head says what it costs.
#[test]
fn shipped_experiments_can_be_planned() {
    let folder = tempfile::tempdir().unwrap();
    for (name, tasks) in [("hysteresis", 24), ("phase-diagram", 216), ("relaxation", 560)] {
        let file = format!("{}/experiments/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let (out, _) = with_status(0, &["plan", &file, "--out", text(&folder.path().join(name))]);
        assert!(out.contains(&format!("tasks       {tasks} (")), "{out}");
        println!("{name}\n{out}");
    }
}
