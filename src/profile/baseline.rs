//! Committed profiles: one JSON file an integrator, schema `glassbox-profile/1`, described in `baselines/README.md`.

use super::error::ProfileError;
use super::record::{Bits, Ladder, Profile, Stability, Standing};
use super::wording::{bits_name, ladder_name, stability_name};
use glassbox_reports::ReportError;
use glassbox_trajectories::input::read_text;
use glassbox_trajectories::whole_file::write_whole;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Name and version of the schema.
pub const SCHEMA: &str = "glassbox-profile/1";

/// A profile is some tens of kilobytes; what is larger than this is none.
const LARGEST_FILE: u64 = 16 << 20;

/// The file of `integrator` in a folder of baselines.
#[must_use]
pub fn path(directory: &Path, integrator: &str) -> PathBuf {
    directory.join(format!("{integrator}.json"))
}

/// Reads the profile of `integrator` from `directory`.
///
/// # Errors
/// [`ProfileError::Missing`] where there is no file, [`ProfileError::Read`] where it cannot be read,
/// [`ProfileError::Corrupt`] where it is not a profile of this integrator: each names the file.
pub fn read(directory: &Path, integrator: &str) -> Result<Profile, ProfileError> {
    let path = path(directory, integrator);
    let refused = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => ProfileError::Missing(path.clone()),
        _ => ProfileError::Read { path: path.clone(), source },
    };
    let corrupt = |reason: String| ProfileError::Corrupt { path: path.clone(), reason };
    let text = read_text(&path, LARGEST_FILE).map_err(|error| refused(error.source))?;
    let profile = parse(&text).map_err(corrupt)?;
    if profile.integrator != integrator {
        let reason = format!("it is the profile of {:?}; it must be of {integrator:?}", profile.integrator);
        return Err(corrupt(reason));
    }
    Ok(profile)
}

/// Writes `profile` into its file in `directory` (which is made if it does not exist), whole or not at all, in place of a profile
/// that is there.
///
/// # Errors
/// [`ProfileError`] for a file of this name that is not a profile, and if the file system refuses; the error names the path.
pub fn write(directory: &Path, profile: &Profile) -> Result<PathBuf, ProfileError> {
    let path = path(directory, &profile.integrator);
    let text = to_json(profile)?;
    glassbox_reports::check_writable(directory)?;
    glassbox_reports::check_replaceable(&path)?;
    write_whole(&path, text.as_bytes()).map_err(ReportError::from)?;
    Ok(path)
}

/// A profile under its schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    integrator: String,
    seed: u64,
    ladders: Vec<Ladder>,
    stability: Vec<Stability>,
    bits: Vec<Bits>,
}

/// Reads a profile from the text of a file.
///
/// # Errors
/// What is wrong, and where.
pub fn parse(text: &str) -> Result<Profile, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if head.schema != SCHEMA {
        return Err(format!("schema is {:?}; it must be {SCHEMA:?}", head.schema));
    }
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Document { integrator, seed, ladders, stability, bits, .. } = document;
    let profile = Profile { integrator, seed, ladders, stability, bits };
    validate(&profile)?;
    Ok(profile)
}

fn validate(profile: &Profile) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let ladders = profile.ladders.iter().map(ladder_name);
    let others = profile.stability.iter().map(stability_name).chain(profile.bits.iter().map(bits_name));
    for name in ladders.chain(others) {
        if !names.insert(name.clone()) {
            return Err(format!("the line {name:?} is there twice"));
        }
    }
    for ladder in &profile.ladders {
        let name = ladder_name(ladder);
        let refuse = |reason: &str| Err(format!("{name}: {reason}"));
        if ladder.replicas < 2 {
            return refuse("fewer than 2 replicas have no standard error");
        }
        if ladder.points.is_empty() {
            return refuse("it has no points");
        }
        if ladder.rounding_floor < 0.0 || ladder.points.iter().any(|point| point.dt <= 0.0) {
            return refuse("a step or the rounding floor is not above 0");
        }
        for point in &ladder.points {
            let numbers = (point.value.is_some(), point.standard_error.is_some());
            let diverged = point.standing == Standing::Diverged;
            if numbers != (!diverged, !diverged) || point.standard_error.is_some_and(|error| error < 0.0) {
                return refuse(
                    "a point needs a value and a standard error of at least 0, or must have diverged",
                );
            }
        }
        if ladder.order.is_some_and(|order| order.standard_error < 0.0 || order.low > order.high) {
            return refuse("its order has no interval");
        }
        if ladder.order.is_some() == ladder.no_order.is_some() {
            return refuse("it needs an order, or a reason why there is none");
        }
    }
    for stability in &profile.stability {
        if !(stability.width > 0.0 && stability.limit.is_none_or(|limit| limit > 0.0)) {
            return Err(format!("{}: its numbers must be above 0", stability_name(stability)));
        }
    }
    Ok(())
}

