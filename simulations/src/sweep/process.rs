//! Which process this is, and whether another one of this machine is still there.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;

/// A process, told from every other one that ever was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessIdentity {
    /// Name of the machine, for people.
    pub(super) host: String,
    /// Boot and process namespace: processes can see each other where it is the same. Empty where the system tells neither.
    pub(super) machine: String,
    pub(super) pid: u32,
    /// Start of the process in clock ticks since boot, so that a process number used again is not taken for the same process.
    pub(super) started: Option<u64>,
}

impl ProcessIdentity {
    /// This process.
    pub(crate) fn own() -> Self {
        let text =
            |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
        let boot = text("/proc/sys/kernel/random/boot_id");
        let namespace =
            fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string()).unwrap_or_default();
        let machine = if boot.is_empty() || namespace.is_empty() {
            String::new()
        } else {
            format!("{boot} {namespace}")
        };
        let pid = std::process::id();
        let host = [text("/proc/sys/kernel/hostname"), text("/etc/hostname")]
            .into_iter()
            .find(|name| !name.is_empty());
        Self { host: host.unwrap_or_else(|| "unknown".to_owned()), machine, pid, started: started(pid) }
    }

    /// Machine, number and start in a form that file names bear; parts that the system does not tell are 0.
    pub(crate) fn mark(&self) -> String {
        let started = self.started.unwrap_or_default();
        format!("{}-{}-{started}", self.machine_mark(), self.pid)
    }

    fn machine_mark(&self) -> String {
        if self.machine.is_empty() {
            return "0".to_owned();
        }
        Sha256::digest(&self.machine).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the process whose token begins with its [`mark`](Self::mark) is alive, where this one can tell.
    pub(super) fn sees_alive(&self, token: &str) -> Option<bool> {
        let mut parts = token.split('-');
        let (machine, pid, start) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let known = !self.machine.is_empty() && machine == self.machine_mark() && start != 0;
        known.then(|| started(pid) == Some(start))
    }

    /// Whether this process is alive, where `observer` can tell: processes of the same machine only.
    pub(super) fn is_alive(&self, observer: &Self) -> Option<bool> {
        if self.machine.is_empty() || self.machine != observer.machine || self.started.is_none() {
            return None;
        }
        Some(started(self.pid) == self.started)
    }
}

/// Start of a process in clock ticks since boot: the 22nd word of its `stat`, counted after the name, which may hold anything.
/// A process that has ended and waits for its parent is not alive.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, words) = stat.rsplit_once(") ")?;
    let words: Vec<&str> = words.split(' ').collect();
    if matches!(words.first(), Some(&"Z" | &"X")) {
        return None;
    }
    words.get(19)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_a_dead_one_does_not() {
        let own = ProcessIdentity::own();
        assert_eq!(own.is_alive(&own), Some(true));
        let reused = ProcessIdentity { started: own.started.map(|ticks| ticks + 1), ..own.clone() };
        assert_eq!(reused.is_alive(&own), Some(false));
        let elsewhere = ProcessIdentity { machine: "another boot".to_owned(), ..own.clone() };
        assert_eq!(elsewhere.is_alive(&own), None);
        let token = |identity: &ProcessIdentity| format!("{}-0123456789abcdef", identity.mark());
        assert_eq!(own.sees_alive(&token(&own)), Some(true));
        assert_eq!(own.sees_alive(&token(&reused)), Some(false));
        assert_eq!(own.sees_alive(&token(&elsewhere)), None);
        assert_eq!(own.sees_alive(""), None);
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let identity = ProcessIdentity { pid: child.id(), started: started(child.id()), ..own.clone() };
        // It has ended, and is a zombie or gone.
        while started(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert!(identity.started.is_none() || identity.is_alive(&own) == Some(false));
        child.wait().unwrap();
    }
}
