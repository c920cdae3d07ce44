//! Scorecard and gallery: right in content, harmless with hostile content, readable again, linked without breaks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[allow(dead_code, reason = "shared by several tests")]
mod plates;

use glassbox_reports::ReportError;
use glassbox_reports::gallery::{Gallery, Page, PageBlock, gallery_page, page_document, write_gallery};
use glassbox_reports::scorecard::{
    Claim, Judgement, Measured, Scorecard, StatedValue, judge, judge_statement, read_scorecard,
    scorecard_json, scorecard_page, scorecard_table,
};
use proptest::prelude::*;

fn measured(value: f64, low: f64, high: f64) -> Measured {
    Measured { value, low, high, confidence: 0.95, unit: String::new() }
}

fn scorecard() -> Scorecard {
    let open =
        Claim::new("open 3", "Sec. III.D", "The low-temperature curves are physical.", "not discussed")
            .judged_as(judge_statement(Some(false), None));
    let tail =
        Claim::new("28", "Fig. 4b", "The final overlap is a power of the temperature.", "exponent −0.48")
            .with_paper_value(StatedValue::from_digits("−0.48").unwrap())
            .with_measured(measured(-0.486, -0.495, -0.478))
            .with_null("free diffusion", -0.483)
            .with_figure("3a-f")
            .judged();
    let unmeasured = Claim::new("5", "Sec. II", "More than 100 hours a network.", "100 h");
    Scorecard::new("The paper, claim by claim", plates::provenance())
        .with_claim(open)
        .with_claim(tail)
        .with_claim(unmeasured)
}

fn gallery() -> Gallery {
    let page = Page::new("open-questions", "What the paper left open")
        .unwrap()
        .with_block(PageBlock::Heading("Is the tail a power law?".to_owned()))
        .with_block(PageBlock::Paragraph("It is the tail of free diffusion.".to_owned()))
        .with_block(PageBlock::Figure { plate: "3a-f".to_owned(), caption: String::new() })
        .with_block(PageBlock::Table {
            caption: "Models compared".to_owned(),
            columns: vec!["model".to_owned(), "relative likelihood".to_owned()],
            rows: vec![vec!["error function".to_owned(), "1".to_owned()]],
        });
    Gallery::new("The paper’s figures, drawn anew", "Every figure has its null model.", plates::provenance())
        .with_plate(plates::overlaps(20, 0.0))
        .with_plate(plates::phases())
        .with_page(page)
        .with_scorecard(scorecard())
}

#[test]
fn the_terminal_table_is_sorted_and_tells_why() {
    let text = scorecard_table(&scorecard(), false);
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    insta::assert_snapshot!(text);
    assert!(scorecard_table(&scorecard(), true).contains("\u{1b}[36mexplained by the null\u{1b}[0m"));
}

#[test]
fn the_document_is_read_back_and_has_null_for_numbers_that_are_none() {
    let text = scorecard_json(&scorecard()).unwrap();
    insta::assert_snapshot!(text);
    let read = read_scorecard(&text).unwrap();
    assert_eq!(read.sorted(), scorecard().sorted());
    let mut undefined = scorecard();
    undefined.claims[1].measured = Some(measured(f64::NAN, f64::NEG_INFINITY, f64::INFINITY));
    let text = scorecard_json(&undefined).unwrap();
    assert!(text.contains("\"value\": null,\n        \"low\": null,\n        \"high\": null"), "{text}");
    assert!(read_scorecard(&text).unwrap().sorted()[1].measured.as_ref().unwrap().value.is_nan());
    let other = text.replace("glassbox-scorecard/1", "glassbox-scorecard/2");
    assert!(matches!(read_scorecard(&other), Err(ReportError::Schema { .. })));
}

/// Links and pictures of a page.
fn addresses(page: &str) -> Vec<String> {
    let attribute = |name: &str| -> Vec<String> {
        let opening = format!(" {name}=\"");
        let parts = page.split(&opening).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    [attribute("href"), attribute("src")].concat()
}

#[test]
fn every_link_of_a_written_gallery_leads_to_a_file_or_an_anchor_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let written = write_gallery(&gallery(), directory.path()).unwrap();
    assert_eq!(written.files.len(), 4 + 1 + 2 + 1);
    for page in written.files.iter().filter(|file| file.extension().unwrap() == "html") {
        let text = std::fs::read_to_string(page).unwrap();
        assert!(!text.contains("http") && !text.contains("<script"), "{}", page.display());
        let body = text.strip_prefix("<!DOCTYPE html>\n").unwrap();
        assert!(roxmltree::Document::parse(body).is_ok(), "{}", page.display());
        for address in addresses(&text) {
            let (file, anchor) = address.split_once('#').unwrap_or((&address, ""));
            let target = if file.is_empty() { page.clone() } else { directory.path().join(file) };
            assert!(target.is_file(), "{address} in {}", page.display());
            let target = std::fs::read_to_string(target).unwrap();
            assert!(anchor.is_empty() || target.contains(&format!("id=\"{anchor}\"")), "{address}");
        }
    }
    let again = tempfile::tempdir().unwrap();
    for (one, other) in written.files.iter().zip(write_gallery(&gallery(), again.path()).unwrap().files) {
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap(), "{}", one.display());
    }
}

