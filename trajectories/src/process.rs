//! Which process this is, and whether another one of this machine is still there.

use sha2::{Digest, Sha256};
use std::fs;

/// A process, told from every other one that ever was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Digest of boot and process namespace: processes of the same machine can see each other. `None` where the system tells
    /// neither.
    machine: Option<String>,
    pid: u32,
    /// Start of the process in clock ticks since boot, so that a process number used again is not taken for the same process.
    started: Option<u64>,
}

impl Process {
    /// This process.
    pub fn own() -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let namespace = fs::read_link("/proc/self/ns/pid").ok();
        let machine = boot.zip(namespace).map(|(boot, namespace)| {
            let digest = Sha256::digest(format!("{boot} {}", namespace.display()));
            digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
        });
        let pid = std::process::id();
        Self { machine, pid, started: started(pid) }
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Machine, number and start as the first words of a token, with hyphens between; what the system does not tell is 0.
    pub fn mark(&self) -> String {
        let machine = self.machine.as_deref().unwrap_or("0");
        format!("{machine}-{}-{}", self.pid, self.started.unwrap_or_default())
    }

    /// Whether the process whose token begins with its [mark](Self::mark) is alive, where this one can tell: where both are of one
    /// machine.
    pub fn sees_alive(&self, token: &str) -> Option<bool> {
        let mut parts = token.split('-');
        let (machine, pid, start) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        // Where even the first process of the machine is not shown, others' are hidden too.
        let known = self.machine.as_deref() == Some(machine) && start != 0 && started(1).is_some();
        known.then(|| started(pid) == Some(start))
    }
}

/// Name of this machine, for people.
pub fn host_name() -> String {
    let names = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let name = names.into_iter().find_map(|path| fs::read_to_string(path).ok());
    name.map_or_else(|| "unknown".to_owned(), |name| name.trim().to_owned())
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
        let own = Process::own();
        let token = |process: &Process| format!("{}-0123456789abcdef", process.mark());
        assert_eq!(own.sees_alive(&token(&own)), Some(true));
        let reused = Process { started: own.started.map(|ticks| ticks + 1), ..own.clone() };
        assert_eq!(own.sees_alive(&token(&reused)), Some(false));
        let elsewhere = Process { machine: Some("0123456789abcdef".to_owned()), ..own.clone() };
        assert_eq!(own.sees_alive(&token(&elsewhere)), None);
        assert_eq!(own.sees_alive(""), None);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let of_child = Process { pid: child.id(), started: started(child.id()), ..own.clone() };
        assert_eq!(own.sees_alive(&token(&of_child)), Some(true));
        child.kill().unwrap();
        // Dead, though not yet waited for: soon, as the signal takes a moment.
        while started(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!(own.sees_alive(&token(&of_child)), Some(false));
        child.wait().unwrap();
    }
}
