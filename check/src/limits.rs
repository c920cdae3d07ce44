//! What is decided before any statistics: weights that do not move, and numbers whose squares no double holds.

use super::check::{Check, Part};
use super::first_pass::FirstPass;
use super::innovations::Innovations;
use super::source::{Source, SourceError};
use super::{ExaminationError, ExaminationSettings};
use glassbox_oracle::inference::Parameter;
use glassbox_oracle::verdict::{Evidence, VerdictError};
use glassbox_reports::numbers::plain;

/// Weights beyond this size are measured before anything is made of their squares, of which 10¹⁰ still add up.
const LARGE: f64 = 1e149;

/// Moves below this size are measured as well: their squares keep no digits.
const SMALL: f64 = 1e-149;

/// The verdict on a number that is not finite.
pub(crate) fn of_number(error: &SourceError) -> Part {
    let reason = format!("{error}; the run diverged, or the file is damaged");
    alone(Evidence::failed("moves: numbers that are finite", 0, reason))
}

/// The verdict on weights that no test can judge: none of them moves, or their squares over- or underflow.
pub(crate) fn of_moves(source: &dyn Source, pass: &FirstPass) -> Option<Part> {
    let still = &pass.still;
    let times = source.times();
    if still.unmoved == still.moves {
        let (first, last) = (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0));
        let frozen = format!(
            "no weight moves between step {first} and step {last}: a run at a temperature above 0 gets noise at every step, \
             unless it is below the rounding of its weights"
        );
        return Some(alone(Evidence::failed("moves: weights that move", 0, frozen)));
    }
    let moved = still.root_mean_square();
    let start = pass.first_square.sqrt();
    if moved < LARGE && start < LARGE && moved > SMALL {
        return None;
    }
    let name = "moves: squares of the weights";
    let (weight, largest) = (still.largest_weight, still.largest_move);
    let most = (f64::MAX / (still.moves + source.weights() as f64 * source.replicas() as f64)).sqrt();
    if weight.max(largest) > most {
        let diverged = format!(
            "weights are of size {}; their squares overflow a double: the run diverged",
            plain(weight, 2)
        );
        return Some(alone(Evidence::failed(name, 0, diverged)));
    }
    if largest < SMALL {
        let tiny = format!(
            "no move is larger than {}, and squares of such numbers underflow a double; save the weights in larger units",
            plain(largest, 2)
        );
        return Some(alone(super::innovation_checks::too_few(name, 0.0, 1.0).doubted(tiny)));
    }
    None
}

/// The verdict on innovations whose squares overflow: the moves are far from anything that the stated parameters allow.
pub(crate) fn of_innovations(innovations: &Innovations) -> Option<Part> {
    let squares = [innovations.all.squares, innovations.over_weights.squares, innovations.over_times.squares];
    if squares.iter().all(|one| one.is_finite()) {
        return None;
    }
    let reason = "the moves are more than 1e150 standard deviations of the stated noise away from the law, and the \
                  squares of such numbers overflow a double: the stated parameters are not those of this run, or it diverged";
    Some(alone(Evidence::failed("innovations: strength and shape of the noise", 0, reason)))
}

/// The verdict where stated parameters give a law that no double holds; `None` where nothing was stated to be wrong.
pub(crate) fn of_stated_law(settings: &ExaminationSettings, error: &ExaminationError) -> Option<Part> {
    let stated: Vec<String> = Parameter::ALL
        .iter()
        .filter_map(|one| settings.stated.get(*one).map(|value| format!("{one} {}", plain(value, 3))))
        .collect();
    let is_of_law = matches!(
        error,
        ExaminationError::Oracle(_)
            | ExaminationError::Shape(_)
            | ExaminationError::Verdict(VerdictError::UnsuitableLaw { .. })
    );
    if stated.is_empty() || !is_of_law {
        return None;
    }
    let reason = format!(
        "the law of the stated parameters ({}) over- or underflows a double, and the weights of the trajectory are \
         ordinary numbers",
        stated.join(", ")
    );
    Some(alone(Evidence::failed("law: moves under the stated parameters", 0, reason)))
}

fn alone(evidence: Evidence) -> Part {
    let mut part = Part::new(
        "moves",
        "Moves",
        "What is looked at before any statistics: weights are finite, they move, and their squares are numbers that a double holds.",
    );
    part.checks.push(Check::from(evidence));
    part
}

/// What rounding the weights to the precision of the file does to the moves.
#[derive(Clone, Debug)]
pub(crate) struct Rounding {
    /// Share of the variance of a move that it adds.
    pub(crate) share: f64,
    /// Distance in probability from the law that it adds at most: moves are whole multiples of a spacing, so that their
    /// distribution rises in jumps of the spacing times the density, half of them on either side of the law.
    pub(crate) distance: f64,
    /// Both, in words, with what to do.
    pub(crate) words: String,
}

/// The largest density of a standard Gaussian number.
const LARGEST_DENSITY: f64 = 0.398_942_280_401_432_7;

impl Rounding {
    /// Of moves whose noise has this standard deviation, at the least.
    pub(crate) fn of(pass: &FirstPass, deviation: Option<f64>) -> Self {
        let still = &pass.still;
        let share = still.rounding_share();
        let (precision, remedy) = if still.is_single() {
            ("single", "save them in double precision, or less often")
        } else {
            ("double", "save them less often")
        };
        let words = format!(
            "rounding the weights to {precision} precision, in steps of {} where a move is {}, adds {} % to the variance of \
             a move; {remedy}",
            plain(still.mean_spacing(), 2),
            plain(still.root_mean_square(), 2),
            plain(100.0 * share, 3)
        );
        let scale = deviation.unwrap_or_else(|| still.root_mean_square());
        Self { share, distance: 0.5 * LARGEST_DENSITY * still.mean_spacing() / scale, words }
    }
}
