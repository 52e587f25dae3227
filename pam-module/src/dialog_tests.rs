//! Dialogs with a scripted person and a scripted daemon.

use std::collections::VecDeque;

use countersign_words::Language;

use super::*;
use crate::daemon::{Prepared, Receipt, Verified};
use crate::log::Level;
use crate::person::{ConversationFailed, NotForwarded, NotLeft, Tone};

const URI: &str = "otpauth://totp/web1.example.org:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1.example.org";
const RIGHT: &str = "050548";
const LATER: Later = Later::Until(1_798_761_599);

#[derive(Default)]
struct Somebody {
    becomes: Option<&'static str>,
    requester: Option<&'static str>,
    askpass: bool,
    answers: VecDeque<&'static str>,
    questions: Vec<String>,
    left: Option<Left>,
}

impl Person for Somebody {
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed> {
        Ok(self.becomes.unwrap_or("alice").into())
    }

    fn context(&self) -> Context {
        Context::default()
    }

    fn requester(&self) -> Option<Vec<u8>> {
        self.requester.map(Into::into)
    }

    fn questions_of_sudo(&self) -> Questions {
        if self.askpass {
            Questions::Elsewhere
        } else {
            Questions::OnTerminal
        }
    }

    fn ask(&mut self, question: &str, _: Echo) -> Result<Answer, ConversationFailed> {
        self.questions.push(question.to_owned());
        let answer = self.answers.pop_front().ok_or(ConversationFailed)?;
        Ok(Answer::new(answer.into()))
    }

    fn tell(&mut self, _: Tone, _: &str) {
        panic!("sshd shows it late, and sudo not at all");
    }

    fn password(&self) -> Option<Answer> {
        None
    }

    fn forward(&mut self, _: &Answer) -> Result<(), NotForwarded> {
        Err(NotForwarded)
    }

    fn leave_receipt(&mut self, left: &Left) -> Result<(), NotLeft> {
        self.left = Some(left.clone());
        Ok(())
    }

    fn take_receipt(&mut self) -> Option<Left> {
        self.left.take()
    }

    fn log(&self, _: Level, line: &str) {
        panic!("the flow logs how it ended, not the dialog: {line}");
    }
}

#[derive(Default)]
struct Countersignd {
    begun: u32,
    tried: Vec<String>,
    goes_away_at: Option<Step>,
    completed: Vec<String>,
}

impl Countersignd {
    fn here(&self, step: Step) -> Result<(), Failure> {
        if self.goes_away_at == Some(step) {
            return Err(Failure::Closed { step });
        }
        Ok(())
    }
}

impl Daemon for Countersignd {
    fn prepare(&mut self, _: &UserName, _: &Context) -> Result<Prepared, Failure> {
        panic!("the dialog comes after it")
    }

    fn verify(&mut self, _: &UserName, _: &Code, _: &Context) -> Result<Verified, Failure> {
        panic!("there is nothing to verify yet")
    }

    fn begin_enrollment(&mut self, _: &UserName, _: &Context) -> Result<Begun, Failure> {
        self.here(Step::Begin)?;
        self.begun += 1;
        Ok(Begun {
            uri: URI.to_owned().into(),
            receipt: "RECEIPT".to_owned().into(),
        })
    }

    fn confirm_enrollment(&mut self, _: &UserName, code: &Code) -> Result<Confirmed, Failure> {
        self.here(Step::Confirm)?;
        self.tried.push(code.expose().to_owned());
        if code.expose() == RIGHT {
            let codes = ["bcdf-ghjk-mnpq", "rstv-wxzb-2345"];
            return Ok(Confirmed::Yes(codes.map(|it| it.to_owned().into()).into()));
        }
        Ok(Confirmed::WrongCode)
    }

    fn complete_enrollment(&mut self, user: &UserName, receipt: &Receipt) -> Result<(), Failure> {
        self.here(Step::Complete)?;
        self.completed.push(format!("{user}:{}", receipt.as_str()));
        Ok(())
    }

    fn detour(&mut self) -> Option<Failure> {
        None
    }
}

/// Talks it through, and says how it ended.
fn dialog(person: &mut Somebody, daemon: &mut Countersignd, later: Later) -> String {
    let outcome = dialog_that_counts(Counts::AfterTheLogin, person, daemon, later);
    assert!(
        daemon.completed.is_empty(),
        "nobody knows yet whether the login succeeds"
    );
    outcome
}

