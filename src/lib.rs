//! draft
#[allow(missing_docs)]
pub mod suite;
