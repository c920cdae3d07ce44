//! Names of files that this program makes in a store. What has another name, or is no regular file, belongs to somebody else: it
//! is not read, replaced or removed.

use glassbox_trajectories::whole_file::{is_token, parts_of_partial};

/// The kinds of files of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Record,
    Checkpoint,
    Claim,
    Failure,
}

impl FileKind {
    pub(super) const ALL: [Self; 4] = [Self::Record, Self::Checkpoint, Self::Claim, Self::Failure];

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Record => "safetensors",
            Self::Checkpoint => "checkpoint",
            Self::Claim => "claim",
            Self::Failure => "failure",
        }
    }
}

/// Kinds of tasks, as identifiers begin.
const TASKS: [&str; 3] = ["quench", "trajectory", "sweep"];

/// Digits of the digest in an identifier.
const DIGITS: usize = 16;

/// What a claim is called while it is moved out of the way.
pub(super) const ASIDE: &str = "aside";

/// The name of a folder of tasks: two digits.
pub(super) fn is_shard(name: &str) -> bool {
    name.len() == 2 && is_hexadecimal(name)
}

/// The first two digits of the digest in an identifier.
pub(super) fn shard(identifier: &str) -> &str {
    let digits = identifier.rsplit_once('-').map_or(identifier, |(_, digits)| digits);
    digits.get(..2).unwrap_or("00")
}

/// Whether a text has the form of an identifier: the kind of a task and 16 digits.
pub(super) fn is_identifier(text: &str) -> bool {
    text.split_once('-').is_some_and(|(kind, digits)| {
        TASKS.contains(&kind) && digits.len() == DIGITS && is_hexadecimal(digits)
    })
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Task and kind of a file of this name in the folder of this shard.
pub(super) fn task_file<'a>(shard_of: &str, name: &'a str) -> Option<(&'a str, FileKind)> {
    let (identifier, extension) = name.rsplit_once('.')?;
    let kind = FileKind::ALL.into_iter().find(|kind| kind.extension() == extension)?;
    (is_identifier(identifier) && shard(identifier) == shard_of).then_some((identifier, kind))
}

/// The token of the process that began a file of a task in the folder of this shard, or moved a claim there out of the way.
pub(super) fn partial_task_file<'a>(shard_of: &str, name: &'a str) -> Option<&'a str> {
    let (whole, token) = parts_of_partial(name)?;
    let whole = whole.strip_suffix(ASIDE).and_then(|whole| whole.strip_suffix('.')).unwrap_or(whole);
    task_file(shard_of, whole).map(|_| token)
}

/// The token of the process that a file in the folder of processes is of: its heartbeat, one that it was writing, or the file by
/// which it asked for the time.
pub(super) fn heartbeat_file(name: &str) -> Option<&str> {
    if is_token(name) {
        return Some(name);
    }
    let (whole, token) = parts_of_partial(name)?;
    (whole == CLOCK || whole == token).then_some(token)
}

/// The file by which a process asks the file system for its time.
pub(super) const CLOCK: &str = "clock";

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef-12-34-0123456789abcdef";
    const TASK: &str = "quench-ab0123456789abcd";

    #[test]
    fn names_of_files_of_tasks() {
        for (kind, extension) in
            FileKind::ALL.into_iter().zip(["safetensors", "checkpoint", "claim", "failure"])
        {
            assert_eq!(task_file("ab", &format!("{TASK}.{extension}")), Some((TASK, kind)));
        }
        let other = [
            ("ac", format!("{TASK}.claim")),
            ("ab", format!("{TASK}.notes")),
            ("ab", format!("{TASK}0.claim")),
            ("ab", "quench-AB0123456789abcd.claim".to_owned()),
            ("ab", "thesis-ab0123456789abcd.claim".to_owned()),
            ("ab", "quench-ab0123456789abc.claim".to_owned()),
            ("ab", "quench-ab0123456789abcd\n.claim".to_owned()),
            ("ab", "../quench-ab0123456789abcd.claim".to_owned()),
            ("ab", TASK.to_owned()),
        ];
        for (shard, name) in &other {
            assert_eq!(task_file(shard, name), None, "{name}");
            assert_eq!(partial_task_file(shard, &format!(".{name}.1.{TOKEN}.partial")), None, "{name}");
        }
        for name in [
            format!(".{TASK}.claim.aside.0.{TOKEN}.partial"),
            format!(".{TASK}.safetensors.7.{TOKEN}.partial"),
        ] {
            assert_eq!(partial_task_file("ab", &name), Some(TOKEN), "{name}");
        }
        assert_eq!(partial_task_file("ab", ".draft.1.partial"), None);
    }

    #[test]
    fn names_of_heartbeats() {
        let partial = [format!(".{TOKEN}.3.{TOKEN}.partial"), format!(".clock.3.{TOKEN}.partial")];
        for name in [TOKEN, &partial[0], &partial[1]] {
            assert_eq!(heartbeat_file(name), Some(TOKEN), "{name}");
        }
        for name in ["payroll.csv", "id_rsa", "", ".clock.3.x.partial", "another"] {
            assert_eq!(heartbeat_file(name), None, "{name}");
        }
        assert_eq!(heartbeat_file(&format!(".payroll.3.{TOKEN}.partial")), None);
    }
}
