//! A written page as HTML.

use super::{Gallery, Page, PageBlock};
use crate::figures::plate::Plate;
use crate::html::escape::escaped;
use crate::html::{document, facts};

/// The page; its figures are those of the gallery, as files beside it.
pub fn page_document(gallery: &Gallery, page: &Page) -> String {
    let blocks: String = page.blocks.iter().map(|block| self::block(gallery, block)).collect();
    let body = format!(
        "<header>\n{}<h1>{}</h1>\n</header>\n<section class=\"prose\">\n{blocks}</section>\n<section>\n{}</section>\n",
        links(gallery, Some(&page.id)),
        escaped(&page.title),
        facts(&gallery.provenance.facts()),
    );
    document(&page.title, &body)
}

/// Links to the other pages.
pub(super) fn links(gallery: &Gallery, here: Option<&str>) -> String {
    let link = |id: &str, title: &str| format!("<a href=\"{}.html\">{}</a>\n", escaped(id), escaped(title));
    let mut text = "<nav aria-label=\"Pages\">\n".to_owned();
    if here.is_some() {
        text += &link("index", "All figures");
    }
    if gallery.scorecard.is_some() {
        text += &link("scorecard", "Scorecard");
    }
    let others = gallery.pages.iter().filter(|page| here != Some(page.id.as_str()));
    text.extend(others.map(|page| link(&page.id, &page.title)));
    text + "</nav>\n"
}

/// A plate with its caption and its files.
pub(super) fn figure(plate: &Plate, caption: &str, anchor: bool) -> String {
    let (id, caption) = (escaped(&plate.id), if caption.is_empty() { &plate.caption } else { caption });
    let anchor = if anchor { format!(" id=\"figure--{id}\"") } else { String::new() };
    format!(
        "<figure class=\"plate\"{anchor}>\n<div class=\"card\"><a href=\"figures/{id}.svg\">\
         <img loading=\"lazy\" src=\"figures/{id}.svg\" alt=\"Figure {id}: {}\"/></a></div>\n\
         <figcaption>{} <span class=\"files\">Figure {id} as <a href=\"figures/{id}.svg\">SVG</a>, its numbers as \
         <a href=\"figures/{id}.csv\">CSV</a></span></figcaption>\n</figure>\n",
        escaped(&plate.title),
        escaped(caption),
    )
}

fn block(gallery: &Gallery, block: &PageBlock) -> String {
    match block {
        PageBlock::Heading(text) => format!("<h2>{}</h2>\n", escaped(text)),
        PageBlock::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        PageBlock::Figure { plate, caption } => {
            let found = gallery.plates.iter().find(|known| known.id == *plate);
            found.map_or_else(
                || format!("<p class=\"note\">Figure {} is not part of this run.</p>\n", escaped(plate)),
                |plate| figure(plate, caption, false),
            )
        }
        PageBlock::Table { caption, columns, rows } => table(caption, columns, rows),
    }
}

fn table(caption: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let head: String =
        columns.iter().map(|text| format!("<th scope=\"col\">{}</th>", escaped(text))).collect();
    let row = |cells: &Vec<String>| {
        let cell = |(index, text): (usize, &String)| match index {
            0 => format!("<th scope=\"row\">{}</th>", escaped(text)),
            _ => format!("<td>{}</td>", escaped(text)),
        };
        format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    let label = if caption.is_empty() { "Table" } else { caption };
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"words\">\n\
         <caption>{}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        escaped(label),
        escaped(caption),
    )
}
