//! Files that are there whole or not at all.

use crate::FileError;
use crate::process::Process;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file on its way: `.NAME.COUNT.TOKEN.partial` beside its place, gone again unless it is [put there](Self::put). Of a long name
/// only the beginning is kept, so that a name as long as the file system allows can be written.
///
/// The [token] tells processes apart and the count what one process writes, so that many threads of many machines may write
/// the same file of a shared file system.
pub struct PartialFile {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    placed: bool,
}

impl PartialFile {
    /// Begins a file that will have this path.
    ///
    /// # Errors
    /// [`FileError`] where no file can be made beside it.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_file_name(format!(".{}.{count}.{}.partial", beginning(&name), token()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
            .map_err(|source| FileError { action: "write", path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), temporary, file, placed: false })
    }

    /// Where to write; unbuffered.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Sees to it that what was written is on the disk. [`put`](Self::put) is then all that can still fail.
    pub fn synchronise(&self) -> Result<(), FileError> {
        self.file.sync_all().map_err(|source| self.refused(source))
    }

    /// Gives the file its name, in place of one that had it.
    pub fn put(mut self) -> Result<(), FileError> {
        let renamed = fs::rename(&self.temporary, &self.path);
        self.placed = renamed.is_ok();
        renamed.map_err(|source| FileError { action: "replace", path: self.path.clone(), source })?;
        // The name outlives a power failure too, where the system can see to that.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// The refusal of something that was written to it. It names the file that was asked for: nobody knows the temporary one.
    pub fn refused(&self, source: io::Error) -> FileError {
        FileError { action: "write", path: self.path.clone(), source }
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.placed {
            // Why it is not wanted any more is what is reported.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Bytes of a name that its temporary file keeps: with count and token it stays under the 255 bytes that file systems allow.
const KEPT_OF_NAME: usize = 100;

fn beginning(name: &str) -> &str {
    let mut end = name.len().min(KEPT_OF_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// A temporary file beside `path`, synchronised, then renamed: a reader never sees half a file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// The same of what `write` writes, piece by piece.
pub fn write_whole_with(
    path: &Path,
    write: impl Fn(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), FileError> {
    match write_once(path, &write) {
        // Another machine took this process for dead, and removed what it had begun.
        Err(refused) if refused.source.kind() == io::ErrorKind::NotFound => write_once(path, &write),
        written => written,
    }
}

fn write_once(path: &Path, write: impl Fn(&mut BufWriter<&File>) -> io::Result<()>) -> Result<(), FileError> {
    let partial = PartialFile::create(path)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, partial.file());
    let written = write(&mut buffered).and_then(|()| buffered.flush());
    // Its destructor would try again to write.
    drop(buffered.into_parts());
    written.map_err(|source| partial.refused(source))?;
    partial.synchronise()?;
    partial.put()
}

/// A name of this process that no other one has, on any machine: letters, digits and hyphens. It tells by itself which process
/// it is, so that what a dead one left is known for it where it left nothing else.
pub fn token() -> &'static str {
    static TOKEN: OnceLock<String> = OnceLock::new();
    // Keyed by the operating system's randomness; nothing that is computed depends on it.
    TOKEN.get_or_init(|| {
        let random = RandomState::new().hash_one(std::process::id());
        format!("{}-{random:016x}", Process::own().mark())
    })
}

/// Whether a text has the form of a [token]: machine (16 hexadecimal digits, or 0 where the system does not tell it), number
/// and start of the process, and 16 hexadecimal digits, with hyphens between.
///
/// ```
/// use glassbox_trajectories::whole_file::{is_token, token};
/// assert!(is_token(token()) && !is_token("payroll.csv"));
/// ```
#[must_use]
pub fn is_token(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [machine, pid, start, random] = parts[..] else { return false };
    let hexadecimal =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = |text: &str| text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    (machine == "0" || hexadecimal(machine)) && number(pid) && number(start) && hexadecimal(random)
}

/// Of the name of a [partial file](PartialFile), the name that the whole file would have and the [token] of the process that
/// began it; `None` for every other name.
///
/// ```
/// use glassbox_trajectories::whole_file::{parts_of_partial, token};
/// let name = format!(".run.npz.7.{}.partial", token());
/// assert_eq!(parts_of_partial(&name), Some(("run.npz", token())));
/// assert_eq!(parts_of_partial(".draft.1.partial"), None);
/// ```
#[must_use]
pub fn parts_of_partial(name: &str) -> Option<(&str, &str)> {
    let (rest, token) = name.strip_prefix('.')?.strip_suffix(".partial")?.rsplit_once('.')?;
    let (whole, count) = rest.rsplit_once('.')?;
    let counted = count.parse::<u64>().is_ok_and(|number| number.to_string() == count);
    (counted && is_token(token) && !whole.is_empty()).then_some((whole, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let refusal = write_whole_with(&path, |file| {
            file.write_all(&[0; 100_000])?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert_eq!((refusal.action, refusal.source.kind()), ("write", io::ErrorKind::StorageFull));
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_reported() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut buffered = BufWriter::new(&full);
        buffered.write_all(b"bytes").unwrap();
        assert_eq!(buffered.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
        drop(buffered.into_parts());
    }

    #[test]
    fn no_two_temporaries_share_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        let files: Vec<_> = (0..3).map(|_| PartialFile::create(&path).unwrap()).collect();
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 3);
        assert!(
            names
                .iter()
                .all(|name| name.starts_with(".one.") && name.ends_with(&format!(".{}.partial", token()))),
            "{names:?}"
        );
        assert!(names.iter().all(|name| parts_of_partial(name) == Some(("one", token()))));
        drop(files);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_longest_name_is_written_and_messages_name_the_file_itself() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x".repeat(255), "é".repeat(127), format!("{}é", "x".repeat(99))] {
            let path = folder.path().join(&name);
            write_whole(&path, b"bytes").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"bytes");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        let refusal = write_whole(&folder.path().join("none/one"), b"").unwrap_err();
        assert_eq!(refusal.path, folder.path().join("none/one"));
    }

    #[test]
    fn names_that_no_process_made_are_not_taken_for_partial_files() {
        let sound = "0123456789abcdef-12-34-0123456789abcdef";
        assert!(is_token(sound) && is_token("0-12-0-0123456789abcdef"));
        for token in [
            "",
            "payroll.csv",
            "a-1-2-3",
            "0123456789ABCDEF-12-34-0123456789abcdef",
            "0123456789abcdef-012-34-0123456789abcdef",
            "0123456789abcdef-+12-34-0123456789abcdef",
            "0123456789abcdef-12-34-0123456789abcdef-5",
            "0123456789abcdef-12-34-0123456789abcdef\n",
            "../123456789abcde-12-34-0123456789abcdef",
        ] {
            assert!(!is_token(token), "{token}");
            assert_eq!(parts_of_partial(&format!(".one.1.{token}.partial")), None, "{token}");
        }
        for name in ["one.safetensors", ".draft.1.partial", ".one.partial", "..1.partial"] {
            assert_eq!(parts_of_partial(name), None, "{name}");
        }
        for name in ["one.1.TOKEN.partial", ".one.x.TOKEN.partial", ".1.TOKEN.partial", ".one.1.TOKEN"] {
            assert_eq!(parts_of_partial(&name.replace("TOKEN", sound)), None, "{name}");
        }
    }

    #[test]
    fn many_threads_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        std::thread::scope(|scope| {
            for byte in 0..8_u8 {
                let path = &path;
                scope.spawn(move || (0..50).for_each(|_| write_whole(path, &[byte; 10_000]).unwrap()));
            }
        });
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.len() == 10_000 && bytes.iter().all(|byte| *byte == bytes[0]));
    }
}
