//! The innermost loops: one block of a matrix product or of an outer product, held in registers.
#![allow(unsafe_code, reason = "bounds are checked once a block instead of once a number")]

use super::instructions::Instructions;
use super::row::Row;

/// A block of a matrix product: `sums[r][g] = Σ_k matrix(r, k) rows[k].group(group + g)`.
///
/// `matrix(r, k)` is `matrix[r * row_stride + k * column_stride]`.
#[inline(always)]
pub(super) fn product<I: Instructions, const ROWS: usize, const GROUPS: usize>(
    instructions: I,
    matrix: &[f32],
    (row_stride, column_stride): (usize, usize),
    rows: &[Row],
    group: usize,
) -> [[I::Vector; GROUPS]; ROWS] {
    let mut sums = [[instructions.splat(0.0); GROUPS]; ROWS];
    if rows.is_empty() {
        return sums;
    }
    assert!((ROWS - 1) * row_stride + (rows.len() - 1) * column_stride < matrix.len());
    assert!(group + GROUPS <= Row::GROUPS);
    for (column, row) in rows.iter().enumerate() {
        let mut values = [instructions.splat(0.0); GROUPS];
        for index in 0..GROUPS {
            // SAFETY: `group + GROUPS` vectors are in a row, see above.
            values[index] = instructions.load(unsafe { row.group_unchecked(group + index) });
        }
        for index in 0..ROWS {
            // SAFETY: the largest index is that of the last row and column, see above.
            let factor = unsafe { matrix.get_unchecked(index * row_stride + column * column_stride) };
            let factor = instructions.splat(*factor);
            for lane in 0..GROUPS {
                sums[index][lane] = instructions.add_product(sums[index][lane], factor, values[lane]);
            }
        }
    }
    sums
}

// Loops over a block count to constants, so that they are unrolled and the block never leaves the registers.

/// The positive part of every sum.
#[inline(always)]
pub(super) fn positive_parts<I: Instructions, const ROWS: usize, const GROUPS: usize>(
    instructions: I,
    sums: &mut [[I::Vector; GROUPS]; ROWS],
) {
    for index in 0..ROWS {
        for lane in 0..GROUPS {
            sums[index][lane] = instructions.positive_part(sums[index][lane]);
        }
    }
}

/// Keeps the sums where `rows` are positive, from vector `group` on.
#[inline(always)]
pub(super) fn mask_block<I: Instructions, const ROWS: usize, const GROUPS: usize>(
    instructions: I,
    rows: &[Row; ROWS],
    group: usize,
    sums: &mut [[I::Vector; GROUPS]; ROWS],
) {
    assert!(group + GROUPS <= Row::GROUPS);
    for index in 0..ROWS {
        for lane in 0..GROUPS {
            // SAFETY: `group + GROUPS` vectors are in a row, see above.
            let condition = instructions.load(unsafe { rows[index].group_unchecked(group + lane) });
            sums[index][lane] = instructions.where_positive(condition, sums[index][lane]);
        }
    }
}

/// Writes the sums to `rows`, from vector `group` on.
#[inline(always)]
pub(super) fn store_block<I: Instructions, const ROWS: usize, const GROUPS: usize>(
    instructions: I,
    rows: &mut [Row; ROWS],
    group: usize,
    sums: [[I::Vector; GROUPS]; ROWS],
) {
    assert!(group + GROUPS <= Row::GROUPS);
    for index in 0..ROWS {
        for lane in 0..GROUPS {
            // SAFETY: `group + GROUPS` vectors are in a row, see above.
            let place = unsafe { rows[index].group_unchecked_mut(group + lane) };
            instructions.store(place, sums[index][lane]);
        }
    }
}

/// A block of an outer product: `Σ_sample rows[r] columns[c]` over the first `groups` vectors.
#[inline(always)]
pub(super) fn outer_product<I: Instructions, const ROWS: usize, const COLUMNS: usize>(
    instructions: I,
    rows: &[Row; ROWS],
    columns: &[Row; COLUMNS],
    groups: usize,
) -> [[f32; 4]; 4] {
    assert!(groups <= Row::GROUPS);
    let mut sums = [[instructions.splat(0.0); COLUMNS]; ROWS];
    for group in 0..groups {
        let mut values = [instructions.splat(0.0); COLUMNS];
        for index in 0..COLUMNS {
            // SAFETY: `groups` vectors are in a row, see above.
            values[index] = instructions.load(unsafe { columns[index].group_unchecked(group) });
        }
        for index in 0..ROWS {
            // SAFETY: the same.
            let factor = instructions.load(unsafe { rows[index].group_unchecked(group) });
            for column in 0..COLUMNS {
                sums[index][column] = instructions.add_product(sums[index][column], factor, values[column]);
            }
        }
    }
    instructions.sum_lanes(&sums)
}
