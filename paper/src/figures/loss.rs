//! Fig. A2: the loss through the quench, over the switch to Langevin dynamics, and on.
//!
//! What the bath adds is the loss at T less that of the same network at T = 0 and the same time. In equilibrium a quadratic
//! well has `N T/(2 P_D)` of it, `T/(2 P_D)` for each weight that feels a force; the measured rise over `T/(2 P_D)` is the number
//! of weights that have come to equilibrium (flat directions add nothing).

mod claims;

use super::Drawn;
use crate::results::{Network, ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// Losses below it count as this in geometric means.
const FLOOR: f64 = 1e-20;

/// Rise of a network's loss at T = 0, over its loss at the end of the quench, from which on the step is too long for it.
const UNSTABLE: f64 = 0.05;

/// Frames shown in a decade of time.
const FRAMES_A_DECADE: f64 = 8.0;

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let runs = PhaseName::MNIST.map(|name| results.run(name));
    let runs = runs.into_iter().collect::<Result<Vec<_>, _>>()?;
    let rises = runs.iter().map(Rise::measure).collect::<Vec<_>>();
    let claims = vec![claims::relaxation(results, &runs, &rises), claims::spread(results, &runs)];
    let mut caption = "Above: loss through the quench, every network and the geometric mean. Middle: loss since the switch to Langevin dynamics over that \
         at the end of the quench, geometric mean over networks, by temperature. Below: what the bath has added over that of the same network at T = 0, in \
         units of N T/(2 P_D), the equilibrium value of N weights in a well; dashed: weights that feel the regularisation only."
        .to_owned();
    for run in &runs {
        if let Some(unstable) = unstable(run) {
            caption = format!("{caption} {unstable}.");
        }
    }
    for lost in runs.iter().filter_map(Run::lost) {
        caption = format!("{caption} {lost}.");
    }
    let mut plate =
        Plate::new("a2", "Loss before and after the switch", caption, results.provenance.clone())?
            .with_colour_bar(ColourBar::logarithmic("temperature").with_zero_label("T = 0"));
    let mut letters = ('a'..='z').map(String::from);
    let mut letter = || letters.next().unwrap_or_default();
    for run in &runs {
        plate = plate.with_panel(quench(results, run, &letter()));
    }
    for run in &runs {
        plate = plate.with_panel(since_the_switch(results, run, &letter())?);
    }
    for (index, (run, rise)) in runs.iter().zip(&rises).enumerate() {
        let mut panel = weights_in_equilibrium(results, run, rise, &letter())?;
        if index == 0 {
            panel = panel.with_verdict(claims[0].verdict);
        }
        plate = plate.with_panel(panel);
    }
    Ok(Drawn { plate, claims, page: None })
}

/// The rise of the loss in units of `N T/(2 P_D)`.
struct Rise {
    /// Indices of temperatures above 0.
    temperatures: Vec<usize>,
    /// Steps since the switch of each frame: about as many in every decade, and the waiting time.
    steps: Vec<u64>,
    /// `rises[temperature][network][frame]`; empty without a run at T = 0.
    rises: Vec<Vec<Vec<f64>>>,
}

impl Rise {
    fn measure(run: &Run) -> Self {
        let times = &run.networks[0].records[0].times;
        let frames = thinned(times, &[run.waiting_time()]);
        let steps: Vec<u64> = frames.iter().map(|frame| times[*frame]).collect();
        let temperatures: Vec<usize> =
            (0..run.temperatures.len()).filter(|index| run.temperatures[*index] > 0.0).collect();
        let Some(still) = run.index(0.0) else {
            return Self { temperatures: Vec::new(), steps, rises: Vec::new() };
        };
        let unit = |temperature: usize| {
            run.architecture.weight_count() as f64 * run.temperatures[temperature]
                / (2.0 * run.phase.reference_samples)
        };
        let of = |temperature: usize| {
            let networks = run.networks.iter().map(|network| {
                let (hot, cold) = (&network.records[temperature].losses, &network.records[still].losses);
                frames.iter().map(|frame| (hot[*frame] - cold[*frame]) / unit(temperature)).collect()
            });
            networks.collect()
        };
        let rises = temperatures.iter().map(|temperature| of(*temperature)).collect();
        Self { temperatures, steps, rises }
    }

