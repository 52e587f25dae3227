//! Arguments that no proper client sends.

use std::collections::HashMap;

use countersign_tests::{Answer, Caller, Refused, in_lab};
use zbus::Variant;

use crate::PASSWORD;

/// What the daemon says of a bad argument.
fn complaint(answer: Answer<()>) -> String {
    let Refused { name, text } = answer.expect_err("a bad argument");
    assert_eq!(name, "InvalidArgument", "{text}");
    text
}

/// An `a{sv}` of one pair.
fn one<'a>(key: &'a str, value: impl Into<Variant<'a>>) -> HashMap<&'a str, Variant<'a>> {
    HashMap::from([(key, value.into())])
}

#[test]
fn a_bad_user_name_is_refused_by_every_method() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let long = "x".repeat(2_000);
        for (name, said) in [
            ("", "the user name is empty"),
            (
                long.as_str(),
                "the user name is 2000 bytes long; at most 255 are allowed",
            ),
            (
                "al\nice",
                "the user name has the character U+000A, which is not allowed",
            ),
            (
                "alice:x",
                "the user name has the character U+003A, which is not allowed",
            ),
            (
                "../alice",
                "the user name has the character U+002F, which is not allowed",
            ),
        ] {
            for answer in [
                root.prepare(name).map(drop),
                root.verify(name, "123456").map(drop),
                root.status(name).map(drop),
                root.begin(name, &[]).map(drop),
                root.confirm(name, "123456").map(drop),
                root.cancel(name),
                root.export(name, "", &[]).map(drop),
                root.renew_recovery_codes(name, "").map(drop),
                root.resync(name, "123456", "123456"),
                root.disable(name, "", &[]),
                root.list(&[("after", name.into())]).map(drop),
                root.unlock(name).map(drop),
                root.issue(name, &[]).map(drop),
                root.import(name, &[]),
            ] {
                assert_eq!(complaint(answer), said);
            }
        }
    });
}

#[test]
fn every_dictionary_is_read_to_the_last_key() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let (mut secret, _codes) = Caller::on_bus("alice").enroll("alice", &[]);
        let unknown = [("only-if", Variant::from(true))];
        for answer in [
            root.begin("alice", &unknown).map(drop),
            root.export("alice", &secret.next_code(), &unknown)
                .map(drop),
            root.disable("alice", "", &unknown),
            root.list(&unknown).map(drop),
            root.call("Admin.Unlock", &("alice", one("only-if", true))),
            root.issue("alice", &unknown).map(drop),
            root.import("alice", &unknown),
        ] {
            assert_eq!(complaint(answer), "unknown key \"only-if\"");
        }
        let forged = complaint(
            root.list(&[("x\nverify user=alice: accepted", true.into())])
                .map(drop),
        );
        assert_eq!(forged, r#"unknown key "x\nverify user=alice: accepted""#);
        let status = root.status("alice").unwrap();
        assert_eq!(status["enrolled"], true.into(), "none of it was done");
    });
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        Caller::on_bus("alice").enroll("alice", &[]);
        for key in ["service", "tty", "rhost"] {
            for answer in [
                root.call("Login.Prepare", &("alice", one(key, 1_u32))),
                root.call("Login.Verify", &("alice", "123456", one(key, 1_u32))),
            ] {
                assert_eq!(complaint(answer), format!("{key} must be a string"));
            }
        }
        for key in ["name", "kind", "algorithm", "code"] {
            let said = complaint(root.begin("alice", &[(key, 1_u32.into())]).map(drop));
            assert_eq!(said, format!("{key} must be a string"));
        }
        for key in ["secret", "name", "issuer", "algorithm", "kind"] {
            let said = complaint(root.import("alice", &[(key, vec![1_u8].into())]));
            assert_eq!(said, format!("{key} must be a string"));
        }
        let hotp = Variant::from("hotp");
        for key in ["digits", "period", "window", "counter"] {
            for value in [Variant::from("6"), Variant::from(6_i32), Variant::from(6.0)] {
                let mut token = vec![(key, value)];
                if key == "counter" {
                    token.push(("kind", hotp.try_clone().unwrap()));
                }
                let said = complaint(root.import("alice", &token));
                assert_eq!(said, format!("{key} must be an unsigned number"));
            }
        }
        for (answer, said) in [
            (
                root.export("alice", "", &[("name", true.into())]).map(drop),
                "name must be a string",
            ),
            (
                root.disable("alice", "", &[("name", true.into())]),
                "name must be a string",
            ),
            (
                root.list(&[("after", true.into())]).map(drop),
                "after must be a string",
            ),
            (
                root.list(&[("limit", "all".into())]).map(drop),
                "limit must be an unsigned number",
            ),
            (
                root.issue("alice", &[("valid", "1h".into())]).map(drop),
                "valid must be an unsigned number",
            ),
            (
                root.issue("alice", &[("uses", true.into())]).map(drop),
                "uses must be an unsigned number",
            ),
        ] {
            assert_eq!(complaint(answer), said);
        }
    });
}

