//! Files that a user names as output: what they may be, and how they are written.
//!
//! A regular file is replaced whole or not at all. What is not a regular file (a device such as `/dev/null`, a named pipe, a
//! terminal, `/dev/stdout` whatever it is connected to) is written into and never replaced. A link to a regular file is refused:
//! neither the link nor what it points to is known to be the user's wish. A disk (block device) is refused.

#![allow(
    clippy::disallowed_methods,
    reason = "standard output and standard error are outputs that a path may name"
)]

use crate::whole_file::{PartialFile, write_whole};
use crate::{FileError, printable};
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where bytes for a path go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    /// A regular file, there or not: replaced whole.
    File,
    StandardOutput,
    StandardError,
    /// Anything else that can be opened for writing.
    Stream,
}

/// Writes `bytes` where `path` says, as the [module](self) describes. A reader of a pipe that has closed its end is not an error.
///
/// # Errors
/// [`FileError`] that names `path`; a regular file is then as it was.
pub fn write_output(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let refused = |source| FileError { action: "write", path: path.to_owned(), source };
    let written = match destination(path).map_err(refused)? {
        Destination::File => return write_whole(path, bytes),
        Destination::StandardOutput => write_standard_output(bytes),
        Destination::StandardError => write_into(io::stderr().lock(), bytes),
        Destination::Stream => {
            let stream = File::options().write(true).truncate(true).open(path);
            stream.and_then(|stream| write_into(stream, bytes))
        }
    };
    written.map_err(refused)
}

/// Writes `bytes` to standard output, to the end. A reader of a pipe that has closed its end is not an error.
///
/// # Errors
/// What the system said.
pub fn write_standard_output(bytes: &[u8]) -> io::Result<()> {
    write_into(io::stdout().lock(), bytes)
}

fn write_into(mut stream: impl Write, bytes: &[u8]) -> io::Result<()> {
    match stream.write_all(bytes).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn destination(path: &Path) -> io::Result<Destination> {
    /// As many as Linux follows.
    const MOST_LINKS: u32 = 40;
    let invalid = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    if path.file_name().is_none() && !path.is_dir() {
        return invalid("it does not name a file".to_owned());
    }
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Some(descriptor) = descriptor(&place) {
            return Ok(descriptor);
        }
        let is_link = place != path;
        let metadata = match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_link => {
                return Ok(Destination::File);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            metadata => Some(metadata?),
        };
        match metadata.map(|metadata| metadata.file_type()) {
            Some(kind) if kind.is_symlink() => {
                let target = fs::read_link(&place)?;
                place = place.parent().unwrap_or("".as_ref()).join(target);
            }
            Some(kind) if kind.is_dir() => return invalid("it is a folder; it must be a file".to_owned()),
            Some(kind) if is_block_device(kind) => {
                return invalid("it is a disk (a block device)".to_owned());
            }
            Some(kind) if !kind.is_file() => return Ok(Destination::Stream),
            _ if is_link => {
                let target = place.display().to_string();
                return invalid(format!("it is a link to {}; name that file itself", printable(&target)));
            }
            _ => return Ok(Destination::File),
        }
    }
    invalid("too many links".to_owned())
}

/// The open file of a process that a name in `/proc/PID/fd` or `/dev/fd` is. Such a name may stand for a regular file, which must
/// be written where the process that opened it has got to, not replaced.
fn descriptor(place: &Path) -> Option<Destination> {
    let number: u32 = place.file_name()?.to_str()?.parse().ok()?;
    let folder = place.parent()?.canonicalize().ok()?;
    let mut parts = folder.iter().skip(1).map(|part| part.to_str().unwrap_or_default());
    let (root, process) = (parts.next()?, parts.next()?);
    let is_own = match (root, folder.file_name()?.to_str()?) {
        ("proc", "fd") => process.parse() == Ok(std::process::id()),
        ("dev", "fd") => true,
        _ => return None,
    };
    Some(match number {
        1 if is_own => Destination::StandardOutput,
        2 if is_own => Destination::StandardError,
        _ => Destination::Stream,
    })
}

#[cfg(unix)]
fn is_block_device(kind: fs::FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&kind)
}

#[cfg(not(unix))]
fn is_block_device(_: fs::FileType) -> bool {
    false
}

/// Which file a path is, however it is written: links and hard links of one file are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    /// Device and inode of a regular file.
    #[cfg(unix)]
    Inode(u64, u64),
    /// The path with all links resolved; where there is no file yet, its folder and its name.
    Path(PathBuf),
}

