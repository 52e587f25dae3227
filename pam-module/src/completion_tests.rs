use std::cell::RefCell;

use countersign_bus::{Code, UserName};

use super::*;
use crate::daemon::{Begun, Confirmed, Context, Prepared, Receipt, Verified};
use crate::failure::{Failure, Step};
use crate::options::Echo;
use crate::person::{Answer, ConversationFailed, NotForwarded, NotLeft};

struct Login {
    receipt: Option<&'static str>,
    told: Vec<String>,
    log: RefCell<Vec<String>>,
}

impl Person for Login {
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed> {
        Ok(b"root".to_vec()) // as in sudo
    }

    fn context(&self) -> Context {
        Context::default()
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
        receipt,
        told: Vec::new(),
        log: RefCell::default(),
    }
}

#[test]
fn without_an_enrollment_nobody_is_asked() {
    let (mut alice, mut daemon) = (login(None), Knows("right", 0));
    let code = complete(Voice::Aloud, &mut alice, &mut daemon);
    assert_eq!((code, daemon.1), (PamResultCode::PAM_SUCCESS, 0));
}

#[test]
fn a_login_that_succeeded_has_its_enrollment_count_once() {
    let (mut alice, mut daemon) = (login(Some("right")), Knows("right", 0));
    for _ in 0..2 {
        let code = complete(Voice::Aloud, &mut alice, &mut daemon);
        assert_eq!((code, daemon.1), (PamResultCode::PAM_SUCCESS, 1));
    }
    assert!(alice.told.is_empty() && alice.log.borrow().is_empty());
}

#[test]
fn an_enrollment_that_is_not_kept_refuses_and_says_so() {
    for (voice, told) in [(Voice::Aloud, 1), (Voice::Silent, 0)] {
        let mut alice = login(Some("wrong"));
        let code = complete(voice, &mut alice, &mut Knows("right", 0));
        assert_eq!(code, PamResultCode::PAM_CRED_ERR);
        assert_eq!(alice.told.len(), told);
        let log = alice.log.borrow().concat();
        assert!(log.contains("not kept; refused: alice: "), "{log}");
        assert!(!log.contains("wrong"), "{log}");
    }
}
