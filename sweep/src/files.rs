//! Folders and regular files, as they are made here: a link, a pipe or a device of such a name is somebody else's.

use super::marker::foreign;
use glassbox_simulations::protocol::RecordError;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// What is in a folder: path, name and kind, of a link that of the link itself.
pub(super) fn entries(folder: &Path) -> Result<Vec<(PathBuf, String, FileType)>, RecordError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed,
    };
    listed
        .and_then(|entries| {
            entries
                .map(|entry| {
                    let entry = entry?;
                    Ok((entry.path(), entry.file_name().to_string_lossy().into_owned(), entry.file_type()?))
                })
                .collect()
        })
        .map_err(refused("read", folder))
}

/// Whether there is a folder of this name; anything else of this name is refused, a link to a folder too.
pub(super) fn is_folder(path: &Path) -> Result<bool, RecordError> {
    is_there(path, FileType::is_dir, "a folder")
}

/// Whether there is a file of this name; anything else of this name is refused, a link to a file too.
pub(super) fn is_file(path: &Path) -> Result<bool, RecordError> {
    is_there(path, FileType::is_file, "a regular file")
}

fn is_there(path: &Path, wanted: fn(&FileType) -> bool, what: &str) -> Result<bool, RecordError> {
    match fs::symlink_metadata(path).map(|data| data.file_type()) {
        Ok(kind) if wanted(&kind) => Ok(true),
        Ok(kind) => {
            let kind = match () {
                () if kind.is_symlink() => "a link",
                () if kind.is_dir() => "a folder",
                () if kind.is_file() => "a file",
                () => "a pipe, socket or device",
            };
            Err(foreign(
                path,
                &format!("is {kind}; glassbox uses {what} of this name, which it makes. Move it away"),
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(refused("read", path)(error)),
    }
}

pub(super) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::File { action, path, source }
}

/// Removes a regular file that may be gone already.
pub(super) fn remove(path: &Path) -> Result<(), RecordError> {
    if !is_file(path)? {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", path)(error)),
        _ => Ok(()),
    }
}
