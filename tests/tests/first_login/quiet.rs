//! Who has no terminal, or no time, is not disturbed before the day, and refused after it.

use std::fs;
use std::process::Output;

use countersign_tests::{Outcome, Program, Stack, Stage, in_lab};

use super::{LATER, NOW, PASSWORD, PAST, QUESTION, QUESTION_NOW, Talk, is_enrolled};

const SSH: &str = "ssh -F none -o IdentitiesOnly=yes -i /home/alice/.ssh/id_ed25519";

/// What scripts run: nobody has a terminal. Each with the file that it leaves, if it does.
fn errands() -> Vec<(String, Option<&'static str>)> {
    let with_key = "-F none -i /home/alice/.ssh/id_ed25519 -o IdentitiesOnly=yes";
    vec![
        (format!("{SSH} alice@127.0.0.1 true"), None),
        (
            format!("{SSH} alice@127.0.0.1 'exec cat >/dev/null' </dev/null"),
            None,
        ),
        (
            format!("scp -q {with_key} /etc/hostname alice@127.0.0.1:scp"),
            Some("/home/alice/scp"),
        ),
        (
            format!("scp -O -q {with_key} /etc/hostname alice@127.0.0.1:scp-old"),
            Some("/home/alice/scp-old"),
        ),
        (
            format!(
                "echo 'put /etc/hostname sftp' >/tmp/batch; sftp -q {with_key} alice@127.0.0.1 </tmp/batch >/dev/null"
            ),
            Some("/home/alice/sftp"),
        ),
        (
            format!("rsync -e '{SSH}' /etc/hostname alice@127.0.0.1:rsync"),
            Some("/home/alice/rsync"),
        ),
    ]
}

fn run(errand: &str) -> Output {
    Program::new("setsid")
        .args(["--wait", "sh", "-c", errand])
        .output()
}

fn with_a_key(stage: Stage, config: &str) -> countersign_tests::Lab {
    let stage = stage.stack(Stack::KeyAndCode).config(config);
    stage.user("alice", PASSWORD).start()
}

#[test]
fn before_the_day_scripts_and_file_transfers_see_and_hear_nothing() {
    in_lab(|stage| {
        let lab = with_a_key(stage, LATER);
        for (errand, left) in errands() {
            let output = run(&errand);
            assert!(output.status.success(), "{errand}: {output:?}");
            assert!(
                output.stdout.is_empty() && output.stderr.is_empty(),
                "{errand}: {output:?}"
            );
            if let Some(file) = left {
                assert!(fs::metadata(file).is_ok(), "{errand}: no {file}");
            }
        }
        assert!(!is_enrolled("alice"));
        assert!(lab.log().contains("was put off"), "{}", lab.log());
    });
}

#[test]
fn after_the_day_they_are_refused_and_the_log_says_why() {
    in_lab(|stage| {
        let lab = with_a_key(stage, PAST);
        for (errand, left) in errands() {
            let output = run(&errand);
            assert!(!output.status.success(), "{errand}: {output:?}");
            if let Some(file) = left {
                assert!(fs::metadata(file).is_err(), "{errand}: {file} is there");
            }
        }
        let log = lab.log();
        let why = "alice from 127.0.0.1: the policy asks for an enrollment now, and there was none";
        assert!(log.contains(why), "{log}");
    });
}

#[test]
fn enter_puts_it_off_before_the_day_and_the_login_goes_on_without_a_word() {
    in_lab(|stage| {
        let _lab = stage.config(LATER).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION);
        talk.say("");
        let rest = talk.rest();
        let words: Vec<&str> = rest.split_whitespace().collect();
        assert_eq!(words.first(), Some(&"let-in:alice"), "{rest}");
        assert!(!is_enrolled("alice"));
    });
}

#[test]
fn after_the_day_enter_is_refused_with_a_sentence() {
    in_lab(|stage| {
        let _lab = stage.config(PAST).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        let question = talk.hear(QUESTION_NOW);
        assert!(!question.contains("later"), "{question}");
        talk.say("");
        let rest = talk.rest();
        assert!(
            rest.contains("This login needs an authenticator app"),
            "{rest}"
        );
        assert!(!rest.contains("let-in"), "{rest}");
    });
}

#[test]
fn where_there_is_no_room_for_a_dialog_a_sentence_says_where_there_is() {
    in_lab(|stage| {
        let lab = stage.config(NOW).user("alice", PASSWORD).start();
        let visit = lab.screen_locker("alice").password(PASSWORD).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        let sentence = "log in over SSH or at a terminal";
        assert!(
            visit.transcript().contains(sentence),
            "{}",
            visit.transcript()
        );
    });
}
