//! Plates: everything is drawn once, small, readable as XML, and nothing that can be measured breaks them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod plates;

use glassbox_reports::figures::plate::{
    ColourBar, FigureError, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone, plate, plate_csv,
};
use glassbox_reports::{ClaimVerdict, Scale};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Kind of every element below the root and the texts, in the order drawn; runs of equal kinds counted.
fn structure(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let mut lines: Vec<(String, usize)> = Vec::new();
    for node in document.root_element().descendants().skip(1).filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let line = match name {
            "text" | "title" | "desc" => format!("{name}: {}", node.text().unwrap_or_default()),
            _ => name.to_owned(),
        };
        match lines.last_mut() {
            Some((last, count)) if *last == line => *count += 1,
            _ => lines.push((line, 1)),
        }
    }
    let shown =
        |(line, count): (String, usize)| if count > 1 { format!("{line} ×{count}\n") } else { line + "\n" };
    lines.into_iter().map(shown).collect()
}

#[test]
fn a_plate_has_its_title_its_bar_its_panels_and_its_provenance() {
    let mut two = plates::overlaps(20, 0.0);
    two.panels = vec![two.panels[0].clone(), two.panels[3].clone()];
    insta::assert_snapshot!(structure(&plate(&two).unwrap()));
}

#[test]
fn every_kind_of_mark_is_drawn() {
    insta::assert_snapshot!(structure(&plate(&plates::phases()).unwrap()));
}

#[test]
fn six_panels_of_fourteen_noisy_curves_are_small() {
    let svg = plate(&plates::overlaps(500, 0.004)).unwrap();
    assert!(svg.len() < 150_000, "{}", svg.len());
    // noise as large as the panel, in all six: nothing can be thinned but what falls into one column of pixels
    let mut worst = plates::overlaps(500, 0.3);
    let noisy = worst.panels[0].clone();
    worst.panels = vec![noisy; 6];
    let svg = plate(&worst).unwrap();
    assert!(svg.len() < 300_000, "{}", svg.len());
    assert_eq!(svg, plate(&worst).unwrap());
}

#[test]
fn the_legend_has_four_entries_and_the_rest_is_named_at_the_lines() {
    let axis = || PlateAxis::linear("x");
    let marks = (0..6_usize).map(|index| {
        Mark::line(
            format!("series {index}"),
            vec![(0.0, index as f64), (1.0, index as f64)],
            Tone::Category(index),
        )
    });
    let panel = PlatePanel::new("a", "", axis(), axis()).with_marks(marks);
    let svg = plate(&Plate::new("a", "", "", plates::provenance()).unwrap().with_panel(panel)).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let place = |name: &str| {
        let mut texts =
            document.descendants().filter(|node| node.text() == Some(name) && node.has_tag_name("text"));
        let text = texts.next().unwrap();
        assert!(texts.next().is_none(), "{name} once");
        text.attribute("y").unwrap().parse::<f64>().unwrap()
    };
    let heights: Vec<f64> = (0..6).map(|index| place(&format!("series {index}"))).collect();
    assert!(heights[..4].iter().all(|height| *height < heights[5]), "above the panel: {heights:?}");
    assert!(heights[4] > heights[5], "in the order of the lines: {heights:?}");
}

