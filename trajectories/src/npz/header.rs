//! NumPy's array header, and the numbers behind it (NumPy Enhancement Proposal 1, "A simple file format for NumPy
//! arrays"; versions 1 to 3).

use super::floats::{FloatFormat, FloatWidth};
use super::literal::Literal;
use std::io;

/// Type, shape and order of an array, as its header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Kind of numbers.
    pub kind: Kind,
    /// Bytes of a number.
    pub item_size: usize,
    /// Whether the most significant byte of a number comes first.
    pub big_endian: bool,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// Length of each axis.
    pub shape: Vec<usize>,
}

/// Kinds of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Floating-point numbers.
    Float,
    /// Whole numbers with a sign.
    Signed,
    /// Whole numbers from 0 up.
    Unsigned,
}

/// A header longer than this is no header of numbers.
const LONGEST_HEADER: u32 = 65_536;

impl Header {
    /// Reads the header by `read_exact`, up to the first number; the error says what is wrong, in words.
    pub(crate) fn read(mut read_exact: impl FnMut(&mut [u8]) -> io::Result<()>) -> Result<Self, String> {
        let early = |error: io::Error| format!("ends within its header: {error}");
        let mut start = [0; 8];
        read_exact(&mut start).map_err(early)?;
        let [mark @ .., major, minor] = start;
        if mark != *b"\x93NUMPY" {
            return Err("is not a NumPy array".to_owned());
        }
        let digits = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(format!("has format version {major}.{minor}; 1.0, 2.0 and 3.0 are known")),
        };
        let mut length = [0; 4];
        read_exact(&mut length[..digits]).map_err(early)?;
        let length = u32::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(format!("claims a header of {length} bytes; at most {LONGEST_HEADER} are read"));
        }
        let mut text = vec![0; length as usize];
        read_exact(&mut text).map_err(early)?;
        // Names of fields, for which version 3 has UTF-8, are in structured arrays alone.
        if !text.is_ascii() {
            return Err("has a header with letters beyond ASCII".to_owned());
        }
        let text = String::from_utf8(text).map_err(|_| "has a header that is not text".to_owned())?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let Literal { description, fortran_order, shape } = Literal::parse(text)?;
        let (kind, item_size, big_endian) = number_type(description)?;
        Ok(Self { kind, item_size, big_endian, fortran_order, shape })
    }

    /// How the numbers are stored, if they are floats.
    pub(crate) fn float_format(&self) -> Option<FloatFormat> {
        let width = match (self.kind, self.item_size) {
            (Kind::Float, 4) => FloatWidth::Single,
            (Kind::Float, 8) => FloatWidth::Double,
            _ => return None,
        };
        Some(FloatFormat { width, big_endian: self.big_endian })
    }

    /// Number of bytes behind the header; `None` where no file can be so long.
    pub fn data_bytes(&self) -> Option<u64> {
        self.shape.iter().try_fold(self.item_size as u64, |bytes, length| bytes.checked_mul(*length as u64))
    }

    /// The type as NumPy writes it.
    pub fn type_name(&self) -> String {
        let order = if self.item_size == 1 {
            '|'
        } else if self.big_endian {
            '>'
        } else {
            '<'
        };
        let kind = match self.kind {
            Kind::Float => 'f',
            Kind::Signed => 'i',
            Kind::Unsigned => 'u',
        };
        format!("{order}{kind}{}", self.item_size)
    }

    /// The bytes of one number, the least significant first.
    fn little_endian(&self, bytes: &[u8]) -> [u8; 8] {
        let mut number = [0; 8];
        for (index, byte) in bytes.iter().take(8).enumerate() {
            let at = if self.big_endian { bytes.len() - 1 - index } else { index };
            number[at] = *byte;
        }
        number
    }

    /// One number of a float array.
    pub fn float(&self, bytes: &[u8]) -> f64 {
        let number = self.little_endian(bytes);
        if self.item_size == 4 {
            f64::from(f32::from_le_bytes([number[0], number[1], number[2], number[3]]))
        } else {
            f64::from_le_bytes(number)
        }
    }

    /// One number of any kind; of an integer beyond 2⁵³, the nearest that double precision has.
    pub fn number(&self, bytes: &[u8]) -> f64 {
        match self.kind {
            Kind::Float => self.float(bytes),
            Kind::Signed => self.signed(bytes) as f64,
            Kind::Unsigned => u64::from_le_bytes(self.little_endian(bytes)) as f64,
        }
    }

    /// One number of an array of signed integers.
    fn signed(&self, bytes: &[u8]) -> i64 {
        let number = u64::from_le_bytes(self.little_endian(bytes));
        // Extends the sign of a shorter number.
        let unused = 64 - 8 * self.item_size;
        (number << unused).cast_signed() >> unused
    }

    /// One number as a count, if it is a whole number from 0 up; otherwise how it reads.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be whole and small"
    )]
    pub fn count(&self, bytes: &[u8]) -> Result<u64, String> {
        match self.kind {
            Kind::Float => {
                let number = self.float(bytes);
                let whole = number >= 0.0 && number.fract() == 0.0 && number < 9e15;
                if whole { Ok(number as u64) } else { Err(number.to_string()) }
            }
            Kind::Unsigned => Ok(u64::from_le_bytes(self.little_endian(bytes))),
            Kind::Signed => {
                let number = self.signed(bytes);
                u64::try_from(number).map_err(|_| number.to_string())
            }
        }
    }
}

