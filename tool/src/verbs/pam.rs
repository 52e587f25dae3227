//! `countersign pam`: the stacks of the services at which people log in.

mod attempt;
mod change;
mod sshd;
mod status;

use countersign_bus::UserName;
use nix::unistd::Uid;

use crate::cli::Pam;
use crate::error::ToolError;
use crate::output::print;
use crate::pam::checks::{self, Enrolled};
use crate::pam::error::PamError;
use crate::pam::plan::{Note, Plan};
use crate::printable::Printable;
use crate::run::Session;
use crate::stack::exposed::exposed;
use crate::stack::files::Root;
use crate::words::tell;

/// Does what the verb says.
pub async fn run(verb: &Pam, session: &Session) -> Result<(), ToolError> {
    let root = Root::new(&session.root);
    match verb {
        Pam::Status(args) => status::run(args, session, &root),
        Pam::Enable(args) => change::enable(args, session, &root).await,
        Pam::Disable(args) => change::disable(args, session, &root),
        Pam::Try(args) => attempt::run(args, session, &root).await,
    }
}

/// The stacks of this machine are root's; those of a copy are whose they are.
fn needs_root(root: &Root) -> Result<(), PamError> {
    if root.is_host() && !Uid::effective().is_root() {
        Err(PamError::NotRoot)
    } else {
        Ok(())
    }
}

/// A line in a stack that others than root may write to protects nothing.
fn unexposed(root: &Root, plan: &Plan) -> Result<(), PamError> {
    let exposed = exposed(root, &plan.services).into_iter().next();
    exposed.map_or(Ok(()), |path| Err(PamError::Exposed(path)))
}

/// Whether what could lock somebody out keeps us from going on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// It does.
    Taken,
    /// It was said to be known.
    Forced,
}

impl Care {
    const fn forced(force: bool) -> Self {
        if force { Self::Forced } else { Self::Taken }
    }
}

/// What must be true before a stack asks for codes. A copy of a machine has no daemon.
async fn check(
    session: &Session,
    root: &Root,
    services: &[String],
    care: Care,
) -> Result<(), ToolError> {
    if care == Care::Forced {
        return Ok(());
    }
    checks::module(root)?;
    if !root.is_host() {
        return Ok(());
    }
    let daemon = session.daemon().await?;
    let person: Option<UserName> = checks::person(|name| std::env::var(name).ok());
    if checks::daemon(&daemon, services, person).await? == Enrolled::Nobody {
        print(&format!("{}\n", tell!("pam-nobody-enrolled")))?;
    }
    Ok(())
}

/// What there is to say about a plan, a line each.
fn notes(plan: &Plan) -> String {
    let file = |path: &std::path::Path| Printable(&path.to_string_lossy()).to_string();
    let name = |service: &str| Printable(service).to_string();
    plan.notes
        .iter()
        .map(|note| match note {
            Note::Already(service) => tell!("pam-already", "service" = name(service)),
            Note::Partner(partner, service) => {
                tell!(
                    "pam-partner",
                    "partner" = name(partner),
                    "service" = name(service)
                )
            }
            Note::Also(service) => tell!("pam-also", "service" = name(service)),
            Note::Substack(path) => tell!("pam-substack", "file" = file(path)),
            Note::Copied(path) => tell!("pam-copied", "file" = file(path)),
            Note::Passed(service, skip) => tell!(
                "pam-passed",
                "service" = name(service),
                "module" = name(&skip.module),
                "file" = file(&skip.place.path),
                "line" = skip.place.line
            ),
            Note::Nothing(service) => tell!("pam-nothing", "service" = name(service)),
            Note::PasswordAgain(path) => tell!("pam-password-again", "file" = file(path)),
            Note::Linked(service, path) => {
                tell!("pam-linked", "service" = name(service), "file" = file(path))
            }
            Note::Still(service, path) => {
                tell!("pam-still", "service" = name(service), "file" = file(path))
            }
        })
        .map(|line| line + "\n")
        .collect()
}
