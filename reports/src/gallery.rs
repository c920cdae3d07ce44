//! The gallery: all plates of a run on one page, with their captions and data, the scorecard and written pages.
//!
//! ```
//! use glassbox_reports::Provenance;
//! use glassbox_reports::gallery::{Gallery, Page, PageBlock, gallery_page};
//! let made = Provenance::new("0.1.0", "desk", 7, "glassbox reproduce");
//! let page = Page::new("open-questions", "What the paper left open")?
//!     .with_block(PageBlock::Heading("Is the tail a power law?".to_owned()))
//!     .with_block(PageBlock::Paragraph("It is that of free diffusion.".to_owned()));
//! let gallery = Gallery::new("The paper’s figures", "Drawn anew.", made).with_page(page);
//! assert!(gallery_page(&gallery).contains("href=\"open-questions.html\""));
//! # Ok::<(), glassbox_reports::ReportError>(())
//! ```

mod blocks;
mod index;
mod writing;

use std::collections::BTreeSet;

use crate::error::{ReportError, check_id};
use crate::figures::plate::Plate;
use crate::provenance::Provenance;
use crate::scorecard::Scorecard;

pub use blocks::page_document;
pub use index::gallery_page;
pub use writing::{WrittenGallery, write_gallery};

/// Everything that a run has to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Gallery {
    /// Heading.
    pub title: String,
    /// What is shown, in plain sentences.
    pub introduction: String,
    /// How it was made.
    pub provenance: Provenance,
    /// The plates, in the order in which they are shown.
    pub plates: Vec<Plate>,
    /// Written pages.
    pub pages: Vec<Page>,
    /// The scorecard.
    pub scorecard: Option<Scorecard>,
}

/// A written page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Slug: the page is `ID.html`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Content, first to last.
    pub blocks: Vec<PageBlock>,
}

/// A part of a written page. All text is plain: markup in it is shown, not obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageBlock {
    /// Heading of what follows.
    Heading(String),
    /// Paragraph; line breaks are kept.
    Paragraph(String),
    /// A plate of the gallery.
    Figure {
        /// Id of the plate.
        plate: String,
        /// Caption of its own; the plate's if empty.
        caption: String,
    },
    /// A table of words.
    Table {
        /// Caption.
        caption: String,
        /// Heads of the columns.
        columns: Vec<String>,
        /// The rows; the first cell is the head of its row.
        rows: Vec<Vec<String>>,
    },
}

/// Names of pages that are written in any case.
const RESERVED: [&str; 2] = ["index", "scorecard"];

impl Gallery {
    /// A gallery without plates.
    pub fn new(title: impl Into<String>, introduction: impl Into<String>, provenance: Provenance) -> Self {
        let (title, introduction) = (title.into(), introduction.into());
        Self { title, introduction, provenance, plates: Vec::new(), pages: Vec::new(), scorecard: None }
    }

    /// Adds a plate.
    #[must_use]
    pub fn with_plate(mut self, plate: Plate) -> Self {
        self.plates.push(plate);
        self
    }

    /// Adds a written page.
    #[must_use]
    pub fn with_page(mut self, page: Page) -> Self {
        self.pages.push(page);
        self
    }

    /// Sets the scorecard.
    #[must_use]
    pub fn with_scorecard(mut self, scorecard: Scorecard) -> Self {
        self.scorecard = Some(scorecard);
        self
    }

    /// Checks that no two files share a name, that every figure of a page is a plate of the gallery, and the plates.
    ///
    /// # Errors
    /// [`ReportError::InvalidId`], [`ReportError::RepeatedId`], [`ReportError::UnknownPlate`], [`ReportError::Figure`].
    pub fn validate(&self) -> Result<(), ReportError> {
        let mut plates = BTreeSet::new();
        for plate in &self.plates {
            plate.validate()?;
            if !plates.insert(plate.id.as_str()) {
                return Err(ReportError::RepeatedId { what: "plate", id: plate.id.clone() });
            }
        }
        let mut pages = BTreeSet::from(RESERVED);
        for page in &self.pages {
            check_id("page", &page.id)?;
            if !pages.insert(&page.id) {
                return Err(ReportError::RepeatedId { what: "page", id: page.id.clone() });
            }
            for block in &page.blocks {
                if let PageBlock::Figure { plate, .. } = block
                    && !plates.contains(plate.as_str())
                {
                    return Err(ReportError::UnknownPlate { wanted: plate.clone(), by: page.id.clone() });
                }
            }
        }
        for claim in self.scorecard.iter().flat_map(|scorecard| &scorecard.claims) {
            if let Some(plate) = claim.figure.as_ref().filter(|plate| !plates.contains(plate.as_str())) {
                let by = format!("claim {}", claim.number);
                return Err(ReportError::UnknownPlate { wanted: plate.clone(), by });
            }
        }
        Ok(())
    }
}

impl Page {
    /// A page without content.
    ///
    /// # Errors
    /// [`ReportError::InvalidId`] if `id` is not a slug.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Result<Self, ReportError> {
        let id = id.into();
        check_id("page", &id)?;
        Ok(Self { id, title: title.into(), blocks: Vec::new() })
    }

    /// Adds a block.
    #[must_use]
    pub fn with_block(mut self, block: PageBlock) -> Self {
        self.blocks.push(block);
        self
    }
}
