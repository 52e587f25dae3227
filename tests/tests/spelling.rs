//! Where the user database takes a name in several spellings, each of them leads to the same account.

use std::fs;
use std::path::Path;

use countersign_tests::{Lab, PamCode, PamLogin, Program, Stage, in_lab};

const PASSWORD: &str = "her password";
const DATABASE: &str = include_str!("spelling/fold.c");

/// A host whose user database folds case, and on which alice is there.
#[allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]
fn start(stage: Stage) -> Lab {
    fs::write("/tmp/fold.c", DATABASE).expect("the source of a user database");
    let libc = Program::new("cc").arg("-print-file-name=libc.so.6").text();
    let libraries = fs::canonicalize(libc.trim()).expect("the C library");
    let libraries = libraries.parent().unwrap_or(Path::new("/lib"));
    Program::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(libraries.join("libnss_fold.so.2"))
        .arg("/tmp/fold.c")
        .text();
    fs::write(
        "/etc/nsswitch.conf",
        "passwd: files fold\ngroup: files\nshadow: files\n",
    )
    .expect("a switch that asks it");
    stage.user("alice", PASSWORD).start()
}

#[test]
fn an_enrolled_user_is_asked_under_every_spelling_of_the_name() {
    in_lab(|stage| {
        let lab = start(stage);
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        for name in ["Alice", "ALICE", "alice"] {
            let wrong = secret.wrong_code();
            let refused = PamLogin::of(name)
                .code(&wrong)
                .code(&wrong)
                .code(&wrong)
                .go();
            refused.refused_with(PamCode::AuthErr, "That code is not right.");
            PamLogin::of(name).code(&secret.next_code()).go().let_in();
        }
        assert!(lab.log().contains("verify user=\"alice\""));
    });
}

#[test]
fn a_rule_holds_under_every_spelling_of_the_name() {
    in_lab(|stage| {
        let rule = "[[rule]]\nusers = [\"alice\"]\nrequire = \"always\"\n";
        let _lab = start(stage.config(rule));
        for name in ["Alice", "ALICE", "alice"] {
            let refused = PamLogin::of(name).from("192.0.2.7").code("000000").go();
            assert!(!refused.asked.is_empty(), "{name}: {refused:?}");
        }
    });
}
