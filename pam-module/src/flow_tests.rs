//! Logins with a scripted person and a scripted daemon.

use std::cell::RefCell;
use std::collections::VecDeque;

use countersign_bus::Spent;

use super::*;
use crate::daemon::{Begun, Confirmed, Receipt, Verified};
use crate::failure::{Failure, Step};
use crate::options::{Echo, Unavailable};
use crate::person::{ConversationFailed, Left, NotForwarded, NotLeft, Tone};
use crate::sudo::Questions;
use PamResultCode as Pam;

#[derive(Default)]
struct FakePerson {
    user: Vec<u8>,
    becomes: Option<Vec<u8>>,
    context: Context,
    answers: VecDeque<&'static [u8]>,
    password: Option<&'static [u8]>,
    takes_password: Option<NotForwarded>,
    questions: Vec<(String, Echo)>,
    told: Vec<(Tone, String)>,
    forwarded: Option<Vec<u8>>,
    log: RefCell<Vec<(Level, String)>>,
    left: Option<Left>,
}

impl Person for FakePerson {
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed> {
        if self.user == b"nobody answers" {
            Err(ConversationFailed)
        } else {
            Ok(self.user.clone())
        }
    }

    fn context(&self) -> Context {
        self.context.clone()
    }

    fn requester(&self) -> Option<Vec<u8>> {
        Some(self.user.clone())
    }

    fn questions_of_sudo(&self) -> Questions {
        Questions::Elsewhere
    }

    fn ask(&mut self, question: &str, echo: Echo) -> Result<Answer, ConversationFailed> {
        self.questions.push((question.to_owned(), echo));
        if let Some(other) = self.becomes.take() {
            self.user = other;
        }
        let answer = self.answers.pop_front().ok_or(ConversationFailed)?;
        Ok(Answer::new(answer.to_vec()))
    }

    fn tell(&mut self, tone: Tone, sentence: &str) {
        self.told.push((tone, sentence.to_owned()));
    }

    fn password(&self) -> Option<Answer> {
        self.password.map(|password| Answer::new(password.to_vec()))
    }

    fn forward(&mut self, password: &Answer) -> Result<(), NotForwarded> {
        self.forwarded = Some(password.to_vec());
        self.takes_password.map_or(Ok(()), Err)
    }

    fn leave_receipt(&mut self, _: &Left) -> Result<(), NotLeft> {
        Err(NotLeft)
    }

    fn take_receipt(&mut self) -> Option<Left> {
        self.left.take()
    }

    fn log(&self, level: Level, line: &str) {
        self.log.borrow_mut().push((level, line.to_owned()));
    }
}

struct FakeDaemon {
    requirement: Option<Requirement>,
    enroll_by: Option<u64>,
    code_lengths: Vec<usize>,
    language: Language,
    /// For each code: what becomes of it. A code without an entry is wrong.
    verdicts: Vec<(&'static str, Option<Verified>)>,
    asked: Vec<String>,
    detour: Option<Failure>,
}

const RIGHT: &str = "050548";

fn verified(verdict: Verdict) -> Verified {
    Verified {
        verdict,
        retry_after: None,
        recovery_codes_left: None,
        spent: None,
    }
}

fn daemon() -> FakeDaemon {
    FakeDaemon {
        requirement: Some(Requirement::Code),
        enroll_by: None,
        code_lengths: vec![6],
        language: Language::English,
        verdicts: vec![
            (RIGHT, Some(verified(Verdict::Accepted))),
            ("111111", Some(verified(Verdict::Used))),
            (
                "222222",
                Some(Verified {
                    retry_after: Some(30),
                    ..verified(Verdict::Throttled)
                }),
            ),
            (
                "wxyz23456789",
                Some(Verified {
                    spent: Some(Spent::RecoveryCode),
                    ..verified(Verdict::Used)
                }),
            ),
            ("333333", Some(verified(Verdict::Locked))),
            ("444444", None),
            (
                "abcdefgh2345",
                Some(Verified {
                    recovery_codes_left: Some(9),
                    ..verified(Verdict::Accepted)
                }),
            ),
        ],
        asked: Vec::new(),
        detour: None,
    }
}

fn says(requirement: Option<Requirement>) -> FakeDaemon {
    FakeDaemon {
        requirement,
        ..daemon()
    }
}

impl Daemon for FakeDaemon {
    fn prepare(&mut self, _: &UserName, _: &Context) -> Result<Prepared, Failure> {
        let requirement = self.requirement.ok_or(Failure::Closed {
            step: Step::Prepare,
        })?;
        Ok(Prepared {
            requirement,
            enroll_by: self.enroll_by,
            code_lengths: self.code_lengths.clone(),
            language: self.language,
        })
    }

