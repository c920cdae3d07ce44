//! Checks every file of a store against its digest, and every task against what it started from.

use super::files::remove;
use super::manifest::{Entry, ManifestError};
use super::names::FileKind;
use super::store::Store;
use super::worker::{Observer, Worker};
use glassbox_simulations::protocol::{GENERATION, Head, RecordError, RecordReader, Task, verify};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What a check of a store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Records and checkpoints that are what was written.
    pub sound: usize,
    /// Those that are not, or that did not start from what is there, and what is wrong.
    pub damaged: Vec<(PathBuf, String)>,
    /// What processes left behind that are gone: files half written, heartbeats, claims.
    pub leftovers: Vec<PathBuf>,
    /// Records and checkpoints of other versions: left alone.
    pub other_versions: usize,
    /// Records and checkpoints of tasks that no entry asks for: sound, and of no use to this plan.
    pub foreign: usize,
    /// In a sentence, what is there that is not of this program: left alone.
    pub others: Option<String>,
}

/// What a look at a file shows.
enum Finding {
    Sound,
    OtherVersion,
    Damaged(String),
}

/// Digests of the last weights of starts, each read once; `None` for one that is not there or not sound.
type Starts = HashMap<String, Option<String>>;

impl Store {
    /// Reads every record and checkpoint. With `planned` (the tasks of a plan) what belongs to none of them is counted.
    ///
    /// # Errors
    /// [`ManifestError`] where the file system refuses or the plan cannot be read.
    pub fn verify(
        &self,
        planned: Option<&mut dyn Iterator<Item = Result<Entry, ManifestError>>>,
        observer: &Observer,
    ) -> Result<Verification, ManifestError> {
        let planned: Option<HashSet<String>> = planned
            .map(|entries| entries.map(|entry| Ok(entry?.identifier)).collect::<Result<_, ManifestError>>())
            .transpose()?;
        let contents = self.contents()?;
        let leftovers = observer.leftovers(&contents.partial)?;
        let others = contents.foreign_in_words();
        let mut found = Verification { leftovers, others, ..Verification::default() };
        let mut starts = Starts::new();
        let records = contents.finished.into_iter().map(|identifier| (identifier, FileKind::Record));
        let checkpoints =
            contents.checkpoints.into_iter().map(|identifier| (identifier, FileKind::Checkpoint));
        let files: BTreeSet<(PathBuf, String)> = records
            .chain(checkpoints)
            .map(|(identifier, kind)| (self.file(&identifier, kind), identifier))
            .collect();
        for (path, identifier) in files {
            match self.look(&path, &identifier, &mut starts) {
                Ok(Finding::Sound) => found.sound += 1,
                Ok(Finding::OtherVersion) => found.other_versions += 1,
                Ok(Finding::Damaged(problem)) => found.damaged.push((path, problem)),
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
            if self.holder(&identifier, observer).is_none() && path.exists() {
                found.leftovers.push(path);
            }
        }
        Ok(found)
    }

    /// Removes what is damaged or left behind, so that the next run makes it again. Everything is looked at once more: others may
    /// be at work.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn repair(&self, found: &Verification, worker: &Worker) -> Result<(), RecordError> {
        for (path, _) in &found.damaged {
            let identifier = path.file_stem().unwrap_or_default().to_string_lossy();
            match self.look(path, &identifier, &mut Starts::new()) {
                Ok(Finding::Damaged(_)) => remove(path)?,
                Ok(_) => {}
                Err(_) if !path.exists() => {}
                Err(error) => return Err(error),
            }
        }
        self.tidy(&self.contents()?, worker)
    }

    fn look(&self, path: &Path, identifier: &str, starts: &mut Starts) -> Result<Finding, RecordError> {
        let head = match verify(path) {
            Ok(head) => head,
            Err(RecordError::Damaged { problem, .. }) => return Ok(Finding::Damaged(problem)),
            Err(RecordError::OtherVersion { .. }) => return Ok(Finding::OtherVersion),
            Err(error) => return Err(error),
        };
        if head.generation != GENERATION {
            return Ok(Finding::OtherVersion);
        }
        if head.task.identifier() != identifier {
            return Ok(Finding::Damaged(format!("holds the task {}", head.task.identifier())));
        }
        let Some(start) = head.task.start() else { return Ok(Finding::Sound) };
        let there = starts.entry(start.identifier()).or_insert_with(|| self.last_digest(&start));
        Ok(match foreign_start(&head, there.as_deref()) {
            Some(problem) => Finding::Damaged(problem),
            None => Finding::Sound,
        })
    }

    /// Digest of the weights that a finished quench ends with. What is not there or not sound is told of by itself.
    fn last_digest(&self, quench: &Task) -> Option<String> {
        RecordReader::open(&self.path(quench)).and_then(|mut record| record.last_digest()).ok().flatten()
    }
}

/// What is wrong if a task did not start from the weights of the digest `there`, the last ones of its start's record.
pub(super) fn foreign_start(head: &Head, there: Option<&str>) -> Option<String> {
    let (own, there) = (head.start.as_deref()?, there?);
    (own != there).then(|| {
        let start = head.task.start().map(|start| start.identifier()).unwrap_or_default();
        format!("started from other weights than those of {start} that are there")
    })
}
