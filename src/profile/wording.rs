//! Lines of a profile in words.

use super::record::{Bits, Ladder, Order, Point, Quantity, Reference, Stability, Standing};
use glassbox_reports::numbers::plain;

/// "quadratic well: strong error", "hyperbolic hill: mean square against half the step".
pub(crate) fn ladder_name(ladder: &Ladder) -> String {
    let quantity = match ladder.quantity {
        Quantity::StrongError => "strong error",
        Quantity::Mean => "mean",
        Quantity::MeanSquare => "mean square",
    };
    let against = match ladder.reference {
        Reference::ExactSolution => "",
        Reference::ExactLaw => " against the exact law",
        Reference::HalfStep => " against half the step",
    };
    format!("{}: {quantity}{against}", ladder.problem)
}

pub(crate) fn stability_name(stability: &Stability) -> String {
    format!("{}: stability limit", stability.landscape)
}

pub(crate) fn bits_name(bits: &Bits) -> String {
    format!("{}: bits, {}", bits.run, bits.arithmetic)
}

/// "order 0.991 ± 0.004 (expected 0.993)", or why there is none, with the refused points.
pub(crate) fn ladder_summary(ladder: &Ladder) -> String {
    let refused: Vec<&Point> =
        ladder.points.iter().filter(|point| point.standing != Standing::Measured).collect();
    let alike = refused.windows(2).all(|pair| pair[0].standing == pair[1].standing);
    let mut text = match (&ladder.order, &ladder.no_order) {
        (Some(order), _) => format!("order {}", order_text(order)),
        (None, _) if refused.len() == ladder.points.len() && alike => {
            let standing = refused.first().map_or(Standing::Measured, |point| point.standing);
            return format!("order not measurable: all {} steps {standing}", refused.len());
        }
        (None, reason) => format!("order {}", reason.as_deref().unwrap_or("not given")),
    };
    if !refused.is_empty() {
        let words = refused.iter().map(|point| format!("{} ({})", plain(point.dt, 4), point.standing));
        text += &format!("; refused dt = {}", words.collect::<Vec<_>>().join(", "));
    }
    if let Some(largest) = largest_unexplained(ladder) {
        text += &format!("; unexplained at most {largest:.1} standard errors");
    }
    text
}

/// The largest |measured − expected| in standard errors; a point within rounding counts 0.
fn largest_unexplained(ladder: &Ladder) -> Option<f64> {
    let sizes = ladder.points.iter().filter_map(|point| {
        let size = point.unexplained()?.abs();
        Some(if size <= ladder.rounding_floor { 0.0 } else { size / point.standard_error? })
    });
    sizes.reduce(f64::max)
}

/// With the half-width of its 99 % interval.
pub(crate) fn order_text(order: &Order) -> String {
    let half_width = 0.5 * (order.high - order.low);
    let expected = order.expected.map_or_else(String::new, |expected| format!(" (expected {expected:.3})"));
    format!("{:.3} ± {}{expected}", order.value, plain(half_width, 1))
}

/// "dt = 0.2: 3.12e-2 ± 1.1e-4, expected 3.121e-2, unexplained −1e-5".
pub(crate) fn point_text(point: &Point) -> String {
    let mut text = format!("dt = {}: {}", plain(point.dt, 4), value_text(point));
    if let (Some(expected), Some(unexplained)) = (point.expected, point.unexplained()) {
        text += &format!(" = expected {} + unexplained {}", plain(expected, 4), plain(unexplained, 2));
    }
    text
}

/// "0.0312 ± 1.1e-4", or "diverged".
pub(crate) fn value_text(point: &Point) -> String {
    match (point.value, point.standard_error) {
        (Some(value), Some(error)) => format!("{} ± {}", plain(value, 4), plain(error, 2)),
        _ => "diverged".to_owned(),
    }
}

pub(crate) fn stability_text(stability: &Stability) -> String {
    match stability.limit {
        Some(limit) => format!("kappa dt = {limit:.6}"),
        None => format!("none up to kappa dt = {}", stability.searched_to),
    }
}

pub(crate) fn bits_text(bits: &Bits) -> String {
    match bits.leading.first() {
        Some(first) => format!("{}, first weight {first}", bits.hash),
        None => bits.hash.clone(),
    }
}
