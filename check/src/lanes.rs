//! Reads a trajectory lane by lane: a *lane* is a range of at most [`PIECE`] neighbouring weights, followed through all
//! replicas and times.
//!
//! Lanes are independent of each other, so that several threads work on them while another one reads. What a lane finds
//! does not depend on the number of threads; what all of them find is merged in the order of the weights. Memory follows
//! the weights of a group of lanes, not those of a frame: a trajectory with more weights is read once per group.

use super::ExaminationError;
use super::source::Source;
use glassbox_instructions::{InstructionSet, Loop};
use glassbox_trajectories::trajectory::{PIECE, Piece};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// From one saved frame of a replica to the next, for the weights of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move<'a> {
    pub(crate) replica: usize,
    /// Number of the move, from 0.
    pub(crate) index: usize,
    /// Steps that it spans.
    pub(crate) steps: u64,
    pub(crate) from: &'a [f64],
    pub(crate) to: &'a [f64],
    /// Gradient where it starts.
    pub(crate) gradient: Option<&'a [f64]>,
}

/// What is made of the weights of one lane.
pub(crate) trait Lane: Send {
    /// What is left when all frames were shown.
    type Found: Send;

    /// Takes the first frame of a replica.
    fn start(&mut self, replica: usize, weights: &[f64]);

    /// Takes the next move of the replica that started last. It runs in a [`Loop`]: what is long is `#[inline(always)]`.
    fn take(&mut self, one: &Move<'_>);

    /// Ends the lane.
    fn finish(self) -> Self::Found;
}

/// Two kinds of lanes in one reading.
impl<A: Lane, B: Lane> Lane for (A, B) {
    type Found = (A::Found, B::Found);

    fn start(&mut self, replica: usize, weights: &[f64]) {
        self.0.start(replica, weights);
        self.1.start(replica, weights);
    }

    #[inline(always)]
    fn take(&mut self, one: &Move<'_>) {
        self.0.take(one);
        self.1.take(one);
    }

    fn finish(self) -> Self::Found {
        (self.0.finish(), self.1.finish())
    }
}

/// A kind of lane that may be left out.
impl<A: Lane> Lane for Option<A> {
    type Found = Option<A::Found>;

    fn start(&mut self, replica: usize, weights: &[f64]) {
        if let Some(lane) = self {
            lane.start(replica, weights);
        }
    }

    #[inline(always)]
    fn take(&mut self, one: &Move<'_>) {
        if let Some(lane) = self {
            lane.take(one);
        }
    }

