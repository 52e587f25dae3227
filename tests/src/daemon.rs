use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use countersign_bus::BUS_NAME;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::broker;
use crate::install::{ACTIVATION, programs};
use crate::stage::Road;

const LOG: &str = "/var/log/countersignd.log";
const PATIENCE: Duration = Duration::from_secs(20);

/// The daemon, and on the direct road what holds its socket.
pub struct Daemon {
    /// Stands for systemd's socket unit: binds the socket as root and starts the daemon on it.
    listener: Option<Child>,
}

impl Daemon {
    /// On the direct road the socket is there and the daemon runs; on the bus, the first call
    /// starts it.
    pub fn start(road: Road) -> Self {
        match road {
            Road::Bus => Self { listener: None },
            Road::Direct => {
                // With systemd, bus and socket start one unit; here the bus must not start a
                // second daemon.
                edit_activation("/bin/false");
                let log = File::create(LOG).expect("the daemon's output");
                let listener = Command::new(programs().join("login-socket"))
                    .stdin(Stdio::null())
                    .stdout(log.try_clone().expect("one more descriptor"))
                    .stderr(log)
                    .spawn()
                    .expect("login-socket is built with the tests");
                let daemon = Self {
                    listener: Some(listener),
                };
                wait_until("the daemon is on the bus", || broker::has_owner(BUS_NAME));
                daemon
            }
        }
    }

    /// Ends it in an orderly way. The next login starts it again.
    pub fn stop(&self) {
        signal(Signal::SIGTERM);
        wait_until("the daemon has stopped", || pids().is_empty());
    }

    /// Ends it at once. The next login starts it again.
    pub fn kill(&self) {
        signal(Signal::SIGKILL);
        wait_until("the daemon is gone", || pids().is_empty());
    }

    /// Has it read its configuration anew, as `systemctl reload` does. It must run.
    pub fn reload(&self) {
        signal(Signal::SIGHUP);
    }

    /// Lets it hang: it keeps its name and its socket and answers nothing.
    pub fn freeze(&self) {
        signal(Signal::SIGSTOP);
    }

    /// Ends [`Self::freeze`].
    pub fn thaw(&self) {
        signal(Signal::SIGCONT);
    }

    /// Ends it for good: nothing starts it again.
    pub fn remove(&mut self) {
        edit_activation("/bin/false");
        if let Some(mut listener) = self.listener.take() {
            listener.kill().expect("an end to the listener");
            listener.wait().expect("the listener's end");
        }
        if !pids().is_empty() {
            self.kill();
        }
    }
}

/// Has the bus start this program when somebody calls the daemon.
fn edit_activation(exec: &str) {
    let shipped = fs::read_to_string(ACTIVATION).expect("the shipped activation file");
    let edited: Vec<String> = shipped
        .lines()
        .map(|line| {
            if line.starts_with("Exec=") {
                format!("Exec={exec}")
            } else {
                line.to_owned()
            }
        })
        .collect();
    fs::write(ACTIVATION, edited.join("\n") + "\n").expect("the activation file is written");
    broker::reload();
}

fn signal(signal: Signal) {
    let pids = pids();
    assert!(
        !pids.is_empty(),
        "the daemon does not run; its output:\n{}",
        output()
    );
    for pid in pids {
        kill(pid, signal).expect("root may signal the daemon");
    }
}

/// The daemon's processes. The lab has its own process namespace, so there are no others.
pub fn pids() -> Vec<Pid> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    entries
        .flatten()
        .filter(|entry| {
            let comm = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            // One that has ended and waits to be collected has a name but no program any more.
            comm.trim_end() == "countersignd" && fs::read_link(entry.path().join("exe")).is_ok()
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid::from_raw))
        .collect()
}

/// What the daemon wrote to its standard output and error, where the lab holds them.
pub fn output() -> String {
    fs::read_to_string(LOG).unwrap_or_default()
}

/// Waits for something that takes a moment and says what it was when it does not come.
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < PATIENCE,
            "waited {} s until {what}; the daemon's output:\n{}\nthe log:\n{}",
            PATIENCE.as_secs(),
            output(),
            crate::lab::syslog()
        );
        thread::sleep(Duration::from_millis(10));
    }
}
