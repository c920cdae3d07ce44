//! Random damage to sound files of every form: never a panic, and never a frame that is not finite or out of order.

use crate::files::{Archive, f64s, i64s, numbers, seen};
use crate::snapshots::{Folder, snapshot};
use crate::table::parquet;
use glassbox_trajectories::trajectory::Trajectory;
use proptest::prelude::*;
use std::path::Path;
use zip::CompressionMethod::{Deflated, Stored};

/// Bytes to change: where (as a fraction of the length), and what is XORed into them.
fn flips() -> impl Strategy<Value = Vec<(f64, u8)>> {
    proptest::collection::vec((0.0..1.0, 1..=255_u8), 1..8)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a small length")]
fn position(fraction: f64, length: usize) -> usize {
    (fraction * length as f64) as usize
}

fn damaged(sound: &[u8], flips: &[(f64, u8)]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for (at, flip) in flips {
        let at = position(*at, bytes.len());
        bytes[at] ^= flip;
    }
    bytes
}

/// Whatever is read of a damaged file must still be a trajectory.
fn reads_or_refuses(path: &Path) {
    let Ok(frames) = seen(path) else { return };
    let trajectory = Trajectory::open(path).unwrap();
    assert_eq!(frames.len(), trajectory.replicas() * trajectory.times().len());
    for (index, (replica, step, weights, gradient)) in frames.iter().enumerate() {
        let times = trajectory.times();
        assert_eq!((*replica, *step), (index / times.len(), times[index % times.len()]));
        assert_eq!(weights.len(), trajectory.weights());
        assert!(weights.iter().chain(gradient.iter().flatten()).all(|number| number.is_finite()));
    }
}

fn archives() -> [Vec<u8>; 2] {
    let archive = Archive::sound()
        .with("gradients", f64s("(2, 3, 4)", &numbers(24)))
        .with("layers", i64s("(2,)", &[1, 3]));
    [archive.bytes(Stored), archive.bytes(Deflated)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_archives_never_panic(flips in flips(), packed in 0..2_usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.npz");
        std::fs::write(&path, damaged(&archives()[packed], &flips)).unwrap();
        reads_or_refuses(&path);
    }

    #[test]
    fn damaged_snapshots_never_panic(flips in flips(), which in 0..4_u32) {
        let folder = Folder::sound();
        let path = folder.snapshot(which / 2, 5 * (which % 2));
        std::fs::write(path, damaged(&snapshot(), &flips)).unwrap();
        reads_or_refuses(folder.path());
    }

    #[test]
    fn damaged_tables_never_panic(flips in flips()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.parquet");
        std::fs::write(&path, damaged(&parquet(), &flips)).unwrap();
        reads_or_refuses(&path);
    }

    #[test]
    fn bytes_that_mean_nothing_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["run.npz", "run.parquet"] {
            let path = folder.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            prop_assert!(seen(&path).is_err());
        }
    }
}
