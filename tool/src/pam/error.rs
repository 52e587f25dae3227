//! Why stacks were not changed.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::settings::Earlier;
use crate::printable::Printable;
use crate::stack::exposed::mend;
use crate::stack::module::OUR_LINE;
use crate::words::tell;

/// Why a service is left as it is, or why the whole of it came to nothing.
#[derive(Debug)]
pub enum PamError {
    /// Neither root nor a copy below `--root`.
    NotRoot,
    /// No stack has this name.
    NoService(String),
    /// It is a file that other files include, and something else writes it.
    Managed {
        /// Its name.
        name: String,
        /// What writes it.
        manager: &'static str,
    },
    /// There is no directory of stacks.
    NoDirectory,
    /// A link that leads out of the directory.
    Link(PathBuf),
    /// A link that leads out of the directory, and our line is at its end.
    LinkAsks(PathBuf),
    /// No place for our line has been found that does what it should.
    NotUnderstood(PathBuf),
    /// No line of it asks people who they are.
    NoFirstFactor(PathBuf),
    /// It stands for all services that have no stack.
    Other(PathBuf),
    /// Our module is named there, and what comes of it is not sound.
    Unsound {
        /// The service.
        service: String,
        /// What is wrong.
        why: String,
    },
    /// Without our line, anybody would be let in, or nobody, or a jump would lead elsewhere.
    Needed(PathBuf),
    /// Another service would ask twice.
    Twice(String),
    /// The module is not where libpam looks.
    NoModule,
    /// This person would be locked out.
    LockedOut(String),
    /// Another run is at it.
    Busy,
    /// A trial is under way.
    OnTrial,
    /// There is no trial.
    NoTrial,
    /// Nobody has logged in since the trial began.
    NoLogin(String),
    /// The roll-back could not be arranged for.
    NoRollback(String),
    /// Somebody changed the file meanwhile.
    Changed(PathBuf),
    /// The trial was ended, and everything is as before.
    RolledBack,
    /// The trial cannot be ended: without our line in these files anybody would be let in, or a
    /// jump would lead elsewhere.
    StillOnTrial(Vec<PathBuf>),
    /// Others than root may write to this file or directory.
    Exposed(PathBuf),
    /// Reading or writing failed.
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// sshd does not take the configuration.
    Sshd(String),
    /// sshd asks by itself, or lets keys in without a question.
    SshdAsks,
    /// sshd cannot say what its configuration comes to.
    SshdSilent(String),
    /// A drop-in of our name that is somebody else's.
    SshdTheirs(PathBuf),
    /// A line that sshd reads before our drop-in says otherwise.
    SshdEarlier(Earlier),
    /// sshd reads no drop-ins.
    SshdNoInclude,
}

impl PamError {
    /// For `map_err`.
    pub fn at(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

impl fmt::Display for PamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &PathBuf| Printable(&path.to_string_lossy()).to_string();
        let name = |name: &String| Printable(name).to_string();
        let line = OUR_LINE.trim_end();
        let text = match self {
            Self::NotRoot => tell!("pam-not-root"),
            Self::NoService(service) => tell!("pam-no-service", "service" = name(service)),
            Self::Managed {
                name: file,
                manager,
            } => {
                tell!("pam-managed", "file" = name(file), "manager" = *manager)
            }
            Self::NoDirectory => tell!("pam-no-directory", "line" = line),
            Self::Link(path) => tell!("pam-link", "file" = shown(path), "line" = line),
            Self::LinkAsks(path) => tell!("pam-link-asks", "file" = shown(path)),
            Self::NotUnderstood(path) => {
                tell!("pam-not-understood", "file" = shown(path), "line" = line)
            }
            Self::NoFirstFactor(path) => tell!("pam-no-first-factor", "file" = shown(path)),
            Self::Other(path) => tell!("pam-other", "file" = shown(path)),
            Self::Unsound { service, why } => {
                tell!(
                    "pam-unsound",
                    "service" = name(service),
                    "why" = why.as_str()
                )
            }
            Self::Needed(path) => tell!("pam-needed", "file" = shown(path)),
            Self::Twice(service) => tell!("pam-would-ask-twice", "service" = name(service)),
            Self::NoModule => tell!("pam-no-module"),
            Self::LockedOut(user) => tell!("pam-locked-out", "user" = name(user)),
            Self::Busy => tell!("pam-busy"),
            Self::OnTrial => tell!("pam-on-trial"),
            Self::NoTrial => tell!("pam-no-trial"),
            Self::NoLogin(services) => tell!("pam-no-login", "services" = name(services)),
            Self::NoRollback(why) => tell!("pam-no-rollback", "why" = name(why)),
            Self::Changed(path) => tell!("pam-changed", "file" = shown(path)),
            Self::RolledBack => tell!("pam-rolled-back"),
            Self::StillOnTrial(paths) => {
                let files: Vec<String> = paths.iter().map(shown).collect();
                tell!("pam-still-on-trial", "files" = files.join(", "))
            }
            Self::Exposed(path) => tell!(
                "pam-exposed",
                "file" = shown(path),
                "mend" = Printable(&mend(path)).to_string()
            ),
            Self::File { path, error } => {
                tell!(
                    "pam-file",
                    "file" = shown(path),
                    "error" = error.to_string()
                )
            }
            Self::Sshd(why) => tell!("pam-sshd-refuses", "why" = name(why)),
            Self::SshdAsks => tell!("pam-sshd-asks"),
            Self::SshdSilent(why) => tell!("pam-sshd-silent", "why" = name(why)),
            Self::SshdTheirs(path) => tell!("pam-sshd-theirs", "file" = shown(path)),
            Self::SshdEarlier(earlier) => tell!(
                "pam-sshd-earlier",
                "file" = shown(&earlier.path),
                "line" = earlier.line,
                "text" = name(&earlier.text)
            ),
            Self::SshdNoInclude => tell!("pam-sshd-no-include"),
        };
        f.write_str(&text)
    }
}

impl std::error::Error for PamError {}
