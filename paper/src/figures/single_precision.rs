//! Open question: which low-temperature curves are artefacts of single-precision weights?

mod law;
mod page;
mod pairs;

use super::Drawn;
use super::families::{point, temperature_axis, time_axis};
use crate::analysis::Interval;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_simulations::protocol::{Block, Task};
use glassbox_sweep::experiment::Tasks;
use pairs::{PHASE, Pair, mean_at, mean_curve};

/// Every third frame is drawn: three a decade.
const STRIDE: usize = 3;

/// What the page and the claims speak of.
struct SinglePrecision {
    run: Run,
    pairs: Vec<Pair>,
    /// Mobility of the paper's steps.
    paper_mobility: f64,
    /// Weights at the first waiting time at the lowest temperature.
    weights: Vec<f64>,
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let mut all = trajectories(tasks, PHASE);
    let wanted = &tasks.preset().single_precision;
    for network in 0..wanted.initial_conditions {
        let own = wanted.temperatures.iter();
        all.extend(own.map(|temperature| tasks.in_single_precision(PHASE, network, *temperature)));
    }
    all
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let found = SinglePrecision::of(results)?;
    let claims = page::claims(results, &found)?;
    let mut caption = format!(
        "The same networks, temperatures and noise with weights in double precision (lines) and in single precision (points), \
         regularised, {} initial conditions with bootstrap intervals. c: weights exactly where they were at t_w. d: diffusion of a \
         free weight that is rounded to single precision after every step, over what it should be, averaged over the weights of \
         these networks and over those of the paper's spread; points: mean squared displacement of idle weights at the last frame.",
        found.pairs.iter().map(|pair| pair.single.len()).max().unwrap_or(0),
    );
    if let Some(lost) = found.run.lost() {
        caption += &format!(" {lost}.");
    }
    let mut ratio = found.ratio_panel(results, "b");
    if let Some(claim) = claims.last() {
        ratio = ratio.with_verdict(claim.verdict);
    }
    let plate = Plate::new(
        "precision",
        "Single-precision weights at low temperature",
        caption,
        results.provenance.clone(),
    )?
    .with_columns(2)
    .with_colour_bar(ColourBar::logarithmic("temperature T").with_zero_label("T = 0"))
    .with_panel(found.displacement_panel(results, "a")?)
    .with_panel(ratio)
    .with_panel(found.frozen_panel(results, "c")?)
    .with_panel(found.law_panel(results, "d")?);
    let page = page::page(results, &found, &claims)?;
    Ok(Drawn { plate, claims, page: Some(page) })
}

impl SinglePrecision {
    fn of(results: &Results<'_>) -> Result<Self, ResultError> {
        let run = results.run(PHASE)?;
        let mut pairs = Vec::new();
        for temperature in &results.tasks.preset().single_precision.temperatures {
            pairs.extend(Pair::of(results, &run, *temperature)?);
        }
        let origins =
            run.networks.iter().filter_map(|network| Block::new(&network.records[0], run.waiting_time()));
        let weights = origins.flat_map(|block| block.origin().to_vec()).collect();
        let paper_mobility = run.phase.mobility / run.phase.steps_of_the_paper;
        Ok(Self { run, pairs, paper_mobility, weights })
    }

    fn times(&self, pair: &Pair) -> Vec<f64> {
        pair.lags.iter().map(|lag| *lag as f64 * self.run.paper_steps()).collect()
    }

    fn displacement_panel(&self, results: &Results<'_>, letter: &str) -> Result<PlatePanel, ResultError> {
        let vertical = PlateAxis::logarithmic("mean squared displacement");
        let mut panel = PlatePanel::new(letter, "Double and single precision", time_axis(), vertical);
        for pair in &self.pairs {
            let times = self.times(pair);
            let tone = Tone::Ordered(pair.temperature);
            let double = mean_curve(results, &pair.double)?;
            let line = times.iter().copied().zip(double.iter().map(|one| one.value)).collect();
            let single = mean_curve(results, &pair.single)?;
            panel = panel
                .with_mark(Mark::line(format!("double precision, T = {:e}", pair.temperature), line, tone))
                .with_mark(Mark::points(
                    format!("single precision, T = {:e}", pair.temperature),
                    thinned(&times, single.into_iter().map(Some)),
                    tone,
                ));
        }
        Ok(panel)
    }

