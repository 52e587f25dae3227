//! An enrollment from its beginning to its end.

use countersign_tests::{Caller, Details, Secret, in_lab};
use zbus::Variant;

use crate::PASSWORD;

/// Wide enough for all the codes that a test needs within one time step.
const WIDE: &str = "[totp]\nwindow = 10\n";

fn number(details: &Details, key: &str) -> u32 {
    u32::try_from(details[key].try_clone().unwrap()).unwrap()
}

fn text(details: &Details, key: &str) -> String {
    String::try_from(details[key].try_clone().unwrap()).unwrap()
}

fn is(details: &Details, key: &str) -> bool {
    bool::try_from(details[key].try_clone().unwrap()).unwrap()
}

/// Checks that an error has this name.
fn refused<T>(answer: countersign_tests::Answer<T>, name: &str) {
    match answer {
        Ok(_) => panic!("should have been refused with {name}"),
        Err(refused) => assert_eq!(refused.name, name, "{}", refused.text),
    }
}

#[test]
fn only_a_right_code_activates_a_token() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let mut begun = alice.begin("alice", &[]).unwrap();
        assert_eq!(number(&begun.details, "expires"), 600);
        assert_eq!(text(&begun.details, "secret"), begun.secret.base32());
        let code = begun.secret.next_code();

        // Not yet: logins are as they were.
        assert_eq!(alice.prepare("alice").unwrap().0, "none");
        assert_eq!(alice.verify("alice", &code).unwrap(), "wrong");
        assert!(!is(&alice.status("alice").unwrap(), "enrolled"));
        for wrong in [begun.secret.wrong_code().as_str(), "", "not a code"] {
            refused(alice.confirm("alice", wrong), "CodeNotAccepted");
        }
        assert_eq!(alice.prepare("alice").unwrap().0, "none");

        let recovery_codes = alice.confirm("alice", &code).unwrap();
        assert_eq!(alice.prepare("alice").unwrap().0, "code");
        assert_eq!(recovery_codes.len(), 10);
        for code in &recovery_codes {
            let groups: Vec<&str> = code.split('-').collect();
            let is_group =
                |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(groups.len() == 3 && groups.iter().all(is_group), "{code}");
        }
        refused(alice.confirm("alice", &code), "NoPendingEnrollment");
        let used = alice.verify("alice", &code).unwrap();
        assert_eq!(used, "used", "the code that activated it is spent");
    });
}

#[test]
fn status_tells_the_owner_what_there_is() {
    in_lab(|stage| {
        let _lab = stage.config(WIDE).user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut secret, recovery_codes) = alice.enroll("alice", &[("name", "phone".into())]);
        let status = alice.status("alice").unwrap();
        assert!(
            is(&status, "enrolled") && !is(&status, "locked") && !is(&status, "temporary-code")
        );
        assert_eq!(number(&status, "recovery-codes-left"), 10);
        let tokens: Vec<Details> = status["tokens"].try_clone().unwrap().try_into().unwrap();
        let [token] = tokens.as_slice() else {
            panic!("one token: {tokens:?}")
        };
        assert_eq!(text(token, "name"), "phone");
        assert_eq!(text(token, "kind"), "totp");
        assert_eq!(text(token, "algorithm"), "SHA1");
        assert_eq!((number(token, "digits"), number(token, "period")), (6, 30));

        assert_eq!(
            alice.verify("alice", &secret.wrong_code()).unwrap(),
            "wrong"
        );
        assert_eq!(
            number(&alice.status("alice").unwrap(), "failed-attempts"),
            1
        );
        assert_eq!(
            alice.verify("alice", &recovery_codes[0]).unwrap(),
            "accepted"
        );
        assert_eq!(alice.verify("alice", &recovery_codes[0]).unwrap(), "used");
        assert_eq!(
            alice.verify("alice", &secret.next_code()).unwrap(),
            "accepted"
        );
        let status = alice.status("alice").unwrap();
        assert_eq!(number(&status, "recovery-codes-left"), 9);
        assert_eq!(number(&status, "failed-attempts"), 0);
        assert_eq!(Caller::on_bus("root").status("alice").unwrap(), status);
    });
}

#[test]
fn export_needs_a_current_code_and_spends_no_recovery_code() {
    in_lab(|stage| {
        let _lab = stage.config(WIDE).user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let mut secret = alice.begin("alice", &[]).unwrap().secret;
        let used = secret.next_code();
        let recovery_codes = alice.confirm("alice", &used).unwrap();
        for code in ["", &secret.wrong_code(), &recovery_codes[0]] {
            refused(alice.export("alice", code, &[]), "CodeNotAccepted");
        }
        refused(alice.export("alice", &used, &[]), "CodeUsed");
        let code = secret.next_code();
        let exported = alice.export("alice", &code, &[]).unwrap();
        assert_eq!(exported, secret.uri());
        assert_eq!(Secret::from_uri(&exported).code(5), secret.code(5));
        assert_eq!(alice.verify("alice", &code).unwrap(), "used");
        assert_eq!(
            alice.verify("alice", &recovery_codes[0]).unwrap(),
            "accepted"
        );
        let root = Caller::on_bus("root");
        assert_eq!(root.export("alice", "", &[]).unwrap(), secret.uri());
        refused(
            alice.export("alice", "", &[("name", "other".into())]),
            "NotEnrolled",
        );
    });
}

