use crate::caller::{Role, Subject};
use crate::cli::Disable;
use crate::error::ToolError;
use crate::output::print_line;
use crate::printable::Printable;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::proof;
use crate::words::tell;

/// Removes a token, or the whole enrollment.
pub async fn run(args: &Disable, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let user = &Printable(subject.user.as_str()).to_string();
    let token = args.name.as_deref().map(|it| Printable(it).to_string());
    let daemon = session.daemon().await?;
    if subject.role == Role::Administrator {
        let question = match &token {
            Some(token) => tell!("tool-disable-sure-token", "token" = token, "user" = user),
            None => tell!("tool-disable-sure", "user" = user),
        };
        session.asker.confirm(&question).await?;
    }
    let question = tell!("tool-question-code-or-recovery") + " ";
    let code = proof(session, &daemon, &subject, Action::Disable, &question).await?;
    daemon
        .disable(&subject, code.as_ref(), args.name.as_deref())
        .await?;
    print_line(&match &token {
        Some(token) => tell!("tool-disable-done-token", "token" = token, "user" = user),
        None => tell!("tool-disable-done", "user" = user),
    })
}
