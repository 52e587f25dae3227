//! The files that a package puts down beside module and tool, and the user that the daemon runs as.

use countersign_bus::DAEMON_USER;
use nix::unistd::User;

use super::finding::{Finding, Subject};
use super::host::Host;
use crate::words::tell;

const SERVICES: &str = "/usr/share/dbus-1/system-services/org.countersign1.service";
const POLICIES: [&str; 2] = [
    "/usr/share/dbus-1/system.d/org.countersign1.conf",
    "/etc/dbus-1/system.d/org.countersign1.conf",
];
const POLKIT: &str = "/usr/share/polkit-1/actions/org.countersign1.policy";

/// What is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Does the bus know how to start the daemon?
    pub service_file: Presence,
    /// Does the bus let the daemon have its name, and anybody call it?
    pub bus_policy: Presence,
    /// Does polkit know of administrators?
    pub polkit_action: Presence,
    /// The program that the bus would start, and whether it is there.
    pub program: Option<(String, Presence)>,
    /// The daemon's uid; `None` when there is no such user.
    pub daemon_uid: Option<u32>,
    /// How the package is put back.
    pub reinstall: String,
}

/// Is it there?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// Yes.
    Present,
    /// No.
    Absent,
}

impl Presence {
    fn of(is_there: bool) -> Self {
        if is_there {
            Self::Present
        } else {
            Self::Absent
        }
    }
}

impl Facts {
    /// Looks.
    pub fn gather(host: &Host<'_>) -> Self {
        let service = host.text(SERVICES);
        let program = service.as_deref().and_then(|text| {
            let exec = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
            exec.split_whitespace().next().map(str::to_owned)
        });
        Self {
            service_file: Presence::of(service.is_some()),
            bus_policy: Presence::of(POLICIES.iter().any(|path| host.has(path))),
            polkit_action: Presence::of(host.has(POLKIT)),
            program: program.map(|path| {
                let is_there = Presence::of(host.has(&path));
                (path, is_there)
            }),
            daemon_uid: daemon_uid(host),
            reinstall: host.reinstall(),
        }
    }
}

/// As the name services tell, or in a copy of files its own `passwd`.
fn daemon_uid(host: &Host<'_>) -> Option<u32> {
    if host.is_live() {
        let user = User::from_name(DAEMON_USER).ok().flatten()?;
        return Some(user.uid.as_raw());
    }
    let passwd = host.text("/etc/passwd")?;
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(DAEMON_USER))?;
    line.split(':').nth(2)?.parse().ok()
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut missing = |is_there, finding: fn() -> Finding, mend: &str| {
        if is_there == Presence::Absent {
            found.push(finding().mend(mend));
        }
    };
    missing(
        facts.bus_policy,
        || {
            let what = tell!("doctor-bus-policy");
            Finding::error(Subject::Bus, "bus-policy", what)
        },
        &facts.reinstall,
    );
    missing(
        facts.service_file,
        || {
            let what = tell!("doctor-bus-service");
            Finding::error(Subject::Bus, "bus-service", what)
        },
        &facts.reinstall,
    );
    missing(
        facts.polkit_action,
        || {
            let what = tell!("doctor-polkit-action");
            Finding::warning(Subject::Bus, "polkit-action", what)
        },
        &facts.reinstall,
    );
    if let Some((path, Presence::Absent)) = &facts.program {
        let what = tell!("doctor-daemon-program", "path" = path.as_str());
        found.push(
            Finding::error(Subject::Daemon, "daemon-program", what).mend(facts.reinstall.as_str()),
        );
    }
    if facts.daemon_uid.is_none() {
        let what = tell!("doctor-daemon-user", "user" = DAEMON_USER);
        found.push(
            Finding::error(Subject::Daemon, "daemon-user", what)
                .mend("systemd-sysusers countersign.conf"),
        );
    }
    found
}

/// What `SELinux` kept the daemon from today, where somebody writes that down.
pub fn denials(host: &Host<'_>) -> Vec<Finding> {
    if !host.sees_all || !host.has("/sys/fs/selinux/enforce") {
        return Vec::new();
    }
    let about = ["-m", "AVC", "-ts", "today", "-c", "countersignd"];
    let denied = host.run("ausearch", &about).filter(|ran| ran.success);
    denied
        .map(|_| {
            let what = tell!("doctor-daemon-denied");
            Finding::error(Subject::Daemon, "daemon-denied", what)
                .mend(format!("ausearch {} | audit2why", about.join(" ")))
        })
        .into_iter()
        .collect()
}
