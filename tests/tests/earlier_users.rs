//! An enrollment outlives its user: whoever gets the name next is not let in by it, does not inherit
//! it, and is helped by an administrator.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{
    Outcome, PamCode, PamLogin, Program, Road, Secret, in_lab, on_both_roads, tool,
};

const PASSWORD: &str = "her password";
const DENIED: &str = "You may not log in here: ask your administrator.";

fn log_in(user: &str, secret: &mut Secret) {
    PamLogin::of(user).code(&secret.next_code()).go().let_in();
}

#[test]
fn an_enrollment_of_an_earlier_user_of_the_name_is_nobodys_until_it_is_removed() {
    on_both_roads(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in("alice", &mut secret);
        Program::new("userdel").args(["-r", "alice"]).output();
        Program::new("useradd")
            .args(["-u", "4711", "someone"])
            .text();
        Program::new("usermod")
            .args(["-l", "alice", "someone"])
            .text();
        lab.add_user("alice", PASSWORD);

        let mark = lab.log_mark();
        let visit = lab.ssh("alice").password(PASSWORD).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .refused_with(PamCode::PermDenied, DENIED);
        lab.logged(
            mark,
            &[
                "the enrollment of \"alice\" is of uid ",
                "it counts for nobody",
                "`countersign disable --user`",
            ],
        );
        // She cannot help herself, and nothing of the other's is told to her.
        tool("alice", &["enroll"], &[]).failed_with(&["Ask an administrator"]);
        let status = tool("alice", &["status"], &[]);
        assert!(!status.out.contains("FOREIGN"), "{status:?}");
        let status = tool("root", &["status", "--user", "alice"], &[]);
        status.done();
        assert!(
            status.out.contains("`countersign disable --user alice`"),
            "{status:?}"
        );

        tool("root", &["disable", "--user", "alice"], &[]).done();
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");
        let mut own = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in("alice", &mut own);
    });
}

#[test]
fn the_enrollment_of_a_deleted_user_lets_nobody_in_and_can_be_removed() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        Program::new("userdel").args(["-r", "alice"]).output();
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .refused_with(PamCode::PermDenied, DENIED);
        tool("root", &["disable", "--user", "alice"], &[]).done();
        let left = tool("root", &["list", "--json"], &[]);
        left.done();
        assert!(!left.out.contains("alice"), "{left:?}");
        drop(lab);
    });
}
