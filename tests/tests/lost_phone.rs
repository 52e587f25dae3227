//! The phone is gone: what was saved and printed, recovery codes, and an administrator's help.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::collections::HashMap;
use std::fs;

use countersign_tests::{Caller, Lab, Program, Secret, Stage, in_lab, on_both_roads, tool};
use zbus::Variant;

const PASSWORD: &str = "her password";

/// A token by counter, so that no code has to be waited for.
fn alice(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .user("alice", PASSWORD)
        .user("bob", "his password")
        .start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

fn scan(picture: &str) -> String {
    let uri = Program::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture])
        .text();
    uri.trim().to_owned()
}

/// The code in what `unlock --temporary-code` says.
fn told_code(out: &str) -> String {
    let line = out.lines().find(|line| line.starts_with("    "));
    line.expect("a line with the code").trim().to_owned()
}

/// A hundred wrong codes in a row, from twenty places, lock the account.
fn lock(secret: &Secret) {
    let root = Caller::on_bus("root");
    let wrong = secret.wrong_code();
    for place in 0..20 {
        for _ in 0..5 {
            let from = format!("192.0.2.{place}");
            let context = HashMap::from([("rhost", Variant::from(from))]);
            let body = ("alice", wrong.as_str(), context);
            let _: (String, HashMap<String, zbus::OwnedVariant>) =
                root.call("Login.Verify", &body).expect("a verdict");
        }
    }
}

#[test]
fn a_printed_card_sets_up_a_new_phone_and_has_the_recovery_codes() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let secret = lab.enroll_with("alice", &["--save", "/home/alice/card.pdf"]);
        let mode = Program::new("stat")
            .args(["--format=%a %U", "/home/alice/card.pdf"])
            .text();
        assert_eq!(mode.trim(), "600 alice");
        Program::new("pdftoppm")
            .args(["-r", "150", "-png", "-singlefile"])
            .args(["/home/alice/card.pdf", "/tmp/card"])
            .text();
        let seen = scan("/tmp/card.png");
        assert_eq!(seen, secret.uri());
        let text = Program::new("pdftotext")
            .args(["/home/alice/card.pdf", "-"])
            .text();
        for code in secret.recovery_codes() {
            assert!(text.contains(code), "{code} is not in\n{text}");
        }
        assert!(text.contains("authenticator"), "{text}");
        let mut phone = Secret::from_uri(&seen);
        let _spent_by_enrolling = phone.next_code();
        let code = phone.next_code();
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn a_card_that_cannot_be_written_is_refused_before_anything_begins() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        fs::write("/home/alice/there.pdf", "precious").expect("a file");
        for (arguments, why) in [
            (
                &["enroll", "--save", "/root/card.pdf"][..],
                "Choose a directory",
            ),
            (&["enroll", "--save", "/home/alice/there.pdf"], "--force"),
            (
                &["enroll", "--save", "/home/alice/qr.jpg", "--paper", "a4"],
                "--paper is for cards",
            ),
        ] {
            tool("alice", arguments, &[]).failed_with(&[why]);
        }
        assert!(
            tool("alice", &["status"], &[])
                .out
                .contains("is not enrolled")
        );
    });
}

#[test]
fn a_recovery_code_lets_in_everywhere_and_says_how_many_are_left() {
    on_both_roads(|stage| {
        let (lab, secret) = alice(stage);
        let codes = secret.recovery_codes();
        let ssh = lab.ssh("alice").password(PASSWORD).code(&codes[0]).go();
        ssh.let_in_as("alice");
        let left = "That was a recovery code: 9 are left.";
        assert!(ssh.transcript().contains(left), "{}", ssh.transcript());
        let console = lab.login("alice").password(PASSWORD).code(&codes[1]).go();
        console.let_in_as("alice");
        let left = "That was a recovery code: 8 are left.";
        assert!(
            console.transcript().contains(left),
            "{}",
            console.transcript()
        );
        let upper = codes[2].to_uppercase().replace('-', " ");
        let sudo = lab.sudo("alice").password(PASSWORD).code(&upper).go();
        sudo.let_in_as("root");
        // Once more: it is spent, and waiting for the next one would be of no use.
        let again = lab
            .ssh("alice")
            .password(PASSWORD)
            .code(&codes[0])
            .code(&codes[3])
            .go();
        again.let_in_as("alice");
        let spent = "That recovery code was used already: take another one of your list.";
        assert!(again.transcript().contains(spent), "{}", again.transcript());
        tool("alice", &["verify"], &[&codes[0]])
            .failed_with(&["that recovery code was used already. Take another one"]);
    });
}

