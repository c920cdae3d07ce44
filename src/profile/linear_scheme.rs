//! What the schemes of a well make of the errors on its problems, exactly.
//!
//! Each is the chain `y' = a y + b σ ξ`, `w = y + c σ ξ` of [`Scheme`]. Together with the exact solution on the same path,
//! `x' = e^{−u} x + σ J`, it is a linear recursion in two dimensions whose noises have the covariance of ξ and J
//! ([`OrnsteinUhlenbeck`](super::OrnsteinUhlenbeck)): its moments give strong errors, those of the well weak ones.

use super::exact_solution::WellStep;
use super::problem::Start;
use super::record::Quantity;
use glassbox_oracle::laws::{LinearRecursion, QuadraticWell};
use glassbox_oracle::{Bath, Clock, OracleError, Scheme};

/// One weight in a well: how it starts, and when it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct WellRun {
    pub(crate) bath: Bath,
    pub(crate) stiffness: f64,
    pub(crate) start: Start,
    pub(crate) times: Vec<f64>,
}

impl WellRun {
    /// The error of `scheme` at steps of `dt`, averaged over the times: squared for strong errors.
    pub(crate) fn error(&self, scheme: Scheme, quantity: Quantity, dt: f64) -> Result<f64, OracleError> {
        let mut sum = 0.0;
        for &time in &self.times {
            sum += match quantity {
                Quantity::StrongError => self.square_distance(scheme, dt, time)?,
                Quantity::Mean => self.mean(Some((scheme, dt)), time)? - self.mean(None, time)?,
                Quantity::MeanSquare => {
                    self.mean_square(Some((scheme, dt)), time)? - self.mean_square(None, time)?
                }
            };
        }
        Ok(sum / self.times.len() as f64)
    }

    /// `<w>` of the scheme, or of the exact solution.
    pub(crate) fn mean(&self, steps: Option<(Scheme, f64)>, time: f64) -> Result<f64, OracleError> {
        self.law(steps)?.weight_mean(time)
    }

    /// `<w²>` of the scheme, or of the exact solution.
    pub(crate) fn mean_square(&self, steps: Option<(Scheme, f64)>, time: f64) -> Result<f64, OracleError> {
        let law = self.law(steps)?;
        let mean = law.weight_mean(time)?;
        Ok(mean * mean + law.weight_variance(time)?)
    }

    fn law(&self, steps: Option<(Scheme, f64)>) -> Result<QuadraticWell, OracleError> {
        let well = match steps {
            None => QuadraticWell::new(self.bath, self.stiffness, Clock::Continuous)?,
            Some((scheme, dt)) => {
                QuadraticWell::new(self.bath, self.stiffness, Clock::steps(dt)?)?.integrated_by(scheme)?
            }
        };
        well.from_gaussian(self.start.mean, self.start.standard_deviation)
    }

    /// `<(w − x)²>` after `time`.
    fn square_distance(&self, scheme: Scheme, dt: f64, time: f64) -> Result<f64, OracleError> {
        let u = self.bath.mobility() * self.stiffness * dt;
        let (a, b, c) = chain(scheme, u);
        let (step, noise) = (WellStep::new(u), self.bath.noise_variance(dt));
        let (along, spread) = (step.along, step.spread * step.spread);
        let Start { mean, standard_deviation } = self.start;
        let start = standard_deviation * standard_deviation;
        // The weight is given at time 0, y₀ = w₀ − c σ ξ₀, so that y₁ = a w₀ + (b − a c) σ ξ₀.
        let first = b - a * c;
        let kept = step.retention;
        let covariance = [
            [a * a * start + first * first * noise, a * kept * start + first * along * noise],
            [a * kept * start + first * along * noise, kept * kept * start + spread * noise],
        ];
        let noises = [[b * b * noise, b * along * noise], [b * along * noise, spread * noise]];
        let pair = LinearRecursion::new([[a, 0.0], [0.0, kept]], noises, [1.0, -1.0], dt)?
            .from_gaussian([a * mean, kept * mean], covariance)?;
        let rest = (time / dt).round() - 1.0;
        let (distance, variance) = (pair.weight_mean(rest * dt)?, pair.weight_variance(rest * dt)?);
        Ok(distance * distance + variance + c * c * noise)
    }
}

/// `a`, `b` and `c` of the table at [`Scheme`].
fn chain(scheme: Scheme, u: f64) -> (f64, f64, f64) {
    match scheme {
        Scheme::EulerMaruyama => (1.0 - u, 1.0, 0.0),
        Scheme::Heun => (1.0 - u + 0.5 * u * u, 1.0 - 0.5 * u, 0.0),
        Scheme::ExactStep => {
            let step = WellStep::new(u);
            (step.retention, step.spread, 0.0)
        }
        Scheme::LeimkuhlerMatthews => (1.0 - u, 1.0 - 0.5 * u, 0.5),
    }
}
