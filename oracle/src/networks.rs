//! Deep ReLU networks: balance of layers and virial, the density of two weights, single precision, the solvable transition.

pub mod balance;
pub mod single_precision;
pub mod trivialisation;
pub mod two_weight;
