//! The daemon under test: one that serves both roads over a store of its own.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_bus::BUS_NAME;
use countersign_tests::{Program, bus_has_owner};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::light::Light;

const PATIENCE: Duration = Duration::from_secs(120);

/// A running daemon. It ends with this.
pub struct Daemon {
    child: Child,
    ready: Duration,
}

/// What a process has in memory, in KiB (`proc_pid_status(5)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// All that is resident, shared libraries and the program's own file included (`VmRSS`).
    pub resident: u64,
    /// What is its own (`RssAnon`).
    pub anonymous: u64,
}

impl Daemon {
    /// The system's part of an installation: the daemon's user, the bus with our policy, the configuration's
    /// directory.
    pub fn prepare() {
        let packaging = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging"));
        Program::new("systemd-sysusers")
            .arg(packaging.join("sysusers/countersign.conf"))
            .text();
        fs::copy(
            packaging.join("dbus/org.countersign1.conf"),
            "/usr/share/dbus-1/system.d/org.countersign1.conf",
        )
        .expect("our bus policy");
        fs::create_dir_all("/etc/countersign").expect("the directory for the configuration");
        countersign_tests::start_bus();
    }

    /// Makes an empty state directory.
    pub fn make_state(state: &Path) {
        Program::new("install")
            .args(["-d", "-m", "0700", "-o", "countersign", "-g", "countersign"])
            .arg(state)
            .text();
    }

    /// Starts it, and waits until it has answered over the socket and is on the bus.
    pub fn start(program: &Path, state: &Path) -> Self {
        let began = Instant::now();
        let child = Command::new(program)
            .arg("--login-socket")
            .arg("--state-dir")
            .arg(state)
            .env_clear()
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let mut daemon = Self {
            child,
            ready: Duration::ZERO,
        };
        daemon.wait(began, "answers", || {
            let mut line = Light::connect()?;
            line.prepare("nobody", "").map(drop)
        });
        daemon.ready = began.elapsed();
        daemon.wait(began, "is on the bus", || {
            bus_has_owner(BUS_NAME)
                .then_some(())
                .ok_or_else(|| std::io::Error::other("nobody owns its name"))
        });
        daemon
    }

    fn wait(&mut self, began: Instant, what: &str, holds: impl Fn() -> std::io::Result<()>) {
        while let Err(error) = holds() {
            let ended = self.child.try_wait().ok().flatten();
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "waited until the daemon {what}: {error}; it {}; the log:\n{}",
                ended.map_or_else(|| "runs".to_owned(), |status| format!("ended: {status}")),
                countersign_tests::syslog()
            );
            sleep(Duration::from_micros(200));
        }
    }

    /// From its start to its first answer.
    pub fn ready(&self) -> Duration {
        self.ready
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has in memory now.
    pub fn memory(&self) -> Memory {
        Memory::of(self.pid())
    }

    /// How many files and sockets it has open.
    pub fn descriptors(&self) -> usize {
        let open = fs::read_dir(format!("/proc/{}/fd", self.pid()));
        open.map_or(0, Iterator::count)
    }

    /// How many bytes the files of a state directory have, all together.
    pub fn bytes(state: &Path) -> u64 {
        let files = fs::read_dir(state).into_iter().flatten().flatten();
        files
            .filter_map(|file| Some(file.metadata().ok()?.len()))
            .sum()
    }

    /// Ends it in an orderly way.
    pub fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a process's number"));
        kill(pid, Signal::SIGTERM).expect("the daemon runs");
        self.child.wait().expect("the daemon's end");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Ended already, as a rule.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Memory {
    /// What a process has in memory.
    pub fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        Self::read(&status)
    }

    fn read(status: &str) -> Self {
        let line = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name))?;
            value.split_whitespace().next()?.parse().ok()
        };
        Self {
            resident: line("VmRSS:").unwrap_or_default(),
            anonymous: line("RssAnon:").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        let memory = Memory::read("Name:\tx\nVmRSS:\t    5120 kB\nRssAnon:\t    1024 kB\n");
        assert_eq!((memory.resident, memory.anonymous), (5120, 1024));
        assert!(Memory::of(std::process::id()).resident > 0);
    }
}
