//! Names that no user has and names that no user can have, on every way in: each is refused with a
//! plain sentence, nothing of it gets into a log or onto a terminal raw, and nobody learns who
//! exists.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{
    Lab, Outcome, PamCode, PamLogin, Program, Road, in_lab, on_both_roads, tool,
};

const PASSWORD: &str = "her password";
const NOBODY: &str = "nobody-such";
const CANNOT_BE: &str = "That user name cannot be used.";

/// Each name that cannot be, and what a log says of it.
fn impossible() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (
            b"al\x1b[2Jice".to_vec(),
            "the user name has the character U+001B, which is not allowed",
        ),
        (
            b"alice\nsshd: Accepted".to_vec(),
            "the user name has the character U+000A, which is not allowed",
        ),
        (
            "al\u{9b}ice".into(),
            "the user name has the character U+009B, which is not allowed",
        ),
        (b"al\xffice".to_vec(), "the user name is not UTF-8 text"),
        (
            vec![b'x'; 300],
            "the user name is 300 bytes long; at most 255 are allowed",
        ),
        (
            b"../alice".to_vec(),
            "the user name has the character U+002F, which is not allowed",
        ),
        (
            b"alice:x".to_vec(),
            "the user name has the character U+003A, which is not allowed",
        ),
        (Vec::new(), "the user name is empty"),
    ]
}

/// Checks that a text has lines and nothing else that a terminal obeys.
fn is_plain(text: &str) {
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None, "{text:?}");
}

#[test]
fn over_ssh_an_unknown_user_sees_what_a_wrong_password_shows() {
    on_both_roads(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let _enrolled = lab.enroll("alice");
        let visits = ["alice", NOBODY].map(|user| lab.ssh(user).password("not it").go());
        let shown = visits.each_ref().map(|visit| {
            assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
            assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
            visit.transcript().replace(NOBODY, "alice")
        });
        assert_eq!(shown[0], shown[1]);
    });
}

#[test]
fn a_name_that_cannot_be_is_refused_before_anybody_is_asked() {
    on_both_roads(|stage| {
        let lab = stage.start();
        for (name, why) in impossible() {
            let mark = lab.log_mark();
            let verdict = PamLogin::of(&name).code("123456").go();
            verdict.refused_with(PamCode::AuthErr, CANNOT_BE);
            assert_eq!(verdict.asked, Vec::<String>::new());
            assert_eq!(verdict.told, [CANNOT_BE]);
            lab.logged(mark, &["pam_countersign", why]);
            let log = lab.log_since(mark);
            is_plain(&log);
            assert!(!log.contains("Accepted"), "{log}");
        }
    });
}

#[test]
fn an_unknown_user_is_let_be_where_only_the_enrolled_are_asked() {
    on_both_roads(|stage| {
        let _lab = stage.start();
        let verdict = PamLogin::of(NOBODY).go();
        verdict.let_in();
        assert_eq!(
            (verdict.asked.len(), verdict.told.len()),
            (0, 0),
            "{verdict:?}"
        );
    });
}

#[test]
fn the_tool_calls_a_name_that_cannot_be_wrong_usage_and_prints_nothing_raw() {
    in_lab(|stage| {
        let _lab = stage.start();
        for (name, _) in impossible() {
            let name = String::from_utf8_lossy(&name).into_owned();
            for arguments in [
                &["status", "--user", &name][..],
                &["enroll", "--user", &name],
                &["disable", "--user", &name],
                &["unlock", &name],
            ] {
                let told = tool("root", arguments, &[]);
                if name.contains(char::REPLACEMENT_CHARACTER) {
                    // As text it is a name like any other, which nobody has.
                    told.failed_with(&[]);
                    continue;
                }
                assert_eq!((told.status, told.out.as_str()), (2, ""), "{told:?}");
                assert!(told.err.starts_with("countersign: "), "{told:?}");
                assert!(told.err.contains("the user name"), "{told:?}");
                is_plain(&told.err);
                assert!(!told.err.contains("\nsshd: "), "{told:?}");
            }
        }
    });
}

