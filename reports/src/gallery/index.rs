//! `index.html`: all plates of a run.

use std::collections::BTreeMap;

use super::Gallery;
use super::blocks::{figure, links};
use crate::html::escape::escaped;
use crate::html::{document, facts};
use crate::scorecard::{ClaimVerdict, claim_badge};

/// The page: an overview of small pictures, then every plate with its caption, its data, and the claims it is about.
pub fn gallery_page(gallery: &Gallery) -> String {
    let counts = gallery.scorecard.as_ref().map_or_else(String::new, |scorecard| {
        let counts = scorecard.counts();
        let part = |verdict: &ClaimVerdict| {
            format!("<li>{} <strong>{}</strong></li>\n", claim_badge(*verdict), counts.of(*verdict))
        };
        let parts: String = ClaimVerdict::ALL.iter().map(part).collect();
        format!("<p>{}</p>\n<ul class=\"counts\">\n{parts}</ul>\n", escaped(&counts.sentence()))
    });
    let overview = gallery.plates.iter().map(|plate| {
        let id = escaped(&plate.id);
        format!(
            "<li><a href=\"#figure--{id}\"><img class=\"thumbnail\" loading=\"lazy\" src=\"figures/{id}.svg\" alt=\"\"/> \
             {id}: {}</a></li>\n",
            escaped(&plate.title)
        )
    });
    let claims = claims_by_plate(gallery);
    let plates = gallery.plates.iter().map(|plate| {
        let claims = claims.get(plate.id.as_str()).map_or("", String::as_str);
        format!(
            "<section>\n<h2>{}: {}</h2>\n{}{claims}</section>\n",
            escaped(&plate.id),
            escaped(&plate.title),
            figure(plate, "", true)
        )
    });
    let body = format!(
        "<header>\n{}<h1>{}</h1>\n<p class=\"statement\">{}</p>\n{counts}{}</header>\n<ul class=\"plates\">\n{}</ul>\n{}",
        links(gallery, None),
        escaped(&gallery.title),
        escaped(&gallery.introduction),
        facts(&gallery.provenance.facts()),
        overview.collect::<String>(),
        plates.collect::<String>(),
    );
    document(&gallery.title, &body)
}

/// For each plate, the claims that name it, as a list.
fn claims_by_plate(gallery: &Gallery) -> BTreeMap<&str, String> {
    let mut lists: BTreeMap<&str, String> = BTreeMap::new();
    for claim in gallery.scorecard.iter().flat_map(|scorecard| scorecard.sorted()) {
        let Some(plate) = claim.figure.as_deref() else { continue };
        lists.entry(plate).or_default().push_str(&format!(
            "<li>{} Claim {}: {} <small>{}</small></li>\n",
            claim_badge(claim.verdict),
            escaped(&claim.number),
            escaped(&claim.statement),
            escaped(&claim.reason)
        ));
    }
    lists.into_iter().map(|(plate, items)| (plate, format!("<ul>\n{items}</ul>\n"))).collect()
}
