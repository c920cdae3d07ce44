//! One saved state of one replica.

/// The weights of a replica at a step, all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame<'a> {
    /// Number of the replica, from 0.
    pub replica: usize,
    /// Number of the frame in [`Trajectory::times`](super::Trajectory::times).
    pub frame: usize,
    /// Its step.
    pub step: u64,
    /// One number a weight.
    pub weights: &'a [f64],
    /// Gradient of the loss at these weights, where the file has it.
    pub gradient: Option<&'a [f64]>,
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: small moves of large weights are lost (see `glassbox_oracle::single_precision`).
    Single,
    /// 64 bits.
    Double,
}
