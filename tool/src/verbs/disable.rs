use crate::caller::{Role, Subject};
use crate::cli::Disable;
use crate::error::ToolError;
use crate::output::print;
use crate::printable::Printable;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::proof;

/// Removes a token, or the whole enrollment.
pub async fn run(args: &Disable, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let user = Printable(subject.user.as_str());
    let daemon = session.daemon().await?;
    if subject.role == Role::Administrator {
        let question = match &args.name {
            Some(name) => format!("Remove the token {} of {user}?", Printable(name)),
            None => format!("Remove all tokens and recovery codes of {user}?"),
        };
        session.asker.confirm(&question).await?;
    }
    let question = "Current code or recovery code: ";
    let code = proof(session, &daemon, &subject, Action::Disable, question).await?;
    daemon
        .disable(&subject, code.as_ref(), args.name.as_deref())
        .await?;
    print(&match &args.name {
        Some(name) => format!(
            "The token {} of {user} is removed. Delete its entry in the app too.\n",
            Printable(name)
        ),
        None => format!(
            "The tokens and recovery codes of {user} are removed.\n\
             Delete the entries in the app and saved pictures too: they are of no use any more.\n"
        ),
    })
}