    /// Place of a time among the frames.
    fn at(&self, steps: u64) -> Option<usize> {
        self.steps.iter().position(|one| *one == steps)
    }
}

/// Indices of `times` so that there are about [`FRAMES_A_DECADE`], the first and the last, and those of `wanted`.
fn thinned(times: &[u64], wanted: &[u64]) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut next = 0.0;
    for (index, time) in times.iter().enumerate() {
        let position = (*time as f64).max(1.0).log10() * FRAMES_A_DECADE;
        if index == 0 || position >= next || wanted.contains(time) || index + 1 == times.len() {
            if position >= next {
                next = position.floor() + 1.0;
            }
            chosen.push(index);
        }
    }
    chosen
}

fn quench(results: &Results<'_>, run: &Run, letter: &str) -> PlatePanel {
    let mut panel = PlatePanel::new(
        letter,
        run.name.title(),
        PlateAxis::logarithmic("step of the quench"),
        PlateAxis::logarithmic("loss"),
    );
    let times = &run.networks[0].quench.times;
    let shown: Vec<usize> = (0..times.len()).filter(|index| times[*index] > 0).collect();
    for network in &run.networks {
        let points =
            shown.iter().map(|index| (times[*index] as f64, network.quench.losses[*index])).collect();
        panel = panel.with_mark(Mark::line("", points, Tone::Guide));
    }
    let means = results.bootstrap.curve(run.networks.len(), shown.len(), |chosen| {
        let mean = |index: &usize| {
            let sum: f64 = chosen
                .iter()
                .map(|network| run.networks[*network].quench.losses[*index].max(FLOOR).ln())
                .sum();
            (sum / chosen.len() as f64).exp()
        };
        shown.iter().map(mean).collect()
    });
    let points = shown.iter().zip(means).filter_map(|(index, mean)| {
        mean.map(|mean| Measurement::new(times[*index] as f64, mean.value, mean.low, mean.high))
    });
    let switch = Level::Vertical(run.phase.minibatch_steps as f64);
    panel.with_mark(Mark::joined("geometric mean", points.collect(), Tone::Measured)).with_mark(Mark::level(
        "full-batch descent",
        switch,
        Tone::Guide,
    ))
}

/// The loss of each network over its own at the end of the quench: the mean over networks, geometric, by temperature.
fn since_the_switch(results: &Results<'_>, run: &Run, letter: &str) -> Result<PlatePanel, ResultError> {
    let times = &run.networks[0].records[0].times;
    let frames = thinned(times, &[run.waiting_time()]);
    let mut marks = Vec::new();
    let (mut low, mut high) = (1.0_f64, 1.0_f64);
    for (index, temperature) in run.temperatures.iter().enumerate() {
        let curves: Vec<Vec<f64>> = run
            .networks
            .iter()
            .map(|network| {
                let end = network.quench.losses.last().map_or(f64::NAN, |loss| loss.max(FLOOR));
                let losses = &network.records[index].losses;
                frames.iter().map(|frame| (losses[*frame].max(FLOOR) / end).ln()).collect()
            })
            .collect();
        let mut points = Vec::new();
        for (frame, mean) in frames.iter().zip(results.bootstrap.mean_curve(&curves)?) {
            let [value, below, above] = [mean.value, mean.low, mean.high].map(f64::exp);
            (low, high) = (low.min(below), high.max(above));
            points.push(Measurement::new(times[*frame] as f64 * run.paper_steps(), value, below, above));
        }
        marks.push(Mark::joined(format!("T = {temperature:e}"), points, Tone::Ordered(*temperature)));
    }
    // A rise of percents is nothing on a logarithmic axis, one of decades everything on a linear one.
    let name = "loss over its end of the quench";
    let vertical = if high < 3.0 * low { PlateAxis::linear(name) } else { PlateAxis::logarithmic(name) };
    Ok(PlatePanel::new(letter, run.name.title(), time_axis(run), vertical)
        .with_mark(Mark::level("", Level::Horizontal(1.0), Tone::Guide))
        .with_marks(marks))
}

