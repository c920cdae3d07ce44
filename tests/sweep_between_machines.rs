//! Several processes on one folder that cannot see each other, as on two machines that share a file system: signs of life decide.
//! And processes side by side that would remove files, on one machine.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "tells that a test was not made")]

mod sweep;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};
use sweep::*;
use tempfile::TempDir;

/// `glassbox sweep …` on a machine of its own, as far as processes go.
fn elsewhere(arguments: &[&str]) -> Option<Command> {
    let mut command = namespace(&["--pid", "--fork", "--kill-child", "--mount-proc"], &["true"])?;
    command.args([env!("CARGO_BIN_EXE_glassbox"), "sweep"]).args(arguments);
    Some(command)
}

/// The number, as seen from here, of the program that a process [elsewhere] runs.
fn within(process: &Process) -> String {
    let path = format!("/proc/{0}/task/{0}/children", process.child.id());
    let mut children = String::new();
    wait_until("the program runs", || {
        children = fs::read_to_string(&path).unwrap_or_default();
        !children.trim().is_empty()
    });
    children.trim().to_owned()
}

fn signal(name: &str, pid: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), pid]).status().unwrap().success());
}

/// A folder with `plan`: `count` quenches that take about so many seconds each on this machine.
fn long(seconds: f64, count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plan = |name: &str, steps: u64, count: usize| {
        let experiment = folder.path().join(format!("{name}.toml"));
        let lines = format!(
            "name = \"long\"\nabout = \"quenches\"\nseed = 5\n[[networks]]\ndata = \"mnist\"\nsamples = 60\nwidth = 3\n\
             regularisation = 0.01\ngain = 2.449489742783178\ninitial_conditions = {count}\nlearning_rate = 2e-3\n\
             batch_size = 10\nminibatch_steps = {steps}\ndescent_steps = 100\n"
        );
        fs::write(&experiment, lines).unwrap();
        let out = folder.path().join(name);
        with_status(0, &["plan", text(&experiment), "--out", text(&out)]);
        out
    };
    let steps = 200_000;
    let (out, _) = with_status(0, &["run", text(&plan("measured", steps, 1)), "--threads", "1"]);
    let measured: f64 = out.split('(').nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some millions")]
    plan("plan", (steps as f64 * seconds / measured) as u64, count);
    folder
}

/// The records of the whole plan of a folder.
fn records_of(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let whole = folder.join("whole");
    copy(&folder.join("plan"), &whole);
    with_status(0, &["run", text(&whole), "--threads", "1"]);
    files(&whole.join("records"))
}

