//! The second reading: what each move has that the law could not foresee.
//!
//! Under a law with linear pull and fresh Gaussian noise the numbers `z = (w' − (1 − b) w) / √V` of successive frames are
//! independent standard Gaussian numbers, for every replica, time and weight. Everything here is a sum over them, or a
//! sample of fixed size.

use super::gaussian_sums::Sums;
use super::interleaved::TILE;
use super::lanes::{Lane, Move};
use super::noise_search::NoiseBlocks;
use super::source::Source;
use super::step_law::StepLaw;
use glassbox_instructions::interleaved_sum;
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

/// What all lanes of a trajectory share.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    rule: Rule,
    layers: Vec<Range<usize>>,
    replicas: usize,
    weights: usize,
    rows: usize,
    place_stride: usize,
    sample_stride: usize,
}

impl Plan {
    pub(crate) fn new(source: &dyn Source, rule: Rule, layers: Vec<Range<usize>>) -> Self {
        let (replicas, weights) = (source.replicas(), source.weights());
        let rows = rows(source.times(), &rule);
        let places = rows.saturating_mul(weights);
        let place_stride = stride(places, PLACES, weights);
        let sample_stride = stride(places.saturating_mul(replicas), SAMPLE, weights);
        Self { rule, layers, replicas, weights, rows, place_stride, sample_stride }
    }

    /// Numbers that a lane keeps per weight: the innovations of this move and of earlier ones, and sums over time; of a single
    /// row nothing is kept.
    pub(crate) fn numbers_per_weight(&self) -> usize {
        let held = usize::from(matches!(self.rule, Rule::Differences));
        match self.rows {
            0 => 0,
            1 => held,
            rows => 2 + held + LAGS.min(rows - 1),
        }
    }

    /// The lane of these weights.
    pub(crate) fn lane(&self, weights: Range<usize>) -> InnovationLane<'_> {
        let mut innovations = self.nothing();
        if weights.start == 0 {
            let moves = if self.rule.is_law() { 1 } else { 2 };
            innovations.blocks = NoiseBlocks::new(self.replicas, self.rows, self.weights, moves);
        }
        InnovationLane {
            plan: self,
            first: weights.start,
            row: 0,
            replica: usize::MAX,
            recent: VecDeque::new(),
            current: Vec::new(),
            held: None,
            along_time: vec![0.0; if self.rows > 1 { weights.len() } else { 0 }],
            next_place: 0,
            found: innovations,
            of_moves: Vec::new(),
        }
    }

    /// Sums over no innovations.
    fn nothing(&self) -> Innovations {
        Innovations {
            all: Sums::default(),
            halves: [Sums::default(); 2],
            by_layer: vec![Sums::default(); self.layers.len()],
            products: vec![Sums::default(); LAGS],
            rate_score: 0.0,
            rate_information: 0.0,
            over_weights: Sums::default(),
            over_times: Sums::default(),
            over_replicas: Vec::new(),
            replicas: self.replicas,
            sample: Vec::new(),
            blocks: NoiseBlocks::new(0, 0, 1, 1),
            by_replica: vec![Sums::default(); self.replicas],
        }
    }

    /// What all lanes found, in the order of the weights, as one.
    pub(crate) fn merge(&self, lanes: Vec<LaneSums>) -> Innovations {
        let mut of_moves: Vec<f64> = Vec::new();
        let mut all = self.nothing();
        let merge =
            |all: &mut [Sums], lane: &[Sums]| all.iter_mut().zip(lane).for_each(|(all, one)| all.merge(one));
        for (index, LaneSums { innovations: lane, of_moves: of_lane }) in lanes.into_iter().enumerate() {
            all.all.merge(&lane.all);
            merge(&mut all.halves, &lane.halves);
            merge(&mut all.by_layer, &lane.by_layer);
            merge(&mut all.products, &lane.products);
            merge(&mut all.by_replica, &lane.by_replica);
            all.rate_score += lane.rate_score;
            all.rate_information += lane.rate_information;
            all.over_weights.merge(&lane.over_weights);
            all.over_times.merge(&lane.over_times);
            of_moves.resize(of_lane.len(), 0.0);
            of_moves.iter_mut().zip(&of_lane).for_each(|(sum, one)| *sum += one);
            all.over_replicas.extend(lane.over_replicas);
            all.sample.extend(lane.sample);
            if index == 0 {
                all.blocks = lane.blocks;
            }
        }
        let scale = (self.weights as f64).sqrt().recip();
        of_moves.iter().for_each(|sum| all.over_weights.add(sum * scale));
        all
    }
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

/// The distance between numbers that are kept: at most `most` of `total` are, and every weight has its turn.
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

