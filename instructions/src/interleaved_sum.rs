//! Long sums in eight interleaved parts.

/// Parts of a sum: as many as a vector register holds, so that the order of the sum is the same with any instructions.
const PARTS: usize = 8;

/// The sum of `term` over the places of two lists of one length, in eight parts: place `i` goes into part `i` modulo 8, and the
/// parts are added in pairs. `term(0, 0)` must be 0. The order of the sum is fixed, and a caller that is compiled for more
/// vector instructions than this crate gets the same bits faster.
///
/// Places beyond the length of the shorter list are left out. The rounding error is that of plain sums of an eighth of the
/// length.
///
/// ```
/// use glassbox_instructions::interleaved_sum;
/// let (weights, gradient) = ([1.0, 2.0, 3.0], [0.5, -1.0, 2.0]);
/// assert_eq!(interleaved_sum(&weights, &gradient, |weight, slope| weight * slope), 4.5);
/// ```
#[inline(always)]
#[must_use]
pub fn interleaved_sum(first: &[f64], second: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let length = first.len().min(second.len());
    let mut sums = [0.0; PARTS];
    // One sum a loop, and no loop over what is left over: then the compiler fills whole registers.
    let mut add = |one: &[f64; PARTS], other: &[f64; PARTS]| {
        for part in 0..PARTS {
            sums[part] += term(one[part], other[part]);
        }
    };
    let (groups, rest) = first[..length].as_chunks();
    let (other_groups, other_rest) = second[..length].as_chunks();
    for (one, other) in groups.iter().zip(other_groups) {
        add(one, other);
    }
    let padded = |rest: &[f64]| {
        let mut group = [0.0; PARTS];
        group[..rest.len()].copy_from_slice(rest);
        group
    };
    add(&padded(rest), &padded(other_rest));
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers are added exactly, in any order.
    #[test]
    fn every_place_is_added_once() {
        for length in 0..40_u32 {
            let first: Vec<f64> = (0..length).map(f64::from).collect();
            let second: Vec<f64> = (0..length + 3).map(|place| f64::from(place * place)).collect();
            let expected: u32 = (0..length).map(|place| place * place * place).sum();
            assert_eq!(interleaved_sum(&first, &second, |one, other| one * other), f64::from(expected));
        }
    }
}
