use countersign_bus::proxy::Details;
use countersign_bus::{Spent, Verdict, keys};
use serde::Serialize;

use crate::account::take;
use crate::caller::Subject;
use crate::cli::Verify;
use crate::error::{ToolError, Turned};
use crate::output::{print_json, print_line};
use crate::refusal::{Action, Task};
use crate::run::Session;
use crate::verbs::proof::enrolled;
use crate::words::tell;

/// Asks whether a code would let its owner in. A right one is spent by that.
pub async fn run(args: &Verify, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let daemon = session.daemon().await?;
    enrolled(&daemon, &subject, Action::Verify).await?;
    let code = session
        .asker
        .code(&(tell!("tool-verify-question") + " "))
        .await?;
    let (word, mut details) = daemon.verify(&subject, &code).await?;
    let found = Found::read(&word, &mut details).map_err(|what| ToolError::Unexpected {
        task: Task::on(Action::Verify, &subject),
        what,
    })?;
    if args.json {
        print_json(&found)?;
    }
    match found.turned() {
        Some(turned) => Err(ToolError::Turned(turned)),
        None if args.json => Ok(()),
        None => print_line(&match found.recovery_codes_left {
            None => tell!("tool-verify-accepted"),
            Some(left) => tell!("tool-verify-recovery-code", "left" = left),
        }),
    }
}

#[derive(Serialize)]
struct Found<'a> {
    verdict: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes_left: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spent: Option<String>,
}

impl<'a> Found<'a> {
    fn read(verdict: &'a str, details: &mut Details) -> Result<Self, String> {
        Ok(Self {
            verdict,
            retry_after: take(details, keys::RETRY_AFTER)?,
            recovery_codes_left: take(details, keys::RECOVERY_CODES_LEFT)?,
            spent: take(details, keys::SPENT)?,
        })
    }

    /// Why the code is not good, or nothing when it is. A word that we do not know is a no.
    fn turned(&self) -> Option<Turned> {
        match self.verdict.parse() {
            Ok(Verdict::Accepted) => None,
            Ok(Verdict::Wrong) => Some(Turned::Wrong),
            Ok(Verdict::Used) => Some(Turned::Used(
                self.spent
                    .as_deref()
                    .and_then(|word| word.parse::<Spent>().ok()),
            )),
            Ok(Verdict::Throttled) => Some(Turned::Throttled(self.retry_after)),
            Ok(Verdict::Locked) => Some(Turned::Locked),
            Err(_) => Some(Turned::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accepted_is_a_yes() {
        let turned = |verdict| {
            Found {
                verdict,
                retry_after: Some(30),
                recovery_codes_left: None,
                spent: Some("recovery-code".into()),
            }
            .turned()
        };
        assert_eq!(turned("accepted"), None);
        for verdict in Verdict::ALL
            .iter()
            .filter(|verdict| **verdict != Verdict::Accepted)
        {
            assert!(turned(verdict.as_str()).is_some());
        }
        assert_eq!(
            turned("used"),
            Some(Turned::Used(Some(Spent::RecoveryCode)))
        );
        assert_eq!(turned("throttled"), Some(Turned::Throttled(Some(30))));
        for word in ["", "Accepted", "fine"] {
            assert_eq!(turned(word), Some(Turned::Unknown));
        }
    }
}
