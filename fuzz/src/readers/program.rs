//! Options of the command line, given to the real program.

use crate::campaign::build_folder;
use crate::case::{Case, corpus};
use crate::mutation::Mutator;
use crate::reader::{Accepted, Damage, Input, Reader, Reading};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Lists of arguments. A file of the corpus has an argument in each line, and after an empty line those that no damage touches:
/// they keep commands short that would otherwise work for minutes.
pub(super) const OPTIONS: Reader = Reader {
    name: "options",
    corpus: "options",
    trials: 100,
    // Those of usage, which clap writes.
    lines: 60,
    input: Input::Arguments,
    damage,
    read,
};

/// Address space and processor time of the program: 8 GB and 30 seconds. The slowest law of `predict` takes half of that.
const LIMITED: &str = "ulimit -v 8388608; ulimit -t 30; exec \"$@\"";

/// Time of the clock that the program may take, for what waits without working.
const MOST_TIME: Duration = Duration::from_secs(240);

/// What may stand in place of a value.
#[rustfmt::skip]
const VALUES: [&str; 44] = [
    "0", "-0", "-1", "1", "2", "3", "1e-320", "1e-300", "1e-30", "1e-3", "0.5", "0.999999", "1e3", "1e10", "1e76", "1e153",
    "1e154", "1e300", "1e305", "1.7976931348623157e308", "1e309", "-1e300", "nan", "NaN", "inf", "-inf", "4294967295",
    "4294967296", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999", "0x10", "1_000", "1,2", ",", "", " ", "1:10:3", "1:1e300:1000000000", "\u{1b}[31m", "ä\u{202e}",
];

const SEPARATOR: &str = "";

/// What lies in the folder of the program: the last case of each reader, as a file of the reader's name or in a folder.
const INPUT: [(&str, &str); 6] = [
    ("npz", ""),
    ("experiment", ""),
    ("own-data", ""),
    ("idx", "idx"),
    ("manifest", "plan"),
    ("leftovers", "leftovers"),
];

fn damage(mutator: &mut Mutator, case: &mut Case, cases: &[Case]) -> Damage {
    let lines = |case: &Case| {
        String::from_utf8_lossy(&case.files[0].1).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut arguments = lines(case);
    let kept =
        arguments.split_off(arguments.iter().position(|line| line == SEPARATOR).unwrap_or(arguments.len()));
    let others: Vec<String> = cases.iter().flat_map(lines).filter(|line| line.starts_with("--")).collect();
    for _ in 0..1 + mutator.below(3) {
        if arguments.is_empty() {
            break;
        }
        let index = mutator.below(arguments.len());
        let is_value = !arguments[index].starts_with("--") && index > 0;
        match mutator.below(10) {
            0 => drop(arguments.remove(index)),
            1 => arguments.insert(index, arguments[index].clone()),
            2 => {
                let other = mutator.below(arguments.len());
                arguments.swap(index, other);
            }
            3 => arguments.insert(index, mutator.pick(&others).clone()),
            4 => arguments.insert(index, (*mutator.pick(&VALUES)).to_owned()),
            5 => arguments[index] = "x".repeat(*mutator.pick(&[255, 5000])),
            _ if is_value => (*mutator.pick(&VALUES)).clone_into(&mut arguments[index]),
            _ => {
                let value = *mutator.pick(&VALUES);
                arguments[index] = format!("{}={value}", arguments[index]);
            }
        }
    }
    arguments.extend(kept);
    case.files[0].1 = arguments.join("\n").into_bytes();
    Damage::Any
}

/// Starts the program in a folder with sound input of each kind.
fn read(folder: &Path, _: u64) -> Reading {
    let text = fs::read_to_string(super::trajectory::only_file(folder)).expect("a list of arguments");
    let arguments: Vec<&str> = text.lines().filter(|line| *line != SEPARATOR).collect();
    let work = folder.join("work");
    for (reader, place) in INPUT {
        let mut case = corpus(reader).pop().expect("a corpus");
        for (name, _) in &mut case.files {
            *name = match name.rsplit_once('.') {
                Some((_, kind)) if place.is_empty() => format!("{reader}.{kind}"),
                _ => format!("{place}/{name}"),
            };
        }
        case.add_to(&work);
    }
    fs::write(work.join("occupied"), "a file where a folder should be").expect("a file can be written");
    let output = started(&arguments, &work);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, refused) = (text(&output.stdout), text(&output.stderr));
    assert!(!refused.contains("panicked"), "{arguments:?}: {refused}");
    match output.status.code() {
        Some(2) => Err(refused),
        Some(0 | 1 | 3) => {
            let lines = said.lines().filter(|line| !line.is_empty()).take(500).map(str::to_owned);
            Ok(Accepted { sayings: lines.collect(), ..Accepted::default() })
        }
        status => panic!("{arguments:?} ended with {status:?}: {refused}"),
    }
}

fn started(arguments: &[&str], folder: &Path) -> Output {
    let program = build_folder().join("glassbox-program");
    assert!(program.exists(), "{} is missing; cargo test builds it", program.display());
    let mut child = Command::new("sh")
        .args(["-c", LIMITED, "sh"])
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.join("stdout")).expect("a file can be made"))
        .stderr(fs::File::create(folder.join("stderr")).expect("a file can be made"))
        .spawn()
        .expect("a shell");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if start.elapsed() > MOST_TIME {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{arguments:?}: no end after {MOST_TIME:?}");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let read = |name: &str| fs::read(folder.join(name)).expect("what the program wrote");
    Output { status, stdout: read("stdout"), stderr: read("stderr") }
}
