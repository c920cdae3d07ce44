//! The directory of a zip archive, and the header in front of each entry, which must say the same.
//!
//! The zip crate, which writes archives here, reserves memory for as many entries as a directory declares and does not
//! compare the two places where an entry is described. An archive of arrays needs little of the format (APPNOTE 6.3.10,
//! sections 4.3 to 4.5): one disk, no encryption, stored or deflated entries, 64-bit sizes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Most arrays of an archive.
pub(super) const MOST_ENTRIES: u64 = 4096;

/// Most bytes of a directory.
pub(super) const MOST_DIRECTORY_BYTES: u64 = 1 << 22;

/// An entry whose two descriptions agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: Method,
    /// CRC-32 of the unpacked bytes.
    pub(super) checksum: u32,
    /// Bytes in the archive.
    pub(super) packed: u64,
    /// Bytes when unpacked.
    pub(super) size: u64,
    /// Position of the first packed byte in the file.
    pub(super) start: u64,
}

/// How an entry is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: usize = 20;
const END_64_LENGTH: usize = 56;
const CENTRAL_LENGTH: usize = 46;
const LOCAL_LENGTH: usize = 30;

/// Flag of an encrypted entry.
const ENCRYPTED: u16 = 1;
/// Flag of an entry whose checksum and sizes stand behind it.
const DESCRIBED_BEHIND: u16 = 1 << 3;
/// Flag of a name in UTF-8.
const UTF_8: u16 = 1 << 11;

/// Where the directory is, and what it holds.
struct Place {
    entries: u64,
    start: u64,
    length: u64,
}

/// Checksum and sizes of an entry, as one of the places says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    checksum: u32,
    packed: u64,
    size: u64,
}

/// Reads the directory, and the header of each entry; the error says what is wrong, in words.
pub(super) fn read(file: &mut File) -> Result<Vec<Entry>, String> {
    let place = find(file)?;
    if place.entries > MOST_ENTRIES || place.length > MOST_DIRECTORY_BYTES {
        let Place { entries, length, .. } = place;
        return Err(format!(
            "it has {entries} entries in a directory of {length} bytes; at most {MOST_ENTRIES} entries and \
             {MOST_DIRECTORY_BYTES} bytes are read"
        ));
    }
    let directory = bytes_at(file, place.start, usize::try_from(place.length).map_err(|_| CUT)?)?;
    let mut rest = directory.as_slice();
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..place.entries {
        entries.push(entry(file, &mut rest, place.start)?);
    }
    if !rest.is_empty() {
        return Err("its directory holds more than its entries".to_owned());
    }
    Ok(entries)
}

const CUT: &str = "its directory is cut short";

