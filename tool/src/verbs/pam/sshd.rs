//! What `pam enable`, `try` and `disable` do about sshd besides its stack.

use std::path::{Path, PathBuf};

use super::Care;
use crate::error::ToolError;
use crate::output::print;
use crate::pam::error::PamError;
use crate::pam::plan::{Changes, Plan};
use crate::pam::sshd::{self, Asks, Reloaded};
use crate::printable::Printable;
use crate::run::Session;
use crate::stack::files::Root;
use crate::words::tell;

/// Whether sshd's own configuration may be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Config {
    /// It was asked for.
    Written,
    /// It stays.
    Left,
}

impl Config {
    pub const fn written(written: bool) -> Self {
        if written { Self::Written } else { Self::Left }
    }
}

/// What there is to do about sshd before its stack changes.
pub enum Need {
    /// Nothing.
    Nothing,
    /// Nothing, although it was asked for.
    Already,
    /// Our drop-in goes here.
    DropIn(PathBuf),
    /// It asks by itself, and that was said to be known.
    Known,
}

pub fn is_sshd(plan: &Plan) -> bool {
    plan.services.iter().any(|service| service == "sshd")
}

fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}

impl Need {
    /// Refuses where a stack with our line would turn away each password.
    pub fn of(root: &Root, plan: &Plan, config: Config, care: Care) -> Result<Self, PamError> {
        if !is_sshd(plan) {
            return Ok(Self::Nothing);
        }
        match (sshd::asks(root), config) {
            (Ok(Asks::Pam), Config::Written) => Ok(Self::Already),
            (Ok(_), Config::Written) => Ok(Self::DropIn(sshd::place_for(root)?)),
            (Ok(Asks::Pam | Asks::Unknown), Config::Left) => Ok(Self::Nothing),
            (Ok(Asks::Itself) | Err(_), Config::Left) if care == Care::Forced => Ok(Self::Known),
            (Ok(Asks::Itself), Config::Left) => Err(PamError::SshdAsks),
            (Err(error), _) => Err(error),
        }
    }

    /// The drop-in as a change.
    pub fn changes(&self) -> Changes {
        match self {
            Self::DropIn(path) => [(path.clone(), Some(sshd::TEXT.into()))].into(),
            _ => Changes::new(),
        }
    }

    /// What will be different for people, before it is.
    pub fn warning(&self) -> Option<String> {
        match self {
            Self::DropIn(path) => Some(tell!("pam-sshd-then", "file" = shown(path))),
            _ => None,
        }
    }

    /// Tells a person what will be different, and asks whether to go on.
    pub async fn confirm(&self, session: &Session, care: Care) -> Result<(), ToolError> {
        let Some(warning) = self.warning() else {
            return Ok(());
        };
        print(&format!("{warning}\n"))?;
        if care == Care::Forced {
            return Ok(());
        }
        session.asker.confirm(&tell!("pam-sshd-go-on")).await
    }

    /// Does it.
    pub fn meet(&self, root: &Root) -> Result<(), ToolError> {
        match self {
            Self::Nothing | Self::Known => Ok(()),
            Self::Already => print(&format!(
                "{}\n{}",
                tell!("pam-sshd-already"),
                told(sshd::reload())
            )),
            Self::DropIn(path) => {
                let reloaded = sshd::install(root, path)?;
                let line = tell!("pam-sshd-written", "file" = shown(path));
                print(&format!("{line}\n{}", told(reloaded)))
            }
        }
    }

    /// Turns it back, after the stack could not be changed.
    pub fn turn_back(&self, root: &Root) -> Result<(), ToolError> {
        match self {
            Self::DropIn(path) => take_away(root, path),
            _ => Ok(()),
        }
    }
}

/// What sshd needs, for whoever goes on without.
pub fn needs() -> String {
    let lines = sshd::TEXT.lines().filter(|line| !line.starts_with('#'));
    let text: String = lines.flat_map(|line| ["    ", line, "\n"]).collect();
    format!("\n{}\n\n{text}", tell!("pam-sshd-needs"))
}

/// Takes away the drop-ins that we wrote, and names those that others have a hand in.
pub fn take_back(root: &Root) -> Result<(), ToolError> {
    for path in sshd::ours(root) {
        take_away(root, &path)?;
    }
    for path in sshd::others(root) {
        let file = shown(&path);
        print(&format!("{}\n", tell!("pam-sshd-other", "file" = file)))?;
    }
    Ok(())
}

fn take_away(root: &Root, path: &Path) -> Result<(), ToolError> {
    let file = shown(path);
    match sshd::remove(root, path)? {
        Ok(reloaded) => {
            let line = tell!("pam-sshd-removed", "file" = file);
            print(&format!("{line}\n{}", told(reloaded)))
        }
        Err(why) => {
            let why = Printable(&why).to_string();
            let line = tell!("pam-sshd-kept", "file" = file, "why" = why);
            print(&format!("{line}\n"))
        }
    }
}

fn told(reloaded: Reloaded) -> String {
    let line = match reloaded {
        Reloaded::Yes => tell!("pam-sshd-reloaded"),
        Reloaded::No => tell!("pam-sshd-reload"),
    };
    line + "\n"
}
