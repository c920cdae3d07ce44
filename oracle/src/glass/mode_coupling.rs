//! Schematic mode-coupling theory: the exact models against which "glassy" exponents are measured (PHYSICS.md D.8).
//!
//! One correlator φ with overdamped dynamics and a memory m, in units of its bare relaxation time:
//! `φ' + φ + ∫₀ᵗ m(t − s) φ'(s) ds = 0`, `φ(0) = 1` (Götze, *Complex Dynamics of Glass-Forming Liquids*, 2009).
//!
//! | | memory | solution |
//! |---|---|---|
//! | [`F1`] | `v φ` | closed form at all times |
//! | [`ExponentialMemory`] | `L e^{−t}` | closed form at all times |
//! | [`F12`] (with F2) | `v1 φ + v2 φ²` | plateau, [`Singularity`], [`exponents`]; in time by [`TimeDoubling`] |
//! | any | `m(φ, t)` | [`TimeDoubling`] |

mod exponential_memory;
pub mod exponents;
mod f1;
mod f12;
mod singularity;
mod time_doubling;

pub use exponential_memory::ExponentialMemory;
pub use f1::F1;
pub use f12::F12;
pub use singularity::Singularity;
pub use time_doubling::{Relaxation, TimeDoubling};
