//! The tasks of an experiment, one after the other: none is kept.

use super::motion::{Follower, Motion, with_noise};
use super::{Experiment, Networks, Planned};
use glassbox_simulations::protocol::{DataSource, Problem, QuenchTask, Task};

/// What networks of a block differ in, but for the initial condition.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kind {
    samples: usize,
    width: usize,
    regularisation: f64,
    gain: f64,
}

impl Experiment {
    /// All tasks: first the quenches, in the order of the blocks; then what starts from them. Lists are gone through in the
    /// order of the file, the initial condition and then the noise replica fastest. A task that several blocks name comes
    /// once, with the window of the first.
    ///
    /// `own_digest` is the digest of the data set that `own` stands for.
    pub fn tasks<'a>(&'a self, own_digest: Option<&'a str>) -> impl Iterator<Item = Planned> + Clone + 'a {
        let quenches = self.networks.iter().enumerate().flat_map(move |(index, networks)| {
            networks.kinds().flat_map(move |kind| {
                let known = self.networks_before(index, kind);
                (known..networks.initial_conditions).map(move |number| Planned {
                    task: Task::Quench(self.quench(networks, kind, number, own_digest)),
                    half_width: None,
                })
            })
        });
        quenches.chain(self.followed(own_digest))
    }

    fn followed<'a>(&'a self, own_digest: Option<&'a str>) -> impl Iterator<Item = Planned> + Clone + 'a {
        self.courses().flat_map(move |course| {
            let Course { networks, follower, kind, motion, .. } = course;
            let known = self.runs_before(&course);
            let replicas = follower.replicas(kind.samples, &motion);
            (0..networks.initial_conditions).flat_map(move |number| {
                let known = runs_of(&known, number);
                let first = (known < replicas).then(|| {
                    let quench = self.quench(networks, kind, number, own_digest);
                    motion.task(quench, self.seed)
                });
                first.into_iter().flat_map(move |task| {
                    (known..replicas).map(move |replica| Planned {
                        task: with_noise(&task, replica),
                        half_width: follower.window(),
                    })
                })
            })
        })
    }

    /// Every way to follow a kind of network.
    fn courses(&self) -> impl Iterator<Item = Course<'_>> + Clone {
        self.networks.iter().enumerate().flat_map(|(index, networks)| {
            networks.followers().enumerate().flat_map(move |(place, follower)| {
                networks.kinds().flat_map(move |kind| {
                    let motions = follower.motions(kind.samples);
                    motions.into_iter().map(move |motion| Course {
                        index,
                        networks,
                        place,
                        follower,
                        kind,
                        motion,
                    })
                })
            })
        })
    }

    /// Quenches: so many tasks come first.
    #[must_use]
    pub fn starts(&self) -> u64 {
        let blocks = self.networks.iter().enumerate();
        blocks
            .flat_map(|(index, networks)| networks.kinds().map(move |kind| (index, networks, kind)))
            .map(|(index, networks, kind)| {
                u64::from(networks.initial_conditions.saturating_sub(self.networks_before(index, kind)))
            })
            .sum()
    }

    /// All tasks, without going through them.
    #[must_use]
    pub fn count(&self) -> u64 {
        let followed = self.courses().map(|course| {
            let known = self.runs_before(&course);
            let replicas = course.follower.replicas(course.kind.samples, &course.motion);
            let networks = course.networks.initial_conditions;
            if known.is_empty() {
                return u64::from(networks) * u64::from(replicas);
            }
            (0..networks).map(|number| u64::from(replicas.saturating_sub(runs_of(&known, number)))).sum()
        });
        self.starts() + followed.sum::<u64>()
    }

    /// Networks of this kind that blocks before `index` have: those of the lowest numbers.
    fn networks_before(&self, index: usize, kind: Kind) -> u32 {
        let own = &self.networks[index];
        self.networks[..index].iter().map(|other| other.networks_of(own, kind)).max().unwrap_or(0)
    }

    /// Networks and noise replicas of a course that earlier blocks have, those of the lowest numbers each time.
    fn runs_before(&self, course: &Course<'_>) -> Vec<(u32, u32)> {
        let mut known = Vec::new();
        for (index, networks) in self.networks[..=course.index].iter().enumerate() {
            let shared = networks.networks_of(course.networks, course.kind);
            let earlier = if index < course.index { usize::MAX } else { course.place };
            for follower in networks.followers().take(earlier) {
                let samples = course.kind.samples;
                if shared > 0 && follower.motions(samples).contains(&course.motion) {
                    known.push((shared, follower.replicas(samples, &course.motion)));
                }
            }
        }
        known
    }

    fn quench(&self, networks: &Networks, kind: Kind, number: u32, own_digest: Option<&str>) -> QuenchTask {
        QuenchTask {
            problem: Problem {
                data: match networks.data.as_str() {
                    "cifar10" => DataSource::Cifar10,
                    // Without a file the digest is empty, and the samples cannot be had.
                    "own" => DataSource::Own { digest: own_digest.unwrap_or_default().to_owned() },
                    _ => DataSource::Mnist,
                },
                samples: kind.samples,
                subset_seed: self.seed,
                width: kind.width,
                regularisation: kind.regularisation,
            },
            gain: kind.gain,
            seed: self.seed,
            initial_condition: number,
            learning_rate: networks.learning_rate,
            batch_size: networks.batch_size,
            minibatch_steps: networks.minibatch_steps,
            descent_steps: networks.descent_steps,
        }
    }
}

/// A kind of network of a block, and a way to follow it.
#[derive(Clone, Copy)]
struct Course<'a> {
    index: usize,
    networks: &'a Networks,
    place: usize,
    follower: Follower<'a>,
    kind: Kind,
    motion: Motion<'a>,
}

/// Noise replicas of network `number` among those known.
fn runs_of(known: &[(u32, u32)], number: u32) -> u32 {
    known.iter().filter(|(networks, _)| number < *networks).map(|(_, replicas)| *replicas).max().unwrap_or(0)
}

impl Networks {
    fn kinds(&self) -> impl Iterator<Item = Kind> + Clone {
        let both = self
            .samples
            .values()
            .iter()
            .flat_map(|samples| self.width.values().iter().map(move |width| (*samples, *width)));
        both.flat_map(move |(samples, width)| {
            self.regularisation.values().iter().flat_map(move |regularisation| {
                // -0 is 0, with the same identifier.
                let regularisation = *regularisation + 0.0;
                self.gain.values().iter().map(move |gain| Kind {
                    samples,
                    width,
                    regularisation,
                    gain: *gain,
                })
            })
        })
    }

    /// How many networks of this kind of `other` are networks of this block too.
    fn networks_of(&self, other: &Self, kind: Kind) -> u32 {
        let quenched_alike = self.data == other.data
            && self.learning_rate == other.learning_rate
            && self.batch_size == other.batch_size
            && self.minibatch_steps == other.minibatch_steps
            && self.descent_steps == other.descent_steps;
        let has = quenched_alike
            && self.samples.values().contains(&kind.samples)
            && self.width.values().contains(&kind.width)
            && self.regularisation.values().contains(&kind.regularisation)
            && self.gain.values().contains(&kind.gain);
        if has { self.initial_conditions } else { 0 }
    }

    pub(super) fn followers(&self) -> impl Iterator<Item = Follower<'_>> + Clone {
        let paths = self.regularisation_path.iter().map(Follower::Path);
        self.langevin
            .iter()
            .map(Follower::Langevin)
            .chain(self.minibatch.iter().map(Follower::Minibatch))
            .chain(paths)
    }
}
