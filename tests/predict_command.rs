//! `glassbox predict` as a process: tables that equal the library, files of every kind, and every kind of bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::laws::QuadraticWell;
use glassbox::oracle::{Bath, Clock, DisplacementLaw, Scheme};
use std::process::{Command, Output};

fn predict(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glassbox")).arg("predict").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn refusal(arguments: &[&str]) -> String {
    let output = predict(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
    text(&output.stderr)
}

#[test]
fn the_table_holds_every_digit_of_the_library() {
    let arguments =
        ["well", "--dt", "1", "--waiting-time", "20000", "--lag", "1,100,1e5", "--start-mean", "-1e-4"];
    let output = predict(&arguments);
    assert!(output.status.success(), "{output:?}");
    let bath = Bath::new(1e-3, 1e-4, 60_000.0).unwrap();
    let well = QuadraticWell::new(bath, 0.01, Clock::steps(1.0).unwrap()).unwrap();
    let well = well.from_fixed(-1e-4).unwrap().after_waiting(2e4).unwrap();
    let printed = text(&output.stdout);
    let mut lines = printed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap()[..2], ["lag", "overlap"]);
    for (line, lag) in lines.zip([1.0, 100.0, 1e5]) {
        let numbers: Vec<f64> = line.iter().map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(numbers[..2], [lag, well.overlap(lag, 1.9e-4).unwrap()]);
        assert_eq!(numbers[2], well.mean_squared_displacement(lag).unwrap());
    }
}

#[test]
fn every_scheme_has_its_name_and_every_column_stays() {
    let bath = Bath::new(1e-3, 1e-4, 60_000.0).unwrap();
    for scheme in Scheme::ALL {
        let name = scheme.to_string().to_lowercase().replace(['–', ' '], "-");
        let output = predict(&[
            "well",
            "--dt",
            "1",
            "--stiffness",
            "700",
            "--scheme",
            &name,
            "--start-mean",
            "0.1",
            "--lag",
            "3",
        ]);
        let well = QuadraticWell::new(bath, 700.0, Clock::steps(1.0).unwrap()).unwrap();
        let well = well.from_fixed(0.1).unwrap().integrated_by(scheme).unwrap();
        let printed = text(&output.stdout);
        let numbers: Vec<&str> = printed.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(numbers[0], "3", "{printed}");
        assert_eq!(numbers[4].parse::<f64>().unwrap(), well.displacement(3.0).unwrap().mean(), "{name}");
    }
    let unstable = predict(&["well-relaxation", "--dt", "1", "--stiffness", "2500", "--temperature", "1"]);
    let printed = text(&unstable.stdout);
    let header: Vec<&str> = printed.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(
        header,
        ["temperature", "relaxation_time", "overlap_limit", "mean_squared_displacement_limit"]
    );
    let exact =
        ["stationary-well", "--dt", "1", "--stiffness", "3000", "--scheme", "exact-step", "--lag", "1"];
    assert!(predict(&exact).status.success());
}

/// At `kappa dt = 2` the weight changes sides at every step: what alternates has no limit, and its cell is empty.
#[test]
fn what_has_no_limit_is_an_empty_cell() {
    let row = |more: &[&str], last: &str| -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        let mut arguments =
            vec!["well", "--mobility", "1", "--dataset-size", "1", "--half-width", "1", "--lag", "1,2,3,inf"];
        arguments.extend(more);
        arguments.extend(["--out", file.to_str().unwrap()]);
        let output = predict(&arguments);
        assert!(output.status.success(), "{output:?}");
        let table = std::fs::read_to_string(&file).unwrap();
        let line = table.lines().last().unwrap().to_owned();
        assert!(line.starts_with(last), "{table}");
        line.split(',').map(str::to_owned).collect()
    };
    let alternating = ["--stiffness", "2", "--dt", "1", "--start-mean", "1", "--temperature", "0"];
    assert_eq!(row(&alternating, "inf"), ["inf", "", "", "", "", "0", ""]);
    let shared = [
        "--stiffness",
        "2",
        "--dt",
        "1",
        "--start-mean",
        "1",
        "--temperature",
        "1",
        "--scheme",
        "leimkuhler-matthews",
    ];
    assert_eq!(row(&shared, "inf")[1..4], ["", "", ""]);
    // On a hill all that overlaps is lost, as `well-relaxation` says of the same weight.
    let hill = ["--stiffness", "-1", "--start-mean", "1", "--temperature", "1"];
    assert_eq!(row(&hill, "inf")[1..3], ["0", "inf"]);
    let output =
        predict(&["well-relaxation", "--stiffness", "-1", "--start-mean", "1", "--temperature", "1"]);
    let printed = text(&output.stdout);
    let cells: Vec<&str> = printed.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(cells[cells.len() - 2..], ["0", "inf"], "{printed}");
}