/// Finds the directory by the record at the end of the file.
fn find(file: &mut File) -> Result<Place, String> {
    let length = file.seek(SeekFrom::End(0)).map_err(|error| in_words(&error))?;
    let longest = (END_LENGTH + usize::from(u16::MAX) + LOCATOR_LENGTH) as u64;
    let tail_start = length.saturating_sub(longest);
    let tail = bytes_at(file, tail_start, usize::try_from(length - tail_start).map_err(|_| CUT)?)?;
    // The record ends with a comment, and the comment with the file.
    let is_end = |at: &usize| {
        let record = &tail[*at..];
        record.starts_with(END) && short(record, 20).map(usize::from) == Some(record.len() - END_LENGTH)
    };
    let last = tail.len().checked_sub(END_LENGTH).ok_or("it is too short for an archive")?;
    let at = (0..=last).rev().find(is_end).ok_or("it has no directory of a zip archive at its end")?;
    let record = &tail[at..];
    let field = |at| short(record, at).map(u64::from).ok_or(CUT);
    let wide = |at| word(record, at).map(u64::from).ok_or(CUT);
    let (disks, entries_of_disk, entries) = (field(4)? | field(6)?, field(8)?, field(10)?);
    let (directory_length, start) = (wide(12)?, wide(16)?);
    let mut place = Place { entries, start, length: directory_length };
    let mut end = tail_start + at as u64;
    let locator = at.checked_sub(LOCATOR_LENGTH).map(|at| &tail[at..]);
    if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR_64)) {
        let position = long(locator, 8).ok_or(CUT)?;
        let record_end = end - LOCATOR_LENGTH as u64;
        let record = bytes_at(file, position, END_64_LENGTH)?;
        let field = |at| long(&record, at).ok_or(CUT);
        let announced = field(4)?.checked_add(12).and_then(|length| length.checked_add(position));
        let disks_64 = word(&record, 16).zip(word(&record, 20)).ok_or(CUT)?;
        if !record.starts_with(END_64) || announced != Some(record_end) || disks_64 != (0, 0) {
            return Err("the end of its directory is damaged".to_owned());
        }
        let wider = Place { entries: field(32)?, start: field(48)?, length: field(40)? };
        // A field of the short record is the same, or all ones where it is too narrow.
        let agrees = |narrow: u64, wide: u64, ones: u64| narrow == wide || narrow == ones;
        if field(24)? != wider.entries
            || !agrees(place.entries, wider.entries, u64::from(u16::MAX))
            || !agrees(place.start, wider.start, u64::from(u32::MAX))
            || !agrees(place.length, wider.length, u64::from(u32::MAX))
        {
            return Err("the two ends of its directory disagree".to_owned());
        }
        (place, end) = (wider, position);
    } else if entries_of_disk != entries {
        return Err("it is a part of an archive of several parts".to_owned());
    }
    if disks != 0 {
        return Err("it is a part of an archive of several parts".to_owned());
    }
    if place.start.checked_add(place.length) != Some(end) {
        return Err("its directory is not where its end says: bytes are missing, or too many".to_owned());
    }
    Ok(place)
}

/// Takes one entry of the directory, which starts at `limit`, and compares it with the header in front of the entry.
fn entry(file: &mut File, directory: &mut &[u8], limit: u64) -> Result<Entry, String> {
    let header = take(directory, CENTRAL_LENGTH).filter(|header| header.starts_with(CENTRAL)).ok_or(CUT)?;
    let field = |at| short(header, at).ok_or(CUT);
    let (flags, method) = (field(8)?, field(10)?);
    let raw_name = take(directory, usize::from(field(28)?)).ok_or(CUT)?;
    let extra = take(directory, usize::from(field(30)?)).ok_or(CUT)?;
    take(directory, usize::from(field(32)?)).ok_or(CUT)?;
    let name = String::from_utf8_lossy(raw_name).into_owned();
    let wrong = |what: &str| format!("entry '{}' {what}", name.escape_debug());
    let mut wide = [
        word(header, 24).map(u64::from).ok_or(CUT)?,
        word(header, 20).map(u64::from).ok_or(CUT)?,
        word(header, 42).map(u64::from).ok_or(CUT)?,
    ];
    widen(extra, &mut wide).ok_or_else(|| wrong("has damaged sizes in the directory"))?;
    let [size, packed, position] = wide;
    let extent = Extent { checksum: word(header, 16).ok_or(CUT)?, packed, size };

    if position >= limit {
        return Err(wrong("lies behind the directory"));
    }
    let local = bytes_at(file, position, LOCAL_LENGTH)?;
    if !local.starts_with(LOCAL) {
        return Err(wrong("is not where the directory says"));
    }
    let field = |at| short(&local, at).ok_or(CUT);
    let (name_length, extra_length) = (usize::from(field(26)?), usize::from(field(28)?));
    let described = bytes_at(file, position + LOCAL_LENGTH as u64, name_length + extra_length)?;
    let (local_name, local_extra) = described.split_at(name_length);
    if local_name != raw_name {
        let other = String::from_utf8_lossy(local_name).escape_debug().to_string();
        return Err(wrong(&format!(
            "of the directory is called '{other}' in its own header: the archive is damaged"
        )));
    }
    let compared = ENCRYPTED | DESCRIBED_BEHIND | UTF_8;
    if field(8)? != method || field(6)? & compared != flags & compared {
        return Err(wrong(
            "is packed otherwise in its own header than in the directory: the archive is damaged",
        ));
    }
    if flags & ENCRYPTED != 0 {
        return Err(wrong("is encrypted"));
    }
    let method = match method {
        0 => Method::Stored,
        8 => Method::Deflated,
        other => {
            return Err(wrong(&format!("is packed by method {other}; 0 (stored) and 8 (deflated) are read")));
        }
    };
    let mut wide = [word(&local, 22).map(u64::from).ok_or(CUT)?, word(&local, 18).map(u64::from).ok_or(CUT)?];
    widen(local_extra, &mut wide).ok_or_else(|| wrong("has damaged sizes in its own header"))?;
    let own = Extent { checksum: word(&local, 14).ok_or(CUT)?, size: wide[0], packed: wide[1] };
    let start = position + (LOCAL_LENGTH + described.len()) as u64;
    let end = start.checked_add(packed).filter(|end| *end <= limit);
    let end = end.ok_or_else(|| wrong("reaches beyond the start of the directory"))?;
    let behind = flags & DESCRIBED_BEHIND != 0;
    // What was not known when the header was written is 0 there, and stands behind the entry.
    let agrees = |own: u64, other: u64| own == other || behind && own == 0;
    let agree = agrees(own.checksum.into(), extent.checksum.into())
        && agrees(own.packed, extent.packed)
        && agrees(own.size, extent.size);
    if !agree || behind && !descriptor_agrees(file, end, limit, extent)? {
        return Err(wrong("has other sizes or another checksum in its own header than in the directory"));
    }
    if method == Method::Stored && packed != size {
        return Err(wrong(&format!("is stored, with {packed} bytes for {size}")));
    }
    Ok(Entry { name, method, checksum: extent.checksum, packed, size, start })
}

