//! `pam enable` and `pam disable`.

use std::path::Path;

use super::sshd::{Config, Need, is_sshd, needs, take_back};
use super::{Care, check, needs_root, notes, unexposed};
use crate::cli::{PamDisable, PamEnable};
use crate::error::ToolError;
use crate::output::print;
use crate::pam::diff::{Paint, unified};
use crate::pam::disk::RealDisk;
use crate::pam::error::PamError;
use crate::pam::plan::{self, Changes, Plan};
use crate::pam::sshd;
use crate::pam::trial::Record;
use crate::pam::write::{Lock, apply, back_up};
use crate::printable::Printable;
use crate::run::Session;
use crate::screen::{Ink, Screen};
use crate::stack::files::{Files, Root};
use crate::words::tell;

/// `pam enable`
pub async fn enable(args: &PamEnable, session: &Session, root: &Root) -> Result<(), ToolError> {
    needs_root(root)?;
    let (config, care) = (Config::written(args.sshd_config), Care::forced(args.force));
    if args.dry_run {
        let mut plan = plan::enable(root, &args.services)?;
        unexposed(root, &plan)?;
        // Refused or not, what would change is worth seeing.
        let need = match Need::of(root, &plan, config, care) {
            Err(PamError::SshdAsks) => Need::Known,
            need => need?,
        };
        plan.changes.extend(need.changes());
        show(&plan, session, root)?;
        return match need {
            Need::Known => print(&needs()),
            _ => print(
                &need
                    .warning()
                    .map_or_else(String::new, |it| format!("\n{it}\n")),
            ),
        };
    }
    let _lock = Lock::take(root)?;
    no_trial(root)?;
    let plan = plan::enable(root, &args.services)?;
    unexposed(root, &plan)?;
    check(session, root, &plan.services, care).await?;
    let need = Need::of(root, &plan, config, care)?;
    need.confirm(session, care).await?;
    need.meet(root)?;
    if let Err(error) = make(&plan, root) {
        need.turn_back(root)?;
        return Err(error);
    }
    if matches!(need, Need::Known) {
        print(&needs())?;
    }
    if plan.changes.is_empty() {
        return Ok(());
    }
    print(&format!("\n{}\n", tell!("pam-next")))
}

/// `pam disable`
pub fn disable(args: &PamDisable, session: &Session, root: &Root) -> Result<(), ToolError> {
    needs_root(root)?;
    let think = || {
        if args.all {
            plan::disable_all(root)
        } else {
            plan::disable(root, &args.services)
        }
    };
    let is_door = |plan: &Plan| args.all || is_sshd(plan);
    if args.dry_run {
        let mut plan = think()?;
        if is_door(&plan) {
            let gone = sshd::ours(root).into_iter().map(|path| (path, None));
            plan.changes.extend(gone);
        }
        return show(&plan, session, root);
    }
    let _lock = Lock::take(root)?;
    no_trial(root)?;
    let plan = think()?;
    make(&plan, root)?;
    if is_door(&plan) {
        take_back(root)?;
    }
    Ok(())
}

fn no_trial(root: &Root) -> Result<(), PamError> {
    match Record::load(root)? {
        Some(_) => Err(PamError::OnTrial),
        None => Ok(()),
    }
}

/// Shows a plan as diffs.
fn show(plan: &Plan, session: &Session, root: &Root) -> Result<(), ToolError> {
    let paint = match session.screen {
        Screen::Terminal(terminal) if terminal.ink != Ink::None => Paint::Colours,
        _ => Paint::Plain,
    };
    let mut out = notes(plan);
    if plan.changes.is_empty() {
        out.push_str(&tell!("pam-nothing-changed"));
        out.push('\n');
        return print(&out);
    }
    out.push_str(&tell!("pam-would-change"));
    out.push('\n');
    for (path, after) in &plan.changes {
        let before = root.read(path);
        out.push('\n');
        out.push_str(&unified(path, before.as_deref(), after.as_deref(), paint));
    }
    print(&out)
}

/// Makes the changes of a plan and says so.
pub fn make(plan: &Plan, root: &Root) -> Result<(), ToolError> {
    let mut out = notes(plan);
    if plan.changes.is_empty() {
        out.push_str(&tell!("pam-nothing-changed"));
        out.push('\n');
        return print(&out);
    }
    let mut disk = RealDisk;
    let was_there = existing(root, &plan.changes);
    let copies = back_up(&mut disk, root, &plan.changes)?;
    apply(&mut disk, root, root, &plan.changes)?;
    let shown = |path: &Path| Printable(&path.to_string_lossy()).to_string();
    for (path, change) in &plan.changes {
        let file = shown(path);
        let line = match change {
            None => tell!("pam-file-removed", "file" = file),
            Some(_) if was_there.contains(&path.as_path()) => {
                tell!("pam-file-changed", "file" = file)
            }
            Some(_) => tell!("pam-file-made", "file" = file),
        };
        out.push_str(&line);
        out.push('\n');
    }
    for (_, copy) in copies {
        out.push_str(&tell!("pam-kept", "file" = shown(&copy)));
        out.push('\n');
    }
    print(&out)
}

fn existing<'a>(root: &Root, changes: &'a Changes) -> Vec<&'a Path> {
    changes
        .keys()
        .map(std::path::PathBuf::as_path)
        .filter(|path| root.read(path).is_some())
        .collect()
}
