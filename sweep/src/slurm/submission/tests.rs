//! Submissions to a scheduler that keeps what it was asked; a real one is in `tests/slurm`.

use super::super::settings::Settings;
use super::*;
use std::cell::RefCell;

/// Takes so many jobs and refuses the next, or takes it without a number; keeps what it was asked.
struct Clerk {
    takes: usize,
    tells: bool,
    cancels: bool,
    asked: RefCell<Vec<String>>,
}

fn no(program: &'static str) -> SchedulerError {
    SchedulerError::Refused { program, message: "no".to_owned() }
}

impl Scheduler for Clerk {
    fn max_array_size(&self) -> Result<u64, SchedulerError> {
        Ok(10)
    }

    fn submit(&self, script: &Path, after: &[String]) -> Result<String, SchedulerError> {
        let mut asked = self.asked.borrow_mut();
        if asked.len() == self.takes {
            let answer = "Welcome!".to_owned();
            return Err(if self.tells { no("sbatch") } else { SchedulerError::NoNumber { answer } });
        }
        let name = script.file_name().unwrap().to_string_lossy();
        asked.push(format!("{name} after {}", after.join(" ")));
        Ok(format!("{}", 100 + asked.len()))
    }

    fn cancel(&self, job: &str) -> Result<(), SchedulerError> {
        self.asked.borrow_mut().push(format!("cancel {job}"));
        if self.cancels { Ok(()) } else { Err(no("scancel")) }
    }
}

fn submission(folder: &Path) -> Submission {
    let options = Options::new(Settings::default()).unwrap();
    let ranges = (vec![0..2, 2..3], vec![3..5, 5..9]);
    Submission::write(folder, Path::new("/bin/glassbox"), "one / two", &options, ranges, true).unwrap()
}

fn json(submission: &Submission) -> serde_json::Value {
    serde_json::from_slice(&fs::read(submission.folder().join("submission.json")).unwrap()).unwrap()
}

#[test]
fn jobs_wait_for_those_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut submission = submission(folder.path());
    let clerk = Clerk { takes: 9, tells: true, cancels: true, asked: RefCell::default() };
    submission.submit(&clerk).unwrap();
    let expected = ["starts.sh after ", "others.sh after 101", "merge.sh after 101 102"];
    assert_eq!(*clerk.asked.borrow(), expected);
    let ranges = fs::read_to_string(submission.folder().join("starts.ranges")).unwrap();
    assert_eq!(ranges, "0..2\n2..3\n");
    let json = json(&submission);
    assert_eq!((json["state"].as_str(), json["jobs"][1]["job"].as_str()), (Some("submitted"), Some("102")));
    assert_eq!(json["jobs"][0]["ranges"][1]["end"], 3);
    let text = fs::read_to_string(submission.folder().join("others.sh")).unwrap();
    assert!(text.contains("--job-name=glassbox-onetwo-others\n") && text.contains("--array=0-1\n"));
}

#[test]
fn nothing_is_half_submitted() {
    for takes in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let mut submission = submission(folder.path());
        let clerk = Clerk { takes, tells: true, cancels: true, asked: RefCell::default() };
        let message = submission.submit(&clerk).unwrap_err().to_string();
        assert!(message.starts_with("sbatch: no; nothing is submitted"), "{message}");
        let cancelled: Vec<String> = clerk.asked.borrow()[takes..].to_vec();
        let expected: Vec<String> = (0..takes).rev().map(|job| format!("cancel {}", 101 + job)).collect();
        assert_eq!(cancelled, expected);
        assert_eq!(json(&submission)["state"], "withdrawn");
    }
    let folder = tempfile::tempdir().unwrap();
    let clerk = Clerk { takes: 2, tells: true, cancels: false, asked: RefCell::default() };
    let message = submission(folder.path()).submit(&clerk).unwrap_err().to_string();
    let expected =
        "sbatch: no; and submitted jobs cannot be cancelled (scancel: no): cancel them with scancel 101 102";
    assert_eq!(message, expected);
}

#[test]
fn a_job_may_be_queued_whose_number_is_not_told() {
    for (takes, rest) in
        [(0, "nothing else is submitted"), (1, "nothing else is submitted (cancelled: job 101)")]
    {
        let folder = tempfile::tempdir().unwrap();
        let clerk = Clerk { takes, tells: false, cancels: true, asked: RefCell::default() };
        let message = submission(folder.path()).submit(&clerk).unwrap_err().to_string();
        assert!(message.starts_with("sbatch answers \"Welcome!\", where "), "{message}");
        assert!(message.ends_with(&format!("a job may be queued, which squeue tells; {rest}")), "{message}");
    }
}

#[test]
fn a_job_whose_number_cannot_be_written_is_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let mut submission = submission(folder.path());
    // No file can be put in the place of a folder.
    let json = submission.folder().join("submission.json");
    fs::remove_file(&json).unwrap();
    fs::create_dir(&json).unwrap();
    let clerk = Clerk { takes: 9, tells: true, cancels: true, asked: RefCell::default() };
    let message = submission.submit(&clerk).unwrap_err().to_string();
    assert_eq!(*clerk.asked.borrow(), ["starts.sh after ", "cancel 101"]);
    assert!(message.starts_with(&format!("cannot replace {}: ", json.display())), "{message}");
    assert!(message.ends_with("; nothing is submitted (cancelled: job 101)"), "{message}");
}

#[test]
fn every_submission_has_a_folder_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> =
        (0..2).map(|_| submission(folder.path()).folder().file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["0001", "0002"]);
    let commands = submission(folder.path()).commands();
    assert!(commands[2].starts_with("JOB3=$(sbatch --parsable --dependency=afterany:$JOB1:$JOB2 /"));
}

#[test]
fn a_path_that_no_script_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a\nb", "a\\b"] {
        let odd = folder.path().join(name);
        fs::create_dir(&odd).unwrap();
        let options = Options::new(Settings::default()).unwrap();
        let ranges = (vec![0..1, 1..2], Vec::new());
        let error =
            Submission::write(&odd, Path::new("/bin/glassbox"), "x", &options, ranges, true).unwrap_err();
        assert!(error.to_string().contains("cannot be written into a script"));
        assert!(!odd.join("slurm").exists());
    }
}
