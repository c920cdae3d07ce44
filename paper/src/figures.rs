//! The figures: what each needs, and how it is drawn from the results.
//!
//! A figure's file has `tasks` (what must be in the store) and `draw` (plate, claims, perhaps a page). Nothing is simulated
//! while drawing.

mod ageing;
mod displacement;
mod early;
mod end_points;
mod evidence;
mod families;
mod four_point;
mod fraction;
mod heterogeneity;
mod hysteresis;
mod idle;
mod kink;
mod layers;
mod limit;
mod loss;
mod minibatch_noise;
mod phase_diagram;
mod populations;
mod relaxation;
mod single_precision;
mod superposition;
mod tail;
mod transition;
mod wells;
mod windows;

use super::results::{ResultError, Results};
use glassbox_reports::figures::plate::Plate;
use glassbox_reports::gallery::Page;
use glassbox_reports::scorecard::Claim;
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// What a figure leaves behind.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The picture and its numbers.
    pub plate: Plate,
    /// The claims that it decides.
    pub claims: Vec<Claim>,
    /// A page that explains it, for the questions that the paper leaves open.
    pub page: Option<Page>,
}

/// A figure of the paper, or one on a question that the paper leaves open.
#[derive(Clone, Copy)]
pub struct Figure {
    id: &'static str,
    title: &'static str,
    tasks: fn(&Tasks<'_>) -> Vec<Task>,
    draw: fn(&Results<'_>) -> Result<Drawn, ResultError>,
}

impl Figure {
    /// All figures, in the paper's order.
    pub const ALL: [Self; 27] = [
        Self::new("1a-b", "Loss of the minima of MNIST", phase_diagram::tasks, phase_diagram::draw),
        Self::new("1c", "Collapse of single networks", transition::tasks, transition::draw),
        Self::new("2b", "Early decay of the overlap", early::tasks, early::draw),
        Self::new("3a-f", "Overlap and its relaxation time", relaxation::tasks, relaxation::draw),
        Self::new("4a-b", "Time-temperature superposition", superposition::tasks, superposition::draw),
        Self::new("5a-d", "Mean squared displacement", displacement::tasks, displacement::draw),
        Self::new("7a-f", "Heterogeneity of the weights", heterogeneity::tasks, heterogeneity::draw),
        Self::new("8a-d", "Ageing", ageing::tasks, ageing::draw),
        Self::new("a1", "Relaxation time for other windows", windows::tasks, windows::draw),
        Self::new("a2", "Loss before and after the switch", loss::tasks, loss::draw),
        Self::new(
            "a3",
            "Loss of the minima of CIFAR-10",
            phase_diagram::tasks_of_cifar10,
            phase_diagram::draw_cifar10,
        ),
        Self::new(
            "a4",
            "Relaxation time at 1/e, and for CIFAR-10",
            relaxation::tasks_with_cifar10,
            relaxation::draw_appendix,
        ),
        Self::new("a5", "Overlap in a quadratic well", wells::tasks, wells::draw),
        Self::new(
            "a6",
            "Superposition in the other phases",
            superposition::tasks_of_others,
            superposition::draw_others,
        ),
        Self::new("a7", "Limit of the overlap", limit::tasks, limit::draw),
        Self::new(
            "a8",
            "Heterogeneity of the weights, CIFAR-10",
            heterogeneity::tasks_of_cifar10,
            heterogeneity::draw_cifar10,
        ),
        Self::new(
            "a9-10",
            "Relaxation time for every waiting time",
            ageing::tasks,
            ageing::draw_temperatures,
        ),
        Self::new("a11", "Over-parameterised networks do not age", ageing::tasks_over, ageing::draw_over),
        Self::new("kink", "The kink in the average", kink::tasks, kink::draw),
        Self::new("hysteresis", "Lambda up and down", hysteresis::tasks, hysteresis::draw),
        Self::new("tail", "Is the tail anything but free diffusion?", tail::tasks, tail::draw),
        Self::new(
            "minibatch",
            "Localisation under minibatch descent",
            minibatch_noise::tasks,
            minibatch_noise::draw,
        ),
        Self::new("populations", "Idle and working weights", populations::tasks, populations::draw),
        Self::new("idle", "Weights that feel no data", idle::tasks, idle::draw),
        Self::new("layers", "Layer by layer", layers::tasks, layers::draw),
        Self::new(
            "precision",
            "Single-precision weights at low temperature",
            single_precision::tasks,
            single_precision::draw,
        ),
        Self::new("chi4", "Fluctuations of the overlap", four_point::tasks, four_point::draw),
    ];

    const fn new(
        id: &'static str,
        title: &'static str,
        tasks: fn(&Tasks<'_>) -> Vec<Task>,
        draw: fn(&Results<'_>) -> Result<Drawn, ResultError>,
    ) -> Self {
        Self { id, title, tasks, draw }
    }

    /// Its file name, such as `3a-f`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// In a few words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The tasks whose results it shows.
    #[must_use]
    pub fn tasks(&self, tasks: &Tasks<'_>) -> Vec<Task> {
        (self.tasks)(tasks)
    }

    /// The phases that a panel shows, where `name` means a panel of a figure that has one a phase: `3d` is the regularised one.
    /// Then only those need be run.
    #[must_use]
    pub fn phases(&self, name: &str) -> Option<Vec<PhaseName>> {
        let [regularised, under, over] = PhaseName::MNIST;
        let of_letters: &[(&str, PhaseName)] = match self.id {
            "3a-f" | "7a-f" => &[("ad", regularised), ("be", under), ("cf", over)],
            "5a-d" => &[("ad", regularised), ("b", under), ("c", over)],
            "8a-d" => &[("ab", regularised), ("cd", under)],
            "a1" => &[("a", regularised), ("b", under), ("c", over)],
            "a4" => &[
                ("a", regularised),
                ("b", under),
                ("c", over),
                ("d", PhaseName::Cifar10Regularised),
                ("e", PhaseName::Cifar10UnderParameterised),
                ("f", PhaseName::Cifar10OverParameterised),
            ],
            "a6" => &[("a", under), ("b", over)],
            "a8" => &[
                ("ad", PhaseName::Cifar10Regularised),
                ("be", PhaseName::Cifar10UnderParameterised),
                ("cf", PhaseName::Cifar10OverParameterised),
            ],
            _ => return None,
        };
        let name = name.to_lowercase();
        let (number, letter) = split(&name);
        if number != split(self.id).0 {
            return None;
        }
        let phases: Vec<PhaseName> = of_letters
            .iter()
            .filter(|(letters, _)| letters.contains(letter))
            .map(|(_, phase)| *phase)
            .collect();
        (letter.len() == 1 && !phases.is_empty()).then_some(phases)
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`ResultError`].
    pub fn draw(&self, results: &Results<'_>) -> Result<Drawn, ResultError> {
        (self.draw)(results)
    }

    /// Whether `name` means this figure: its id, its number (`3`), or a panel of it (`3b` of `3a-f`).
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        if name == self.id || self.phases(&name).is_some() {
            return true;
        }
        let (number, letters) = split(self.id);
        let (wanted, letter) = split(&name);
        if number != wanted || number.is_empty() {
            return false;
        }
        match (letter.chars().next(), letters.split_once('-')) {
            (None, _) => true,
            (Some(one), Some((first, last))) => {
                letter.len() == 1
                    && first.chars().all(|first| first <= one)
                    && last.chars().all(|last| one <= last)
            }
            (Some(_), None) => letter == letters,
        }
    }
}

/// `a9` and `3a-f` into number and letters: ("a9", ""), ("3", "a-f").
fn split(id: &str) -> (&str, &str) {
    let from = usize::from(id.starts_with('a'));
    let digits = id[from..].chars().take_while(char::is_ascii_digit).count();
    if digits == 0 { ("", id) } else { id.split_at(from + digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_needs_its_phase_only() {
        let three = Figure { id: "3a-f", ..Figure::ALL[0] };
        assert_eq!(three.phases("3d"), Some(vec![PhaseName::Regularised]));
        assert_eq!(three.phases("3C"), Some(vec![PhaseName::OverParameterised]));
        let appendix = Figure { id: "a4", ..Figure::ALL[0] };
        assert_eq!(appendix.phases("A4d"), Some(vec![PhaseName::Cifar10Regularised]));
        assert!(appendix.is("a4d") && !appendix.is("a4g") && !appendix.is("3d") && !appendix.is("d"));
        assert_eq!((three.phases("3"), three.phases("3a-f"), three.phases("3g")), (None, None, None));
        assert_eq!(Figure { id: "2b", ..Figure::ALL[0] }.phases("2b"), None);
    }

    #[test]
    fn figures_are_found_by_number_and_panel() {
        let three = Figure { id: "3a-f", ..Figure::ALL[0] };
        assert!(three.is("3") && three.is("3b") && three.is("3A-F") && three.is("3a-f"));
        assert!(!three.is("3g") && !three.is("a3") && !three.is("") && !three.is("33"));
        let appendix = Figure { id: "a9", ..Figure::ALL[0] };
        assert!(appendix.is("A9") && !appendix.is("9"));
        let two = Figure { id: "2b", ..Figure::ALL[0] };
        assert!(two.is("2") && two.is("2b") && !two.is("2a"));
        let open = Figure { id: "tail", ..Figure::ALL[0] };
        assert!(open.is("tail") && !open.is("t"));
    }
}
