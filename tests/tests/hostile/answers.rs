//! Answers that are none: whatever sits in the daemon's place, with all the rights of whoever
//! belongs there, lets nobody in but by the one right answer, and keeps nobody waiting.

use countersign_tests::{Lab, Road, Stage, in_lab, on_both_roads};

use crate::door::Door;
use crate::rogue::Rogue;

/// Unlike any number in a log.
const CODE: &str = "918273";
const STEPS: [&str; 2] = ["Prepare", "Verify"];

/// What the log says of a misdeed: on the login socket, and when the bus stands between and ends
/// what it does not take.
struct Said {
    direct: &'static str,
    bus: &'static str,
}

const TIMED_OUT: Said = alike("timed out after 1 s waiting for the daemon to answer");
const MALFORMED: Said = alike("a malformed message");
/// The bus sends this in place of one that has gone, or that it threw out.
const NO_REPLY: &str = "the error org.freedesktop.DBus.Error.NoReply";

const fn alike(line: &'static str) -> Said {
    Said {
        direct: line,
        bus: line,
    }
}

/// A host on which the daemon's place is free.
fn without_daemon(stage: Stage) -> Lab {
    let mut lab = stage.user("alice", "her password").start();
    lab.daemon().remove();
    lab
}

/// Does this in answer to either question; nobody may get in, in time, and the log says it.
fn lets_nobody_in(lab: &Lab, misdeed: &str, said: &Said) {
    for step in STEPS {
        lets_nobody_in_at(lab, step, misdeed, said);
    }
}

fn lets_nobody_in_at(lab: &Lab, step: &str, misdeed: &str, said: &Said) {
    let rogue = Rogue::in_place(lab, step, misdeed);
    let attempt = Door::hasty(lab).try_code(CODE);
    rogue.end();
    attempt.unavailable(match lab.road() {
        Road::Direct => said.direct,
        Road::Bus => said.bus,
    });
    assert!(
        !lab.log().contains(CODE),
        "{misdeed} at {step} put the code into the log"
    );
}

#[test]
fn the_right_answer_in_the_daemons_place_lets_in() {
    // Else the refusals below would mean nothing.
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        let rogue = Rogue::in_place(&lab, "never", "nothing");
        Door::hasty(&lab).try_code(CODE).let_in();
        rogue.end();
    });
}

#[test]
fn silence_lets_nobody_in() {
    on_both_roads(|stage| lets_nobody_in(&without_daemon(stage), "silence", &TIMED_OUT));
}

#[test]
fn silence_ends_within_the_shipped_time_limit() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        let rogue = Rogue::in_place(&lab, "Verify", "silence");
        Door::shipped(&lab)
            .try_code(CODE)
            .unavailable("timed out after 5 s waiting for the daemon to answer Verify");
        rogue.end();
    });
}

#[test]
fn a_right_answer_that_drips_lets_nobody_in() {
    on_both_roads(|stage| lets_nobody_in(&without_daemon(stage), "drip", &TIMED_OUT));
}

#[test]
fn answers_to_other_questions_let_nobody_in() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        lets_nobody_in(&lab, "wrong-serial", &TIMED_OUT);
        // Said before anything is asked: at no step.
        lets_nobody_in_at(&lab, "any", "early", &TIMED_OUT);
    });
}

#[test]
fn words_nobody_agreed_on_let_nobody_in() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        let unknown = alike("a word that this version does not know");
        for word in [
            "yes",
            "maybe",
            "",
            "Accepted",
            "accepted ",
            "accepted\u{1b}[2J",
        ] {
            lets_nobody_in(&lab, &format!("word:{word}"), &unknown);
        }
        // A word of the other question.
        lets_nobody_in_at(&lab, "Prepare", "word:accepted", &unknown);
        lets_nobody_in_at(&lab, "Verify", "word:none", &unknown);
    });
}

#[test]
fn answers_of_another_type_let_nobody_in() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        for misdeed in ["bare-word", "yes-as-a-boolean", "extra-argument"] {
            lets_nobody_in(&lab, misdeed, &MALFORMED);
        }
    });
}

