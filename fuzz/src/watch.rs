//! The name of the trial that is running, for the messages of panics, hangs and requests for too much memory.

use std::io::Write as _;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Processor time of all threads that a trial may take, in seconds. The slowest sound trial takes about one.
const MOST_PROCESSOR_SECONDS: f64 = 10.0;

/// The same in time of the clock, for what waits without working. Other programs may slow a trial down by much.
const MOST_SECONDS: u64 = 300;

/// Which trial runs, and how to repeat it; empty between trials.
static TRIAL: Mutex<String> = Mutex::new(String::new());
static RUNS: AtomicBool = AtomicBool::new(false);
/// Milliseconds from the first use of this module to the start of the trial.
static STARTED: AtomicU64 = AtomicU64::new(0);
/// Number of trials so far: the watchdog notices that one ended and another began.
static COUNT: AtomicU64 = AtomicU64::new(0);
/// Panics of the trial, in any thread, caught or not.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Runs a trial; returns its result, or `None` where it panicked, and the panics of all its threads: those too that were caught
/// on the way, as they print their message all the same.
pub(crate) fn watched<Value>(trial: &str, work: impl FnOnce() -> Value) -> (Option<Value>, Vec<String>) {
    static BEGIN: Once = Once::new();
    BEGIN.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |information| {
            if RUNS.load(SeqCst) {
                let place = information.location().map(ToString::to_string).unwrap_or_default();
                let text = information.payload_as_str().unwrap_or("no text");
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{place}: {text}"));
            } else {
                before(information);
            }
        }));
        std::thread::spawn(watchdog);
    });
    trial.clone_into(&mut TRIAL.lock().unwrap_or_else(PoisonError::into_inner));
    STARTED.store(milliseconds(), SeqCst);
    COUNT.fetch_add(1, SeqCst);
    RUNS.store(true, SeqCst);
    let value = panic::catch_unwind(panic::AssertUnwindSafe(work)).ok();
    RUNS.store(false, SeqCst);
    let panics = std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
    (value, panics)
}

/// Writes to standard error what happened in which trial. It asks for no memory, as the allocator calls it.
pub(crate) fn tell(what: &str) {
    if let Ok(trial) = TRIAL.try_lock() {
        // Not captured by the test harness, as the process may end at once; where it cannot be written nothing helps.
        #[allow(clippy::disallowed_methods, reason = "the process ends with this line")]
        let mut error = std::io::stderr();
        for part in [what, " in ", trial.as_str(), "\n"] {
            let _ = error.write_all(part.as_bytes());
        }
    }
}

fn watchdog() {
    let (mut count, mut processor) = (0, None);
    loop {
        std::thread::sleep(Duration::from_millis(100));
        if !RUNS.load(SeqCst) {
            continue;
        }
        if COUNT.load(SeqCst) != count {
            (count, processor) = (COUNT.load(SeqCst), processor_seconds());
            continue;
        }
        let worked = processor_seconds().zip(processor).map(|(now, then)| now - then);
        let waited = milliseconds().saturating_sub(STARTED.load(SeqCst)) > 1000 * MOST_SECONDS;
        if worked.is_some_and(|seconds| seconds > MOST_PROCESSOR_SECONDS) || waited {
            tell("no end");
            std::process::abort();
        }
    }
}

fn milliseconds() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}

/// Processor time of this process and its threads, where the system tells: user and system time of `stat`, in hundredths of
/// seconds, counted after the name, which may hold anything.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut words = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut seconds = || Some(words.next()?.parse::<f64>().ok()? / 100.0);
    Some(seconds()? + seconds()?)
}
