//! `glassbox sweep run` killed at any instant, or shared by several processes: the records are those of a sweep that nothing
//! disturbed, byte by byte, and nothing else is left.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod sweep;

use glassbox_simulations::noise::{NoiseStream, Purpose};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use sweep::*;

/// Kills at random instants, and more at the instant at which a file appears.
const KILLS: [usize; 2] = [220, 60];

/// Kinds of instants.
#[derive(Clone, Copy, Debug)]
enum Instants {
    /// Any time from the start to well into the work.
    Random,
    /// When a file of this kind appears: the writes, renames and removals around it are the dangerous instants.
    Appears(&'static str),
}

fn run_command(folder: &Path) -> std::process::Command {
    sweep(&["run", text(folder), "--threads", "2", "--checkpoint-interval", "0.01"])
}

/// What the kills of one kind came to.
#[derive(Debug, Default)]
struct Tally {
    delivered: usize,
    /// Lives in which a task was finished.
    advanced: usize,
    /// Sweeps that came to their end.
    sweeps: usize,
    /// Kinds of files that the killed left behind.
    left: BTreeMap<String, usize>,
}

/// Kills processes on copies of the plan, one after the other, until `kills` are delivered; each sweep is finished by a run that
/// nobody disturbs.
fn kill_again_and_again(folder: &Path, kills: usize, instants: &[Instants], seed: u64) -> Tally {
    let expected = undisturbed(folder);
    let random = NoiseStream::new(seed, Purpose::Resampling, 0);
    let mut tally = Tally::default();
    let mut life = 0;
    while tally.delivered < kills {
        let place = folder.join(format!("killed-{}", tally.sweeps));
        copy(&folder.join("plan"), &place);
        // A dozen lives: most sweeps are done by then, some are not.
        for _ in 0..12 {
            let mut uniform = [0.0; 2];
            random.uniforms(life, &mut uniform);
            life += 1;
            let mut process = Process::start(run_command(&place), &folder.join("process"));
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below the number of instants"
            )]
            let kind = instants[(uniform[1] * instants.len() as f64) as usize];
            wait_for(kind, uniform[0], &place);
            process.child.kill().unwrap();
            let status = process.child.wait().unwrap();
            if status.signal() == Some(9) {
                tally.delivered += 1;
                tally.advanced += usize::from(process.out().contains("finished "));
                for name in files(&place.join("records")).keys() {
                    let kind = name.extension().unwrap_or(name.as_os_str()).to_string_lossy().into_owned();
                    let kind = if name.starts_with("workers") { "worker".to_owned() } else { kind };
                    *tally.left.entry(kind).or_default() += 1;
                }
            } else {
                assert_eq!(status.code(), Some(0), "{}", process.err());
                break;
            }
        }
        let mut last = Process::start(run_command(&place), &folder.join("process"));
        assert_eq!(last.end(), Some(0), "{}", last.err());
        assert_same(&place, &expected);
        std::fs::remove_dir_all(&place).unwrap();
        tally.sweeps += 1;
    }
    tally
}

/// Waits for the instant to kill.
fn wait_for(kind: Instants, uniform: f64, place: &Path) {
    let started = Instant::now();
    match kind {
        // Dense in the first milliseconds, and some well into the work.
        Instants::Random => {
            let instant = Duration::from_secs_f64(0.25 * uniform * uniform);
            while started.elapsed() < instant {
                std::hint::spin_loop();
            }
        }
        Instants::Appears(extension) => {
            // Not always the first one.
            let patience = Duration::from_secs_f64(0.15 * uniform);
            std::thread::sleep(patience);
            let before = named_so(place, extension);
            while started.elapsed() < patience + Duration::from_millis(100) {
                let now = named_so(place, extension);
                if now.iter().any(|path| !before.contains(path)) {
                    break;
                }
            }
        }
    }
}

fn named_so(place: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(shards) = std::fs::read_dir(place.join("records")) else { return Vec::new() };
    shards
        .flatten()
        .filter_map(|shard| std::fs::read_dir(shard.path()).ok())
        .flat_map(|files| files.flatten().map(|file| file.path()))
        .filter(|path| path.extension().is_some_and(|other| other == extension))
        .collect()
}

#[test]
fn killed_at_hundreds_of_instants_it_ends_with_the_same_bytes() {
    let folder = planned();
    let tally = kill_again_and_again(folder.path(), KILLS[0], &[Instants::Random], 1);
    println!("{tally:?}");
    assert!(tally.delivered >= 200, "{tally:?}");
    // The kills hit the work and the writes, not only the start: they are no proof otherwise.
    assert!(tally.advanced > 20 && tally.advanced < tally.delivered, "{tally:?}");
    for kind in ["claim", "checkpoint", "worker"] {
        assert!(tally.left.get(kind).is_some_and(|count| *count > 20), "{kind}: {tally:?}");
    }
}