    fn finish(self) -> Self::Found {
        self.map(Lane::finish)
    }
}

/// Bytes that the lanes of one group may keep.
const GROUP_BYTES: usize = 256 << 20;

/// Fewer numbers than this are not worth a thread.
const WORTH_A_THREAD: usize = 1 << 20;

/// Frames of a whole lane sent to a worker at once: what it keeps is then fetched into a near cache once for all of them.
const FRAMES: usize = 4;

/// Numbers sent to a worker at once, at least.
const BATCH: usize = FRAMES * PIECE;

/// Batches on their way to one worker.
const QUEUE: usize = 4;

/// Reads the source and gives what each lane found, in the order of the weights. `numbers_per_weight` says how many numbers
/// a lane keeps for each of its weights. `watch` sees every piece in the order of reading.
pub(crate) fn walk<L: Lane>(
    source: &dyn Source,
    numbers_per_weight: usize,
    make: impl Fn(Range<usize>) -> L + Sync,
    watch: &mut dyn FnMut(&Piece<'_>),
) -> Result<Vec<L::Found>, ExaminationError> {
    let weights = source.weights();
    // Each lane keeps the frame before, and frames are gathered, all with their gradients.
    let frames = (1 + FRAMES) * (1 + usize::from(source.has_gradients()));
    let per_weight = size_of::<f64>() * (numbers_per_weight + frames);
    let lanes_per_group = (GROUP_BYTES / (per_weight * PIECE)).max(1);
    let mut found = Vec::new();
    for start in (0..weights).step_by(lanes_per_group * PIECE) {
        let group = start..weights.min(start + lanes_per_group * PIECE);
        found.extend(walk_group(source, group, &make, watch)?);
    }
    Ok(found)
}

fn walk_group<L: Lane>(
    source: &dyn Source,
    group: Range<usize>,
    make: &(impl Fn(Range<usize>) -> L + Sync),
    watch: &mut dyn FnMut(&Piece<'_>),
) -> Result<Vec<L::Found>, ExaminationError> {
    let lane_of = |index: usize| {
        let first = group.start + index * PIECE;
        Follower::new(make(first..group.end.min(first + PIECE)))
    };
    let lanes = group.len().div_ceil(PIECE);
    let numbers = source.replicas().saturating_mul(source.times().len()).saturating_mul(group.len());
    if numbers < WORTH_A_THREAD {
        let mut followers: Vec<Follower<L>> = (0..lanes).map(lane_of).collect();
        source.read(group.clone(), &mut |piece| {
            watch(piece);
            let lane = &mut followers[(piece.first - group.start) / PIECE];
            lane.take(piece.replica, piece.step, (piece.weights, piece.gradient));
        })?;
        return Ok(followers.into_iter().map(Follower::finish).collect());
    }
    let workers = thread::available_parallelism().map_or(1, usize::from).min(lanes);
    thread::scope(|scope| {
        let mut routes = Vec::new();
        let mut threads = Vec::new();
        for worker in 0..workers {
            let (send, receive) = sync_channel::<Batch>(QUEUE);
            let (give_back, spare) = channel::<Batch>();
            let lane_of = &lane_of;
            threads.push(scope.spawn(move || {
                let followers = (worker..lanes).step_by(workers).map(lane_of).collect();
                follow(followers, workers, &receive, &give_back)
            }));
            routes.push(Route { send, spare });
        }
        let mut waiting: Vec<Option<Batch>> = (0..lanes).map(|_| None).collect();
        let read = source.read(group.clone(), &mut |piece| {
            watch(piece);
            let lane = (piece.first - group.start) / PIECE;
            let route = &routes[lane % workers];
            let batch = waiting[lane].get_or_insert_with(|| route.spare.try_recv().unwrap_or_default());
            batch.add(lane, piece);
            if batch.weights.len() >= BATCH
                && let Some(batch) = waiting[lane].take()
            {
                // A worker that has ended has panicked; joining it gives the panic.
                let _ = route.send.send(batch);
            }
        });
        for (lane, batch) in waiting.into_iter().enumerate() {
            if let Some(batch) = batch {
                let _ = routes[lane % workers].send.send(batch);
            }
        }
        drop(routes);
        let mut found: Vec<std::vec::IntoIter<L::Found>> = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(one) => found.push(one.into_iter()),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        read?;
        Ok((0..lanes).filter_map(|lane| found[lane % workers].next()).collect())
    })
}

/// Where the pieces of some lanes go, and where emptied batches come back.
struct Route {
    send: SyncSender<Batch>,
    spare: Receiver<Batch>,
}

/// Pieces of one lane, one after the other.
#[derive(Default)]
struct Batch {
    lane: usize,
    /// Replica and step of each piece.
    frames: Vec<(usize, u64)>,
    weights: Vec<f64>,
    /// Empty where there are none.
    gradients: Vec<f64>,
}

impl Batch {
    fn add(&mut self, lane: usize, piece: &Piece<'_>) {
        self.lane = lane;
        self.frames.push((piece.replica, piece.step));
        self.weights.extend_from_slice(piece.weights);
        self.gradients.extend_from_slice(piece.gradient.unwrap_or_default());
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.weights.clear();
        self.gradients.clear();
    }
}

/// The work of one thread: lanes `worker`, `worker + workers`, …
fn follow<L: Lane>(
    mut followers: Vec<Follower<L>>,
    workers: usize,
    receive: &Receiver<Batch>,
    give_back: &Sender<Batch>,
) -> Vec<L::Found> {
    while let Ok(mut batch) = receive.recv() {
        followers[batch.lane / workers].take_batch(&batch);
        batch.clear();
        // The reader does not take it back when it has ended.
        let _ = give_back.send(batch);
    }
    followers.into_iter().map(Follower::finish).collect()
}

/// A lane takes a move.
struct Take<'a, L> {
    lane: &'a mut L,
    one: Move<'a>,
}

impl<L: Lane> Loop for Take<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.lane.take(&self.one);
    }
}

/// A lane with the frame before.
struct Follower<L> {
    lane: L,
    last: Last,
    from: Vec<f64>,
    gradient: Vec<f64>,
}

/// Which frame a lane has seen last.
struct Last {
    replica: usize,
    /// Number of the next move.
    index: usize,
    step: u64,
}

/// Weights of a lane in a frame, and their gradient.
type Frame<'a> = (&'a [f64], Option<&'a [f64]>);

impl<L: Lane> Follower<L> {
    fn new(lane: L) -> Self {
        let last = Last { replica: usize::MAX, index: 0, step: 0 };
        Self { lane, last, from: Vec::new(), gradient: Vec::new() }
    }

