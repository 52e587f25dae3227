use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::accounts::{self, LET_IN};
use crate::broker;
use crate::daemon::{self, Daemon};
use crate::enrollment::Secret;
use crate::install;
use crate::login::Login;
use crate::program::Program;
use crate::sshd;
use crate::stacks::{self, Stack};
use crate::stage::{Road, Stage};

const SYSLOG: &str = "/var/log/lab.log";
/// Begins the lines by which the end of the log is told.
const MARK: &str = "<191>lab: end of the log ";

/// A host of its own with everything running. Nothing of it is left when the test ends.
pub struct Lab {
    road: Road,
    daemon: Option<Daemon>,
}

impl Lab {
    pub(crate) fn start(stage: &Stage) -> Self {
        for (name, password) in &stage.users {
            accounts::create(name, password);
        }
        fs::write(
            "/etc/sudoers.d/lab",
            "ALL ALL=(ALL:ALL) ALL\nDefaults passwd_tries=1, !lecture\n",
        )
        .expect("everybody may use sudo");
        if stage.stack != Stack::Plain {
            install::install(stage.config.as_deref());
        }
        stacks::set(stage.stack, &stage.module_options);
        broker::start();
        let daemon = (stage.stack != Stack::Plain).then(|| Daemon::start(stage.road));
        sshd::start(stage.stack);
        Self {
            road: stage.road,
            daemon,
        }
    }

    /// Which road the module takes here.
    pub fn road(&self) -> Road {
        self.road
    }

    /// Enrolls a user with the defaults.
    pub fn enroll(&self, user: &str) -> Secret {
        Secret::enroll(user, &[])
    }

    /// Enrolls a user with options of `countersign enroll`.
    pub fn enroll_with(&self, user: &str, options: &[&str]) -> Secret {
        Secret::enroll(user, options)
    }

    /// Begins to enroll a user and goes away before a code is typed.
    pub fn begin_enrollment_and_leave(&self, user: &str) {
        let output = Program::as_user(user, "countersign")
            .args(["enroll", "--json"])
            .output();
        assert!(
            !output.status.success(),
            "enrolling {user} without a code should not succeed"
        );
    }

    /// One more person, as [`Stage::user`] makes them.
    pub fn add_user(&self, name: &str, password: &str) {
        accounts::create(name, password);
    }

    /// SSH from the lab's root to itself, without a key.
    pub fn ssh(&self, user: &str) -> Login {
        ssh(user, &["-o", "PubkeyAuthentication=no"], LET_IN)
    }

    /// SSH from another address of this machine, to run these commands there.
    pub fn ssh_from(&self, address: &str, user: &str, commands: &str) -> Login {
        let options = ["-o", "PubkeyAuthentication=no", "-b", address];
        ssh(user, &options, commands)
    }

    /// SSH with the user's own key.
    pub fn ssh_with_key(&self, user: &str) -> Login {
        let options = ["-o", "IdentitiesOnly=yes", "-i", &accounts::key(user)];
        ssh(user, &options, LET_IN)
    }

    /// `sudo` by that user, to become root.
    pub fn sudo(&self, user: &str) -> Login {
        as_user(user, &["sudo", "-k", "sh", "-c", LET_IN])
    }

    /// That user's shell on a terminal of its own, which runs these commands.
    pub fn shell(&self, user: &str, commands: &str) -> Login {
        as_user(user, &["sh", "-c", commands])
    }

    /// `su` by one user, to become another.
    pub fn su(&self, from: &str, to: &str) -> Login {
        self.su_with(from, to, &[])
    }

    /// `su` with variables of the caller's choice in its environment.
    pub fn su_with(&self, from: &str, to: &str, variables: &[(&str, &str)]) -> Login {
        let variables: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut command = vec!["env"];
        command.extend(variables.iter().map(String::as_str));
        command.extend(["su", to, "-c", LET_IN]);
        as_user(from, &command)
    }

    /// A login at the console.
    pub fn login(&self, user: &str) -> Login {
        Login::by(["login", user])
    }

    /// A command that a user types at a terminal, and that may ask on the way. Who comes through it is
    /// in.
    pub fn at_terminal(&self, user: &str, command: &str) -> Login {
        as_user(user, &["sh", "-c", &format!("{command} && {LET_IN}")])
    }

    /// A screen locker, which runs without privileges.
    pub fn screen_locker(&self, user: &str) -> Login {
        as_user(user, &["sh", "-c", &format!("vlock && {LET_IN}")])
            .pause(Duration::from_millis(100))
    }

    /// The installed module's file.
    pub fn module(&self) -> PathBuf {
        install::module()
    }

    /// What was sent to syslog so far.
    pub fn log(&self) -> String {
        syslog()
    }

    /// The daemon's processes, and its ends.
    pub fn daemon(&mut self) -> &mut Daemon {
        self.daemon
            .as_mut()
            .expect("a lab with the plain stack has no daemon")
    }

    /// What the daemon wrote to its own output (direct road only).
    pub fn daemon_output(&self) -> String {
        daemon::output()
    }
}

/// The text of the lab's syslog, with all that was sent to it before this was called. Lines take a
/// moment from their program to the file, so this sends one of its own behind them and waits for it.
pub fn syslog() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mark = format!("{MARK}{}.", CALLS.fetch_add(1, Ordering::Relaxed));
    let sent = UnixDatagram::unbound().and_then(|to| to.send_to(mark.as_bytes(), "/dev/log"));
    let begun = Instant::now();
    loop {
        let text = fs::read(SYSLOG).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let has_come = sent.is_err() || text.contains(&mark);
        if has_come || begun.elapsed() > Duration::from_secs(5) {
            let lines = text.split_inclusive('\n');
            return lines.filter(|line| !line.contains(MARK)).collect();
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn as_user(user: &str, command: &[&str]) -> Login {
    Login::by(["runuser", "-u", user, "--"].iter().chain(command).copied())
}

fn ssh(user: &str, options: &[&str], commands: &str) -> Login {
    let fixed = [
        "ssh",
        "-tt",
        "-F",
        "none",
        "-o",
        "NumberOfPasswordPrompts=1",
    ];
    let address = format!("{user}@127.0.0.1");
    Login::by(
        fixed
            .iter()
            .chain(options)
            .copied()
            .chain([address.as_str(), commands]),
    )
}