/// The owner of a claimed task.
fn owner(claim: &Path) -> Option<String> {
    fs::read_to_string(claim).ok().filter(|token| !token.is_empty())
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_task_longer_than_the_expiry_is_not_run_twice() {
    let folder = long(5.0, 1);
    let expected = records_of(folder.path());
    let plan = folder.path().join("plan");
    let task = entries(&plan)[0].identifier.clone();
    let claim = record_path(&plan, &task).with_extension("claim");
    let arguments = ["run", text(&plan), "--threads", "1", "--claim-expiry", "2"];
    let Some(command) = elsewhere(&arguments) else { return };
    let mut first = Process::start(command, &folder.path().join("first"));
    wait_until("the task is claimed", || owner(&claim).is_some());
    let token = owner(&claim);
    let mut second = Process::start(elsewhere(&arguments).unwrap(), &folder.path().join("second"));
    // All the while it is the first one's.
    while first.child.try_wait().unwrap().is_none() {
        let now = owner(&claim);
        assert!(now.is_none() || now == token, "{now:?} has taken {task} from {token:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(first.end(), Some(0), "{}", first.err());
    assert_eq!(second.end(), Some(0), "{}", second.err());
    assert_eq!(named("finished", &first.out()), [task]);
    assert_eq!(named("finished", &second.out()), [""; 0]);
    // It was long enough to show something.
    let seconds: f64 = first.out().split('(').nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(seconds > 2.5, "{seconds}");
    assert_same(&plan, &expected);
}

/// The other machine is there when it happens, or comes when it has happened.
#[test]
fn a_claim_of_a_dead_machine_is_taken_over_when_it_expires_and_not_before() {
    const EXPIRY: Duration = Duration::from_secs(2);
    let folder = long(2.0, 1);
    let expected = records_of(folder.path());
    for early in [true, false] {
        let place = folder.path().join(format!("early-{early}"));
        copy(&folder.path().join("plan"), &place);
        let task = entries(&place)[0].identifier.clone();
        let claim = record_path(&place, &task).with_extension("claim");
        let arguments =
            ["run", text(&place), "--threads", "1", "--claim-expiry", "2", "--checkpoint-interval", "0.01"];
        let Some(command) = elsewhere(&arguments) else { return };
        let mut victim = Process::start(command, &folder.path().join("victim"));
        let program = within(&victim);
        // While someone holds it no other namespace has its number: that would be a machine that started again, where the dead are
        // known at once.
        let _held = fs::File::open(format!("/proc/{program}/ns/pid")).unwrap();
        wait_until("there is a checkpoint", || claim.with_extension("checkpoint").exists());
        let token = owner(&claim).unwrap();
        let start = || Process::start(elsewhere(&arguments).unwrap(), &folder.path().join("other"));
        let before = early.then(start);
        if early {
            wait_until("both are there", || {
                fs::read_dir(place.join("records/workers")).unwrap().count() >= 2
            });
        }
        signal("KILL", &program);
        let killed = SystemTime::now();
        victim.child.wait().unwrap();
        let heartbeat = modified(&place.join("records/workers").join(&token));
        let mut other = before.unwrap_or_else(start);
        wait_until("the task is taken over", || owner(&claim).is_some_and(|now| now != token));
        let taken = SystemTime::now();
        // Clocks of files go in ticks of some milliseconds.
        let age = taken.duration_since(heartbeat).unwrap();
        assert!(age + Duration::from_millis(20) >= EXPIRY, "taken over after {age:?}");
        // It looks every other second.
        let waited = taken.duration_since(killed).unwrap();
        assert!(waited < EXPIRY + Duration::from_secs(5), "taken over after {waited:?}");
        assert_eq!(other.end(), Some(0), "{}", other.err());
        assert_eq!(named("finished", &other.out()), [task]);
        assert_same(&place, &expected);
    }
}

/// A library that moves the clock of a program by $AHEAD seconds, and not that of its files. `None` without a compiler for it.
fn other_clock(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    let lines = "#define _GNU_SOURCE\n#include <time.h>\n#include <stdlib.h>\n#include <unistd.h>\n#include <sys/syscall.h>\n\
        int clock_gettime(clockid_t clock, struct timespec *now) {\n\
        int refused = syscall(SYS_clock_gettime, clock, now);\n\
        if (!refused && clock == CLOCK_REALTIME) now->tv_sec += atoi(getenv(\"AHEAD\"));\n\
        return refused; }\n";
    fs::write(&source, lines).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    if built.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    assert!(std::env::var_os("CI").is_none(), "no C compiler: this test would show little");
    eprintln!("not tested: there is no C compiler");
    None
}

/// A process elsewhere that gave its last sign of life a minute ago, with an expiry of two, lives; however old its claim, and
/// whatever the clock of who looks.
#[test]
fn files_of_a_live_process_elsewhere_are_left_alone_by_any_clock() {
    let folder = long(1.5, 2);
    let expected = records_of(folder.path());
    let plan = folder.path().join("plan");
    let task = entries(&plan)[0].identifier.clone();
    let record = record_path(&plan, &task);
    let claim = record.with_extension("claim");
    let arguments =
        ["run", text(&plan), "--threads", "1", "--tasks", "0..1", "--checkpoint-interval", "0.01"];
    let Some(command) = elsewhere(&arguments) else { return };
    let mut foreign = Process::start(command, &folder.path().join("foreign"));
    let program = within(&foreign);
    wait_until("there is a checkpoint", || claim.with_extension("checkpoint").exists());
    signal("STOP", &program);
    let token = owner(&claim).unwrap();
    let workers = plan.join("records/workers");
    let heartbeat = workers.join(&token);
    // Half written when it was suspended.
    let name = record.file_name().unwrap().to_str().unwrap();
    let partial = record.with_file_name(format!(".{name}.999.{token}.partial"));
    let sign = workers.join(format!(".{token}.999.{token}.partial"));
    let moved = |path: &Path, seconds| {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
    };
    fs::write(&partial, "half").unwrap();
    // The next sign of life, before it got its name.
    fs::copy(&heartbeat, &sign).unwrap();
    for path in [&partial, &claim] {
        moved(path, 10_000);
    }
    moved(&heartbeat, 60);
    let theirs = [&claim, &heartbeat, &partial, &sign];
    let expected_theirs = theirs.map(|path| fs::read(path).unwrap());
    let library = other_clock(folder.path());
    for ahead in [0, 300, -300, 86_400] {
        if ahead != 0 && library.is_none() {
            continue;
        }
        let commands: [&[&str]; 5] = [
            &["status", text(&plan), "--json"],
            &["verify-store", text(&plan)],
            &["verify-store", text(&plan), "--repair"],
            // With work to do the first time, and without.
            &["run", text(&plan), "--threads", "1", "--tasks", "1..2"],
            &["run", text(&plan), "--threads", "1", "--tasks", "1..2"],
        ];
        for arguments in commands {
            let mut command = sweep(arguments);
            if let Some(library) = library.as_ref().filter(|_| ahead != 0) {
                command.env("LD_PRELOAD", library).env("AHEAD", ahead.to_string());
            }
            let output = command.output().unwrap();
            let told = said(&output.stdout) + &said(&output.stderr);
            let told = format!("{} with a clock {ahead} s ahead:\n{told}", arguments[0]);
            assert_eq!(output.status.code(), Some(0), "{told}");
            assert!(!told.contains("left over  "), "{told}");
            for (path, expected) in theirs.iter().zip(&expected_theirs) {
                let left = fs::read(path);
                assert!(left.is_ok_and(|left| left == *expected), "{} is gone: {told}", path.display());
            }
            if arguments[0] == "status" && ahead == 0 {
                let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(seen["running"][0]["identifier"], task.as_str(), "{told}");
                assert_eq!(seen["workers"].as_array().unwrap().len(), 1, "{told}");
            }
        }
        // Its second task is there to be done again.
        fs::remove_file(record_path(&plan, &entries(&plan)[1].identifier)).unwrap();
    }
    signal("CONT", &program);
    assert_eq!(foreign.end(), Some(0), "{}", foreign.err());
    assert_eq!(named("finished", &foreign.out()), [task]);
    // What it left half written outlives it by the expiry; that time has passed.
    moved(&sign, 10_000);
    with_status(0, &["run", text(&plan)]);
    assert_same(&plan, &expected);
}

/// A folder with `plan`: one quench of a wide network, quickly made and slowly read, and short tasks that start from it.
fn wide() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let experiment = folder.path().join("wide.toml");
    let lines = "name = \"wide\"\nabout = \"one start\"\nseed = 5\n[[networks]]\ndata = \"mnist\"\nsamples = 60\nwidth = 150\n\
        regularisation = 0.01\ngain = 2.449489742783178\ninitial_conditions = 1\nlearning_rate = 2e-5\nbatch_size = 10\n\
        minibatch_steps = 60\ndescent_steps = 2\n[[networks.langevin]]\nmobility = 1e-6\ntemperature = 1e-4\n\
        noise_replicas = 8\nwaiting_times = [1]\nend = 3\nschedule = { logarithmic = { per_decade = 1 } }\nwindow = 1e-6\n";
    fs::write(&experiment, lines).unwrap();
    with_status(0, &["plan", text(&experiment), "--out", text(&folder.path().join("plan"))]);
    folder
}

/// Many find at the same time that what they start from is damaged: it is made again once, and not removed when it is sound again.
#[test]
fn processes_that_find_the_same_start_damaged_do_not_trip_each_other() {
    let folder = wide();
    let expected = records_of(folder.path());
    let starts = folder.path().join("starts");
    copy(&folder.path().join("plan"), &starts);
    let (out, _) = with_status(0, &["run", text(&starts), "--tasks", "0..1"]);
    assert_eq!(named("finished", &out).len(), 1);
    let start = entries(&starts)[0].identifier.clone();
    for round in 0..4 {
        let place = folder.path().join(format!("damaged-{round}"));
        copy(&starts, &place);
        let path = record_path(&place, &start);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        let mut processes: Vec<Process> = (0..2)
            .map(|number| {
                let command = sweep(&["run", text(&place), "--threads", "4"]);
                Process::start(command, &folder.path().join(format!("pool-{number}")))
            })
            .collect();
        for process in &mut processes {
            assert_eq!(process.end(), Some(0), "round {round}: {}{}", process.out(), process.err());
        }
        assert_same(&place, &expected);
        let told: String = processes.iter().map(Process::out).collect();
        assert!(told.contains("made again: "), "round {round}: {told}");
        let times = named("finished", &told).iter().filter(|name| **name == start).count();
        assert_eq!(times, 1, "round {round}: {start} was made {times} times: {told}");
        fs::remove_dir_all(&place).unwrap();
    }
}

#[test]
fn a_store_is_repaired_again_and_again_beside_a_pool_at_work() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    for apart in [false, true] {
        let place = folder.path().join(format!("repaired-{apart}"));
        copy(&folder.path().join("plan"), &place);
        let arguments = ["run", text(&place), "--threads", "2", "--checkpoint-interval", "0.01"];
        let command = if apart { elsewhere(&arguments) } else { Some(sweep(&arguments)) };
        let Some(command) = command else { return };
        let mut pool = Process::start(command, &folder.path().join("pool"));
        let mut seen = std::collections::BTreeSet::new();
        let (mut repairs, mut at_work) = (0, 0);
        wait_until("it has begun", || place.join("records/workers").is_dir());
        while pool.child.try_wait().unwrap().is_none() {
            let output = done(&["verify-store", text(&place), "--repair"]);
            let told = said(&output.stdout) + &said(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{told}");
            assert!(!told.contains("damaged    ") && !told.contains("left over  "), "{told}");
            let now = files_of_kind(&place, "safetensors");
            let lost: Vec<&PathBuf> = seen.iter().filter(|path| !now.contains(*path)).collect();
            assert!(lost.is_empty(), "{lost:?}: {told}");
            at_work += usize::from(now.len() < TASKS);
            repairs += 1;
            seen.extend(now);
        }
        assert!(repairs > 4 && at_work > 2, "{repairs} repairs, {at_work} while it was at work");
        assert_eq!(pool.end(), Some(0), "{}", pool.err());
        assert_eq!(named("finished", &pool.out()).len(), TASKS);
        assert!(!pool.out().contains("made again"), "{}", pool.out());
        assert_same(&place, &expected);
    }
}

/// Names of the files of one kind, without a look into them: they come and go.
fn files_of_kind(place: &Path, kind: &str) -> std::collections::BTreeSet<PathBuf> {
    let shards = fs::read_dir(place.join("records")).into_iter().flatten().flatten();
    shards
        .flat_map(|shard| fs::read_dir(shard.path()).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|other| other == kind))
        .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'))
        .collect()
}
