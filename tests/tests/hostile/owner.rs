//! Somebody else behind the daemon's name on the bus.

use std::fs;

use countersign_tests::{Lab, Outcome, Program, Road, Stage, in_lab};

use crate::bus;
use crate::door::{CANNOT_BE_CHECKED, Door, wait_until};
use crate::rogue::Rogue;

const PASSWORD: &str = "her password";
const CODE: &str = "918273";
/// The flags of `RequestName` for somebody who takes a name away, and would let it be taken.
const REPLACE: &str = "uint32:3";
const TAKEN: &str = "the daemon's place is taken by uid ";

/// A host whose bus would let bob own the name, and where nobody does.
fn name_for_bob(stage: Stage) -> Lab {
    let mut lab = stage
        .road(Road::Bus)
        .module_options("timeout=2")
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    lab.daemon().remove();
    let policy =
        "<busconfig><policy user=\"bob\"><allow own=\"org.countersign1\"/></policy></busconfig>";
    fs::write("/etc/dbus-1/system.d/bob.conf", policy).expect("a policy in bob's favour");
    bus::ask("root", &["org.freedesktop.DBus.ReloadConfig"]);
    lab
}

fn uid_of(user: &str) -> String {
    Program::new("id")
        .args(["-u", user])
        .text()
        .trim_end()
        .to_owned()
}

#[test]
fn a_name_that_another_user_owns_is_asked_nothing() {
    in_lab(|stage| {
        let lab = name_for_bob(stage);
        let rogue = Rogue::on_bus("bob", "never", "nothing");
        let taken = format!("{TAKEN}{}", uid_of("bob"));
        let door = Door::hasty(&lab);
        door.try_code(CODE).unavailable(&taken);
        door.try_code_unprivileged(CODE).unavailable(&taken);
        for login in [
            lab.su("bob", "alice"),
            lab.login("alice"),
            lab.ssh("alice"),
            lab.screen_locker("alice"),
        ] {
            let visit = login.password(PASSWORD).code(CODE).go();
            visit.refused_with(CANNOT_BE_CHECKED);
            assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
        }
        let visit = lab.sudo("alice").password(PASSWORD).code(CODE).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        assert!(!lab.log().contains(CODE), "{}", lab.log());
        rogue.end();
    });
}

#[test]
fn one_name_is_judged_by_its_owner_of_the_moment() {
    in_lab(|stage| {
        let lab = name_for_bob(stage);
        let door = Door::hasty(&lab);
        let of_the_daemon = Rogue::on_bus("countersign", "never", "nothing");
        door.try_code(CODE).let_in();
        door.try_code_unprivileged(CODE).let_in();
        of_the_daemon.end();
        wait_until("the name is free", || !bus::has_daemon());
        let of_bob = Rogue::on_bus("bob", "never", "nothing");
        door.try_code(CODE).unavailable(TAKEN);
        of_bob.end();
    });
}

#[test]
fn the_shipped_policy_lets_nobody_but_the_daemons_user_own_the_name() {
    in_lab(|stage| {
        let mut lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        lab.daemon().remove();
        let own = |user| {
            bus::ask(
                user,
                &[
                    "org.freedesktop.DBus.RequestName",
                    "string:org.countersign1",
                    "uint32:0",
                ],
            )
        };
        for user in ["alice", "root", "nobody"] {
            let said = own(user);
            assert!(said.contains("AccessDenied"), "{user} was told: {said}");
        }
        let said = own("countersign");
        assert!(said.contains("uint32 1"), "its user was told: {said}");
    });
}

#[test]
fn nobody_takes_the_name_from_the_daemon_while_it_runs() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll("alice");
        for user in ["countersign", "alice", "root"] {
            let said = bus::ask(
                user,
                &[
                    "org.freedesktop.DBus.RequestName",
                    "string:org.countersign1",
                    REPLACE,
                ],
            );
            // 2: in the queue behind the daemon, until dbus-send is through.
            assert!(
                said.contains("AccessDenied") || said.contains("uint32 2"),
                "{user} was told: {said}"
            );
        }
        Door::shipped(&lab)
            .try_code_unprivileged(&secret.next_code())
            .let_in();
    });
}
