//! Minibatch descent in a well, whose law over whole epochs is exact.

use super::super::error::ProfileError;
use super::super::exact_solution::OrnsteinUhlenbeck;
use super::super::landscapes::SampledWell;
use super::super::problem::{Moments, Problem, Start};
use super::super::record::Quantity;
use super::{STEPS, TIME};
use glassbox_oracle::{Bath, OracleError};
use libm::exp;

/// Batch size for which the expected part of [`minibatch_well`] holds.
pub const MINIBATCH: usize = 16;

const SAMPLES: u32 = 64;
const WEIGHTS: usize = 16;
const STIFFNESS: f64 = 2.0;
const VARIANCE: f64 = 0.25;

/// Descent over shuffled batches of [`MINIBATCH`] in a well, against gradient flow, at the end of whole epochs.
///
/// The expected part is that of batches without replacement: centres of two batches of an epoch have covariance
/// `−C / (P − 1)`, those of one `C (P − b) / (b (P − 1))`, and `m = P / b` steps of `a = 1 − u`, `u = mu dt k`, add
/// `u² Σ_ij a^{i+j} Cov(x̄_i, x̄_j)` to the variance, epochs being independent. To first order in u the centres of an epoch
/// cancel, so that the strong error against gradient flow is of order 1 and not ½.
///
/// # Errors
/// [`ProfileError`] never, unless its numbers are edited.
pub fn minibatch_well() -> Result<Problem<SampledWell>, ProfileError> {
    let bath = Bath::new(0.5, 0.0, f64::from(SAMPLES))?;
    let start = 1.0;
    let rate = bath.mobility() * STIFFNESS;
    let flow = move |time: f64| start * exp(-rate * time);
    let law = move |time| Ok(Moments { mean: flow(time), mean_square: flow(time) * flow(time) });
    let well = SampledWell::new(WEIGHTS, STIFFNESS, SAMPLES, VARIANCE)?;
    let problem = Problem::new("minibatch well", well, bath, Start::fixed(start), STEPS, &[TIME], law)?;
    let expected = move |_scheme, quantity, dt: f64| -> Result<Option<f64>, OracleError> {
        let u = rate * dt;
        let (kept, variance) = after(u, (TIME / dt).round());
        let distance = start * kept - flow(TIME);
        Ok(Some(match quantity {
            Quantity::StrongError => (distance * distance + variance).sqrt(),
            Quantity::Mean => distance,
            Quantity::MeanSquare => distance * (start * kept + flow(TIME)) + variance,
        }))
    };
    let exact = OrnsteinUhlenbeck::new(bath, vec![STIFFNESS; WEIGHTS]);
    Ok(problem.with_exact_solution(exact).with_expected(expected))
}

/// What is left of the start and the variance over orders of the samples, after whole epochs of `steps` in all.
fn after(u: f64, steps: f64) -> (f64, f64) {
    let (samples, batch) = (f64::from(SAMPLES), MINIBATCH as f64);
    let batches = samples / batch;
    let own = VARIANCE * (samples - batch) / (batch * (samples - 1.0));
    let shared = -VARIANCE / (samples - 1.0);
    let (mut kept, mut sum, mut squares, mut done) = (1.0, 0.0, 0.0, 0.0);
    while done < batches {
        sum += kept;
        squares += kept * kept;
        kept *= 1.0 - u;
        done += 1.0;
    }
    let of_an_epoch = u * u * (own * squares + shared * (sum * sum - squares));
    let (mut all, mut variance, mut epochs) = (1.0, 0.0, 0.0);
    while epochs < steps / batches {
        variance = variance * kept * kept + of_an_epoch;
        all *= kept;
        epochs += 1.0;
    }
    (all, variance)
}
