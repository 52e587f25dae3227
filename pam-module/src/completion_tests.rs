use std::cell::RefCell;

use countersign_bus::{Code, UserName};
use countersign_words::Language;

use super::*;
use crate::daemon::{Begun, Confirmed, Context, Prepared, Receipt, Verified};
use crate::failure::{Failure, Step};
use crate::options::Echo;
use crate::person::{Answer, ConversationFailed, NotForwarded, NotLeft};
use crate::sudo::Questions;

struct Login {
    user: &'static str,
    language: Language,
    receipt: Option<&'static str>,
    told: Vec<String>,
    log: RefCell<Vec<String>>,
}

impl Person for Login {
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed> {
        Ok(self.user.into())
    }

    fn context(&self) -> Context {
        Context::default()
    }

    fn requester(&self) -> Option<Vec<u8>> {
        panic!("it was looked at before")
    }

    fn questions_of_sudo(&self) -> Questions {
        panic!("it was looked at before")
    }

    fn ask(&mut self, _: &str, _: Echo) -> Result<Answer, ConversationFailed> {
        panic!("it is too late for questions")
    }

    fn tell(&mut self, _: Tone, sentence: &str) {
        self.told.push(sentence.to_owned());
    }

    fn password(&self) -> Option<Answer> {
        None
    }

    fn forward(&mut self, _: &Answer) -> Result<(), NotForwarded> {
        Err(NotForwarded)
    }

    fn leave_receipt(&mut self, _: &Left) -> Result<(), NotLeft> {
        Err(NotLeft)
    }

    fn take_receipt(&mut self) -> Option<Left> {
        Some(Left {
            user: UserName::parse("alice").unwrap(),
            language: self.language,
            receipt: self.receipt.take()?.to_owned().into(),
        })
    }

    fn log(&self, _: Level, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}

/// Knows one receipt.
struct Knows(&'static str, u32);

impl Daemon for Knows {
    fn prepare(&mut self, _: &UserName, _: &Context) -> Result<Prepared, Failure> {
        panic!("it was asked before")
    }

    fn verify(&mut self, _: &UserName, _: &Code, _: &Context) -> Result<Verified, Failure> {
        panic!("it was asked before")
    }

    fn begin_enrollment(&mut self, _: &UserName, _: &Context) -> Result<Begun, Failure> {
        panic!("it was asked before")
    }

    fn confirm_enrollment(&mut self, _: &UserName, _: &Code) -> Result<Confirmed, Failure> {
        panic!("it was asked before")
    }

    fn complete_enrollment(&mut self, user: &UserName, receipt: &Receipt) -> Result<(), Failure> {
        assert_eq!(user.as_str(), "alice");
        self.1 += 1;
        let step = Step::Complete;
        if **receipt == *self.0 {
            Ok(())
        } else {
            Err(Failure::Closed { step })
        }
    }

    fn detour(&mut self) -> Option<Failure> {
        None
    }
}

fn login(receipt: Option<&'static str>) -> Login {
    Login {
        user: "alice",
        language: Language::English,
        receipt,
        told: Vec::new(),
        log: RefCell::default(),
    }
}

#[test]
fn without_an_enrollment_nobody_is_asked() {
    let (mut alice, mut daemon) = (login(None), Knows("right", 0));
    let code = complete(
        Credentials::Established,
        Voice::Aloud,
        &mut alice,
        &mut daemon,
    );
    assert_eq!((code, daemon.1), (PamResultCode::PAM_SUCCESS, 0));
}

#[test]
fn a_login_that_succeeded_has_its_enrollment_count_once() {
    let (mut alice, mut daemon) = (login(Some("right")), Knows("right", 0));
    for _ in 0..2 {
        let code = complete(
            Credentials::Established,
            Voice::Aloud,
            &mut alice,
            &mut daemon,
        );
        assert_eq!((code, daemon.1), (PamResultCode::PAM_SUCCESS, 1));
    }
    assert!(alice.told.is_empty() && alice.log.borrow().is_empty());
}

#[test]
fn an_enrollment_that_is_not_kept_refuses_and_says_so() {
    for (voice, told) in [(Voice::Aloud, 1), (Voice::Silent, 0)] {
        let mut alice = login(Some("wrong"));
        let code = complete(
            Credentials::Established,
            voice,
            &mut alice,
            &mut Knows("right", 0),
        );
        assert_eq!(code, PamResultCode::PAM_CRED_ERR);
        assert_eq!(alice.told.len(), told);
        let log = alice.log.borrow().concat();
        assert!(log.contains("not kept; refused: alice: "), "{log}");
        assert!(!log.contains("wrong"), "{log}");
    }
}

#[test]
fn the_login_of_another_user_completes_nothing_and_is_refused() {
    let (mut bob, mut daemon) = (login(Some("right")), Knows("right", 0));
    bob.user = "bob";
    let code = complete(
        Credentials::Established,
        Voice::Aloud,
        &mut bob,
        &mut daemon,
    );
    assert_eq!((code, daemon.1), (PamResultCode::PAM_CRED_ERR, 0));
    let log = bob.log.borrow().concat();
    assert!(
        log.contains("alice: this is the login of another user"),
        "{log}"
    );
    assert!(bob.receipt.is_none());
}

#[test]
fn credentials_that_are_renewed_or_deleted_complete_nothing() {
    for (credentials, stays) in [(Credentials::Renewed, true), (Credentials::Deleted, false)] {
        let (mut alice, mut daemon) = (login(Some("right")), Knows("right", 0));
        let code = complete(credentials, Voice::Aloud, &mut alice, &mut daemon);
        assert_eq!((code, daemon.1), (PamResultCode::PAM_SUCCESS, 0));
        assert_eq!(alice.receipt.is_some(), stays, "{credentials:?}");
    }
}

#[test]
fn the_sentence_is_in_the_language_of_the_dialog() {
    let mut alice = login(Some("wrong"));
    alice.language = Language::French;
    complete(
        Credentials::Established,
        Voice::Aloud,
        &mut alice,
        &mut Knows("right", 0),
    );
    assert!(
        alice.told.concat().contains("finalement"),
        "{:?}",
        alice.told
    );
}
