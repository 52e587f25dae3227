//! What the module leaves behind in the program that loads it: nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;

use countersign_tests::{Lab, Program, Secret, Stage, in_lab, on_both_roads};
use serde_json::Value;

const PASSWORD: &str = "her password";
const HOST: &str = concat!(
    include_str!("../src/pam.py"),
    include_str!("residue/host.py")
);
/// A stack with the module alone, so that what is seen is the module's doing.
const STACK: &str = "auth required pam_countersign.so\n";

fn alice(stage: Stage) -> (Lab, Secret) {
    let lab = stage.user("alice", PASSWORD).start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

/// Runs the host program on these codes and returns what it saw.
fn host(run_as: &str, codes: &[String]) -> Value {
    host_of("residue", run_as, codes)
}

/// The same, under the name of another service.
fn host_of(service: &str, run_as: &str, codes: &[String]) -> Value {
    fs::write(format!("/etc/pam.d/{service}"), STACK).expect("a stack for the host program");
    let seen = Program::as_user(run_as, "python3")
        .args(["-c", HOST, service, "alice"])
        .input(&codes.join("\n"))
        .text();
    serde_json::from_str(&seen).expect("the host program prints JSON")
}

/// Checks that the host program is after all logins what it was before the first.
fn nothing_is_left(seen: &Value, refused: usize) {
    let verdicts = seen["refused"]
        .as_array()
        .expect("PAM's codes of the refused logins");
    assert_eq!(
        verdicts.len(),
        refused,
        "refused, from login {} on: {verdicts:?}",
        seen["first_refused"]
    );
    for when in ["after_one", "after_all"] {
        for (what, before) in seen["before"].as_object().expect("what it saw") {
            assert_eq!(&seen[when][what], before, "{what}, {when}");
        }
    }
    let grown = seen["grown_kib"].as_i64().expect("a number");
    assert!(
        grown < 256,
        "memory grew by {grown} KiB over the second half of the logins"
    );
}

#[test]
fn a_thousand_logins_leave_nothing_behind() {
    on_both_roads(|stage| {
        let (_lab, mut secret) = alice(stage);
        let codes = secret.next_codes(1000);
        nothing_is_left(&host("root", &codes), 0);
    });
}

#[test]
fn logins_by_an_unprivileged_program_leave_nothing_behind() {
    in_lab(|stage| {
        let (_lab, mut secret) = alice(stage);
        let codes = secret.next_codes(100);
        nothing_is_left(&host("alice", &codes), 0);
    });
}

#[test]
fn refusals_leave_nothing_behind() {
    on_both_roads(|stage| {
        let (_lab, secret) = alice(stage);
        let codes = vec![secret.wrong_code(); 100];
        nothing_is_left(&host("root", &codes), 100);
    });
}

#[test]
fn dialogs_of_an_enrollment_leave_nothing_behind() {
    on_both_roads(|stage| {
        let _lab = stage
            .config("[[rule]]\nrequire = \"enroll\"\n")
            .user("alice", PASSWORD)
            .start();
        // Who answers everything with yes sees the key, and then types five wrong codes.
        let answers = vec!["yes".to_owned(); 60];
        nothing_is_left(&host_of("su-l", "root", &answers), 60);
    });
}

#[test]
fn a_missing_daemon_leaves_nothing_behind() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().remove();
        let codes = secret.next_codes(100);
        nothing_is_left(&host("root", &codes), 100);
    });
}

#[test]
fn a_daemon_that_hangs_leaves_nothing_behind() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().freeze();
        let codes = secret.next_codes(2);
        nothing_is_left(&host("root", &codes), 2);
        lab.daemon().thaw();
    });
}

#[test]
fn the_module_needs_no_library_but_libc_and_libpam() {
    in_lab(|stage| {
        let lab = stage.start();
        let dynamic = Program::new("readelf")
            .args(["--dynamic", "--wide"])
            .arg(lab.module())
            .text();
        let allowed = ["libc.so", "libpam.so", "ld-linux"];
        let needed: Vec<&str> = dynamic
            .lines()
            .filter(|line| line.contains("(NEEDED)"))
            .collect();
        assert!(!needed.is_empty(), "{dynamic}");
        for line in needed {
            assert!(
                allowed.iter().any(|library| line.contains(library)),
                "{line}"
            );
        }
    });
}

#[test]
fn the_module_stays_mapped_and_shows_its_hooks_alone() {
    in_lab(|stage| {
        let lab = stage.start();
        let dynamic = Program::new("readelf")
            .args(["--dynamic", "--wide"])
            .arg(lab.module())
            .text();
        assert!(dynamic.contains("NODELETE"), "{dynamic}");
        let symbols = Program::new("nm")
            .args(["--dynamic", "--defined-only"])
            .arg(lab.module())
            .text();
        let names: Vec<&str> = symbols
            .lines()
            .filter_map(|line| line.split(' ').nth(2))
            .collect();
        assert!(names.contains(&"pam_sm_authenticate"), "{symbols}");
        assert!(names.contains(&"pam_sm_setcred"), "{symbols}");
        for name in names {
            assert!(name.starts_with("pam_sm_"), "the module shows {name}");
        }
        let headers = Program::new("readelf")
            .args(["--program-headers", "--wide"])
            .arg(lab.module())
            .text();
        let stack = headers
            .lines()
            .find(|line| line.contains("GNU_STACK"))
            .unwrap_or_default();
        assert!(
            !stack.is_empty() && !stack.contains("RWE"),
            "an executable stack: {stack}"
        );
    });
}