/// Kind, size and byte order of a description such as `<f8`.
fn number_type(description: &str) -> Result<(Kind, usize, bool), String> {
    if description.ends_with('O') {
        return Err("is an object array, which only Python can read; save plain numbers".to_owned());
    }
    let unknown = || {
        let description = description.escape_debug();
        format!("has the type '{description}'; floats of 4 or 8 bytes and integers are known")
    };
    let (order, kind) = description.split_at_checked(1).ok_or_else(unknown)?;
    let (kind, size) = match kind {
        "f4" => (Kind::Float, 4),
        "f8" => (Kind::Float, 8),
        "i1" => (Kind::Signed, 1),
        "i2" => (Kind::Signed, 2),
        "i4" => (Kind::Signed, 4),
        "i8" => (Kind::Signed, 8),
        "u1" => (Kind::Unsigned, 1),
        "u2" => (Kind::Unsigned, 2),
        "u4" => (Kind::Unsigned, 4),
        "u8" => (Kind::Unsigned, 8),
        _ => return Err(unknown()),
    };
    match order {
        "<" => Ok((kind, size, false)),
        ">" => Ok((kind, size, true)),
        // No order, for a single byte.
        "|" if size == 1 => Ok((kind, size, false)),
        _ => Err(unknown()),
    }
}

/// A header as NumPy would write it, aligned to 64 bytes.
pub(crate) fn header_bytes(description: &str, shape: &[usize]) -> Vec<u8> {
    let shape: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let mut text =
        format!("{{'descr': '{description}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    let padding = 63 - (10 + text.len()) % 64;
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.into_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn parse(text: &str) -> Result<Header, String> {
        Header::parse(text)
    }

    #[test]
    fn headers_of_numpy_are_understood() {
        let header = parse("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }").unwrap();
        assert_eq!((header.kind, header.item_size, header.big_endian), (Kind::Float, 4, true));
        assert_eq!((header.shape.as_slice(), header.data_bytes()), ([2, 3].as_slice(), Some(24)));
        assert_eq!(header.type_name(), ">f4");
        assert_eq!(parse("{'descr': '<i8', 'fortran_order': True, 'shape': (7,), }").unwrap().shape, [7]);
        assert!(parse("{'descr': '<i8', 'fortran_order': True, 'shape': (), }").unwrap().shape.is_empty());
    }

    #[test]
    fn what_is_no_array_of_numbers_is_refused() {
        let error = |text: &str| parse(text).unwrap_err();
        assert!(error("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }").contains("object array"));
        assert!(
            error("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }")
                .contains("structured")
        );
        assert!(error("{'descr': '<c16', 'fortran_order': False, 'shape': (2,), }").contains("'<c16'"));
        assert!(error("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }").contains("'<f2'"));
        assert!(error("{'descr': '<f8', 'fortran_order': False, }").contains("without 'shape'"));
        assert!(
            error("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }")
                .contains("a length is needed, before '-2,)")
        );
        assert!(error("").contains("'{' is needed"));
        let huge =
            parse("{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 9999999999999), }");
        assert_eq!(huge.unwrap().data_bytes(), None);
        let read = |mut bytes: &[u8]| Header::read(|into| bytes.read_exact(into));
        assert_eq!(
            read(b"\x93NUMPY\x09\x00").unwrap_err(),
            "has format version 9.0; 1.0, 2.0 and 3.0 are known"
        );
        assert!(read(b"PK").unwrap_err().contains("ends within"));
        assert!(read(b"\x93NUMPY\x01\x01\x02\x00{}").unwrap_err().contains("version 1.1"));
        for kind in ["f8", "=f8", "|f8", "<f08", "<f8 ", "<f", "", "é", "<i3", "|i2", "<b1"] {
            assert!(number_type(kind).unwrap_err().contains("has the type"), "{kind}");
        }
    }

    #[test]
    fn numbers_keep_sign_and_order() {
        let of = |description: &str| {
            let (kind, item_size, big_endian) = number_type(description).unwrap();
            Header { kind, item_size, big_endian, fortran_order: false, shape: vec![1] }
        };
        assert_eq!(of("<f8").float(&1.5_f64.to_le_bytes()), 1.5);
        assert_eq!(of(">f8").float(&(-2.25_f64).to_be_bytes()), -2.25);
        assert_eq!(of(">f4").float(&0.1_f32.to_be_bytes()), f64::from(0.1_f32));
        assert_eq!(of("<i2").count(&(-3_i16).to_le_bytes()), Err("-3".to_owned()));
        assert_eq!(of(">i4").count(&70_000_i32.to_be_bytes()), Ok(70_000));
        assert_eq!(of("<u8").count(&u64::MAX.to_le_bytes()), Ok(u64::MAX));
        assert_eq!(of("<f8").count(&2.5_f64.to_le_bytes()), Err("2.5".to_owned()));
        assert_eq!(of("<f8").count(&f64::NAN.to_le_bytes()), Err("NaN".to_owned()));
        assert_eq!(of("<f4").count(&12.0_f32.to_le_bytes()), Ok(12));
        assert_eq!(of("|i1").number(&(-1_i8).to_le_bytes()), -1.0);
        assert_eq!(of(">i8").number(&(-1_i64).to_be_bytes()), -1.0);
        assert_eq!(of("<u2").number(&65_535_u16.to_le_bytes()), 65_535.0);
        assert_eq!(of(">f4").number(&(-1.0_f32).to_be_bytes()), -1.0);
    }

    #[test]
    fn written_headers_are_read_again() {
        for shape in [&[3][..], &[2, 3, 4]] {
            let bytes = header_bytes("<f8", shape);
            assert_eq!(bytes.len() % 64, 0);
            let mut left = bytes.as_slice();
            let header = Header::read(|into| left.read_exact(into)).unwrap();
            assert_eq!((header.shape.as_slice(), left.len()), (shape, 0));
        }
    }
}
