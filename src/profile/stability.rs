//! The longest stable step, by bisection on runs without noise.

use super::error::ProfileError;
use super::record::Stability;
use super::subject::Subject;
use glassbox_oracle::Bath;
use glassbox_simulations::integrator::{Integrator, IntegratorError, State};
use glassbox_simulations::landscape::Landscape;
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// A well in which a run at temperature 0 either shrinks or grows.
#[derive(Clone, Debug)]
pub struct StabilityTrial<L> {
    name: String,
    landscape: L,
    stiffness: f64,
}

impl<L: Landscape> StabilityTrial<L> {
    /// A trial in a well of the given `stiffness > 0` with its bottom at 0.
    ///
    /// # Errors
    /// [`ProfileError::Problem`] for a stiffness outside its range.
    pub fn new(name: impl Into<String>, landscape: L, stiffness: f64) -> Result<Self, ProfileError> {
        let problem = name.into();
        if !(stiffness.is_finite() && stiffness > 0.0) {
            let reason = format!("its stiffness is {stiffness}; it must be finite and above 0");
            return Err(ProfileError::Problem { problem, reason });
        }
        Ok(Self { name: problem, landscape, stiffness })
    }
}

/// Steps of a run; growth by a factor 1 + d a step is seen from d = 2⁻⁵³ on, which is finer than the last bracket.
const STEPS: u64 = 200;
/// First look: multiples of 1/8 up to 64. A stable stretch between two of them would be missed.
const FIRST_LOOK: f64 = 0.125;
const SEARCHED_TO: f64 = 64.0;
/// Width of the last bracket: 2⁻²⁰.
const WIDTH: f64 = 9.536_743_164_062_5e-7;

/// Finds where runs begin to grow.
pub(crate) fn limit<L, I, M>(
    subject: &Subject<M>,
    trial: &StabilityTrial<L>,
) -> Result<Stability, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError>,
{
    // A mobility other than 1, so that one left out shows.
    let bath = Bath::new(0.5, 0.0, 1.0)?;
    let noise = NoiseStream::new(1, Purpose::Langevin, 0);
    let grows = |rate: f64| -> Result<bool, ProfileError> {
        let mut integrator = (subject.make)(bath, rate / (bath.mobility() * trial.stiffness))?;
        let mut state = State::new(vec![1.0; trial.landscape.dimension()]);
        while state.step < STEPS {
            integrator.step(&trial.landscape, &noise, &mut state);
            state.step += 1;
        }
        Ok(!state.weights.iter().all(|weight| weight.abs() < 1.0))
    };
    let mut high = FIRST_LOOK;
    while !grows(high)? {
        high += FIRST_LOOK;
        if high > SEARCHED_TO {
            return Ok(Stability {
                landscape: trial.name.clone(),
                limit: None,
                width: WIDTH,
                searched_to: SEARCHED_TO,
            });
        }
    }
    let mut low = high - FIRST_LOOK;
    while high - low > WIDTH {
        let middle = 0.5 * (low + high);
        if grows(middle)? { high = middle } else { low = middle }
    }
    Ok(Stability {
        landscape: trial.name.clone(),
        limit: Some(0.5 * (low + high)),
        width: WIDTH,
        searched_to: SEARCHED_TO,
    })
}
