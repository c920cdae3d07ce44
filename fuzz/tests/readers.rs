//! Every reader, on damaged files: no panic, no hang, no growth, and a message that names the file.
//!
//! `GLASSBOX_FUZZ_TRIALS` sets the number of trials of each reader, `GLASSBOX_FUZZ_FIRST` the first seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the table of trials")]

use glassbox_fuzz::campaign::{Summary, run};
use glassbox_fuzz::{Input, Reader, readers};

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{variable} is {value:?}: {error}")))
}

fn fuzz(name: &str) {
    let reader: &Reader = readers::ALL.into_iter().find(|reader| reader.name == name).unwrap();
    let trials = number("GLASSBOX_FUZZ_TRIALS").unwrap_or(reader.trials);
    let summary = run(reader, number("GLASSBOX_FUZZ_FIRST").unwrap_or(1), trials);
    println!("{}\n{summary}", Summary::HEADING);
    let faults: Vec<&str> = summary.faults.iter().take(20).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults, the first of them:\n{}", summary.faults.len(), faults.join("\n"));
    // Damage that is always refused, or never, does not get to what it should try.
    let refuses = summary.refused > 0 || name == "leftovers"; // each of which is ignored where it is damaged
    assert!(trials < 100 || (summary.accepted > 0 && refuses), "{summary}");
}

macro_rules! readers {
    ($($test:ident $name:literal,)*) => {
        $(#[test]
        fn $test() {
            fuzz($name);
        })*

        #[test]
        fn every_reader_has_a_test() {
            let names: Vec<&str> = readers::ALL.into_iter().map(|reader| reader.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

readers! {
    npz "npz",
    npy "npy",
    snapshots "snapshots",
    parquet "parquet",
    own_data "own-data",
    prepared "prepared",
    idx "idx",
    cifar "cifar",
    experiment "experiment",
    preset "preset",
    cluster_profile "cluster-profile",
    manifest "manifest",
    leftovers "leftovers",
    record "record",
    checkpoint "checkpoint",
    baseline "baseline",
    options "options",
}

/// Nothing is waited for, and nothing without an end is read.
#[cfg(unix)]
#[test]
fn special_files_are_refused() {
    let of_files = readers::ALL.into_iter().filter(|reader| reader.input == Input::Files);
    // What processes leave for one another is as good as absent where it cannot be read.
    let ignored = ["workers/", ".failure", ".claim", "glassbox-sweep.json", "glassbox-store.json"];
    let faults: Vec<String> =
        of_files.flat_map(|reader| glassbox_fuzz::special_files::faults(reader, &ignored)).collect();
    // A batch of CIFAR-10 starts without a header: zeros are images of class 0, and are read up to the limit, 2 GB.
    let of_zeros =
        |fault: &String| fault.starts_with("cifar with a file of zeros") && fault.contains("asked for");
    let faults: Vec<String> = faults.into_iter().filter(|fault| !of_zeros(fault)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
