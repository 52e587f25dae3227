use countersign_bus::{Code, Fault};

use crate::caller::{Role, Subject};
use crate::daemon::Daemon;
use crate::error::ToolError;
use crate::refusal::{Action, Refusal, Task};
use crate::run::Session;

/// The code by which an owner proves to be one. An administrator's right is the daemon's to check.
pub async fn proof(
    session: &Session,
    daemon: &Daemon,
    subject: &Subject,
    action: Action,
    question: &str,
) -> Result<Option<Code>, ToolError> {
    match subject.role {
        Role::Administrator => Ok(None),
        Role::Owner => {
            enrolled(daemon, subject, action).await?;
            session.asker.code(question).await.map(Some)
        }
    }
}

/// Refuses early where there is no token, so that nobody looks for a code in vain.
pub async fn enrolled(daemon: &Daemon, subject: &Subject, action: Action) -> Result<(), ToolError> {
    let task = Task::on(action, subject);
    match daemon.status(subject).await {
        Ok(account) if account.enrolled => return Ok(()),
        Ok(_) => {}
        // Who may not even look is told who may do what was wanted.
        Err(ToolError::Refused(mut refusal)) if refusal.fault == Fault::AccessDenied => {
            refusal.task = task;
            return Err(ToolError::Refused(refusal));
        }
        Err(error) => return Err(error),
    }
    let refusal = Refusal::new(task, Fault::NotEnrolled, String::new());
    Err(ToolError::Refused(Box::new(refusal)))
}
