//! A host whose clock is wrong for a while: no code counts twice because of it, nobody waits longer
//! than a quarter of an hour, and nobody is kept out for good.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{
    FalseClock, Lab, PamCode, PamLogin, Road, Secret, Stage, Verdict, in_lab, tool,
};

const PASSWORD: &str = "her password";
const WRONG: &str = "That code is not right.";
const USED: &str = "That code was used already: wait for the next one.";
/// Letters, so that no token ever shows it.
const NEVER: &str = "zzzzzz";
const STEP: i64 = 30;
const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 86_400;

/// Alice is enrolled on a host whose clock can be set; it is right.
fn alice(stage: Stage) -> (Lab, Secret, FalseClock) {
    let lab = stage
        .road(Road::Bus)
        .config("[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .start();
    let clock = FalseClock::install();
    let secret = lab.enroll("alice");
    (lab, secret, clock)
}

fn with(code: &str) -> Verdict {
    PamLogin::of("alice").code(code).go()
}

/// Checks that a code does not let in, and what the person reads of it.
fn refused(code: &str, sentence: &str) {
    let verdict = with(code);
    assert_ne!(verdict.code, PamCode::Success, "{verdict:?}");
    assert_eq!(verdict.told, [sentence], "{verdict:?}");
}

/// The seconds to wait, as the person reads them.
fn wait() -> u64 {
    let verdict = with(NEVER);
    assert_eq!(verdict.code, PamCode::MaxTries, "{verdict:?}");
    let seconds = verdict.told.last().and_then(|said| {
        let seconds = said.strip_prefix("Too many wrong codes: try again in ")?;
        seconds.strip_suffix(" s.")?.parse().ok()
    });
    seconds.expect("how long to wait")
}

#[test]
fn a_clock_put_back_an_hour_makes_no_used_code_good() {
    in_lab(|stage| {
        let (mut lab, mut secret, clock) = alice(stage);
        let before = secret.next_code();
        with(&before).let_in();

        clock.set(-HOUR);
        refused(&before, WRONG);
        // What the app showed an hour ago may have been overheard then.
        refused(&secret.code(-HOUR / STEP), USED);
        lab.daemon().kill();
        refused(&secret.code(-HOUR / STEP), USED);
        // The owner whose phone is right is not locked out meanwhile.
        let recovery = secret.recovery_codes().first().expect("a recovery code");
        with(recovery).let_in();

        clock.set(0);
        refused(&before, USED);
        with(&secret.next_code()).let_in();
    });
}

#[test]
fn a_clock_put_back_makes_nobody_wait_longer_than_a_quarter_of_an_hour() {
    in_lab(|stage| {
        let (_lab, mut secret, clock) = alice(stage);
        for _ in 0..5 {
            refused(NEVER, WRONG);
        }
        // Each wait is sat out and followed by one more wrong code, up to the longest wait.
        let mut later = 0;
        for due in [30, 60, 120, 240, 480, 900] {
            let told = wait();
            assert!(
                told <= due && told + 5 > due,
                "{told} s, where {due} s are due"
            );
            if due < 900 {
                later += i64::try_from(due).expect("a small number");
                clock.set(later);
                refused(NEVER, WRONG);
            }
        }
        for back in [HOUR, YEAR] {
            clock.set(later - back);
            let told = wait();
            assert!((895..=900).contains(&told), "{told} s");
        }
        clock.set(later - YEAR + 901);
        refused(NEVER, WRONG);
        clock.set(0);
        with(&secret.next_code()).let_in();
    });
}

#[test]
fn a_clock_put_forward_a_year_locks_nobody_out_for_a_year() {
    in_lab(|stage| {
        let (lab, mut secret, clock) = alice(stage);
        clock.set(YEAR);
        refused(&secret.next_code(), WRONG);
        with(&secret.code(YEAR / STEP)).let_in();

        clock.set(0);
        let code = secret.next_code();
        refused(&code, USED);
        let recovery = secret.recovery_codes().first().expect("a recovery code");
        with(recovery).let_in();
        refused(&code, USED);
        tool("root", &["unlock", "alice"], &[]).done();
        with(&code).let_in();
        refused(&code, USED);
        drop(lab);
    });
}

#[test]
fn a_temporary_code_issued_a_year_ahead_is_not_good_for_a_year() {
    in_lab(|stage| {
        let (lab, _secret, clock) = alice(stage);
        clock.set(YEAR);
        let issue = "unlock alice --temporary-code --uses 2 --json";
        let issue: Vec<&str> = issue.split(' ').collect();
        let issued = tool("root", &issue, &[]);
        issued.done();
        let issued: serde_json::Value = serde_json::from_str(&issued.out).expect("JSON");
        let code = issued
            .get("temporary_code")
            .and_then(serde_json::Value::as_str)
            .expect("a temporary code");
        with(code).let_in();
        clock.set(0);
        refused(code, WRONG);
        drop(lab);
    });
}
