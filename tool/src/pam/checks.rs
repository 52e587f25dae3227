//! What must be true before a stack asks for codes.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_bus::UserName;

use super::error::PamError;
use crate::caller::{Role, Subject};
use crate::daemon::Daemon;
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
            let requirement = daemon.requirement(&subject, service).await?;
            let lets_in = match requirement.as_str() {
                // "enroll" shows the QR code at the next login.
                "none" | "enroll" => true,
                "denied" => false,
                _ => has_token,
            };
            if !lets_in {
                return Err(PamError::LockedOut(subject.user.to_string()).into());
            }
        }
    }
    Ok(enrolled)
}

/// Who runs this: whoever became root by sudo, or root.
pub fn person(variable: impl Fn(&str) -> Option<String>) -> Option<UserName> {
    let name = variable("SUDO_USER").unwrap_or_else(|| "root".to_owned());
    UserName::parse(&name).ok()
}
