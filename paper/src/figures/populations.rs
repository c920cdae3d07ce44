//! Open question: do idle and working weights explain what is bimodal, non-Gaussian and left over in regularised networks?

mod never_active;
mod page;
mod split;

use super::Drawn;
use super::families::{point, temperature_axis};
use super::heterogeneity::histograms::{density_of, nearest_lag};
use super::heterogeneity::power;
use crate::analysis::Interval;
use crate::analysis::weighted_line::weighted_line;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_oracle::Displacement;
use glassbox_reports::figures::plate::{Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};
use split::{Parts, Split};

/// The paper's lag, in its steps.
const LAG_OF_THE_PAPER: f64 = 2e5;

/// Temperatures over which the paper fits Q(t_f).
const FITTED: std::ops::RangeInclusive<f64> = 1e-4..=1.0;

/// Median of |x| of a unit Gaussian.
const MEDIAN_OF_GAUSSIAN: f64 = 0.674_489_750_196_081_7;

const IDLE: Tone = Tone::Category(1);
const WORKING: Tone = Tone::Category(2);

/// Exponents of the late overlap over [`FITTED`].
struct Exponents {
    parts: Parts<Option<Interval>>,
    law: Option<f64>,
}

/// What the page and the claims speak of.
struct Populations {
    run: Run,
    lag: u64,
    splits: Vec<Split>,
    /// Mean share of idle weights.
    share: f64,
    exponents: Exponents,
    /// Exponent of the median displacement of idle weights, and that of their law, over temperatures above 0.
    mode: (Option<Interval>, Option<f64>),
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::Regularised)?;
    let populations = Populations::of(results, run)?;
    let claims = page::claims(results, &populations)?;
    let mut plate = Plate::new(
        "populations",
        "Idle and working weights of regularised networks",
        populations.caption(),
        results.provenance.clone(),
    )?
    .with_columns(3);
    for (letter, index) in ["a", "b", "c"].into_iter().zip(populations.shown()) {
        plate = plate.with_panel(populations.histogram_panel(letter, index));
    }
    let verdicts = claims.iter().map(|claim| claim.verdict);
    let panels =
        [populations.median_panel("d"), populations.alpha_panel("e"), populations.overlap_panel("f")];
    // Claims are in the order of these panels.
    for (panel, verdict) in panels.into_iter().zip(verdicts) {
        plate = plate.with_panel(panel.with_verdict(verdict));
    }
    let page = page::page(results, &populations, &claims)?;
    Ok(Drawn { plate, claims, page: Some(page) })
}

impl Populations {
    fn of(results: &Results<'_>, run: Run) -> Result<Self, ResultError> {
        let lag = nearest_lag(&run, LAG_OF_THE_PAPER / run.paper_steps());
        let splits = (0..run.temperatures.len())
            .map(|index| Split::of(results, &run, index, lag))
            .collect::<Result<Vec<_>, _>>()?;
        let weights = run.architecture.weight_count() as f64;
        let idle: usize = run.networks.iter().map(|network| network.at_rest.len()).sum();
        let share = idle as f64 / weights / run.networks.len() as f64;
        let fitted: Vec<&Split> = splits.iter().filter(|split| FITTED.contains(&split.temperature)).collect();
        let above: Vec<&Split> = splits.iter().filter(|split| split.temperature > 0.0).collect();
        let overlaps = |choose: fn(&Split) -> &Vec<f64>| exponent(results, &fitted, choose);
        let exponents = Exponents {
            parts: Parts {
                all: overlaps(|split| &split.overlaps.all),
                idle: overlaps(|split| &split.overlaps.idle),
                working: overlaps(|split| &split.overlaps.working),
            },
            law: slope(fitted.iter().filter_map(|split| Some((split.temperature, split.law_overlap?)))),
        };
        let law = above.iter().filter_map(|split| {
            Some((split.temperature, split.law.as_ref()?.mean_squared_displacement().sqrt()))
        });
        let mode = (exponent(results, &above, |split| &split.idle_medians), slope(law));
        Ok(Self { run, lag, splits, share, exponents, mode })
    }

    fn caption(&self) -> String {
        let mut caption = format!(
            "Idle: the {:.0}% of the weights that belong to hidden neurons at rest (incoming and outgoing weights together below 1e-3 \
             of the mean squared norm at the end of the quench). Top: histograms of log10 |Δw| as shares of all weights; dashed: \
             for idle weights the law of the well of the regularisation with the run's own parameters, for working ones the \
             Gaussian of their measured mean square. d: median displacement. e: α₂, and what two Gaussian populations give. f: \
             overlap averaged over the last third of the run. Intervals: bootstrap over {} initial conditions.",
            100.0 * self.share,
            self.run.networks.len(),
        );
        if let Some(lost) = self.run.lost() {
            caption += &format!(" {lost}.");
        }
        caption
    }

    /// The lowest temperature above 0, one between, the highest.
    fn shown(&self) -> Vec<usize> {
        let last = self.splits.len() - 1;
        let first = self.splits.iter().position(|split| split.temperature > 0.0).unwrap_or(last);
        vec![first, usize::midpoint(first, last), last]
    }

    fn coldest(&self) -> &Split {
        &self.splits[self.shown()[0]]
    }

