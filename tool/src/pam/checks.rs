//! What must be true before a stack asks for codes.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_bus::{DIALOG_SERVICES, UserName};

use super::error::PamError;
use crate::caller::{Role, Subject};
use crate::daemon::{Daemon, Delay};
use crate::error::ToolError;
use crate::stack::files::Root;

/// Directories of modules, and those in which each architecture has one of its own.
const MODULES: [&str; 5] = [
    "/usr/lib/security",
    "/usr/lib64/security",
    "/lib/security",
    "/lib64/security",
    "/usr/local/lib/security",
];
const LIBRARIES: [&str; 2] = ["/usr/lib", "/lib"];
/// What libpam's own directory has.
const LIBPAMS_OWN: &str = "pam_permit.so";

/// Is our module beside libpam's own?
pub fn module(root: &Root) -> Result<(), PamError> {
    let of_architectures = LIBRARIES.iter().flat_map(|directory| {
        let entries = fs::read_dir(root.at(Path::new(directory)));
        let entries = entries.into_iter().flatten().flatten();
        entries.map(|entry| entry.path().join("security"))
    });
    let mut directories = MODULES
        .iter()
        .map(|directory| root.at(Path::new(directory)))
        .chain(of_architectures);
    let has_both = |directory: PathBuf| {
        directory.join(LIBPAMS_OWN).is_file() && directory.join("pam_countersign.so").is_file()
    };
    if directories.any(has_both) {
        Ok(())
    } else {
        Err(PamError::NoModule)
    }
}

/// What the daemon says about those who are to be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enrolled {
    /// Some are enrolled.
    Some,
    /// Nobody is.
    Nobody,
}

/// Does the daemon answer, and will it let in whoever runs this?
pub async fn daemon(
    daemon: &Daemon,
    services: &[String],
    person: Option<UserName>,
) -> Result<Enrolled, ToolError> {
    let enrolled = match daemon.list(None, 1).await?.as_slice() {
        [] => Enrolled::Nobody,
        _ => Enrolled::Some,
    };
    if let Some(user) = person {
        let subject = Subject {
            user,
            role: Role::Administrator,
        };
        let has_token = daemon.status(&subject).await?.enrolled;
        for service in services {
            let (requirement, delay) = daemon.requirement(&subject, service).await?;
            if !lets_in(&requirement, delay, service, has_token) {
                return Err(PamError::LockedOut(subject.user.to_string()).into());
            }
        }
    }
    Ok(enrolled)
}

/// Would a login with this requirement come to a good end?
fn lets_in(requirement: &str, delay: Delay, service: &str, has_token: bool) -> bool {
    match requirement {
        "none" => true,
        "denied" => false,
        // Where the QR code can be shown at the next login, or need not be.
        "enroll" => DIALOG_SERVICES.contains(&service) || delay == Delay::Granted,
        _ => has_token,
    }
}

/// Who runs this: whoever became root by sudo, or root.
pub fn person(variable: impl Fn(&str) -> Option<String>) -> Option<UserName> {
    let name = variable("SUDO_USER").unwrap_or_else(|| "root".to_owned());
    UserName::parse(&name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_enroll_is_a_way_in_only_where_it_can_be_done_or_put_off() {
        let enroll = |service, delay| lets_in("enroll", delay, service, false);
        for service in ["sshd", "login", "sudo", "sudo-i", "su", "su-l"] {
            assert!(enroll(service, Delay::Refused), "{service}");
        }
        for service in ["chsh", "polkit-1", "cockpit", "gdm-password", "vlock"] {
            assert!(!enroll(service, Delay::Refused), "{service}");
            assert!(enroll(service, Delay::Granted), "{service}");
        }
        assert!(lets_in("none", Delay::Refused, "chsh", false));
        assert!(!lets_in("denied", Delay::Refused, "su", true));
        assert!(lets_in("code", Delay::Refused, "chsh", true));
        assert!(!lets_in("code", Delay::Refused, "chsh", false));
    }
}
