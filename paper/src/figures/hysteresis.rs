//! Open question: is the trivialisation hysteretic? Networks taken up in lambda by full-batch descent, and down again.

mod page;

use super::Drawn;
use super::end_points::{EndPoint, one_sample_network};
use crate::results::{ResultError, Results};
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
use glassbox_reports::figures::plate::{Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::Tasks;

/// One network on its way.
struct Path {
    number: u32,
    /// End of each lambda, ascending.
    up: Vec<EndPoint>,
    /// End of each lambda on the way back, descending, from the second largest on.
    down: Vec<EndPoint>,
}

/// All networks.
struct Paths {
    regularisations: Vec<f64>,
    paths: Vec<Path>,
    diverged: Vec<u32>,
    one_sample: OneSampleNetwork,
}

impl Path {
    /// Lambdas between which it collapses on the way up; `None` if it does not, or had before.
    fn collapse(&self) -> Option<(f64, f64)> {
        let first = self.up.iter().position(EndPoint::has_collapsed)?;
        Some((self.up[first.checked_sub(1)?].regularisation, self.up[first].regularisation))
    }

    /// The first lambda on the way down at which it has left `W = 0`.
    fn return_from_trivial(&self) -> Option<f64> {
        self.down.iter().find(|end| !end.has_collapsed()).map(|end| end.regularisation)
    }

    /// Largest loss on the way up.
    fn highest(&self) -> f64 {
        self.up.iter().map(|end| end.loss).fold(0.0, f64::max)
    }
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    (0..tasks.preset().hysteresis.initial_conditions).map(|network| tasks.hysteresis(network)).collect()
}

impl Paths {
    fn measure(results: &Results<'_>) -> Result<Self, ResultError> {
        let hysteresis = &results.tasks.preset().hysteresis;
        let regularisations = hysteresis.regularisations.clone();
        let some_task = results.tasks.hysteresis(0);
        let problem = &some_task.quench().problem;
        let architecture = Architecture::paper(problem.width)?;
        let dataset = results.samples.of(problem)?;
        let one_sample = one_sample_network(results, some_task.quench())?;
        let (mut paths, mut diverged) = (Vec::new(), Vec::new());
        for number in 0..hysteresis.initial_conditions {
            let record = results.record(&results.tasks.hysteresis(number))?;
            if record.diverged.is_some() {
                diverged.push(number);
                continue;
            }
            let order = regularisations.iter().chain(regularisations.iter().rev().skip(1));
            let mut up = order
                .enumerate()
                .map(|(frame, lambda)| {
                    EndPoint::measure(&architecture, &dataset, *lambda, record.frame(frame))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let down = up.split_off(regularisations.len());
            paths.push(Path { number, up, down });
        }
        if paths.is_empty() {
            let (phase, all) = ("Hysteresis", hysteresis.initial_conditions);
            return Err(ResultError::TooFewNetworks { phase, left: 0, all });
        }
        Ok(Self { regularisations, paths, diverged, one_sample })
    }

    fn lost(&self) -> String {
        if self.diverged.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> = self.diverged.iter().map(u32::to_string).collect();
        format!(" Diverged, and left out: network {}.", numbers.join(", "))
    }
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let paths = Paths::measure(results)?;
    let hysteresis = &results.tasks.preset().hysteresis;
    let caption = format!(
        "{} networks taken through {} values of lambda by full-batch descent, {} steps at each: up (solid, dots) and down again (open line). Dashed: \
         the lowest loss that any weights have; dotted: the spinodal of one sample with the data's mean input norm, beyond which W = 0 is the only \
         stationary point for any data.{}",
        paths.paths.len(),
        hysteresis.regularisations.len(),
        hysteresis.steps,
        paths.lost()
    );
    let plate = Plate::new("hysteresis", "Lambda up and down", caption, results.provenance.clone())?
        .with_columns(2)
        .with_panel(losses(&paths, "a")?)
        .with_panel(data_losses(&paths, "b")?);
    let page = page::page(results, &paths);
    Ok(Drawn { plate, claims: Vec::new(), page: Some(page) })
}

fn way(ends: &[EndPoint], of: impl Fn(&EndPoint) -> f64) -> Vec<Measurement> {
    ends.iter().map(|end| Measurement::bare(end.regularisation, of(end))).collect()
}

/// The way down, joined to the top of the way up.
fn way_down(path: &Path, of: impl Fn(&EndPoint) -> f64) -> Vec<(f64, f64)> {
    path.up.last().into_iter().chain(&path.down).map(|end| (end.regularisation, of(end))).collect()
}

fn axis(paths: &Paths) -> PlateAxis {
    let lambdas = &paths.regularisations;
    let spinodal = paths.one_sample.spinodal().map_or(0.0, |point| point.regularisation);
    let positive = lambdas.iter().copied().find(|lambda| *lambda > 0.0).unwrap_or(1e-3);
    PlateAxis::logarithmic("regularisation λ")
        .within(positive / 1.15, spinodal.max(lambdas[lambdas.len() - 1]) * 1.15)
}

fn ways(mut panel: PlatePanel, paths: &Paths, of: impl Fn(&EndPoint) -> f64) -> PlatePanel {
    for path in &paths.paths {
        panel = panel
            .with_mark(Mark::line("way down", way_down(path, &of), Tone::Category(1)))
            .with_mark(Mark::joined("way up", way(&path.up, &of), Tone::Category(0)));
    }
    if let Some(spinodal) = paths.one_sample.spinodal() {
        panel = panel.with_mark(Mark::level(
            "spinodal of one sample",
            Level::Vertical(spinodal.regularisation),
            Tone::Null,
        ));
    }
    panel
}

fn losses(paths: &Paths, letter: &str) -> Result<PlatePanel, ResultError> {
    let lambdas = paths.regularisations.iter().copied().filter(|lambda| *lambda > 0.0);
    let bound = lambdas
        .map(|lambda| Ok((lambda, paths.one_sample.lowest_loss(lambda)?)))
        .collect::<Result<Vec<_>, ResultError>>()?;
    let panel = PlatePanel::new(letter, "Loss", axis(paths), PlateAxis::linear("loss"))
        .with_mark(Mark::level("loss of W = 0", Level::Horizontal(0.5), Tone::Guide))
        .with_mark(Mark::line("lowest loss of any weights", bound, Tone::Null));
    Ok(ways(panel, paths, |end| end.loss))
}

/// The order parameter: the data loss, ½ at `W = 0`, along the branch that one sample follows to its spinodal.
fn data_losses(paths: &Paths, letter: &str) -> Result<PlatePanel, ResultError> {
    let mut branch = Vec::new();
    for lambda in paths.regularisations.iter().copied().filter(|lambda| *lambda > 0.0) {
        if let Some(minimum) = paths.one_sample.minimum(lambda)? {
            branch.push((lambda, 0.5 * minimum.shortfall * minimum.shortfall));
        }
    }
    if let Some(spinodal) = paths.one_sample.spinodal() {
        branch.push((spinodal.regularisation, 0.5 * spinodal.shortfall * spinodal.shortfall));
        branch.push((spinodal.regularisation, 0.5));
    }
    let panel = PlatePanel::new(
        letter,
        "Data loss",
        axis(paths),
        PlateAxis::linear("loss without regularisation").within(0.0, 0.55),
    )
    .with_mark(Mark::line("one sample of the mean norm", branch, Tone::Null));
    Ok(ways(panel, paths, |end| end.data_loss))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(regularisation: f64, data_loss: f64) -> EndPoint {
        EndPoint {
            regularisation,
            loss: data_loss,
            data_loss,
            mean_shortfall: 0.0,
            squared_layer_norms: vec![],
        }
    }

    #[test]
    fn ways_by_hand() {
        let up = vec![end(0.1, 0.2), end(0.2, 0.3), end(0.3, 0.5)];
        let stays = Path { number: 0, up: up.clone(), down: vec![end(0.2, 0.5), end(0.1, 0.5)] };
        assert_eq!((stays.collapse(), stays.return_from_trivial()), (Some((0.2, 0.3)), None));
        assert_eq!(stays.highest(), 0.5);
        let back = Path { down: vec![end(0.2, 0.5), end(0.1, 0.2)], up, ..stays };
        assert_eq!(back.return_from_trivial(), Some(0.1));
        let before = Path { number: 1, up: vec![end(0.1, 0.5)], down: vec![] };
        assert_eq!(before.collapse(), None);
    }
}