    fn histogram_panel(&self, letter: &str, index: usize) -> PlatePanel {
        let split = &self.splits[index];
        let lag = self.lag as f64 * self.run.paper_steps();
        let mut panel = PlatePanel::new(
            letter,
            format!("T = {}, over {} steps", power(split.temperature), power(lag)),
            PlateAxis::logarithmic("displacement |Δw|").within(1e-8, 10.0),
            PlateAxis::linear("share per decade"),
        );
        if let Some(law) = &split.law {
            panel = panel.with_mark(Mark::line(
                "law of each population",
                density_of(law, self.share),
                Tone::Null,
            ));
        }
        let square = self.working_square(index);
        if let Some(Ok(law)) = square.map(|square| Displacement::gaussian(0.0, square)) {
            let density = density_of(&law, 1.0 - self.share);
            panel = panel.with_mark(Mark::line("law of each population", density, Tone::Null));
        }
        panel
            .with_marks(split.histograms.working.marks("working weights", WORKING, 1.0 - self.share))
            .with_marks(split.histograms.idle.marks("idle weights", IDLE, self.share))
    }

    /// Mean square of the working weights of all networks.
    fn working_square(&self, index: usize) -> Option<f64> {
        use glassbox_simulations::observables::mean_squared_displacement;
        let curves = self.run.curves(
            index,
            self.run.waiting_time(),
            |network| network.at_rest.others(),
            |_, moved| mean_squared_displacement(moved),
        );
        let lag = curves.lags.iter().position(|lag| *lag == self.lag as f64)?;
        let sum: f64 = curves.curves.iter().map(|curve| curve[lag]).sum();
        Some(sum / curves.curves.len() as f64)
    }

    fn median_panel(&self, letter: &str) -> PlatePanel {
        let law = self.splits.iter().filter_map(|split| {
            let variance = split.law.as_ref()?.mean_squared_displacement();
            Some((split.temperature, MEDIAN_OF_GAUSSIAN * variance.sqrt()))
        });
        let panel = PlatePanel::new(
            letter,
            "Typical displacement",
            temperature_axis(),
            PlateAxis::logarithmic("median |Δw|"),
        );
        panel
            .with_mark(Mark::line("law of each population", law.collect(), Tone::Null))
            .with_mark(Mark::joined("working weights", self.points(|split| split.median.working), WORKING))
            .with_mark(Mark::points("idle weights", self.points(|split| split.median.idle), IDLE))
    }

    fn alpha_panel(&self, letter: &str) -> PlatePanel {
        let mixture = self.splits.iter().filter_map(|split| Some((split.temperature, split.mixture?.value)));
        PlatePanel::new(
            letter,
            "Non-Gaussian parameter",
            temperature_axis(),
            PlateAxis::linear("α₂").within(-1.0, 12.0),
        )
        .with_mark(Mark::line(
            "law of each population",
            mixture.filter(|(t, _)| *t > 0.0).collect(),
            Tone::Null,
        ))
        .with_mark(Mark::joined("all weights", self.points(|split| split.alpha.all), Tone::Measured))
        .with_mark(Mark::joined("working weights", self.points(|split| split.alpha.working), WORKING))
        .with_mark(Mark::joined("idle weights", self.points(|split| split.alpha.idle), IDLE))
    }

    fn overlap_panel(&self, letter: &str) -> PlatePanel {
        let law = self.splits.iter().filter_map(|split| Some((split.temperature, split.law_overlap?)));
        let mut panel = PlatePanel::new(
            letter,
            "Late overlap, exponents",
            temperature_axis(),
            PlateAxis::logarithmic("overlap Q in the last third"),
        )
        .with_mark(Mark::line("law of each population", law.collect(), Tone::Null));
        let all = self.splits.iter().find(|split| FITTED.contains(&split.temperature));
        if let Some(first) = all {
            let height = 1.3 * first.late.all.map_or(1.0, |late| late.value);
            let span = (*FITTED.start(), *FITTED.end());
            panel = panel.with_mark(Mark::slope("T^-0.48 (paper)", (first.temperature, height), -0.48, span));
        }
        let name = |name: &str, exponent: &Option<Interval>| match exponent {
            Some(exponent) => format!("{name} {:.2}", exponent.value),
            None => name.to_owned(),
        };
        let parts = &self.exponents.parts;
        panel
            .with_mark(Mark::joined("all weights", self.points(|split| split.late.all), Tone::Measured))
            .with_mark(Mark::joined("working weights", self.points(|split| split.late.working), WORKING))
            .with_mark(Mark::joined("idle weights", self.points(|split| split.late.idle), IDLE))
            .with_note(
                [name("all", &parts.all), name("working", &parts.working), name("idle", &parts.idle)]
                    .join(", "),
            )
    }

    fn points(&self, choose: impl Fn(&Split) -> Option<Interval>) -> Vec<Measurement> {
        let above = self.splits.iter().filter(|split| split.temperature > 0.0);
        above.filter_map(|split| Some(point(split.temperature, choose(split)?))).collect()
    }
}

/// Exponent of the mean over networks of a number, paired over temperatures; `None` where a mean is 0.
fn exponent(
    results: &Results<'_>,
    splits: &[&Split],
    choose: impl Fn(&Split) -> &Vec<f64>,
) -> Option<Interval> {
    let networks = choose(splits.first()?).len();
    results.bootstrap.interval(networks, |indices| {
        slope(splits.iter().map(|split| {
            let values = choose(split);
            let sum: f64 = indices.iter().map(|index| values[*index]).sum();
            (split.temperature, sum / indices.len() as f64)
        }))
    })
}

/// Exponent of a power law through points of equal weight.
fn slope(points: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.map(|(x, y)| (x.ln(), y.ln())).unzip();
    // An overlap of 0 has no logarithm.
    if y.iter().any(|y| !y.is_finite()) {
        return None;
    }
    weighted_line(&x, &y, None).ok().map(|line| line.slope)
}
