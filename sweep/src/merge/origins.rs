//! Who computed the records: one table has numbers of one kind.

use super::MergeError;
use glassbox_simulations::protocol::{Head, is_fused};
use std::collections::BTreeMap;

/// How many records, with an example, come from each generation, version and arithmetic.
#[derive(Default)]
pub(super) struct Origins(BTreeMap<[String; 3], (u64, String)>);

/// What is compared, the most important first.
const FIELDS: [&str; 3] = ["generation", "version", "arithmetic"];

impl Origins {
    pub(super) fn add(&mut self, head: &Head, identifier: &str) {
        // All instruction sets with fused multiply-add compute the same bits.
        let set = &head.instruction_set;
        let arithmetic = if is_fused(set) { "fused multiply-add" } else { set };
        let origin = [head.generation.to_string(), head.version.clone(), arithmetic.to_owned()];
        let (count, _) = self.0.entry(origin).or_insert_with(|| (0, identifier.to_owned()));
        *count += 1;
    }

    /// Refuses records of several generations, and of several versions or kinds of arithmetic unless those are allowed.
    pub(super) fn check(&self, allow_mixed: bool) -> Result<(), MergeError> {
        for (index, field) in FIELDS.into_iter().enumerate().take(if allow_mixed { 1 } else { 3 }) {
            let mut kinds: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
            for (origin, (count, example)) in &self.0 {
                kinds.entry(&origin[index]).or_insert((0, example)).0 += count;
            }
            if kinds.len() > 1 {
                let told: Vec<String> = kinds
                    .iter()
                    .map(|(kind, (count, example))| format!("{kind} in {count} (such as {example})"))
                    .collect();
                let advice = match index {
                    0 => "; no option allows that",
                    _ => ", or merge them as they are with --allow-mixed",
                };
                return Err(MergeError::Mixed { field, kinds: told.join(", "), advice });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::protocol::test_tasks::trajectory;

    fn checked(heads: &[Head], allow_mixed: bool) -> Result<(), String> {
        let mut origins = Origins::default();
        for (index, head) in heads.iter().enumerate() {
            origins.add(head, &format!("task-{index}"));
        }
        origins.check(allow_mixed).map_err(|error| error.to_string())
    }

    fn head() -> Head {
        Head { instruction_set: "avx2".to_owned(), ..Head::new(trajectory(1, 0.1), None) }
    }

    #[test]
    fn mixtures_are_told_with_counts_and_examples() {
        let with = |set: &str| Head { instruction_set: set.to_owned(), ..head() };
        assert_eq!(checked(&[head(), head()], false), Ok(()));
        let mixed = [head(), with("portable-x86_64"), head()];
        let error = checked(&mixed, false).unwrap_err();
        assert!(
            error.starts_with("the records differ in their arithmetic: fused multiply-add in 2 (such as task-0), portable-x86_64 in 1 (such as task-1);"),
            "{error}"
        );
        assert!(error.ends_with("with --allow-mixed"), "{error}");
        assert_eq!(checked(&mixed, true), Ok(()));
        assert_eq!(checked(&[head(), with("avx-512"), with("portable-aarch64")], false), Ok(()));
        let other = Head { version: "9.0.0".to_owned(), ..head() };
        assert!(checked(&[head(), other.clone()], false).unwrap_err().contains("version: 0.1.0 in 1"));
        assert_eq!(checked(&[head(), other], true), Ok(()));
        let other = Head { generation: 7, version: "9.0.0".to_owned(), ..head() };
        for allow_mixed in [false, true] {
            let error = checked(&[head(), other.clone()], allow_mixed).unwrap_err();
            assert!(
                error.contains("generation: 1 in 1") && error.ends_with("no option allows that"),
                "{error}"
            );
        }
    }
}
