//! The commands that mend, as this host's service manager takes them.

use super::finding::Finding;
use super::host::Host;

/// What starts the host's services.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manager {
    /// systemd, or something that we know no commands of.
    Systemd,
    /// OpenRC.
    OpenRc,
}

impl Manager {
    /// Which one runs here.
    pub fn of(host: &Host<'_>) -> Self {
        if !host.has("/run/systemd/system") && host.has("/run/openrc/softlevel") {
            Self::OpenRc
        } else {
            Self::Systemd
        }
    }

    /// A finding whose line of shell this manager takes. They are written for systemd.
    pub fn word(self, mut finding: Finding) -> Finding {
        if self == Self::OpenRc {
            finding.mend = finding.mend.map(|line| openrc(&line));
        }
        finding
    }
}

/// A line of commands, each on its own condition.
fn openrc(line: &str) -> String {
    let steps = line.split(" && ").map(|step| {
        let commands: Vec<String> = step.split("; ").map(command).collect();
        commands.join("; ")
    });
    steps.collect::<Vec<_>>().join(" && ")
}

fn command(one: &str) -> String {
    let (words, comment) = one
        .split_once("  #")
        .map_or((one, None), |(words, comment)| (words, Some(comment)));
    let words: Vec<&str> = words.split_whitespace().collect();
    let said = match words.as_slice() {
        ["systemctl", verb, units @ ..] => service(verb, units),
        ["journalctl", "-u", unit, ..] => Some(format!(
            "grep -hs {unit} /var/log/auth.log /var/log/messages | tail -n 20"
        )),
        _ => None,
    };
    match (said, comment) {
        (None, _) => one.to_owned(),
        (Some(said), None) => said,
        (Some(said), Some(comment)) => format!("{said}  #{comment}"),
    }
}

/// The login socket has no service of its own here.
fn service(verb: &str, units: &[&str]) -> Option<String> {
    let verb = match verb {
        "start" | "restart" | "reload" => verb,
        "reload-or-restart" => "restart", // a service that is down takes no reload
        _ => return None,
    };
    let services = units.iter().filter(|unit| !unit.ends_with(".socket"));
    let commands = services.map(|unit| {
        let name = unit.strip_suffix(".service").unwrap_or(unit);
        format!("rc-service {name} {verb}")
    });
    Some(commands.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Subject;
    use super::*;

    #[test]
    fn what_mends_under_systemd_is_told_in_the_words_of_openrc() {
        for (systemd, here) in [
            ("systemctl start dbus", "rc-service dbus start"),
            (
                "systemctl restart countersign-login.socket countersignd.service",
                "rc-service countersignd restart",
            ),
            (
                "systemctl restart countersignd; journalctl -u countersignd -n 20",
                "rc-service countersignd restart; \
                 grep -hs countersignd /var/log/auth.log /var/log/messages | tail -n 20",
            ),
            (
                "editor +7 /etc/ssh/sshd_config && sshd -t && systemctl reload ssh  # UsePAM yes",
                "editor +7 /etc/ssh/sshd_config && sshd -t && rc-service ssh reload  # UsePAM yes",
            ),
            (
                "systemctl reload-or-restart countersignd",
                "rc-service countersignd restart",
            ),
            ("sshd -t", "sshd -t"),
            ("timedatectl set-ntp true", "timedatectl set-ntp true"),
        ] {
            let finding = || Finding::note(Subject::Daemon, "id", String::new()).mend(systemd);
            assert_eq!(Manager::OpenRc.word(finding()).mend.as_deref(), Some(here));
            assert_eq!(Manager::Systemd.word(finding()), finding());
        }
    }
}
