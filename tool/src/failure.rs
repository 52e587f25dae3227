//! Which of our errors a failed call is.

use countersign_bus::Fault;
use zbus::DBusError;

use crate::error::ToolError;
use crate::refusal::{Refusal, Task};

/// Sorts what the library says of a failed call.
pub fn failure(task: Task, error: &zbus::Error) -> ToolError {
    match error {
        zbus::Error::MethodError(name, text, _) => named(task, name.as_str(), text.as_deref()),
        zbus::Error::FDO(error) => named(task, error.name().as_str(), error.description()),
        zbus::Error::InputOutput(_) => ToolError::Lost(task),
        other => ToolError::Unexpected {
            task,
            what: other.to_string(),
        },
    }
}

/// Sorts what the library says when there is no connection to be had.
pub fn no_bus(address: &str, error: &zbus::Error) -> ToolError {
    let name = match error {
        zbus::Error::MethodError(name, ..) => name.to_string(),
        zbus::Error::FDO(error) => error.name().to_string(),
        _ => String::new(),
    };
    if name == "org.freedesktop.DBus.Error.LimitsExceeded" {
        return ToolError::BusFull;
    }
    ToolError::NoBus {
        address: address.to_owned(),
        cause: error.to_string(),
    }
}

/// Sorts a D-Bus error by its name: the daemon's own faults, and what the bus says in its place.
fn named(task: Task, name: &str, text: Option<&str>) -> ToolError {
    if let Some(fault) = Fault::from_name(name) {
        let text = text.unwrap_or_default().to_owned();
        return ToolError::Refused(Box::new(Refusal::new(task, fault, text)));
    }
    // What systemd says where the bus had it start the daemon: a masked unit, for one.
    if name.starts_with("org.freedesktop.systemd1.") {
        return ToolError::NotStarted {
            name: name.to_owned(),
        };
    }
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("ServiceUnknown" | "NameHasNoOwner") => ToolError::NoDaemon,
        Some("AccessDenied") => ToolError::BusDenied,
        Some("LimitsExceeded") => ToolError::BusFull,
        Some("NoReply" | "Disconnected") => ToolError::Lost(task),
        // The bus gives up on a daemon that does not come up.
        Some("TimedOut" | "Timeout") => ToolError::NotStarted {
            name: name.to_owned(),
        },
        Some(spawn) if spawn.starts_with("Spawn.") => ToolError::NotStarted {
            name: name.to_owned(),
        },
        _ => ToolError::Unexpected {
            task,
            what: name.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        named(Task::list(), name, Some("text for the log")).to_string()
    }

    #[test]
    fn every_fault_is_a_refusal() {
        for fault in Fault::ALL {
            assert!(said(fault.name()).starts_with("cannot list the enrolled users: "));
        }
    }

    #[test]
    fn what_the_bus_says_of_a_daemon_that_is_not_there_names_the_next_step() {
        for (name, next) in [
            ("ServiceUnknown", "Is it installed?"),
            ("NameHasNoOwner", "Is it installed?"),
            ("Spawn.ExecFailed", "`journalctl -u countersignd`"),
            ("Spawn.ServiceNotFound", "`journalctl -u countersignd`"),
            ("TimedOut", "`journalctl -u countersignd`"),
            ("NoReply", "went away in the middle"),
            ("AccessDenied", "bus policy"),
            ("LimitsExceeded", "Try again in a moment"),
            ("UnknownMethod", "same version of both"),
        ] {
            let said = said(&format!("org.freedesktop.DBus.Error.{name}"));
            assert!(said.contains(next), "{name}: {said}");
            assert!(!said.contains("text for the log"));
        }
    }

    #[test]
    fn a_unit_that_systemd_does_not_start_is_a_daemon_that_does_not_start() {
        for name in ["UnitMasked", "NoSuchUnit", "LoadFailed", "JobFailed"] {
            let name = format!("org.freedesktop.systemd1.{name}");
            assert_eq!(
                said(&name),
                format!(
                    "the Countersign daemon could not be started ({name}). `systemctl status \
                     countersignd` and `journalctl -u countersignd` say why, and as root \
                     `countersign store check` whether it is the key"
                )
            );
        }
    }

    #[test]
    fn a_full_bus_is_told_whether_it_refuses_a_call_or_a_connection() {
        let full =
            "the message bus has too many connections or calls of yours. Try again in a moment";
        assert_eq!(said("org.freedesktop.DBus.Error.LimitsExceeded"), full);
        let refused = |error: zbus::fdo::Error| no_bus("unix:path=/x", &error.into()).to_string();
        assert_eq!(refused(zbus::fdo::Error::LimitsExceeded("x".into())), full);
        assert!(
            refused(zbus::fdo::Error::Failed("x".into()))
                .starts_with("cannot reach the message bus at unix:path=/x: ")
        );
    }

    #[test]
    fn a_stranger_among_errors_cannot_write_to_the_terminal() {
        assert!(said("org.example.\u{1b}[2J").contains("org.example.\\u{1b}[2J"));
    }
}
