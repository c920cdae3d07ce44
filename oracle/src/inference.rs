//! What a trajectory says about the parameters that made it.
//!
//! A weight of a Langevin run in a well moves by a linear chain (table at [`Scheme`](crate::Scheme)), so that a
//! trajectory can show exactly two numbers: the *reduced rate* `mu k dt` and the *noise variance* of a step,
//! `2 mu T dt / P_D`. [`LinearFit`] estimates both by maximum likelihood from [`Transitions`]. [`StatedParameters`] fits
//! what a user leaves open, under what is stated ([`StatedFit`]), and finds the change of a single stated parameter that would
//! explain the data ([`Explanation`]). Intervals are those of the profile of the likelihood: an end that the data do not bound
//! is infinite.
//!
//! ```
//! use glassbox_oracle::inference::{LinearFit, Model, StatedParameters, Transitions};
//!
//! // Free diffusion: 1,000 weights moved by ±0.1 in one step, so 2 mu T dt / P_D = 0.01.
//! let (from, to): (Vec<f64>, Vec<f64>) = (0..1000).map(|i| (0.0, if i % 2 == 0 { 0.1 } else { -0.1 })).unzip();
//! let mut transitions = Transitions::new();
//! transitions.add(1, &from, &to)?;
//! let fit = LinearFit::new(&[transitions], Model::Free)?;
//! let stated = StatedParameters { mobility: Some(0.1), dataset_size: Some(50.0), step: Some(1.0), ..Default::default() };
//! let temperature = &stated.solve(&fit)?[0];
//! assert!((temperature.estimate.value - 2.5).abs() < 1e-12);
//! # Ok::<(), glassbox_oracle::inference::InferenceError>(())
//! ```

mod confidence_curve;
mod error;
mod estimate;
mod explanation;
mod fit;
mod likelihood;
mod linear_fit;
mod search;
mod stated;
mod stated_fit;
mod transitions;

pub use crate::laws::Parameter;
pub use error::InferenceError;
pub use estimate::Estimate;
pub use explanation::Explanation;
pub use linear_fit::{LinearFit, Model};
pub use stated::{Inferred, StatedParameters};
pub use stated_fit::{Agreement, StatedFit};
pub use transitions::Transitions;
