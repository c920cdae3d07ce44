//! Archives of zip: the sizes, names and methods that they say, and archives made anew around damaged arrays.

use super::Mutator;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Place of a field after the mark of its record, and its width, in bytes.
type Field = (usize, usize);

/// The records of an archive: the mark of each, and the places and widths of its fields after it.
#[rustfmt::skip]
const RECORDS: [(&[u8; 4], &[Field]); 5] = [
    // Before an entry: flags, method, time, checksum, both sizes, lengths of name and extra field.
    (b"PK\x03\x04", &[(6, 2), (8, 2), (10, 4), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 1)]),
    // In the directory: the same, and the lengths of a comment, the disk, the place of the entry, its name.
    (b"PK\x01\x02", &[(8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4), (46, 1)]),
    // At the end: disks, entries, size and place of the directory, length of a comment.
    (b"PK\x05\x06", &[(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)]),
    // The same for large archives.
    (b"PK\x06\x06", &[(4, 8), (24, 8), (32, 8), (40, 8), (48, 8)]),
    (b"PK\x06\x07", &[(4, 4), (8, 8), (16, 4)]),
];

/// Damages one to three fields of the records of an archive.
pub fn damage_zip_field(mutator: &mut Mutator, bytes: &mut [u8]) {
    let mut fields = Vec::new();
    for place in 0..bytes.len().saturating_sub(4) {
        if let Some((_, known)) = RECORDS.iter().find(|(mark, _)| bytes[place..].starts_with(*mark)) {
            fields.extend(known.iter().map(|(field, width)| (place + field, *width)));
        }
    }
    for _ in 0..1 + mutator.below(3) {
        if !fields.is_empty() {
            let (place, width) = *mutator.pick(&fields);
            mutator.damage_integer(bytes, place, width, false);
        }
    }
}

/// The files of an archive.
pub struct Arrays(pub Vec<(String, Vec<u8>)>);

impl Arrays {
    /// The files of a sound archive.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a sound archive");
        let files = (0..archive.len()).map(|index| {
            let mut file = archive.by_index(index).expect("an entry of a sound archive");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("a sound entry");
            (file.name().expect("a sound name").into_owned(), bytes)
        });
        Self(files.collect())
    }

    /// A sound archive of these files, stored or deflated.
    #[must_use]
    pub fn archive(&self, method: CompressionMethod) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(zip::DateTime::default());
        for (name, bytes) in &self.0 {
            // Two entries of one name are refused by this writer; the first is kept.
            if archive.start_file(name.as_str(), options).is_ok() {
                archive.write_all(bytes).expect("memory to write to");
            }
        }
        archive.finish().expect("memory to write to").into_inner()
    }

    /// Damages the list of files: one is gone, renamed or moved.
    pub fn damage_names(&mut self, mutator: &mut Mutator) {
        let index = mutator.below(self.0.len());
        let (name, bytes) = self.0.remove(index);
        let renamed = *mutator.pick(&[
            "",
            "weights",
            "weight.npy",
            "gradient.npy",
            "Times.npy",
            "../x.npy",
            "layers.npy",
        ]);
        match mutator.below(3) {
            0 => {}
            1 => self.0.push((renamed.to_owned(), bytes)),
            _ => self.0.insert(0, (name, bytes)),
        }
    }
}