#[test]
fn numbers_and_words_out_of_range_are_refused_with_the_range() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        let huge = u64::MAX;
        let (algorithm, kind) = (
            "the algorithm is not one of SHA1, SHA256, SHA512",
            "kind must be totp or hotp",
        );
        let name = "the name has a control character or a colon, which is not allowed";
        let long = "x".repeat(65);
        for (key, value, said) in [
            ("digits", Variant::from(5_u32), "5 is not between 6 and 8"),
            ("digits", Variant::from(9_u32), "9 is not between 6 and 8"),
            (
                "digits",
                Variant::from(huge),
                "digits: 18446744073709551615 is too large",
            ),
            (
                "period",
                Variant::from(0_u32),
                "0 is not between 1 and 86400",
            ),
            (
                "period",
                Variant::from(86_401_u32),
                "86401 is not between 1 and 86400",
            ),
            ("algorithm", Variant::from("MD5"), algorithm),
            ("algorithm", Variant::from("sha1"), algorithm),
            ("kind", Variant::from("motp"), kind),
            ("name", Variant::from(" "), "the name is empty"),
            (
                "name",
                Variant::from(long.as_str()),
                "the name is longer than 64 characters",
            ),
            ("name", Variant::from("a:b"), name),
        ] {
            assert_eq!(
                complaint(alice.begin("alice", &[(key, value)]).map(drop)),
                said
            );
        }
        alice.enroll("alice", &[]);
        let valid = "is not between 1 and 604800";
        for (key, value, said) in [
            ("valid", Variant::from(0_u32), format!("valid: 0 {valid}")),
            (
                "valid",
                Variant::from(604_801_u32),
                format!("valid: 604801 {valid}"),
            ),
            (
                "uses",
                Variant::from(0_u32),
                "uses: 0 is not between 1 and 10".to_owned(),
            ),
            (
                "uses",
                Variant::from(11_u32),
                "uses: 11 is not between 1 and 10".to_owned(),
            ),
            (
                "uses",
                Variant::from(huge),
                "uses: 18446744073709551615 is too large".to_owned(),
            ),
        ] {
            assert_eq!(
                complaint(root.issue("alice", &[(key, value)]).map(drop)),
                said
            );
        }
        let said = complaint(root.import("alice", &[("window", 11_u32.into())]));
        assert_eq!(said, "window: 11 is not between 0 and 10");
        for window in [0_u32, 101] {
            let token = [("kind", "hotp".into()), ("window", window.into())];
            let said = complaint(root.import("alice", &token));
            assert_eq!(said, format!("window: {window} is not between 1 and 100"));
        }
    });
}

#[test]
fn what_is_no_secret_is_refused_and_not_repeated() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        for secret in [
            "",
            "2SH3V3GDW7ZNMG1E",
            "2SH3V3GDW7ZNMGY",
            "2SH3V3GD",
            &"A".repeat(200),
            "2SH3V3GDW7ZNMGYÉ",
        ] {
            let said = complaint(root.import("alice", &[("secret", secret.into())]));
            assert!(said.starts_with("secret: "), "{said}");
            assert!(secret.is_empty() || !said.contains(secret), "{said}");
        }
    });
}

#[test]
fn what_cannot_be_a_code_is_wrong_and_costs_nothing() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut secret, _codes) = alice.enroll("alice", &[]);
        let long = "1".repeat(2_000);
        for _more_than_are_free in 0..3 {
            for code in ["", " - ", "１２３４５６", "12\n3456", "12345é", &long] {
                assert_eq!(alice.verify("alice", code).unwrap(), "wrong");
                for answer in [
                    alice.export("alice", code, &[]).map(drop),
                    alice.renew_recovery_codes("alice", code).map(drop),
                    alice.resync("alice", code, code),
                    alice.disable("alice", code, &[]),
                    alice
                        .begin("alice", &[("name", "two".into()), ("code", code.into())])
                        .map(drop),
                ] {
                    assert_eq!(answer.unwrap_err().name, "CodeNotAccepted");
                }
            }
        }
        assert_eq!(
            alice.verify("alice", &secret.next_code()).unwrap(),
            "accepted"
        );
    });
}