/// The innovations of one lane.
pub(crate) struct InnovationLane<'a> {
    plan: &'a Plan,
    /// Number of the first weight.
    first: usize,
    row: usize,
    replica: usize,
    recent: VecDeque<Vec<f64>>,
    current: Vec<f64>,
    /// The first move of a pair, for differences, and the steps that it spans.
    held: Option<(u64, Vec<f64>)>,
    along_time: Vec<f64>,
    /// Number of the next place of this replica, among those of this lane.
    next_place: usize,
    /// Those of its weights; blocks are those of the first lane only.
    found: Innovations,
    /// Of a lane that has not all weights: their sum in every move of every replica.
    of_moves: Vec<f64>,
}

/// What one lane found.
#[derive(Clone, Debug)]
pub(crate) struct LaneSums {
    innovations: Innovations,
    of_moves: Vec<f64>,
}

impl Lane for InnovationLane<'_> {
    type Found = LaneSums;

    fn start(&mut self, replica: usize, _: &[f64]) {
        self.finish_replica();
        self.replica = replica;
    }

    #[inline(always)]
    fn take(&mut self, one: &Move<'_>) {
        if self.row >= self.plan.rows || one.replica >= self.plan.replicas || !self.innovate(one) {
            return;
        }
        self.tally();
        self.row += 1;
    }

    fn finish(mut self) -> LaneSums {
        self.finish_replica();
        LaneSums { innovations: self.found, of_moves: self.of_moves }
    }
}

impl InnovationLane<'_> {
    /// Puts the innovations of a move into `current`; false where there are none.
    #[inline(always)]
    fn innovate(&mut self, one: &Move<'_>) -> bool {
        match &self.plan.rule {
            Rule::Linear(law) => {
                let Some(gap) = law.gap(one.steps) else { return false };
                self.current.resize(one.to.len(), 0.0);
                let current = &mut self.current;
                let moved = one.from.iter().zip(one.to);
                current.iter_mut().zip(moved).for_each(|(z, (from, to))| {
                    *z = (to - from + gap.loss * from) / gap.deviation;
                });
                // An error of the rate by δ moves z by −δ w c.
                let response = |from: f64| from * gap.rate_response;
                self.found.rate_score -= interleaved_sum(one.from, current, |from, z| z * response(from));
                self.found.rate_information +=
                    interleaved_sum(one.from, one.from, |from, _| response(from) * response(from));
            }
            Rule::Gradient { product, deviation } => {
                let Some(gradient) = one.gradient.filter(|_| one.steps == 1) else { return false };
                let moved = one.from.iter().zip(one.to).zip(gradient);
                self.current.clear();
                self.current
                    .extend(moved.map(|((from, to), slope)| (to - from + product * slope) / deviation));
            }
            Rule::Differences => {
                let moved = one.from.iter().zip(one.to).map(|(from, to)| to - from);
                if one.index.is_multiple_of(2) {
                    let mut room = self.held.take().map_or_else(Vec::new, |(_, room)| room);
                    room.clear();
                    room.extend(moved);
                    self.held = Some((one.steps, room));
                    return false;
                }
                match &self.held {
                    Some((steps, before)) if *steps == one.steps => {
                        self.current.clear();
                        self.current.extend(moved.zip(before).map(|(now, before)| now - before));
                    }
                    _ => return false,
                }
            }
        }
        true
    }

    #[inline(always)]
    fn tally(&mut self) {
        let Self { plan, current, found, row, replica, .. } = self;
        let here = sums_of(current);
        self.along_time.iter_mut().zip(current.iter()).for_each(|(sum, z)| *sum += z);
        let place = *row * plan.weights + self.first;
        let met = *replica * plan.rows * plan.weights + place;
        found
            .sample
            .extend(current.iter().skip(to_multiple(met, plan.sample_stride)).step_by(plan.sample_stride));
        for z in current.iter().skip(to_multiple(place, plan.place_stride)).step_by(plan.place_stride) {
            match found.over_replicas.get_mut(self.next_place) {
                Some(sum) => *sum += z,
                None => found.over_replicas.push(*z),
            }
            self.next_place += 1;
        }
        for (sums, layer) in found.by_layer.iter_mut().zip(&plan.layers) {
            let inside = layer.start.max(self.first)..layer.end.min(self.first + current.len());
            if !inside.is_empty() {
                sums.merge(&sums_of(&current[inside.start - self.first..inside.end - self.first]));
            }
        }
        for (tile, values) in current.chunks(TILE).enumerate() {
            for (sums, before) in found.products.iter_mut().zip(&self.recent) {
                let before = &before[tile * TILE..][..values.len()];
                sums.merge(&sums_of_products(values, before));
            }
        }
        found.all.merge(&here);
        found.by_replica[*replica].merge(&here);
        let half = usize::from(2 * *row >= plan.rows);
        found.halves[half].merge(&here);
        if current.len() == plan.weights {
            found.over_weights.add(here.sum / here.count.sqrt());
        } else {
            self.of_moves.push(here.sum);
        }
        found.blocks.add(*replica, *row, current);
        // The oldest innovations make room for the next ones.
        let oldest = if self.recent.len() == LAGS.min(plan.rows.saturating_sub(1)) {
            self.recent.pop_back()
        } else {
            None
        };
        let innovations = std::mem::replace(current, oldest.unwrap_or_default());
        if plan.rows > 1 {
            self.recent.push_front(innovations);
        } else {
            innovations.iter().for_each(|z| found.over_times.add(*z));
        }
    }

    fn finish_replica(&mut self) {
        let scale = (self.row as f64).sqrt().recip();
        if self.row > 0 {
            self.along_time.iter().for_each(|sum| self.found.over_times.add(sum * scale));
        }
        self.along_time.fill(0.0);
        self.recent.clear();
        self.held = None;
        self.row = 0;
        self.next_place = 0;
    }
}

