//! Two samples against each other, without a law: two versions of a program, a program and a trusted one.
//!
//! In every [`Evidence`](super::Evidence) of these tests `observed` belongs to the first sample and `predicted` to the
//! second.

pub mod by_replica;
pub mod kolmogorov_smirnov;
pub mod mean;
pub mod overlap;
pub mod variance;
