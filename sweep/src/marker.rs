//! The file by which a folder is known to be this program's. Only in such a folder are files replaced and removed.

use super::files::{refused, remove};
use glassbox_simulations::protocol::RecordError;
use glassbox_trajectories::{input, whole_file};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Marker {
    /// The folder of a sweep.
    Sweep,
    /// A folder of results.
    Store,
}

/// The content of the file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Content {
    glassbox: Marker,
    format: u32,
}

/// Version of the layout of both kinds of folders.
const FORMAT: u32 = 1;

/// Bytes of a marker, at most; this version writes 36.
const MOST_BYTES: u64 = 4096;

impl Marker {
    /// Name of the file.
    pub(super) const fn file_name(self) -> &'static str {
        match self {
            Self::Sweep => "glassbox-sweep.json",
            Self::Store => "glassbox-store.json",
        }
    }

    fn path(self, folder: &Path) -> PathBuf {
        folder.join(self.file_name())
    }

    /// Whether `folder` has this marker.
    ///
    /// # Errors
    /// [`RecordError`] for a file of this name that is not the marker, or that a later version wrote.
    pub(super) fn is_in(self, folder: &Path) -> Result<bool, RecordError> {
        let path = self.path(folder);
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_file() => {}
            Ok(_) => return Err(foreign(&path, "is not a file that glassbox wrote; move it away")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            // A path through a file.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(false),
            Err(error) => return Err(refused("read", &path)(error)),
        }
        match serde_json::from_slice::<Content>(&input::read(&path, MOST_BYTES)?) {
            Ok(Content { glassbox, format: FORMAT }) if glassbox == self => Ok(true),
            Ok(Content { glassbox, format }) if glassbox == self => {
                Err(foreign(&path, &format!("its format is {format}; this glassbox uses format {FORMAT}")))
            }
            _ => Err(foreign(&path, "is not what glassbox writes into it; move it away")),
        }
    }

    /// Puts the marker into `folder`.
    pub(super) fn put(self, folder: &Path) -> Result<(), RecordError> {
        let mut text = serde_json::to_vec(&Content { glassbox: self, format: FORMAT }).unwrap_or_default();
        text.push(b'\n');
        Ok(whole_file::write_whole(&self.path(folder), &text)?)
    }

    /// Whether a file of this name is the marker on its way.
    pub(super) fn is_partial(self, name: &str) -> bool {
        whole_file::parts_of_partial(name).is_some_and(|(whole, _)| whole == self.file_name())
    }

    /// Takes the marker out of `folder`.
    pub(super) fn remove(self, folder: &Path) -> Result<(), RecordError> {
        if self.is_in(folder)? { remove(&self.path(folder)) } else { Ok(()) }
    }
}

/// The refusal of what this program did not make.
pub(super) fn foreign(path: &Path, problem: &str) -> RecordError {
    RecordError::Foreign { path: path.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let there = |marker: Marker| marker.is_in(folder.path()).map_err(|error| error.to_string());
        assert_eq!(there(Marker::Store), Ok(false));
        Marker::Store.put(folder.path()).unwrap();
        assert_eq!((there(Marker::Store), there(Marker::Sweep)), (Ok(true), Ok(false)));
        let path = Marker::Store.path(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "{\"glassbox\":\"store\",\"format\":1}\n");
        for (text, problem) in [
            (text.replace('1', "2"), "its format is 2"),
            (text.replace("store", "sweep"), "is not what glassbox writes"),
            (String::new(), "is not what glassbox writes"),
        ] {
            fs::write(&path, text).unwrap();
            assert!(there(Marker::Store).unwrap_err().contains(problem));
        }
        fs::write(&path, vec![b' '; 5000]).unwrap();
        assert!(there(Marker::Store).unwrap_err().contains("at most 4096"));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(there(Marker::Store).unwrap_err().contains("is not a file that glassbox wrote"));
    }
}