#[test]
fn undefined_points_break_a_line_and_values_without_a_place_are_counted() {
    let axis = || PlateAxis::logarithmic("x").within(0.1, 100.0);
    let draw = |points: Vec<(f64, f64)>| {
        let panel =
            PlatePanel::new("a", "", axis(), axis()).with_mark(Mark::line("", points, Tone::Measured));
        plate(&Plate::new("a", "", "", plates::provenance()).unwrap().with_panel(panel)).unwrap()
    };
    let curve = |svg: &str| {
        let document = roxmltree::Document::parse(svg).unwrap();
        let is_curve = |node: &roxmltree::Node| node.attribute("stroke") == Some("#005f96");
        let path = document.descendants().find(is_curve).map(|node| node.attribute("d").unwrap().to_owned());
        path.unwrap_or_default()
    };
    let whole = draw(vec![(1.0, 1.0), (2.0, 2.0), (4.0, 1.0), (8.0, 2.0), (16.0, 1.0)]);
    let broken = draw(vec![(1.0, 1.0), (2.0, 2.0), (4.0, f64::NAN), (8.0, 2.0), (16.0, 1.0)]);
    assert_eq!(curve(&whole).matches(['M', 'm']).count(), 1, "{}", curve(&whole));
    assert_eq!(curve(&broken).matches(['M', 'm']).count(), 2, "{}", curve(&broken));
    assert!(!broken.contains("not drawn"));
    let lost = draw(vec![(0.0, 1.0), (1.0, -1.0), (2.0, 2.0)]);
    assert!(lost.contains("2 values ≤ 0 are not drawn") && curve(&lost).is_empty());
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let panel =
        |mark| PlatePanel::new("b", "", PlateAxis::linear("x"), PlateAxis::linear("y")).with_mark(mark);
    let refusal = |panel| {
        let whole = Plate::new("a", "", "", plates::provenance()).unwrap().with_panel(panel);
        plate(&whole).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refusal(panel(Mark::steps("h", vec![0.0], vec![1.0], Tone::Null))), @r#"panel "b", mark "h": 1 edges for 1 heights; there must be one edge more than heights"#);
    let map = Mark::heat_map("loss", vec![1.0], vec![1.0], vec![vec![]], Scale::Linear);
    insta::assert_snapshot!(refusal(panel(map)), @r#"panel "b", mark "loss": a row of 0 values for 1 x; all rows must have one for each x"#);
    let map = Mark::heat_map("loss", vec![1.0], vec![1.0], vec![vec![None]], Scale::Logarithmic);
    insta::assert_snapshot!(refusal(panel(map.with_value_range(0.0, 1.0))), @r#"colour bar "loss": range 0 to 1 must be finite and rising, and above 0 if logarithmic"#);
    let axis = PlateAxis::logarithmic("time").within(-1.0, 1.0);
    insta::assert_snapshot!(refusal(PlatePanel::new("c", "", axis, PlateAxis::linear("y"))), @r#"panel "c", axis "time": range -1 to 1 must be finite and rising, and above 0 if logarithmic"#);
    assert_eq!(
        plate(&Plate::new("a", "", "", plates::provenance()).unwrap()),
        Err(FigureError::Empty("a".to_owned()))
    );
    assert_eq!(
        Plate::new("A 1", "", "", plates::provenance()).unwrap_err(),
        FigureError::Id("A 1".to_owned())
    );
}

fn number() -> impl Strategy<Value = f64> {
    let odd =
        [0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324, 1e300];
    prop_oneof![proptest::sample::select(odd.to_vec()), any::<f64>(), -10.0..10.0]
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        proptest::collection::vec(number(), 0..12),
        (number(), 0_usize..12).prop_map(|(x, n)| vec![x; n])
    ]
}

fn tone() -> impl Strategy<Value = Tone> {
    prop_oneof![
        number().prop_map(Tone::Ordered),
        Just(Tone::Measured),
        Just(Tone::Null),
        Just(Tone::Paper),
        Just(Tone::Guide),
        any::<usize>().prop_map(Tone::Category)
    ]
}

fn mark() -> impl Strategy<Value = Mark> {
    (0..8_u8, numbers(), numbers(), tone(), any::<String>(), any::<[bool; 2]>()).prop_map(
        |(kind, x, y, tone, label, [direct, flag])| {
            let both = || x.iter().copied().zip(y.iter().copied());
            let points = || both().map(|(x, y)| Measurement::new(x, y, y - x, x)).collect();
            let first = |values: &[f64]| values.first().copied().unwrap_or(f64::NAN);
            let mark = match kind {
                0 => Mark::line(label, both().collect(), tone),
                1 => Mark::band(label, both().map(|(x, y)| (x, y, -y)).collect(), tone),
                2 => Mark::points(label, points(), tone),
                3 => Mark::joined(label, points(), tone),
                4 => Mark::steps(label, std::iter::once(0.0).chain(x.clone()).collect(), x, tone),
                5 => Mark::slope(label, (first(&x), first(&y)), first(&y), (1.0, first(&x))),
                6 => Mark::level(
                    label,
                    if flag { Level::Horizontal(first(&y)) } else { Level::Vertical(first(&x)) },
                    tone,
                ),
                _ => {
                    let row = |y: &f64| x.iter().map(|x| (x > y).then_some(*x)).collect();
                    let values = y.iter().map(row).collect();
                    let scale = if flag { Scale::Linear } else { Scale::Logarithmic };
                    Mark::heat_map(label, x.clone(), y.clone(), values, scale)
                }
            };
            if direct { mark.with_direct_label() } else { mark }
        },
    )
}

fn axis() -> impl Strategy<Value = PlateAxis> {
    (any::<bool>(), any::<String>(), proptest::option::weighted(0.2, (number(), number()))).prop_map(
        |(linear, label, range)| {
            let axis = if linear { PlateAxis::linear(label) } else { PlateAxis::logarithmic(label) };
            range.map_or(axis.clone(), |(low, high)| axis.within(low, high))
        },
    )
}

fn any_plate() -> impl Strategy<Value = Plate> {
    let marks = proptest::collection::vec(mark(), 0..5);
    let verdict = proptest::option::of(proptest::sample::select(ClaimVerdict::ALL.to_vec()));
    let panel = (axis(), axis(), marks, verdict, any::<[String; 3]>(), any::<bool>()).prop_map(
        |(x, y, marks, verdict, [letter, title, note], own)| {
            let panel = PlatePanel::new(letter, title, x, y).with_marks(marks).with_note(note);
            let panel = if own { panel.with_colour_bar(ColourBar::logarithmic("own")) } else { panel };
            PlatePanel { verdict, ..panel }
        },
    );
    (proptest::collection::vec(panel, 1..5), 0_usize..5, any::<[String; 2]>()).prop_map(
        |(panels, columns, [title, caption])| {
            let plate = Plate::new("odd", title, caption, plates::provenance()).unwrap();
            Plate { panels, columns, ..plate }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    /// Exact: whatever is drawn is XML without undefined coordinates, and only fixed ranges are refused.
    #[test]
    fn any_plate_is_drawn_as_xml_or_refused_for_its_ranges(odd in any_plate()) {
        match plate(&odd) {
            Ok(svg) => {
                let document = roxmltree::Document::parse(&svg).unwrap();
                for node in document.descendants() {
                    for attribute in node.attributes().filter(|attribute| attribute.name() != "aria-labelledby") {
                        let value = attribute.value();
                        prop_assert!(!value.contains("NaN") && !value.contains("inf"), "{}", value);
                    }
                }
            }
            Err(FigureError::Range { .. }) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
        let columns = |line: &str| line.matches(',').count();
        let table = plate_csv(&odd);
        prop_assert!(table.lines().any(|line| line.starts_with("panel,") && columns(line) == 8));
    }
}
