//! Names of snapshots and of tensors.

use super::super::TrajectoryError;
use super::super::unused::is_close;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Most snapshots of a folder.
pub(super) const MOST_SNAPSHOTS: usize = 1 << 20;

/// Most other files that are named one by one.
const MOST_NAMED: usize = 20;

/// What a folder holds.
pub(super) struct Listing {
    /// Names of the snapshots of each replica by step.
    pub(super) snapshots: BTreeMap<u64, BTreeMap<u64, String>>,
    /// The other files, in words; those whose names begin with a point are left out.
    pub(super) unused: Vec<String>,
}

/// Lists the snapshots of a folder.
pub(super) fn listed(folder: &Path) -> Result<Listing, TrajectoryError> {
    let unreadable = |error: std::io::Error| TrajectoryError::while_doing(folder, "cannot be listed", error);
    let mut snapshots: BTreeMap<u64, BTreeMap<u64, String>> = BTreeMap::new();
    let (mut count, mut others, mut other_count) = (0, BTreeSet::new(), 0_usize);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.extension().is_none_or(|extension| extension != ENDING) {
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            if names_a_snapshot(&shown) || is_close(&ending, ENDING) {
                let reason =
                    "was not used: was a name like replica-0-step-100.safetensors meant? Rename or remove it";
                return Err(TrajectoryError::new(&path, reason));
            }
            if !shown.starts_with('.') {
                other_count += 1;
                others.insert(shown.into_owned());
                if others.len() > MOST_NAMED {
                    others.pop_last();
                }
            }
            continue;
        }
        let Some((replica, step)) = numbered(name) else {
            let reason = "is not named like replica-0-step-100.safetensors";
            return Err(TrajectoryError::new(&path, reason));
        };
        count += 1;
        if count > MOST_SNAPSHOTS {
            let reason = format!("has more than {MOST_SNAPSHOTS} snapshots, which is the most that is read");
            return Err(TrajectoryError::new(folder, reason));
        }
        if let Some(other) = snapshots.entry(replica).or_default().insert(step, name.to_owned()) {
            let reason = format!("is the same replica and step as {}", folder.join(other).display());
            return Err(TrajectoryError::new(&path, reason));
        }
    }
    let mut unused: Vec<String> =
        others.iter().map(|name| format!("file '{}'", name.escape_debug())).collect();
    if other_count > unused.len() {
        unused.push(format!("{} more files", other_count - unused.len()));
    }
    Ok(Listing { snapshots, unused })
}

/// Ends the names of snapshots.
const ENDING: &str = "safetensors";

/// Whether what stands before the first point names a replica and a step.
fn names_a_snapshot(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    numbered(&format!("{stem}.{ENDING}")).is_some()
}

/// Replica and step of `replica-R-step-S.safetensors`.
fn numbered(name: &str) -> Option<(u64, u64)> {
    let (replica, step) =
        name.strip_suffix(".safetensors")?.strip_prefix("replica-")?.split_once("-step-")?;
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((digits(replica)?, digits(step)?))
}

/// `layers.2` before `layers.10`; equal for equal names alone.
pub(super) fn natural_order(left: &str, right: &str) -> Ordering {
    numbers_as_numbers(left, right).then_with(|| left.cmp(right))
}

fn numbers_as_numbers(left: &str, right: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut left, mut right) = (left, right);
    loop {
        let (in_left, in_right) = (digits(left), digits(right));
        if in_left > 0 && in_right > 0 {
            let (number, other) =
                (left[..in_left].trim_start_matches('0'), right[..in_right].trim_start_matches('0'));
            let order = number.len().cmp(&other.len()).then_with(|| number.cmp(other));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[in_left..], &right[in_right..]);
            continue;
        }
        let (mut rest, mut other_rest) = (left.chars(), right.chars());
        match (rest.next(), other_rest.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) if one != other => return one.cmp(&other),
            _ => (left, right) = (rest.as_str(), other_rest.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_as_numbers() {
        let mut names = ["net.10.weight", "net.2.weight", "net.02.bias", "net.weight", "net"];
        names.sort_by(|left, right| natural_order(left, right));
        assert_eq!(names, ["net", "net.02.bias", "net.2.weight", "net.10.weight", "net.weight"]);
    }

    #[test]
    fn file_names_tell_replica_and_step() {
        assert_eq!(numbered("replica-0003-step-000100.safetensors"), Some((3, 100)));
        for wrong in ["replica-3", "replica-x-step-1", "step-1", "replica-1-step--1", "replica--step-1"] {
            assert_eq!(numbered(&format!("{wrong}.safetensors")), None, "{wrong}");
        }
    }
}
