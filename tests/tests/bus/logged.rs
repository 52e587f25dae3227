//! What the daemon leaves in the log of all that was asked of it.

use std::collections::HashMap;

use countersign_tests::{Caller, Details, Lab, in_lab};
use zbus::Variant;

use crate::PASSWORD;

/// Everything that anybody wrote.
fn all(lab: &Lab) -> String {
    lab.log() + &lab.daemon_output()
}

#[test]
fn every_act_is_logged_with_who_did_it_and_no_secret_is() {
    in_lab(|stage| {
        let lab = stage
            .config("[totp]\nwindow = 10\n")
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        let mut secret = alice.begin("alice", &[]).unwrap().secret;
        let mut typed = vec![secret.base32().to_owned(), secret.wrong_code()];
        let next = |typed: &mut Vec<String>, code: String| {
            typed.push(code.clone());
            code
        };
        alice.confirm("alice", &typed[1]).unwrap_err();
        let code = next(&mut typed, secret.next_code());
        typed.extend(alice.confirm("alice", &code).unwrap());
        assert_eq!(alice.verify("alice", &typed[3]).unwrap(), "accepted");
        assert_eq!(alice.verify("alice", &typed[1]).unwrap(), "wrong");
        alice
            .export("alice", &next(&mut typed, secret.next_code()), &[])
            .unwrap();
        let code = next(&mut typed, secret.next_code());
        typed.extend(alice.renew_recovery_codes("alice", &code).unwrap());
        let (one, two) = (secret.code(7), secret.code(8));
        alice.resync("alice", &one, &two).unwrap();
        typed.extend([one, two]);
        typed.push(root.issue("alice", &[]).unwrap());
        root.unlock("alice").unwrap();
        root.import("bob", &[("secret", "2SH3V3GDW7ZNMGYE".into())])
            .unwrap();
        typed.push("2SH3V3GDW7ZNMGYE".to_owned());
        root.disable("alice", "", &[]).unwrap();

        let log = all(&lab);
        let uid = format!("{} \"alice\"", alice_uid());
        for (act, caller) in [
            ("begin-enrollment", uid.as_str()),
            ("confirm-enrollment", &uid),
            ("export", &uid),
            ("renew-recovery-codes", &uid),
            ("resync", &uid),
            ("issue-temporary-code", "0 \"root\""),
            ("unlock", "0 \"root\""),
            ("disable", "0 \"root\""),
        ] {
            let line = format!("{act} user=\"alice\" caller={caller}: done");
            assert!(log.contains(&line), "{line} is not in:\n{log}");
        }
        for line in [
            "import user=\"bob\" caller=0 \"root\": done",
            "confirm-enrollment user=\"alice\" caller=",
            "accepted (recovery code, 9 left)",
        ] {
            assert!(log.contains(line), "{line} is not in:\n{log}");
        }
        for secret in typed {
            let plain = secret.replace('-', "");
            assert!(
                !log.contains(&secret) && !log.contains(&plain),
                "{secret} is in:\n{log}"
            );
        }
    });
}

#[test]
fn nothing_that_a_caller_sends_makes_a_line_of_its_own() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        let forged = "x\nverify user=\"root\" caller=0: accepted (token \"forged\")\u{1b}[2J";
        for caller in [&root, &alice] {
            for key in ["service", "tty", "rhost", "other"] {
                let context = HashMap::from([(key, Variant::from(forged))]);
                let answer = caller
                    .call::<(String, Details)>("Login.Verify", &("alice", "123456", &context));
                assert_eq!(answer.unwrap().0, "wrong");
            }
        }
        let endless = HashMap::from([("rhost", Variant::from("x".repeat(6_000)))]);
        let answer = root.call::<(String, Details)>("Login.Verify", &("alice", "123456", &endless));
        assert_eq!(answer.unwrap().0, "wrong");
        drop(root.begin("alice", &[("name", forged.into())]));
        drop(root.disable("alice", "", &[("name", forged.into())]));
        drop(root.status(forged));
        let log = all(&lab);
        assert!(log.contains("forged"), "it is told of:\n{log}");
        for line in log.lines() {
            assert!(!line.starts_with("verify user=\"root\""), "{line}");
            assert!(!line.contains('\u{1b}'), "{line:?}");
            assert!(line.len() < 8_192, "a line of {} bytes", line.len());
        }
    });
}

fn alice_uid() -> String {
    let uid = countersign_tests::Program::new("id")
        .args(["-u", "alice"])
        .text();
    uid.trim().to_owned()
}
