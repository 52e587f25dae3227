//! The tool's exit status and its last sentence, where only a real host can bring them about: 0 done,
//! 1 refused or failed, 2 wrong usage.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::os::unix::fs::symlink;

use countersign_tests::{Lab, Program, Road, Secret, Stage, Told, in_lab, tool};

const PASSWORD: &str = "her password";

/// Alice is enrolled, by counter so that no code has to be waited for.
fn alice(stage: Stage) -> (Lab, Secret) {
    let lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

/// Runs a line of shell as root.
fn shell(line: &str) -> Told {
    Told::from(Program::new("bash").args(["-c", line]).output())
}

#[test]
fn what_is_done_is_0_what_is_refused_1_and_wrong_usage_2() {
    in_lab(|stage| {
        let (_lab, mut secret) = alice(stage);
        tool("alice", &["status"], &[]).done();
        tool("alice", &["verify"], &[&secret.next_code()]).done();
        tool("alice", &["verify"], &["zzzzzz"]).failed_with(&["that code is not right"]);
        for wrong in [
            &["frobnicate"][..],
            &["status", "--frobnicate"],
            &["unlock"],
        ] {
            let told = tool("alice", wrong, &[]);
            assert_eq!((told.status, told.out.as_str()), (2, ""), "{told:?}");
        }
    });
}

#[test]
fn output_that_cannot_be_written_is_a_failure_and_a_reader_who_has_enough_is_left_in_peace() {
    in_lab(|stage| {
        let (_lab, _secret) = alice(stage);
        shell("countersign list >/dev/full")
            .failed_with(&["cannot write to standard output: No space left on device"]);
        shell("countersign recovery-codes --user alice >/dev/full").failed_with(&[
            "the change is made, but the recovery codes could not be written",
            "Make new ones with `countersign recovery-codes`",
        ]);
        let told = shell("exec 3> >(exec <&-); wait $!; countersign list >&3");
        assert_eq!((told.status, told.err.as_str()), (1, ""), "{told:?}");
    });
}

#[test]
fn a_caller_without_a_name_has_no_account() {
    in_lab(|stage| {
        let (_lab, _secret) = alice(stage);
        shell("setpriv --reuid 4242 --regid 4242 --clear-groups countersign status")
            .failed_with(&["uid 4242 has no user name"]);
    });
}

#[test]
fn without_a_daemon_the_tool_says_how_to_look_for_it() {
    in_lab(|stage| {
        let (mut lab, _secret) = alice(stage);
        lab.daemon().remove();
        for (user, verb) in [("alice", "status"), ("alice", "enroll"), ("root", "list")] {
            tool(user, &[verb], &[]).failed_with(&[
                "the Countersign daemon could not be started",
                "`systemctl status countersignd`",
            ]);
        }
    });
}

#[test]
fn what_stands_against_a_token_is_said_before_or_instead_of_a_change() {
    in_lab(|stage| {
        let (_lab, mut secret) = alice(stage);
        let taken = ["enroll", "--name", "authenticator"];
        tool("alice", &taken, &[&secret.next_code()])
            .failed_with(&["there is a token of that name", "--name"]);
        tool(
            "alice",
            &["disable", "--name", "tablet"],
            &[&secret.next_code()],
        )
        .failed_with(&["there is no token named \"tablet\""]);
        tool("alice", &["disable"], &[]).failed_with(&["no code was given"]);
        for _ in 0..5 {
            tool("alice", &["export", "--show"], &["zzzzzz"])
                .failed_with(&["that code is not right or was used already"]);
        }
        tool("alice", &["export", "--show"], &[&secret.next_code()])
            .failed_with(&["too many wrong codes. Try again in "]);
        tool("root", &["unlock", "alice"], &[]).done();
        tool("alice", &["disable"], &[&secret.next_code()]).done();
        tool("alice", &["disable"], &["123456"])
            .failed_with(&["no authenticator is set up. Do so with `countersign enroll`"]);
        tool("root", &["unlock", "alice"], &[]).failed_with(&["this user is not enrolled"]);
    });
}

#[test]
fn a_picture_that_cannot_stand_where_it_was_wished_says_why() {
    in_lab(|stage| {
        let (_lab, _secret) = alice(stage);
        symlink("/home/alice/elsewhere.png", "/home/alice/link.png").expect("a link");
        for (file, why) in [
            ("/home/alice/qr.gif", "must end in .jpg, .png or .svg"),
            ("/home/alice/link.png", "that is a symbolic link"),
            ("/home/alice/no/qr.png", "its directory does not exist"),
            ("/root/qr.png", "Choose a directory that you may write in"),
            ("/etc/qr.png", "Choose a directory that you may write in"),
        ] {
            for verb in ["enroll", "export"] {
                tool("alice", &[verb, "--save", file], &[]).failed_with(&[
                    "cannot save the QR code as ",
                    file,
                    why,
                ]);
            }
        }
    });
}
