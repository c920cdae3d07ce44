//! Reading a TOML file: whole, of a bounded length, without a key that there is not, and with the place of a mistake in the message.

use super::preset::PresetError;
use super::suggestion::suggestion;
use glassbox_trajectories::{FileError, input};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Bytes of an experiment, a preset or a profile of a cluster, at most: a parser takes up to fifty times as many, and a manifest
/// keeps the text.
const MOST_BYTES: u64 = 1_000_000;

/// Letters of a line of a message, at most.
const LINE: usize = 160;

/// The text of an experiment, a preset or a profile of a cluster: a regular file of at most 1,000,000 bytes.
///
/// # Errors
/// [`PresetError::File`].
pub fn text_of(path: &Path) -> Result<String, PresetError> {
    input::read_text(path, MOST_BYTES)
        .map_err(|FileError { path, source, .. }| PresetError::File { path, source })
}

/// A text with what is beyond the beginning of a long line left out: input is quoted in messages, and may be one line.
pub(super) fn shortened(text: &str) -> String {
    let line = |line: &str| match line.char_indices().nth(LINE) {
        Some((end, _)) => line[..end].trim_end().to_owned() + " …",
        None => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// What `text`, which messages call `path`, says. `every_key` is a text that has every key once, for suggestions.
pub(crate) fn parsed<Value: DeserializeOwned>(
    text: &str,
    path: &Path,
    every_key: &str,
) -> Result<Value, PresetError> {
    let syntax = |error: toml::de::Error| PresetError::Syntax {
        path: path.to_owned(),
        message: shortened(&error.to_string()),
    };
    let mut unknown = None;
    let deserializer = toml::Deserializer::parse(text).map_err(syntax)?;
    let value = serde_ignored::deserialize(deserializer, |key| {
        unknown.get_or_insert(key.to_string());
    });
    // An unknown key first: where it is a misspelt one, the parser would only say what is missing.
    if let Some(key) = unknown {
        let known = every_key.parse().map_err(syntax)?;
        let hint = suggestion(&key, &known).map_or_else(String::new, |key| format!("; did you mean {key}?"));
        return Err(PresetError::UnknownKey {
            path: path.to_owned(),
            key: shortened(&with_brackets(&key)),
            hint,
        });
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

    /// A message says where the mistake is and what it is, and does not repeat the file.
    #[test]
    fn a_long_line_is_not_repeated() {
        let long = "x".repeat(100_000);
        for text in [
            long.clone(),
            format!("{long} = 1"),
            format!("\"{long}\\n\" = 1"),
            format!("books = \"{long}\""),
            format!("books = {}", "[".repeat(70_000)),
            format!("books = [{{ pages = 1, {long} = 2 }}]"),
            format!("[[books]]\npages = \"{long}\""),
            format!("{long} = 1\n{long} = 2"),
        ] {
            let message = parsed::<Shelf>(&text, Path::new("shelf.toml"), "").unwrap_err().to_string();
            assert!(message.len() < 1_000 && message.starts_with("shelf.toml: "), "{}", message.len());
        }
        assert_eq!(shortened("short\nlines"), "short\nlines");
    }

    #[test]
    fn a_long_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shelf.toml");
        std::fs::write(&path, "#".repeat(1_000_000)).unwrap();
        assert_eq!(text_of(&path).unwrap().len(), 1_000_000);
        std::fs::write(&path, "#".repeat(1_000_001)).unwrap();
        let message = text_of(&path).unwrap_err().to_string();
        assert!(message.contains("1000001 bytes") && message.contains("at most 1000000"), "{message}");
        assert!(text_of(folder.path()).unwrap_err().to_string().contains("is a folder"));
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
