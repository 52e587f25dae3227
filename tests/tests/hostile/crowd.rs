//! A user without rights who takes all the room that there is on the bus.

use std::time::Duration;

use countersign_tests::{Outcome, Road, in_lab};

use crate::door::Door;
use crate::rogue::Rogue;

const PASSWORD: &str = "her password";
const CROWD: &str = include_str!("crowd.py");
const SOON: Duration = Duration::from_secs(2);

/// Bob's, who is in nobody's way otherwise.
fn crowd() -> Rogue {
    Rogue::run("bob", CROWD, &["1000"])
}

#[test]
fn a_crowded_bus_holds_up_no_program_of_roots() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let crowd = crowd();
        for (login, becomes) in [
            (lab.sudo("alice"), "root"),
            (lab.su("bob", "alice"), "alice"),
            (lab.ssh("alice"), "alice"),
            (lab.login("alice"), "alice"),
        ] {
            let login = login.password(PASSWORD).code(&secret.next_code());
            let visit = login.go();
            visit.let_in_as(becomes);
            assert!(visit.took() < SOON, "took {:?}", visit.took());
        }
        // That it is crowded indeed: without root's rights nobody gets through.
        Door::hasty(&lab)
            .try_code_unprivileged(&secret.next_code())
            .unavailable("timed out after 1 s waiting for");
        crowd.end();
    });
}

#[test]
fn a_crowded_bus_is_left_in_time_where_it_is_the_only_road() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .module_options("timeout=1")
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let mut secret = lab.enroll("alice");
        let code = secret.next_code();
        let crowd = crowd();
        Door::hasty(&lab)
            .try_code(&code)
            .unavailable("timed out after 1 s waiting for");
        let visit = lab.sudo("alice").password(PASSWORD).code(&code).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        crowd.end();
        // With the crowd gone the same code is good.
        Door::shipped(&lab).try_code(&code).let_in();
    });
}