#[test]
fn curves_that_differ_in_late_digits_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("a.svg").into_os_string().into_string().unwrap();
    let output = predict(&["well", "--temperature", "1.00001e-4,1.00002e-4", "--plot", &svg]);
    assert!(output.status.success(), "{output:?}");
    let drawn = std::fs::read_to_string(svg).unwrap();
    assert!(drawn.contains("1.00001×10⁻⁴") && drawn.contains("1.00002×10⁻⁴"), "{drawn}");
}

#[test]
fn every_kind_of_file_is_written_and_parameters_combine() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let (csv, json, parquet, svg) = (path("a.csv"), path("a.json"), path("a.parquet"), path("a.svg"));
    let output = predict(&[
        "well",
        "--temperature",
        "1e-4,1e-2",
        "--lag",
        "1:1e5:11",
        "--out",
        &csv,
        "--out",
        &json,
        "--out",
        &parquet,
        "--plot",
        &svg,
        "--column",
        "mean_squared_displacement",
    ]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let csv = std::fs::read_to_string(csv).unwrap();
    assert_eq!(csv.lines().filter(|line| !line.starts_with('#')).count(), 1 + 2 * 11);
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(
        (json["schema"].as_str(), json["facts"]["stiffness"].as_str()),
        (Some("glassbox-table/1"), Some("0.01"))
    );
    assert_eq!(json["columns"][0]["name"], "temperature");
    assert_eq!(json["columns"][1]["values"].as_array().unwrap().len(), 22);
    assert!(std::fs::read(parquet).unwrap().starts_with(b"PAR1"));
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("temperature = 0.01"), "{svg}");
}

#[test]
fn times_of_a_range_fall_on_steps() {
    let output = predict(&["free-diffusion", "--dt", "0.5", "--lag", "0.5:4:30"]);
    let printed = text(&output.stdout);
    let lags: Vec<&str> = printed.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(lags, ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4"]);
}

#[test]
fn the_list_names_every_law_with_its_equation() {
    let output = predict(&["--list"]);
    assert!(output.status.success());
    let printed = text(&output.stdout);
    for law in glassbox::prediction::laws::CATALOGUE {
        assert!(printed.contains(law.equation) && printed.contains(&format!("{}: {}", law.name, law.title)));
    }
}

#[test]
fn bad_input_is_named_and_writes_nothing() {
    assert_eq!(
        refusal(&["well", "--mobility", "-1"]),
        "glassbox: well: mobility is -1; it must be finite and above 0\n"
    );
    assert!(
        refusal(&["well", "--dt", "1", "--lag", "1.5"]).contains("it must be a whole number of steps of 1")
    );
    assert!(refusal(&["well", "--lag", "1,x"]).contains("\"x\" is not a number"));
    assert!(refusal(&["well", "--lag", "0:1:5"]).contains("both must be finite and above 0"));
    assert!(refusal(&["well", "--half-width", "-1"]).contains("half_width is -1; it must be at least 0"));
    assert!(refusal(&["well", "--lag", "1:9:9000", "--stiffness", "1:9:9000"]).contains("81000000 points"));
    assert!(
        refusal(&["layer-balance", "--first-weights", "1.5"]).contains("it must be a whole number from 1")
    );
    assert!(refusal(&["well", "--scheme", "heun"]).contains("give --dt a value above 0"));
    assert!(refusal(&["well", "--scheme", "euler"]).contains("one of euler-maruyama, heun"));
    assert!(refusal(&["welll"]).contains("similar"));
    assert!(refusal(&["well", "--out", "a.txt"]).contains("must end in .csv, .json or .parquet"));
    assert!(refusal(&["well", "--plot", "a.png"]).contains("must end in .svg"));
    assert!(refusal(&["well", "--column", "x"]).contains("well has overlap, mean_squared_displacement"));
    assert!(refusal(&["well", "--lag", "1", "--plot", "a.svg"]).contains("no parameter varies"));
    let missing = refusal(&["well", "--out", "/nowhere/at/all.csv"]);
    assert!(missing.contains("/nowhere/at") && missing.contains("No such file"), "{missing}");
}
