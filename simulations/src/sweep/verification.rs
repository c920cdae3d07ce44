//! Checks every file of a store against its digest.

use super::manifest::{Entry, ManifestError};
use super::store::{FileKind, Store, remove};
use super::worker::Observer;
use crate::protocol::{GENERATION, RecordError, verify};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a check of a store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Records and checkpoints that are what was written.
    pub sound: usize,
    /// Those that are not, and what is wrong.
    pub damaged: Vec<(PathBuf, String)>,
    /// What processes left behind that are gone: files half written, heartbeats, claims.
    pub leftovers: Vec<PathBuf>,
    /// Records and checkpoints of tasks that no entry asks for, or of another generation: sound, and of no use to this plan.
    pub foreign: usize,
}

impl Store {
    /// Reads every record and checkpoint. With `planned` (the tasks of a plan) what belongs to none of them is counted.
    ///
    /// # Errors
    /// [`ManifestError`] where the file system refuses or the plan cannot be read.
    pub fn verify(
        &self,
        planned: Option<&mut dyn Iterator<Item = Result<Entry, ManifestError>>>,
        expiry: Duration,
    ) -> Result<Verification, ManifestError> {
        let planned: Option<HashSet<String>> = planned
            .map(|entries| entries.map(|entry| Ok(entry?.identifier)).collect::<Result<_, ManifestError>>())
            .transpose()?;
        let contents = self.contents()?;
        let observer = Observer::new(self, expiry);
        let mut found =
            Verification { leftovers: observer.leftovers(&contents.partial)?, ..Verification::default() };
        let records = contents.finished.into_iter().map(|identifier| (identifier, FileKind::Record));
        let checkpoints =
            contents.checkpoints.into_iter().map(|identifier| (identifier, FileKind::Checkpoint));
        let files: BTreeSet<(PathBuf, String)> = records
            .chain(checkpoints)
            .map(|(identifier, kind)| (self.file(&identifier, kind), identifier))
            .collect();
        for (path, identifier) in files {
            match problem(&path, &identifier) {
                Ok(None) => found.sound += 1,
                Ok(Some(problem)) => found.damaged.push((path, problem)),
                // Finished, or taken away, while this goes on.
                Err(_) if !path.exists() => continue,
                Err(error) => return Err(error.into()),
            }
            if planned.as_ref().is_some_and(|planned| !planned.contains(&identifier)) {
                found.foreign += 1;
            }
        }
        for identifier in contents.claimed {
            let path = self.file(&identifier, FileKind::Claim);
            if self.owner(&identifier, &observer).is_none() && path.exists() {
                found.leftovers.push(path);
            }
        }
        Ok(found)
    }

    /// Removes what is damaged or left behind, so that the next run makes it again.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn repair(&self, found: &Verification) -> Result<(), RecordError> {
        found.damaged.iter().map(|(path, _)| path).chain(&found.leftovers).try_for_each(|path| remove(path))
    }
}

/// What is wrong with the file of a task.
fn problem(path: &Path, identifier: &str) -> Result<Option<String>, RecordError> {
    match verify(path) {
        Ok(head) if head.generation != GENERATION => {
            Ok(Some(format!("is of generation {}, this program's tasks of {GENERATION}", head.generation)))
        }
        Ok(head) if head.task.identifier() != identifier => {
            Ok(Some(format!("holds the task {}", head.task.identifier())))
        }
        Ok(_) => Ok(None),
        Err(RecordError::Damaged { problem, .. }) => Ok(Some(problem)),
        Err(error) => Err(error),
    }
}
