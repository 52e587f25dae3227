//! `pam try`: a change that goes back by itself unless a login with it has worked.

use std::process::Stdio;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::change::make;
use super::sshd::{Config, Need, needs};
use super::{Care, check, needs_root, unexposed};
use crate::ask::Asker;
use crate::cli::PamTry;
use crate::daemon::Daemon;
use crate::error::{Stage, ToolError};
use crate::output::print;
use crate::pam::disk::RealDisk;
use crate::pam::error::PamError;
use crate::pam::plan;
use crate::pam::trial::{Guard, Outcome, Record, end, schedule, unschedule};
use crate::pam::way_back::{Back, over};
use crate::pam::write::Lock;
use crate::printable::Printable;
use crate::run::Session;
use crate::stack::files::Root;
use crate::system_program::system_program;
use crate::words::tell;

/// How often the daemon is asked for new logins.
const EVERY: Duration = Duration::from_millis(500);
/// The timer comes so much later than we do, so that it is needed only where we are not.
const GRACE: u32 = 2;

/// Begins a trial, keeps it or goes back.
pub async fn run(args: &PamTry, session: &Session, root: &Root) -> Result<(), ToolError> {
    needs_root(root)?;
    if args.confirm {
        confirm(session, root).await
    } else if args.rollback {
        roll_back(args, root).await
    } else {
        begin(args, session, root).await
    }
}

/// Keeps what is on trial, if a login has shown that it works.
async fn confirm(session: &Session, root: &Root) -> Result<(), ToolError> {
    let record = Record::load(root)?.ok_or(PamError::NoTrial)?;
    let logins = session.daemon().await?.last_logins().await?;
    if record.fresh(&logins).is_none() {
        return Err(PamError::NoLogin(record.services.join(", ")).into());
    }
    keep(root, record.id)?;
    print(&format!("{}\n", tell!("pam-try-kept")))
}

/// Forgets the way back of this trial.
fn keep(root: &Root, id: u32) -> Result<(), PamError> {
    let lock = Lock::wait(root)?;
    if Record::load(root)?.is_none_or(|record| record.id != id) {
        return Err(PamError::NoTrial);
    }
    Record::forget(&mut RealDisk, root)?;
    drop(lock);
    unschedule(root, id);
    Ok(())
}

/// Goes back: now, or as the process that waits for it.
async fn roll_back(args: &PamTry, root: &Root) -> Result<(), ToolError> {
    if let (Some(id), Some(seconds)) = (args.trial, args.after) {
        // From here on the terminal's end is not ours. It fails for the leader of a group alone,
        // and whoever starts us makes us none.
        let _ = nix::unistd::setsid();
        let guard = Guard::new(root, id, |outcome| {
            let _ = logged(outcome);
        });
        print("\n")?;
        let deadline = Instant::now() + Duration::from_secs(seconds.into());
        // Not longer than the trial lasts: whoever confirms it shall not leave a process behind.
        while Instant::now() < deadline && Record::load(root)?.is_some_and(|record| record.id == id)
        {
            sleep(EVERY).await;
        }
        return Ok(logged(guard.end())?);
    }
    if args.trial.is_some() {
        return Ok(logged(end(root, args.trial))?);
    }
    let begun = Record::load(root)?;
    let back = end(root, None)?;
    say(&back)?;
    over(&back)?;
    if let Some(record) = begun {
        unschedule(root, record.id);
    }
    Ok(())
}

/// Nobody looks at a timer, so the log hears of what kept it from going back.
fn logged(outcome: Outcome) -> Result<(), PamError> {
    let ended = outcome.and_then(|back| over(&back));
    let why = match &ended {
        // One that comes after all is settled.
        Ok(()) | Err(PamError::NoTrial) => return Ok(()),
        Err(PamError::StillOnTrial(paths)) => {
            let files = paths.iter().map(|path| format!("{:?}", path.display()));
            let files: Vec<String> = files.collect();
            format!(
                "without our line in {} anybody would be let in, or a jump would lead elsewhere; \
                 mend that and run \"countersign pam try --rollback\"",
                files.join(", ")
            )
        }
        Err(error) => error.to_string(),
    };
    let text = format!("a trial of PAM stacks was not confirmed and is not over: {why}");
    // What is not heard of here is told by `pam status` and `doctor`.
    let _ = system_program("logger")
        .args(["-p", "auth.err", "-t", "countersign", "--", &text])
        .stdin(Stdio::null())
        .status();
    ended
}

/// What went back when the tool was ended in the middle of a trial.
fn interrupted(session: &Session, outcome: Outcome) {
    let stage = match outcome {
        // Somebody else has settled it.
        Err(PamError::NoTrial) => return,
        Err(_) => Stage::OnTrial,
        Ok(back) => {
            // The terminal may be gone.
            let _ = say(&back);
            over(&back).map_or(Stage::OnTrial, |()| Stage::WentBack)
        }
    };
    session.progress.set(stage);
}

