use crate::caller::Subject;
use crate::cli::Resync;
use crate::error::ToolError;
use crate::output::print_line;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::enrolled;
use crate::words::tell;

/// Learns from two codes in a row how far an authenticator's clock or counter is off.
pub async fn run(args: &Resync, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let daemon = session.daemon().await?;
    enrolled(&daemon, &subject, Action::Resync).await?;
    let code = session
        .asker
        .code(&(tell!("tool-resync-question") + " "))
        .await?;
    let next_code = session
        .asker
        .code(&(tell!("tool-resync-question-next") + " "))
        .await?;
    daemon.resync(&subject, &code, &next_code).await?;
    print_line(&tell!("tool-resync-done"))
}
