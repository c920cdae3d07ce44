//! The folder of a sweep: what in it is of an earlier plan and may be replaced, and what is not.

use super::{
    MANIFEST, MERGED, MOST_MANIFEST_BYTES, Manifest, ManifestError, NO_DIGEST, OWN_DATA, RECORDS, TASKS,
    file_name, refused,
};
use crate::files::{entries, is_file, is_folder, remove};
use crate::marker::{Marker, foreign};
use crate::store::Store;
use glassbox_simulations::dataset::read_prepared;
use glassbox_trajectories::{input, whole_file::parts_of_partial};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the folder in which tasks are written before they take the place of an earlier plan's.
pub(super) const NEW_TASKS: &str = "tasks.new";

/// What is in a folder before a plan is written into it.
pub(super) struct Earlier {
    /// Whether the folder has the marker of a sweep. A plan that was interrupted leaves it too.
    pub(super) marked: bool,
    manifest: Found,
}

/// The manifest of an earlier plan.
enum Found {
    /// There is none.
    Nothing,
    /// This program can read it: so many files of tasks.
    Sound(usize),
    /// Of another version, or damaged.
    Unreadable,
}

impl Earlier {
    /// Looks at `folder` and changes nothing. `with_data`: a copy of data is to be written; `replace`: a plan may be there.
    ///
    /// # Errors
    /// [`ManifestError`] for a folder with a plan that is to stay, or with something in the place of what is to be written, which no
    /// plan put there.
    pub(super) fn of(folder: &Path, with_data: bool, replace: bool) -> Result<Self, ManifestError> {
        if folder.exists() && !folder.is_dir() {
            return Err(ManifestError::NoFolder(folder.to_owned()));
        }
        let marked = Marker::Sweep.is_in(folder)?;
        let path = folder.join(MANIFEST);
        let (manifest, own_data) = match is_file(&path)?.then(|| Manifest::read(folder)) {
            None => (Found::Nothing, None),
            Some(Ok(manifest)) => {
                (Found::Sound(manifest.head.digests.len()), Some(manifest.own_data().is_some()))
            }
            Some(Err(_)) if marked || is_manifest(&path)? => (Found::Unreadable, None),
            Some(Err(_)) => {
                return Err(foreign(&path, "was not written by glassbox. Give another folder").into());
            }
        };
        let earlier = Self { marked, manifest };
        if earlier.has_a_plan() && !replace {
            return Err(ManifestError::Present(folder.to_owned()));
        }
        if !earlier.marked && !earlier.has_a_plan() {
            for name in [TASKS, NEW_TASKS, OWN_DATA, MERGED] {
                let path = folder.join(name);
                if fs::symlink_metadata(&path).is_ok() {
                    return Err(foreign(&path, NOT_OF_A_PLAN).into());
                }
            }
            let records = folder.join(RECORDS);
            if is_folder(&records)?
                && !entries(&records)?.is_empty()
                && !Store::open(&records)?.is_marked()?
            {
                return Err(foreign(&records, NOT_OF_A_PLAN).into());
            }
            return Ok(earlier);
        }
        for name in [TASKS, NEW_TASKS] {
            earlier.tasks_in(&folder.join(name))?;
        }
        is_folder(&folder.join(MERGED))?;
        is_folder(&folder.join(RECORDS))?;
        let data = folder.join(OWN_DATA);
        // Where no manifest tells whose they are: what was written into the folder of a sweep.
        let ours = |data: &Path| own_data.unwrap_or_else(|| read_prepared(data).is_ok());
        if is_file(&data)? && with_data && !ours(&data) {
            return Err(foreign(&data, NOT_OF_A_PLAN).into());
        }
        Ok(earlier)
    }

    /// Whether there is a manifest.
    pub(super) fn has_a_plan(&self) -> bool {
        !matches!(self.manifest, Found::Nothing)
    }

    /// Removes a folder of tasks that an earlier plan left, if it is there.
    pub(super) fn remove_tasks(&self, folder: &Path) -> Result<(), ManifestError> {
        for path in self.tasks_in(folder)? {
            remove(&path)?;
        }
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", folder)(error)),
            _ => Ok(()),
        }
    }

    /// The files of a folder of tasks. Anything else in it is refused.
    fn tasks_in(&self, folder: &Path) -> Result<Vec<PathBuf>, ManifestError> {
        if !is_folder(folder)? {
            return Ok(Vec::new());
        }
        let new = folder.ends_with(NEW_TASKS);
        let ours = |name: &str| {
            let name = parts_of_partial(name).map_or(name, |(whole, _)| whole);
            let most = if let Found::Sound(files) = self.manifest { files } else { usize::MAX };
            let tasks = index_of(name).is_some_and(|index| new || index < most);
            tasks || (new && name == OWN_DATA)
        };
        let mut paths = Vec::new();
        for (path, name, kind) in entries(folder)? {
            if !kind.is_file() || !ours(&name) {
                return Err(foreign(&path, NOT_OF_A_PLAN).into());
            }
            paths.push(path);
        }
        Ok(paths)
    }
}

const NOT_OF_A_PLAN: &str =
    "is not of a plan of glassbox, and would be replaced. Move it away or give another folder";

/// The number of a file of tasks of this name.
fn index_of(name: &str) -> Option<usize> {
    let index = name.strip_suffix(".jsonl")?.parse().ok()?;
    (file_name(Path::new(""), index) == Path::new(name)).then_some(index)
}

/// Whether a file is a manifest, of any version, its digest right or not.
fn is_manifest(path: &Path) -> Result<bool, ManifestError> {
    let text = input::read(path, MOST_MANIFEST_BYTES)?;
    let Ok(value) = serde_json::from_slice::<Value>(&text) else { return Ok(false) };
    let digest = |value: &Value| value.as_str().is_some_and(|digest| digest.len() == NO_DIGEST.len());
    Ok(value["format"].is_u64()
        && value["generation"].is_u64()
        && value["plan"].is_object()
        && digest(&value["digest"])
        && value["digests"].as_array().is_some_and(|digests| digests.iter().all(digest)))
}
