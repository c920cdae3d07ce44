//! `scorecard.html`: the scorecard as a page that needs the figures beside it and nothing else.

use super::Scorecard;
use super::claim::{Claim, Measured};
use super::verdict::ClaimVerdict;
use crate::error::check_id;
use crate::html::escape::escaped;
use crate::html::{document, facts};
use crate::numbers::typeset;

const COLUMNS: [&str; 7] = ["No.", "Claim", "Paper", "Measured", "Null model", "Verdict", "Figure"];

/// The page: counts, how it was made, the claims by number, the rule. Figures are looked for as `figures/ID.svg`.
pub fn scorecard_page(scorecard: &Scorecard) -> String {
    let head: String = COLUMNS.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    let rows: String = scorecard.sorted().into_iter().map(row).collect();
    let counts = scorecard.counts();
    let badges: String = ClaimVerdict::ALL
        .iter()
        .map(|verdict| {
            format!("<li>{} <strong>{}</strong></li>\n", claim_badge(*verdict), counts.of(*verdict))
        })
        .collect();
    let body = format!(
        "<header>\n<nav><a href=\"index.html\">All figures</a></nav>\n<h1>{}</h1>\n<p class=\"statement\">{}</p>\n\
         <ul class=\"counts\">\n{badges}</ul>\n{}</header>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Claims\"><table class=\"claims\">\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n{RULE}",
        escaped(&scorecard.title),
        escaped(&counts.sentence()),
        facts(&scorecard.provenance.facts()),
    );
    document(&scorecard.title, &body)
}

/// Verdict as words on its colour, with a sign that differs from the others'.
pub(crate) fn claim_badge(verdict: ClaimVerdict) -> String {
    format!(
        "<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {verdict}</span>",
        verdict.slug(),
        verdict.sign()
    )
}

fn row(claim: &Claim) -> String {
    let none = || "–".to_owned();
    let null = claim.null.as_ref();
    let null = null.map_or_else(none, |null| {
        format!("{}<small>{}</small>", typeset(null.value, 4), escaped(&null.name))
    });
    let measured = claim.measured.as_ref().map_or_else(none, measured);
    format!(
        "<tr><td class=\"word\">{}</td><th scope=\"row\">{}<small>{}</small></th><td class=\"word\">{}</td>\
         <td>{measured}</td><td>{null}</td><td class=\"word\">{}<small>{}</small></td><td class=\"word\">{}</td></tr>\n",
        escaped(&claim.number),
        escaped(&claim.statement),
        escaped(&claim.source),
        escaped(&claim.paper.text),
        claim_badge(claim.verdict),
        escaped(&claim.reason),
        claim.figure.as_deref().map_or_else(none, thumbnail),
    )
}

fn measured(measured: &Measured) -> String {
    let percent = typeset(100.0 * measured.confidence, 4);
    format!(
        "{} {}<small>{} to {} ({percent} %)</small>",
        typeset(measured.value, 4),
        escaped(&measured.unit),
        typeset(measured.low, 4),
        typeset(measured.high, 4),
    )
}

/// Link to the figure with a small picture of it; only the text where it is no id of a plate.
fn thumbnail(plate: &str) -> String {
    let name = escaped(plate);
    if check_id("plate", plate).is_err() {
        return name;
    }
    format!(
        "<a href=\"index.html#figure--{name}\"><img class=\"thumbnail\" loading=\"lazy\" \
         src=\"figures/{name}.svg\" alt=\"Figure {name}\"/> {name}</a>"
    )
}

const RULE: &str = "\
<section id=\"how--to-read\" class=\"reading\">
<h2>How a verdict is reached</h2>
<dl>
<dt><span class=\"badge agrees\"><span aria-hidden=\"true\">✓</span> agrees</span></dt>
<dd>The measured interval holds the paper’s value, within the precision with which the paper states it, and excludes the
value of the null model.</dd>
<dt><span class=\"badge explained_by_null\"><span aria-hidden=\"true\">○</span> explained by the null</span></dt>
<dd>The measured interval holds the paper’s value, and the null model, with the parameters of the run and nothing of the
network’s landscape but its diffusion or its well, gives the same.</dd>
<dt><span class=\"badge not_resolved\"><span aria-hidden=\"true\">?</span> not resolved at this scale</span></dt>
<dd>Nothing was measured, the paper states no number, or the interval is so wide that it holds both the paper’s value and the
null model’s, or nearly any value.</dd>
<dt><span class=\"badge differs\"><span aria-hidden=\"true\">✗</span> differs</span></dt>
<dd>The measured interval excludes the paper’s value.</dd>
</dl>
</section>
";
