//! Bits of a run whose every number is pinned.

use super::error::ProfileError;
use super::hash::fnv_1a;
use super::record::{Arithmetic, Bits};
use super::subject::Subject;
use glassbox_oracle::Bath;
use glassbox_simulations::InstructionSet;
use glassbox_simulations::integrator::{Integrator, IntegratorError, State};
use glassbox_simulations::landscape::Landscape;
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// A short run from given weights, whose seed no option changes.
#[derive(Clone, Debug)]
pub struct PinnedRun<L> {
    /// What is run, in words; unique with the arithmetic.
    pub name: String,
    /// The landscape.
    pub landscape: L,
    /// The bath.
    pub bath: Bath,
    /// The step.
    pub dt: f64,
    /// Weights at the start.
    pub start: Vec<f64>,
    /// Number of steps.
    pub steps: u64,
    /// For which arithmetic its bits hold.
    pub arithmetic: Arithmetic,
}

const SEED: u64 = 42;
const REPLICA: u32 = 3;
/// Final weights that are written out.
const LEADING: usize = 4;

/// The arithmetic of the network kernels under a set of instructions.
pub(crate) fn arithmetic_of(instructions: InstructionSet) -> Arithmetic {
    let fused_everywhere = cfg!(any(target_feature = "fma", target_arch = "aarch64"));
    if instructions != InstructionSet::PORTABLE || fused_everywhere {
        Arithmetic::Fused
    } else {
        Arithmetic::Separate
    }
}

/// Runs, and takes the bits.
pub(crate) fn bits<L, I, M>(subject: &Subject<M>, run: &PinnedRun<L>) -> Result<Bits, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError>,
{
    if run.start.len() != run.landscape.dimension() {
        let (given, needed) = (run.start.len(), run.landscape.dimension());
        let reason = format!("it starts with {given} weights; its landscape has {needed}");
        return Err(ProfileError::Problem { problem: run.name.clone(), reason });
    }
    let mut integrator = (subject.make)(run.bath, run.dt)?;
    let noise = NoiseStream::new(SEED, Purpose::Langevin, REPLICA);
    let mut state = State::new(run.start.clone());
    while state.step < run.steps {
        integrator.step(&run.landscape, &noise, &mut state);
        state.step += 1;
        if !(state.loss.is_finite() && state.weights.iter().all(|weight| weight.is_finite())) {
            let hash = format!("diverged at step {}", state.step);
            return Ok(Bits { run: run.name.clone(), arithmetic: run.arithmetic, hash, leading: Vec::new() });
        }
    }
    let numbers = state.weights.iter().chain([&state.loss]);
    let hash = fnv_1a(numbers.flat_map(|number| number.to_bits().to_le_bytes()));
    Ok(Bits {
        run: run.name.clone(),
        arithmetic: run.arithmetic,
        hash: format!("{hash:016x}"),
        leading: state.weights.iter().copied().take(LEADING).collect(),
    })
}