impl Identity {
    /// `None` where nothing could be replaced: a folder, a device, a pipe.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(metadata) => Self::of_file(&metadata, path),
            Err(_) => Some(Self::Path(folder_of(path).canonicalize().ok()?.join(path.file_name()?))),
        }
    }

    fn of_file(metadata: &Metadata, path: &Path) -> Option<Self> {
        if !metadata.is_file() {
            return None;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let _ = path;
            Some(Self::Inode(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        path.canonicalize().ok().map(Self::Path)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(".".as_ref())
}

/// The regular files that standard output and standard error are redirected to.
#[cfg(unix)]
fn redirections() -> Vec<(&'static str, Identity)> {
    use std::os::fd::AsFd as _;
    let streams = [
        ("standard output", io::stdout().as_fd().try_clone_to_owned()),
        ("standard error", io::stderr().as_fd().try_clone_to_owned()),
    ];
    let identity = |(name, stream): (_, io::Result<std::os::fd::OwnedFd>)| {
        let metadata = File::from(stream.ok()?).metadata().ok()?;
        Some((name, Identity::of_file(&metadata, "".as_ref())?))
    };
    streams.into_iter().filter_map(identity).collect()
}

#[cfg(not(unix))]
fn redirections() -> Vec<(&'static str, Identity)> {
    Vec::new()
}

/// Why a file cannot be an output.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file cannot be written.
    #[error("{option}: {error}")]
    File {
        /// The option that names it.
        option: String,
        /// The file and what the system said.
        error: FileError,
    },
    /// The output would replace what is read.
    #[error(
        "{output}: it is the same file as {input}, which is read; an output must not replace an input. Name another file"
    )]
    Input {
        /// Option and file of the output.
        output: String,
        /// File of the input.
        input: String,
    },
    /// One output would replace another.
    #[error("{output}: {other} is written to the same file. Name another file")]
    Repeated {
        /// Option and file of the output.
        output: String,
        /// The other one.
        other: String,
    },
    /// The output lies in a folder whose files belong together.
    #[error("{output}: the folder {} holds {content}. Name a file elsewhere", folder.display())]
    Reserved {
        /// Option and file of the output.
        output: String,
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        content: &'static str,
    },
}

/// The outputs of a command, compared with its inputs and with each other before any work is done.
///
/// ```no_run
/// use glassbox_trajectories::output::Outputs;
/// let mut outputs = Outputs::beside(["run.npz".as_ref()])?;
/// outputs.add_file("--json", "verdicts.json".as_ref())?;
/// # Ok::<(), glassbox_trajectories::output::OutputError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Outputs {
    inputs: Vec<(String, Identity)>,
    outputs: Vec<(String, Identity)>,
    reserved: Vec<(PathBuf, &'static str)>,
}

