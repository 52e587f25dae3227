//! What goes wrong in the middle leaves nothing behind, and nobody gets further than they should.

use std::collections::HashMap;
use std::fs;

use countersign_tests::{Caller, in_lab, on_both_roads};
use zbus::Variant;

use super::{
    CODE, LATER, NOTED, NOW, PASSWORD, QUESTION, QUESTION_NOW, Talk, is_enrolled, typed_key, uri_of,
};

#[test]
fn five_wrong_codes_end_the_login_and_nothing_is_set_up() {
    in_lab(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION_NOW);
        talk.say("key");
        for _ in 0..5 {
            talk.hear(CODE);
            talk.say("000000x");
        }
        talk.hear("nothing was set up");
        assert!(!is_enrolled("alice"));
    });
}

#[test]
fn a_connection_that_drops_anywhere_leaves_nothing_and_it_can_be_begun_again() {
    on_both_roads(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        for ends_after_the_code in [false, true] {
            let mut talk = Talk::ssh("C.UTF-8");
            talk.hear(QUESTION_NOW);
            talk.say("key");
            let key = typed_key(&talk.hear(CODE));
            if ends_after_the_code {
                let mut secret = countersign_tests::Secret::from_uri(&uri_of(&key));
                talk.say(&secret.next_code());
                talk.hear(NOTED);
            }
            drop(talk);
            assert!(
                !is_enrolled("alice"),
                "after the code: {ends_after_the_code}"
            );
        }
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION_NOW);
        talk.say("key");
        let key = typed_key(&talk.hear(CODE));
        talk.confirm(&uri_of(&key));
        talk.hear("let-in:alice");
    });
}

#[test]
fn a_daemon_killed_in_the_middle_is_told_and_refused_or_put_off() {
    on_both_roads(|stage| {
        let mut lab = stage.config(LATER).user("alice", PASSWORD).start();
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION);
        talk.say("key");
        let key = typed_key(&talk.hear(CODE));
        lab.daemon().kill();
        let mut secret = countersign_tests::Secret::from_uri(&uri_of(&key));
        talk.say(&secret.next_code());
        talk.hear("let-in:alice");
        assert!(!is_enrolled("alice"));
        assert!(
            lab.log().contains("the enrollment failed, and is put off"),
            "{}",
            lab.log()
        );

        fs::write("/etc/countersign/countersign.toml", NOW).expect("another policy");
        lab.daemon().stop();
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION_NOW);
        talk.say("key");
        talk.hear(CODE);
        lab.daemon().kill();
        talk.say("123456");
        let rest = talk.rest();
        assert!(
            rest.contains("Setting up the authenticator app failed"),
            "{rest}"
        );
        assert!(!rest.contains("let-in"), "{rest}");
    });
}

/// A stack that goes on after a wrong password, so as not to tell what was wrong, shows the dialog to
/// anybody. What they set up there must not count.
#[test]
fn who_typed_a_wrong_password_sets_nothing_up() {
    on_both_roads(|stage| {
        let lab = stage.config(NOW).user("alice", PASSWORD).start();
        fs::write(
            "/etc/pam.d/sshd",
            "auth required pam_unix.so nodelay\nauth required pam_countersign.so\n\
             account required pam_permit.so\nsession required pam_permit.so\n",
        )
        .expect("another stack");
        let mut talk = Talk::with(&[
            "ssh",
            "-tt",
            "-F",
            "none",
            "-o",
            "PubkeyAuthentication=no",
            "-o",
            "NumberOfPasswordPrompts=1",
            "alice@127.0.0.1",
            "echo let-in",
        ]);
        talk.hear("assword: ");
        talk.say("not her password");
        talk.hear(QUESTION_NOW);
        talk.say("key");
        let key = typed_key(&talk.hear(CODE));
        talk.confirm(&uri_of(&key));
        let rest = talk.rest();
        assert!(!rest.contains("let-in"), "{rest}");
        assert!(!is_enrolled("alice"), "{}", lab.log());
    });
}

fn login(service: &str) -> (&'static str, Variant<'_>) {
    let context = HashMap::from([("service", Variant::from(service)), ("tty", "ssh".into())]);
    ("login", Variant::from(context))
}

#[test]
fn an_enrollment_in_a_login_is_for_root_where_the_policy_says_so_and_ends_with_a_receipt() {
    in_lab(|stage| {
        let config = "[[rule]]\nservices = [\"sshd\"]\nrequire = \"enroll\"\n";
        let _lab = stage.config(config).user("alice", PASSWORD).start();
        for root in [Caller::on_bus("root"), Caller::on_login_socket()] {
            let denied = root.begin("alice", &[login("sudo")]).map(drop).unwrap_err();
            assert_eq!(denied.name, "AccessDenied");
            let begun = root.begin("alice", &[login("sshd")]).unwrap();
            let mut secret = begun.secret;
            assert_eq!(
                root.confirm("alice", &secret.next_code()).unwrap().len(),
                10
            );
            assert!(!is_enrolled("alice"));
            for (user, receipt) in [("alice", "AAAA"), ("root", "AAAA")] {
                let refused = root.complete(user, receipt).unwrap_err();
                assert_eq!(refused.name, "NoPendingEnrollment");
            }
            let receipt = begun.details["receipt"].try_clone().unwrap();
            let receipt = String::try_from(receipt).unwrap();
            let other = Caller::on_login_socket();
            other.complete("alice", &receipt).unwrap();
            assert!(is_enrolled("alice"));
            // It is good for one time, and nobody enrolls twice in a login.
            let again = other.complete("alice", &receipt).unwrap_err();
            assert_eq!(again.name, "NoPendingEnrollment");
            let denied = root.begin("alice", &[login("sshd")]).map(drop).unwrap_err();
            assert_eq!(denied.name, "AccessDenied");
            Caller::on_bus("root").disable("alice", "", &[]).unwrap();
        }
        let alice = Caller::on_bus("alice");
        let denied = alice
            .begin("alice", &[login("sshd")])
            .map(drop)
            .unwrap_err();
        assert_eq!(denied.name, "AccessDenied");
    });
}

#[test]
fn what_is_begun_on_the_login_socket_goes_with_its_connection() {
    in_lab(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        let first = Caller::on_login_socket();
        let mut secret = first.begin("alice", &[login("sshd")]).unwrap().secret;
        let second = Caller::on_login_socket();
        let code = secret.next_code();
        let refused = second.confirm("alice", &code).unwrap_err();
        assert_eq!(refused.name, "NoPendingEnrollment");
        // A user has eight places, and a closed connection gives its own back.
        for _ in 0..20 {
            let guest = Caller::on_login_socket();
            while let Err(refused) = guest.begin("alice", &[login("sshd")]) {
                assert_eq!(refused.name, "Busy");
            }
        }
        assert_eq!(first.confirm("alice", &code).unwrap().len(), 10);
    });
}
