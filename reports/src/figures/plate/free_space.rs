//! Where a label can stand without hiding data.

use crate::axes::Panel;
use crate::canvas::Point;

/// Places inside a panel where something is drawn.
#[derive(Default)]
pub(super) struct Occupied {
    places: Vec<Point>,
}

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Distance between noted places of a line, in layout units.
const STEP: f64 = 3.0;

impl Occupied {
    /// Notes a line.
    pub(super) fn note_line(&mut self, points: &[Point]) {
        self.places.extend(points.first());
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let steps = (length / STEP).ceil().clamp(1.0, 400.0);
            let shares = (1..=400).map(f64::from).take_while(|step| *step <= steps).map(|step| step / steps);
            self.places.extend(
                shares.map(|share| (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))),
            );
        }
    }

    /// Notes a rectangle, such as a label.
    pub(super) fn note_area(&mut self, area: Area) {
        let mut down = area.top;
        while down <= area.bottom {
            self.note_line(&[(area.left, down), (area.right, down)]);
            down += STEP;
        }
    }

    /// The first of the candidates inside the panel that hides least; `None` if none is inside.
    pub(super) fn best<T: Copy>(&self, panel: &Panel, candidates: &[(Area, T)]) -> Option<(Area, T)> {
        let inside =
            |area: &Area| panel.holds((area.left, area.top)) && panel.holds((area.right, area.bottom));
        let hidden = |area: &Area| {
            let covers = |place: &&Point| {
                (area.left - 1.5..=area.right + 1.5).contains(&place.0)
                    && (area.top - 1.0..=area.bottom + 1.0).contains(&place.1)
            };
            self.places.iter().filter(covers).count()
        };
        candidates.iter().filter(|(area, _)| inside(area)).copied().min_by_key(|(area, _)| hidden(area))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axes::Range;

    #[test]
    fn a_label_avoids_lines_and_the_outside() {
        let range = Range::symmetric(1.0);
        let panel =
            Panel { left: 0.0, right: 100.0, top: 0.0, bottom: 100.0, horizontal: range, vertical: range };
        let mut occupied = Occupied::default();
        occupied.note_line(&[(0.0, 20.0), (100.0, 20.0)]);
        let area = |top: f64| Area { left: 10.0, top, right: 60.0, bottom: top + 10.0 };
        let best =
            occupied.best(&panel, &[(area(-5.0), 0), (area(15.0), 1), (area(50.0), 2), (area(70.0), 3)]);
        assert_eq!(best.map(|(_, name)| name), Some(2));
        occupied.note_area(area(50.0));
        let best = occupied.best(&panel, &[(area(15.0), 1), (area(50.0), 2), (area(70.0), 3)]);
        assert_eq!(best.map(|(_, name)| name), Some(3));
        assert_eq!(occupied.best(&panel, &[(area(95.0), 0)]), None);
    }
}
