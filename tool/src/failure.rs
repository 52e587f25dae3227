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

/// Sorts a D-Bus error by its name: the daemon's own faults, and what the bus says in its place.
fn named(task: Task, name: &str, text: Option<&str>) -> ToolError {
    if let Some(fault) = Fault::from_name(name) {
        let text = text.unwrap_or_default().to_owned();
        return ToolError::Refused(Box::new(Refusal { task, fault, text }));
    }
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("ServiceUnknown" | "NameHasNoOwner") => ToolError::NoDaemon,
        Some("AccessDenied") => ToolError::BusDenied,
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
            ("UnknownMethod", "same version of both"),
        ] {
            let said = said(&format!("org.freedesktop.DBus.Error.{name}"));
            assert!(said.contains(next), "{name}: {said}");
            assert!(!said.contains("text for the log"));
        }
    }

    #[test]
    fn a_stranger_among_errors_cannot_write_to_the_terminal() {
        assert!(said("org.example.\u{1b}[2J").contains("org.example.\\u{1b}[2J"));
    }
}
