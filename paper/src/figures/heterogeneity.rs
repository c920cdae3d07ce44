//! Fig. 7a–f and A8: heterogeneity of the weights. alpha2 in time, and histograms of log10 |dw| over one lag.

pub(super) mod histograms;
pub(super) mod moments;
mod verdicts;

use super::Drawn;
use super::families::{point, temperature_axis, time_axis};
use crate::Null;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Level, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::numbers::{superscript, typeset};
use glassbox_simulations::protocol::{Population, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};
use histograms::{Histogram, density_of, nearest_lag};
use moments::{Alpha, GaussianBand};
use verdicts::Verdicts;

/// The paper's lag, in its steps.
const LAG_OF_THE_PAPER: f64 = 2e5;

/// One phase, at each of its temperatures.
struct Heterogeneity {
    run: Run,
    alphas: Vec<Alpha>,
    band: GaussianBand,
    lag: u64,
    histograms: Vec<Histogram>,
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn tasks_of_cifar10(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::CIFAR10.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let phases = measure(results, PhaseName::MNIST)?;
    let verdicts = verdicts::of_mnist(results, &phases)?;
    let plate = plate(results, "7a-f", "Heterogeneity of the weights", &phases, &verdicts)?;
    Ok(Drawn { plate, claims: verdicts.claims, page: None })
}

pub(super) fn draw_cifar10(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let phases = measure(results, PhaseName::CIFAR10)?;
    let verdicts = verdicts::of_cifar10(results, &phases)?;
    let plate = plate(results, "a8", "Heterogeneity of the weights, CIFAR-10", &phases, &verdicts)?;
    Ok(Drawn { plate, claims: verdicts.claims, page: None })
}

fn measure(results: &Results<'_>, names: [PhaseName; 3]) -> Result<Vec<Heterogeneity>, ResultError> {
    names
        .into_iter()
        .filter(|name| results.tasks.shows(*name))
        .map(|name| Heterogeneity::of(results, name))
        .collect()
}

impl Heterogeneity {
    fn of(results: &Results<'_>, name: PhaseName) -> Result<Self, ResultError> {
        let run = results.run(name)?;
        let all = Population::all(&run.architecture);
        let lag = nearest_lag(&run, LAG_OF_THE_PAPER / run.paper_steps());
        let (mut alphas, mut histograms) = (Vec::new(), Vec::new());
        for temperature in 0..run.temperatures.len() {
            alphas.push(Alpha::of(results, &run, temperature, |_| all.clone())?);
            histograms.push(Histogram::of(results, &run, temperature, lag, |_| all.clone())?);
        }
        let confidence = results.bootstrap.confidence();
        let band = GaussianBand::new(run.architecture.weight_count(), run.networks.len(), confidence);
        Ok(Self { run, alphas, band, lag, histograms })
    }

    /// The lowest temperature above 0.
    fn coldest(&self) -> Option<usize> {
        self.run.temperatures.iter().position(|temperature| *temperature > 0.0)
    }

    /// The phase; the plate names the data set.
    fn title(&self) -> String {
        let name = self.run.name.title();
        let name = name.rsplit(", ").next().unwrap_or(name);
        let mut letters = name.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    }

    /// Spans the means; longer error bars are cut.
    fn alpha_axis(&self) -> PlateAxis {
        let frames = || self.alphas.iter().flat_map(|alpha| alpha.mean_of_ratios.iter().flatten());
        let top = 1.25 * frames().map(|frame| frame.value).fold(self.band.high(), f64::max);
        let bottom = 1.25 * frames().map(|frame| frame.value).fold(self.band.low(), f64::min);
        PlateAxis::linear("non-Gaussian α₂").within(bottom.min(-0.05 * top), top)
    }

    /// alpha2 in time, as the paper's.
    fn alpha_panel(&self, letter: &str) -> PlatePanel {
        let times = &self.alphas[0].times;
        let (low, high) = (self.band.low(), self.band.high());
        let mut panel = PlatePanel::new(letter, self.run.name.title(), time_axis(), self.alpha_axis())
            .with_mark(Mark::band(
                "Gaussian weights",
                times.iter().map(|time| (*time, low, high)).collect(),
                Tone::Null,
            ))
            .with_mark(Mark::level("", Level::Horizontal(0.0), Tone::Null));
        for (temperature, alpha) in self.run.temperatures.iter().zip(&self.alphas) {
            // Every third frame from the last: three a decade.
            let frames = alpha.times.iter().zip(&alpha.mean_of_ratios).rev().step_by(3);
            let mut points: Vec<_> =
                frames.filter_map(|(time, interval)| Some(point(*time, (*interval)?))).collect();
            points.reverse();
            panel = panel.with_mark(Mark::joined(
                format!("T = {temperature:e}"),
                points,
                Tone::Ordered(*temperature),
            ));
        }
        panel
    }

