//! A value, or a list of values.

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::{Formatter, Result as Formatted};
use std::marker::PhantomData;

/// What a file gives as `4` or as `[4, 8]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> OneOrMany<T> {
    /// The values.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Both(PhantomData))
    }
}

/// Looks at what is there, so that a mistake is told in the words of the value itself.
struct Both<T>(PhantomData<T>);

impl<T> Both<T> {
    fn one<'de, E: Error>(value: impl IntoDeserializer<'de, E>) -> Result<OneOrMany<T>, E>
    where
        T: Deserialize<'de>,
    {
        T::deserialize(value.into_deserializer()).map(|value| OneOrMany(vec![value]))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Both<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> Formatted {
        formatter.write_str("one value or a list of values")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(sequence)).map(OneOrMany)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Line {
        width: OneOrMany<usize>,
    }

    fn read(value: &str) -> Result<Vec<usize>, String> {
        toml::from_str::<Line>(&format!("width = {value}"))
            .map(|line| line.width.0)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn one_and_many_and_neither() {
        assert_eq!(read("4"), Ok(vec![4]));
        assert_eq!(read("[4, 8]"), Ok(vec![4, 8]));
        assert_eq!(read("1.5").unwrap_err(), "invalid type: floating point `1.5`, expected usize");
        assert_eq!(read("[4, -8]").unwrap_err(), "invalid value: integer `-8`, expected usize");
        assert_eq!(
            read("true").unwrap_err(),
            "invalid type: boolean `true`, expected one value or a list of values"
        );
    }
}
