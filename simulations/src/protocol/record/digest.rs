//! The digest that covers a whole record, its head included.

use super::layout::Layout;
use super::{Head, RecordError, refused};
use glassbox_trajectories::input;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// What stands before the digits, in the escaped text of the head. The first of the file: the task comes after.
const BEFORE: &[u8] = br#"\"digest\":\""#;

/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// Bytes of a file that are in memory at a time.
const PIECE: usize = 1 << 16;

/// Where the digits stand in the bytes before the data.
pub(super) fn place(opening: &[u8]) -> Option<Range<usize>> {
    let from = opening.windows(BEFORE.len()).position(|window| window == BEFORE)? + BEFORE.len();
    (from + DIGITS <= opening.len()).then_some(from..from + DIGITS)
}

/// A digest that has taken in the bytes before the data, with zeros in place of the digits.
pub(super) fn begun(opening: &[u8], place: &Range<usize>) -> Sha256 {
    let mut digest = Sha256::new();
    digest.update(&opening[..place.start]);
    digest.update([b'0'; DIGITS]);
    digest.update(&opening[place.end..]);
    digest
}

pub(super) fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a record or checkpoint is, bit by bit, what was written; in constant memory.
///
/// ```no_run
/// use glassbox_simulations::protocol::verify;
/// let head = verify("records/ab/quench-0123456789abcdef.safetensors".as_ref())?;
/// println!("computed with {} by version {}", head.instruction_set, head.version);
/// # Ok::<(), glassbox_simulations::protocol::RecordError>(())
/// ```
///
/// # Errors
/// [`RecordError::Damaged`] with what is wrong; [`RecordError::File`] where the file system refuses.
pub fn verify(path: &Path) -> Result<Head, RecordError> {
    let mut file = input::open(path)?;
    verified(&mut file, path).map(|layout| layout.head)
}

/// The layout of an open file whose digest is right.
pub(super) fn verified(file: &mut File, path: &Path) -> Result<Layout, RecordError> {
    let damaged = |problem: String| RecordError::Damaged { path: path.to_owned(), problem };
    let layout = Layout::read(file, path)?;
    let place = place(&layout.opening).ok_or_else(|| damaged("its head has no digest".to_owned()))?;
    let found = of_file(&layout.opening, &place, file, path)?;
    // The digits of the file itself, not as JSON would read them: each has one spelling.
    if layout.opening[place] != *found.as_bytes() || layout.head.digest != found {
        let problem = format!("is altered: its digest is {found}, its head says {}", layout.head.digest);
        return Err(damaged(problem));
    }
    Ok(layout)
}

/// Whether the digest is right of an open file with this opening, whatever its format.
pub(super) fn holds(opening: &[u8], file: &mut File, path: &Path) -> Result<bool, RecordError> {
    let Some(place) = place(opening) else { return Ok(true) };
    Ok(opening[place.clone()] == *of_file(opening, &place, file, path)?.as_bytes())
}

/// The digest of an open file.
fn of_file(
    opening: &[u8],
    place: &Range<usize>,
    file: &mut File,
    path: &Path,
) -> Result<String, RecordError> {
    let mut digest = begun(opening, place);
    file.seek(SeekFrom::Start(opening.len() as u64)).map_err(refused("read", path))?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hexadecimal(digest)),
            Ok(read) => digest.update(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refused("read", path)(error)),
        }
    }
}
