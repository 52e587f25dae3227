//! A host with a message bus and no service manager: the bus starts the daemon, by the shipped file.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use countersign_tests::{Lab, Program, Road, STATE, Secret, Stage, in_lab};
use nix::unistd::User;

const PASSWORD: &str = "her password";

/// A host on which nobody has started the daemon.
fn host(stage: Stage) -> Lab {
    let mut lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
    assert!(!lab.daemon().is_running(), "nobody has started it yet");
    lab
}

fn ssh(lab: &Lab, secret: &mut Secret) {
    let login = lab.ssh("alice").password(PASSWORD);
    login.code(&secret.next_code()).go().let_in_as("alice");
}

#[test]
fn a_login_starts_the_daemon_and_the_next_one_does_after_it_died() {
    in_lab(|stage| {
        let mut lab = host(stage);
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");
        assert!(
            lab.daemon().is_running(),
            "the question alone has started it"
        );
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        for _ in 0..2 {
            ssh(&lab, &mut secret);
            lab.daemon().kill();
            ssh(&lab, &mut secret);
            lab.daemon().stop();
        }
        let lines = lab.log();
        let accepted = lines
            .lines()
            .filter(|line| line.contains("countersignd[") && line.contains("accepted"));
        assert_eq!(
            accepted.filter(|line| line.contains("\"alice\"")).count(),
            4,
            "{lines}"
        );
    });
}

#[test]
fn the_bus_starts_it_as_its_own_user_and_what_it_keeps_is_for_that_user_alone() {
    in_lab(|stage| {
        let lab = host(stage);
        lab.enroll("alice");
        let user = User::from_name("countersign")
            .ok()
            .flatten()
            .expect("the daemon's user");
        let pid = Program::new("pgrep").args(["-x", "countersignd"]).text();
        let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).expect("it runs");
        let (uid, gid) = (user.uid, user.gid);
        for line in [
            format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}"),
            format!("Gid:\t{gid}\t{gid}\t{gid}\t{gid}"),
            "CapEff:\t0000000000000000".to_owned(),
            "CapPrm:\t0000000000000000".to_owned(),
        ] {
            assert!(status.contains(&line), "no {line} in:\n{status}");
        }
        let state = fs::metadata(STATE).expect("the state directory");
        assert_eq!((state.uid(), state.mode()), (uid.as_raw(), 0o40700));
        for entry in fs::read_dir(STATE).expect("what is in it").flatten() {
            let is = entry.metadata().expect("a file of it");
            assert_eq!(
                (is.uid(), is.mode() & !0o600),
                (uid.as_raw(), 0o100_000),
                "{:?}",
                entry.path()
            );
        }
    });
}

#[test]
fn without_its_folder_the_daemon_lets_nobody_in_who_may_be_enrolled_until_it_is_made() {
    in_lab(|stage| {
        let lab = host(stage);
        fs::remove_dir(STATE).expect("nothing is in it yet");
        let mark = lab.log_mark();
        lab.ssh("alice").password(PASSWORD).go().refused_with("");
        let line = lab.logged(mark, &["countersignd[", "install -d -m 0700"]);
        let command = line.rsplit(": ").next().expect("the end of the line");
        Program::new("sh").args(["-c", command]).text();
        lab.logged(mark, &["the store can be used now"]);
        assert!(Path::new(STATE).join("journal").exists());
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        ssh(&lab, &mut secret);
    });
}