/// Whether what stands behind an entry says the same: a checksum and two sizes of 4 or 8 bytes, with or without a
/// signature.
fn descriptor_agrees(file: &mut File, start: u64, limit: u64, extent: Extent) -> Result<bool, String> {
    let length = usize::try_from((limit - start).min(24)).map_err(|_| CUT)?;
    let bytes = bytes_at(file, start, length)?;
    let says_the_same = |bytes: &[u8]| {
        let narrow = || Some((u64::from(word(bytes, 4)?), u64::from(word(bytes, 8)?)));
        let wide = || Some((long(bytes, 4)?, long(bytes, 12)?));
        let sizes = Some((extent.packed, extent.size));
        word(bytes, 0) == Some(extent.checksum) && (narrow() == sizes || wide() == sizes)
    };
    Ok(says_the_same(&bytes) || bytes.strip_prefix(DESCRIPTOR).is_some_and(says_the_same))
}

/// Replaces those of `fields` that are all ones by their 64-bit values in the extra fields, which keep their order.
fn widen(mut extra: &[u8], fields: &mut [u64]) -> Option<()> {
    let ones = u64::from(u32::MAX);
    while fields.contains(&ones) {
        let (kind, length) = (short(extra, 0)?, usize::from(short(extra, 2)?));
        take(&mut extra, 4)?;
        let mut values = take(&mut extra, length)?;
        if kind == 1 {
            for field in fields.iter_mut().filter(|field| **field == ones) {
                *field = long(take(&mut values, 8)?, 0)?;
            }
            return Some(());
        }
    }
    Some(())
}

/// Reads `length` bytes at `position`; `length` is bounded by the caller.
fn bytes_at(file: &mut File, position: u64, length: usize) -> Result<Vec<u8>, String> {
    file.seek(SeekFrom::Start(position)).map_err(|error| in_words(&error))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).map_err(|error| in_words(&error))?;
    Ok(bytes)
}

fn in_words(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof { CUT.to_owned() } else { error.to_string() }
}

/// Takes `length` bytes from the front.
fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
