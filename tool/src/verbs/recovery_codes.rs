use serde::Serialize;

use crate::caller::Subject;
use crate::cli::RecoveryCodes;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::recovery::recovery_sheet;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::proof;
use crate::words::tell;

/// Replaces the recovery codes and shows the new ones.
pub async fn run(args: &RecoveryCodes, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let daemon = session.daemon().await?;
    let question = tell!("tool-question-code") + " ";
    let code = proof(session, &daemon, &subject, Action::Renew, &question).await?;
    let codes = daemon.renew(&subject, code.as_ref()).await?;
    let told = if args.json {
        let user = subject.user.as_str();
        print_json(&Renewed {
            user,
            recovery_codes: &codes,
        })
    } else {
        print(&recovery_sheet(&codes)).and_then(|()| print_line(&tell!("tool-recovery-void")))
    };
    told.map_err(|error| match error {
        ToolError::Output(error) => ToolError::CodesNotShown(error),
        other => other,
    })
}

#[derive(Serialize)]
struct Renewed<'a> {
    user: &'a str,
    recovery_codes: &'a [String],
}