    /// Both averages at the last lag.
    fn averages_panel(&self, letter: &str) -> PlatePanel {
        let at = |choose: fn(&Alpha) -> Option<crate::analysis::Interval>| {
            let hot =
                self.run.temperatures.iter().zip(&self.alphas).filter(|(temperature, _)| **temperature > 0.0);
            hot.filter_map(|(temperature, alpha)| Some(point(*temperature, choose(alpha)?))).collect()
        };
        PlatePanel::new(letter, self.title(), temperature_axis(), PlateAxis::linear("α₂ at the last frame"))
            .with_mark(Mark::level("", Level::Horizontal(0.0), Tone::Null))
            .with_mark(Mark::joined(
                "mean of the networks' α₂",
                at(|alpha| alpha.mean_of_ratios.last().copied().flatten()),
                Tone::Category(0),
            ))
            .with_mark(Mark::joined(
                "α₂ of the networks' mean moments",
                at(|alpha| alpha.ratio_of_means.last().copied().flatten()),
                Tone::Category(1),
            ))
    }

    /// The histograms of a few temperatures, each with the Gaussian of the run's own law.
    fn histogram_panel(&self, letter: &str) -> Result<PlatePanel, ResultError> {
        let mut panel = PlatePanel::new(
            letter,
            self.title(),
            PlateAxis::logarithmic("displacement |Δw|").within(1e-8, 10.0),
            PlateAxis::linear("share per decade"),
        );
        for index in self.shown() {
            let temperature = self.run.temperatures[index];
            if temperature > 0.0 {
                let law = Null::idle(&self.run.phase, temperature, self.run.waiting_time())?;
                let law = law.law().displacement(self.lag as f64)?;
                panel = panel.with_mark(Mark::line(
                    "Gaussian of the null model",
                    density_of(&law, 1.0),
                    Tone::Null,
                ));
            }
            panel = panel.with_marks(self.histograms[index].marks(
                &format!("T = {temperature:e}"),
                Tone::Ordered(temperature),
                1.0,
            ));
        }
        if let Some(still) = self.histograms.first().filter(|_| self.run.temperatures[0] == 0.0) {
            let share = 100.0 * still.below;
            panel = panel.with_note(format!("T = 0: {share:.0}% move less than 10⁻⁸"));
        }
        Ok(panel)
    }

    /// Four temperatures: none, the lowest, one between, the highest.
    fn shown(&self) -> Vec<usize> {
        let last = self.run.temperatures.len() - 1;
        let mut shown = vec![0, 1.min(last), usize::midpoint(1, last), last];
        shown.dedup();
        shown
    }
}

/// A power of ten as 10⁻⁸, other numbers with two digits.
pub(super) fn power(value: f64) -> String {
    let exponent = value.log10().round();
    if (2.0..300.0).contains(&exponent.abs()) && (value / 10_f64.powf(exponent) - 1.0).abs() < 1e-9 {
        #[allow(clippy::cast_possible_truncation, reason = "below 300")]
        return format!("10{}", superscript(exponent as i32));
    }
    typeset(value, 2)
}

fn plate(
    results: &Results<'_>,
    id: &str,
    title: &str,
    phases: &[Heterogeneity],
    verdicts: &Verdicts,
) -> Result<Plate, ResultError> {
    let lost: Vec<String> = phases.iter().filter_map(|phase| phase.run.lost()).collect();
    let lags: Vec<String> =
        phases.iter().map(|phase| power(phase.lag as f64 * phase.run.paper_steps())).collect();
    let last = phases.iter().filter_map(|phase| phase.alphas.first()?.times.last().copied());
    let last: Vec<String> = last.map(power).collect();
    let mut caption = format!(
        "Top: non-Gaussian parameter, mean of the networks' own, with bootstrap intervals over initial conditions (long ones \
         are cut); grey: what as many Gaussian weights give. Middle: histograms of log10 |Δw| over the saved lag nearest to \
         the paper's 2×10⁵ steps ({}); dashed: the Gaussian of the null model (free diffusion, or the well of the \
         regularisation) with the run's own parameters. Bottom, not in the paper: both averages of α₂ at the last frame ({} \
         steps): of the networks' α₂ (the paper's), and of their moments.",
        lags.join(", "),
        last.join(", "),
    );
    for line in lost {
        caption += &format!(" {line}.");
    }
    let mut plate = Plate::new(id, title, caption, results.provenance.clone())?
        .with_columns(3)
        .with_colour_bar(ColourBar::logarithmic("temperature T").with_zero_label("T = 0"));
    let letters = [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]];
    for (index, phase) in phases.iter().enumerate() {
        plate = plate.with_panel(phase.alpha_panel(letters[0][index]).with_verdict(verdicts.alpha[index]));
    }
    for (index, phase) in phases.iter().enumerate() {
        plate =
            plate.with_panel(phase.histogram_panel(letters[1][index])?.with_verdict(verdicts.modes[index]));
    }
    for (index, phase) in phases.iter().enumerate() {
        plate = plate.with_panel(phase.averages_panel(letters[2][index]));
    }
    Ok(plate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_in_words() {
        let words = [0.0, 1e-8, 1e-4, 0.1, 1.0, 3.16e-4, 199_530.0].map(power);
        assert_eq!(words, ["0", "10⁻⁸", "10⁻⁴", "0.1", "1", "3.2×10⁻⁴", "2×10⁵"]);
    }
}
