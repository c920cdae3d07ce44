//! Vectors as arrays, which the compiler turns into whatever the target has.

use super::LANES;
use super::instructions::Instructions;

#[derive(Clone, Copy)]
pub(super) struct Portable;

/// Whether `f32::mul_add` is one instruction; elsewhere it is a slow library call.
const FUSED: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

impl Instructions for Portable {
    type Vector = [f32; LANES];

    // Sixteen registers of four numbers hold 2 × 16 sums; twice the registers (aarch64) hold 4 × 16.
    const ROWS: usize = if cfg!(target_arch = "aarch64") { 4 } else { 2 };
    const GROUPS: usize = 1;
    const OUTER_ROWS: usize = 2;
    const OUTER_COLUMNS: usize = if cfg!(target_arch = "aarch64") { 2 } else { 1 };

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> Self::Vector {
        *lanes
    }

    #[inline(always)]
    fn store(self, lanes: &mut [f32; LANES], vector: Self::Vector) {
        *lanes = vector;
    }

    #[inline(always)]
    fn add_product(self, mut sum: Self::Vector, factor: Self::Vector, value: Self::Vector) -> Self::Vector {
        for lane in 0..LANES {
            sum[lane] = if FUSED {
                factor[lane].mul_add(value[lane], sum[lane])
            } else {
                sum[lane] + factor[lane] * value[lane]
            };
        }
        sum
    }

    #[inline(always)]
    fn positive_part(self, mut vector: Self::Vector) -> Self::Vector {
        for value in &mut vector {
            *value = if 0.0 > *value { 0.0 } else { *value };
        }
        vector
    }

    #[inline(always)]
    fn where_positive(self, condition: Self::Vector, mut vector: Self::Vector) -> Self::Vector {
        for lane in 0..LANES {
            vector[lane] = if condition[lane] > 0.0 { vector[lane] } else { 0.0 };
        }
        vector
    }

    #[inline(always)]
    fn permute(self, vector: Self::Vector, lanes: &[u32; LANES]) -> Self::Vector {
        let mut permuted = vector;
        for (value, lane) in permuted.iter_mut().zip(lanes) {
            *value = vector[*lane as usize % LANES];
        }
        permuted
    }

    #[inline(always)]
    fn sum_lanes<const ROWS: usize, const COLUMNS: usize>(
        self,
        vectors: &[[Self::Vector; COLUMNS]; ROWS],
    ) -> [[f32; 4]; 4] {
        let mut sums = [[0.0; 4]; 4];
        for (sums, vectors) in sums.iter_mut().zip(vectors) {
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                let mut lanes = *vector;
                for distance in [8, 4, 2, 1] {
                    for lane in 0..distance {
                        lanes[lane] += lanes[lane + distance];
                    }
                }
                *sum = lanes[0];
            }
        }
        sums
    }
}
