//! The terminal's own agent of polkit, for administrators who are not root and have no desktop that
//! would put polkit's question to them.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Where polkit installs it. Not looked for in PATH: it asks for passwords.
const PROGRAM: &str = "/usr/bin/pkttyagent";
/// How long it may take to tell polkit that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running agent. It ends with this, and the terminal is as it was before.
pub struct Agent {
    program: Child,
    terminal: Option<(File, Termios)>,
}

impl Agent {
    /// Starts it, where there is a person at a terminal who is not root. Without one, polkit asks
    /// whoever else it knows of, or says no; so that nothing is an error here.
    pub async fn start() -> Option<Self> {
        if Uid::effective().is_root() || !io::stdin().is_terminal() {
            return None;
        }
        let terminal = File::open("/dev/tty").ok();
        let terminal = terminal.and_then(|it| tcgetattr(&it).ok().map(|modes| (it, modes)));
        // Not --fallback: polkit passes over such agents where nothing keeps sessions. The question then
        // comes where the command was typed, also on a desktop.
        let mut program = Command::new(PROGRAM)
            .args(["--process", &std::process::id().to_string()])
            .args(["--notify-fd", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        // It closes this descriptor once polkit knows of it, or by ending.
        let known = program.stdout.take().map(|mut told| {
            tokio::task::spawn_blocking(move || {
                let _ = told.read_to_end(&mut Vec::new());
            })
        });
        if let Some(known) = known {
            let _ = tokio::time::timeout(PATIENCE, known).await;
        }
        Some(Self { program, terminal })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // What fails here has ended already.
        if let Ok(id) = i32::try_from(self.program.id()) {
            for signal in [Signal::SIGTERM, Signal::SIGCONT] {
                let _ = kill(Pid::from_raw(id), signal);
            }
        }
        let _ = self.program.wait();
        // Given up in the middle of a password, it would leave a terminal that does not echo.
        if let Some((terminal, before)) = &self.terminal {
            let _ = tcsetattr(terminal, OptionalActions::Now, before);
        }
    }
}
