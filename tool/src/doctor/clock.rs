//! The clock, on which every time step hangs.

use super::finding::{Finding, Subject};
use super::host::Host;
use crate::account::Account;
use crate::printable::{Printable, quoted};
use crate::words::tell;

/// No clock of this software can be earlier: 2026-01-01, in seconds of Unix time.
const EARLIEST: u64 = 1_767_225_600;
/// A clock that keeps time by another is off by less. Codes are good for 30 s and more.
const OFF: f64 = 2.0;
/// From here on right codes are refused.
const FAR_OFF: f64 = 25.0;
/// More than any time zone, for hardware clocks that run in local time.
const HARDWARE_OFF: u64 = 15 * 3600;

/// Does the clock follow another one?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Synchronised {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nothing on this machine tells.
    Unknown,
}

/// What is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// This program's clock, in seconds of Unix time.
    pub now: u64,
    /// How many seconds the daemon's is apart from it.
    pub daemon_apart: Option<u64>,
    /// Does it follow another clock?
    pub synchronised: Synchronised,
    /// How far it is off by chrony's word, in seconds.
    pub offset: Option<f64>,
    /// The hardware's clock, in seconds of Unix time if it runs in UTC.
    pub hardware: Option<u64>,
    /// Whose code was last accepted at a time that is still to come.
    pub used_in_future: Vec<String>,
}

impl Facts {
    /// Asks whoever may know.
    pub fn gather<'e>(
        host: &Host<'_>,
        now: u64,
        daemon_apart: Option<u64>,
        accounts: impl Iterator<Item = &'e Account>,
    ) -> Self {
        let chrony = host.run("chronyc", &["-c", "tracking"]);
        let chrony = chrony.filter(|ran| ran.success).map(|ran| ran.out);
        let (mut synchronised, mut offset) = (Synchronised::Unknown, None);
        if let Some(tracking) = &chrony {
            (synchronised, offset) = tracked(tracking);
        }
        if synchronised == Synchronised::Unknown && host.has("/run/systemd/system") {
            let ran = host.run("timedatectl", &["show", "-p", "NTPSynchronized", "--value"]);
            synchronised = match ran.as_ref().map(|ran| ran.out.trim()) {
                Some("yes") => Synchronised::Yes,
                Some("no") => Synchronised::No,
                _ => Synchronised::Unknown,
            };
        }
        let hardware = host
            .is_live()
            .then(|| host.text("/sys/class/rtc/rtc0/since_epoch"));
        Self {
            now,
            daemon_apart,
            synchronised,
            offset,
            hardware: hardware.flatten().and_then(|text| text.trim().parse().ok()),
            used_in_future: accounts
                .filter(|account| account.last_used().is_some_and(|used| used > now + 60))
                .map(|account| account.user.clone())
                .collect(),
        }
    }
}

/// Reads `chronyc -c tracking`: the fifth field is the offset of the system's clock in seconds, the
/// last one the leap status.
fn tracked(line: &str) -> (Synchronised, Option<f64>) {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let synchronised = match fields.last() {
        Some(&"Not synchronised") => Synchronised::No,
        Some(_) if fields.len() > 5 => Synchronised::Yes,
        _ => Synchronised::Unknown,
    };
    (synchronised, fields.get(4).and_then(|it| it.parse().ok()))
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let subject = Subject::Clock;
    let set = "timedatectl set-ntp true";
    if facts.now < EARLIEST {
        let what = tell!("doctor-clock-implausible");
        found.push(Finding::error(subject, "clock-implausible", what).mend(set));
    }
    if let Some(seconds) = facts.daemon_apart
        && seconds > 5
    {
        let what = tell!("doctor-clock-daemon", "seconds" = seconds);
        found.push(
            Finding::error(subject, "clock-daemon", what).mend("systemctl restart countersignd"),
        );
    }
    match facts.offset.map(f64::abs) {
        Some(off) if off > OFF => {
            let what = tell!("doctor-clock-off", "seconds" = format!("{off:.1}"));
            let finding = if off > FAR_OFF {
                Finding::error(subject, "clock-off", what)
            } else {
                Finding::warning(subject, "clock-off", what)
            };
            found.push(finding.mend("chronyc makestep"));
        }
        _ => {}
    }
    match facts.synchronised {
        Synchronised::Yes => {}
        Synchronised::No => {
            let what = tell!("doctor-clock-unsynchronised");
            found.push(Finding::warning(subject, "clock-unsynchronised", what).mend(set));
        }
        Synchronised::Unknown => {
            let what = tell!("doctor-clock-unknown");
            found.push(Finding::note(subject, "clock-unknown", what).mend("date -u"));
        }
    }
    if facts
        .hardware
        .is_some_and(|hardware| hardware.abs_diff(facts.now) > HARDWARE_OFF)
    {
        let what = tell!("doctor-clock-hardware");
        found.push(Finding::warning(subject, "clock-hardware", what).mend("hwclock --systohc"));
    }
    for user in &facts.used_in_future {
        let shown = Printable(user).to_string();
        let what = tell!("doctor-clock-future", "user" = shown);
        let command = format!("countersign unlock {}", quoted(user));
        found.push(Finding::warning(subject, "clock-future", what).mend(command));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = EARLIEST + 1_000_000;

    fn well() -> Facts {
        Facts {
            now: NOW,
            daemon_apart: Some(1),
            synchronised: Synchronised::Yes,
            offset: Some(0.000_1),
            hardware: Some(NOW + 14 * 3600),
            used_in_future: Vec::new(),
        }
    }

    fn ids(facts: &Facts) -> Vec<&'static str> {
        check(facts).iter().map(|it| it.id).collect()
    }

    #[test]
    fn a_clock_that_follows_another_is_well_in_any_zone() {
        assert_eq!(ids(&well()), Vec::<&str>::new());
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_it_is_wrong() {
        let no = Synchronised::No;
        let cases = [
            (
                Facts {
                    synchronised: no,
                    ..well()
                },
                "clock-unsynchronised",
            ),
            (
                Facts {
                    offset: Some(-3.5),
                    ..well()
                },
                "clock-off",
            ),
            (
                Facts {
                    daemon_apart: Some(60),
                    ..well()
                },
                "clock-daemon",
            ),
            (
                Facts {
                    hardware: Some(0),
                    ..well()
                },
                "clock-hardware",
            ),
            (
                Facts {
                    used_in_future: vec!["alice".to_owned()],
                    ..well()
                },
                "clock-future",
            ),
        ];
        for (facts, id) in cases {
            assert_eq!(ids(&facts), [id]);
        }
        let in_1970 = Facts {
            now: 5,
            hardware: None,
            ..well()
        };
        assert_eq!(ids(&in_1970), ["clock-implausible"]);
    }

    #[test]
    fn what_chrony_prints_is_read() {
        let line = "C0000201,ntp.example,3,1767225600.1,-30.000123,0.1,0.2,1.0,0.1,0.1,0.1,0.1,64.0,Normal\n";
        assert_eq!(tracked(line), (Synchronised::Yes, Some(-30.000_123)));
        let line = "7F7F0101,,0,0.0,0.000000000,0,0,0,0,0,1,1,0.0,Not synchronised\n";
        assert_eq!(tracked(line).0, Synchronised::No);
        assert_eq!(
            tracked("506 Cannot talk to daemon\n").0,
            Synchronised::Unknown
        );
    }
}