/// How many places lie before the first that is a multiple of `stride`, counted from `first`.
fn to_multiple(first: usize, stride: usize) -> usize {
    first.next_multiple_of(stride) - first
}

#[inline(always)]
fn sums_of(values: &[f64]) -> Sums {
    Sums {
        count: values.len() as f64,
        sum: interleaved_sum(values, values, |z, _| z),
        squares: interleaved_sum(values, values, |z, _| z * z),
    }
}

#[inline(always)]
fn sums_of_products(values: &[f64], others: &[f64]) -> Sums {
    Sums {
        count: values.len() as f64,
        sum: interleaved_sum(values, others, |z, other| z * other),
        squares: interleaved_sum(values, others, |z, other| (z * other) * (z * other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step_law::Numbers;
    use crate::{ExaminationError, FramesInMemory, lanes};
    use glassbox_oracle::Scheme;
    use glassbox_trajectories::trajectory::PIECE;

    fn read(
        frames: &FramesInMemory,
        rule: &Rule,
        layers: &[Range<usize>],
    ) -> Result<Innovations, ExaminationError> {
        let plan = Plan::new(frames, rule.clone(), layers.to_vec());
        let lanes =
            lanes::walk(frames, plan.numbers_per_weight(), |weights| plan.lane(weights), &mut |_| {})?;
        Ok(plan.merge(lanes))
    }

    /// Lanes together have what one lane over all weights has.
    #[test]
    fn lanes_add_up() {
        let weights = 2 * PIECE + 100;
        let (replicas, frames) = (3, 4);
        let value = |index: usize| ((index as f64 * 0.618_033_988_749_895).fract() - 0.5) * 3.0;
        let values: Vec<f64> = (0..replicas * frames * weights).map(value).collect();
        let source = FramesInMemory::new((0..frames as u64).collect(), weights, values).unwrap();
        let rule = linear(0.25, 0.25, &[0, 1]);
        let plan = Plan::new(&source, rule.clone(), vec![0..PIECE + 7, PIECE + 7..weights]);
        let mut whole = plan.lane(0..weights);
        let mut before = Vec::new();
        for replica in 0..replicas {
            for frame in 0..frames {
                let mut now = Vec::new();
                for first in (0..weights).step_by(PIECE) {
                    source
                        .read(first..weights.min(first + PIECE), &mut |piece| {
                            if (piece.replica, piece.frame) == (replica, frame) {
                                now.extend_from_slice(piece.weights);
                            }
                        })
                        .unwrap();
                }
                if frame == 0 {
                    whole.start(replica, &now);
                } else {
                    let (from, to) = (before.as_slice(), now.as_slice());
                    whole.take(&Move { replica, index: frame - 1, steps: 1, from, to, gradient: None });
                }
                before = now;
            }
        }
        let one = plan.merge(vec![whole.finish()]);
        let many = read(&source, &rule, &plan.layers).unwrap();
        let close = |a: &Sums, b: &Sums| {
            let scale = b.squares.sqrt() * b.count.sqrt();
            assert_eq!(a.count, b.count);
            assert!(
                (a.sum - b.sum).abs() <= 1e-12 * scale && (a.squares - b.squares).abs() <= 1e-12 * b.squares
            );
        };
        close(&many.all, &one.all);
        (0..2).for_each(|half| close(&many.halves[half], &one.halves[half]));
        (0..2).for_each(|layer| close(&many.by_layer[layer], &one.by_layer[layer]));
        (0..LAGS).for_each(|lag| close(&many.products[lag], &one.products[lag]));
        (0..3).for_each(|replica| close(&many.by_replica[replica], &one.by_replica[replica]));
        close(&many.over_weights, &one.over_weights);
        close(&many.over_times, &one.over_times);
        close(&many.over_replicas(), &one.over_replicas());
        assert_eq!(many.sample.len(), one.sample.len());
        assert!((many.rate_score - one.rate_score).abs() < 1e-9 * one.rate_information);
        let sorted = |sample: &[f64]| {
            let mut sorted = sample.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted
        };
        assert_eq!(sorted(&many.sample), sorted(&one.sample));
    }

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
