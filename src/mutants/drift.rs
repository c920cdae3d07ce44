//! Faulty drift.

use super::DriftFault;
use std::ops::Range;

/// The gradient that the step uses, made wrong.
pub(super) fn spoil(
    fault: DriftFault,
    step: u64,
    weights: &[f64],
    regularisation: f64,
    layers: &[Range<usize>],
    gradient: &mut [f64],
) {
    match fault {
        DriftFault::Factor(factor) => gradient.iter_mut().for_each(|slope| *slope *= factor),
        DriftFault::OwnSchedule => {
            let factor = 1.0 / (1.0 + step as f64 / 100.0);
            gradient.iter_mut().for_each(|slope| *slope *= factor);
        }
        DriftFault::Clipped(limit) => {
            gradient.iter_mut().for_each(|slope| *slope = slope.clamp(-limit, limit));
        }
        DriftFault::Regularisation(times) => {
            let pull = weights.iter().map(|weight| times * regularisation * weight);
            gradient.iter_mut().zip(pull).for_each(|(slope, pull)| *slope += pull);
        }
        DriftFault::RegularisationOfFirstLayerOnly => {
            for layer in layers.iter().skip(1) {
                for weight in layer.clone() {
                    gradient[weight] -= regularisation * weights[weight];
                }
            }
        }
        // These are faults of where the gradient is taken.
        DriftFault::Stale | DriftFault::AfterNoise => {}
    }
}