fn say(back: &[Back]) -> Result<(), ToolError> {
    let mut out = String::new();
    for back in back {
        let shown = |path: &std::path::Path| Printable(&path.to_string_lossy()).to_string();
        let line = match back {
            Back::Restored(path) => tell!("pam-back-restored", "file" = shown(path)),
            Back::TakenOut(path) => tell!("pam-back-taken-out", "file" = shown(path)),
            Back::Left(path) => tell!("pam-back-left", "file" = shown(path)),
            Back::Needed(path) => tell!("pam-back-needed", "file" = shown(path)),
        };
        out.push_str(&line);
        out.push('\n');
    }
    print(&out)
}

async fn begin(args: &PamTry, session: &Session, root: &Root) -> Result<(), ToolError> {
    let lock = Lock::take(root)?;
    if Record::load(root)?.is_some() {
        return Err(PamError::OnTrial.into());
    }
    let plan = plan::enable(root, &args.services)?;
    let care = Care::forced(args.force);
    let need = Need::of(root, &plan, Config::written(args.sshd_config), care)?;
    let mut changes = plan.changes.clone();
    changes.extend(need.changes());
    if changes.is_empty() {
        return make(&plan, root);
    }
    unexposed(root, &plan)?;
    check(session, root, &plan.services, care).await?;
    need.confirm(session, care).await?;
    let daemon = session.daemon().await?;
    let logins = daemon.last_logins().await?;
    let id = std::process::id();
    let record = Record::new(id, &plan.services, logins, root, &changes);
    record.store(&mut RealDisk, root)?;
    let mut guard = Guard::new(root, id, |outcome| interrupted(session, outcome));
    // From here on, whatever fails lets the lock go first and then the guard go back.
    let made = schedule(root, id, args.wait.0.saturating_add(GRACE))
        .map_err(ToolError::from)
        .and_then(|()| need.meet(root))
        .and_then(|()| make(&plan, root));
    drop(lock);
    made?;
    if matches!(need, Need::Known) {
        print(&needs())?;
    }
    let services = plan.services.join(", ");
    let time = args.wait.to_string();
    let now = tell!("pam-try-now", "services" = services, "time" = time);
    print(&format!("\n{now}\n{}\n", tell!("pam-try-how")))?;
    let deadline = Instant::now() + Duration::from_secs(args.wait.0.into());
    match timeout_at(deadline, settled(session, root, &daemon, &record)).await {
        Ok(Ok(Settled::Kept)) => {
            guard.settle();
            print(&format!("{}\n", tell!("pam-try-kept")))
        }
        Ok(Ok(Settled::Gone)) => {
            guard.settle();
            Err(PamError::RolledBack.into())
        }
        Ok(Err(error)) if !matches!(error, ToolError::Declined) => {
            undo(guard, root, id)?;
            Err(error)
        }
        Ok(Err(_)) | Err(_) => {
            undo(guard, root, id)?;
            Err(PamError::RolledBack.into())
        }
    }
}

fn undo(guard: Guard<'_>, root: &Root, id: u32) -> Result<(), ToolError> {
    let back = match guard.end() {
        Err(PamError::NoTrial) => Vec::new(),
        back => back?,
    };
    say(&back)?;
    // Where it is not over, the timer comes and has it logged.
    over(&back)?;
    unschedule(root, id);
    Ok(())
}

/// How a trial ended.
enum Settled {
    /// By a yes.
    Kept,
    /// By somebody who went back.
    Gone,
}

/// Waits until a login has worked and the person says yes, or until the trial is ended elsewhere.
async fn settled(
    session: &Session,
    root: &Root,
    daemon: &Daemon,
    record: &Record,
) -> Result<Settled, ToolError> {
    let service = tokio::select! {
        service = login(daemon, record) => service,
        settled = elsewhere(root, record) => return settled,
    };
    if session.asker == Asker::Script {
        return elsewhere(root, record).await;
    }
    let question = tell!("pam-try-keep", "service" = Printable(&service).to_string());
    tokio::select! {
        answer = session.asker.confirm(&question) => {
            answer?;
            keep(root, record.id)?;
            Ok(Settled::Kept)
        }
        settled = elsewhere(root, record) => settled,
    }
}

/// The service through which a code was accepted.
async fn login(daemon: &Daemon, record: &Record) -> String {
    loop {
        sleep(EVERY).await;
        // A daemon that does not answer lets nobody in either.
        if let Ok(logins) = daemon.last_logins().await
            && let Some(service) = record.fresh(&logins)
        {
            return service.to_owned();
        }
    }
}

async fn elsewhere(root: &Root, record: &Record) -> Result<Settled, ToolError> {
    loop {
        sleep(EVERY).await;
        if Record::load(root)?.is_none_or(|now| now.id != record.id) {
            return Ok(if record.stands(root) {
                Settled::Kept
            } else {
                Settled::Gone
            });
        }
    }
}
