//! The end of a login in the middle of which somebody enrolled.
//!
//! What was confirmed in the dialog does not count yet: a stack may go on after a wrong password so as
//! not to tell which of its questions was answered wrongly, and then anybody could set up an
//! authenticator app for anybody. PAM says that all of it was right by asking for credentials.

use countersign_words::{Language, Words, say};
use pam::constants::PamResultCode;

use crate::daemon::Daemon;
use crate::flow::Voice;
use crate::log::Level;
use crate::person::{Left, Person, Tone};

/// Has the enrollment of this login count, if there was one.
pub fn complete(voice: Voice, person: &mut impl Person, daemon: &mut impl Daemon) -> PamResultCode {
    let Some(Left { user, receipt }) = person.take_receipt() else {
        return PamResultCode::PAM_SUCCESS;
    };
    let completed = daemon.complete_enrollment(&user, &receipt);
    match completed {
        Ok(()) => PamResultCode::PAM_SUCCESS,
        Err(failure) => {
            let line =
                format!("what was set up in this login was not kept; refused: {user}: {failure}");
            person.log(Level::Error, &line);
            if voice == Voice::Aloud {
                // Nothing has asked the daemon yet which language it speaks here.
                let words = Words::of_login(Language::English);
                person.tell(Tone::Refusal, &say!(words, "login-enroll-not-kept"));
            }
            PamResultCode::PAM_CRED_ERR
        }
    }
}

#[cfg(test)]
#[path = "completion_tests.rs"]
mod tests;
