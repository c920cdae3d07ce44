//! The power certificate: which check catches which mutant, how often.
//!
//! Every [mutant](crate::mutants) runs through the sections of the suite in which its fault can show, on several seeds.
//! A check catches it if its p-value is below the share of the false-alarm budget that a *whole* run of the suite gives
//! to one check, so that a rate here is the rate at which `glassbox verify` fails on such a program.

mod document;
mod figure;
mod kind;
mod rate;
mod run;
mod text;

pub use document::{Certificate, Row};
pub use kind::CheckKind;
pub use rate::Rate;
pub use run::{Experiment, Trial};
