//! What may stand where a file should be, and is not read: pipes, devices, folders, links to nothing, files without content.

use crate::campaign::{alone, attempt, trial_folder};
use crate::case::{Case, corpus};
use crate::reader::Reader;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Bytes of a file that has a length and no content: more than any reader takes whole.
const EMPTY_LENGTH: u64 = 8 << 30;

/// Puts something in place of a file.
type Put = fn(&Path) -> std::io::Result<()>;

const KINDS: [(&str, Put); 6] = [
    ("a named pipe", |path| {
        let made = Command::new("mkfifo").arg(path).status()?;
        if made.success() { Ok(()) } else { Err(std::io::Error::other("mkfifo failed")) }
    }),
    ("a device without end", |path| symlink("/dev/zero", path)),
    ("a folder", |path| fs::create_dir(path)),
    ("a link to nothing", |path| symlink("nothing", path)),
    ("a link to itself", |path| symlink(path.file_name().unwrap_or_default(), path)),
    ("a file of zeros", |path| File::create(path)?.set_len(EMPTY_LENGTH)),
];

/// Puts each kind in place of each file of the first case of a reader, and returns what is wrong with what the reader makes of it:
/// it must be refused, but for files that are `ignored` where they cannot be read.
///
/// # Panics
/// Where such a file cannot be made.
#[must_use]
pub fn faults(reader: &Reader, ignored: &[&str]) -> Vec<String> {
    let _alone = alone();
    let Case { origin, files } = corpus(reader.corpus).swap_remove(0);
    let folder = trial_folder(reader.name).with_extension("special");
    let mut faults = Vec::new();
    for (kind, put) in KINDS {
        for (name, _) in &files {
            Case { origin: origin.clone(), files: files.clone() }.write(&folder);
            let path = folder.join(name);
            fs::remove_file(&path).expect("a file of the trial can be removed");
            put(&path).expect("such a file can be made");
            let trial = format!("{} with {kind} as {}", reader.name, path.display());
            let attempt = attempt(reader, &trial, &folder, 0, 0);
            faults.extend(attempt.faults.iter().map(|fault| format!("{trial}: {fault}")));
            if matches!(attempt.reading, Some(Ok(_))) && !ignored.iter().any(|part| name.contains(part)) {
                faults.push(format!("{trial}: accepted"));
            }
            // Some of these cannot be read by those who look at what a trial left.
            fs::remove_dir_all(&folder).expect("the folder of a trial can be removed");
        }
    }
    faults
}
