//! The configuration: what a broken one says and does, and how files add up.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use countersign_tests::{Lab, PamLogin, Program, Road, Secret, Stage, in_lab};

const PASSWORD: &str = "her password";
const MAIN: &str = "/etc/countersign/countersign.toml";
const DROP_INS: &str = "/etc/countersign/conf.d";
/// Syslog's mark of a line of facility auth that somebody has to act on.
const ALERT: &str = "<33>";

/// Alice is enrolled, by counter so that no code has to be waited for; bob is not.
fn alice_and_bob(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .road(Road::Bus)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

/// Has the daemon start with this main file.
fn configure(lab: &mut Lab, toml: &str) {
    lab.daemon().stop();
    fs::write(MAIN, toml).expect("the configuration");
}

fn drop_in(name: &str, toml: &str) {
    fs::create_dir_all(DROP_INS).expect("a directory for drop-ins");
    fs::write(format!("{DROP_INS}/{name}"), toml).expect("a drop-in");
}

fn chmod(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a new mode");
}

/// The defaults are in force: who is enrolled is asked, who is not is let be.
fn the_defaults_hold(secret: &mut Secret) {
    let verdict = PamLogin::of("alice").code(&secret.next_code()).go();
    verdict.let_in();
    assert_eq!(verdict.asked.len(), 1, "{verdict:?}");
    is_asked_nothing("bob");
}

fn is_asked_nothing(user: &str) {
    let verdict = PamLogin::of(user).go();
    verdict.let_in();
    assert_eq!(verdict.asked.len(), 0, "{verdict:?}");
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_the_defaults_hold_meanwhile() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        // The rule alone would let alice in without a code.
        configure(
            &mut lab,
            "[[rule]]\nrequire = \"never\"\n\n[totp]\nwindw = 2\ndigits = 9\n",
        );
        drop_in("10-more.toml", "[[rule]]\nrequire = \"allways\"\n");
        drop_in("20-not.toml", "issuer = \n");
        drop_in("30-good.toml", "issuer = \"example\"\n");
        let mark = lab.log_mark();
        the_defaults_hold(&mut secret);
        for line in [
            &format!("{MAIN}:5:1: unknown key \"windw\" in [totp]; did you mean \"window\"?"),
            &format!("{MAIN}:6:10: \"digits\" takes a whole number from 6 to 8"),
            &format!("{DROP_INS}/10-more.toml:2:11: \"require\" takes one of "),
            &format!("{DROP_INS}/20-not.toml:1:"),
        ] {
            lab.logged(mark, &[line]);
        }
        let alert = lab.logged(
            mark,
            &["the configuration is broken and none of it is in force"],
        );
        assert!(alert.starts_with(ALERT), "{alert}");
        assert!(alert.contains("mend it and reload countersignd"), "{alert}");
        assert!(!lab.log_since(mark).contains("30-good"), "{alert}");

        // The mended one counts from the next start on.
        fs::remove_dir_all(DROP_INS).expect("the drop-ins");
        configure(&mut lab, "[[rule]]\nrequire = \"never\"\n");
        is_asked_nothing("alice");
    });
}

#[test]
fn a_file_that_cannot_be_read_or_that_anybody_may_write_is_no_configuration() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        let never = "[[rule]]\nrequire = \"never\"\n";
        let cases: [(fn(), &str, &str); 6] = [
            (
                || chmod(MAIN, 0o600),
                MAIN,
                "cannot read this: Permission denied",
            ),
            (|| chmod(MAIN, 0o646), MAIN, "chmod go-w it"),
            (
                || {
                    fs::write(MAIN, b"issuer = \"\xff\"").expect("a file");
                    chmod(MAIN, 0o644);
                },
                MAIN,
                "this is not UTF-8 text",
            ),
            (
                || {
                    fs::remove_file(MAIN).expect("a file");
                    std::os::unix::fs::symlink("/nowhere", MAIN).expect("a link");
                },
                MAIN,
                "cannot read this: No such file or directory",
            ),
            (
                || {
                    fs::remove_file(MAIN).expect("a link");
                    Program::new("mkfifo").arg(MAIN).text();
                    chmod(MAIN, 0o644);
                },
                MAIN,
                "this is not a regular file",
            ),
            (
                || {
                    fs::remove_file(MAIN).expect("a pipe");
                    drop_in("10.toml", "");
                    chmod(DROP_INS, 0o700);
                },
                DROP_INS,
                "cannot read this: Permission denied",
            ),
        ];
        configure(&mut lab, never);
        is_asked_nothing("alice");
        for (spoil, path, said) in cases {
            lab.daemon().stop();
            spoil();
            let mark = lab.log_mark();
            the_defaults_hold(&mut secret);
            lab.logged(mark, &[path, said]);
            lab.logged(mark, &["none of it is in force"]);
        }
    });
}

#[test]
fn without_any_file_the_defaults_hold_and_nothing_is_complained_of() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice_and_bob(stage);
        lab.daemon().stop();
        fs::remove_dir_all("/etc/countersign").expect("the configuration");
        let mark = lab.log_mark();
        the_defaults_hold(&mut secret);
        assert!(!lab.log_since(mark).contains("configuration"));
    });
}

#[test]
fn of_drop_ins_the_last_one_counts_and_their_rules_come_after_the_main_file() {
    in_lab(|stage| {
        let (mut lab, _secret) = alice_and_bob(stage);
        drop_in("20.toml", "issuer = \"last\"\n[recovery]\ncodes = 3\n");
        drop_in(
            "10.toml",
            "issuer = \"first\"\n[[rule]]\nrequire = \"never\"\n",
        );
        drop_in("30.toml.bak", "issuer = \"no file of ours\"\n");
        configure(
            &mut lab,
            "issuer = \"main\"\n[[rule]]\nusers = [\"alice\"]\nrequire = \"if-enrolled\"\n",
        );
        let verdict = PamLogin::of("alice").go();
        assert_eq!(verdict.asked.len(), 1, "{verdict:?}");
        is_asked_nothing("bob");
        let secret = lab.enroll("bob");
        assert!(secret.uri().contains("last"), "{}", secret.uri());
        assert_eq!(secret.recovery_codes().len(), 3);
        is_asked_nothing("bob");
    });
}