fn time_axis(run: &Run) -> PlateAxis {
    let times = &run.networks[0].records[0].times;
    let in_paper = |steps: u64| steps.max(1) as f64 * run.paper_steps();
    let (first, last) = (times.first().copied().unwrap_or(1), times.last().copied().unwrap_or(10));
    PlateAxis::logarithmic("time since the switch (steps of the paper)")
        .within(in_paper(first) / 1.1, in_paper(last) * 1.1)
}

fn weights_in_equilibrium(
    results: &Results<'_>,
    run: &Run,
    rise: &Rise,
    letter: &str,
) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(
        letter,
        run.name.title(),
        time_axis(run),
        PlateAxis::linear("rise of the loss / (N T/2P_D)").within(-0.25, 1.5),
    )
    .with_mark(Mark::level("every weight in equilibrium", Level::Horizontal(1.0), Tone::Guide));
    let times: Vec<f64> = rise.steps.iter().map(|steps| *steps as f64 * run.paper_steps()).collect();
    let idle: Vec<(f64, f64)> =
        rise.steps.iter().zip(&times).map(|(steps, time)| (*time, idle_share(run, *steps))).collect();
    if run.phase.regularisation > 0.0 {
        panel = panel.with_mark(Mark::line("well of the regularisation alone", idle, Tone::Null));
    }
    let mut hidden = Vec::new();
    for (temperature, curves) in rise.temperatures.iter().zip(&rise.rises) {
        let temperature = run.temperatures[*temperature];
        let means = results.bootstrap.mean_curve(curves)?;
        // The descent that goes on differs from run to run by more than the bath adds where it is cold.
        let resolved = means.iter().filter(|mean| mean.half_width() < 0.5).count() * 2 > means.len();
        if !resolved {
            hidden.push(format!("{temperature:e}"));
            continue;
        }
        let points = times.iter().zip(&means);
        let points =
            points.map(|(time, mean)| Measurement::new(*time, mean.value, mean.low, mean.high)).collect();
        panel =
            panel.with_mark(Mark::joined(format!("T = {temperature:e}"), points, Tone::Ordered(temperature)));
    }
    if hidden.len() == rise.temperatures.len() {
        panel = panel.with_note("not resolved at any temperature");
    } else if let Some(hottest) = hidden.last() {
        panel = panel.with_note(format!("not resolved at T ≤ {hottest}"));
    }
    Ok(panel)
}

/// Networks whose loss rises without a bath: they sit where the curvature is too large for the step. In words.
fn unstable(run: &Run) -> Option<String> {
    let still = run.index(0.0)?;
    let rises = |network: &&Network| {
        let end = network.quench.losses.last().copied().unwrap_or(f64::NAN);
        network.records[still].losses.iter().any(|loss| *loss > (1.0 + UNSTABLE) * end + f64::EPSILON)
    };
    let numbers: Vec<String> =
        run.networks.iter().filter(rises).map(|network| network.initial_condition.to_string()).collect();
    let named = || {
        format!(
            "{}: the loss of network {} rises at T = 0, the step is too long for it",
            run.name.title(),
            numbers.join(", ")
        )
    };
    (!numbers.is_empty()).then(named)
}

/// Share of its equilibrium energy that a weight in the well of the regularisation has after `steps` from its bottom.
fn idle_share(run: &Run, steps: u64) -> f64 {
    -(-2.0 * run.phase.mobility * run.phase.regularisation * steps as f64).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_thinned_evenly_on_a_logarithmic_axis() {
        let times: Vec<u64> = (500..=32_000).step_by(100).collect();
        let chosen: Vec<u64> = thinned(&times, &[2_000]).into_iter().map(|index| times[index]).collect();
        assert_eq!((chosen[0], chosen[chosen.len() - 1]), (500, 32_000));
        assert!(chosen.contains(&2_000));
        // 1.8 decades of 8.
        assert!((14..=18).contains(&chosen.len()), "{chosen:?}");
    }
}
