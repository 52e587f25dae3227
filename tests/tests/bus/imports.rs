//! Tokens that come from elsewhere.

use countersign_tests::{Caller, Details, Options, Program, Secret, in_lab};
use zbus::Variant;

use crate::PASSWORD;

const SHA1: &str = "2SH3V3GDW7ZNMGYE";
const SHA256: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
const SHA512: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";

/// The tokens of a reply: what each is called, and whether it is new.
fn told(reply: &Details) -> Vec<String> {
    let tokens = reply["tokens"].try_clone().unwrap();
    let tokens = Vec::<Details>::try_from(tokens).unwrap();
    let text = |token: &Details| {
        let name = String::try_from(token["name"].try_clone().unwrap()).unwrap();
        let taken = bool::try_from(token["taken"].try_clone().unwrap()).unwrap();
        format!("{name} {}", if taken { "new" } else { "known" })
    };
    tokens.iter().map(text).collect()
}

#[test]
fn a_token_of_every_form_is_taken_in_and_its_codes_are_right() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let (root, alice) = (Caller::on_bus("root"), Caller::on_bus("alice"));
        let mut names = Vec::new();
        for (uri, window) in [
            (format!("totp/x:alice?secret={SHA1}"), 1_u32),
            (
                format!("totp/x:alice?secret={SHA256}&algorithm=SHA256&digits=8"),
                0,
            ),
            (
                format!("totp/x:alice?secret={SHA512}&algorithm=SHA512&period=60"),
                10,
            ),
            (
                format!("totp/x:alice?secret={SHA256}&algorithm=SHA256&digits=7&period=300"),
                1,
            ),
            (format!("hotp/x:alice?secret={SHA1}&counter=41"), 3),
            (
                format!("hotp/x:alice?secret={SHA512}&digits=8&counter=1099511627776"),
                100,
            ),
        ] {
            let mut secret = Secret::from_uri(&format!("otpauth://{uri}"));
            let name = format!("token {}", names.len());
            let (kind, query) = uri.split_once("/x:alice?").unwrap();
            let mut token = vec![
                ("name", Variant::from(name.clone())),
                ("kind", kind.into()),
                ("window", window.into()),
            ];
            for pair in query.split('&') {
                let (key, value) = pair.split_once('=').unwrap();
                token.push((
                    key,
                    match value.parse::<u64>() {
                        Ok(number) => number.into(),
                        Err(_) => value.into(),
                    },
                ));
            }
            root.import("alice", &token).unwrap();
            let code = secret.next_code();
            assert_eq!(alice.verify("alice", &code).unwrap(), "accepted", "{uri}");
            assert_eq!(alice.verify("alice", &code).unwrap(), "used", "{uri}");
            names.push(name);
        }
        let known = root.import_told("alice", &[("name", "x".into()), ("secret", SHA1.into())]);
        assert_eq!(told(&known.unwrap()), ["token 0 known"]);
        let token = [
            ("name", names[0].as_str().into()),
            ("secret", SHA256.into()),
            ("period", 90_u32.into()),
        ];
        let beside = root.import_told("alice", &token);
        assert_eq!(told(&beside.unwrap()), ["token 0 2 new"]);
    });
}

#[test]
fn the_window_is_as_wide_as_it_was_said_and_no_wider() {
    in_lab(|stage| {
        let users = ["none", "one", "ten"];
        let _lab = users
            .into_iter()
            .fold(stage, |stage, user| stage.user(user, PASSWORD))
            .start();
        let root = Caller::on_bus("root");
        // An hour a step, so that none ends in the middle of this.
        let secret = Secret::from_uri(&format!("otpauth://totp/x:x?secret={SHA1}&period=3600"));
        for (user, window) in users.into_iter().zip([0_u32, 1, 10]) {
            let token = [
                ("secret", SHA1.into()),
                ("period", 3600_u32.into()),
                ("window", window.into()),
            ];
            root.import(user, &token).unwrap();
            let reach = i64::from(window);
            for (steps, verdict) in [
                (-reach - 2, "wrong"),
                (reach + 2, "wrong"),
                (-reach, "accepted"),
                (reach, if window == 0 { "used" } else { "accepted" }),
            ] {
                let code = secret.code(steps);
                let said = root.verify(user, &code).unwrap();
                assert_eq!(said, verdict, "window {window}, {steps} steps off");
            }
        }
    });
}

#[test]
fn a_counter_goes_as_far_ahead_as_its_window() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let token = [
            ("secret", SHA1.into()),
            ("kind", "hotp".into()),
            ("counter", 7_u64.into()),
            ("window", 3_u32.into()),
        ];
        root.import("alice", &token).unwrap();
        let code = |counter: u64| {
            Secret::from_uri(&format!(
                "otpauth://hotp/x:x?secret={SHA1}&counter={counter}"
            ))
            .code(0)
        };
        for (counter, verdict) in [
            (11, "wrong"),
            (6, "used"),
            (10, "accepted"),
            (10, "used"),
            (9, "used"),
            (15, "wrong"),
            (14, "accepted"),
        ] {
            assert_eq!(
                root.verify("alice", &code(counter)).unwrap(),
                verdict,
                "{counter}"
            );
        }
    });
}

