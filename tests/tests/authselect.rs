//! Stacks as authselect writes them, with the line where `countersign-authselect` puts it.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::process::{Command, Stdio};

use countersign_tests::{Lab, PamTester, Secret, Stage, in_lab, on_both_roads};

const PASSWORD: &str = "her password";
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../packaging/authselect/countersign-authselect"
);

/// Built like a profile for local users, and like one with a directory, where lines jump.
const PROFILES: [&str; 2] = [
    "auth        required      pam_env.so
auth        required      pam_faillock.so preauth silent           {include if \"with-faillock\"}
auth        sufficient    pam_unix.so nodelay
auth        required      pam_deny.so
account     required      pam_unix.so
",
    "{imply \"with-smartcard\" if \"with-smartcard-required\"}
auth        required                                  pam_env.so
auth        [default=1 ignore=ignore success=ok]      pam_localuser.so
auth        sufficient                                pam_unix.so nodelay
auth        required                                  pam_deny.so
account     required                                  pam_unix.so
",
];

/// How services of Fedora's come to those: sshd and login by the first, sudo by the second.
const WAYS: [&str; 2] = ["auth substack fedora-auth", "auth include fedora-auth"];

fn alice_and_bob(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .config("[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let secret = lab.enroll("alice");
    (lab, secret)
}

fn preview(profile: &str) -> String {
    fs::write("/tmp/profile", profile).expect("a profile");
    let output = Command::new(SCRIPT)
        .args(["preview", "/tmp/profile"])
        .stdin(Stdio::null())
        .output()
        .expect("the script");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// What authselect makes of a profile with this feature alone.
fn rendered(profile: &str) -> String {
    let mut stack = String::new();
    for line in profile.lines() {
        let condition = line.find('{').map(|at| line.split_at(at));
        match condition {
            None => stack.push_str(line),
            Some((line, "{include if \"with-countersign\"}")) => stack.push_str(line),
            Some(_) => continue,
        }
        stack.push('\n');
    }
    stack
}

#[test]
fn in_authselects_stacks_the_code_is_asked_for_and_counts_by_substack_and_by_include() {
    on_both_roads(|stage| {
        let (_lab, mut secret) = alice_and_bob(stage);
        for profile in PROFILES {
            let stack = rendered(&preview(profile));
            fs::write("/etc/pam.d/fedora-auth", stack).expect("a stack");
            for way in WAYS {
                let service = PamTester::new("fedora", &[way]);
                let wrong = secret.wrong_code();
                let code = secret.next_code();

                let report = service.by_root("alice", &[&wrong, &wrong, &wrong, PASSWORD]);
                assert!(!report.succeeded(), "a wrong code: {way}: {report:?}");
                assert_eq!(report.prompts("Password: "), 1, "{way}: {report:?}");

                let report = service.by_root("alice", &[&code, PASSWORD]);
                assert!(report.succeeded(), "both right: {way}: {report:?}");
                assert_eq!(report.prompts("Authenticator code: "), 1, "{report:?}");

                let report = service.by_root("alice", &[&secret.next_code(), "not hers"]);
                assert!(!report.succeeded(), "a wrong password: {way}: {report:?}");

                let report = service.by_root("bob", &[PASSWORD]);
                assert!(report.succeeded(), "not enrolled: {way}: {report:?}");
                assert_eq!(report.prompts("Authenticator code: "), 0, "{report:?}");
            }
        }
    });
}

#[test]
fn below_an_include_of_authselects_stack_nobody_would_be_asked() {
    on_both_roads(|stage| {
        let (_lab, _secret) = alice_and_bob(stage);
        for profile in PROFILES {
            fs::write("/etc/pam.d/fedora-auth", rendered(profile)).expect("a stack");
            let below = [
                "auth include fedora-auth",
                "auth required pam_countersign.so",
            ];
            let report = PamTester::new("fedora", &below).by_root("alice", &[PASSWORD]);
            assert!(report.succeeded(), "{report:?}");
            assert_eq!(report.prompts("Authenticator code: "), 0, "{report:?}");
        }
    });
}

#[test]
fn a_profile_gets_one_line_and_only_where_its_place_is_certain() {
    in_lab(|_stage| {
        for profile in PROFILES {
            let with = preview(profile);
            let added: Vec<&str> = with
                .lines()
                .filter(|line| line.contains("countersign"))
                .collect();
            assert_eq!(added.len(), 1, "{with}");
            assert!(
                with.replace(&format!("{}\n", added[0]), "") == profile,
                "{with}"
            );
        }
        let refused = [
            ("account required pam_unix.so\n", "no line with auth"),
            ("auth required \\\n pam_unix.so\n", "goes on in the next"),
            (
                "auth required pam_countersign.so\n",
                "names pam_countersign already",
            ),
        ];
        for (profile, why) in refused {
            fs::write("/tmp/profile", profile).expect("a profile");
            let output = Command::new(SCRIPT)
                .args(["preview", "/tmp/profile"])
                .output()
                .expect("the script");
            assert!(!output.status.success(), "{profile}");
            assert!(
                String::from_utf8_lossy(&output.stderr).contains(why),
                "{output:?}"
            );
        }
    });
}
