//! Writing a plan, task by task.

use super::folder::{Earlier, NEW_TASKS};
use super::{
    Head, MANIFEST, MOST_MANIFEST_BYTES, MOST_TASKS_BYTES, Manifest, ManifestError, NO_DIGEST, OWN_DATA,
    Plan, TASKS, TASKS_A_FILE, file_name, hexadecimal, refused,
};
use crate::files::remove;
use crate::marker::Marker;
use crate::worker::remove_begun_by_the_dead;
use crate::{OwnData, SamplesError};
use glassbox_simulations::dataset::write_prepared;
use glassbox_simulations::protocol::{QuenchTask, Task};
use glassbox_trajectories::whole_file::write_whole;
use rayon::prelude::*;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

impl Manifest {
    /// Plans `quenches` and then `others` (each with the half width of its overlap), each task once, and keeps a copy of the data of
    /// one's own that they need. `seconds` estimates a task.
    /// Tasks are written as they come: a plan needs little memory, however long it is.
    /// In a folder that is new, or has the marker of a sweep or a manifest: nothing else is replaced or removed but what an earlier
    /// plan put there.
    ///
    /// # Errors
    /// [`ManifestError`]; the plan of the folder is then as it was.
    pub fn write(
        folder: &Path,
        plan: Plan,
        quenches: impl Iterator<Item = QuenchTask>,
        others: impl Iterator<Item = (Task, Option<f64>)>,
        own: Option<&OwnData>,
        seconds: &mut dyn FnMut(&Task) -> Result<f64, SamplesError>,
        replace: bool,
    ) -> Result<Self, ManifestError> {
        let earlier = Earlier::of(folder, own.is_some(), replace)?;
        fs::create_dir_all(folder).map_err(refused("make", folder))?;
        remove_begun_by_the_dead(folder, &[MANIFEST, Marker::Sweep.file_name()])?;
        if !earlier.marked {
            Marker::Sweep.put(folder)?;
        }
        // Beside those of an earlier plan, which stays whole until these are.
        let (tasks, new) = (folder.join(TASKS), folder.join(NEW_TASKS));
        earlier.remove_tasks(&new)?;
        fs::create_dir(&new).map_err(refused("make", &new))?;
        // The data first: without them the plan is worth nothing.
        let data = own.map_or(Ok(()), |own| Ok(write_prepared(own.dataset(), &new.join(OWN_DATA))?));
        let written = data.and_then(|()| write_tasks(&new, plan, quenches, others, seconds));
        let written = written.and_then(|head| with_digest(&folder.join(MANIFEST), head));
        if written.is_err() {
            // The first error is the one to report.
            let _ = earlier.remove_tasks(&new);
            if !earlier.marked && !earlier.has_a_plan() {
                let _ = Marker::Sweep.remove(folder);
            }
        }
        let (head, text) = written?;
        // From here on there is no plan for a moment, rather than half of two.
        remove(&folder.join(MANIFEST))?;
        if own.is_some() {
            let data = new.join(OWN_DATA);
            fs::rename(&data, folder.join(OWN_DATA)).map_err(refused("rename", &data))?;
        }
        earlier.remove_tasks(&tasks)?;
        fs::rename(&new, &tasks).map_err(refused("rename", &new))?;
        write_whole(&folder.join(MANIFEST), text.as_bytes())?;
        Ok(Self { folder: folder.to_owned(), head })
    }
}

/// The head with its digest, and its text.
fn with_digest(path: &Path, mut head: Head) -> Result<(Head, String), ManifestError> {
    let text = serde_json::to_string_pretty(&head).unwrap_or_default() + "\n";
    head.digest = hexadecimal(text.as_bytes());
    let text = text.replace(NO_DIGEST, &head.digest);
    can_be_read(path, text.len(), MOST_MANIFEST_BYTES).map(|()| (head, text))
}

/// Refuses to write what would be too long to be read.
fn can_be_read(path: &Path, bytes: usize, most: u64) -> Result<(), ManifestError> {
    let bytes = bytes as u64;
    if bytes > most { Err(ManifestError::TooLong { path: path.to_owned(), bytes, most }) } else { Ok(()) }
}

