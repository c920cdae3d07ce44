//! Right trajectories of Euler–Maruyama steps in a well, and what their parameters can be known to.

use glassbox_check::{ExaminedLaw, FramesInMemory};
use glassbox_oracle::inference::{Parameter, StatedParameters};
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// `2 mu T dt / P_D`.
pub(crate) const NOISE_VARIANCE: f64 = 0.002;

/// Where the weights are in the first frame, and what is claimed about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// All at one place, four standard deviations from the bottom.
    Far,
    /// All at the bottom.
    Zero,
    /// In the stationary state.
    Stationary,
    /// In the stationary state, with the law of a stationary well.
    StationaryLaw,
}

/// One kind of right trajectory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RightRun {
    /// `mu k dt`.
    pub(crate) rate: f64,
    /// Steps between frames.
    pub(crate) gap: u64,
    pub(crate) replicas: u32,
    pub(crate) weights: usize,
    pub(crate) frames: u64,
    pub(crate) start: Start,
}

impl RightRun {
    pub(crate) fn law(&self) -> ExaminedLaw {
        if self.start == Start::StationaryLaw { ExaminedLaw::StationaryWell } else { ExaminedLaw::Well }
    }

    /// The true parameters, without those that `open` names.
    pub(crate) fn stated(&self, open: &[Parameter]) -> StatedParameters {
        let kept = |parameter, value| (!open.contains(&parameter)).then_some(value);
        StatedParameters {
            mobility: kept(Parameter::Mobility, 0.1),
            temperature: kept(Parameter::Temperature, 0.5),
            dataset_size: kept(Parameter::DatasetSize, 50.0),
            stiffness: kept(Parameter::Stiffness, 10.0 * self.rate),
            step: kept(Parameter::Step, 1.0),
        }
    }

    /// What a move across one gap keeps of a weight, and the variance that it adds: by the recursion of single steps, so that
    /// the frames are distributed as those of a run of single steps are.
    fn move_of_gap(&self) -> (f64, f64) {
        let kept = 1.0 - self.rate;
        (0..self.gap).fold((1.0, 0.0), |(power, sum), _| (power * kept, sum * kept * kept + NOISE_VARIANCE))
    }

    fn stationary_variance(&self) -> f64 {
        NOISE_VARIANCE / (self.rate * (2.0 - self.rate))
    }

    pub(crate) fn simulate(&self, seed: u64) -> FramesInMemory {
        let (kept, variance) = self.move_of_gap();
        let (deviation, mut values) = (self.stationary_variance().sqrt(), Vec::new());
        for replica in 0..self.replicas {
            let mut weights = vec![0.0; self.weights];
            match self.start {
                Start::Far => weights.fill(4.0 * deviation),
                Start::Zero => {}
                Start::Stationary | Start::StationaryLaw => {
                    NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
                    weights.iter_mut().for_each(|weight| *weight *= deviation);
                }
            }
            let mut noise = vec![0.0; self.weights];
            for frame in 0..self.frames {
                if frame > 0 {
                    NoiseStream::new(seed, Purpose::Langevin, replica).gaussians(frame, &mut noise);
                    for (weight, noise) in weights.iter_mut().zip(&noise) {
                        *weight = kept * *weight + variance.sqrt() * noise;
                    }
                }
                values.extend_from_slice(&weights);
            }
        }
        FramesInMemory::new((0..self.frames).map(|frame| frame * self.gap).collect(), self.weights, values)
            .unwrap()
    }

    /// The information bound for one open parameter that stands in the rate with the power `in_rate` and in the noise variance
    /// with the power `in_noise` (0, 1 or −1): the smallest standard deviation of an unbiased estimate, over the parameter.
    ///
    /// With `b = 1 − aⁿ` and `V` of a move, a move from `w` has the information `(w db)²/V + (d ln V)²/2`, d by the logarithm
    /// of the parameter; a stationary start has `(d ln V_∞)²/2`.
    pub(crate) fn bound(&self, in_rate: f64, in_noise: f64) -> f64 {
        let width = 1e-5;
        let changed = |sign: f64| Self { rate: self.rate * (1.0 + sign * width * in_rate), ..*self };
        let (more, less) = (changed(1.0), changed(-1.0));
        let slope = |more: f64, less: f64| (more - less) / (2.0 * width);
        let ((kept, variance), (kept_more, variance_more), (kept_less, variance_less)) =
            (self.move_of_gap(), more.move_of_gap(), less.move_of_gap());
        let loss = slope(kept_more, kept_less);
        let of_move = slope(variance_more.ln(), variance_less.ln()) + in_noise;
        let of_start = slope(more.stationary_variance().ln(), less.stationary_variance().ln()) + in_noise;
        let mut square = match self.start {
            Start::Far => 16.0 * self.stationary_variance(),
            Start::Zero => 0.0,
            Start::Stationary | Start::StationaryLaw => self.stationary_variance(),
        };
        let mut information =
            if self.start == Start::StationaryLaw { 0.5 * of_start * of_start } else { 0.0 };
        for _ in 1..self.frames {
            information += square * loss * loss / variance + 0.5 * of_move * of_move;
            square = kept * kept * square + variance;
        }
        (f64::from(self.replicas) * self.weights as f64 * information).sqrt().recip()
    }
}