#[test]
fn bytes_that_are_no_answer_let_nobody_in() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        let thrown_out = |direct| Said {
            direct,
            bus: NO_REPLY,
        };
        lets_nobody_in(&lab, "garbage", &thrown_out("a malformed message"));
        lets_nobody_in(&lab, "broken-string", &thrown_out("a malformed message"));
        lets_nobody_in(&lab, "truncated", &TIMED_OUT);
        let closed = thrown_out("the connection was closed");
        lets_nobody_in(&lab, "cut-off", &closed);
        lets_nobody_in(&lab, "hang-up", &closed);
    });
}

#[test]
fn answers_too_large_to_be_any_are_not_read() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        lets_nobody_in(&lab, "large", &alike("bytes, which is too large"));
        let huge = Said {
            direct: "bytes, which is too large",
            bus: NO_REPLY,
        };
        lets_nobody_in(&lab, "huge", &huge);
    });
}

#[test]
fn endless_signals_let_nobody_in() {
    on_both_roads(|stage| {
        // A bus may throw out who sends so much before the module has had enough of it.
        let said = Said {
            direct: "too many messages that are no answer",
            bus: "too many messages that are no answer|org.freedesktop.DBus.Error.NoReply",
        };
        lets_nobody_in(&without_daemon(stage), "signals", &said);
    });
}

#[test]
fn errors_let_nobody_in_and_their_text_puts_no_code_into_the_log() {
    on_both_roads(|stage| {
        let lab = without_daemon(stage);
        for fault in [
            "AccessDenied",
            "InvalidArgument",
            "NoSuchUser",
            "NotEnrolled",
            "AlreadyEnrolled",
            "CodeNotAccepted",
            "Throttled",
            "NoPendingEnrollment",
            "StorageFailed",
            "Busy",
            "NobodyKnowsThisOne",
        ] {
            let error = format!("org.countersign1.Error.{fault}");
            for step in STEPS {
                let rogue = Rogue::in_place(&lab, step, &format!("error:{error}"));
                let attempt = Door::hasty(&lab).try_code(CODE);
                rogue.end();
                attempt.unavailable(&format!("the daemon to answer {step}: the error {error}"));
                assert!(!lab.log().contains(CODE), "{}", lab.log());
            }
        }
    });
}

#[test]
fn a_handshake_that_goes_wrong_lets_nobody_in() {
    in_lab(|stage| {
        let lab = without_daemon(stage);
        let handshake = |misdeed, line| lets_nobody_in_at(&lab, "Handshake", misdeed, &alike(line));
        let timed_out = "timed out after 1 s waiting for the handshake";
        handshake("silence", timed_out);
        handshake("drip", timed_out);
        // The bus is asked then, and there is no daemon either.
        let refused = "by the login socket: the handshake was refused, or the socket speaks no \
                       D-Bus; by the system bus: while waiting for the bus to start org.countersign1";
        handshake("rejected", refused);
        handshake("garbage", refused);
        let closed = "by the login socket: the connection was closed while waiting for the \
                      handshake; by the system bus: while waiting for the bus to start";
        handshake("hang-up", closed);
    });
}

#[test]
fn people_read_the_same_at_every_program() {
    on_both_roads(|stage| {
        let lab = without_daemon(
            stage
                .user("bob", "his password")
                .module_options("timeout=1"),
        );
        for (step, misdeed) in [("Prepare", "hang-up"), ("Verify", "word:yes")] {
            for login in [lab.su("bob", "alice"), lab.login("alice"), lab.ssh("alice")] {
                let rogue = Rogue::in_place(&lab, step, misdeed);
                let visit = login.password("her password").code(CODE).go();
                rogue.end();
                visit.refused_with(crate::door::CANNOT_BE_CHECKED);
            }
        }
        assert!(!lab.log().contains(CODE), "{}", lab.log());
    });
}
