//! Long sums, taken in eight interleaved parts: one part per place of a vector register, so that the order of the sum is
//! the same with any instructions.

/// Numbers of which several sums are taken while they are in the nearest cache.
pub(crate) const TILE: usize = 1024;

/// Parts of a sum.
pub(crate) const PARTS: usize = 8;

/// A sum in parts: number `i` goes into part `i` modulo [`PARTS`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Interleaved(pub(crate) [f64; PARTS]);

impl Interleaved {
    /// The parts together, in pairs.
    pub(crate) fn total(&self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (b + f)) + ((c + g) + (d + h))
    }
}

/// Calls `visit` with the part and the two numbers of every place.
#[inline(always)]
pub(crate) fn for_each_group(first: &[f64], second: &[f64], mut visit: impl FnMut(usize, f64, f64)) {
    let (groups, rest) = first.as_chunks::<PARTS>();
    let (other_groups, other_rest) = second.as_chunks::<PARTS>();
    for (one, other) in groups.iter().zip(other_groups) {
        for part in 0..PARTS {
            visit(part, one[part], other[part]);
        }
    }
    for (part, (one, other)) in rest.iter().zip(other_rest).enumerate() {
        visit(part, *one, *other);
    }
}
