//! Loops compiled for the vector instructions that a processor has, found out when the program runs, with the same bits on
//! all of them.
//!
//! ```
//! use glassbox_instructions::{InstructionSet, Loop, interleaved_sum};
//! struct SumOfSquares<'a>(&'a [f64]);
//! impl Loop for SumOfSquares<'_> {
//!     type Output = f64;
//!     #[inline(always)]
//!     fn run(self) -> f64 {
//!         interleaved_sum(self.0, self.0, |one, other| one * other)
//!     }
//! }
//! let numbers = [1.5, -2.0, 0.1];
//! let sums: Vec<f64> = InstructionSet::available().iter().map(|set| set.run(SumOfSquares(&numbers))).collect();
//! assert!(sums.iter().all(|sum| *sum == sums[0]));
//! ```

mod instruction_set;
mod interleaved_sum;

#[cfg(target_arch = "x86_64")]
pub use instruction_set::{Avx2, Avx512};
pub use instruction_set::{InstructionSet, Kind, Loop};
pub use interleaved_sum::interleaved_sum;

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