    fn take(&mut self, replica: usize, step: u64, frame: Frame<'_>) {
        let gradient = (!self.gradient.is_empty()).then_some(self.gradient.as_slice());
        self.last.follow(&mut self.lane, (replica, step), (&self.from, gradient), frame.0);
        self.keep(frame);
    }

    /// Takes frame after frame; only the last is copied.
    fn take_batch(&mut self, batch: &Batch) {
        let length = batch.weights.len() / batch.frames.len();
        let mut gradients = batch.gradients.chunks_exact(length);
        let mut frames = batch
            .frames
            .iter()
            .zip(batch.weights.chunks_exact(length))
            .map(|(at, weights)| (*at, (weights, gradients.next())));
        let Some(((replica, step), first)) = frames.next() else { return };
        self.take(replica, step, first);
        let mut before = first;
        for (at, frame) in frames {
            self.last.follow(&mut self.lane, at, before, frame.0);
            before = frame;
        }
        self.keep(before);
    }

    fn keep(&mut self, (weights, gradient): Frame<'_>) {
        self.from.clear();
        self.from.extend_from_slice(weights);
        self.gradient.clear();
        self.gradient.extend_from_slice(gradient.unwrap_or_default());
    }

    fn finish(self) -> L::Found {
        self.lane.finish()
    }
}

impl Last {
    /// Shows a lane the move from the frame `before` to the one that is `at` a replica and step, or the start of a replica.
    fn follow(&mut self, lane: &mut impl Lane, at: (usize, u64), before: Frame<'_>, to: &[f64]) {
        let (replica, step) = at;
        if replica == self.replica {
            let (from, gradient) = before;
            let steps = step.saturating_sub(self.step);
            let one = Move { replica, index: self.index, steps, from, to, gradient };
            InstructionSet::fastest().run(Take { lane, one });
            self.index += 1;
        } else {
            (self.replica, self.index) = (replica, 0);
            lane.start(replica, to);
        }
        self.step = step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FramesInMemory;

    /// Notes what it is shown.
    struct Notes {
        first: usize,
        starts: Vec<f64>,
        moves: Vec<(usize, usize, u64, f64)>,
    }

    impl Lane for Notes {
        type Found = Self;

        fn start(&mut self, _: usize, weights: &[f64]) {
            self.starts.push(weights[0]);
        }

        fn take(&mut self, one: &Move<'_>) {
            self.moves.push((one.replica, one.index, one.steps, one.to[0] - one.from[0]));
        }

        fn finish(self) -> Self {
            self
        }
    }

    fn notes(frames: &FramesInMemory) -> Vec<Notes> {
        let make =
            |weights: Range<usize>| Notes { first: weights.start, starts: Vec::new(), moves: Vec::new() };
        walk(frames, 1, make, &mut |_| {}).unwrap()
    }

    #[test]
    fn moves_stay_within_a_replica() {
        let frames = FramesInMemory::new(vec![0, 1, 4], 1, vec![0.0, 1.0, 2.0, 3.0, 5.0, 7.0]).unwrap();
        let found = notes(&frames);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].starts, [0.0, 3.0]);
        assert_eq!(found[0].moves, [(0, 0, 1, 1.0), (0, 1, 3, 1.0), (1, 0, 1, 2.0), (1, 1, 3, 2.0)]);
    }

    /// With threads and without: enough numbers for threads are as many lanes, in the order of the weights, as few are.
    #[test]
    fn threads_see_the_same_moves() {
        for weights in [3 * PIECE + 5, 7] {
            let frames = WORTH_A_THREAD.div_ceil(2 * weights) + 1;
            let times: Vec<u64> = (0..frames as u64).map(|step| step * step).collect();
            let values: Vec<f64> = (0..2 * frames * weights).map(|i| (i as f64).sqrt()).collect();
            let frames = FramesInMemory::new(times.clone(), weights, values.clone()).unwrap();
            let found = notes(&frames);
            assert_eq!(found.len(), weights.div_ceil(PIECE));
            for (index, lane) in found.iter().enumerate() {
                assert_eq!(lane.first, index * PIECE);
                assert_eq!((lane.starts.len(), lane.moves.len()), (2, 2 * (times.len() - 1)));
                let at = |replica: usize, frame: usize| {
                    values[(replica * times.len() + frame) * weights + lane.first]
                };
                let expected = (1, 3, 7, at(1, 4) - at(1, 3));
                assert_eq!(lane.moves[times.len() + 2], expected);
            }
        }
    }
}