#[test]
fn an_imported_token_is_exported_as_it_was() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let token = [
            ("secret", Variant::from("2sh3 v3gd-w7zn mgye")),
            ("kind", "hotp".into()),
            ("counter", 5_u64.into()),
            ("digits", 8_u32.into()),
            ("issuer", "Example & Söhne".into()),
        ];
        root.import("alice", &token).unwrap();
        let mut secret = Secret::from_uri(&root.export("alice", "", &[]).unwrap());
        assert!(
            secret.uri().contains("Example%20%26%20S%C3%B6hne"),
            "{}",
            secret.uri()
        );
        let mut app = Secret::from_uri(&format!(
            "otpauth://hotp/x?secret={SHA1}&digits=8&counter=5"
        ));
        for _login in 0..3 {
            let code = app.next_code();
            assert_eq!(code, secret.next_code());
            assert_eq!(root.verify("alice", &code).unwrap(), "accepted");
        }
        // The counter has moved on with the logins, as the app's has.
        let moved = Secret::from_uri(&root.export("alice", "", &[]).unwrap());
        assert_eq!(moved.code(0), app.code(0));
    });
}

/// A token of a list.
fn described<'a>(name: &'a str, secret: &'a str) -> Options<'a> {
    Options::from([("name", name.into()), ("secret", secret.into())])
}

#[test]
fn what_a_user_has_comes_all_together_or_not_at_all() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let send = |tokens: Vec<Options<'_>>, codes: Vec<&str>| {
            let sent = [
                ("tokens", Variant::from(tokens)),
                ("recovery-codes", codes.into()),
                ("unless-enrolled", true.into()),
            ];
            root.import_told("alice", &sent)
        };
        let refused = send(vec![described("a", SHA1), described("b", "A")], vec![]);
        assert_eq!(refused.unwrap_err().name, "InvalidArgument");
        let refused = send(vec![described("a", SHA1), described("a", SHA256)], vec![]);
        assert_eq!(refused.unwrap_err().name, "AlreadyEnrolled");
        let refused = send(vec![described("a", SHA1)], vec!["not a code!"]);
        assert_eq!(refused.unwrap_err().name, "InvalidArgument");
        let enrolled = |caller: &Caller| {
            let status = caller.status("alice").unwrap();
            bool::try_from(status["enrolled"].try_clone().unwrap()).unwrap()
        };
        assert!(!enrolled(&root));
        let both = || vec![described("a", SHA1), described("b", SHA256)];
        send(both(), vec!["12345678"]).unwrap();
        assert!(enrolled(&root));
        assert_eq!(root.verify("alice", "12345678").unwrap(), "accepted");
        let again = send(both(), vec!["12345678", "87654321"]).unwrap();
        assert_eq!(told(&again), ["a known", "b known"]);
        assert_eq!(root.verify("alice", "12345678").unwrap(), "used");
        assert_eq!(root.verify("alice", "87654321").unwrap(), "accepted");
        // Of a set that has none of them it is clear that the user has made it since.
        let stale = send(both(), vec!["11112222"]).unwrap();
        assert!(stale.contains_key("superseded"));
        assert_eq!(root.verify("alice", "11112222").unwrap(), "wrong");
        let other = send(vec![described("c", SHA512)], vec![]);
        assert_eq!(other.unwrap_err().name, "AlreadyEnrolled");
    });
}

#[test]
fn what_was_used_elsewhere_stays_used() {
    in_lab(|stage| {
        let users = ["step", "code", "counter"];
        let _lab = users
            .into_iter()
            .fold(stage, |stage, user| stage.user(user, PASSWORD))
            .start();
        let root = Caller::on_bus("root");
        let hour = Secret::from_uri(&format!("otpauth://totp/x:x?secret={SHA1}&period=3600"));
        let now = Program::new("date").arg("+%s").text();
        let now: u64 = now.trim().parse().unwrap();
        let secret = || ("secret", Variant::from(SHA1));
        let period = || ("period", Variant::from(3600_u32));
        let step = ("last-step", (now / 3600).into());
        root.import("step", &[secret(), period(), step]).unwrap();
        let last = ("last-code", hour.code(0).into());
        root.import("code", &[secret(), period(), last]).unwrap();
        for user in ["step", "code"] {
            assert_eq!(root.verify(user, &hour.code(0)).unwrap(), "used", "{user}");
            assert_eq!(
                root.verify(user, &hour.code(1)).unwrap(),
                "accepted",
                "{user}"
            );
        }
        let mut app = Secret::from_uri(&format!("otpauth://hotp/x:x?secret={SHA1}&counter=7"));
        let used = app.next_code();
        let token = [
            secret(),
            ("kind", "hotp".into()),
            ("counter", 7_u64.into()),
            ("last-code", used.as_str().into()),
        ];
        root.import("counter", &token).unwrap();
        assert_eq!(root.verify("counter", &used).unwrap(), "used");
        assert_eq!(
            root.verify("counter", &app.next_code()).unwrap(),
            "accepted"
        );
    });
}
