use crate::caller::Subject;
use crate::cli::Resync;
use crate::error::ToolError;
use crate::output::print;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::enrolled;

/// Learns from two codes in a row how far an authenticator's clock or counter is off.
pub async fn run(args: &Resync, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let daemon = session.daemon().await?;
    enrolled(&daemon, &subject, Action::Resync).await?;
    let code = session.asker.code("Code that the app shows: ").await?;
    let next_code = session.asker.code("The code after that one: ").await?;
    daemon.resync(&subject, &code, &next_code).await?;
    print(
        "Adjusted. Both codes are used now: a login takes the next one.\n\
         If it is a phone, let it set its clock automatically.\n",
    )
}
