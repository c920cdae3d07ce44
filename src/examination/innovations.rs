//! The second reading: what each move has that the law could not foresee.
//!
//! Under a law with linear pull and fresh Gaussian noise the numbers `z = (w' − (1 − b) w) / √V` of successive frames are
//! independent standard Gaussian numbers, for every replica, time and weight. Everything here is a sum over them, or a
//! sample of fixed size.

use super::ExaminationError;
use super::gaussian_sums::Sums;
use super::noise_search::NoiseBlocks;
use super::source::{Move, Source, walk};
use super::step_law::StepLaw;
use std::collections::VecDeque;
use std::ops::Range;

/// Innovations kept for the tests of the whole distribution.
pub(crate) const SAMPLE: usize = 1 << 20;

/// Places (time, weight) at which the replicas are added up.
const PLACES: usize = 1 << 16;

/// Lags of the autocorrelation, in saved moves.
pub(crate) const LAGS: usize = 4;

/// How a move becomes innovations.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// By the law of the moves.
    Linear(StepLaw),
    /// By the gradient at the start of a move of one step; `mu dt` and the standard deviation of the noise.
    Gradient { product: f64, deviation: f64 },
    /// Differences of neighbouring moves, in units of nothing: what changes slowly cancels.
    Differences,
}

impl Rule {
    /// Whether the innovations have a known variance and mean.
    pub(crate) fn is_law(&self) -> bool {
        !matches!(self, Rule::Differences)
    }
}

/// Sums and samples of the innovations of a trajectory.
#[derive(Clone, Debug)]
pub(crate) struct Innovations {
    pub(crate) all: Sums,
    /// First and second half of the moves.
    pub(crate) halves: [Sums; 2],
    pub(crate) by_layer: Vec<Sums>,
    /// Products of innovations of one weight at lags 1, 2, …
    pub(crate) products: Vec<Sums>,
    /// `Σ z w c` and `Σ (w c)²`: score and information of the rate.
    pub(crate) rate_score: f64,
    pub(crate) rate_information: f64,
    /// Sums over all weights of a move, in their own standard deviations.
    pub(crate) over_weights: Sums,
    /// Sums over all moves of a weight, in their own standard deviations.
    pub(crate) over_times: Sums,
    /// Sums over all replicas at one time and weight.
    over_replicas: Vec<f64>,
    pub(crate) replicas: usize,
    pub(crate) sample: Vec<f64>,
    pub(crate) blocks: NoiseBlocks,
    /// Second moment of each replica, for errors measured between replicas.
    pub(crate) by_replica: Vec<Sums>,
}

impl Innovations {
    /// Sums over all replicas, each in its own standard deviation.
    pub(crate) fn over_replicas(&self) -> Sums {
        let scale = (self.replicas as f64).sqrt().recip();
        let mut sums = Sums::default();
        self.over_replicas.iter().for_each(|sum| sums.add(sum * scale));
        sums
    }
}

/// Reads the source once more.
pub(crate) fn read(
    source: &dyn Source,
    rule: &Rule,
    layers: &[Range<usize>],
) -> Result<Innovations, ExaminationError> {
    let weights = source.weights();
    let rows = rows(source.times(), rule);
    let mut reader = Reader {
        rule,
        layers,
        rows,
        row: 0,
        replica: usize::MAX,
        recent: VecDeque::new(),
        current: Vec::new(),
        held: None,
        along_time: Vec::new(),
        place_stride: stride(rows.saturating_mul(weights), PLACES, weights),
        sample_stride: stride(
            rows.saturating_mul(weights).saturating_mul(source.replicas()),
            SAMPLE,
            weights,
        ),
        met: 0,
        found: Innovations {
            all: Sums::default(),
            halves: [Sums::default(); 2],
            by_layer: vec![Sums::default(); layers.len()],
            products: vec![Sums::default(); LAGS],
            rate_score: 0.0,
            rate_information: 0.0,
            over_weights: Sums::default(),
            over_times: Sums::default(),
            over_replicas: Vec::new(),
            replicas: source.replicas(),
            sample: Vec::new(),
            blocks: NoiseBlocks::new(source.replicas(), rows, weights, if rule.is_law() { 1 } else { 2 }),
            by_replica: vec![Sums::default(); source.replicas()],
        },
    };
    let places = rows.saturating_mul(weights).div_ceil(reader.place_stride);
    reader.found.over_replicas = vec![0.0; places];
    walk(source, |_| {}, |one| reader.take(&one))?;
    reader.finish_replica();
    Ok(reader.found)
}