    fn verify(&mut self, _: &UserName, code: &Code, _: &Context) -> Result<Verified, Failure> {
        self.asked.push(code.expose().to_owned());
        match self
            .verdicts
            .iter()
            .find(|(known, _)| *known == code.expose())
        {
            Some((_, Some(verified))) => Ok(*verified),
            Some((_, None)) => Err(Failure::Closed { step: Step::Verify }),
            None => Ok(verified(Verdict::Wrong)),
        }
    }

    fn begin_enrollment(&mut self, _: &UserName, _: &Context) -> Result<Begun, Failure> {
        Err(Failure::Closed { step: Step::Begin })
    }

    fn confirm_enrollment(&mut self, _: &UserName, _: &Code) -> Result<Confirmed, Failure> {
        Err(Failure::Closed {
            step: Step::Confirm,
        })
    }

    fn complete_enrollment(&mut self, _: &UserName, _: &Receipt) -> Result<(), Failure> {
        Err(Failure::Closed {
            step: Step::Complete,
        })
    }

    fn detour(&mut self) -> Option<Failure> {
        self.detour.take()
    }
}

fn typing(answers: &[&'static [u8]]) -> FakePerson {
    FakePerson {
        user: b"alice".to_vec(),
        answers: answers.iter().copied().collect(),
        ..FakePerson::default()
    }
}

fn login(options: &Options, person: &mut FakePerson) -> Pam {
    authenticate(options, Voice::Aloud, person, &mut daemon())
}

fn sentences(person: &FakePerson) -> Vec<&str> {
    person
        .told
        .iter()
        .map(|(_, sentence)| sentence.as_str())
        .collect()
}

#[test]
fn a_right_code_lets_in_and_nothing_is_said() {
    let mut alice = typing(&[b"050548"]);
    assert_eq!(login(&Options::default(), &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(
        alice.questions,
        [("Authenticator code: ".to_owned(), Echo::Off)]
    );
    assert_eq!(alice.told, []);
    assert_eq!(alice.forwarded, None);
}

#[test]
fn spaces_and_dashes_do_not_matter() {
    assert_eq!(
        login(&Options::default(), &mut typing(&[b" 050-548 "])),
        Pam::PAM_SUCCESS
    );
}

#[test]
fn a_recovery_code_lets_in_and_says_how_many_are_left() {
    let mut alice = typing(&[b"ABCD-efgh-2345"]);
    assert_eq!(login(&Options::default(), &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(sentences(&alice), ["That was a recovery code: 9 are left."]);
}

#[test]
fn what_the_daemon_requires_decides_before_anybody_is_asked() {
    for (requirement, code) in [
        (Some(Requirement::None), Pam::PAM_IGNORE),
        (Some(Requirement::Denied), Pam::PAM_PERM_DENIED),
        (Some(Requirement::Enroll), Pam::PAM_PERM_DENIED),
        (None, Pam::PAM_AUTHINFO_UNAVAIL),
    ] {
        let mut alice = typing(&[b"050548"]);
        let mut daemon = says(requirement);
        let got = authenticate(&Options::default(), Voice::Aloud, &mut alice, &mut daemon);
        assert_eq!(got, code, "{requirement:?}");
        assert_eq!(alice.questions.len(), 0, "{requirement:?}");
        assert_eq!(
            alice.told.len(),
            usize::from(code != Pam::PAM_IGNORE),
            "{requirement:?}"
        );
    }
}

#[test]
fn wrong_codes_are_asked_again_until_retries_are_used_up() {
    let mut alice = typing(&[b"123456", b"111111", b"654321", b"050548"]);
    assert_eq!(login(&Options::default(), &mut alice), Pam::PAM_AUTH_ERR);
    assert_eq!(alice.questions.len(), 3);
    let (wrong, used) = (
        "That code is not right.",
        "That code was used already: wait for the next one.",
    );
    assert_eq!(sentences(&alice), [wrong, used, wrong]);

    let mut alice = typing(&[b"123456", b"050548"]);
    assert_eq!(login(&Options::default(), &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(sentences(&alice), [wrong]);

    let once = Options {
        retries: 1,
        ..Options::default()
    };
    let mut alice = typing(&[b"123456", b"050548"]);
    assert_eq!(login(&once, &mut alice), Pam::PAM_AUTH_ERR);
    assert_eq!(sentences(&alice), [wrong]);
}

#[test]
fn throttled_and_locked_end_the_asking() {
    for (answer, sentence) in [
        (b"222222", "Too many wrong codes: try again in 30 s."),
        (
            b"333333",
            "Too many wrong codes: ask your administrator to unlock your account.",
        ),
    ] {
        let mut alice = typing(&[answer, b"050548"]);
        assert_eq!(login(&Options::default(), &mut alice), Pam::PAM_MAXTRIES);
        assert_eq!(alice.questions.len(), 1);
        assert_eq!(sentences(&alice), [sentence]);
    }
}

#[test]
fn what_cannot_be_a_code_is_wrong_without_asking_the_daemon() {
    let long = &[b'1'; 512];
    for answer in [
        &b""[..],
        b"   ",
        b"\xff\xfe",
        "１２３４５６".as_bytes(),
        b"12;456",
        long,
    ] {
        let mut alice = FakePerson {
            answers: VecDeque::new(),
            ..typing(&[])
        };
        alice.answers.push_back(answer.to_vec().leak());
        let mut daemon = daemon();
        let once = Options {
            retries: 1,
            ..Options::default()
        };
        let code = authenticate(&once, Voice::Aloud, &mut alice, &mut daemon);
        assert_eq!(code, Pam::PAM_AUTH_ERR);
        assert_eq!(daemon.asked, Vec::<String>::new());
        assert_eq!(sentences(&alice), ["That code is not right."]);
    }
}

#[test]
fn a_failed_conversation_is_an_error() {
    assert_eq!(
        login(&Options::default(), &mut typing(&[])),
        Pam::PAM_CONV_ERR
    );
    let mut nobody = FakePerson {
        user: b"nobody answers".to_vec(),
        ..FakePerson::default()
    };
    assert_eq!(login(&Options::default(), &mut nobody), Pam::PAM_CONV_ERR);
}

#[test]
fn a_login_that_cannot_be_checked_is_refused_or_passed_loudly() {
    let mut alice = typing(&[b"444444"]);
    assert_eq!(
        login(&Options::default(), &mut alice),
        Pam::PAM_AUTHINFO_UNAVAIL
    );
    assert_eq!(
        sentences(&alice),
        ["The second factor cannot be checked right now."]
    );
    assert_eq!(alice.log.borrow().last().unwrap().0, Level::Error);

    let ignore = Options {
        unavailable: Unavailable::Ignore,
        ..Options::default()
    };
    let mut alice = typing(&[b"444444"]);
    assert_eq!(login(&ignore, &mut alice), Pam::PAM_IGNORE);
    assert_eq!(sentences(&alice), Vec::<&str>::new());
    assert_eq!(alice.log.borrow().last().unwrap().0, Level::Warning);

    assert_eq!(
        login(&ignore, &mut typing(&[&b"123456"[..]; 3])),
        Pam::PAM_AUTH_ERR
    );
}

#[test]
fn a_user_name_that_changes_meanwhile_is_refused_before_the_code_is_sent() {
    let mut alice = FakePerson {
        becomes: Some(b"root".to_vec()),
        ..typing(&[b"050548"])
    };
    let mut daemon = daemon();
    let code = authenticate(&Options::default(), Voice::Aloud, &mut alice, &mut daemon);
    assert_eq!(code, Pam::PAM_AUTH_ERR);
    assert_eq!(daemon.asked, Vec::<String>::new());
    let log = alice.log.borrow();
    assert!(
        log.last().unwrap().1.contains("PAM_USER changed"),
        "{log:?}"
    );
}

#[test]
fn a_bad_user_name_is_refused_and_not_repeated() {
    for user in [&b"a\x1b[2Jb"[..], b"", b"a\xffb", b"a/b"] {
        let mut person = FakePerson {
            user: user.to_vec(),
            ..typing(&[b"050548"])
        };
        assert_eq!(login(&Options::default(), &mut person), Pam::PAM_AUTH_ERR);
        assert_eq!(sentences(&person), ["That user name cannot be used."]);
        assert_eq!(person.questions.len(), 0);
        assert!(
            !person
                .log
                .borrow()
                .iter()
                .any(|(_, line)| line.contains('\u{1b}'))
        );
    }
}

#[test]
fn a_silent_login_says_in_its_next_question_why_it_asks_again() {
    let mut alice = typing(&[b"123456", b"ABCD-efgh-2345"]);
    let code = authenticate(
        &Options::default(),
        Voice::Silent,
        &mut alice,
        &mut daemon(),
    );
    assert_eq!(code, Pam::PAM_SUCCESS);
    let questions: Vec<&str> = alice
        .questions
        .iter()
        .map(|(text, _)| text.as_str())
        .collect();
    assert_eq!(
        questions,
        [
            "Authenticator code: ",
            "That code is not right. Authenticator code: "
        ]
    );
    assert_eq!(alice.told, []);
}

#[test]
fn the_person_is_spoken_to_in_the_language_that_the_daemon_names() {
    let french = || FakeDaemon {
        language: Language::French,
        ..daemon()
    };
    let (question, wrong) = (
        "Code d’authentification\u{a0}: ",
        "Ce code n’est pas le bon.",
    );
    let mut alice = typing(&[b"123456", b"050548"]);
    let options = Options::default();
    let code = authenticate(&options, Voice::Aloud, &mut alice, &mut french());
    assert_eq!(code, Pam::PAM_SUCCESS);
    assert_eq!(alice.questions, vec![(question.to_owned(), Echo::Off); 2]);
    assert_eq!(sentences(&alice), [wrong]);

    let mut alice = typing(&[b"123456", b"050548"]);
    authenticate(&options, Voice::Silent, &mut alice, &mut french());
    assert_eq!(alice.questions[1].0, format!("{wrong} {question}"));

    let prompted = Options {
        prompt: Some("Code? ".to_owned()),
        ..Options::default()
    };
    let mut alice = typing(&[b"123456", b"050548"]);
    authenticate(&prompted, Voice::Aloud, &mut alice, &mut french());
    assert_eq!(alice.questions[0].0, "Code? ");
    assert_eq!(sentences(&alice), [wrong]);
}

#[test]
fn the_last_sentence_of_an_ssh_login_has_no_letters_that_the_client_would_write_as_numbers() {
    let question = "Code d’authentification\u{a0}: ";
    for (tty, last) in [
        ("ssh", "Ce code n'est pas le bon."),
        ("pts/0", "Ce code n’est pas le bon."),
    ] {
        let mut alice = typing(&[b"123456", b"123456"]);
        alice.context.tty = Some(tty.to_owned());
        let mut daemon = FakeDaemon {
            language: Language::French,
            ..daemon()
        };
        let twice = Options {
            retries: 2,
            ..Options::default()
        };
        authenticate(&twice, Voice::Aloud, &mut alice, &mut daemon);
        assert_eq!(alice.questions[1].0, question);
        assert_eq!(sentences(&alice), ["Ce code n’est pas le bon.", last]);
    }
}

#[test]
fn english_is_spoken_while_the_daemon_has_not_answered() {
    let mut alice = typing(&[b"050548"]);
    let mut daemon = FakeDaemon {
        language: Language::French,
        ..says(None)
    };
    authenticate(&Options::default(), Voice::Aloud, &mut alice, &mut daemon);
    assert_eq!(
        sentences(&alice),
        ["The second factor cannot be checked right now."]
    );
}

#[test]
fn echo_and_prompt_are_as_the_administrator_wants() {
    let options = Options {
        echo: Echo::On,
        prompt: Some("Code? ".to_owned()),
        ..Options::default()
    };
    let mut alice = typing(&[b"050548"]);
    assert_eq!(login(&options, &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(alice.questions, [("Code? ".to_owned(), Echo::On)]);
}

type Case = (
    FirstPass,
    Password,
    Option<&'static [u8]>,
    &'static [&'static [u8]],
    Pam,
    usize,
    Option<&'static [u8]>,
);

/// The eight ways of google-authenticator's own test: what is in the password, what is typed, what
/// comes out, how often was asked, what is handed on.
#[rustfmt::skip]
const PASS_MODES: &[Case] = {
    use FirstPass::{Ignored, Required, Tried};
    use Password::{Forwarded, Separate};
    &[
        // 1: prompt
        (Ignored, Separate, Some(b"pw050548"), &[b"050548"], Pam::PAM_SUCCESS, 1, None),
        (Ignored, Separate, None, &[b"pw050548"], Pam::PAM_AUTH_ERR, 1, None),
        (Ignored, Separate, None, &[b"123456"], Pam::PAM_AUTH_ERR, 1, None),
        // 2: prompt, forward
        (Ignored, Forwarded, None, &[b"pw050548"], Pam::PAM_SUCCESS, 1, Some(b"pw")),
        (Ignored, Forwarded, None, &[b"pw123456"], Pam::PAM_AUTH_ERR, 1, None),
        (Ignored, Forwarded, None, &[b"050548"], Pam::PAM_SUCCESS, 1, Some(b"")),
        (Ignored, Forwarded, None, &[b"pwabcd-efgh-2345"], Pam::PAM_SUCCESS, 1, Some(b"pw")),
        // 3: use_first_pass
        (Required, Separate, Some(b"pw050548"), &[], Pam::PAM_SUCCESS, 0, None),
        (Required, Separate, Some(b"pw123456"), &[b"050548"], Pam::PAM_AUTH_ERR, 0, None),
        (Required, Separate, Some(b"pw"), &[b"050548"], Pam::PAM_AUTH_ERR, 0, None),
        (Required, Separate, None, &[b"050548"], Pam::PAM_AUTH_ERR, 0, None),
        // 4: use_first_pass, forward
        (Required, Forwarded, Some(b"pw050548"), &[], Pam::PAM_SUCCESS, 0, Some(b"pw")),
        (Required, Forwarded, Some(b"pw123456"), &[], Pam::PAM_AUTH_ERR, 0, None),
        // 5: try_first_pass, the code is in the password
        (Tried, Separate, Some(b"pw050548"), &[], Pam::PAM_SUCCESS, 0, None),
        // 6: the same, forward
        (Tried, Forwarded, Some(b"pw050548"), &[], Pam::PAM_SUCCESS, 0, Some(b"pw")),
        // 7: try_first_pass, it is not, so ask
        (Tried, Separate, Some(b"pw"), &[b"050548"], Pam::PAM_SUCCESS, 1, None),
        (Tried, Separate, Some(b"pw123456"), &[b"050548"], Pam::PAM_SUCCESS, 1, None),
        (Tried, Separate, None, &[b"050548"], Pam::PAM_SUCCESS, 1, None),
        (Tried, Separate, Some(b"pw"), &[b"123456"], Pam::PAM_AUTH_ERR, 1, None),
        // 8: the same, forward
        (Tried, Forwarded, Some(b"pw"), &[b"pw050548"], Pam::PAM_SUCCESS, 1, Some(b"pw")),
        (Tried, Forwarded, Some(b"pw"), &[b"pw123456"], Pam::PAM_AUTH_ERR, 1, None),
    ]
};

#[test]
fn the_eight_pass_modes() {
    for case @ (first_pass, password, stacked, typed, code, asked, forwarded) in PASS_MODES {
        let options = Options {
            first_pass: *first_pass,
            password: *password,
            retries: 1,
            ..Options::default()
        };
        let mut alice = FakePerson {
            password: *stacked,
            ..typing(typed)
        };
        assert_eq!(login(&options, &mut alice), *code, "{case:?}");
        assert_eq!(alice.questions.len(), *asked, "{case:?}");
        assert_eq!(alice.forwarded.as_deref(), *forwarded, "{case:?}");
    }
}

#[test]
fn a_password_is_not_called_a_wrong_code_but_a_used_code_is_named() {
    let tried = Options {
        first_pass: FirstPass::Tried,
        ..Options::default()
    };
    let mut alice = FakePerson {
        password: Some(b"hunter123456"),
        ..typing(&[b"050548"])
    };
    assert_eq!(login(&tried, &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(alice.told, []);

    let mut alice = FakePerson {
        password: Some(b"pw111111"),
        ..typing(&[b"050548"])
    };
    assert_eq!(login(&tried, &mut alice), Pam::PAM_SUCCESS);
    assert_eq!(
        sentences(&alice),
        ["That code was used already: wait for the next one."]
    );
}

#[test]
fn a_locked_account_is_not_asked_again_after_the_first_pass() {
    let tried = Options {
        first_pass: FirstPass::Tried,
        ..Options::default()
    };
    let mut alice = FakePerson {
        password: Some(b"pw333333"),
        ..typing(&[b"050548"])
    };
    assert_eq!(login(&tried, &mut alice), Pam::PAM_MAXTRIES);
    assert_eq!(alice.questions.len(), 0);
}

#[test]
fn a_password_that_pam_does_not_take_is_no_success() {
    let forward = Options {
        password: Password::Forwarded,
        ..Options::default()
    };
    let mut alice = FakePerson {
        takes_password: Some(NotForwarded),
        ..typing(&[b"pw050548"])
    };
    assert_eq!(login(&forward, &mut alice), Pam::PAM_SYSTEM_ERR);
}

#[test]
fn the_log_names_who_and_from_where_and_never_a_code() {
    let debug = Options {
        verbosity: Verbosity::Debug,
        ..Options::default()
    };
    let mut alice = typing(&[b"123456", b"111111", b"050548"]);
    alice.context.rhost = Some("192.0.2.7".to_owned());
    assert_eq!(login(&debug, &mut alice), Pam::PAM_SUCCESS);
    let log = alice.log.borrow();
    assert!(
        log.iter()
            .any(|(_, l)| l == "alice from 192.0.2.7: the code was not right"),
        "{log:?}"
    );
    assert!(
        log.iter()
            .any(|(_, l)| l == "alice from 192.0.2.7: the code was accepted"),
        "{log:?}"
    );
    for code in ["123456", "111111", "050548"] {
        assert!(!log.iter().any(|(_, line)| line.contains(code)), "{log:?}");
    }
}

#[test]
fn debug_lines_come_only_when_asked_for() {
    let mut alice = typing(&[]);
    let none = &mut says(Some(Requirement::None));
    authenticate(&Options::default(), Voice::Aloud, &mut alice, none);
    assert_eq!(*alice.log.borrow(), []);
    let debug = Options {
        verbosity: Verbosity::Debug,
        ..Options::default()
    };
    authenticate(&debug, Voice::Aloud, &mut alice, none);
    assert_eq!(
        alice.log.borrow().last().unwrap().1,
        "alice: no code is needed"
    );
}

#[test]
fn a_detour_over_the_bus_is_logged() {
    let mut alice = typing(&[b"050548"]);
    let mut daemon = FakeDaemon {
        detour: Some(Failure::ForeignOwner { uid: 1000 }),
        ..daemon()
    };
    authenticate(&Options::default(), Voice::Aloud, &mut alice, &mut daemon);
    let log = alice.log.borrow();
    assert_eq!(log[0].0, Level::Notice);
    assert!(
        log[0]
            .1
            .starts_with("asked over the system bus, because the daemon's place")
    );
}

#[cfg(feature = "fault-injection")]
#[test]
fn an_injected_panic_is_caught() {
    let options = Options {
        fault: Some(crate::options::Fault::Panic),
        ..Options::default()
    };
    let result = crate::guard::catch(|| login(&options, &mut typing(&[b"050548"])));
    assert_eq!(result, Err(crate::guard::Panicked));
}

#[test]
fn where_there_is_no_room_to_enroll_it_is_put_off_in_silence_as_long_as_it_may_be() {
    for (enroll_by, code, said) in [
        (Some(0), Pam::PAM_IGNORE, 0),
        (None, Pam::PAM_PERM_DENIED, 1),
    ] {
        for service in ["polkit-1", "vsftpd", "", "sudo", "sudo-i"] {
            let mut alice = typing(&[]);
            alice.context.service = Some(service.to_owned());
            alice.context.tty = Some("ssh".to_owned());
            let mut daemon = FakeDaemon {
                enroll_by,
                ..says(Some(Requirement::Enroll))
            };
            let options = Options::default();
            assert_eq!(
                authenticate(&options, Voice::Aloud, &mut alice, &mut daemon),
                code
            );
            assert_eq!((alice.questions.len(), alice.told.len()), (0, said));
        }
    }
}

#[test]
fn whatever_a_login_needs_the_receipt_of_the_one_before_is_gone() {
    for requirement in [
        Some(Requirement::None),
        Some(Requirement::Code),
        Some(Requirement::Enroll),
        Some(Requirement::Denied),
        None,
    ] {
        for user in ["alice", "bob", "nobody answers"] {
            let mut person = typing(&[]);
            person.user = user.into();
            person.left = Some(Left {
                user: UserName::parse("alice").unwrap(),
                language: Language::English,
                receipt: "RECEIPT".to_owned().into(),
            });
            let mut daemon = says(requirement);
            authenticate(&Options::default(), Voice::Aloud, &mut person, &mut daemon);
            assert!(person.left.is_none(), "{requirement:?} {user}");
        }
    }
}
