//! Two 256-bit registers a vector.
#![allow(unsafe_code, reason = "vector intrinsics; every block states why it is sound")]

use super::instructions::Instructions;
use super::tile::{Batch, Workspace, sum_over};
use super::{LANES, peak};
use glassbox_instructions::Avx2;
use std::arch::x86_64::*;
use std::ops::Range;

/// [`sum_over`] compiled for AVX2 and FMA.
pub(super) fn run(
    instructions: Avx2,
    batch: Batch<'_>,
    range: Range<usize>,
    workspace: &mut Workspace,
    gradient: &mut [f64],
) -> f64 {
    #[target_feature(enable = "avx2,fma")]
    fn compiled(
        instructions: Avx2,
        batch: Batch<'_>,
        range: Range<usize>,
        workspace: &mut Workspace,
        gradient: &mut [f64],
    ) -> f64 {
        sum_over(instructions, batch, range, workspace, gradient)
    }
    // SAFETY: an `Avx2` exists only where the processor has these instructions.
    unsafe { compiled(instructions, batch, range, workspace, gradient) }
}

/// Vectors of sums that [`peak`] works on.
pub(super) const PEAK_VECTORS: usize = 6;

/// [`peak::run`] compiled for these instructions.
pub(super) fn peak(instructions: Avx2, rounds: u64) -> [[f32; 4]; 4] {
    #[target_feature(enable = "avx2,fma")]
    fn compiled(instructions: Avx2, rounds: u64) -> [[f32; 4]; 4] {
        peak::run::<_, PEAK_VECTORS>(instructions, rounds)
    }
    // SAFETY: an `Avx2` exists only where the processor has these instructions.
    unsafe { compiled(instructions, rounds) }
}

/// Lanes 0 to 7 and 8 to 15.
type Halves = [__m256; 2];

impl Instructions for Avx2 {
    type Vector = Halves;

    // 6 sums of two registers, 2 of activations and a weight: 15 of 16 registers, and 8 loads for 12 multiply-adds.
    const ROWS: usize = 6;
    const GROUPS: usize = 1;
    // 6 sums of two registers: 10 loads for 12 multiply-adds.
    const OUTER_ROWS: usize = 3;
    const OUTER_COLUMNS: usize = 2;

    #[inline(always)]
    fn splat(self, value: f32) -> Halves {
        // SAFETY: `self` proves AVX2.
        unsafe { [_mm256_set1_ps(value); 2] }
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> Halves {
        // SAFETY: `self` proves AVX2; the array is the twice 32 bytes read.
        unsafe { [_mm256_loadu_ps(lanes.as_ptr()), _mm256_loadu_ps(lanes.as_ptr().add(8))] }
    }

    #[inline(always)]
    fn store(self, lanes: &mut [f32; LANES], [low, high]: Halves) {
        // SAFETY: `self` proves AVX2; the array is the twice 32 bytes written.
        unsafe {
            _mm256_storeu_ps(lanes.as_mut_ptr(), low);
            _mm256_storeu_ps(lanes.as_mut_ptr().add(8), high);
        }
    }

    #[inline(always)]
    fn add_product(self, sum: Halves, factor: Halves, value: Halves) -> Halves {
        // SAFETY: `self` proves AVX2 and FMA.
        unsafe {
            [_mm256_fmadd_ps(factor[0], value[0], sum[0]), _mm256_fmadd_ps(factor[1], value[1], sum[1])]
        }
    }

    #[inline(always)]
    fn positive_part(self, [low, high]: Halves) -> Halves {
        // The second operand is the result where one is NaN.
        // SAFETY: `self` proves AVX2.
        unsafe {
            let zero = _mm256_setzero_ps();
            [_mm256_max_ps(zero, low), _mm256_max_ps(zero, high)]
        }
    }

    #[inline(always)]
    fn where_positive(self, condition: Halves, vector: Halves) -> Halves {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let zero = _mm256_setzero_ps();
            [
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(condition[0], zero), vector[0]),
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(condition[1], zero), vector[1]),
            ]
        }
    }

    #[inline(always)]
    fn permute(self, [low, high]: Halves, lanes: &[u32; LANES]) -> Halves {
        // Each half takes from both by the lower three bits of the lane; the fourth bit, moved to the sign, chooses.
        // SAFETY: `self` proves AVX2; the array is the twice 32 bytes read.
        unsafe {
            let lower = _mm256_loadu_si256(lanes.as_ptr().cast());
            let upper = _mm256_loadu_si256(lanes.as_ptr().add(8).cast());
            [
                _mm256_blendv_ps(
                    _mm256_permutevar8x32_ps(low, lower),
                    _mm256_permutevar8x32_ps(high, lower),
                    _mm256_castsi256_ps(_mm256_slli_epi32::<28>(lower)),
                ),
                _mm256_blendv_ps(
                    _mm256_permutevar8x32_ps(low, upper),
                    _mm256_permutevar8x32_ps(high, upper),
                    _mm256_castsi256_ps(_mm256_slli_epi32::<28>(upper)),
                ),
            ]
        }
    }

    /// The halves are added, then pairs of vectors merged three times: 7 merges sum all lanes of 8 vectors.
    #[inline(always)]
    fn sum_lanes<const ROWS: usize, const COLUMNS: usize>(
        self,
        vectors: &[[Halves; COLUMNS]; ROWS],
    ) -> [[f32; 4]; 4] {
        let mut lanes = [0.0; 8];
        // SAFETY: `self` proves AVX2; the array is the 32 bytes written.
        unsafe {
            let mut sums = [_mm256_setzero_ps(); 8];
            // Never more; said for the larger blocks, which are compiled but not called.
            for row in 0..ROWS.min(Self::OUTER_ROWS) {
                for column in 0..COLUMNS.min(Self::OUTER_COLUMNS) {
                    let [low, high] = vectors[row][column];
                    sums[2 * row + column] = _mm256_add_ps(low, high);
                }
            }
            for index in 0..4 {
                let (a, b) = (sums[index], sums[index + 4]);
                let crossed = _mm256_permute2f128_ps::<0x21>(a, b);
                sums[index] = _mm256_add_ps(_mm256_blend_ps::<0xF0>(a, b), crossed);
            }
            for index in 0..2 {
                let (a, b) = (sums[index], sums[index + 2]);
                let crossed = _mm256_shuffle_ps::<0x4E>(a, b);
                sums[index] = _mm256_add_ps(_mm256_blend_ps::<0xCC>(a, b), crossed);
            }
            let (a, b) = (sums[0], sums[1]);
            let crossed = _mm256_permute_ps::<0xB1>(_mm256_blend_ps::<0xAA>(b, a));
            _mm256_storeu_ps(lanes.as_mut_ptr(), _mm256_add_ps(_mm256_blend_ps::<0xAA>(a, b), crossed));
        }
        let mut rows = [[0.0; 4]; 4];
        for (row, pair) in rows.iter_mut().zip(lanes.as_chunks::<2>().0) {
            row[..2].copy_from_slice(pair);
        }
        rows
    }
}
