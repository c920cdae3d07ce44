//! The bytes of an entry, unpacked as they are read, with their checksum.

use super::directory::{Entry, Method};
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

/// Packed bytes read at once.
const PACKED_BLOCK: usize = 1 << 17;

/// Unpacked bytes skipped at once.
const SKIPPED_BLOCK: usize = 1 << 16;

/// An entry that is being read.
pub(super) struct EntryBytes {
    source: Source,
    entry: Entry,
    /// Unpacked bytes before the next one.
    position: u64,
    checksum: Checksum,
    skipped: bool,
}

enum Source {
    Stored(File),
    Deflated { decoder: Box<DeflateDecoder<BufReader<Take<File>>>>, skipped: Vec<u8> },
}

impl EntryBytes {
    /// Begins to read `entry` of `file`.
    pub(super) fn new(mut file: File, entry: Entry) -> io::Result<Self> {
        file.seek(SeekFrom::Start(entry.start))?;
        let source = match entry.method {
            Method::Stored => Source::Stored(file),
            Method::Deflated => {
                let packed = BufReader::with_capacity(PACKED_BLOCK, file.take(entry.packed));
                Source::Deflated { decoder: Box::new(DeflateDecoder::new(packed)), skipped: Vec::new() }
            }
        };
        Ok(Self { source, entry, position: 0, checksum: Checksum::default(), skipped: false })
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> u64 {
        self.entry.size - self.position
    }

    /// Reads the next bytes.
    pub(super) fn read_exact(&mut self, into: &mut [u8]) -> io::Result<()> {
        if into.len() as u64 > self.left() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match &mut self.source {
            Source::Stored(file) => file.read_exact(into)?,
            Source::Deflated { decoder, .. } => decoder.read_exact(into)?,
        }
        self.position += into.len() as u64;
        self.checksum.update(into);
        Ok(())
    }

    /// Skips the next `count` bytes. Those of a deflated entry are unpacked and belong to its checksum all the same.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<()> {
        if count > self.left() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match &mut self.source {
            Source::Stored(file) => {
                file.seek(SeekFrom::Start(self.entry.start + self.position + count))?;
                self.checksum.skip(count);
                self.skipped |= count > 0;
            }
            Source::Deflated { decoder, skipped } => {
                let mut left = count;
                while left > 0 {
                    skipped.resize(usize::try_from(left).unwrap_or(usize::MAX).min(SKIPPED_BLOCK), 0);
                    decoder.read_exact(skipped)?;
                    self.checksum.update(skipped);
                    left -= skipped.len() as u64;
                }
            }
        }
        self.position += count;
        Ok(())
    }

    /// Begins the part of the checksum that [`end`](Self::end) returns here: what was read before is in another part.
    pub(super) fn begin_part(&mut self) {
        if matches!(self.source, Source::Stored(_)) {
            self.checksum = Checksum::of_nothing();
            self.skipped = true;
        }
    }

    /// Verifies the checksum at the end of the entry. Where bytes were skipped unread, it returns the part of the checksum of
    /// those that were read: see [`parts_agree`].
    pub(super) fn end(&mut self) -> io::Result<Option<u32>> {
        if self.left() > 0 {
            return Err(damaged("holds more bytes than were read"));
        }
        if let Source::Deflated { decoder, .. } = &mut self.source {
            if decoder.read(&mut [0])? > 0 {
                return Err(damaged("unpacks to more bytes than the directory says"));
            }
            if decoder.total_in() != self.entry.packed {
                return Err(damaged("is packed in fewer bytes than the directory says"));
            }
        }
        if self.skipped {
            return Ok(Some(self.checksum.part()));
        }
        if self.checksum.whole() != self.entry.checksum {
            return Err(damaged("has another checksum than the directory says"));
        }
        Ok(None)
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Whether parts of the checksum of an entry, of which each byte is in exactly one, give `checksum`.
pub(super) fn parts_agree(parts: impl Iterator<Item = u32>, checksum: u32) -> bool {
    !parts.fold(0, |register, part| register ^ part) == checksum
}

/// A CRC-32 on its way. Its register is linear in the bytes, so that parts of it can be added up.
struct Checksum(Hasher);

impl Default for Checksum {
    fn default() -> Self {
        Self(Hasher::new())
    }
}

impl Checksum {
    /// A register of zeros, as if nothing but zeros had been read. At the start of an entry it is of ones.
    fn of_nothing() -> Self {
        Self::of_register(0)
    }

    /// crc32fast keeps the register inverted.
    fn of_register(register: u32) -> Self {
        Self(Hasher::new_with_initial(!register))
    }

    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// As if `count` zeros had been read.
    fn skip(&mut self, count: u64) {
        *self = Self::of_register(shifted(self.part(), count));
    }

    fn part(&self) -> u32 {
        !self.whole()
    }

    fn whole(&self) -> u32 {
        self.0.clone().finalize()
    }
}

/// The register after `count` more zeros.
fn shifted(register: u32, count: u64) -> u32 {
    let mut hasher = Hasher::new_with_initial_len(register, 0);
    hasher.combine(&Hasher::new_with_initial_len(0, count));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: the checksum of all bytes at once.
    #[test]
    fn parts_of_a_checksum_add_up() {
        let bytes: Vec<u8> = (0..1000_u32).map(|index| (index * index % 251) as u8).collect();
        let expected = crc32fast::hash(&bytes);
        let part = |start: Checksum, read: &dyn Fn(usize) -> bool| {
            let mut checksum = start;
            for (index, byte) in bytes.iter().enumerate() {
                if read(index) { checksum.update(&[*byte]) } else { checksum.skip(1) }
            }
            checksum.part()
        };
        let parts = [
            part(Checksum::default(), &|index| index / 7 % 3 == 0),
            part(Checksum::of_nothing(), &|index| index / 7 % 3 == 1),
            part(Checksum::of_nothing(), &|index| index / 7 % 3 == 2),
        ];
        assert!(parts_agree(parts.into_iter(), expected));
        assert!(!parts_agree(parts.into_iter().take(2), expected));
        assert!(!parts_agree([parts[0], parts[1], parts[2] ^ 1].into_iter(), expected));
        let mut skipped = Checksum::default();
        skipped.update(&bytes[..10]);
        skipped.skip(20);
        assert_eq!(skipped.whole(), crc32fast::hash(&[&bytes[..10], &[0; 20]].concat()));
    }
}
