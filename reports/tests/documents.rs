//! Terminal table, JSON and page: right in content, harmless with hostile content, the same every time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod sample;

use glassbox_oracle::verdict::Outcome;
use glassbox_reports::{Axis, Comparison, Curve, Report, html, json, table};
use sample::small;

#[test]
fn the_worst_verdict_is_the_outcome_and_no_verdict_is_no_pass() {
    assert_eq!(small().outcome(), Outcome::Inconsistent);
    let empty = Report::new("Empty", small().run);
    assert_eq!(empty.outcome(), Outcome::Inconclusive);
    assert!(html::page(&empty).unwrap().contains("Nothing was checked"));
}

#[test]
fn the_terminal_table_is_aligned_and_tells_why() {
    let text = table::verdict_table(&small(), false);
    assert!(text.lines().all(|line| line.chars().count() <= table::WIDTH), "{text}");
    insta::assert_snapshot!(text, @r#"
    verdict      check                                    observed  predicted  diff/SE        p  visible tolerance
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
    Free diffusion
    consistent   overlap                                    0.8426     0.8427    -0.25      0.8   0.0026      0.01
    inconclusive a check whose name is far too long to   undefined     0.8427        -     0.62    0.021      0.01
                 be shown on one line of a table
                   a bias as large as the tolerance could have been missed
    inconsistent mean                                       0.8613     0.8427       60  <1e-307   0.0026      0.01
                   p below its share of the false-alarm budget

    Nothing
      no checks

    false-alarm budget of the run: 1e-6, shared by 3 statistical checks, 1e-7 each
    inconsistent: 3 checks, 1 consistent, 1 inconclusive, 1 inconsistent
    "#);
    let coloured = table::verdict_table(&small(), true);
    assert!(coloured.contains("\u{1b}[31minconsistent\u{1b}[0m"));
}

#[test]
fn the_json_document_names_its_schema_and_has_null_for_numbers_that_are_none() {
    let mut report = small();
    report.sections[0].verdicts.remove(0);
    report.sections[0].verdicts.pop();
    insta::assert_snapshot!(json::verdicts_json(&report).unwrap(), @r#"
    {
      "schema": "glassbox-verdicts/1",
      "title": "Small",
      "run": {
        "version": "0.1.0",
        "command": "glassbox verify",
        "level": "quick",
        "seed": 7,
        "false_alarm_budget": 1e-6,
        "facts": [
          {
            "label": "Precision",
            "value": "f64"
          }
        ]
      },
      "outcome": "inconclusive",
      "counts": {
        "consistent": 0,
        "inconclusive": 1,
        "inconsistent": 0
      },
      "sections": [
        {
          "id": "free",
          "title": "Free diffusion",
          "statement": "Displacements are Gaussian.",
          "verdicts": [
            {
              "name": "a check whose name is far too long to be shown on one line of a table",
              "outcome": "inconclusive",
              "reason": "a bias as large as the tolerance could have been missed",
              "observed": null,
              "predicted": 0.8427,
              "standard_error": 0.00031,
              "difference_in_standard_errors": null,
              "p_value": 0.6170750774519738,
              "false_alarm_probability": 1e-7,
              "effect_measure": "relative difference",
              "effect": 0.000185,
              "practical_tolerance": 0.01,
              "smallest_visible_effect": 0.021,
              "sample_size": 1048576,
              "effective_sample_size": 262144.3,
              "seed": 20240513,
              "parameter_deviations": []
            }
          ]
        },
        {
          "id": "empty",
          "title": "Nothing",
          "statement": "",
          "verdicts": []
        }
      ]
    }
    "#);
}

#[test]
fn the_page_needs_nothing_from_outside_and_runs_nothing() {
    let page = html::page(&sample::report()).unwrap();
    let addresses = page.matches("http").count();
    assert_eq!(addresses, page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    for forbidden in ["<script", "<link", "@import", "url(", "<img"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_balanced(&page);
    let (bad, good) =
        (page.find("id=\"quadratic-well\"").unwrap(), page.find("id=\"free-diffusion\"").unwrap());
    assert!(bad < good, "sections that need attention come first");
    assert_eq!(page, html::page(&sample::report()).unwrap());
}

#[test]
fn text_from_outside_is_harmless() {
    let evil = "<script>alert('x')</script>&\"\u{1b}[31m\u{0}";
    let mut report = small();
    report.title = evil.to_owned();
    report.run.command = evil.to_owned();
    report.run.facts.push((evil.to_owned(), evil.to_owned()));
    report.sections[0].title = evil.to_owned();
    report.sections[0].statement = evil.to_owned();
    report.sections[0].verdicts[0].name = evil.to_owned();
    report.sections[0].verdicts[0].reason = evil.to_owned();
    report.sections[0].verdicts[0].effect_measure = evil.to_owned();
    let figure = Comparison::new("evil", evil, evil, Axis::linear(evil), Axis::linear(evil)).unwrap();
    report.sections[0].comparisons.push(figure.with_law(Curve::prediction(evil, vec![(0.0, 0.0)], 0)));
    let page = html::page(&report).unwrap();
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{0}'));
    assert_balanced(&page);
    assert!(!table::verdict_table(&report, false).contains('\u{1b}'));
}

/// Every opened element is closed, in order; void elements close themselves.
fn assert_balanced(page: &str) {
    let body = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let mut open: Vec<&str> = Vec::new();
    for part in body.split('<').skip(1) {
        let tag = &part[..part.find('>').unwrap_or_else(|| panic!("unclosed tag: {part:.60}"))];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "near {part:.80}");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
