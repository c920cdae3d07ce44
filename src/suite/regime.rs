//! Whether a limit in which a law holds was reached: measured, not assumed.

use super::findings::SuiteError;
use glassbox_oracle::Bath;
use glassbox_oracle::verdict::Evidence;
use glassbox_simulations::ensemble::{Ensemble, Observer};
use glassbox_simulations::integrator::{EulerMaruyama, State};
use glassbox_simulations::landscape::Landscape;

/// The share of a deviation that matters which a force outside the law may contribute.
const ALLOWED_SHARE: f64 = 0.1;

/// How much of the mean squared displacement comes from forces that the law does not know.
pub(crate) struct Regime<'a, L: ?Sized> {
    pub(crate) landscape: &'a L,
    pub(crate) bath: Bath,
    /// The stiffness that the law does know.
    pub(crate) stiffness: f64,
    pub(crate) steps: u64,
    pub(crate) seed: u64,
}

/// Replicas of the measurement: the share is a mean over all their weights.
const REPLICAS: u32 = 8;

impl<L: Landscape + ?Sized> Regime<'_, L> {
    /// `|1 − <(dw − dw_excess)²> / <dw²>|`, dw_excess being what the force beyond `−k w` did.
    pub(crate) fn excess_share(&self, start: &[f64]) -> Result<f64, SuiteError> {
        let integrator = EulerMaruyama::new(self.bath, 1.0)?;
        let replicas = Ensemble::new(self.landscape, REPLICAS, self.seed).run(
            self.steps,
            |_| start.to_vec(),
            |_| integrator,
            |_| ExcessRecorder::new(self.bath.mobility(), self.stiffness),
        )?;
        let Ok(records) = replicas.completed() else { return Ok(f64::INFINITY) };
        let (with, without) =
            records.iter().fold((0.0, 0.0), |sum, record| (sum.0 + record.0, sum.1 + record.1));
        Ok((1.0 - without / with).abs())
    }

    /// The largest share that leaves a check of this tolerance its verdict.
    pub(crate) fn allowed(tolerance: f64) -> f64 {
        ALLOWED_SHARE * tolerance
    }

    /// Makes `evidence` inconclusive where the share could be a tenth of the practical tolerance or more.
    pub(crate) fn doubt(&self, evidence: Vec<Evidence>, share: f64) -> Vec<Evidence> {
        let doubtful = |one: Evidence| {
            if share <= Self::allowed(one.practical_tolerance) {
                return one;
            }
            let doubt =
                format!("the limit of the law was not reached: other forces make {share:.1e} of the motion");
            one.doubted(doubt)
        };
        evidence.into_iter().map(doubtful).collect()
    }
}

struct ExcessRecorder {
    mobility: f64,
    stiffness: f64,
    origin: Vec<f64>,
    previous: Vec<f64>,
    excess: Vec<f64>,
}

impl ExcessRecorder {
    fn new(mobility: f64, stiffness: f64) -> Self {
        Self { mobility, stiffness, origin: Vec::new(), previous: Vec::new(), excess: Vec::new() }
    }
}

impl Observer for ExcessRecorder {
    /// Sums over weights of dw² and of (dw − excess)².
    type Record = (f64, f64);

    fn observe(&mut self, state: &State) {
        if state.step == 0 {
            self.origin.clone_from(&state.weights);
            self.excess = vec![0.0; state.weights.len()];
        } else {
            for ((excess, gradient), weight) in
                self.excess.iter_mut().zip(&state.gradient).zip(&self.previous)
            {
                *excess -= self.mobility * (gradient - self.stiffness * weight);
            }
        }
        self.previous.clone_from(&state.weights);
    }

    fn finish(self) -> (f64, f64) {
        let moved = self.previous.iter().zip(&self.origin).map(|(now, origin)| now - origin);
        moved.zip(&self.excess).fold((0.0, 0.0), |(with, without), (moved, excess)| {
            (with + moved * moved, without + (moved - excess).powi(2))
        })
    }
}