#[test]
fn a_gallery_with_names_that_clash_or_lead_nowhere_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |gallery: Gallery| {
        let error = write_gallery(&gallery, directory.path()).unwrap_err().to_string();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        error
    };
    let twice = gallery().with_plate(plates::phases());
    assert!(refused(twice).contains("plate id \"1a\" is used twice"));
    let reserved = gallery().with_page(Page::new("index", "").unwrap());
    assert!(refused(reserved).contains("page id \"index\" is used twice, or is reserved"));
    let nowhere = PageBlock::Figure { plate: "9z".to_owned(), caption: String::new() };
    let nowhere = gallery().with_page(Page::new("lost", "").unwrap().with_block(nowhere));
    assert_eq!(refused(nowhere), "\"lost\" names the plate \"9z\", which is not in the gallery");
    let mut unknown = gallery();
    unknown.scorecard = Some(scorecard().with_claim(Claim::new("9", "", "", "").with_figure("8x")));
    assert_eq!(refused(unknown), "\"claim 9\" names the plate \"8x\", which is not in the gallery");
    assert!(Page::new("../x", "").is_err());
}

#[test]
fn text_from_outside_is_harmless() {
    let evil = "<script>alert('x')</script>&\"\u{1b}[31m\u{0}\u{ffff}";
    let claim = Claim::new(evil, evil, evil, evil)
        .with_null(evil, 1.0)
        .with_measured(Measured { unit: evil.to_owned(), ..measured(1.0, 0.5, 1.5) })
        .with_figure(evil)
        .judged_as(Judgement::new(glassbox_reports::ClaimVerdict::Differs, evil));
    let card = Scorecard::new(evil, plates::provenance()).with_claim(claim);
    let mut evil_gallery = gallery();
    evil_gallery.title = evil.to_owned();
    evil_gallery.plates[0].title = evil.to_owned();
    evil_gallery.scorecard = Some(card.clone());
    let table = PageBlock::Table {
        caption: evil.to_owned(),
        columns: vec![evil.to_owned()],
        rows: vec![vec![evil.to_owned(); 3]],
    };
    evil_gallery.pages[0].blocks.extend([PageBlock::Paragraph(evil.to_owned()), table]);
    let pages = [
        scorecard_page(&card),
        gallery_page(&evil_gallery),
        page_document(&evil_gallery, &evil_gallery.pages[0]),
    ];
    for page in pages {
        assert!(!page.contains("<script") && !page.contains(['\u{1b}', '\u{0}', '\u{ffff}']), "{page}");
        assert!(roxmltree::Document::parse(page.strip_prefix("<!DOCTYPE html>\n").unwrap()).is_ok());
    }
    assert!(!scorecard_table(&card, false).contains(['\u{1b}', '\u{0}']));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Exact: the rule is total, and agreement never comes from an interval that misses the paper or holds the null, nor from a null
    /// that has the paper's value.
    #[test]
    fn the_rule_is_total_and_agreement_is_earned(
        paper in proptest::option::of((any::<f64>(), any::<f64>())),
        interval in proptest::option::of((any::<f64>(), any::<f64>())),
        null in proptest::option::of(any::<f64>()),
        small in (-2.0..2.0, 0.0..0.5, -2.0..2.0, 0.0..0.5, -2.0..2.0),
    ) {
        use glassbox_reports::ClaimVerdict::{Agrees, Differs, ExplainedByNull};
        use glassbox_reports::scorecard::NullValue;
        let null_value = |value: f64| NullValue { name: "null".to_owned(), value };
        let paper = paper.map(|(value, precision)| StatedValue::new(value, precision));
        let interval = interval.map(|(low, high)| measured(low, low, high));
        judge(paper.as_ref(), interval.as_ref(), null.map(null_value).as_ref());

        let (value, precision, middle, half, null) = small;
        let (low, high) = (middle - half, middle + half);
        let judgement =
            judge(Some(&StatedValue::new(value, precision)), Some(&measured(middle, low, high)), Some(&null_value(null)));
        let meets_paper = low <= value + precision && high >= value - precision;
        let holds_null = (low..=high).contains(&null);
        let in_paper = (value - precision..=value + precision).contains(&null);
        match judgement.verdict {
            Agrees => prop_assert!(meets_paper && !holds_null && !in_paper),
            ExplainedByNull => prop_assert!(meets_paper && in_paper),
            Differs => prop_assert!(!meets_paper),
            _ => prop_assert!(meets_paper),
        }
    }
}
