//! The matrix of rates: every cell drawn once, missing ones not at all, hostile text and numbers harmless.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use glassbox_reports::figures::{RateMatrix, RateRow, rate_matrix};

fn row(name: &str, cells: Vec<Option<(f64, String)>>) -> RateRow {
    let closing = ["0.29–1.00".to_owned(), "0.40".to_owned()];
    RateRow { name: name.to_owned(), description: "one thing wrong".to_owned(), cells, closing }
}

fn matrix(rows: Vec<RateRow>) -> RateMatrix {
    RateMatrix {
        title: "Power certificate".to_owned(),
        note: "Runs of 3 in which a check was inconsistent.".to_owned(),
        columns: vec!["mean".to_owned(), "overlap".to_owned()],
        closing: ["caught, interval".to_owned(), "replicas needed".to_owned()],
        rows,
    }
}

fn cell(rate: f64, text: &str) -> Option<(f64, String)> {
    Some((rate, text.to_owned()))
}

/// The text elements of a picture, in the order in which they are drawn.
fn texts(svg: &str) -> Vec<&str> {
    let parts = svg.split("<text").skip(1);
    parts.map(|part| part.split_once('>').unwrap().1.split_once("</text>").unwrap().0.trim()).collect()
}

#[test]
fn every_row_has_its_name_its_cells_and_its_interval() {
    let two = matrix(vec![
        row("no-two", vec![cell(1.0, "3/3"), cell(0.0, "0/3")]),
        row("stale", vec![None, cell(1.0 / 3.0, "1/3")]),
    ]);
    let svg = rate_matrix(&two).unwrap();
    let texts = texts(&svg);
    for (text, times) in [
        ("no-two", 1),
        ("stale", 1),
        ("3/3", 1),
        ("0/3", 1),
        ("1/3", 1),
        ("one thing wrong", 2),
        ("0.29–1.00", 2),
        ("mean", 1),
        ("overlap", 1),
        ("Power certificate", 1),
    ] {
        assert_eq!(texts.iter().filter(|other| **other == text).count(), times, "{text}: {texts:?}");
    }
    // A full cell is the colour of a rate of 1, once; the missing cell is not drawn at all.
    assert_eq!(svg.matches("#005A8D").count(), 1, "{svg}");
    let full = matrix(vec![
        row("no-two", vec![cell(1.0, "3/3"), cell(0.0, "0/3")]),
        row("stale", vec![cell(0.5, "1/2"), cell(1.0 / 3.0, "1/3")]),
    ]);
    let rectangles = |svg: &str| svg.matches("<rect").count();
    assert_eq!(rectangles(&rate_matrix(&full).unwrap()), rectangles(&svg) + 1);
    assert_eq!(svg, rate_matrix(&two).unwrap());
}

#[test]
fn hostile_rates_and_texts_are_drawn_without_harm() {
    for rate in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 2.0, 5e-324] {
        let name = "<script>&\"'</text>".repeat(40);
        let svg = rate_matrix(&matrix(vec![row(&name, vec![cell(rate, &name), None])])).unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("<script>"), "{rate}: {svg}");
    }
    let empty = rate_matrix(&matrix(Vec::new())).unwrap();
    assert!(empty.contains("Power certificate"));
}
