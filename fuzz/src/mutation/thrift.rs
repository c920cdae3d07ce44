//! Where the integers of a structure in Thrift's compact protocol lie, in which Parquet says its sizes and counts.

/// An integer: where its bytes are, and the numbers of the fields that lead to it.
pub(super) struct Integer {
    pub(super) place: std::ops::Range<usize>,
    pub(super) fields: Vec<i64>,
}

/// Reads a structure, from a place on.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    place: usize,
    fields: Vec<i64>,
    found: Vec<Integer>,
}

/// The integers of the structure at `start`, with the lengths of lists and texts, and where it ends.
pub(super) fn integers(bytes: &[u8], start: usize) -> Option<(Vec<Integer>, usize)> {
    let mut walk = Walk { bytes, place: start, fields: Vec::new(), found: Vec::new() };
    walk.structure(0)?;
    Some((walk.found, walk.place))
}

/// An integer in the bytes that Thrift gives it.
pub(super) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.place += 1;
        self.bytes.get(self.place - 1).copied()
    }

    /// An integer as it is written; Thrift's signed ones alternate between signs.
    fn integer(&mut self, is_size: bool) -> Option<u64> {
        let start = self.place;
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                if is_size {
                    self.found.push(Integer { place: start..self.place, fields: self.fields.clone() });
                }
                return Some(value);
            }
        }
        None
    }

    fn structure(&mut self, depth: usize) -> Option<()> {
        let mut field = 0_i64;
        loop {
            let header = self.byte()?;
            if header == 0 || depth > 20 {
                return (header == 0).then_some(());
            }
            field = if header >> 4 == 0 {
                let value = self.integer(false)?;
                i64::try_from(value >> 1).ok()?
            } else {
                field + i64::from(header >> 4)
            };
            self.fields.push(field);
            // Booleans of fields are their kind.
            if !matches!(header & 15, 1 | 2) {
                self.value(header & 15, depth)?;
            }
            self.fields.pop();
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1..=3 => drop(self.byte()?),
            4..=6 => drop(self.integer(true)?),
            7 => self.place += 8,
            8 => {
                let length = self.integer(true)?;
                self.place = self.place.checked_add(usize::try_from(length).ok()?)?;
            }
            9 | 10 => {
                let header = self.byte()?;
                let short = u64::from(header >> 4);
                let count = if short == 15 { self.integer(true)? } else { short };
                for _ in 0..count {
                    self.value(header & 15, depth)?;
                }
            }
            12 => self.structure(depth + 1)?,
            _ => return None,
        }
        Some(())
    }
}