#[test]
fn bytes_that_are_no_text_are_wrong_usage_of_the_tool() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    in_lab(|stage| {
        let _lab = stage.start();
        let output = Program::new("countersign")
            .args(["status", "--user"])
            .arg(OsStr::from_bytes(b"al\xffice"))
            .output();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        is_plain(&String::from_utf8_lossy(&output.stderr));
    });
}

#[test]
fn the_tool_tells_root_that_there_is_no_such_user() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).start();
        for (arguments, doing) in [
            (
                &["status", "--user", NOBODY][..],
                "cannot show the state of nobody-such: ",
            ),
            (&["enroll", "--user", NOBODY], "cannot enroll nobody-such: "),
            (&["unlock", NOBODY], "cannot unlock nobody-such: "),
        ] {
            tool("root", arguments, &[])
                .failed_with(&[doing, "there is no such user on this host"]);
        }
        drop(lab);
    });
}

#[test]
fn the_tool_tells_nobody_else_who_exists() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .user("carol", PASSWORD)
            .start();
        let _enrolled = lab.enroll("bob");
        for verb in ["status", "export --show", "disable", "recovery-codes"] {
            let told = ["carol", "bob", NOBODY].map(|user| {
                let arguments: Vec<&str> = verb.split(' ').chain(["--user", user]).collect();
                let told = tool("alice", &arguments, &[]);
                told.failed_with(&["only an administrator may do this"]);
                told.err.replace(user, "THEM")
            });
            assert!(
                told.iter().all(|sentence| *sentence == told[0]),
                "{told:#?}"
            );
        }
    });
}

/// Calls a method whose arguments are all strings, as a user; returns the error's name and text.
fn refused_on_the_bus(caller: &str, method: &str, arguments: &[&str]) -> String {
    let output = Program::as_user(caller, "dbus-send")
        .args([
            "--system",
            "--print-reply",
            "--dest=org.countersign1",
            "/org/countersign1",
        ])
        .arg(format!("org.countersign1.{method}"))
        .args(arguments.iter().map(|text| format!("string:{text}")))
        .output();
    assert!(!output.status.success(), "{method} of {arguments:?}");
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

#[test]
fn on_the_bus_a_name_that_cannot_be_is_an_invalid_argument() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        for (name, why) in impossible() {
            let Ok(name) = std::str::from_utf8(&name) else {
                continue; // no string of D-Bus
            };
            for caller in ["root", "alice"] {
                for (method, more) in [
                    ("Account.Status", &[][..]),
                    ("Account.ConfirmEnrollment", &["123456"]),
                    ("Account.CancelEnrollment", &[]),
                    ("Account.RenewRecoveryCodes", &["123456"]),
                    ("Account.Resync", &["123456", "123457"]),
                ] {
                    let arguments: Vec<&str> = [name].iter().chain(more).copied().collect();
                    assert_eq!(
                        refused_on_the_bus(caller, method, &arguments),
                        format!("Error org.countersign1.Error.InvalidArgument: {why}"),
                        "{method} by {caller}"
                    );
                }
            }
        }
        is_plain(&lab.log());
    });
}

#[test]
fn on_the_bus_nobody_but_root_learns_who_exists() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let _enrolled = lab.enroll("bob");
        for (method, more) in [
            ("Account.Status", &[][..]),
            ("Account.RenewRecoveryCodes", &["123456"]),
            ("Account.Resync", &["123456", "123457"]),
        ] {
            let said = ["bob", NOBODY].map(|user| {
                let arguments: Vec<&str> = [user].iter().chain(more).copied().collect();
                refused_on_the_bus("alice", method, &arguments).replace(user, "THEM")
            });
            assert!(
                said[0].starts_with("Error org.countersign1.Error.AccessDenied: "),
                "{said:?}"
            );
            assert_eq!(said[0], said[1], "{method}");
        }
        assert_eq!(
            refused_on_the_bus("root", "Account.Status", &[NOBODY]),
            "Error org.countersign1.Error.NoSuchUser: there is no user \"nobody-such\""
        );
        still_there(&lab);
    });
}

/// Whatever it was asked, the daemon that started first still runs.
fn still_there(lab: &Lab) {
    let starts = lab.log().matches(" serves on ").count();
    assert_eq!(starts, 1, "{}", lab.log());
}
