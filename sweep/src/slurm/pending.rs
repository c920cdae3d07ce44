//! What of a plan is left to do.

use super::chunk::PendingTask;
use crate::{Manifest, ManifestError};

/// The tasks of a plan that an array would run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pending {
    /// Quenches, which the others start from.
    pub starts: Vec<PendingTask>,
    /// The others.
    pub others: Vec<PendingTask>,
    /// Number of tasks that failed, and of those that wait for a start that failed: they are not run before someone asks for
    /// another try.
    pub failed: usize,
}

impl Pending {
    /// What the store of `manifest` has neither a record nor a failure of.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn of(manifest: &Manifest) -> Result<Self, ManifestError> {
        let contents = manifest.store()?.contents()?;
        let mut pending = Self::default();
        for (index, entry) in manifest.entries(0..manifest.len())?.enumerate() {
            let entry = entry?;
            if contents.finished.contains(&entry.identifier) {
                continue;
            }
            let failed = |identifier: &String| contents.has_failed(identifier);
            if failed(&entry.identifier) || entry.start.as_ref().is_some_and(failed) {
                pending.failed += 1;
            } else {
                let stage = if index < manifest.starts() { &mut pending.starts } else { &mut pending.others };
                stage.push(PendingTask { index, seconds: entry.seconds });
            }
        }
        Ok(pending)
    }

    /// Whether nothing is to be run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.others.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, Plan};
    use glassbox_simulations::protocol::Task;
    use glassbox_simulations::protocol::test_tasks::{quench, trajectory};
    use std::fs;

    #[test]
    fn what_is_done_or_failed_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = [trajectory(1, 0.1), trajectory(1, 0.2), trajectory(2, 0.1), trajectory(3, 0.1)];
        let quenches = [1, 2, 3].into_iter().map(quench);
        let others = tasks.iter().cloned().map(|task| (task, None));
        let manifest =
            Manifest::write(folder.path(), Plan::default(), quenches, others, None, &mut |_| Ok(2.0), false)
                .unwrap();
        let store = manifest.store().unwrap();
        let indices = |tasks: &[PendingTask]| tasks.iter().map(|task| task.index).collect::<Vec<_>>();
        let all = Pending::of(&manifest).unwrap();
        assert_eq!(
            (indices(&all.starts), indices(&all.others), all.failed),
            (vec![0, 1, 2], vec![3, 4, 5, 6], 0)
        );
        assert_eq!(all.others[0].seconds, 2.0);
        // One is done; a trajectory failed, and the quench of another.
        let done = store.record_path(&tasks[0].identifier());
        fs::create_dir_all(done.parent().unwrap()).unwrap();
        fs::write(done, "").unwrap();
        let failure = Failure { reason: "no data".to_owned(), host: "here".to_owned() };
        store.fail(&tasks[1].identifier(), &failure).unwrap();
        store.fail(&Task::Quench(quench(3)).identifier(), &failure).unwrap();
        let left = Pending::of(&manifest).unwrap();
        assert_eq!((indices(&left.starts), indices(&left.others), left.failed), (vec![0, 1], vec![5], 3));
        // The quench is finished by another process, and its failure still told.
        let done = store.record_path(&Task::Quench(quench(3)).identifier());
        fs::create_dir_all(done.parent().unwrap()).unwrap();
        fs::write(done, "").unwrap();
        let left = Pending::of(&manifest).unwrap();
        assert_eq!((indices(&left.starts), indices(&left.others), left.failed), (vec![0, 1], vec![5, 6], 1));
    }
}
