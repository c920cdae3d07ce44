//! The most multiply-adds that a core can do, to compare the gradient with.

use super::instructions::Instructions;
use super::{LANES, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};
use glassbox_instructions::{InstructionSet, Kind};

/// Does `rounds` rounds of single-precision multiply-adds in registers and returns how many they were: timed, this is the
/// peak of one core that benches compare the gradient with.
#[must_use]
pub fn multiply_adds(instructions: InstructionSet, rounds: u64) -> u64 {
    // Twelve or more registers of sums that do not wait for one another, and no more than there are: the latency of a
    // multiply-add times how many begin in a cycle is 8 to 10.
    let (sum, vectors) = match instructions.kind() {
        Kind::Portable => (run::<_, 3>(portable::Portable, rounds), 3),
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2(proof) => (avx2::peak(proof, rounds), avx2::PEAK_VECTORS),
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512(proof) => (avx512::peak(proof, rounds), avx512::PEAK_VECTORS),
    };
    std::hint::black_box(sum);
    rounds * (vectors * LANES) as u64
}

#[inline(always)]
pub(super) fn run<I: Instructions, const SUMS: usize>(instructions: I, rounds: u64) -> [[f32; 4]; 4] {
    let factor = instructions.splat(std::hint::black_box(0.999));
    let mut sums = [instructions.splat(1.0); SUMS];
    for _ in 0..rounds {
        for index in 0..SUMS {
            sums[index] = instructions.add_product(factor, factor, sums[index]);
        }
    }
    let mut total = sums[0];
    for sum in sums {
        total = instructions.add_product(total, sum, factor);
    }
    instructions.sum_lanes(&[[total]])
}
