//! Writes the sample report for people to look at:
//! `GLASSBOX_SAMPLE=/tmp/report-sample cargo test -p glassbox-reports --test look -- --ignored`

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a sample that cannot be written has failed")]

#[allow(dead_code, reason = "shared by several tests")]
mod plates;
mod sample;

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_report() {
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    glassbox_reports::write_report(&sample::report(), std::path::PathBuf::from(directory)).unwrap();
}

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_plates() {
    use glassbox_reports::figures::plate::{plate, plate_csv};
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    let directory = std::path::PathBuf::from(directory);
    for sample in [plates::overlaps(500, 0.004), plates::phases()] {
        for (extension, text) in [("svg", plate(&sample).unwrap()), ("csv", plate_csv(&sample))] {
            let path = directory.join(format!("{}.{extension}", sample.id));
            std::fs::write(path, text).unwrap();
        }
    }
}

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_gallery() {
    use glassbox_reports::gallery::{Gallery, Page, PageBlock, write_gallery};
    use glassbox_reports::scorecard::{Claim, Measured, Scorecard, StatedValue, judge_statement};
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    let measured = |value: f64| Measured {
        value,
        low: value - 0.01,
        high: value + 0.01,
        confidence: 0.95,
        unit: String::new(),
    };
    let tail = |number: &str, value: f64, null: f64| {
        Claim::new(number, "Fig. 4b", "The final overlap is a power of the temperature.", "exponent −0.48")
            .with_paper_value(StatedValue::from_digits("-0.48").unwrap())
            .with_measured(measured(value))
            .with_null("free diffusion", null)
            .with_figure("3a-f")
            .judged()
    };
    let scorecard = Scorecard::new("The paper, claim by claim", plates::provenance())
        .with_claim(tail("26", -0.482, -0.481))
        .with_claim(tail("28", -0.475, -0.5))
        .with_claim(tail("7", -0.4, -0.5))
        .with_claim(Claim::new("5", "Sec. II", "More than 100 hours of processor time a network.", "> 100 h"))
        .with_claim(
            Claim::new("open 3", "Fig. 5", "The low-temperature curves are physical.", "not discussed")
                .with_figure("1a")
                .judged_as(judge_statement(Some(false), None)),
        );
    let page = Page::new("open-questions", "What the paper left open")
        .unwrap()
        .with_block(PageBlock::Heading("Is the tail a power law?".to_owned()))
        .with_block(PageBlock::Paragraph("It is the tail of free diffusion: see Figure 3.".to_owned()))
        .with_block(PageBlock::Figure { plate: "3a-f".to_owned(), caption: String::new() });
    let gallery = Gallery::new(
        "The paper’s figures, drawn anew",
        "Every figure stands beside its null model.",
        plates::provenance(),
    )
    .with_plate(plates::overlaps(200, 0.004))
    .with_plate(plates::phases())
    .with_page(page)
    .with_scorecard(scorecard);
    write_gallery(&gallery, std::path::PathBuf::from(directory).join("gallery")).unwrap();
}
