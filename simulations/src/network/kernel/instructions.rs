//! What the kernel asks of a processor: a vector of 16 single-precision numbers.

use super::LANES;

/// One set of vector instructions.
///
/// A vector has 16 lanes whatever the width of the registers, and [`sum_lanes`](Self::sum_lanes) adds them in one
/// fixed order: sets with fused multiply-add give the same bits.
pub(super) trait Instructions: Copy {
    type Vector: Copy;

    /// Largest block of a matrix product that fits the registers: rows of the result times vectors of lanes.
    const ROWS: usize;
    /// The same, vectors of lanes.
    const GROUPS: usize;
    /// Largest block of an outer product that fits the registers: rows times columns.
    const OUTER_ROWS: usize;
    /// The same, columns.
    const OUTER_COLUMNS: usize;

    fn splat(self, value: f32) -> Self::Vector;
    fn load(self, lanes: &[f32; LANES]) -> Self::Vector;
    fn store(self, lanes: &mut [f32; LANES], vector: Self::Vector);
    /// `sum + factor × value`, with one rounding where the processor can.
    fn add_product(self, sum: Self::Vector, factor: Self::Vector, value: Self::Vector) -> Self::Vector;
    /// 0 where the value is below 0; a NaN stays, so that it reaches the loss.
    fn positive_part(self, vector: Self::Vector) -> Self::Vector;
    /// The value where `condition > 0`, else 0.
    fn where_positive(self, condition: Self::Vector, vector: Self::Vector) -> Self::Vector;
    /// Lane i becomes lane `lanes[i]`, each below 16.
    fn permute(self, vector: Self::Vector, lanes: &[u32; LANES]) -> Self::Vector;
    /// Sum of the lanes of each vector: lanes 8 apart first, then 4, 2 and 1. What has no vector is 0.
    fn sum_lanes<const ROWS: usize, const COLUMNS: usize>(
        self,
        vectors: &[[Self::Vector; COLUMNS]; ROWS],
    ) -> [[f32; 4]; 4];
}
