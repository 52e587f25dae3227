//! The programs of the other side, in Python: they speak D-Bus by hand, as attackers do.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use countersign_tests::{Lab, Road};

const ROGUE: &str = concat!(include_str!("wire.py"), include_str!("rogue.py"));

/// A program that runs beside a login.
pub struct Rogue(Child);

impl Rogue {
    /// Takes the daemon's place, where root's programs look for it in this lab, and has the rights
    /// that whoever is there has: root's on the login socket, the daemon's user's on the bus.
    pub fn in_place(lab: &Lab, step: &str, misdeed: &str) -> Self {
        match lab.road() {
            Road::Direct => Self::run("root", ROGUE, &["socket", step, misdeed]),
            Road::Bus => Self::on_bus("countersign", step, misdeed),
        }
    }

    /// Owns the daemon's name on the bus.
    pub fn on_bus(user: &str, step: &str, misdeed: &str) -> Self {
        Self::run(user, ROGUE, &["bus", step, misdeed])
    }

    /// Is on the bus, owns nothing there, and speaks to every newcomer.
    pub fn beside(user: &str, misdeed: &str) -> Self {
        Self::run(user, ROGUE, &["beside", "never", misdeed])
    }

    /// Starts a Python program as a user, and waits until it says that it is ready.
    pub fn run(user: &str, program: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("setpriv")
            .args(["--reuid", user, "--regid", user, "--init-groups"])
            .args(["python3", "-c", program])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("setpriv of util-linux runs");
        let mut said = String::new();
        BufReader::new(child.stdout.take().expect("its output is a pipe"))
            .read_line(&mut said)
            .expect("what it says is text");
        assert_eq!(said, "ready\n", "the rogue {arguments:?} is not in place");
        Self(child)
    }

    /// Ends it.
    pub fn end(self) {
        drop(self);
    }
}

impl Drop for Rogue {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
