//! Callers who prepare the environment of a program that logs somebody in.

use std::fs;

use countersign_tests::{Lab, Login, Outcome, Program, Secret, Stage, on_both_roads};

use crate::door::Door;
use crate::rogue::Rogue;

const PASSWORD: &str = "her password";
const LIAR: &str = concat!(include_str!("wire.py"), include_str!("liar_bus.py"));
/// Alice's own, where everybody may connect to it.
const BUS: &str = "/tmp/liar";

/// What a library or a runtime might listen to. `su` and `sudo` are not to be preloaded, nor to be
/// made to talk.
const ENVIRONMENT: &str = "\
    DBUS_SYSTEM_BUS_ADDRESS=unix:path=/tmp/liar \
    DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/liar \
    DBUS_STARTER_ADDRESS=unix:path=/tmp/liar \
    DBUS_STARTER_BUS_TYPE=system \
    XDG_RUNTIME_DIR=/tmp XDG_CONFIG_HOME=/tmp XDG_DATA_DIRS=/tmp \
    CREDENTIALS_DIRECTORY=/tmp STATE_DIRECTORY=/tmp TMPDIR=/tmp \
    LISTEN_FDS=1 NOTIFY_SOCKET=/tmp/liar \
    LD_LIBRARY_PATH=/tmp LD_BIND_NOW=1 \
    RUST_BACKTRACE=full RUST_LOG=trace RUST_MIN_STACK=1 \
    ZBUS_LOG=trace ZBUS_TEST_ADDRESS=unix:path=/tmp/liar \
    COUNTERSIGN_BUS=unix:path=/tmp/liar COUNTERSIGN_TEST=1";

/// Alice and bob, alice enrolled; a liar's bus; and programs that are started with
/// [`ENVIRONMENT`], whoever starts them.
fn prepared(stage: Stage) -> (Lab, Secret, Rogue) {
    let lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
    let secret = lab.enroll("alice");
    let rogue = Rogue::run("alice", LIAR, &[BUS]);
    for program in ["su", "sudo", "vlock"] {
        let start = format!("#!/bin/sh\nexec env {ENVIRONMENT} /usr/bin/{program} \"$@\"\n");
        let path = format!("/usr/local/bin/{program}");
        fs::write(&path, start).expect("a program that starts another");
        Program::new("chmod").args(["755", &path]).text();
        let found = Program::as_user("alice", "which").arg(program).text();
        assert_eq!(found.trim_end(), path);
    }
    (lab, secret, rogue)
}

/// The wrong code is refused, the right one lets in, nothing more is shown than without all that,
/// and nobody has been to the liar's bus.
fn makes_no_difference(login: impl Fn() -> Login, becomes: &str, secret: &mut Secret) {
    let wrong = secret.wrong_code();
    let visit = login()
        .password(PASSWORD)
        .code(&wrong)
        .code(&wrong)
        .code(&wrong)
        .go();
    assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    assert_eq!(visit.code_prompts(), 3, "{}", visit.transcript());
    for talk in ["TRACE", "DEBUG", "zbus", "panicked", "src/"] {
        assert!(!visit.transcript().contains(talk), "{}", visit.transcript());
    }
    login()
        .password(PASSWORD)
        .code(&secret.next_code())
        .go()
        .let_in_as(becomes);
    assert_eq!(visits(), 0, "somebody went to the bus of the environment");
}

/// How many connections the liar's bus has had.
fn visits() -> usize {
    fs::read_to_string(format!("{BUS}.visits"))
        .expect("the liar keeps a book")
        .lines()
        .count()
}

#[test]
fn a_liars_bus_would_be_believed_by_a_module_sent_there() {
    // Else the tests below would mean nothing.
    on_both_roads(|stage| {
        let (lab, _secret, _rogue) = prepared(stage);
        Door::new(&lab, "bus=unix:path=/tmp/liar", 5)
            .try_code("000000")
            .let_in();
        assert_eq!(visits(), 2, "one for each question");
    });
}

#[test]
fn the_environment_of_su_makes_no_difference() {
    on_both_roads(|stage| {
        let (lab, mut secret, _rogue) = prepared(stage);
        makes_no_difference(|| lab.su("bob", "alice"), "alice", &mut secret);
    });
}

#[test]
fn the_environment_of_sudo_makes_no_difference() {
    on_both_roads(|stage| {
        let (lab, mut secret, _rogue) = prepared(stage);
        makes_no_difference(|| lab.sudo("alice"), "root", &mut secret);
    });
}

#[test]
fn the_environment_of_a_screen_locker_makes_no_difference() {
    // It is the user's own program, and obeys her in all else.
    on_both_roads(|stage| {
        let (lab, mut secret, _rogue) = prepared(stage);
        makes_no_difference(|| lab.screen_locker("alice"), "alice", &mut secret);
    });
}