    fn ratio_panel(&self, results: &Results<'_>, letter: &str) -> PlatePanel {
        let mut panel = PlatePanel::new(
            letter,
            "Ratio of mean squares",
            time_axis(),
            PlateAxis::linear("single over double precision"),
        )
        .with_mark(Mark::level("no artefact", Level::Horizontal(1.0), Tone::Null));
        for pair in &self.pairs {
            let points = thinned(&self.times(pair), pair.ratio(results));
            panel = panel.with_mark(Mark::joined(
                format!("T = {:e}", pair.temperature),
                points,
                Tone::Ordered(pair.temperature),
            ));
        }
        panel
    }

    fn frozen_panel(&self, results: &Results<'_>, letter: &str) -> Result<PlatePanel, ResultError> {
        let vertical = PlateAxis::linear("share of weights");
        let mut panel = PlatePanel::new(letter, "Weights not moved", time_axis(), vertical);
        for pair in &self.pairs {
            let times = self.times(pair);
            let tone = Tone::Ordered(pair.temperature);
            let double = mean_curve(results, &pair.frozen_double)?;
            let line = times.iter().copied().zip(double.iter().map(|one| one.value)).collect();
            let single = mean_curve(results, &pair.frozen_single)?;
            let points = thinned(&times, single.into_iter().map(Some));
            panel = panel
                .with_mark(Mark::line(format!("double precision, T = {:e}", pair.temperature), line, tone))
                .with_mark(Mark::joined(
                    format!("single precision, T = {:e}", pair.temperature),
                    points,
                    tone,
                ));
        }
        Ok(panel)
    }

    fn law_panel(&self, results: &Results<'_>, letter: &str) -> Result<PlatePanel, ResultError> {
        let curve = |mobility: f64, weights: &[f64]| -> Result<Vec<(f64, f64)>, ResultError> {
            // Ten a decade, 1e-13 to 1e-5.
            (0..=80)
                .map(|step| {
                    let temperature = 10_f64.powf(-13.0 + f64::from(step) / 10.0);
                    Ok((temperature, law::at(&self.run.phase, mobility, temperature, weights)?.diffusion))
                })
                .collect()
        };
        let above = self.pairs.iter().filter(|pair| pair.temperature > 0.0);
        let points = above.filter_map(|pair| Some(point(pair.temperature, mean_at(results, &pair.idle)?)));
        Ok(PlatePanel::new(
            letter,
            "Diffusion left",
            temperature_axis(),
            PlateAxis::linear("D over its true value").within(0.0, 1.5),
        )
        .with_mark(Mark::level("no artefact", Level::Horizontal(1.0), Tone::Null))
        .with_mark(Mark::line(
            "law, steps of this run",
            curve(self.run.phase.mobility, &self.weights)?,
            Tone::Category(0),
        ))
        .with_mark(Mark::line(
            "law, steps of the paper",
            curve(self.paper_mobility, &self.weights)?,
            Tone::Category(2),
        ))
        .with_mark(Mark::line(
            "law, steps and weights of the paper",
            curve(self.paper_mobility, &law::weights_of_the_paper())?,
            Tone::Paper,
        ))
        .with_mark(Mark::points(
            "idle weights, single over double",
            points.collect(),
            Tone::Measured,
        )))
    }
}

fn thinned(times: &[f64], values: impl IntoIterator<Item = Option<Interval>>) -> Vec<Measurement> {
    let frames = times.iter().zip(values).step_by(STRIDE);
    frames.filter_map(|(time, value)| Some(point(*time, value?))).collect()
}
