//! The cases that Google's and OATH's modules are tested with, through PAM. A code that they would
//! refuse is refused, and none that they would take once is taken twice.

use countersign_tests::{Caller, PamTester, Report, Secret, Stage, in_lab};
use zbus::Variant;

use crate::{AUTH_ERR, Alice, By, GOOGLE, PASSWORD, Root, SUCCESS, ZEROS, alone, counting};

/// Tries codes one after the other; `true` must let in.
fn in_turn(by: By, cases: &[(&str, bool)]) {
    for (typed, right) in cases {
        let report = by.run(&alone("retries=1"), &[typed]);
        judged(&report, *right, typed);
        assert_eq!(
            report.prompts("Authenticator code: "),
            1,
            "{typed}: {report:?}"
        );
    }
}

fn judged(report: &Report, right: bool, what: &str) {
    let expected = if right { SUCCESS } else { AUTH_ERR };
    assert_eq!(report.results, [expected], "{what}: {report:?}");
}

#[test]
fn googles_cases_of_a_counter() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            counting(GOOGLE, 1);
            in_turn(
                by,
                &[
                    ("123456", false),
                    ("93240", false),
                    ("0293240", false),
                    ("00293240", false),
                    ("", false),
                    ("293240", true),
                    ("293240", false), // used
                    ("932068", true),  // two ahead
                    ("932068", false),
                ],
            );
        });
    });
}

#[test]
fn googles_cases_of_the_clock() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            let secret = by_the_clock(GOOGLE, 1);
            for (steps, right) in [
                (-2, false),
                (2, false),
                (-1, true),
                (-1, false),
                (1, true),
                (0, false),
            ] {
                in_turn(by, &[(&secret.code(steps), right)]);
            }
        });
    });
}

#[test]
fn googles_scratch_codes_are_good_once() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let secret = lab.enroll("alice");
        for (by, code) in [Root, Alice].into_iter().zip(secret.recovery_codes()) {
            in_turn(
                by,
                &[("abcd-efgh-jkmn", false), (code, true), (code, false)],
            );
        }
    });
}

#[test]
fn googles_rate_limit_lets_nobody_go_on_guessing() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            let mut secret = counting(GOOGLE, 1);
            let wrong = secret.wrong_code();
            in_turn(
                by,
                &[
                    (&wrong, false),
                    (&wrong, false),
                    (&wrong, false),
                    (&wrong, false),
                    (&wrong, false),
                ],
            );
            let report = by.run(&alone("retries=1"), &[&secret.next_code()]);
            assert!(!report.succeeded(), "{report:?}");
            Caller::on_bus("root").unlock("alice").unwrap();
            in_turn(by, &[(&secret.next_code(), true)]);
        });
    });
}

#[test]
fn oaths_first_user_counts_and_has_no_password() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            counting(ZEROS, 0);
            in_turn(
                by,
                &[
                    ("incorrectpassword", false),
                    ("bad", false),
                    ("123456", false),
                    ("bad328482", false),
                    ("328482", true),
                    ("073348", true),  // skips one
                    ("073348", false), // used
                    ("812658", false), // older
                    ("887919", true),
                ],
            );
        });
    });
}

#[test]
fn oaths_second_user_has_a_password_and_a_failed_try_burns_no_code() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            counting(ZEROS, 0);
            let service = PamTester::new(
                "two-factors",
                &[
                    "auth requisite pam_unix.so nodelay",
                    "auth required pam_countersign.so retries=1",
                ],
            );
            for (password, code, right) in [
                ("bad", "bad", false),
                ("", "328482", false),
                (PASSWORD, "123456", false),
                (PASSWORD, "328482", true),
                (PASSWORD, "073348", true),
                (PASSWORD, "073348", false),
                (PASSWORD, "812658", false),
                ("bad", "887919", false),
                (PASSWORD, "887919", true),
            ] {
                let report = by.run(&service, &[password, code]);
                judged(&report, right, &format!("{password}, {code}"));
                assert_eq!(
                    report.prompts("Authenticator code: "),
                    usize::from(password == PASSWORD)
                );
            }
        });
    });
}

#[test]
fn oaths_third_user_goes_by_the_clock() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            let secret = by_the_clock(ZEROS, 10);
            in_turn(by, &[("bad", false), ("123456", false)]);
            for (steps, right) in [
                (0, true),
                (0, false),  // used
                (-1, false), // older
                (8, true),
                (4, false), // between
                (10, true),
            ] {
                in_turn(by, &[(&secret.code(steps), right)]);
            }
        });
    });
}

#[test]
fn oaths_fourth_user_is_not_enrolled_and_sees_no_prompt() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            let report = by.run(&alone(""), &["328482"]);
            assert_eq!(report.shown, "");
        });
    });
}

#[test]
fn a_code_of_every_length_is_taken_at_its_own_length_alone() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            let root = Caller::on_bus("root");
            for digits in [7_u32, 8] {
                let token = [
                    ("secret", Variant::from(GOOGLE)),
                    ("kind", "hotp".into()),
                    ("digits", digits.into()),
                    ("counter", 1_u64.into()),
                ];
                root.import("alice", &token).unwrap();
                let uri = format!("otpauth://hotp/x?secret={GOOGLE}&digits={digits}&counter=1");
                let mut secret = Secret::from_uri(&uri);
                let code = secret.next_code();
                in_turn(
                    by,
                    &[
                        (&code[1..], false),
                        (&format!("0{code}"), false),
                        (&code, true),
                    ],
                );
                // And found at the end of a password.
                let report = by.run(
                    &alone("forward_pass"),
                    &[&format!("pass1{}", secret.next_code())],
                );
                assert!(report.succeeded(), "{digits}: {report:?}");
                root.disable("alice", "", &[]).unwrap();
            }
        });
    });
}

#[test]
fn blanks_and_dashes_that_people_put_between_do_not_matter() {
    in_lab(|stage| {
        for_each_caller(stage, |by| {
            counting(GOOGLE, 1);
            in_turn(by, &[("293 240", true), (" 932-068\t", true)]);
        });
    });
}

/// Runs a case for root's processes and for alice's own; she begins without a token each time.
fn for_each_caller(stage: Stage, case: impl Fn(By)) {
    let _lab = stage.user("alice", PASSWORD).start();
    for by in [Root, Alice] {
        case(by);
        drop(Caller::on_bus("root").disable("alice", "", &[]));
    }
}

/// Gives alice a token with an hour a step, so that none ends in the middle of a test.
fn by_the_clock(base32: &str, window: u32) -> Secret {
    let token = [
        ("secret", Variant::from(base32)),
        ("period", 3600_u32.into()),
        ("window", window.into()),
    ];
    let root = Caller::on_bus("root");
    root.import("alice", &token).unwrap();
    Secret::from_uri(&format!(
        "otpauth://totp/lab:alice?secret={base32}&period=3600"
    ))
}
