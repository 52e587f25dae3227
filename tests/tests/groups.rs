//! Rules by group: whom the host's files put into it, and whom a directory elsewhere does, or does not
//! tell of.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use countersign_tests::{Lab, PamLogin, Program, Road, Stage, in_lab, on_both_roads, tool};

const PASSWORD: &str = "her password";
const DIRECTORY: &str = include_str!("groups/far.c");
/// Letters, so that no token ever shows it.
const NEVER: &str = "zzzzzz";

#[test]
fn a_rule_by_group_holds_for_primary_and_supplementary_members_and_for_nobody_else() {
    on_both_roads(|stage| {
        let lab = stage
            .config(
                "[[rule]]\ngroups = [\"no-such-group\"]\nrequire = \"never\"\n\
                 [[rule]]\ngroups = [\"crew\", \"team\"]\nrequire = \"always\"\n\
                 [[rule]]\nrequire = \"never\"\n",
            )
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .user("carol", PASSWORD)
            .start();
        for group in ["crew", "team"] {
            Program::new("groupadd").arg(group).text();
        }
        Program::new("usermod")
            .args(["-aG", "team", "alice"])
            .text();
        Program::new("usermod").args(["-g", "crew", "bob"]).text();
        for (user, is_asked) in [("alice", true), ("bob", true), ("carol", false)] {
            let visit = lab.ssh(user).password(PASSWORD).code(NEVER).go();
            assert_eq!(
                visit.code_prompts() > 0,
                is_asked,
                "{user}: {}",
                visit.transcript()
            );
        }
        // What the files say counts at once.
        Program::new("gpasswd").args(["-d", "alice", "team"]).text();
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");
    });
}

/// A host with a directory elsewhere, on which carol needs no group, the members of `faraway` need no
/// code, and everybody else does.
fn with_directory(stage: Stage) -> Lab {
    fs::write("/tmp/far.c", DIRECTORY).expect("the source of a directory");
    let libc = Program::new("cc").arg("-print-file-name=libc.so.6").text();
    let libraries = fs::canonicalize(libc.trim()).expect("the C library");
    let libraries = libraries.parent().unwrap_or(Path::new("/lib"));
    Program::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(libraries.join("libnss_far.so.2"))
        .arg("/tmp/far.c")
        .text();
    the_directory_is("up");
    fs::write(
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files far\nshadow: files\n",
    )
    .expect("a switch that asks it");
    stage
        .road(Road::Direct)
        .config(
            "[[rule]]\nusers = [\"carol\"]\nrequire = \"never\"\n\
             [[rule]]\ngroups = [\"faraway\"]\nrequire = \"never\"\n\
             [[rule]]\nrequire = \"always\"\n",
        )
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("carol", PASSWORD)
        .start()
}

fn the_directory_is(state: &str) {
    fs::write("/etc/far", state).expect("the state of a directory");
}

/// How often a login asks for a code.
fn asked(user: &str) -> usize {
    PamLogin::of(user).code(NEVER).go().asked.len()
}

#[test]
fn members_by_a_directory_elsewhere_are_members() {
    in_lab(|stage| {
        let _lab = with_directory(stage);
        assert_eq!(asked("alice"), 0);
        assert!(asked("bob") > 0);
    });
}

#[test]
fn a_directory_that_does_not_tell_is_no_no_and_keeps_nobody_waiting() {
    in_lab(|stage| {
        let mut lab = with_directory(stage);
        for (state, reason) in [
            ("down", "EAGAIN"),
            ("away", "may be out of reach of far"),
            ("stuck", "no answer within 3 s"),
        ] {
            // Afresh: answers from elsewhere are kept for a while.
            lab.daemon().stop();
            the_directory_is(state);
            let mark = lab.log_mark();
            let (carol, took) = PamLogin::of("carol").timed();
            carol.let_in();
            assert_eq!(carol.asked.len(), 0, "{state}: {carol:?}");
            assert!(took < Duration::from_secs(2), "{state}: {took:?}");
            assert_eq!(lab.log_since(mark).matches("cannot tell").count(), 0);

            let (alice, took) = PamLogin::of("alice").code(NEVER).timed();
            assert!(!alice.asked.is_empty(), "{state}: {alice:?}");
            assert!(took < Duration::from_secs(5), "{state}: {took:?}");
            let line = lab.logged(mark, &["cannot tell", "\"alice\"", "\"faraway\"", reason]);
            assert!(
                line.starts_with("<36>"),
                "a warning of facility auth: {line}"
            );

            let told = tool(
                "root",
                &["config", "show", "alice", "sshd", "192.0.2.7"],
                &[],
            );
            told.done();
            for part in [
                "Cannot tell whether alice is in the group faraway",
                ">  2",
                ">  3",
            ] {
                assert!(told.out.contains(part), "{state}: no {part:?} in {told:?}");
            }
        }
    });
}
