//! Logins over SSH, on both roads from the module to the daemon.

use std::time::Duration;

use countersign_tests::{Lab, Login, Outcome, Secret, Stack, Stage, on_both_roads};

const PASSWORD: &str = "her password";
const WRONG: &str = "That code is not right.";
const USED: &str = "That code was used already: wait for the next one.";
const UNAVAILABLE: &str = "The second factor cannot be checked right now.";

/// Alice is enrolled, bob is not. The window is as wide as it goes, so that a test need not wait
/// for the next time step.
fn alice_and_bob(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .config("[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let secret = lab.enroll("alice");
    (lab, secret)
}

fn ssh(lab: &Lab) -> Login {
    lab.ssh("alice").password(PASSWORD)
}

#[test]
fn a_password_and_a_code_let_in() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let visit = ssh(&lab).code(&secret.next_code()).go();
        visit.let_in_as("alice");
        assert_eq!((visit.password_prompts(), visit.code_prompts()), (1, 1));
    });
}

#[test]
fn a_key_and_a_code_let_in_and_no_password_is_asked_for() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage.stack(Stack::KeyAndCode));
        let visit = lab.ssh_with_key("alice").code(&secret.next_code()).go();
        visit.let_in_as("alice");
        assert_eq!((visit.password_prompts(), visit.code_prompts()), (0, 1));
    });
}

#[test]
fn the_defaults_take_the_code_of_now() {
    on_both_roads(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll("alice");
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
    });
}

#[test]
fn a_code_without_the_key_does_not_let_in() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage.stack(Stack::KeyAndCode));
        let visit = lab.ssh("alice").code(&secret.next_code()).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
    });
}

#[test]
fn a_code_with_a_wrong_password_does_not_let_in() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let code = secret.next_code();
        let visit = lab
            .ssh("alice")
            .password("not her password")
            .code(&code)
            .go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    });
}

#[test]
fn wrong_codes_are_refused_after_three_tries() {
    on_both_roads(|stage| {
        let (lab, secret) = alice_and_bob(stage);
        let wrong = secret.wrong_code();
        let visit = ssh(&lab).code(&wrong).code(&wrong).code(&wrong).go();
        visit.refused_with(WRONG);
        assert_eq!(visit.code_prompts(), 3, "{}", visit.transcript());
    });
}

#[test]
fn a_right_code_after_a_wrong_one_lets_in() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let visit = ssh(&lab)
            .code(&secret.wrong_code())
            .code(&secret.next_code())
            .go();
        visit.let_in_as("alice");
        assert!(visit.transcript().contains(WRONG), "{}", visit.transcript());
    });
}

#[test]
fn a_code_is_good_for_one_login() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let code = secret.next_code();
        ssh(&lab).code(&code).go().let_in_as("alice");
        ssh(&lab)
            .code(&code)
            .code(&code)
            .code(&code)
            .go()
            .refused_with(USED);
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
    });
}

#[test]
fn a_used_code_stays_used_when_the_daemon_is_killed() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        let code = secret.next_code();
        ssh(&lab).code(&code).go().let_in_as("alice");
        lab.daemon().kill();
        ssh(&lab)
            .code(&code)
            .code(&code)
            .code(&code)
            .go()
            .refused_with(USED);
        lab.daemon().stop();
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
    });
}

#[test]
fn what_cannot_be_a_code_is_refused_like_a_wrong_one() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let long = "1".repeat(300);
        for nonsense in [
            "",
            "   ",
            long.as_str(),
            "１２３４５６",
            "12\u{1b}[2J",
            "%s%n%s%n",
        ] {
            let visit = ssh(&lab).code(nonsense).code(nonsense).code(nonsense).go();
            visit.refused_with(WRONG);
            assert_eq!(
                visit.code_prompts(),
                3,
                "{nonsense:?}: {}",
                visit.transcript()
            );
        }
        // It was never sent to the daemon, so it used none of her five tries up.
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
    });
}

#[test]
fn blanks_in_a_code_do_no_harm() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let code = secret.next_code();
        let (left, right) = code.split_at(3);
        ssh(&lab)
            .code(&format!(" {left} {right} "))
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn who_is_not_enrolled_logs_in_as_before() {
    on_both_roads(|stage| {
        let (lab, _secret) = alice_and_bob(stage);
        let visit = lab.ssh("bob").password(PASSWORD).go();
        visit.let_in_as("bob");
        assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
    });
}

