//! Logins at the machine itself: sudo, su, the console, and a screen locker that runs as the user.

use countersign_tests::{Lab, Login, Outcome, Secret, Stage, on_both_roads};

const PASSWORD: &str = "her password";
const WRONG: &str = "That code is not right.";

/// Alice is enrolled, bob is not.
fn alice_and_bob(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .config("[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let secret = lab.enroll("alice");
    (lab, secret)
}

/// The program asks alice for password and code, lets her in as `becomes` with a right one, and
/// refuses wrong ones.
fn asks_for_the_code(login: impl Fn() -> Login, becomes: &str, secret: &mut Secret) {
    let login = || login().password(PASSWORD);
    let visit = login().code(&secret.next_code()).go();
    visit.let_in_as(becomes);
    assert_eq!(visit.code_prompts(), 1, "{}", visit.transcript());
    let wrong = secret.wrong_code();
    login()
        .code(&wrong)
        .code(&wrong)
        .code(&wrong)
        .go()
        .refused_with(WRONG);
    login()
        .code(&wrong)
        .code(&secret.next_code())
        .go()
        .let_in_as(becomes);
}

/// The program asks bob for his password alone.
fn asks_for_no_code(login: Login, becomes: &str) {
    let visit = login.password(PASSWORD).go();
    visit.let_in_as(becomes);
    assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
}

#[test]
fn sudo_asks_for_the_code_of_who_calls_it() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        asks_for_the_code(|| lab.sudo("alice"), "root", &mut secret);
        asks_for_no_code(lab.sudo("bob"), "root");
    });
}

#[test]
fn su_asks_for_the_code_of_whom_one_becomes() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        asks_for_the_code(|| lab.su("bob", "alice"), "alice", &mut secret);
        asks_for_no_code(lab.su("alice", "bob"), "bob");
    });
}

#[test]
fn the_console_asks_for_the_code() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        asks_for_the_code(|| lab.login("alice"), "alice", &mut secret);
        asks_for_no_code(lab.login("bob"), "bob");
    });
}

#[test]
fn a_screen_locker_without_privileges_asks_for_the_code() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        asks_for_the_code(|| lab.screen_locker("alice"), "alice", &mut secret);
        asks_for_no_code(lab.screen_locker("bob"), "bob");
    });
}

#[test]
fn a_bus_of_the_callers_own_is_not_believed() {
    on_both_roads(|stage| {
        let (lab, _secret) = alice_and_bob(stage);
        // bob stands for whoever got alice's password, with a bus that would say yes to anything.
        let lie = "unix:path=/home/bob/bus";
        let su = lab.su_with("bob", "alice", &[("DBUS_SYSTEM_BUS_ADDRESS", lie)]);
        let visit = su.password(PASSWORD).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        assert_eq!(
            visit.code_prompts(),
            1,
            "the real daemon was asked: {}",
            visit.transcript()
        );
    });
}

#[test]
fn a_code_for_one_program_is_good_for_no_other() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let code = secret.next_code();
        lab.sudo("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("root");
        let su = lab
            .su("bob", "alice")
            .password(PASSWORD)
            .code(&code)
            .code(&code)
            .code(&code);
        su.go()
            .refused_with("That code was used already: wait for the next one.");
    });
}
