use countersign_bus::keys;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::account::take;
use crate::caller::{Role, Subject};
use crate::cli::Unlock;
use crate::daemon::Besides;
use crate::duration::Seconds;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::recovery::grouped;
use crate::refusal::{Action, Task};
use crate::run::Session;
use crate::words::tell;

/// Lets a user in again who locked themselves out, or lost the phone.
pub async fn run(args: &Unlock, session: &Session) -> Result<(), ToolError> {
    let subject = Subject {
        user: args.user.clone(),
        role: Role::Administrator,
    };
    let user = &Printable(subject.user.as_str()).to_string();
    if args.disable {
        let question = tell!("tool-disable-sure", "user" = user);
        session.asker.confirm(&question).await?;
    }
    let daemon = session.daemon().await?;
    let besides = match (args.temporary_code, args.disable) {
        (true, _) => Besides::TemporaryCode {
            valid: args.valid.0,
            uses: args.uses,
        },
        (false, true) => Besides::Disable,
        (false, false) => Besides::Nothing,
    };
    let mut details = daemon.unlock(&subject, besides).await?;
    let unexpected = |what| ToolError::Unexpected {
        task: Task::on(Action::Unlock, &subject),
        what,
    };
    let locked = take(&mut details, keys::LOCKED)
        .map_err(unexpected)?
        .unwrap_or_default();
    let failed_attempts = take(&mut details, keys::FAILED_ATTEMPTS)
        .map_err(unexpected)?
        .unwrap_or_default();
    let issued: Option<String> = take(&mut details, keys::CODE).map_err(unexpected)?;
    let issued = issued.map(Zeroizing::new).map(|code| grouped(&code));
    if args.temporary_code && issued.is_none() {
        return Err(unexpected(format!("no {}", keys::CODE)));
    }
    if args.json {
        return print_json(&Unlocked {
            user: subject.user.as_str(),
            locked,
            failed_attempts,
            temporary_code: issued.as_deref().map(String::as_str),
            valid: issued.is_some().then_some(args.valid.0),
            uses: issued.is_some().then_some(args.uses),
            disabled: args.disable,
        });
    }
    let mut out = Zeroizing::new(cleared(user, locked, failed_attempts));
    if let Some(code) = issued {
        out.push_str(&temporary(user, &code, args.valid, args.uses));
    }
    if args.disable {
        out.push_str(&tell!("tool-unlock-disabled", "user" = user));
        out.push('\n');
    }
    print(&out)
}

/// What there was to clear, and what was done.
#[derive(Serialize)]
struct Unlocked<'a> {
    user: &'a str,
    locked: bool,
    failed_attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_code: Option<&'a str>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<u32>,
    disabled: bool,
}

fn cleared(user: &str, locked: bool, failed_attempts: u32) -> String {
    let count = failed_attempts;
    let told = match (locked, count) {
        (false, 0) => tell!("tool-unlock-nothing", "user" = user),
        (false, _) => tell!("tool-unlock-not-locked", "user" = user, "count" = count),
        (true, _) => tell!("tool-unlock-done", "user" = user, "count" = count),
    };
    told + "\n"
}

fn temporary(user: &str, code: &str, valid: Seconds, count: u32) -> Zeroizing<String> {
    let what = tell!(
        "tool-unlock-temporary-code",
        "user" = user,
        "count" = count,
        "valid" = valid.to_string()
    );
    let care = tell!("tool-unlock-right-person");
    let next = tell!("card-temporary-next", "user" = user);
    Zeroizing::new(format!("\n    {code}\n\n{what}\n{care}\n\n{next}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cleared_is_told() {
        assert_eq!(
            cleared("alice", true, 100),
            "alice is unlocked; 100 failed attempts cleared.\n"
        );
        assert_eq!(
            cleared("alice", false, 1),
            "alice was not locked; 1 failed attempt cleared.\n"
        );
        assert!(cleared("alice", false, 0).contains("nothing to clear"));
    }

    #[test]
    fn a_temporary_code_comes_with_its_limits() {
        let said = temporary("alice", "abcd-efgh", Seconds(3600), 2);
        assert!(said.contains("    abcd-efgh\n"));
        assert!(said.contains("in for 2 logins within 1 hour."));
    }
}
