use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

/// Longer than any login takes, throttled machine included.
const PATIENCE: Duration = Duration::from_secs(60);
const SIZE: Winsize = Winsize {
    ws_row: 24,
    ws_col: 80,
    ws_xpixel: 0,
    ws_ypixel: 0,
};

/// A program on a terminal of its own, 80 columns by 24 lines.
pub struct Terminal {
    screen: File,
    child: Child,
    heard: Vec<u8>,
    deadline: Instant,
}

/// What waiting for output came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// There is more.
    More,
    /// The program has ended and everything it wrote was read.
    End,
}

impl Terminal {
    /// Starts a program as the leader of a session whose controlling terminal is a new one.
    pub fn start(command: &[String]) -> Self {
        let pty = openpty(&SIZE, None).expect("a new terminal");
        let line = || Stdio::from(pty.slave.try_clone().expect("one more descriptor"));
        let child = Command::new("setsid")
            .args(["--ctty", "--wait"])
            .args(command)
            .stdin(line())
            .stdout(line())
            .stderr(line())
            .env("TERM", "xterm")
            .spawn()
            .expect("setsid of util-linux runs");
        Self {
            screen: File::from(pty.master),
            child,
            heard: Vec::new(),
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Waits until the program has written more.
    pub fn listen(&mut self) -> Heard {
        let mut buffer = [0; 4096];
        loop {
            assert!(
                Instant::now() < self.deadline,
                "nothing more for {} s; the terminal shows:\n{}",
                PATIENCE.as_secs(),
                self.text()
            );
            let mut line = [PollFd::new(self.screen.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut line, PollTimeout::from(100_u8)).is_ok_and(|count| count > 0);
            match if ready {
                self.screen.read(&mut buffer)
            } else {
                Ok(0)
            } {
                Ok(0) | Err(_) => {
                    // A hangup is not the end: login hangs its terminal up and opens it again.
                    if self
                        .child
                        .try_wait()
                        .expect("the state of a child")
                        .is_some()
                        && ready
                    {
                        return Heard::End;
                    }
                    if ready {
                        thread::sleep(Duration::from_millis(5));
                    }
                }
                Ok(count) => {
                    self.heard.extend(buffer.iter().take(count));
                    return Heard::More;
                }
            }
        }
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        // A program that is gone by now is noticed when listening.
        drop(self.screen.write_all(format!("{line}\n").as_bytes()));
    }

    /// How the program ended: its exit status, or -1 after a signal. Waits for it.
    pub fn status(&mut self) -> i32 {
        let ended = self.child.wait().expect("the state of a child");
        ended.code().unwrap_or(-1)
    }

    /// Types what is not to be seen, once the terminal does not echo. A program that asks first and
    /// switches off the echo then throws away what came between.
    pub fn type_unseen(&mut self, line: &str) {
        while self.echoes() {
            assert!(
                Instant::now() < self.deadline,
                "the terminal goes on to echo:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(5));
        }
        self.type_line(line);
    }

    fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.screen).expect("the modes of a terminal");
        modes.local_flags.contains(LocalFlags::ECHO)
    }

    /// Everything it wrote so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).replace("\r\n", "\n")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
