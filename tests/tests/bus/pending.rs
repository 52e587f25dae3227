//! Enrollments that were begun and not confirmed.

use std::thread;
use std::time::{Duration, Instant};

use countersign_tests::{Answer, Caller, Secret, in_lab};

use crate::PASSWORD;

fn name_of<T>(answer: Answer<T>) -> String {
    match answer {
        Ok(_) => "no error".to_owned(),
        Err(refused) => refused.name,
    }
}

#[test]
fn an_enrollment_belongs_to_the_connection_that_began_it() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (first, second) = (Caller::on_bus("alice"), Caller::on_bus("alice"));
        let mut secret = first.begin("alice", &[]).unwrap().secret;
        let code = secret.next_code();
        for other in [&second, &Caller::on_bus("root")] {
            assert_eq!(
                name_of(other.confirm("alice", &code)),
                "NoPendingEnrollment"
            );
            assert_eq!(name_of(other.cancel("alice")), "NoPendingEnrollment");
        }
        assert_eq!(first.confirm("alice", &code).unwrap().len(), 10);
    });
}

#[test]
fn what_was_begun_before_the_first_enrollment_cannot_be_confirmed_after_it() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        // A program of alice's that waits for her to enroll, to add a token of its own without a code.
        let (program, alice) = (Caller::on_bus("alice"), Caller::on_bus("alice"));
        let mut stolen = program.begin("alice", &[]).unwrap().secret;
        let mut secret = alice.begin("alice", &[]).unwrap().secret;
        alice.confirm("alice", &secret.next_code()).unwrap();
        let added = program.confirm("alice", &stolen.next_code());
        assert_eq!(name_of(added), "NoPendingEnrollment");
        let anew = program.begin("alice", &[("name", "mine".into())]);
        assert_eq!(name_of(anew), "CodeNotAccepted");
    });
}

#[test]
fn a_cancelled_enrollment_is_gone() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let mut secret = alice.begin("alice", &[]).unwrap().secret;
        alice.cancel("alice").unwrap();
        assert_eq!(name_of(alice.cancel("alice")), "NoPendingEnrollment");
        let confirmed = alice.confirm("alice", &secret.next_code());
        assert_eq!(name_of(confirmed), "NoPendingEnrollment");
    });
}

#[test]
fn beginning_anew_forgets_what_was_begun() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let mut old: Secret = alice.begin("alice", &[]).unwrap().secret;
        let mut new: Secret = alice.begin("alice", &[]).unwrap().secret;
        assert_ne!(old.base32(), new.base32());
        assert_eq!(
            name_of(alice.confirm("alice", &old.next_code())),
            "CodeNotAccepted"
        );
        alice.confirm("alice", &new.next_code()).unwrap();
    });
}

#[test]
fn ten_wrong_codes_end_an_enrollment() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let mut secret = alice.begin("alice", &[]).unwrap().secret;
        for _wrong in 0..10 {
            let answer = alice.confirm("alice", &secret.wrong_code());
            assert_eq!(name_of(answer), "CodeNotAccepted");
        }
        let answer = alice.confirm("alice", &secret.next_code());
        assert_eq!(name_of(answer), "NoPendingEnrollment");
        assert_eq!(
            alice.enroll("alice", &[]).1.len(),
            10,
            "and she may begin anew"
        );
    });
}

#[test]
fn a_user_begins_eight_at_a_time_and_gets_the_places_back() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let mut connections: Vec<Caller> = (0..8).map(|_| Caller::on_bus("alice")).collect();
        for connection in &connections {
            connection.begin("alice", &[]).unwrap();
        }
        let ninth = Caller::on_bus("alice");
        assert_eq!(name_of(ninth.begin("alice", &[])), "Busy");
        connections[0].begin("alice", &[]).unwrap(); // in the place of its own
        Caller::on_bus("bob").begin("bob", &[]).unwrap();

        connections[1].cancel("alice").unwrap();
        ninth.begin("alice", &[]).unwrap();
        assert_eq!(name_of(connections[1].begin("alice", &[])), "Busy");

        // A closed connection leaves nothing behind, as soon as the bus has told the daemon.
        drop(connections.pop());
        let begun = Instant::now();
        while name_of(connections[1].begin("alice", &[])) == "Busy" {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "the place stays taken"
            );
            thread::sleep(Duration::from_millis(5));
        }
    });
}

#[test]
fn two_connections_that_finish_the_same_first_token_make_one() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (first, second) = (Caller::on_bus("alice"), Caller::on_bus("alice"));
        let mut secrets = [&first, &second].map(|who| who.begin("alice", &[]).unwrap().secret);
        let [one, two] = &mut secrets;
        assert_eq!(first.confirm("alice", &one.next_code()).unwrap().len(), 10);
        assert_eq!(
            name_of(second.confirm("alice", &two.next_code())),
            "NoPendingEnrollment"
        );
    });
}