/// Rows of innovations that each replica will give.
pub(crate) fn rows(times: &[u64], rule: &Rule) -> usize {
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    match rule {
        Rule::Linear(_) => gaps.count(),
        Rule::Gradient { .. } => gaps.filter(|gap| *gap == 1).count(),
        Rule::Differences => {
            let gaps: Vec<u64> = gaps.collect();
            gaps.chunks_exact(2).filter(|pair| pair[0] == pair[1]).count()
        }
    }
}

/// Every so many numbers one is kept: at most `most` of `total`, and no weight left out for ever.
fn stride(total: usize, most: usize, weights: usize) -> usize {
    let mut stride = total.div_ceil(most).max(1);
    while stride > 1 && greatest_common_divisor(stride, weights) != 1 {
        stride += 1;
    }
    stride
}

fn greatest_common_divisor(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

struct Reader<'a> {
    rule: &'a Rule,
    layers: &'a [Range<usize>],
    rows: usize,
    row: usize,
    replica: usize,
    recent: VecDeque<Vec<f64>>,
    current: Vec<f64>,
    /// The first move of a pair, for differences.
    held: Option<(u64, Vec<f64>)>,
    along_time: Vec<f64>,
    place_stride: usize,
    sample_stride: usize,
    met: usize,
    found: Innovations,
}