#[test]
fn a_second_token_needs_a_code_and_a_name_of_its_own() {
    in_lab(|stage| {
        let _lab = stage.config(WIDE).user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut phone, recovery_codes) = alice.enroll("alice", &[("name", "phone".into())]);
        let begin = |name: &str, code: &str| {
            alice.begin("alice", &[("name", name.into()), ("code", code.into())])
        };
        refused(
            alice.begin("alice", &[("name", "tablet".into())]),
            "CodeNotAccepted",
        );
        refused(begin("tablet", &phone.wrong_code()), "CodeNotAccepted");
        let code = phone.next_code();
        refused(begin("phone", &code), "AlreadyEnrolled");
        let mut tablet = begin("tablet", &code).unwrap().secret; // not spent by the refusal
        assert!(
            alice
                .confirm("alice", &tablet.next_code())
                .unwrap()
                .is_empty(),
            "no new recovery codes"
        );
        assert_eq!(
            alice.verify("alice", &recovery_codes[0]).unwrap(),
            "accepted"
        );
        for secret in [&mut phone, &mut tablet] {
            assert_eq!(
                alice.verify("alice", &secret.next_code()).unwrap(),
                "accepted"
            );
        }
        refused(
            alice.export("alice", &phone.next_code(), &[]),
            "InvalidArgument",
        );
        let one = alice.export("alice", &phone.next_code(), &[("name", "tablet".into())]);
        assert_eq!(one.unwrap(), tablet.uri());
    });
}

#[test]
fn there_are_eight_tokens_at_most() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        for number in 1..=8 {
            let name = number.to_string();
            root.enroll("alice", &[("name", name.as_str().into())]);
        }
        refused(
            root.begin("alice", &[("name", "9".into())]),
            "InvalidArgument",
        );
        let token = [("secret", Variant::from("2SH3V3GDW7ZNMGYE"))];
        refused(root.import("alice", &token), "InvalidArgument");
        root.disable("alice", "", &[("name", "3".into())]).unwrap();
        root.enroll("alice", &[("name", "9".into())]);
    });
}

#[test]
fn new_recovery_codes_end_the_old_ones() {
    in_lab(|stage| {
        let _lab = stage.config(WIDE).user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut secret, old) = alice.enroll("alice", &[]);
        refused(
            alice.renew_recovery_codes("alice", &old[0]),
            "CodeNotAccepted",
        );
        let new = alice
            .renew_recovery_codes("alice", &secret.next_code())
            .unwrap();
        assert_eq!(new.len(), 10);
        for code in old.iter().take(2) {
            assert_eq!(alice.verify("alice", code).unwrap(), "wrong");
        }
        assert_eq!(alice.verify("alice", &new[9]).unwrap(), "accepted");
    });
}

#[test]
fn resync_learns_how_far_a_clock_is_off() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        // An hour a step, so that none ends in the middle of this. The app is five days ahead.
        let (secret, _codes) = alice.enroll("alice", &[("period", 3600_u32.into())]);
        let shown = |steps: i64| secret.code(120 + steps);
        assert_eq!(alice.verify("alice", &shown(0)).unwrap(), "wrong");
        for (first, second) in [(1, 1), (2, 1), (1, 3)] {
            refused(
                alice.resync("alice", &shown(first), &shown(second)),
                "CodeNotAccepted",
            );
        }
        alice.resync("alice", &shown(0), &shown(1)).unwrap();
        refused(alice.resync("alice", &shown(0), &shown(1)), "CodeUsed");
        assert_eq!(alice.verify("alice", &shown(1)).unwrap(), "used");
        assert_eq!(alice.verify("alice", &shown(2)).unwrap(), "accepted");
        assert_eq!(alice.verify("alice", &secret.code(0)).unwrap(), "wrong");
    });
}

#[test]
fn disabling_takes_one_token_or_everything() {
    in_lab(|stage| {
        let _lab = stage.config(WIDE).user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut phone, recovery_codes) = alice.enroll("alice", &[("name", "phone".into())]);
        let options = [
            ("name", "tablet".into()),
            ("code", phone.next_code().into()),
        ];
        let mut tablet = alice.begin("alice", &options).unwrap().secret;
        alice.confirm("alice", &tablet.next_code()).unwrap();

        refused(alice.disable("alice", "", &[]), "CodeNotAccepted");
        refused(
            alice.disable("alice", &phone.wrong_code(), &[]),
            "CodeNotAccepted",
        );
        let code = phone.next_code();
        refused(
            alice.disable("alice", &code, &[("name", "watch".into())]),
            "NotEnrolled",
        );
        alice
            .disable("alice", &code, &[("name", "tablet".into())])
            .unwrap();
        assert_eq!(alice.verify("alice", &tablet.next_code()).unwrap(), "wrong");
        assert_eq!(
            alice.verify("alice", &phone.next_code()).unwrap(),
            "accepted"
        );

        alice.disable("alice", &recovery_codes[0], &[]).unwrap();
        assert_eq!(alice.prepare("alice").unwrap().0, "none");
        assert!(!is(&alice.status("alice").unwrap(), "enrolled"));
        for code in [&phone.next_code(), &recovery_codes[1]] {
            assert_eq!(alice.verify("alice", code).unwrap(), "wrong");
            refused(alice.disable("alice", code, &[]), "NotEnrolled");
        }
        alice.enroll("alice", &[]);
    });
}