fn dialog_that_counts(
    counts: Counts,
    person: &mut Somebody,
    daemon: &mut Countersignd,
    later: Later,
) -> String {
    let dialog = Dialog {
        person,
        daemon,
        words: &Words::of_login(Language::English),
        language: Language::English,
        user: &UserName::parse("alice").unwrap(),
        context: &Context::default(),
        later,
        counts,
        echo: Echo::Off,
    };
    let outcome = dialog.run().unwrap_or_else(|early| early);
    let text = format!("{outcome:?}");
    let text = text.trim_start_matches("Enrollment(");
    let end = text.find([' ', '(', ')']).unwrap_or(text.len());
    text[..end].to_owned()
}

fn typing(answers: &[&'static str]) -> Somebody {
    Somebody {
        answers: answers.iter().copied().collect(),
        ..Somebody::default()
    }
}

#[test]
fn who_says_yes_types_a_code_and_notes_the_recovery_codes_is_enrolled() {
    for later in [LATER, Later::Never] {
        let (mut alice, mut daemon) = (typing(&["yes", RIGHT, ""]), Countersignd::default());
        assert_eq!(dialog(&mut alice, &mut daemon, later), "Confirmed");
        let [question, sheet, codes] = alice.questions.as_slice() else {
            panic!("{:?}", alice.questions)
        };
        assert_eq!(question.contains("31 December 2026"), later == LATER);
        for shown in ["█", "JBSW Y3DP EHPK", "alice", "web1.example.org"] {
            assert!(sheet.contains(shown), "{shown}: {sheet}");
        }
        assert!(codes.contains("bcdf-ghjk-mnpq") && codes.contains("rstv-wxzb-2345"));
        let left = alice.left.unwrap();
        assert_eq!(
            (left.user.as_str(), left.receipt.as_str()),
            ("alice", "RECEIPT")
        );
    }
}

#[test]
fn an_empty_answer_puts_it_off_and_begins_nothing() {
    for (later, outcome) in [(LATER, "PutOff"), (Later::Never, "Refused")] {
        for answers in [&[""][..], &["what?", "maybe", "no", RIGHT]] {
            let (mut alice, mut daemon) = (typing(answers), Countersignd::default());
            assert_eq!(dialog(&mut alice, &mut daemon, later), outcome);
            assert!(alice.questions.len() <= 3, "{:?}", alice.questions);
            assert_eq!(daemon.begun, 0);
        }
    }
}

#[test]
fn where_nobody_can_be_asked_it_is_put_off_as_long_as_it_may_be() {
    for (later, outcome) in [(LATER, "PutOff"), (Later::Never, "ConversationFailed")] {
        let mut daemon = Countersignd::default();
        assert_eq!(dialog(&mut typing(&[]), &mut daemon, later), outcome);
    }
}

#[test]
fn the_picture_can_be_turned_and_left_away() {
    let answers = ["key", "qr", "SWAP", "swap", "key", RIGHT, ""];
    let (mut alice, mut daemon) = (typing(&answers), Countersignd::default());
    assert_eq!(dialog(&mut alice, &mut daemon, LATER), "Confirmed");
    let shown: Vec<bool> = alice.questions[1..7]
        .iter()
        .map(|question| question.contains('█'))
        .collect();
    assert_eq!(shown, [false, true, true, true, false, false]);
    assert_ne!(alice.questions[2], alice.questions[3]);
    assert_eq!(alice.questions[2], alice.questions[4]);
    assert_eq!(daemon.begun, 1, "the key stays the same");
}

#[test]
fn five_wrong_codes_end_it_and_fewer_do_not() {
    let wrong = [
        "yes", "111111", "222222", "é", "333333", "444444", RIGHT, "",
    ];
    for later in [LATER, Later::Never] {
        let (mut alice, mut daemon) = (typing(&wrong), Countersignd::default());
        assert_eq!(dialog(&mut alice, &mut daemon, later), "NotConfirmed");
        assert_eq!(daemon.tried, ["111111", "222222", "333333", "444444"]);
        assert!(alice.left.is_none());
        assert!(alice.questions[2].starts_with("That code is not right. Code that"));
    }
    let (mut alice, mut daemon) = (
        typing(&["yes", "111111", RIGHT, ""]),
        Countersignd::default(),
    );
    assert_eq!(dialog(&mut alice, &mut daemon, LATER), "Confirmed");
}

#[test]
fn enter_below_the_key_puts_it_off_only_where_that_may_be() {
    let (mut alice, mut daemon) = (typing(&["yes", ""]), Countersignd::default());
    assert_eq!(dialog(&mut alice, &mut daemon, LATER), "PutOff");
    let (mut alice, mut daemon) = (
        typing(&["yes", "", "", "", "", ""]),
        Countersignd::default(),
    );
    assert_eq!(
        dialog(&mut alice, &mut daemon, Later::Never),
        "NotConfirmed"
    );
}

#[test]
fn turning_the_picture_for_ever_ends_it_too() {
    let mut alice = typing(&["yes"]);
    alice.answers.extend([["swap"; 30], [RIGHT; 30]].concat());
    assert_eq!(
        dialog(&mut alice, &mut Countersignd::default(), LATER),
        "NotConfirmed"
    );
}

#[test]
fn who_hangs_up_before_noting_the_recovery_codes_is_not_enrolled() {
    for answers in [&["yes"][..], &["yes", RIGHT]] {
        let (mut alice, mut daemon) = (typing(answers), Countersignd::default());
        assert_eq!(dialog(&mut alice, &mut daemon, LATER), "ConversationFailed");
        assert!(alice.left.is_none());
    }
}

#[test]
fn another_user_in_the_middle_ends_it() {
    let (mut alice, mut daemon) = (typing(&["yes", RIGHT, ""]), Countersignd::default());
    alice.becomes = Some("root");
    assert_eq!(dialog(&mut alice, &mut daemon, LATER), "UserChanged");
    assert_eq!(daemon.begun, 0);
}

#[test]
fn a_daemon_that_goes_away_ends_it() {
    for step in [Step::Begin, Step::Confirm] {
        let mut daemon = Countersignd {
            goes_away_at: Some(step),
            ..Countersignd::default()
        };
        let mut alice = typing(&["yes", RIGHT, ""]);
        assert_eq!(dialog(&mut alice, &mut daemon, LATER), "Failed");
        assert!(alice.left.is_none());
    }
}

#[test]
fn in_sudo_it_counts_at_once_and_leaves_no_receipt() {
    let (mut alice, mut daemon) = (typing(&["yes", RIGHT, ""]), Countersignd::default());
    let outcome = dialog_that_counts(Counts::AtOnce, &mut alice, &mut daemon, LATER);
    assert_eq!(outcome, "Done");
    assert_eq!(daemon.completed, ["alice:RECEIPT"]);
    assert!(alice.left.is_none());
}

#[test]
fn in_sudo_what_could_not_be_kept_is_no_login_not_even_where_it_might_have_been_put_off() {
    for later in [LATER, Later::Never] {
        let mut daemon = Countersignd {
            goes_away_at: Some(Step::Complete),
            ..Countersignd::default()
        };
        let mut alice = typing(&["yes", RIGHT, ""]);
        let outcome = dialog_that_counts(Counts::AtOnce, &mut alice, &mut daemon, later);
        assert_eq!(outcome, "NotKept");
        assert!(alice.left.is_none());
    }
    // Who hangs up before that has nothing set up.
    let (mut alice, mut daemon) = (typing(&["yes", RIGHT]), Countersignd::default());
    dialog_that_counts(Counts::AtOnce, &mut alice, &mut daemon, LATER);
    assert!(daemon.completed.is_empty());
}

fn room_in(person: &Somebody, service: &str, tty: &str) -> Option<Counts> {
    let context = Context {
        service: Some(service.to_owned()),
        tty: Some(tty.to_owned()),
        ..Context::default()
    };
    room(person, &UserName::parse("alice").unwrap(), &context)
}

#[test]
fn there_is_room_in_the_programs_that_show_lines_on_a_terminal() {
    let alice = Somebody {
        requester: Some("alice"),
        ..Somebody::default()
    };
    for (service, tty, expected) in [
        ("sshd", "ssh", Some(Counts::AfterTheLogin)),
        ("login", "tty1", Some(Counts::AfterTheLogin)),
        ("su", "pts/0", Some(Counts::AfterTheLogin)),
        ("sudo", "/dev/pts/0", Some(Counts::AtOnce)),
        ("sudo-i", "/dev/pts/0", Some(Counts::AtOnce)),
        ("sudo", "", None),
        ("sshd", "", None),
        ("polkit-1", "/dev/pts/0", None),
        ("", "", None),
    ] {
        assert_eq!(room_in(&alice, service, tty), expected, "{service} {tty}");
    }
}

#[test]
fn in_sudo_there_is_room_for_who_runs_it_and_at_the_terminal_alone() {
    for (requester, askpass, has_room) in [
        (Some("alice"), false, true),
        (Some("alice"), true, false),
        (Some("bob"), false, false),
        (None, false, false),
    ] {
        let person = Somebody {
            requester,
            askpass,
            ..Somebody::default()
        };
        for service in ["sudo", "sudo-i"] {
            let room = room_in(&person, service, "/dev/pts/0");
            assert_eq!(room.is_some(), has_room, "{requester:?} {askpass}");
        }
        assert!(room_in(&person, "su", "pts/0").is_some());
    }
}
