//! A record that an earlier user of the same name left behind.

use countersign_tests::{Caller, Program, in_lab};

use crate::PASSWORD;

#[test]
fn a_new_user_of_an_old_name_gets_nothing_of_the_old_one() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (mut secret, recovery_codes) = Caller::on_bus("alice").enroll("alice", &[]);
        Program::new("usermod").args(["-u", "5000", "alice"]).text();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));

        let status = alice.status("alice").unwrap();
        assert_eq!(status["enrolled"], false.into());
        assert_eq!(
            status.len(),
            1,
            "the owner is told nothing more: {status:?}"
        );
        assert_eq!(root.status("alice").unwrap()["foreign"], true.into());

        // Nobody can tell whether there should be a code, so nobody gets in.
        assert_eq!(root.prepare("alice").unwrap().0, "denied");
        for code in [&secret.next_code(), &recovery_codes[0]] {
            assert_eq!(root.verify("alice", code).unwrap(), "wrong");
            for answer in [
                alice
                    .begin("alice", &[("code", code.as_str().into())])
                    .map(drop),
                alice.export("alice", code, &[]).map(drop),
                alice.renew_recovery_codes("alice", code).map(drop),
                alice.resync("alice", code, code),
                alice.disable("alice", code, &[]),
                root.export("alice", "", &[]).map(drop),
                root.issue("alice", &[]).map(drop),
                root.unlock("alice").map(drop),
                root.import("alice", &[("secret", "2SH3V3GDW7ZNMGYE".into())]),
            ] {
                let refused = answer.unwrap_err();
                assert_eq!(refused.name, "EarlierUser", "{}", refused.text);
                assert!(
                    refused.text.contains("an earlier user's"),
                    "{}",
                    refused.text
                );
            }
        }
        root.disable("alice", "", &[]).unwrap();
        assert_eq!(alice.prepare("alice").unwrap().0, "none");
        alice.enroll("alice", &[]);
    });
}
