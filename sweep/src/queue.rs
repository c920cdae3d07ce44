//! Which task is next: starts before what starts from them, and no more threads than there are.

use super::manifest::Entry;
use super::store::Store;
use glassbox_simulations::protocol::Task;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tasks of `wanted` and their starts that are not in `store`: starts first, each once.
#[must_use]
pub fn missing(wanted: &[Task], store: &Store) -> Vec<Entry> {
    let entries = wanted.iter().cloned().map(Entry::of);
    let (starts, others): (Vec<Entry>, Vec<Entry>) =
        with_starts(entries).partition(|entry| entry.start.is_none());
    starts.into_iter().chain(others).filter(|entry| !store.has(&entry.identifier)).collect()
}

/// Each entry once, with its start before it.
pub(super) fn with_starts(entries: impl Iterator<Item = Entry>) -> impl Iterator<Item = Entry> {
    let mut seen = HashSet::new();
    entries.flat_map(move |entry| {
        let fresh = !seen.contains(&entry.identifier);
        let new_start = entry.start.clone().filter(|start| fresh && seen.insert(start.clone()));
        let start = new_start.and_then(|_| entry.task.start()).map(Entry::of);
        let own = seen.insert(entry.identifier.clone()).then_some(entry);
        start.into_iter().chain(own)
    })
}

/// Time between two looks at what other processes have claimed: the first, and the longest.
const LOOKS: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(2)];

/// Tasks that are not finished, shared by the threads of a pool.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    ready: VecDeque<Entry>,
    /// What waits for a start, by the start's identifier. Every such start is itself ready, running or elsewhere.
    blocked: HashMap<String, Vec<Entry>>,
    /// Claimed by another process.
    elsewhere: VecDeque<Entry>,
    /// Starts that are ready, running or elsewhere.
    starts: HashSet<String>,
    running: usize,
    free_threads: usize,
    patience: Duration,
    closed: bool,
}

impl Queue {
    /// The tasks of `entries` and their starts for which `finished` does not hold.
    pub(super) fn new(
        entries: impl Iterator<Item = Entry>,
        threads: usize,
        finished: impl Fn(&str) -> bool,
    ) -> Self {
        let mut state = State {
            ready: VecDeque::new(),
            blocked: HashMap::new(),
            elsewhere: VecDeque::new(),
            starts: HashSet::new(),
            running: 0,
            free_threads: threads.max(1),
            patience: LOOKS[0],
            closed: false,
        };
        let mut dependents = Vec::new();
        for entry in with_starts(entries).filter(|entry| !finished(&entry.identifier)) {
            if entry.start.is_none() {
                state.starts.insert(entry.identifier.clone());
                state.ready.push_back(entry);
            } else {
                dependents.push(entry);
            }
        }
        dependents.into_iter().for_each(|entry| state.place(entry));
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tasks that are not finished.
    pub(super) fn len(&self) -> usize {
        let state = self.state();
        let blocked: usize = state.blocked.values().map(Vec::len).sum();
        state.ready.len() + state.elsewhere.len() + state.running + blocked
    }

    /// Operations of all of them.
    pub(super) fn cost(&self) -> f64 {
        let state = self.state();
        let waiting = state.ready.iter().chain(state.blocked.values().flatten());
        waiting.map(|entry| entry.task.cost()).sum()
    }

    /// The next task and the threads for it; waits where all that is left depends on others. `None` when nothing is left or the
    /// queue is closed.
    pub(super) fn take(&self) -> Option<(Entry, usize)> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if state.free_threads > 0
                && let Some(entry) = state.ready.pop_front()
            {
                // Few tasks share all threads; many have one each.
                let threads = state.free_threads / state.free_threads.min(state.ready.len() + 1);
                state.free_threads -= threads;
                state.running += 1;
                return Some((entry, threads));
            }
            if state.ready.is_empty() && state.running == 0 && state.elsewhere.is_empty() {
                self.changed.notify_all();
                return None;
            }
            let patience = state.patience;
            let looks = state.ready.is_empty() && !state.elsewhere.is_empty();
            let (next, waited) =
                self.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if looks && waited.timed_out() && state.ready.is_empty() {
                state.patience = (2 * state.patience).min(LOOKS[1]);
                state.ready = std::mem::take(&mut state.elsewhere);
            }
        }
    }

    /// A task is done: what waited for it is ready.
    pub(super) fn finish(&self, entry: &Entry, threads: usize) {
        let mut state = self.state();
        state.starts.remove(&entry.identifier);
        state.patience = LOOKS[0];
        if let Some(waiting) = state.blocked.remove(&entry.identifier) {
            state.ready.extend(waiting);
        }
        self.let_go(state, threads);
    }

    /// A task has failed: what waited for it cannot be done, and is handed back.
    pub(super) fn fail(&self, entry: &Entry, threads: usize) -> Vec<Entry> {
        let mut state = self.state();
        state.starts.remove(&entry.identifier);
        let waiting = state.blocked.remove(&entry.identifier).unwrap_or_default();
        self.let_go(state, threads);
        waiting
    }

    /// Another process has it. Returns whether nothing is left to do here but wait.
    pub(super) fn postpone(&self, entry: Entry, threads: usize) -> bool {
        let mut state = self.state();
        state.elsewhere.push_back(entry);
        let idle = state.ready.is_empty() && state.running == 1;
        self.let_go(state, threads);
        idle
    }

    /// Its start is not there, or not any more.
    pub(super) fn wait_for_start(&self, entry: Entry, threads: usize) {
        let mut state = self.state();
        state.place_behind_its_start(entry);
        self.let_go(state, threads);
    }

    fn let_go(&self, mut state: MutexGuard<'_, State>, threads: usize) {
        state.running -= 1;
        state.free_threads += threads;
        drop(state);
        self.changed.notify_all();
    }

    /// Nothing more is handed out.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

