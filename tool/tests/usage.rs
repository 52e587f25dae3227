//! The command line of the built command, where no daemon is needed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Stdio};

fn run(args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        out.status.code().unwrap(),
        text(out.stdout),
        text(out.stderr),
    )
}

#[test]
fn wrong_usage_is_status_2_with_the_name_of_the_command() {
    for args in [
        &[][..],
        &["frobnicate"],
        &["status", "extra"],
        &["verify", "123456"],
        &["enroll", "--digits", "5"],
        &["enroll", "--digits", "9"],
        &["enroll", "--algorithm", "MD5"],
        &["enroll", "--force"],
        &["enroll", "--user", "a/b"],
        &["export"],
        &["unlock"],
        &["unlock", "alice", "--valid", "1h"],
        &["unlock", "alice", "--temporary-code", "--valid", "soon"],
        &["unlock", "alice", "--temporary-code", "--uses", "0"],
        &["unlock", "alice", "--temporary-code", "--disable"],
    ] {
        let (status, out, err) = run(args);
        assert_eq!((status, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.starts_with("countersign: "), "{args:?}: {err}");
    }
}

#[test]
fn export_says_that_it_can_save_and_show() {
    let (status, _, err) = run(&["export"]);
    assert_eq!(status, 2);
    assert!(err.contains("Usage: countersign export"), "{err}");
    assert_eq!(err.matches("<--save <FILE>|--show>").count(), 2, "{err}");
    // Both at once is as good as either: there is no bus, which comes to light after the usage.
    for what in [
        &["--show"][..],
        &["--save", "qr.svg"],
        &["--show", "--save", "qr.svg"],
    ] {
        let dir = tempfile::tempdir().unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["--bus", "unix:path=/nonexistent/bus", "export"])
            .args(what)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(1), "{what:?}: {out:?}");
    }
}

#[test]
fn what_was_wrong_is_repeated_as_escapes_where_a_terminal_would_obey_it() {
    for args in [
        &["status", "--user", "al\u{1b}[2Jice"][..],
        &["unlock", "alice\ncountersign: done"],
        &["status", "--\u{1b}[2J"],
        &["\u{1b}[2J"],
        &["status", "\u{1b}[2J"],
        &["enroll", "--digits", "\u{9b}7"],
        &["enroll", "--algorithm", "\u{1b}[2J"],
    ] {
        let (status, _, err) = run(args);
        assert_eq!(status, 2, "{args:?}: {err}");
        let obeyed = err.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "{args:?}: {err:?}");
        assert!(!err.contains("\ncountersign: "), "{args:?}: {err}");
        assert!(err.contains("\\u{"), "{args:?}: {err}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let (status, out, err) = run(&["--version"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(out, format!("countersign {}\n", env!("CARGO_PKG_VERSION")));
    for args in [
        &["--help"][..],
        &["enroll", "--help"],
        &["unlock", "--help"],
        &["help", "list"],
    ] {
        let (status, out, err) = run(args);
        assert_eq!((status, err.as_str()), (0, ""), "{args:?}");
        assert!(
            out.lines().all(|line| line.chars().count() <= 80),
            "{args:?} is too wide:\n{out}"
        );
    }
}

#[test]
fn without_a_bus_its_address_is_named() {
    for verb in [
        &["status"][..],
        &["list"],
        &["unlock", "alice"],
        &["enroll"],
    ] {
        let args = [&["--bus", "unix:path=/nonexistent/bus"], verb].concat();
        let (status, out, err) = run(&args);
        assert_eq!((status, out.as_str()), (1, ""));
        assert!(
            err.starts_with("countersign: cannot reach the message bus at"),
            "{err}"
        );
        assert!(err.contains("/nonexistent/bus"), "{err}");
    }
}

#[test]
fn a_bus_that_is_no_address_is_told_and_not_run() {
    let (status, _, err) = run(&["--bus", "unixexec:path=/bin/touch,argv1=/tmp/x", "status"]);
    assert_eq!(status, 1);
    assert!(
        err.starts_with("countersign: cannot reach the message bus at"),
        "{err}"
    );
}

#[test]
fn the_environment_does_not_choose_the_bus() {
    let out = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["--bus", "unix:path=/nonexistent/bus", "status"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/other")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/other")
        .output()
        .unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    assert!(
        err.contains("/nonexistent/bus") && !err.contains("/nonexistent/other"),
        "{err}"
    );
}