#[test]
fn new_recovery_codes_end_the_old_ones_and_the_old_phone_goes_on() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage);
        let told = tool(
            "alice",
            &["recovery-codes", "--json"],
            &[&secret.next_code()],
        );
        told.done();
        let new: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
        let new = new["recovery_codes"][0]
            .as_str()
            .expect("a code")
            .to_owned();
        let visit = lab
            .ssh("alice")
            .password(PASSWORD)
            .code(&secret.recovery_codes()[0])
            .code(&new)
            .go();
        visit.let_in_as("alice");
        assert!(visit.transcript().contains("That code is not right."));
        let code = secret.next_code();
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn a_temporary_code_lets_somebody_in_once_who_has_nothing_and_is_locked() {
    on_both_roads(|stage| {
        let (lab, secret) = alice(stage);
        lock(&secret);
        let told = tool("root", &["unlock", "alice", "--temporary-code"], &[]);
        told.done();
        for part in ["1 login within 1 hour", "right person", "do not matter"] {
            assert!(told.out.contains(part), "{told:?}");
        }
        let code = told_code(&told.out);
        let letters: String = code.chars().filter(|c| *c != '-').collect();
        assert_eq!((code.len(), letters.len()), (11, 10), "{code}");
        assert!(!letters.contains(|c| "01258bilosz".contains(c)), "{code}");
        let typed = code.to_uppercase().replace('-', " ");
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&typed)
            .go()
            .let_in_as("alice");
        let again = lab.ssh("alice").password(PASSWORD).code(&code).go();
        again.refused_with(
            "That temporary code was used already: ask your administrator for another.",
        );
        let log = lab.log();
        for line in [
            "unlock user=\"alice\" caller=0 \"root\": done",
            "issue-temporary-code user=\"alice\" caller=0 \"root\": done",
            "accepted (temporary code)",
        ] {
            assert!(log.contains(line), "no {line:?} in\n{log}");
        }
        assert!(!log.contains(&code) && !log.contains(&letters), "{log}");
    });
}

#[test]
fn a_locked_account_says_so_and_what_to_do() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage);
        lock(&secret);
        for (arguments, next) in [
            (
                &["export", "--show"][..],
                "Log in once with a recovery code",
            ),
            (&["recovery-codes"], "Log in once with a recovery code"),
            (&["disable"], "Use a recovery code here"),
            (&["enroll", "--name", "tablet"], "Use a recovery code here"),
        ] {
            tool("alice", arguments, &[&secret.next_code()]).failed_with(&[
                "the account is locked after too many wrong codes",
                next,
                "`countersign unlock alice`",
            ]);
        }
        let told = tool("root", &["unlock", "alice"], &[]);
        assert!(
            told.out.contains("alice is unlocked; 104 failed attempts"),
            "{told:?}"
        );
        let code = secret.next_code();
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn unlocking_with_disable_lets_somebody_begin_anew() {
    in_lab(|stage| {
        let (lab, _secret) = alice(stage);
        let told = tool("root", &["unlock", "alice", "--disable", "--json"], &[]);
        told.done();
        let told: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
        assert_eq!(
            (&told["disabled"], &told["user"]),
            (&true.into(), &"alice".into())
        );
        let visit = lab.ssh("alice").password(PASSWORD).go();
        visit.let_in_as("alice");
        assert_eq!(visit.code_prompts(), 0);
        let anew = lab.enroll("alice");
        assert_eq!(anew.recovery_codes().len(), 10);
        assert!(
            lab.log()
                .contains("disable user=\"alice\" caller=0 \"root\": done")
        );
        tool("bob", &["unlock", "alice"], &[]).failed_with(&["only an administrator may do this"]);
    });
}
