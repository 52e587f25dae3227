//! The dialog with the real programs, from the question to the session.

use countersign_sheet::Ink;
use countersign_tests::{Stack, in_lab, on_both_roads};

use super::{
    CODE, LATER, NOTED, NOW, PASSWORD, QUESTION, QUESTION_NOW, Talk, is_enrolled, qr_lines,
    recovery_codes, scanned, typed_key, uri_of,
};

#[test]
fn over_ssh_the_picture_scans_in_both_polarities_and_the_code_lets_in() {
    on_both_roads(|stage| {
        let lab = stage.config(LATER).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        let question = talk.hear(QUESTION);
        assert!(question.contains("█▄▀") && question.contains("31 December 2099"));
        talk.say("what?");
        talk.hear(QUESTION);
        talk.say("yes");
        let shown = talk.hear(CODE);
        assert!(shown.lines().count() <= 26, "{shown}");
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        let dark = qr_lines(&shown, None);
        let uri = scanned(&dark, Ink::None);
        assert!(uri.starts_with("otpauth://totp/"), "{uri:?}: {shown}");
        assert!(uri.contains(&typed_key(&shown)), "{shown}");
        assert!(typed_key(&shown).len() >= 32, "{shown}");
        talk.say("swap");
        let shown = talk.hear(CODE);
        let bright = qr_lines(&shown, Some(dark[0].chars().count()));
        assert_eq!(scanned(&bright, Ink::Theme), uri, "{shown}");
        talk.say("000000x");
        let again = talk.hear(CODE);
        assert!(again.contains("That code is not right."), "{again}");
        let (mut secret, codes) = talk.confirm(&uri);
        talk.hear("let-in:alice");
        assert!(is_enrolled("alice"));

        // From now on a code is asked for, and a recovery code does as well.
        let ssh = || lab.ssh("alice").password(PASSWORD);
        ssh().code(&secret.next_code()).go().let_in_as("alice");
        ssh().code(&codes[0]).go().let_in_as("alice");
        let log = lab.log();
        for line in [
            "begin-enrollment",
            "confirm-enrollment",
            "complete-enrollment",
        ] {
            let line = log.lines().find(|it| it.contains(line)).expect("its line");
            assert!(
                line.contains("service=\"sshd\"") && line.contains("rhost="),
                "{line}"
            );
        }
        for hidden in [secret.base32(), &codes[0]] {
            assert!(!log.contains(hidden), "a log has what nobody should read");
        }
    });
}

#[test]
fn in_a_c_locale_the_blocks_do_not_look_like_blocks_and_the_key_alone_does() {
    in_lab(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C");
        let question = talk.hear(QUESTION_NOW);
        assert!(!question.contains('█'), "{question}");
        talk.say("key");
        let shown = talk.hear(CODE);
        assert!(shown.is_ascii() && !shown.contains('\\'), "{shown}");
        let key = typed_key(&shown);
        talk.confirm(&uri_of(&key));
        talk.hear("let-in:alice");
    });
}

#[test]
fn after_a_key_over_ssh_the_dialog_is_the_same() {
    in_lab(|stage| {
        let stage = stage.stack(Stack::KeyAndCode).config(NOW);
        let _lab = stage.user("alice", PASSWORD).start();
        let mut talk = Talk::with(&[
            "ssh",
            "-tt",
            "-F",
            "none",
            "-i",
            "/home/alice/.ssh/id_ed25519",
            "alice@127.0.0.1",
            "echo let-in:$(id -un)",
        ]);
        talk.hear(QUESTION_NOW);
        talk.say("key");
        let key = typed_key(&talk.hear(CODE));
        talk.confirm(&uri_of(&key));
        talk.hear("let-in:alice");
    });
}

/// Through a program on a terminal, whose question for a password comes first.
fn on_a_terminal(command: &[&str], in_as: &str) {
    let mut talk = Talk::with(command);
    talk.hear("assword");
    talk.hear(": ");
    talk.say(PASSWORD);
    talk.hear(QUESTION);
    talk.say("yes");
    let shown = talk.hear(CODE);
    let uri = scanned(&qr_lines(&shown, None), Ink::None);
    talk.confirm(&uri);
    talk.hear(in_as);
    assert!(is_enrolled("alice"));
}

#[test]
fn at_the_console_the_dialog_is_the_same() {
    on_both_roads(|stage| {
        let _lab = stage.config(LATER).user("alice", PASSWORD).start();
        on_a_terminal(&["login", "alice"], "let-in:alice");
    });
}

#[test]
fn in_sudo_which_is_silent_the_dialog_is_the_same() {
    on_both_roads(|stage| {
        let _lab = stage.config(LATER).user("alice", PASSWORD).start();
        let sudo = [
            "runuser",
            "-u",
            "alice",
            "--",
            "sudo",
            "-k",
            "sh",
            "-c",
            "echo let-in:$(id -un)",
        ];
        on_a_terminal(&sudo, "let-in:root");
    });
}

#[test]
fn in_su_whom_it_leads_to_enrolls() {
    in_lab(|stage| {
        let stage = stage.config(LATER).user("alice", PASSWORD);
        let _lab = stage.user("bob", PASSWORD).start();
        let su = [
            "runuser",
            "-u",
            "bob",
            "--",
            "su",
            "alice",
            "-c",
            "echo let-in:$(id -un)",
        ];
        on_a_terminal(&su, "let-in:alice");
        assert!(!is_enrolled("bob"));
    });
}

#[test]
fn in_french_it_is_all_french() {
    in_lab(|stage| {
        let config = format!("language = \"fr\"\n{LATER}");
        let _lab = stage.config(&config).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        let question = talk.hear("UTC)\u{a0}: ");
        assert!(question.contains("jusqu’au 31 décembre 2099"), "{question}");
        talk.say("oui");
        let shown = talk.hear("Code affiché par l’application\u{a0}: ");
        let uri = scanned(&qr_lines(&shown, None), Ink::None);
        let mut secret = countersign_tests::Secret::from_uri(&uri);
        talk.say(&secret.next_code());
        let noted = talk.hear("notés\u{a0}: ");
        assert_eq!(recovery_codes(&noted).len(), 10, "{noted}");
        assert!(!noted.contains(NOTED));
        talk.say("");
        talk.hear("let-in:alice");
    });
}
