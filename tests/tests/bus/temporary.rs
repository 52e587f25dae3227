//! What an administrator does for somebody who lost the phone: unlock, temporary code.

use std::thread;
use std::time::{Duration, Instant};

use countersign_tests::{Caller, in_lab};

use crate::PASSWORD;

#[test]
fn unlocking_opens_what_wrong_codes_closed() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        assert_eq!(root.unlock("alice").unwrap_err().name, "NotEnrolled");
        let (mut secret, _codes) = alice.enroll("alice", &[]);
        let wrong = secret.wrong_code();
        for _free in 0..5 {
            assert_eq!(alice.verify("alice", &wrong).unwrap(), "wrong");
        }
        let code = secret.next_code();
        assert_eq!(alice.verify("alice", &code).unwrap(), "throttled");
        let refused = alice.export("alice", &code, &[]).unwrap_err();
        assert_eq!(refused.name, "Throttled");
        assert!(refused.text.ends_with(" s"), "{}", refused.text);
        // She does not hold up root's programs, which see where a login comes from.
        let cleared = root.unlock("alice").unwrap();
        assert_eq!(cleared["failed-attempts"], 7_u32.into());
        assert_eq!(cleared["locked"], false.into());
        assert_eq!(alice.verify("alice", &code).unwrap(), "accepted");
    });
}

#[test]
fn a_temporary_code_is_good_for_as_many_logins_as_issued() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        assert_eq!(root.issue("alice", &[]).unwrap_err().name, "NotEnrolled");
        let (mut secret, _codes) = alice.enroll("alice", &[]);
        let once = root.issue("alice", &[]).unwrap();
        assert_eq!(once.len(), 11, "two groups of five");
        assert_eq!(
            alice.status("alice").unwrap()["temporary-code"],
            true.into()
        );
        assert_eq!(
            alice.verify("alice", &once.to_uppercase()).unwrap(),
            "accepted"
        );
        assert_eq!(alice.verify("alice", &once).unwrap(), "used");

        let first = root.issue("alice", &[("uses", 10_u32.into())]).unwrap();
        let second = root.issue("alice", &[("uses", 2_u32.into())]).unwrap();
        assert_eq!(
            alice.verify("alice", &first).unwrap(),
            "wrong",
            "one at a time"
        );
        for verdict in ["accepted", "accepted", "used"] {
            assert_eq!(alice.verify("alice", &second).unwrap(), verdict);
        }
        assert_eq!(
            alice.verify("alice", &secret.next_code()).unwrap(),
            "accepted"
        );
    });
}

#[test]
fn a_temporary_code_ends_when_its_time_is_up() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        alice.enroll("alice", &[]);
        let options = [("valid", 1_u32.into()), ("uses", 10_u32.into())];
        let code = root.issue("alice", &options).unwrap();
        let valid = || alice.status("alice").unwrap()["temporary-code"] == true.into();
        let begun = Instant::now();
        while valid() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not end");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(alice.verify("alice", &code).unwrap(), "wrong");
    });
}

#[test]
fn a_temporary_code_does_not_prove_enough_to_export() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        alice.enroll("alice", &[]);
        let code = root.issue("alice", &[]).unwrap();
        let refused = alice.export("alice", &code, &[]).unwrap_err();
        assert_eq!(refused.name, "CodeNotAccepted");
        let refused = alice.renew_recovery_codes("alice", &code).unwrap_err();
        assert_eq!(refused.name, "CodeNotAccepted");
        assert_eq!(alice.verify("alice", &code).unwrap(), "accepted");
    });
}
