//! Logins at the machine itself: sudo, su, the console, and screen lockers.

use countersign_tests::{Lab, Login, Outcome, PamCode, PamLogin, Secret, Stage, on_both_roads};

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
    let visit = login().code(&wrong).code(&wrong).code(&wrong).go();
    assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    assert_eq!(visit.code_prompts(), 3, "{}", visit.transcript());
    let told = visit.transcript();
    assert!(told.contains(WRONG), "{told}");
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
fn a_screen_locker_asks_for_the_code() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        asks_for_the_code(|| lab.screen_locker("alice"), "alice", &mut secret);
        asks_for_no_code(lab.screen_locker("bob"), "bob");
    });
}

/// Debian's vlock is setuid root; the lockers of desktops run PAM as the user who sits there.
#[test]
fn a_locker_that_runs_as_the_user_asks_for_the_code() {
    on_both_roads(|stage| {
        let (_lab, mut secret) = alice_and_bob(stage);
        let locker = || PamLogin::of("alice").by("alice").service("locker");
        locker().code(&secret.next_code()).go().let_in();
        let wrong = secret.wrong_code();
        let refused = locker().code(&wrong).code(&wrong).code(&wrong).go();
        refused.refused_with(PamCode::AuthErr, WRONG);
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

#[test]
fn a_recovery_code_says_how_many_are_left() {
    on_both_roads(|stage| {
        let (lab, secret) = alice_and_bob(stage);
        let mut codes = secret.recovery_codes().iter();
        for left in [
            "That was a recovery code: 9 are left.",
            "That was a recovery code: 8 are left.",
        ] {
            let code = codes.next().expect("enrolling gives ten recovery codes");
            let visit = lab.su("bob", "alice").password(PASSWORD).code(code).go();
            visit.let_in_as("alice");
            assert!(visit.transcript().contains(left), "{}", visit.transcript());
        }
    });
}

#[test]
fn too_many_wrong_codes_say_how_long_to_wait() {
    on_both_roads(|stage| {
        let (lab, secret) = alice_and_bob(stage);
        let wrong = secret.wrong_code();
        let su = || {
            lab.su("bob", "alice")
                .password(PASSWORD)
                .code(&wrong)
                .code(&wrong)
                .code(&wrong)
        };
        su().go().refused_with(WRONG);
        su().go()
            .refused_with("Too many wrong codes: try again in ");
    });
}
