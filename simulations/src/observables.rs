//! Observables of displacements, measured against any origin, for all weights or a layer.

mod displacement_recorder;
mod log_displacement_histogram;
mod moments;

pub use displacement_recorder::{DisplacementRecorder, Displacements};
pub use log_displacement_histogram::LogDisplacementHistogram;
pub use moments::{displacement, mean_squared_displacement, non_gaussian_parameter, overlap};

use std::ops::Range;

/// Any observable of displacements for each of `layers` apart: pass [`mean_squared_displacement`] or a closure.
///
/// Layers that reach beyond the displacements are cut at their end.
///
/// ```
/// use glassbox_simulations::observables::{mean_squared_displacement, per_layer};
/// assert_eq!(per_layer(&[1.0, 3.0, 5.0], &[0..1, 1..3], mean_squared_displacement), [1.0, 17.0]);
/// ```
pub fn per_layer<T>(
    displacements: &[f64],
    layers: &[Range<usize>],
    observable: impl Fn(&[f64]) -> T,
) -> Vec<T> {
    let end = displacements.len();
    layers.iter().map(|layer| observable(&displacements[layer.start.min(end)..layer.end.min(end)])).collect()
}