/// Writes the files of tasks into an empty folder.
fn write_tasks(
    folder: &Path,
    plan: Plan,
    quenches: impl Iterator<Item = QuenchTask>,
    others: impl Iterator<Item = (Task, Option<f64>)>,
    seconds: &mut dyn FnMut(&Task) -> Result<f64, SamplesError>,
) -> Result<Head, ManifestError> {
    let mut writer = Writer {
        folder: folder.to_owned(),
        lines: Vec::new(),
        in_file: 0,
        last: None,
        head: Head::new(plan),
    };
    let mut seen = HashSet::new();
    for_each_named(quenches.map(|quench| (Task::Quench(quench), None)), |named| {
        if seen.insert(short(&named.identifier)) {
            writer.take(&named, None, seconds(&named.task)?)?;
        }
        Ok(())
    })?;
    writer.head.starts = writer.head.tasks;
    // Many tasks in a row have the same start.
    let mut last: Option<(QuenchTask, String)> = None;
    for_each_named(others, |named| {
        let known = last.take().filter(|(quench, _)| quench == named.task.quench());
        let (quench, start) = known.unwrap_or_else(|| {
            let quench = named.task.quench().clone();
            let identifier = Task::Quench(quench.clone()).identifier();
            (quench, identifier)
        });
        if !seen.contains(&short(&start)) {
            return Err(ManifestError::NoStart { identifier: named.identifier, start });
        }
        if seen.insert(short(&named.identifier)) {
            writer.take(&named, Some(&start), seconds(&named.task)?)?;
        }
        last = Some((quench, start));
        Ok(())
    })?;
    if writer.head.tasks == 0 {
        return Err(ManifestError::Empty);
    }
    writer.end()
}

/// A task with what it takes longest to find out.
struct Named {
    task: Task,
    half_width: Option<f64>,
    identifier: String,
    text: String,
}

/// Names tasks on all cores, a file's worth at a time, and hands them over in their order.
fn for_each_named(
    mut tasks: impl Iterator<Item = (Task, Option<f64>)>,
    mut take: impl FnMut(Named) -> Result<(), ManifestError>,
) -> Result<(), ManifestError> {
    loop {
        let some: Vec<(Task, Option<f64>)> = tasks.by_ref().take(TASKS_A_FILE).collect();
        if some.is_empty() {
            return Ok(());
        }
        let name = |(task, half_width): (Task, Option<f64>)| {
            let text = task.text();
            Named { identifier: task.identifier_of(&text), task, half_width, text }
        };
        let named: Vec<Named> = some.into_par_iter().map(name).collect();
        named.into_iter().try_for_each(&mut take)?;
    }
}

/// Writes tasks file by file.
struct Writer {
    folder: PathBuf,
    lines: Vec<u8>,
    in_file: usize,
    /// A task and the number of its frames.
    last: Option<(Task, u64)>,
    head: Head,
}

impl Writer {
    fn take(&mut self, named: &Named, start: Option<&str>, seconds: f64) -> Result<(), ManifestError> {
        let Named { task, half_width, identifier, text } = named;
        if let Some(problem) = task.problem() {
            return Err(ManifestError::Task { identifier: identifier.clone(), problem });
        }
        // An estimate: milliseconds are enough.
        let seconds = (seconds * 1e3).ceil() / 1e3;
        self.head.tasks += 1;
        self.head.steps += task.steps();
        self.head.seconds += seconds;
        // Counting frames takes longer than all else about a task, and tasks in a row mostly have the times of the one before.
        let (_, frames) = match self.last.take() {
            Some(last) if task.has_the_times_of(&last.0) => self.last.insert(last),
            _ => self.last.insert((task.clone(), task.frames())),
        };
        let bytes = *frames * task.frame_bytes();
        self.head.record_bytes += bytes;
        self.head.largest_record_bytes = self.head.largest_record_bytes.max(bytes);
        let json = |value: serde_json::Value| value.to_string();
        let (start, seconds, half_width) =
            (json(start.into()), json(seconds.into()), json((*half_width).into()));
        self.lines.extend_from_slice(
            format!(
                "{{\"identifier\":\"{identifier}\",\"start\":{start},\"seconds\":{seconds},\"half_width\":{half_width},\"task\":{text}}}\n"
            )
            .as_bytes(),
        );
        self.in_file += 1;
        if self.in_file == TASKS_A_FILE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ManifestError> {
        let path = file_name(&self.folder, self.head.digests.len());
        can_be_read(&path, self.lines.len(), MOST_TASKS_BYTES)?;
        write_whole(&path, &self.lines)?;
        self.head.digests.push(hexadecimal(&self.lines));
        self.lines.clear();
        self.in_file = 0;
        Ok(())
    }

    fn end(mut self) -> Result<Head, ManifestError> {
        if self.in_file > 0 {
            self.flush()?;
        }
        Ok(self.head)
    }
}

/// The digits of an identifier as a number: a million of them fit in little memory.
fn short(identifier: &str) -> (bool, u64) {
    let (kind, digits) = identifier.split_once('-').unwrap_or(("", identifier));
    (kind == "quench", u64::from_str_radix(digits, 16).unwrap_or_default())
}
