//! One 512-bit register a vector.
#![allow(unsafe_code, reason = "vector intrinsics; every block states why it is sound")]

use super::instructions::Instructions;
use super::tile::{Batch, Workspace, sum_over};
use super::{LANES, peak};
use glassbox_instructions::Avx512;
use std::arch::x86_64::*;
use std::ops::Range;

/// [`sum_over`] compiled for AVX-512.
pub(super) fn run(
    instructions: Avx512,
    batch: Batch<'_>,
    range: Range<usize>,
    workspace: &mut Workspace,
    gradient: &mut [f64],
) -> f64 {
    #[target_feature(enable = "avx512f,avx512dq")]
    fn compiled(
        instructions: Avx512,
        batch: Batch<'_>,
        range: Range<usize>,
        workspace: &mut Workspace,
        gradient: &mut [f64],
    ) -> f64 {
        sum_over(instructions, batch, range, workspace, gradient)
    }
    // SAFETY: an `Avx512` exists only where the processor has these instructions.
    unsafe { compiled(instructions, batch, range, workspace, gradient) }
}

/// Vectors of sums that [`peak`] works on.
pub(super) const PEAK_VECTORS: usize = 12;

/// [`peak::run`] compiled for these instructions.
pub(super) fn peak(instructions: Avx512, rounds: u64) -> [[f32; 4]; 4] {
    #[target_feature(enable = "avx512f,avx512dq")]
    fn compiled(instructions: Avx512, rounds: u64) -> [[f32; 4]; 4] {
        peak::run::<_, PEAK_VECTORS>(instructions, rounds)
    }
    // SAFETY: an `Avx512` exists only where the processor has these instructions.
    unsafe { compiled(instructions, rounds) }
}

/// Lanes that the second of two merged vectors fills, for lanes 8, 4, 2 and 1 apart.
const UPPER: [__mmask16; 4] = [0xFF00, 0xF0F0, 0xCCCC, 0xAAAA];

impl Instructions for Avx512 {
    type Vector = __m512;

    // 24 sums, 4 activations and a weight: 29 of 32 registers, and 10 loads for 24 multiply-adds.
    const ROWS: usize = 6;
    const GROUPS: usize = 4;
    // 16 sums are one vector after `sum_lanes`.
    const OUTER_ROWS: usize = 4;
    const OUTER_COLUMNS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> __m512 {
        // SAFETY: `self` proves AVX-512; the array is the 64 bytes read.
        unsafe { _mm512_loadu_ps(lanes.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, lanes: &mut [f32; LANES], vector: __m512) {
        // SAFETY: `self` proves AVX-512; the array is the 64 bytes written.
        unsafe { _mm512_storeu_ps(lanes.as_mut_ptr(), vector) }
    }

    #[inline(always)]
    fn add_product(self, sum: __m512, factor: __m512, value: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_fmadd_ps(factor, value, sum) }
    }

    #[inline(always)]
    fn positive_part(self, vector: __m512) -> __m512 {
        // The second operand is the result where one is NaN.
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_max_ps(_mm512_setzero_ps(), vector) }
    }

    #[inline(always)]
    fn where_positive(self, condition: __m512, vector: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512.
        unsafe {
            let positive = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(condition, _mm512_setzero_ps());
            _mm512_maskz_mov_ps(positive, vector)
        }
    }

    #[inline(always)]
    fn permute(self, vector: __m512, lanes: &[u32; LANES]) -> __m512 {
        // SAFETY: `self` proves AVX-512; the array is the 64 bytes read.
        unsafe { _mm512_permutexvar_ps(_mm512_loadu_si512(lanes.as_ptr().cast()), vector) }
    }

    /// Pairs of vectors are merged, half the lanes of each, four times: 15 merges sum all lanes of 16 vectors.
    #[inline(always)]
    fn sum_lanes<const ROWS: usize, const COLUMNS: usize>(
        self,
        vectors: &[[__m512; COLUMNS]; ROWS],
    ) -> [[f32; 4]; 4] {
        let mut sums = [self.splat(0.0); 16];
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                sums[4 * row + column] = vectors[row][column];
            }
        }
        // SAFETY: `self` proves AVX-512.
        unsafe {
            for index in 0..8 {
                let (a, b) = (sums[index], sums[index + 8]);
                let crossed = _mm512_shuffle_f32x4::<0x4E>(a, b);
                sums[index] = _mm512_add_ps(_mm512_mask_mov_ps(a, UPPER[0], b), crossed);
            }
            for index in 0..4 {
                let (a, b) = (sums[index], sums[index + 4]);
                let swapped = _mm512_mask_mov_ps(b, UPPER[1], a);
                let crossed = _mm512_shuffle_f32x4::<0xB1>(swapped, swapped);
                sums[index] = _mm512_add_ps(_mm512_mask_mov_ps(a, UPPER[1], b), crossed);
            }
            for index in 0..2 {
                let (a, b) = (sums[index], sums[index + 2]);
                let crossed = _mm512_shuffle_ps::<0x4E>(a, b);
                sums[index] = _mm512_add_ps(_mm512_mask_mov_ps(a, UPPER[2], b), crossed);
            }
            let (a, b) = (sums[0], sums[1]);
            let crossed = _mm512_permute_ps::<0xB1>(_mm512_mask_mov_ps(b, UPPER[3], a));
            sums[0] = _mm512_add_ps(_mm512_mask_mov_ps(a, UPPER[3], b), crossed);
        }
        let mut lanes = [0.0; LANES];
        self.store(&mut lanes, sums[0]);
        let mut rows = [[0.0; 4]; 4];
        rows.as_flattened_mut().copy_from_slice(&lanes);
        rows
    }
}