/// The text of a profile's file: one line a point, so that a change shows as a few lines in version control.
///
/// # Errors
/// [`ProfileError::Json`] never, unless a number is not finite.
pub fn to_json(profile: &Profile) -> Result<String, ProfileError> {
    let mut text = format!(
        "{{\n  \"schema\": {},\n  \"integrator\": {},\n  \"seed\": {},\n  \"ladders\": [",
        line(&SCHEMA)?,
        line(&profile.integrator)?,
        profile.seed
    );
    for (index, ladder) in profile.ladders.iter().enumerate() {
        text += if index == 0 { "\n" } else { ",\n" };
        text += &format!(
            "    {{\n      \"problem\": {}, \"quantity\": {}, \"reference\": {},\n      \"replicas\": {}, \
             \"rounding_floor\": {},\n      \"points\": [\n",
            line(&ladder.problem)?,
            line(&ladder.quantity)?,
            line(&ladder.reference)?,
            ladder.replicas,
            line(&ladder.rounding_floor)?
        );
        text += &block(&ladder.points, "        ")?;
        text += &format!(
            "\n      ],\n      \"order\": {},\n      \"no_order\": {}\n    }}",
            line(&ladder.order)?,
            line(&ladder.no_order)?
        );
    }
    text += "\n  ],\n  \"stability\": [\n";
    text += &block(&profile.stability, "    ")?;
    text += "\n  ],\n  \"bits\": [\n";
    text += &block(&profile.bits, "    ")?;
    text += "\n  ]\n}\n";
    Ok(text)
}

fn line(value: &impl Serialize) -> Result<String, ProfileError> {
    Ok(serde_json::to_string(value)?)
}

fn block(values: &[impl Serialize], indent: &str) -> Result<String, ProfileError> {
    let mut lines = Vec::with_capacity(values.len());
    for value in values {
        lines.push(format!("{indent}{}", line(value)?));
    }
    Ok(lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ProblemSet, Subject, problems, profile};
    use glassbox_oracle::Scheme;
    use glassbox_simulations::integrator::EulerMaruyama;

    fn small() -> Profile {
        let set = ProblemSet::of(vec![problems::free_diffusion().unwrap().with_replicas(3)]);
        let subject = Subject::new("small", EulerMaruyama::new).of_scheme(Scheme::EulerMaruyama);
        profile(&subject, &set, 5).unwrap()
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let profile = small();
        assert_eq!(parse(&to_json(&profile).unwrap()).unwrap(), profile);
    }

    #[test]
    fn what_is_no_profile_is_refused_with_its_reason() {
        let text = to_json(&small()).unwrap();
        let refused = |from: &str, to: &str| {
            assert!(text.contains(from), "{from} in {text}");
            parse(&text.replacen(from, to, 1)).unwrap_err()
        };
        assert!(refused("glassbox-profile/1", "glassbox-profile/9").contains("it must be"));
        assert!(refused("\"replicas\": 3", "\"replicas\": 1").contains("replicas"));
        assert!(refused("\"replicas\": 3", "\"replicas\": 3, \"extra\": 0").contains("extra"));
        assert!(refused("\"seed\": 5", "\"seed\": -5").contains("u64"));
        assert!(refused("\"dt\":0.2", "\"dt\":-0.2").contains("above 0"));
        assert!(refused("\"dt\":0.2", "\"dt\":1e999").contains("range"));
        assert!(refused("\"mean_square\"", "\"mean\"").contains("twice"));
        assert!(parse(&text[..text.len() / 2]).unwrap_err().contains("EOF"));
        assert!(parse("").is_err() && parse("[]").is_err() && parse("null").is_err());
    }
}
