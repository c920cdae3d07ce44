//! Histograms of log10 of the displacement over one lag, and whether they have one mode or two.

use crate::analysis::Interval;
use crate::analysis::bimodality::{DipTest, Valley, dip_test, valley};
use crate::analysis::bootstrap::mean_of;
use crate::results::{Network, ResultError, Results, Run};
use glassbox_oracle::Displacement;
use glassbox_reports::figures::plate::{Mark, Measurement, Tone};
use glassbox_simulations::observables::LogDisplacementHistogram;
use glassbox_simulations::protocol::{Block, Population};

/// Bins: four a decade, from the smallest displacement that noise makes to the largest.
const LOW: f64 = -8.0;
const HIGH: f64 = 1.0;
const BINS: usize = 36;

/// Weights that a dip test looks at, and simulations of its null.
const LARGEST_SAMPLE: usize = 5_000;
const SIMULATIONS: usize = 1_000;

/// Fewest weights whose modes can be tested.
const FEWEST: usize = 4;

/// Displacements of the chosen weights of all networks over one lag.
pub(in crate::figures) struct Histogram {
    /// Share of the weights a decade, in each bin; `None` where the resamples give no interval.
    pub densities: Vec<Option<Interval>>,
    /// Share that did not move at all, or by less than the first bin.
    pub below: f64,
    /// The deepest valley between two peaks, of all networks together.
    pub valley: Option<Valley>,
    /// log10 |dw| of the weights that moved, of each network.
    logarithms: Vec<Vec<f64>>,
}

/// Tests of one mode.
pub(in crate::figures) struct Modes {
    /// Of all networks together.
    pub all: DipTest,
    /// Of each network.
    pub networks: Vec<DipTest>,
}

/// The saved lag nearest to `wanted` (both in steps), on a logarithmic scale.
pub(in crate::figures) fn nearest_lag(run: &Run, wanted: f64) -> u64 {
    let distance = |lag: &u64| (*lag as f64 / wanted).ln().abs();
    let lags = run.phase.schedule.lags(run.phase.end - run.waiting_time());
    lags.into_iter()
        .filter(|lag| *lag > 0)
        .min_by(|one, other| distance(one).total_cmp(&distance(other)))
        .unwrap_or(1)
}

impl Histogram {
    pub(in crate::figures) fn of(
        results: &Results<'_>,
        run: &Run,
        temperature: usize,
        lag: u64,
        chosen: impl Fn(&Network) -> Population,
    ) -> Result<Self, ResultError> {
        let (mut counts, mut densities, mut logarithms) = (vec![0; BINS], Vec::new(), Vec::new());
        let (mut below, mut all) = (0, 0);
        for network in &run.networks {
            let moved = Block::new(&network.records[temperature], run.waiting_time())
                .and_then(|block| block.displacements(lag, &chosen(network)))
                .unwrap_or_default();
            let Some(mut histogram) = LogDisplacementHistogram::new(LOW, HIGH, BINS) else { continue };
            histogram.extend(&moved);
            let own =
                moved.iter().map(|moved| moved.abs()).filter(|moved| *moved > 0.0).map(f64::log10).collect();
            below += moved.iter().filter(|moved| moved.abs() < 10_f64.powf(LOW)).count();
            all += moved.len();
            let scale = BINS as f64 / (HIGH - LOW) / histogram.total().max(1) as f64;
            densities
                .push(histogram.counts().iter().map(|count| *count as f64 * scale).collect::<Vec<f64>>());
            counts.iter_mut().zip(histogram.counts()).for_each(|(sum, count)| *sum += count);
            logarithms.push(own);
        }
        let mean = |indices: &[usize]| mean_of(&densities, indices);
        Ok(Self {
            densities: results.bootstrap.curve(densities.len(), BINS, mean),
            below: below as f64 / all.max(1) as f64,
            valley: valley(&counts),
            logarithms,
        })
    }

    /// Tests one mode; `None` where fewer than four weights moved.
    pub(in crate::figures) fn modes(&self, results: &Results<'_>) -> Result<Option<Modes>, ResultError> {
        let seed = results.tasks.preset().seed;
        let test = |logarithms: &[f64]| dip_test(logarithms, LARGEST_SAMPLE, SIMULATIONS, seed);
        let all = self.logarithms.concat();
        if all.len() < FEWEST {
            return Ok(None);
        }
        let enough = self.logarithms.iter().filter(|own| own.len() >= FEWEST);
        let networks = enough.map(|own| test(own)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Modes { all: test(&all)?, networks }))
    }

    /// Outline with error bars, of weights that are this share of all.
    pub(in crate::figures) fn marks(&self, label: &str, tone: Tone, share: f64) -> [Mark; 2] {
        let width = (HIGH - LOW) / BINS as f64;
        let edge = |bin: usize| LOW + bin as f64 * width;
        let edges = (0..=BINS).map(|bin| 10_f64.powf(edge(bin))).collect();
        let height = |density: &Option<Interval>| density.map_or(0.0, |density| share * density.value);
        let heights = self.densities.iter().map(height).collect();
        let points = self.densities.iter().enumerate().filter_map(|(bin, density)| {
            let density = density.as_ref().filter(|density| density.value > 0.0)?;
            let middle = 10_f64.powf(edge(bin) + 0.5 * width);
            Some(Measurement::new(middle, share * density.value, share * density.low, share * density.high))
        });
        [Mark::steps(label, edges, heights, tone), Mark::points(label, points.collect(), tone)]
    }
}

impl Modes {
    /// Networks whose own test rejects one mode at 5%.
    pub(in crate::figures) fn rejected(&self) -> usize {
        self.networks.iter().filter(|dip| dip.p_value < 0.05).count()
    }

    /// Whether one mode is rejected at 1%.
    pub(in crate::figures) fn bimodal(&self) -> bool {
        self.all.p_value < 0.01
    }
}

/// The density of log10 |dw| of a law, over the decades where it is not 0.
pub(in crate::figures) fn density_of(law: &Displacement, share: f64) -> Vec<(f64, f64)> {
    (0..=360)
        .map(|step| LOW + f64::from(step) / 360.0 * (HIGH - LOW))
        .map(|position| (10_f64.powf(position), share * law.log10_magnitude_density(position)))
        .filter(|(_, density)| *density > 1e-4)
        .collect()
}
