use serde::Serialize;

use crate::caller::Subject;
use crate::cli::RecoveryCodes;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::recovery::recovery_sheet;
use crate::refusal::Action;
use crate::run::Session;
use crate::verbs::proof::proof;

/// Replaces the recovery codes and shows the new ones.
pub async fn run(args: &RecoveryCodes, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let daemon = session.daemon().await?;
    let code = proof(session, &daemon, &subject, Action::Renew, "Current code: ").await?;
    let codes = daemon.renew(&subject, code.as_ref()).await?;
    let told = if args.json {
        let user = subject.user.as_str();
        print_json(&Renewed {
            user,
            recovery_codes: &codes,
        })
    } else {
        print(&recovery_sheet(&codes)).and_then(|()| print("The old ones are void.\n"))
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