impl Reader<'_> {
    fn take(&mut self, one: &Move<'_>) {
        if one.replica != self.replica {
            self.finish_replica();
            self.replica = one.replica;
        }
        if !self.innovate(one) || self.row >= self.rows || one.replica >= self.found.replicas {
            return;
        }
        self.tally();
        self.row += 1;
    }

    /// Puts the innovations of a move into `current`; false where there are none.
    fn innovate(&mut self, one: &Move<'_>) -> bool {
        self.current.clear();
        match self.rule {
            Rule::Linear(law) => {
                let Some(gap) = law.gap(one.steps) else { return false };
                for (from, to) in one.from.iter().zip(one.to) {
                    let z = (to - from + gap.loss * from) / gap.deviation;
                    let response = from * gap.rate_response;
                    // An error of the rate by δ moves z by −δ w c.
                    self.found.rate_score -= z * response;
                    self.found.rate_information += response * response;
                    self.current.push(z);
                }
            }
            Rule::Gradient { product, deviation } => {
                let Some(gradient) = one.gradient.filter(|_| one.steps == 1) else { return false };
                let moved = one.from.iter().zip(one.to).zip(gradient);
                self.current
                    .extend(moved.map(|((from, to), slope)| (to - from + product * slope) / deviation));
            }
            Rule::Differences => {
                let moved = one.from.iter().zip(one.to).map(|(from, to)| to - from);
                if one.index.is_multiple_of(2) {
                    self.held = Some((one.steps, moved.collect()));
                    return false;
                }
                match self.held.take() {
                    Some((steps, before)) if steps == one.steps => {
                        self.current.extend(moved.zip(before).map(|(now, before)| now - before));
                    }
                    _ => return false,
                }
            }
        }
        true
    }

    fn tally(&mut self) {
        let Self { current, found, row, .. } = self;
        let first_place = *row * current.len();
        let mut here = Sums::default();
        self.along_time.resize(current.len(), 0.0);
        for (index, z) in current.iter().enumerate() {
            here.add(*z);
            self.along_time[index] += z;
            if self.met.is_multiple_of(self.sample_stride) {
                found.sample.push(*z);
            }
            self.met += 1;
            let place = first_place + index;
            if place.is_multiple_of(self.place_stride) {
                found.over_replicas[place / self.place_stride] += z;
            }
        }
        for (sums, layer) in found.by_layer.iter_mut().zip(self.layers) {
            current[layer.clone()].iter().for_each(|z| sums.add(*z));
        }
        for (sums, before) in found.products.iter_mut().zip(&self.recent) {
            current.iter().zip(before).for_each(|(z, before)| sums.add(z * before));
        }
        found.all.merge(&here);
        found.by_replica[self.replica].merge(&here);
        let half = usize::from(2 * *row >= self.rows);
        found.halves[half].merge(&here);
        found.over_weights.add(here.sum / here.count.sqrt());
        found.blocks.add(self.replica, *row, current);
        if self.recent.len() == LAGS {
            self.recent.pop_back();
        }
        self.recent.push_front(current.clone());
    }

    fn finish_replica(&mut self) {
        let scale = (self.row as f64).sqrt().recip();
        if self.row > 0 {
            self.along_time.iter().for_each(|sum| self.found.over_times.add(sum * scale));
        }
        self.along_time.clear();
        self.recent.clear();
        self.held = None;
        self.row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examination::FramesInMemory;
    use crate::examination::step_law::Numbers;
    use glassbox_oracle::Scheme;

    fn linear(rate: f64, noise_variance: f64, times: &[u64]) -> Rule {
        Rule::Linear(StepLaw::new(Numbers { rate, noise_variance }, Scheme::EulerMaruyama, times).unwrap())
    }

    /// Frames made from chosen innovations give these innovations back, with all their sums.
    #[test]
    fn innovations_are_recovered() {
        let chosen = [[1.0, -2.0], [0.5, 3.0], [2.0, 0.25], [-1.0, 1.0]];
        let (mut values, times) = (Vec::new(), vec![0, 1, 2]);
        for replica in 0..2 {
            let mut weights = [4.0, -1.0];
            values.extend(weights);
            for step in 0..2 {
                let z = chosen[2 * replica + step];
                weights = [0, 1].map(|i| 0.75 * weights[i] + 0.5 * z[i]);
                values.extend(weights);
            }
        }
        let frames = FramesInMemory::new(times.clone(), 2, values).unwrap();
        let found = read(&frames, &linear(0.25, 0.25, &times), &[0..1, 1..2]).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(found.all.sum, 4.75);
        close(found.all.squares, chosen.iter().flatten().map(|z| z * z).sum());
        assert_eq!(found.all.count, 8.0);
        close(found.halves[0].sum, 1.25);
        close(found.halves[0].count, 4.0);
        close(found.by_layer[1].sum, 2.25);
        close(found.products[0].sum, 0.5 - 6.0 - 2.0 + 0.25);
        assert_eq!((found.products[0].count, found.products[1].count), (4.0, 0.0));
        close(found.over_weights.squares, (1.0 + 3.5 * 3.5 + 2.25 * 2.25 + 0.0) / 2.0);
        close(found.over_times.squares, (1.5 * 1.5 + 1.0 + 1.0 + 1.25 * 1.25) / 2.0);
        close(found.over_replicas().squares, (9.0 + 1.75 * 1.75 + 0.25 + 16.0) / 2.0);
        assert_eq!(found.sample.len(), 8);
        close(found.by_replica[1].sum, 2.25);
    }

    /// Moving the rate by δ moves every innovation by −δ w c: the score finds δ.
    #[test]
    fn the_score_finds_a_wrong_rate() {
        let times: Vec<u64> = vec![0, 3];
        let kept = 0.9_f64.powi(3);
        let frames = FramesInMemory::new(times.clone(), 2, vec![5.0, -3.0, 5.0 * kept, -3.0 * kept]).unwrap();
        let found = read(&frames, &linear(0.1 - 1e-5, 1e-4, &times), &[]).unwrap();
        let delta = found.rate_score / found.rate_information;
        assert!((delta / 1e-5 - 1.0).abs() < 1e-3, "{delta}");
    }

    #[test]
    fn samples_are_bounded_and_leave_no_weight_out() {
        assert_eq!(stride(100, 1000, 7), 1);
        let thinned = stride(1_000_000, 1000, 100);
        assert!(thinned >= 1000 && greatest_common_divisor(thinned, 100) == 1);
        let frames = FramesInMemory::new(vec![0, 1, 2, 4, 6], 1, vec![0.0, 1.0, 3.0, 4.0, 7.0]).unwrap();
        let found = read(&frames, &Rule::Differences, &[]).unwrap();
        // Moves 1, 2 (1 step each) and 1, 3 (2 steps each).
        assert_eq!((found.all.count, found.all.sum), (2.0, 3.0));
    }
}
