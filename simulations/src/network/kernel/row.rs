//! One number for each sample of a tile.
#![allow(unsafe_code, reason = "bounds are checked once a block instead of once a number")]

use super::{LANES, TILE};

/// One number for each sample of a tile. The vector behind the last keeps stores at any sample inside, and makes
/// the distance between rows an odd number of cache lines, so that a column of rows does not share a cache set.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Row(pub(super) [f32; TILE + LANES]);

impl Row {
    pub(super) const ZERO: Self = Self([0.0; TILE + LANES]);

    /// Vectors of a row.
    pub(super) const GROUPS: usize = TILE / LANES;

    #[inline(always)]
    pub(super) fn group(&self, group: usize) -> &[f32; LANES] {
        &self.0.as_chunks().0[group]
    }

    #[inline(always)]
    pub(super) fn group_mut(&mut self, group: usize) -> &mut [f32; LANES] {
        &mut self.0.as_chunks_mut().0[group]
    }

    /// As [`group`](Self::group).
    ///
    /// # Safety
    /// `group` is at most [`GROUPS`](Self::GROUPS).
    #[inline(always)]
    pub(super) unsafe fn group_unchecked(&self, group: usize) -> &[f32; LANES] {
        debug_assert!(group <= Self::GROUPS);
        // SAFETY: the row has `GROUPS + 1` vectors of `LANES` numbers.
        unsafe { &*self.0.as_ptr().add(group * LANES).cast() }
    }

    /// As [`group_mut`](Self::group_mut).
    ///
    /// # Safety
    /// `group` is at most [`GROUPS`](Self::GROUPS).
    #[inline(always)]
    pub(super) unsafe fn group_unchecked_mut(&mut self, group: usize) -> &mut [f32; LANES] {
        debug_assert!(group <= Self::GROUPS);
        // SAFETY: the row has `GROUPS + 1` vectors of `LANES` numbers.
        unsafe { &mut *self.0.as_mut_ptr().add(group * LANES).cast() }
    }
}
