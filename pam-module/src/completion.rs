//! The end of a login in the middle of which somebody enrolled.
//!
//! What was confirmed in the dialog does not count yet: a stack may go on after a wrong password so as
//! not to tell which of its questions was answered wrongly, and then anybody could set up an
//! authenticator app for anybody. PAM says that all of it was right by asking for credentials.
//! sudo does not look at the answer; there it counts earlier, see [`crate::dialog::Counts`].

use countersign_words::{Words, say};
use pam::constants::PamResultCode;

use crate::daemon::Daemon;
use crate::flow::Voice;
use crate::log::Level;
use crate::person::{Left, Person, Tone};

/// What the program does with the credentials of a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Credentials {
    /// It sets them: the login has succeeded.
    Established,
    /// It renews those of a session that there is.
    Renewed,
    /// It takes them away: there is no login any more.
    Deleted,
}

/// Has the enrollment of this login count, if there was one.
pub fn complete(
    credentials: Credentials,
    voice: Voice,
    person: &mut impl Person,
    daemon: &mut impl Daemon,
) -> PamResultCode {
    let left = match credentials {
        Credentials::Established => person.take_receipt(),
        Credentials::Renewed => None,
        Credentials::Deleted => {
            drop(person.take_receipt());
            None
        }
    };
    let Some(left) = left else {
        return PamResultCode::PAM_SUCCESS;
    };
    let Left {
        user,
        language,
        receipt,
    } = left;
    let completed = match person.user() {
        Ok(now) if now == user.as_str().as_bytes() => daemon
            .complete_enrollment(&user, &receipt)
            .map_err(|failure| failure.to_string()),
        _ => Err("this is the login of another user".to_owned()),
    };
    let Err(why) = completed else {
        return PamResultCode::PAM_SUCCESS;
    };
    let line = format!("what was set up in this login was not kept; refused: {user}: {why}");
    person.log(Level::Error, &line);
    if voice == Voice::Aloud {
        let words = Words::of_login(language);
        person.tell(Tone::Refusal, &say!(words, "login-enroll-not-kept"));
    }
    PamResultCode::PAM_CRED_ERR
}

#[cfg(test)]
#[path = "completion_tests.rs"]
mod tests;
