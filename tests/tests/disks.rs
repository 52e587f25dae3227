//! Disks that are full or take no writes: logins go on and no code counts twice, changes of an
//! enrollment are refused whole, the log says so loudly, and when the disk takes writes again
//! nothing is lost.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::path::Path;

use countersign_tests::{
    Caller, Lab, PamCode, PamLogin, Road, Secret, SmallDisk, Stage, Told, in_lab, tool,
    try_to_enroll,
};

const PASSWORD: &str = "her password";
const USED: &str = "That code was used already: wait for the next one.";
const UNAVAILABLE: &str = "The second factor cannot be checked right now.";
const NOT_STORED: &str = "the change could not be stored and was not made";
/// Syslog's mark of a line of facility auth that somebody has to act on.
const ALERT: &str = "<33>";
const IN_MEMORY: &str = "is kept in memory until it does";
const RESUMED: &str = "the disk takes writes again";

/// Alice is enrolled, bob is not; the state lies on a small disk.
fn alice_and_bob(stage: Stage) -> (Lab, Secret, SmallDisk) {
    let mut lab = stage
        .road(Road::Bus)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    // By counter, so that no code has to be waited for.
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    lab.daemon().stop();
    let disk = SmallDisk::under_the_state();
    (lab, secret, disk)
}

fn log_in(secret: &mut Secret) -> String {
    let code = secret.next_code();
    PamLogin::of("alice").code(&code).go().let_in();
    code
}

/// Fills the disk, and has logins use up what the journal's last block has left.
fn fill(lab: &Lab, disk: &SmallDisk, secret: &mut Secret) {
    disk.fill();
    let mark = lab.log_mark();
    let full = (0..20).any(|_| {
        log_in(secret);
        lab.log_since(mark).contains("the disk takes no writes")
    });
    assert!(full, "the disk is not full: {}", lab.log_since(mark));
}

fn is_used(code: &str) {
    let verdict = PamLogin::of("alice").code(code).go();
    assert_eq!(verdict.told, [USED], "{verdict:?}");
    assert_ne!(verdict.code, PamCode::Success, "{verdict:?}");
}

fn status(user: &str) -> serde_json::Value {
    let told = tool(user, &["status", "--json"], &[]);
    told.done();
    serde_json::from_str(&told.out).expect("JSON")
}

/// How many records the daemon says it has in memory alone.
fn unsaved() -> u32 {
    let health = Caller::on_bus("root").health().expect("root may ask");
    let told = health.get("unsaved").expect("it is told");
    u32::try_from(told.try_clone().expect("a number")).expect("a number")
}

/// On a disk that takes no writes, every change of an enrollment is refused and none is made.
fn no_enrollment_changes(lab: &Lab, secret: &mut Secret) {
    let before = (status("alice"), status("bob"));
    let code = secret.next_code();
    let changes: [(&str, &[&str], Told); 6] = [
        ("alice", &["disable"], tool("alice", &["disable"], &[&code])),
        (
            "alice",
            &["recovery-codes"],
            tool("alice", &["recovery-codes"], &[&code]),
        ),
        (
            "alice",
            &["enroll"],
            tool("alice", &["enroll", "--name", "tablet"], &[&code]),
        ),
        (
            "root",
            &["unlock"],
            tool("root", &["unlock", "alice", "--temporary-code"], &[]),
        ),
        (
            "root",
            &["disable"],
            tool("root", &["disable", "--user", "alice"], &[]),
        ),
        ("bob", &["enroll"], try_to_enroll("bob")),
    ];
    for (user, verb, told) in changes {
        assert_eq!(told.status, 1, "{verb:?} by {user}: {told:?}");
        assert!(told.err.contains("cannot "), "{verb:?} by {user}: {told:?}");
    }
    let refused = tool("alice", &["disable"], &[&code]);
    refused.failed_with(&["cannot disable the codes of alice", NOT_STORED, "full disk"]);
    try_to_enroll("bob").failed_with(&["cannot enroll bob", NOT_STORED]);
    assert_eq!((status("alice"), status("bob")), before);
    // The code proved nothing, so it is still good; and bob needs none.
    PamLogin::of("alice").code(&code).go().let_in();
    PamLogin::of("bob").go().let_in();
    let log = lab.log();
    let hidden = |line: &&str| line.contains(secret.base32()) || line.contains(&code);
    assert_eq!(log.lines().find(hidden), None);
}

#[test]
fn on_a_full_disk_logins_go_on_and_no_code_counts_twice() {
    in_lab(|stage| {
        let (mut lab, mut secret, disk) = alice_and_bob(stage);
        log_in(&mut secret);
        fill(&lab, &disk, &mut secret);
        let mark = lab.log_mark();
        let codes = [log_in(&mut secret), log_in(&mut secret)];
        let alert = lab.logged(mark, &[IN_MEMORY]);
        assert!(alert.starts_with(ALERT), "{alert}");
        for part in ["\"alice\"", "No space left on device", "make room"] {
            assert!(alert.contains(part), "no {part:?} in {alert}");
        }
        for code in &codes {
            is_used(code);
        }
        assert_eq!(unsaved(), 1);
        no_enrollment_changes(&lab, &mut secret);

        // Nobody has to log in for it to be written.
        let mark = lab.log_mark();
        disk.make_room();
        lab.logged(mark, &[RESUMED, "1 records from memory are on it now"]);
        assert_eq!(unsaved(), 0);
        lab.daemon().kill();
        for code in &codes {
            is_used(code);
        }
        log_in(&mut secret);
    });
}