#[test]
fn killed_while_files_come_and_go_it_ends_with_the_same_bytes() {
    let folder = planned();
    let kinds = ["safetensors", "checkpoint", "claim", "partial"].map(Instants::Appears);
    let tally = kill_again_and_again(folder.path(), KILLS[1], &kinds, 2);
    println!("{tally:?}");
    assert!(tally.left.get("partial").is_some_and(|count| *count > 0), "{tally:?}");
}

/// The tasks that each process finished.
fn finished(processes: &[Process]) -> Vec<Vec<String>> {
    processes.iter().map(|process| named("finished", &process.out())).collect()
}

fn pools(folder: &Path, place: &Path, count: usize, arguments: &[&str]) -> Vec<Process> {
    (0..count)
        .map(|number| {
            let mut command = sweep(&["run", text(place), "--threads", "1"]);
            command.args(arguments);
            Process::start(command, &folder.join(format!("pool-{number}")))
        })
        .collect()
}

#[test]
fn processes_share_a_sweep_and_do_no_task_twice() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    for count in [2, 4] {
        let place = folder.path().join(format!("shared-{count}"));
        copy(&folder.path().join("plan"), &place);
        let mut processes = pools(folder.path(), &place, count, &[]);
        for process in &mut processes {
            assert_eq!(process.end(), Some(0), "{}", process.err());
        }
        assert_same(&place, &expected);
        let finished = finished(&processes);
        let mut all = finished.concat();
        all.sort_unstable();
        let mut once = all.clone();
        once.dedup();
        assert_eq!((all.len(), once.len()), (TASKS, TASKS), "{finished:#?}");
        assert!(finished.iter().all(|tasks| !tasks.is_empty()), "one had nothing to do: {finished:#?}");
    }
}

/// Ranges, as the tasks of a job array have them: what both need is done by one of them.
#[test]
fn processes_with_ranges_of_their_own_share_the_starts() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let place = folder.path().join("ranges");
    copy(&folder.path().join("plan"), &place);
    let mut processes: Vec<Process> = ["4..14", "14..24"]
        .into_iter()
        .map(|range| {
            let command = sweep(&["run", text(&place), "--threads", "1", "--tasks", range]);
            Process::start(command, &folder.path().join(range))
        })
        .collect();
    for process in &mut processes {
        assert_eq!(process.end(), Some(0), "{}", process.err());
    }
    assert_same(&place, &expected);
    assert_eq!(finished(&processes).concat().len(), TASKS);
}

/// One of three is killed in the middle of a task: the others do it, at once and not when the claim expires.
#[test]
fn the_others_take_over_what_a_killed_process_had() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let place = folder.path().join("taken-over");
    copy(&folder.path().join("plan"), &place);
    let arguments = ["--claim-expiry", "3600", "--checkpoint-interval", "0.01"];
    let mut processes = pools(folder.path(), &place, 3, &arguments);
    let mut victim = processes.remove(1);
    let pid = u64::from(victim.child.id());
    wait_until("the victim is at a task", || {
        let status = status(&place);
        status["running"].as_array().unwrap().iter().any(|task| task["pid"].as_u64() == Some(pid))
    });
    victim.child.kill().unwrap();
    victim.child.wait().unwrap();
    for process in &mut processes {
        assert_eq!(process.end(), Some(0), "{}", process.err());
    }
    assert_same(&place, &expected);
    let others = finished(&processes).concat();
    assert_eq!(others.len() + finished(&[victim])[0].len(), TASKS);
}

/// Asked to stop it writes checkpoints, says so and goes on from there.
#[test]
fn stopped_by_a_signal_it_goes_on_where_it_was() {
    let folder = planned();
    let expected = undisturbed(folder.path());
    let place = folder.path().join("stopped");
    copy(&folder.path().join("plan"), &place);
    let (mut stops, mut checkpoints) = (0, 0);
    for life in 0..200 {
        let mut process = Process::start(
            sweep(&["run", text(&place), "--threads", "2"]),
            &folder.path().join("stopped-process"),
        );
        std::thread::sleep(Duration::from_millis(40 + life));
        process.signal(if life % 2 == 0 { "TERM" } else { "INT" });
        match process.end() {
            Some(0) => break,
            Some(130) => {
                stops += 1;
                assert!(
                    process.err().contains("stopped; the same command goes on where it was"),
                    "{}",
                    process.err()
                );
                // All is tidy: no claim is left, and nobody is at work.
                let left = files(&place.join("records"));
                let sound = |name: &PathBuf| {
                    name.extension().is_some_and(|kind| kind == "safetensors" || kind == "checkpoint")
                };
                assert!(left.keys().all(sound), "{:?}", left.keys());
                // Twenty seconds between checkpoints: these were written because it was asked to stop.
                let is_checkpoint =
                    |name: &&PathBuf| name.extension().is_some_and(|kind| kind == "checkpoint");
                checkpoints += left.keys().filter(is_checkpoint).count();
            }
            // Before the handler is there.
            other => assert_eq!(other, None, "{}", process.err()),
        }
    }
    assert!(stops > 3 && checkpoints > 3, "{stops} stops, {checkpoints} checkpoints");
    assert_same(&place, &expected);
}
