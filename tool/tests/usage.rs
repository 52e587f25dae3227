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
    run_in("C", args)
}

fn run_in(locale: &str, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(args)
        .env("LC_ALL", locale)
        .env_remove("LANGUAGE")
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

const FRENCH: &str = "fr_FR.UTF-8";

#[test]
fn mistakes_are_told_in_french() {
    for (args, said) in [
        (
            &["unlock"][..],
            "il manque les arguments obligatoires suivants\u{a0}:\n  <COMPTE>\n\n\
             Utilisation\u{a0}: countersign unlock <COMPTE>",
        ),
        (
            &["staus"],
            "commande inconnue «\u{a0}staus\u{a0}»\n\n  conseil\u{a0}: une commande semblable \
             existe\u{a0}: «\u{a0}status\u{a0}»",
        ),
        (
            &["status", "--uzer"],
            "argument inattendu «\u{a0}--uzer\u{a0}»\n\n  conseil\u{a0}: un argument semblable \
             existe\u{a0}: «\u{a0}--user\u{a0}»",
        ),
        (
            &["unlock", "-x"],
            "conseil\u{a0}: pour donner «\u{a0}-x\u{a0}» comme valeur, écrivez «\u{a0}-- -x\u{a0}»",
        ),
        (&["status", "--user"], "demande une valeur"),
        (&["status", "--user", "a/b"], "U+002F, qui n’est pas permis"),
        (&["enroll", "--digits", "9"], "9 n’est pas dans 6..=8"),
        (
            &["enroll", "--digits", "x"],
            "ce n’est pas un nombre entier",
        ),
        (
            &["enroll", "--period", "99999999999999999999"],
            "ce nombre est trop grand",
        ),
        (
            &["enroll", "--algorithm", "MD5"],
            "valeur incorrecte «\u{a0}MD5\u{a0}» pour «\u{a0}--algorithm <NOM>\u{a0}»\n  \
             [valeurs possibles\u{a0}: SHA1, SHA256, SHA512]",
        ),
        (
            &["unlock", "alice", "--temporary-code", "--valid", "soon"],
            "écrivez un nombre entier et une unité",
        ),
        (
            &["unlock", "alice", "--temporary-code", "--disable"],
            "ne va pas avec «\u{a0}--disable\u{a0}»",
        ),
        (
            &["unlock", "a", "--uses", "1", "--uses", "2"],
            "qu’une fois",
        ),
        (&["export"], "<--save <FICHIER>|--show>"),
        (
            &["enroll", "--kind", "hotp", "--period", "30"],
            "n’en a pas\n\nUtilisation\u{a0}: countersign [OPTIONS] <COMMANDE>\n\nPour en savoir plus",
        ),
        (&[], "Commandes\u{a0}:\n  enroll"),
    ] {
        let (status, out, err) = run_in(FRENCH, args);
        assert_eq!((status, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.starts_with("countersign: "), "{args:?}: {err}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
}

#[test]
fn help_is_french_where_french_can_be_shown_and_english_elsewhere() {
    let (status, out, _) = run_in(FRENCH, &["unlock", "--help"]);
    assert_eq!(status, 0);
    assert!(
        out.starts_with("Rouvre l’accès à quelqu’un (administrateurs)\n\nUtilisation\u{a0}: "),
        "{out}"
    );
    assert!(out.contains("[par défaut\u{a0}: 1h]"), "{out}");
    assert_eq!(run_in(FRENCH, &["help", "unlock"]).1, out);
    for locale in [
        "C",
        "C.UTF-8",
        "en_GB.UTF-8",
        "de_DE.UTF-8",
        "fr_FR",
        "fr_FR.ISO-8859-1",
    ] {
        let (_, out, _) = run_in(locale, &["unlock", "--help"]);
        assert!(out.starts_with("Let a user in again"), "{locale}: {out}");
        assert!(out.is_ascii(), "{locale}: {out}");
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
