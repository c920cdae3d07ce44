//! Reading a TOML file: whole, without a key that there is not, and with the place of a mistake in the message.

use super::preset::PresetError;
use super::suggestion::suggestion;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The text of a file.
pub(crate) fn text_of(path: &Path) -> Result<String, PresetError> {
    std::fs::read_to_string(path).map_err(|source| PresetError::File { path: path.to_owned(), source })
}

/// What `text`, which messages call `path`, says. `every_key` is a text that has every key once, for suggestions.
pub(crate) fn parsed<Value: DeserializeOwned>(
    text: &str,
    path: &Path,
    every_key: &str,
) -> Result<Value, PresetError> {
    let syntax =
        |error: toml::de::Error| PresetError::Syntax { path: path.to_owned(), message: error.to_string() };
    let mut unknown = None;
    let deserializer = toml::Deserializer::parse(text).map_err(syntax)?;
    let value = serde_ignored::deserialize(deserializer, |key| {
        unknown.get_or_insert(key.to_string());
    });
    // An unknown key first: where it is a misspelt one, the parser would only say what is missing.
    if let Some(key) = unknown {
        let known = every_key.parse().map_err(syntax)?;
        let hint = suggestion(&key, &known).map_or_else(String::new, |key| format!("; did you mean {key}?"));
        return Err(PresetError::UnknownKey { path: path.to_owned(), key: with_brackets(&key), hint });
    }
    value.map_err(syntax)
}

/// `networks.0.width` as `networks[0].width`.
fn with_brackets(key: &str) -> String {
    let mut written = String::new();
    for part in key.split('.') {
        if part.parse::<usize>().is_ok() {
            written += &format!("[{part}]");
        } else {
            let dot = if written.is_empty() { "" } else { "." };
            written += &format!("{dot}{part}");
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Shelf {
        #[allow(dead_code, reason = "read by nobody, but asked for")]
        books: Vec<Book>,
    }

    #[derive(Debug, Deserialize)]
    struct Book {
        #[allow(dead_code, reason = "read by nobody, but asked for")]
        pages: u64,
    }

    #[test]
    fn a_mistake_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shelf.toml");
        let read = || parsed::<Shelf>(&text_of(&path)?, Path::new("shelf.toml"), "[[books]]\npages = 1");
        assert!(matches!(read().unwrap_err(), PresetError::File { path: named, .. } if named == path));
        for (text, message) in [
            ("[[books]]\npages = 1\n[[books]]\npagse = 2", "unknown key books[1].pagse; did you mean pages?"),
            ("books = []\nzebra = 1", "unknown key zebra"),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read().unwrap_err().to_string(), format!("shelf.toml: {message}"));
        }
        for (text, part) in [("[[books]]\npages = -1", "line 2"), ("[[books]]", "missing field `pages`")] {
            std::fs::write(&path, text).unwrap();
            let message = read().unwrap_err().to_string();
            assert!(message.starts_with("shelf.toml: ") && message.contains(part), "{message}");
        }
    }
}
