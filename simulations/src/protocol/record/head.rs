//! What a record says of itself: where its numbers come from, in the metadata entry `glassbox`.

use super::layout::Unsound;
use super::{Layout, RecordError};
use crate::protocol::task::{GENERATION, Task};
use glassbox_instructions::InstructionSet;
use glassbox_trajectories::input;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The format of records that this version writes and reads.
pub(super) const FORMAT: u32 = 2;

/// The head of a record or checkpoint, readable without its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Format of the file.
    pub format: u32,
    /// Generation of the numbers: equal tasks of equal generation have equal bits on equal arithmetic.
    pub generation: u32,
    /// Version of this crate that wrote the file.
    pub version: String,
    /// What the kernels computed it with: `avx2`, `avx-512`, or `portable-` and the processor's architecture.
    pub instruction_set: String,
    /// SHA-256 of the whole file with these 64 digits replaced by zeros.
    pub digest: String,
    /// SHA-256 of the weights that the task started from (little-endian f64); `None` for a quench.
    pub start: Option<String>,
    /// What was computed. It stays last: the digest is found as the first of the name.
    pub task: Task,
}

impl Head {
    /// The head of what this version computes on this processor from weights of this digest; its own digest is not known yet.
    #[must_use]
    pub fn new(task: Task, start: Option<String>) -> Self {
        Self {
            format: FORMAT,
            generation: GENERATION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instruction_set: instruction_set(),
            digest: "0".repeat(64),
            start,
            task,
        }
    }

    /// Reads the head of a record or checkpoint, at most 16 MiB, and not the data: says nothing of their soundness, which
    /// [`verify`](super::verify) tells.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read, has no sound head, has not the length that its head says, or is of
    /// another format.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        let mut file = input::open(path)?;
        Layout::read(&mut file, path).map(|layout| layout.head)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Unsound> {
        let broken =
            |error: serde_json::Error| Unsound::Damaged(format!("its head is no glassbox head: {error}"));
        let other = |text: String| Err(Unsound::OtherVersion(text));
        let value: serde_json::Value = serde_json::from_str(text).map_err(broken)?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => serde_json::from_str(text).map_err(broken),
            Some(format) if format > u64::from(FORMAT) => {
                other(format!("is of format {format}, of a later glassbox; this one reads format {FORMAT}"))
            }
            Some(format) => other(format!("is of format {format}; this glassbox reads format {FORMAT}")),
            None if value.get("kind").is_some() => {
                let text = format!("is of format 1, of an earlier glassbox; this one reads format {FORMAT}");
                Err(Unsound::FirstVersion(text))
            }
            None => Err(Unsound::Damaged("its head is no glassbox head: has no \"format\"".to_owned())),
        }
    }

    /// Whether this processor goes on with the same bits.
    pub(in crate::protocol) fn same_arithmetic(&self) -> bool {
        let here = instruction_set();
        self.instruction_set == here || (is_fused(&self.instruction_set) && is_fused(&here))
    }
}

/// Whether a set of this name has fused multiply-add: all that have compute the same bits.
#[must_use]
pub fn is_fused(instruction_set: &str) -> bool {
    matches!(instruction_set, "avx2" | "avx-512" | "portable-aarch64")
}

/// The set that the kernels use unless asked otherwise, which tasks never do.
fn instruction_set() -> String {
    match InstructionSet::fastest() {
        // The compiler fuses multiplications and additions on some architectures and not on others.
        InstructionSet::PORTABLE => format!("portable-{}", std::env::consts::ARCH),
        set => set.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::task;
    use super::*;

    #[test]
    fn heads_of_other_formats_say_so() {
        let text = |format: &str| format!("{{\"format\":{format}}}");
        let problem = |text: &str| Head::parse(text).unwrap_err().to_string();
        assert!(problem(&text("3")).contains("is of format 3, of a later glassbox"));
        assert!(problem(&text("0")).contains("is of format 0; this glassbox reads format 2"));
        let old = serde_json::to_string(&task()).unwrap();
        assert!(problem(&old).contains("is of format 1, of an earlier glassbox"));
        assert!(problem("{}").contains("no \"format\""));
        assert!(problem("nothing").contains("no glassbox head"));
    }

    #[test]
    fn a_head_comes_back() {
        let head = Head::new(task(), Some("a digest".to_owned()));
        assert_eq!(Head::parse(&serde_json::to_string(&head).unwrap()).unwrap(), head);
        let sets = ["avx2", "avx-512"];
        let set = head.instruction_set.as_str();
        assert!(sets.contains(&set) || set.starts_with("portable-"), "{set}");
    }

    #[test]
    fn arithmetic_is_that_of_fused_multiply_add_or_of_the_same_set() {
        let with = |set: &str| Head { instruction_set: set.to_owned(), ..Head::new(task(), None) };
        assert!(Head::new(task(), None).same_arithmetic());
        assert_eq!(with("avx2").same_arithmetic(), with("avx-512").same_arithmetic());
        assert_ne!(with("avx2").same_arithmetic(), with("portable-x86_64").same_arithmetic());
    }
}
