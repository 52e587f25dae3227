//! PAM module that asks for an authenticator code and asks countersignd whether it is right.
//!
//! It is a guest in other people's root processes (sshd, sudo, login): it reads no environment,
//! starts no thread, keeps nothing between two calls, and waits for nobody longer than its time
//! limit. It never sees a secret and decides nothing itself; see [`flow`] for the story and
//! [`outcome`] for every way in which it can end.

mod address;
mod bus_road;
mod completion;
mod daemon;
mod dbus;
mod deadline;
mod dialog;
mod dialog_texts;
mod direct_road;
mod failure;
mod ffi;
mod first_pass;
mod flow;
mod frame;
mod guard;
mod log;
mod options;
mod outcome;
mod pam_person;
mod person;
mod roads;
#[cfg(test)]
mod scripted_server;
mod session;
mod sudo;
mod wire;

use std::ffi::CStr;

use countersign_words::{Language, Words};
use pam::constants::{
    PAM_DELETE_CRED, PAM_REFRESH_CRED, PAM_REINITIALIZE_CRED, PAM_SILENT, PamFlag, PamResultCode,
};
use pam::module::{PamHandle, PamHooks};

use crate::completion::Credentials;
use crate::deadline::SystemClock;
use crate::flow::Voice;
use crate::log::Level;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::pam_person::PamPerson;
use crate::person::Person;
use crate::roads::Roads;

struct Countersign;

#[allow(
    missing_docs,
    reason = "the macro writes out the entry points of pam(3)"
)]
mod entry {
    use super::Countersign;
    pam::pam_hooks!(Countersign);
}

impl PamHooks for Countersign {
    fn sm_authenticate(handle: &mut PamHandle, args: Vec<&CStr>, flags: PamFlag) -> PamResultCode {
        guard::silence_panics();
        guard::catch(|| authenticate(handle, args, voice(flags))).unwrap_or_else(|_| {
            // Logging what broke may break as well.
            let _ = guard::catch(|| {
                let words = Words::of_login(Language::English);
                let row = Outcome::Panicked.row(options::Unavailable::Deny, &words);
                PamPerson::new(handle).log(row.level, &row.line);
            });
            // Not PAM_ABORT or PAM_IGNORE: there are stacks that skip a module which answers with
            // a code that they do not list.
            PamResultCode::PAM_SYSTEM_ERR
        })
    }

    /// The login has succeeded as a whole: what was set up in the middle of it counts from now on.
    /// Else there are no credentials to set. Not the default, `PAM_IGNORE`: a stack in which nobody
    /// says more than that makes `pam_setcred` fail after a successful login.
    fn sm_setcred(handle: &mut PamHandle, args: Vec<&CStr>, flags: PamFlag) -> PamResultCode {
        guard::silence_panics();
        guard::catch(|| {
            let (options, _) = Options::parse(args); // pam_authenticate has complained already
            let mut person = PamPerson::new(handle);
            let mut roads = Roads::new(&options, &SystemClock);
            completion::complete(credentials(flags), voice(flags), &mut person, &mut roads)
        })
        .unwrap_or(PamResultCode::PAM_SYSTEM_ERR)
    }
}

/// What `pam_setcred` is to do; to establish is what it does without being told (`pam_setcred(3)`).
fn credentials(flags: PamFlag) -> Credentials {
    if flags & PAM_DELETE_CRED != 0 {
        Credentials::Deleted
    } else if flags & (PAM_REINITIALIZE_CRED | PAM_REFRESH_CRED) != 0 {
        Credentials::Renewed
    } else {
        Credentials::Established
    }
}

fn voice(flags: PamFlag) -> Voice {
    if flags & PAM_SILENT == 0 {
        Voice::Aloud
    } else {
        Voice::Silent
    }
}

fn authenticate(handle: &mut PamHandle, args: Vec<&CStr>, voice: Voice) -> PamResultCode {
    let (options, complaints) = Options::parse(args);
    let mut person = PamPerson::new(handle);
    for complaint in complaints {
        person.log(Level::Warning, &complaint);
    }
    let mut roads = Roads::new(&options, &SystemClock);
    flow::authenticate(&options, voice, &mut person, &mut roads)
}
