//! Numbers right to the last digits: special functions, tails of distributions, quadrature, sums.

pub(crate) mod double_double;
pub(crate) mod quadrature;
pub mod special;
pub(crate) mod summation;
pub mod tail_probability;