#[test]
fn who_is_not_enrolled_logs_in_with_a_key_as_before() {
    on_both_roads(|stage| {
        let (lab, _secret) = alice_and_bob(stage.stack(Stack::KeyAndCode));
        let visit = lab.ssh_with_key("bob").go();
        visit.let_in_as("bob");
        assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
    });
}

#[test]
fn an_enrollment_that_is_not_confirmed_changes_nothing() {
    on_both_roads(|stage| {
        let (lab, _secret) = alice_and_bob(stage);
        lab.begin_enrollment_and_leave("bob");
        let visit = lab.ssh("bob").password(PASSWORD).go();
        visit.let_in_as("bob");
        assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
    });
}

#[test]
fn a_recovery_code_lets_in_once() {
    on_both_roads(|stage| {
        let (lab, secret) = alice_and_bob(stage);
        let code = secret
            .recovery_codes()
            .first()
            .expect("enrolling gives recovery codes");
        // How many are left is said, but sshd drops what is said before it lets somebody in.
        ssh(&lab).code(code).go().let_in_as("alice");
        let visit = ssh(&lab).code(code).code(code).code(code).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    });
}

#[test]
fn too_many_wrong_codes_are_turned_away_and_nobody_else_is() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage);
        let wrong = secret.wrong_code();
        ssh(&lab)
            .code(&wrong)
            .code(&wrong)
            .code(&wrong)
            .go()
            .refused_with(WRONG);
        let visit = ssh(&lab).code(&wrong).code(&wrong).code(&wrong).go();
        visit.refused_with("Too many wrong codes: try again in ");
        // A right code from there waits like any other.
        ssh(&lab)
            .code(&secret.next_code())
            .go()
            .refused_with("Too many wrong codes: try again in ");
        // Who fails over SSH stops neither the owner at the machine nor another user over SSH.
        let sudo = lab
            .sudo("alice")
            .password(PASSWORD)
            .code(&secret.next_code())
            .go();
        sudo.let_in_as("root");
        lab.ssh("bob").password(PASSWORD).go().let_in_as("bob");
    });
}

#[test]
fn without_the_daemon_nobody_is_let_in_and_the_person_reads_why() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        lab.daemon().remove();
        ssh(&lab)
            .code(&secret.next_code())
            .go()
            .refused_with(UNAVAILABLE);
        lab.ssh("bob")
            .password(PASSWORD)
            .go()
            .refused_with(UNAVAILABLE);
        assert!(lab.log().contains("pam_countersign"), "{}", lab.log());
    });
}

#[test]
fn a_daemon_that_hangs_denies_within_seconds() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
        lab.daemon().freeze();
        let visit = ssh(&lab).code(&secret.next_code()).go();
        visit.refused_with(UNAVAILABLE);
        assert!(
            visit.took() < Duration::from_secs(12),
            "it took {:?}",
            visit.took()
        );
        lab.daemon().thaw();
        ssh(&lab).code(&secret.next_code()).go().let_in_as("alice");
    });
}

#[test]
fn unavailable_ignore_lets_in_without_the_daemon_and_says_so_in_the_log() {
    on_both_roads(|stage| {
        let (mut lab, _secret) = alice_and_bob(stage.module_options("unavailable=ignore"));
        lab.daemon().remove();
        let visit = ssh(&lab).go();
        visit.let_in_as("alice");
        let log = lab.log();
        assert!(
            log.lines().any(|line| line.contains("pam_countersign")),
            "{log}"
        );
    });
}

#[test]
fn no_log_has_a_code_or_a_secret() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_and_bob(stage.module_options("debug"));
        let right = secret.next_code();
        let wrong = secret.wrong_code();
        let recovery = secret
            .recovery_codes()
            .first()
            .expect("a recovery code")
            .clone();
        ssh(&lab).code(&wrong).code(&right).go().let_in_as("alice");
        ssh(&lab).code(&recovery).go().let_in_as("alice");
        let logs = lab.log() + &lab.daemon_output();
        assert!(
            logs.contains("alice"),
            "the logs say nothing at all:\n{logs}"
        );
        let bare = recovery.replace('-', "");
        // Numbers of processes and ports are shorter than codes, so that a hit is a code.
        for hidden in [&right, &recovery, &bare, secret.base32(), PASSWORD] {
            let line = logs.lines().find(|line| line.contains(hidden));
            assert_eq!(line, None, "a log has what nobody should read in it");
        }
    });
}
