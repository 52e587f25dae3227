//! The lab itself: that its logins work without Countersign, so that a refusal elsewhere means
//! something, and that it is apart from the host.

use std::fs;
use std::path::Path;

use countersign_tests::{Outcome, Program, Stack, in_lab};

#[test]
fn passwords_let_in_and_wrong_passwords_do_not() {
    in_lab(|stage| {
        let lab = stage
            .stack(Stack::Plain)
            .user("alice", "pw-a")
            .user("bob", "pw-b")
            .start();
        lab.ssh("alice").password("pw-a").go().let_in_as("alice");
        lab.sudo("alice").password("pw-a").go().let_in_as("root");
        lab.su("bob", "alice")
            .password("pw-a")
            .go()
            .let_in_as("alice");
        lab.login("alice").password("pw-a").go().let_in_as("alice");
        lab.screen_locker("alice")
            .password("pw-a")
            .go()
            .let_in_as("alice");
        for login in [
            lab.ssh("alice"),
            lab.sudo("alice"),
            lab.su("bob", "alice"),
            lab.login("alice"),
            lab.screen_locker("alice"),
        ] {
            let visit = login.password("pw-b").go();
            assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
            assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
        }
    });
}

#[test]
fn a_key_alone_does_not_let_in_where_a_prompt_must_follow() {
    in_lab(|stage| {
        let lab = stage.stack(Stack::Plain).user("alice", "pw-a").start();
        let visit = lab.ssh_with_key("alice").go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    });
}

#[test]
fn what_is_sent_to_syslog_can_be_read() {
    in_lab(|stage| {
        let lab = stage.stack(Stack::Plain).user("alice", "pw-a").start();
        lab.su("alice", "root").password("wrong").go();
        assert!(
            lab.log()
                .contains("pam_unix(su:auth): authentication failure"),
            "{}",
            lab.log()
        );
    });
}

#[test]
fn a_lab_is_a_host_of_its_own() {
    in_lab(|stage| {
        let _lab = stage.stack(Stack::Plain).user("alice", "pw-a").start();
        assert_eq!(Program::new("hostname").text(), "lab\n");
        let interfaces = fs::read_to_string("/proc/net/dev").unwrap();
        let interfaces = interfaces.lines().filter(|line| line.contains(':')).count();
        assert_eq!(interfaces, 1, "only the loopback interface");
        let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/written-by-a-lab");
        assert!(
            fs::write(repository, "").is_err(),
            "the repository is read-only"
        );
    });
}

#[test]
fn what_a_lab_writes_does_not_reach_the_host() {
    let file = "/etc/written-by-a-lab";
    let enter = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/lab/enter");
    let write = format!("echo here >{file} && cat {file}");
    assert_eq!(
        Program::new(enter).args(["sh", "-c", &write]).text(),
        "here\n"
    );
    assert!(!Path::new(file).exists());
}
