//! Single-precision kernels: samples go forward, the unsatisfied ones backward, a tile at a time.
//!
//! [`tile`] is the algorithm, in safe code over [`instructions`]; one file a set of instructions implements these and
//! compiles the algorithm for it.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
mod hinge;
mod instructions;
mod peak;
mod portable;
mod row;
mod tile;

use glassbox_instructions::{InstructionSet, Kind};
pub use peak::multiply_adds;
use std::ops::Range;
pub(super) use tile::{Batch, Workspace};

/// Samples of one vector.
pub(super) const LANES: usize = 16;

/// Samples of a tile: their activations stay in the second-level cache from the forward to the backward pass
/// (482 kB at width 72), and the sums over lanes are a small part of the work.
pub(super) const TILE: usize = 256;

/// Writes the scaled sum of the gradients of the samples at positions `range` of `batch` to `gradient`; returns that
/// of their losses.
pub(super) fn sum_over(
    instructions: InstructionSet,
    batch: Batch<'_>,
    range: Range<usize>,
    workspace: &mut Workspace,
    gradient: &mut [f64],
) -> f64 {
    match instructions.kind() {
        Kind::Portable => tile::sum_over(portable::Portable, batch, range, workspace, gradient),
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2(proof) => avx2::run(proof, batch, range, workspace, gradient),
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512(proof) => avx512::run(proof, batch, range, workspace, gradient),
    }
}
