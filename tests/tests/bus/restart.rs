//! What a daemon knows of what the one before it was told.

use countersign_tests::{Caller, Daemon, Lab, Road, Stage, in_lab};

use crate::PASSWORD;

/// Alice uses up codes; then the daemon ends, in this way.
fn survives(stage: Stage, end: impl Fn(&Daemon)) {
    let mut lab: Lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
    let alice = Caller::on_bus("alice");
    let (mut secret, recovery_codes) = alice.enroll("alice", &[]);
    let code = secret.next_code();
    assert_eq!(alice.verify("alice", &code).unwrap(), "accepted");
    assert_eq!(
        alice.verify("alice", &recovery_codes[0]).unwrap(),
        "accepted"
    );
    for _free in 0..5 {
        assert_eq!(
            alice.verify("alice", &secret.wrong_code()).unwrap(),
            "wrong"
        );
    }
    let root = Caller::on_bus("root");
    let issued = root.issue("alice", &[]).unwrap();
    let pending = Caller::on_bus("root");
    pending.begin("alice", &[("name", "two".into())]).unwrap();
    let before = root.status("alice").unwrap();

    end(lab.daemon());
    // The first call starts another one. The callers' connections are those of before.
    let after = loop {
        match root.status("alice") {
            // Sent to the one before: the bus did not know yet that it is gone.
            Err(refused) if refused.name == "org.freedesktop.DBus.Error.NoReply" => {}
            answer => break answer.unwrap(),
        }
    };
    assert_eq!(after, before);
    assert_eq!(alice.verify("alice", &issued).unwrap(), "throttled");
    assert_eq!(root.verify("alice", &code).unwrap(), "used");
    assert_eq!(root.verify("alice", &recovery_codes[0]).unwrap(), "used");
    assert_eq!(root.verify("alice", &issued).unwrap(), "accepted");
    let gone = pending.confirm("alice", "123456").unwrap_err();
    assert_eq!(gone.name, "NoPendingEnrollment");
}

#[test]
fn what_was_spent_stays_spent_when_the_daemon_is_stopped() {
    in_lab(|stage| survives(stage, Daemon::stop));
}

#[test]
fn what_was_spent_stays_spent_when_the_daemon_is_killed() {
    in_lab(|stage| survives(stage, Daemon::kill));
}
