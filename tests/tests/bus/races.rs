//! Many who ask at once.

use std::sync::Barrier;
use std::thread;

use countersign_tests::{Caller, in_lab};

use crate::PASSWORD;

/// Callers that ask together.
const MANY: usize = 12;

/// What each of many callers hears of the same code at the same time, in order.
fn at_once(callers: Vec<Caller>, code: &str) -> Vec<String> {
    let together = Barrier::new(callers.len());
    let mut verdicts: Vec<String> = thread::scope(|scope| {
        let asked: Vec<_> = callers
            .into_iter()
            .map(|caller| {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    caller.verify("alice", code).unwrap()
                })
            })
            .collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    });
    verdicts.sort_unstable();
    verdicts
}

#[test]
fn of_many_who_show_the_same_code_at_once_one_gets_in() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut secret, recovery_codes) = alice.enroll("alice", &[]);
        for code in [secret.next_code(), recovery_codes[0].clone()] {
            // On both roads and for two callers, each of whom has tries of their own.
            let callers = (0..MANY).map(|n| match n % 3 {
                0 => Caller::on_login_socket(),
                1 => Caller::on_bus("root"),
                _ => Caller::on_bus("alice"),
            });
            let verdicts = at_once(callers.collect(), &code);
            assert_eq!(verdicts[0], "accepted");
            assert!(
                verdicts[1..]
                    .iter()
                    .all(|verdict| verdict == "used" || verdict == "throttled"),
                "{verdicts:?}"
            );
        }
    });
}

#[test]
fn of_many_who_show_a_code_for_three_logins_three_get_in() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        Caller::on_bus("alice").enroll("alice", &[]);
        let code = root.issue("alice", &[("uses", 3_u32.into())]).unwrap();
        let callers = (0..MANY).map(|_| Caller::on_bus("alice")).collect();
        let verdicts = at_once(callers, &code);
        let accepted = verdicts.iter().filter(|it| *it == "accepted").count();
        assert_eq!(accepted, 3, "{verdicts:?}");
    });
}

#[test]
fn wrong_codes_that_come_at_once_are_all_counted() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (secret, _codes) = alice.enroll("alice", &[]);
        let callers = (0..MANY).map(|_| Caller::on_bus("alice")).collect();
        let verdicts = at_once(callers, &secret.wrong_code());
        let wrong = verdicts.iter().filter(|it| *it == "wrong").count();
        assert_eq!(wrong, 5, "five are free, together: {verdicts:?}");
        let status = alice.status("alice").unwrap();
        let failed = u32::try_from(status["failed-attempts"].try_clone().unwrap()).unwrap();
        assert_eq!(failed, u32::try_from(MANY).unwrap());
    });
}