impl State {
    fn place(&mut self, entry: Entry) {
        match &entry.start {
            Some(start) if self.starts.contains(start) => {
                self.blocked.entry(start.clone()).or_default().push(entry);
            }
            _ => self.ready.push_back(entry),
        }
    }

    fn place_behind_its_start(&mut self, entry: Entry) {
        if let (Some(identifier), Some(task)) = (&entry.start, entry.task.start())
            && self.starts.insert(identifier.clone())
        {
            self.ready.push_front(Entry::of(task));
        }
        self.place(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::protocol::test_tasks::{quench, trajectory};

    fn entries() -> Vec<Entry> {
        vec![Entry::of(trajectory(1, 0.1)), Entry::of(trajectory(2, 0.1)), Entry::of(trajectory(1, 0.2))]
    }

    #[test]
    fn starts_come_first_and_release_what_waits() {
        let queue = Queue::new(entries().into_iter(), 1, |_| false);
        assert_eq!(queue.len(), 5);
        let (first, threads) = queue.take().unwrap();
        assert_eq!((first.identifier.clone(), threads), (Task::Quench(quench(1)).identifier(), 1));
        queue.finish(&first, threads);
        let (second, _) = queue.take().unwrap();
        assert_eq!(second.identifier, Task::Quench(quench(2)).identifier());
        // A failed start takes with it what waited for it, and nothing else.
        let lost: Vec<String> = queue.fail(&second, 1).into_iter().map(|entry| entry.identifier).collect();
        assert_eq!(lost, [trajectory(2, 0.1).identifier()]);
        let mut left = Vec::new();
        while let Some((entry, threads)) = queue.take() {
            queue.finish(&entry, threads);
            left.push(entry.identifier);
        }
        assert_eq!(left, [trajectory(1, 0.1).identifier(), trajectory(1, 0.2).identifier()]);
    }

    #[test]
    fn few_tasks_share_the_threads() {
        let queue = Queue::new(entries().into_iter(), 8, |identifier| identifier.starts_with("quench"));
        let threads: Vec<usize> = (0..3).map(|_| queue.take().unwrap().1).collect();
        assert_eq!(threads, [2, 3, 3]);
    }

    #[test]
    fn what_another_process_has_is_looked_at_again() {
        let queue =
            Queue::new(entries().into_iter().take(1), 1, |identifier| identifier.starts_with("quench"));
        let (entry, threads) = queue.take().unwrap();
        assert!(queue.postpone(entry.clone(), threads));
        let (again, threads) = queue.take().unwrap();
        assert_eq!(again, entry);
        // Its start has vanished meanwhile.
        queue.wait_for_start(again, threads);
        let (start, threads) = queue.take().unwrap();
        assert_eq!(Some(&start.identifier), entry.start.as_ref());
        queue.finish(&start, threads);
        assert_eq!(queue.take().unwrap().0, entry);
        queue.close();
        assert!(queue.take().is_none());
    }

    #[test]
    fn missing_tasks_are_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let wanted = [trajectory(1, 0.1), trajectory(1, 0.1), Task::Quench(quench(1)), trajectory(1, 0.3)];
        let names: Vec<String> = missing(&wanted, &store).into_iter().map(|entry| entry.identifier).collect();
        let expected = [Task::Quench(quench(1)), trajectory(1, 0.1), trajectory(1, 0.3)];
        assert_eq!(names, expected.map(|task| task.identifier()));
    }
}
