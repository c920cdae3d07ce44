//! Files given as input: regular files only, and nothing read without a bound.
//!
//! A named pipe would be waited for without end, and a device has no end. Both are refused before they are opened.

use crate::FileError;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Opens a regular file for reading. A link to a regular file is followed.
///
/// ```
/// let error = glassbox_trajectories::input::open("/".as_ref()).unwrap_err();
/// assert!(error.to_string().contains("is a folder"), "{error}");
/// ```
///
/// # Errors
/// [`FileError`] for a path that cannot be opened, and for a folder, a named pipe, a socket or a device.
pub fn open(path: &Path) -> Result<File, FileError> {
    let refused = |source| FileError { action: "read", path: path.to_owned(), source };
    regular(&fs::metadata(path).map_err(refused)?).map_err(refused)?;
    let file = File::open(path).map_err(refused)?;
    // The path may have changed hands between the two calls.
    regular(&file.metadata().map_err(refused)?).map_err(refused)?;
    Ok(file)
}

/// Reads a whole regular file of at most `most` bytes.
///
/// # Errors
/// [`FileError`] as [`open`], and for a longer file; the message has both sizes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let refused = |source| FileError { action: "read", path: path.to_owned(), source };
    let file = open(path)?;
    let length = file.metadata().map_err(refused)?.len();
    let mut bytes = Vec::new();
    // A file may grow while it is read, and files of /proc say that they are empty.
    if length <= most {
        bytes
            .try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))
            .map_err(io::Error::other)
            .map_err(refused)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
    }
    let length = length.max(bytes.len() as u64);
    if length > most {
        let message = format!("it has {length} bytes or more; at most {most} are read");
        return Err(refused(io::Error::new(io::ErrorKind::FileTooLarge, message)));
    }
    Ok(bytes)
}

/// Reads a whole text file of at most `most` bytes.
///
/// # Errors
/// [`FileError`] as [`read`], and for a file that is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, FileError> {
    String::from_utf8(read(path, most)?).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let message = format!("byte {place} is not UTF-8; a text file is needed");
        FileError {
            action: "read",
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidData, message),
        }
    })
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let message = format!("it is {}; only a regular file can be read", kind_in_words(kind));
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn kind_in_words(kind: fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() { "a folder" } else { "neither a file nor a folder" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: std::fmt::Debug>(result: Result<T, FileError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(message(read(&path, 4)).ends_with("it has 5 bytes or more; at most 4 are read"));
        assert_eq!(read_text(&path, 5).unwrap(), "12345");
        fs::write(&path, b"12\xff").unwrap();
        assert!(message(read_text(&path, 5)).contains("byte 2 is not UTF-8"));
        assert!(message(open(&folder.path().join("two"))).starts_with("cannot read "));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link] {
            assert!(message(open(path)).contains("it is a named pipe"), "{}", path.display());
        }
        assert!(message(open("/dev/zero".as_ref())).contains("it is a device"));
        // Its length is said to be 0.
        assert!(message(read("/proc/self/status".as_ref(), 10)).contains("it has 11 bytes or more"));
    }
}