#[test]
fn a_full_disk_at_the_start_of_the_daemon_keeps_nobody_out() {
    in_lab(|stage| {
        let (mut lab, mut secret, disk) = alice_and_bob(stage);
        fill(&lab, &disk, &mut secret);
        lab.daemon().stop();
        let code = log_in(&mut secret);
        is_used(&code);
        PamLogin::of("bob").go().let_in();
        let mark = lab.log_mark();
        disk.make_room();
        lab.logged(mark, &[RESUMED]);
        lab.daemon().kill();
        is_used(&code);
    });
}

#[test]
fn a_full_disk_before_the_first_start_is_told_and_mended_by_room_alone() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        let disk = SmallDisk::under_the_state();
        disk.fill();
        let mark = lab.log_mark();
        PamLogin::of("alice")
            .go()
            .refused_with(PamCode::AuthinfoUnavail, UNAVAILABLE);
        let alert = lab.logged(
            mark,
            &["the store cannot be used", "No space left on device"],
        );
        assert!(alert.starts_with(ALERT), "{alert}");
        tool("alice", &["enroll"], &[]).failed_with(&["cannot ", "`journalctl -u countersignd`"]);
        let mark = lab.log_mark();
        disk.make_room();
        lab.logged(mark, &["the store can be used now"]);
        PamLogin::of("alice").go().let_in();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in(&mut secret);
    });
}

#[test]
fn an_enrollment_on_a_full_disk_is_refused_whole_and_works_when_there_is_room() {
    in_lab(|stage| {
        let (mut lab, mut secret, disk) = alice_and_bob(stage);
        fill(&lab, &disk, &mut secret);
        try_to_enroll("bob").failed_with(&["cannot enroll bob", NOT_STORED]);
        assert_eq!(status("bob").get("enrolled"), Some(&false.into()));
        let mark = lab.log_mark();
        disk.make_room();
        lab.logged(mark, &[RESUMED]);
        lab.daemon().kill();
        // What was refused has not come back with the restart.
        assert_eq!(status("bob").get("enrolled"), Some(&false.into()));
        try_to_enroll("bob").done();
        assert_eq!(status("bob").get("enrolled"), Some(&true.into()));
    });
}

#[test]
fn on_a_read_only_disk_logins_go_on_and_no_code_counts_twice() {
    in_lab(|stage| {
        let (mut lab, mut secret, disk) = alice_and_bob(stage);
        log_in(&mut secret);
        lab.daemon().stop();
        disk.read_only();
        let mark = lab.log_mark();
        let code = log_in(&mut secret);
        is_used(&code);
        let alert = lab.logged(mark, &[IN_MEMORY]);
        assert!(alert.starts_with(ALERT), "{alert}");
        no_enrollment_changes(&lab, &mut secret);
        let mark = lab.log_mark();
        disk.writable();
        lab.logged(mark, &[RESUMED]);
        lab.daemon().kill();
        is_used(&code);
        log_in(&mut secret);
    });
}

#[test]
fn a_picture_that_a_full_disk_does_not_take_stops_the_enrollment() {
    in_lab(|stage| {
        let (lab, mut secret, _state) = alice_and_bob(stage);
        for (user, kind) in [("bob", "png"), ("bob", "svg"), ("bob", "jpg")] {
            let directory = format!("/media/{kind}");
            let disk = SmallDisk::at(&directory, user);
            disk.fill();
            let picture = format!("{directory}/qr.{kind}");
            // It ends before a code is asked for.
            let told = tool(user, &["enroll", "--save", &picture], &[]);
            told.failed_with(&[
                &format!("cannot save the QR code as {picture}: "),
                "the disk is full",
                "Make room, or choose another disk",
            ]);
            assert!(!told.out.contains("otpauth://"), "{told:?}");
            assert!(!Path::new(&picture).exists());
            assert_eq!(status(user).get("enrolled"), Some(&false.into()));
            PamLogin::of(user).go().let_in();
        }

        let disk = SmallDisk::at("/media/alice", "alice");
        disk.fill();
        let picture = "/media/alice/qr.png";
        let code = secret.next_code();
        tool("alice", &["export", "--save", picture], &[&code])
            .failed_with(&["cannot save the QR code as", "the disk is full"]);
        assert!(!Path::new(picture).exists());
        let left = fs::read_dir("/media/alice").expect("the disk").count();
        assert_eq!(left, 1, "nothing but what fills the disk");
        disk.make_room();
        let code = secret.next_code();
        tool("alice", &["export", "--save", picture], &[&code]).done();
        drop(lab);
    });
}
