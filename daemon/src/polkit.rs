//! Asks polkit whether somebody who is not root may administer.
//!
//! polkit may put a dialog in front of that person, whose password and code then go through our own
//! module and come back here as a login. So nothing is locked while the answer is awaited. How many
//! dialogs one person keeps open is bounded with that person's calls, see [`crate::crowd`].

use std::collections::HashMap;
use std::time::Duration;

use countersign_bus::{ADMINISTER_ACTION, UserName};
use countersign_words::{Language, Words, say};
use zbus::{Connection, Variant};

use crate::authorize::{Action, Deed};
use crate::caller::{Caller, Line};

/// The longest that a dialog is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// `AllowUserInteraction` of `CheckAuthorizationFlags`.
const ALLOW_INTERACTION: u32 = 1;

/// The authority, as far as it is needed here.
#[zbus::proxy(
    interface = "org.freedesktop.PolicyKit1.Authority",
    default_service = "org.freedesktop.PolicyKit1",
    default_path = "/org/freedesktop/PolicyKit1/Authority"
)]
trait Authority {
    fn check_authorization(
        &self,
        subject: &(&str, HashMap<&str, Variant<'_>>),
        action_id: &str,
        details: &HashMap<&str, &str>,
        flags: u32,
        cancellation_id: &str,
    ) -> zbus::Result<(bool, bool, HashMap<String, String>)>;
}

/// May the caller administer? Whatever goes wrong on the way is a no, with its reason.
pub async fn may_administer(
    bus: &Connection,
    caller: &Caller,
    action: Action,
    user: Option<&UserName>,
) -> Result<(), String> {
    let Line::Bus(connection) = &caller.line else {
        return Err("there is no bus between".to_owned());
    };
    // The subject is the connection, not the process: a number can be another process by now.
    let subject = HashMap::from([("name", Variant::from(connection.as_str()))]);
    // The shipped action puts one of them into its text, by the language of whoever is asked.
    let acts: HashMap<String, String> = Language::ALL
        .iter()
        .map(|language| {
            let key = format!("act-{}", language.as_str());
            (key, in_words(&Words::of_dialog(*language), action, user))
        })
        .collect();
    let mut details: HashMap<&str, &str> = acts
        .iter()
        .map(|(key, act)| (key.as_str(), act.as_str()))
        .collect();
    if let Some(user) = user {
        details.insert("user", user.as_str());
    }
    let answer = async {
        AuthorityProxy::new(bus)
            .await?
            .check_authorization(
                &("system-bus-name", subject),
                ADMINISTER_ACTION,
                &details,
                ALLOW_INTERACTION,
                "",
            )
            .await
    };
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok((true, ..))) => Ok(()),
        Ok(Ok((false, ..))) => Err("polkit says no".to_owned()),
        Ok(Err(e)) => Err(format!("polkit cannot be asked: {e}")),
        Err(_) => Err(format!(
            "polkit did not answer within {} s",
            PATIENCE.as_secs()
        )),
    }
}

/// What is to be allowed, to complete "is needed to".
fn in_words(words: &Words, action: Action, user: Option<&UserName>) -> String {
    let user = user.map_or("", UserName::as_str);
    match action {
        Action::Status => say!(words, "dialog-status", "user" = user),
        Action::Enroll | Action::CompleteEnrollment => say!(words, "dialog-enroll", "user" = user),
        Action::Export => say!(words, "dialog-export", "user" = user),
        Action::RenewRecoveryCodes => say!(words, "dialog-renew", "user" = user),
        Action::Disable | Action::Administer(Deed::UnlockAndDisable) => {
            say!(words, "dialog-disable", "user" = user)
        }
        Action::Administer(Deed::Unlock) => say!(words, "dialog-unlock", "user" = user),
        Action::Administer(Deed::IssueTemporaryCode) => {
            say!(words, "dialog-issue", "user" = user)
        }
        Action::Administer(Deed::Import) => say!(words, "dialog-import", "user" = user),
        Action::Administer(Deed::List) => say!(words, "dialog-list"),
        // Nobody is asked about the first two, and a look at the daemon is no more than that.
        Action::Login | Action::Resync | Action::Administer(Deed::Health | Deed::StoreStatus) => {
            say!(words, "dialog-look")
        }
        Action::Administer(Deed::Reseal) => say!(words, "dialog-reseal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialog_names_what_is_done_to_whom() {
        let alice = UserName::parse("alice").unwrap();
        let said = |language, deed| {
            let words = Words::of_dialog(language);
            in_words(&words, Action::Administer(deed), Some(&alice))
        };
        assert_eq!(
            said(Language::English, Deed::Unlock),
            "unlock the account of alice"
        );
        assert_eq!(
            said(Language::French, Deed::UnlockAndDisable),
            "désactiver les codes du compte alice"
        );
    }
}
