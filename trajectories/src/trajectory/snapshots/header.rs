//! The header of a safetensors file: which tensor is where. Only the header is read, and nothing in it twice.

use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Most bytes of a header.
pub(super) const MOST_HEADER_BYTES: u64 = 1 << 24;

/// Most tensors of a file, those of gradients included.
pub(super) const MOST_TENSORS: usize = 1 << 17;

/// Bytes of the length of the header.
const LENGTH_BYTES: usize = 8;

/// Tensors of a header, in the order of their bytes.
pub(super) struct Tensors {
    pub(super) names: Vec<String>,
    pub(super) metadata: Metadata,
    /// Position of the first byte of the first tensor.
    pub(super) start: u64,
}

/// Reads the header of `file`, which is at its start; the error says what is wrong, in words.
pub(super) fn read(file: &mut File) -> Result<Vec<u8>, String> {
    let length = file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    file.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
    let mut announced = [0; LENGTH_BYTES];
    file.read_exact(&mut announced).map_err(|_| format!("it has {length} bytes, too few for a header"))?;
    let announced = u64::from_le_bytes(announced);
    let held = length - LENGTH_BYTES as u64;
    if announced > held || announced > MOST_HEADER_BYTES {
        return Err(format!(
            "its header claims {announced} bytes; the file has {held} behind the claim, and at most {MOST_HEADER_BYTES} are read"
        ));
    }
    let mut header = vec![0; usize::try_from(announced).map_err(|error| error.to_string())?];
    file.read_exact(&mut header).map_err(|error| error.to_string())?;
    Ok(header)
}

/// Parses the header of a file of `length` bytes, which its tensors must fill.
pub(super) fn parse(header: &[u8], length: u64) -> Result<Tensors, String> {
    let text = str::from_utf8(header).map_err(|error| error.to_string())?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut tensors = deserializer.deserialize_map(EachOnce).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    tensors.sort_by_key(|(_, tensor)| tensor.data_offsets);
    let names = tensors.iter().map(|(name, _)| name.clone()).collect();
    let metadata = Metadata::new(None, tensors).map_err(|error| error.to_string())?;
    let start = (LENGTH_BYTES + header.len()) as u64;
    let held = length.saturating_sub(start);
    if metadata.data_len() as u64 != held {
        return Err(format!("its tensors have {} bytes, the file has {held} for them", metadata.data_len()));
    }
    Ok(Tensors { names, metadata, start })
}

/// Takes an object of tensors, in which no key stands twice.
struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Vec<(String, TensorInfo)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut seen, mut tensors) = (HashSet::new(), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key \"{}\" is there twice", key.escape_debug())));
            }
            if seen.len() > MOST_TENSORS {
                return Err(A::Error::custom(format!("more than {MOST_TENSORS} tensors")));
            }
            if key == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
            } else {
                tensors.push((key, map.next_value()?));
            }
        }
        Ok(tensors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str, length: u64) -> String {
        parse(text.as_bytes(), length).map(|_| ()).unwrap_err()
    }

    #[test]
    fn tensors_are_in_the_order_of_their_bytes() {
        let text = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F64","shape":[1],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  "#;
        let start = 8 + text.len() as u64;
        let tensors = parse(text.as_bytes(), start + 12).unwrap();
        assert_eq!((tensors.names, tensors.start), (vec!["a".to_owned(), "b".to_owned()], start));
        assert!(refusal(text, start + 13).contains("its tensors have 12 bytes, the file has 13"));
    }

    #[test]
    fn keys_that_stand_twice_are_refused() {
        let tensor = r#"{"dtype":"F64","shape":[0],"data_offsets":[0,0]}"#;
        let text = format!(r#"{{"net":{tensor},"net":{tensor}}}"#);
        assert!(refusal(&text, 8 + text.len() as u64).contains("the key \"net\" is there twice"));
        // The second spelling is the same name.
        let text = format!(r#"{{"net":{tensor},"\u006eet":{tensor}}}"#);
        assert!(refusal(&text, 8 + text.len() as u64).contains("is there twice"));
        let text = r#"{"net":{"dtype":"F64","dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#;
        assert!(refusal(text, 8 + text.len() as u64).contains("duplicate field"));
        let text = format!(r#"{{"net":{tensor}}} {{}}"#);
        assert!(refusal(&text, 8 + text.len() as u64).contains("trailing characters"));
    }
}
