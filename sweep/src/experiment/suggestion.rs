//! What a misspelt key may have meant.

use toml::{Table, Value};

/// The known key nearest to `unknown` (a dotted path) in the table of `known` that it would stand in. A number in the path
/// is the place in a list of tables, which are all alike.
pub(crate) fn suggestion(unknown: &str, known: &Table) -> Option<String> {
    let mut parts: Vec<&str> = unknown.split('.').collect();
    let last = parts.pop()?;
    let mut table = known;
    for part in parts {
        if part.parse::<usize>().is_ok() {
            continue;
        }
        table = match table.get(part)? {
            Value::Array(list) => list.first().and_then(Value::as_table)?,
            value => value.as_table()?,
        };
    }
    table
        .keys()
        .map(|key| (distance(last, key), key))
        .filter(|(distance, key)| *distance <= 1 + key.len() / 3)
        .min()
        .map(|(_, key)| key.clone())
}

/// Levenshtein's distance: letters inserted, left out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, counterpart) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *counterpart);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_of_the_same_table() {
        let known: Table = toml::from_str("seed = 1\n[phases.one]\nwidth = 2\nwindow = 3\n").unwrap();
        assert_eq!(suggestion("sead", &known).as_deref(), Some("seed"));
        assert_eq!(suggestion("phases.one.widht", &known).as_deref(), Some("width"));
        assert_eq!(suggestion("phases.one.temperature", &known), None);
        let known: Table = toml::from_str("[[networks]]\nwidth = 2\n").unwrap();
        assert_eq!(suggestion("networks.7.widht", &known).as_deref(), Some("width"));
        assert_eq!((distance("kitten", "sitting"), distance("", "abc")), (3, 3));
    }
}