impl Outputs {
    /// The outputs of a command that reads these files. Standard output and standard error are the first two.
    ///
    /// # Errors
    /// [`OutputError::Input`] where one of these is redirected to an input.
    pub fn beside<'a>(inputs: impl IntoIterator<Item = &'a Path>) -> Result<Self, OutputError> {
        let inputs =
            inputs.into_iter().filter_map(|path| Some((path.display().to_string(), Identity::of(path)?)));
        let mut all = Self { inputs: inputs.collect(), outputs: Vec::new(), reserved: Vec::new() };
        let redirections = redirections();
        for (name, identity) in &redirections {
            all.compare(name, identity)?;
        }
        all.outputs = redirections.into_iter().map(|(name, identity)| (name.to_owned(), identity)).collect();
        Ok(all)
    }

    /// Adds a file that a user names with `option`.
    ///
    /// # Errors
    /// [`OutputError`] for an input, another output, a file in a [reserved](Self::reserve) folder, and a file that
    /// [`write_output`] could not write.
    pub fn add_file(&mut self, option: &str, path: &Path) -> Result<(), OutputError> {
        let refused = |error| OutputError::File { option: option.to_owned(), error };
        let output = format!("{option} {}", path.display());
        let destination = destination(path);
        let is_standard = matches!(destination, Ok(Destination::StandardOutput | Destination::StandardError));
        // Which input it is says more than that it is a link.
        if let Some(identity) = Identity::of(path).filter(|_| !is_standard) {
            self.compare(&output, &identity)?;
        }
        let destination = destination
            .map_err(|source| refused(FileError { action: "write", path: path.to_owned(), source }))?;
        match destination {
            // Compared with the inputs from the beginning.
            Destination::StandardOutput | Destination::StandardError => return Ok(()),
            Destination::Stream => {}
            // Begun and given up: the folder is there and may be written.
            Destination::File => drop(PartialFile::create(path).map_err(refused)?),
        }
        self.add_replaced(&output, path)
    }

    /// Adds a file that is written without being named: one of the files of a report.
    ///
    /// # Errors
    /// As [`add_file`](Self::add_file), save that nothing is said about whether it can be written.
    pub fn add_replaced(&mut self, output: &str, path: &Path) -> Result<(), OutputError> {
        let folder = folder_of(path).canonicalize().unwrap_or_default();
        if let Some((reserved, content)) =
            self.reserved.iter().find(|(reserved, _)| folder.starts_with(reserved))
        {
            let (output, folder) = (output.to_owned(), reserved.clone());
            return Err(OutputError::Reserved { output, folder, content });
        }
        let Some(identity) = Identity::of(path) else { return Ok(()) };
        self.compare(output, &identity)?;
        self.outputs.push((output.to_owned(), identity));
        Ok(())
    }

    /// Keeps outputs that are added later out of a folder, if it is there: it has `content`.
    pub fn reserve(&mut self, folder: &Path, content: &'static str) {
        self.reserved.extend(folder.canonicalize().ok().map(|folder| (folder, content)));
    }

    fn compare(&self, output: &str, identity: &Identity) -> Result<(), OutputError> {
        let same = |all: &[(String, Identity)]| {
            all.iter().find(|(_, other)| other == identity).map(|(name, _)| name.clone())
        };
        let output = output.to_owned();
        if let Some(input) = same(&self.inputs) {
            return Err(OutputError::Input { output, input });
        }
        match same(&self.outputs) {
            Some(other) => Err(OutputError::Repeated { output, other }),
            None => Ok(()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_replaced_whole_and_links_to_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_output(&path("one"), b"first").unwrap();
        write_output(&path("one"), b"second").unwrap();
        assert_eq!(fs::read(path("one")).unwrap(), b"second");
        symlink("one", path("link")).unwrap();
        symlink("link", path("chain")).unwrap();
        symlink("nothing", path("dangling")).unwrap();
        symlink("loop", path("loop")).unwrap();
        let refusal = |name: &str| write_output(&path(name), b"third").unwrap_err().to_string();
        for (name, target) in [("link", "one"), ("chain", "one"), ("dangling", "nothing")] {
            assert!(
                refusal(name).contains(&format!("/{target}; name that file itself")),
                "{}",
                refusal(name)
            );
        }
        assert!(refusal("loop").ends_with("too many links"));
        assert!(write_output(folder.path(), b"").unwrap_err().to_string().contains("it is a folder"));
        assert!(write_output("".as_ref(), b"").unwrap_err().to_string().contains("does not name a file"));
        assert_eq!(fs::read(path("one")).unwrap(), b"second");
        assert!(!path("nothing").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn devices_and_pipes_are_written_into() {
        let folder = tempfile::tempdir().unwrap();
        write_output("/dev/null".as_ref(), b"gone").unwrap();
        symlink("/dev/null", folder.path().join("null")).unwrap();
        write_output(&folder.path().join("null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        assert!(fs::symlink_metadata(folder.path().join("null")).unwrap().is_symlink());
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_output(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(!fs::metadata(&pipe).unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_descriptor_stands_for_is_not_replaced() {
        use std::os::fd::AsRawFd as _;
        assert_eq!(destination("/dev/stdout".as_ref()).unwrap(), Destination::StandardOutput);
        assert_eq!(destination("/dev/fd/2".as_ref()).unwrap(), Destination::StandardError);
        assert!(
            write_output("/dev/full".as_ref(), b"one")
                .unwrap_err()
                .to_string()
                .contains("cannot write /dev/full")
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        let file = File::create(&path).unwrap();
        write_output(format!("/proc/self/fd/{}", file.as_raw_fd()).as_ref(), b"bytes").unwrap();
        assert_eq!(file.metadata().unwrap().len(), 5);
    }

    #[test]
    fn outputs_differ_from_inputs_and_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("inner")).unwrap();
        fs::write(path("input"), b"").unwrap();
        fs::write(path("other"), b"").unwrap();
        fs::hard_link(path("input"), path("hard")).unwrap();
        symlink("inner", path("door")).unwrap();
        let begin = || Outputs::beside([path("input").as_path(), path("not there").as_path()]).unwrap();
        let mut outputs = begin();
        symlink("input", path("soft")).unwrap();
        for same in [path("input"), path("inner/../input"), path("hard"), path("soft")] {
            let error = outputs.add_file("--json", &same).unwrap_err();
            assert!(matches!(error, OutputError::Input { .. }), "{error}");
            assert!(
                error.to_string().starts_with("--json ")
                    && error.to_string().contains("input, which is read")
            );
        }
        outputs.add_file("--out", &path("inner/new")).unwrap();
        outputs.add_file("--out", &path("other")).unwrap();
        for again in [path("inner/new"), path("door/new"), path("./other")] {
            let error = outputs.add_file("--json", &again).unwrap_err();
            assert!(matches!(error, OutputError::Repeated { .. }), "{error}");
        }
        outputs.add_file("--json", "/dev/null".as_ref()).unwrap();
        outputs.add_file("--out", "/dev/null".as_ref()).unwrap();
        outputs.reserve(&path("inner"), "the figures");
        let error = outputs.add_file("--json", &path("door/another")).unwrap_err().to_string();
        assert!(error.contains("inner holds the figures"), "{error}");
        assert!(matches!(begin().add_file("--json", &path("none/one")), Err(OutputError::File { .. })));
        assert_eq!(fs::read_dir(path("inner")).unwrap().count(), 0, "only asked for");
    }
}
