//! Nonlinear drifts with exact moments and no exact solution on a path.

use super::super::error::ProfileError;
use super::super::landscapes::{HyperbolicHill, Quartic};
use super::super::problem::{Moments, Problem, Start, Steps};
use super::super::record::Quantity;
use super::{STEPS, TIME, bath};
use libm::{tanh, tgamma};

/// Enough that the mean square at one time has a standard error of 0.2 %.
const WEIGHTS_ON_THE_HILL: usize = 2048;

/// Weights that roll off a hill with a smooth nonlinear force: the law at any time is a mixture of two Gaussians (see
/// [`HyperbolicHill`]), `<w> = w₀ + v t tanh(w₀/l)`, `<w²> = w₀² + 2 D t + v² t² + 2 w₀ v t tanh(w₀/l)`, `v = 2 D / l`.
///
/// The rate at its top is `2 D / l² = 1`.
///
/// # Errors
/// [`ProfileError`] never, unless its numbers are edited.
pub fn hyperbolic_hill() -> Result<Problem<HyperbolicHill>, ProfileError> {
    let bath = bath()?;
    let (start, diffusion) = (0.5, bath.diffusion());
    let width = (2.0 * diffusion).sqrt();
    let landscape = HyperbolicHill::new(WEIGHTS_ON_THE_HILL, 2.0 * bath.thermal_energy(), width)?;
    Problem::new("hyperbolic hill", landscape, bath, Start::fixed(start), STEPS, &[TIME], move |time| {
        let drift = 2.0 * diffusion / width * time;
        let along = drift * tanh(start / width);
        let mean_square = start * start + 2.0 * diffusion * time + drift * drift + 2.0 * start * along;
        Ok(Moments { mean: start + along, mean_square })
    })
}

/// A quartic well in its stationary state, `<w²> = (Γ(3/4) / Γ(1/4)) √(4 T / (k P_D))`, at steps of 0.1 … 0.0125 of its time
/// unit, in which `mu k √(T / (k P_D)) = 1`.
///
/// It starts near the bottom and is observed at 19 times from 4 units on: the slowest even mode decays at a rate above 3,
/// so that less than e⁻¹² of the start is left.
///
/// # Errors
/// As [`hyperbolic_hill`].
pub fn stationary_quartic() -> Result<Problem<Quartic>, ProfileError> {
    let bath = bath()?;
    let coefficient = 8.0;
    let energy = bath.thermal_energy();
    // A longer step diverges: from |w − h w³| ≤ 1.2 widths, noise of 7 deviations would have to reach √(2/h).
    let steps = Steps { coarsest: 0.1, levels: 4 };
    let times: Vec<f64> = (0..19).map(|count| steps.coarsest * f64::from(40 + 6 * count)).collect();
    let landscape = Quartic::new(256, coefficient)?;
    let mean_square = tgamma(0.75) / tgamma(0.25) * (4.0 * energy / coefficient).sqrt();
    let law = move |_time| Ok(Moments { mean: 0.0, mean_square });
    let problem = Problem::new("stationary quartic", landscape, bath, Start::fixed(0.4), steps, &times, law)?;
    Ok(problem.measuring(&[Quantity::MeanSquare]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: the moment equations d<w>/dt = (2D/l)<tanh(w/l)>, d<w²>/dt = 2D + (4D/l)<w tanh(w/l)>, integrated over
    /// the mixture's density by the midpoint rule, against differences of the closed moments.
    #[test]
    fn the_hills_moments_obey_the_moment_equations() {
        let problem = hyperbolic_hill().unwrap();
        let (diffusion, width, start) = (0.25_f64, 0.5_f64.sqrt(), 0.5_f64);
        let moments = |time: f64| {
            let drift = 2.0 * diffusion / width * time;
            let along = drift * (start / width).tanh();
            [start + along, start * start + 2.0 * diffusion * time + drift * drift + 2.0 * start * along]
        };
        let [mean, mean_square] = moments(0.8);
        assert!((problem.moments[0].mean - mean).abs() < 1e-15);
        assert!((problem.moments[0].mean_square - mean_square).abs() < 1e-15);
        let (time, variance) = (0.8, 2.0 * diffusion * 0.8);
        // Density of Doob's transform: cosh(w/l) / cosh(w₀/l) e^{−D t / l²} times that of free diffusion.
        let density = |w: f64| {
            let free = (-(w - start).powi(2) / (2.0 * variance)).exp()
                / (2.0 * std::f64::consts::PI * variance).sqrt();
            free * (w / width).cosh() / (start / width).cosh() * (-diffusion * time / (width * width)).exp()
        };
        let (mut force, mut virial, mut whole) = (0.0, 0.0, 0.0);
        let panel = 1e-3;
        for index in -12_000..12_000 {
            let w = (f64::from(index) + 0.5) * panel;
            whole += panel * density(w);
            force += panel * density(w) * (w / width).tanh();
            virial += panel * density(w) * w * (w / width).tanh();
        }
        let step = 1e-4;
        let (before, after) = (moments(time - step), moments(time + step));
        // The moments are quadratic in time: central differences are exact, up to rounding over the step.
        assert!((whole - 1.0).abs() < 1e-9);
        assert!(((after[0] - before[0]) / (2.0 * step) - 2.0 * diffusion / width * force).abs() < 1e-8);
        let slope = (after[1] - before[1]) / (2.0 * step);
        assert!((slope - (2.0 * diffusion + 4.0 * diffusion / width * virial)).abs() < 1e-8);
    }

    /// Second route: the Boltzmann density by the midpoint rule.
    #[test]
    fn the_quartics_moment_is_that_of_the_boltzmann_density() {
        let problem = stationary_quartic().unwrap();
        let (mut norm, mut square) = (0.0, 0.0);
        for index in 0..40_000 {
            let w = (f64::from(index) + 0.5) * 1e-4;
            let density = (-0.25 * 8.0 * w.powi(4) / 0.5).exp();
            norm += density;
            square += w * w * density;
        }
        assert!((problem.moments[0].mean_square - square / norm).abs() < 1e-12);
    }
}
