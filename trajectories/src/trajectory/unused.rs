//! Names in a file that nothing is read from. One that is close to a known name is asked about: an array that was meant to be
//! used and is not would change the verdicts without a word.

use super::TrajectoryError;
use std::path::Path;

/// Names that are known and those that are not used, of one kind.
pub(super) struct Names<'a> {
    /// "array", "column" or "file".
    pub(super) kind: &'static str,
    /// What is read where it is there.
    pub(super) known: &'a [&'a str],
}

impl Names<'_> {
    /// Returns a description of each name that is not used, such as "array 'noise'".
    ///
    /// # Errors
    /// [`TrajectoryError::Refused`] for a name that is close to a known one.
    pub(super) fn unused<'n>(
        &self,
        file: &Path,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Vec<String>, TrajectoryError> {
        let mut unused = Vec::new();
        for name in names.filter(|name| !self.known.contains(name)) {
            let (kind, shown) = (self.kind, name.escape_debug());
            let inner = name.rsplit('/').next().unwrap_or(name);
            if let Some(known) = self.known.iter().find(|known| is_close(inner, known)) {
                let reason =
                    format!("{kind} '{shown}' was not used: was '{known}' meant? Rename or remove it");
                return Err(TrajectoryError::new(file, reason));
            }
            unused.push(format!("{kind} '{shown}'"));
        }
        Ok(unused)
    }
}

/// Whether `name` may be a misspelling of `known`.
pub(super) fn is_close(name: &str, known: &str) -> bool {
    let (name, known) = (letters(name), letters(known));
    let gradients = known.starts_with(GRADIENT) && name.starts_with(GRADIENT);
    let changes = if known.len() <= 5 { 1 } else { 2 };
    name == known || gradients || distance(&name, &known).is_some_and(|distance| distance <= changes)
}

/// Begins all names of gradients.
const GRADIENT: &str = "grad";

/// The letters and digits, in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Fewest letters that must be inserted, left out, replaced or swapped with their neighbour; `None` where it is plainly many.
fn distance(left: &str, right: &str) -> Option<usize> {
    const PLAINLY_LONGER: usize = 3;
    if left.len().abs_diff(right.len()) > PLAINLY_LONGER {
        return None;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // Row i has the distances of the first i letters on the left to each beginning of the right.
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last()?.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRAYS: [&str; 4] = ["times", "weights", "gradients", "layers"];

    #[test]
    fn misspellings_are_close_and_other_words_are_not() {
        for (name, known) in [
            ("gradient", "gradients"),
            ("Gradients", "gradients"),
            ("gradients ", "gradients"),
            ("grad", "gradients"),
            ("grad_x", "gradients"),
            ("gradeints", "gradients"),
            ("weight", "weights"),
            ("WEIGHTS", "weights"),
            ("wieghts", "weights"),
            ("time", "times"),
            ("tiems", "times"),
            ("layer", "layers"),
            ("_layers", "layers"),
        ] {
            assert!(is_close(name, known), "{name}");
        }
        for name in ["noise", "loss", "seed", "types", "learning_rate", "momentum", "x", "", "step_sizes"] {
            assert!(!ARRAYS.iter().any(|known| is_close(name, known)), "{name}");
        }
    }

    #[test]
    fn distances_count_changes() {
        assert_eq!(distance("weights", "weights"), Some(0));
        assert_eq!(distance("wieghts", "weights"), Some(1));
        assert_eq!(distance("kitten", "sitting"), Some(3));
        assert_eq!(distance("", "abc"), Some(3));
        assert_eq!(distance("weights", "weights_of_all"), None);
    }

    #[test]
    fn what_is_not_used_is_named_or_asked_about() {
        let names = Names { kind: "array", known: &ARRAYS };
        let unused = |list: &[&str]| {
            names.unused(Path::new("run.npz"), list.iter().copied()).map_err(|error| error.to_string())
        };
        assert_eq!(unused(&["times", "weights", "noise"]), Ok(vec!["array 'noise'".to_owned()]));
        assert_eq!(
            unused(&["run/gradient"]).unwrap_err(),
            "run.npz: array 'run/gradient' was not used: was 'gradients' meant? Rename or remove it"
        );
    }
}
