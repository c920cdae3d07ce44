//! Keeps the displacements of a replica at chosen lags.

use super::moments::displacement;
use crate::ensemble::Observer;
use crate::integrator::State;

/// Records `w(t_w + t) − w(t_w)` for one waiting time and several lags, all in steps.
#[derive(Clone, Debug, PartialEq)]
pub struct DisplacementRecorder {
    waiting_step: u64,
    lags: Vec<u64>,
    origin: Vec<f64>,
    displacements: Vec<Vec<f64>>,
}

/// Displacements of all weights of one replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Displacements {
    /// Lags in steps, ascending.
    pub lags: Vec<u64>,
    /// One displacement a weight, for each lag that the run reached.
    pub displacements: Vec<Vec<f64>>,
}

impl DisplacementRecorder {
    /// Measures from `waiting_step` on at `lags`, in any order; duplicates count once.
    #[must_use]
    pub fn new(waiting_step: u64, mut lags: Vec<u64>) -> Self {
        lags.sort_unstable();
        lags.dedup();
        Self { waiting_step, lags, origin: Vec::new(), displacements: Vec::new() }
    }
}

impl Observer for DisplacementRecorder {
    type Record = Displacements;

    fn observe(&mut self, state: &State) {
        if state.step == self.waiting_step {
            self.origin.clone_from(&state.weights);
        }
        let next = self.lags.get(self.displacements.len());
        if state.step >= self.waiting_step && next == Some(&(state.step - self.waiting_step)) {
            self.displacements.push(displacement(&self.origin, &state.weights));
        }
    }

    fn finish(self) -> Displacements {
        Displacements { lags: self.lags, displacements: self.displacements }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_from_the_waiting_time_on() {
        let mut recorder = DisplacementRecorder::new(2, vec![3, 0, 3]);
        for step in 0..6_u32 {
            let mut state = State::new(vec![f64::from(step * step)]);
            state.step = u64::from(step);
            recorder.observe(&state);
        }
        let record = recorder.finish();
        assert_eq!(record.lags, [0, 3]);
        assert_eq!(record.displacements, [[0.0], [21.0]]);
    }
}
