//! The scorecard: every claim of the paper beside what was measured.

mod verdict;

pub use verdict::ClaimVerdict;
