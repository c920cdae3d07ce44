//! Files that are there whole or not at all.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// What the file system refused, and where.
pub(crate) struct Refused {
    pub(crate) action: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// A name of this process that no other one has, on any machine: letters, digits and hyphens.
pub(crate) fn token() -> String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    let make = || {
        let pid = std::process::id();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // An address of this process's memory is random too where the boot cannot be read.
        let place = std::ptr::from_ref(&TOKEN) as usize;
        let digest = Sha256::digest(format!("{boot} {pid} {} {place}", now.as_nanos()));
        let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{pid}-{digits}")
    };
    TOKEN.get_or_init(make).clone()
}

/// A temporary file beside `path` (`.NAME.TOKEN.partial`), synchronised, then renamed: a reader never sees half a file, and
/// processes that share a folder never share a temporary file.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Refused> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.partial", token()));
    let refused = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Refused { action, path, source }
    };
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(refused("write", &temporary))
        .and_then(|()| fs::rename(&temporary, path).map_err(refused("replace", path)));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}
