//! Every end that a login can have, by what PAM returns and what the person reads.

use std::collections::HashMap;

use countersign_tests::{Caller, PamTester, Program, Secret, in_lab};
use zbus::Variant;

use crate::{
    AUTH_ERR, Alice, GOOGLE, MAXTRIES, PASSWORD, PERM_DENIED, Root, SUCCESS, alone, counting,
};

const PROMPT: &str = "Authenticator code: ";
const WRONG: &str = "That code is not right.";
const USED: &str = "That code was used already: wait for the next one.";

#[test]
fn a_right_code_succeeds_without_a_word_and_so_does_setcred() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &[&secret.next_code()]);
            assert_eq!(
                (report.results, report.shown),
                (vec![SUCCESS.to_owned()], PROMPT.to_owned())
            );
        }
        let report = alone("").operations(
            "alice",
            &["authenticate", "setcred"],
            &[&secret.next_code()],
        );
        assert_eq!(
            report.results,
            [SUCCESS, "credential info has successfully been set."]
        );
        let report = alone("").operations("alice", &["setcred(PAM_REINITIALIZE_CRED)"], &[]);
        assert_eq!(
            report.results,
            ["credential info has successfully been set."]
        );
    });
}

#[test]
fn three_wrong_codes_are_an_authentication_error() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let secret = counting(GOOGLE, 1);
        for by in [Root, Alice] {
            let report = by.run(
                &alone(""),
                &[&secret.wrong_code(), "", "nonsense", "293240"],
            );
            assert_eq!(report.results, [AUTH_ERR], "{report:?}");
            assert_eq!(
                (report.prompts(PROMPT), report.prompts(WRONG)),
                (3, 3),
                "{report:?}"
            );
        }
    });
}

#[test]
fn a_used_code_is_an_authentication_error_with_a_sentence_of_its_own() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        for by in [Root, Alice] {
            let code = secret.next_code();
            assert!(by.run(&alone(""), &[&code]).succeeded());
            let report = by.run(&alone(""), &[&code, &code, &code]);
            assert_eq!(report.results, [AUTH_ERR], "{report:?}");
            assert_eq!(
                (report.prompts(PROMPT), report.prompts(USED)),
                (3, 3),
                "{report:?}"
            );
            let report = by.run(&alone(""), &[&code, &secret.next_code()]);
            assert_eq!(
                (report.results, report.shown.matches(USED).count()),
                (vec![SUCCESS.to_owned()], 1)
            );
        }
    });
}

#[test]
fn whoever_types_too_many_wrong_codes_has_exhausted_the_tries() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let wrong = secret.wrong_code();
        for by in [Root, Alice] {
            let report = by.run(&alone("retries=5"), &[wrong.as_str(); 5]);
            assert_eq!(report.results, [AUTH_ERR], "{by:?}: {report:?}");
            let report = by.run(&alone(""), &[&secret.next_code()]);
            assert_eq!(report.results, [MAXTRIES], "{by:?}: {report:?}");
            let seconds = report
                .shown
                .split_once("Too many wrong codes: try again in ")
                .and_then(|(_, rest)| rest.trim_end().strip_suffix(" s."))
                .and_then(|seconds| seconds.parse::<u32>().ok());
            assert!(
                seconds.is_some_and(|s| (20..=30).contains(&s)),
                "{report:?}"
            );
        }
        // One source does not hold up another.
        let elsewhere = alone("").item("rhost=192.0.2.1");
        assert!(
            elsewhere
                .by_root("alice", &[&secret.next_code()])
                .succeeded()
        );
    });
}

#[test]
fn a_locked_account_has_exhausted_the_tries_until_it_is_unlocked() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret: Secret = lab.enroll("alice");
        let (root, wrong) = (Caller::on_bus("root"), secret.wrong_code());
        for host in 1..=20 {
            let from = HashMap::from([("rhost", Variant::from(format!("192.0.2.{host}")))]);
            for _free in 0..5 {
                let answer = root.call::<(String, HashMap<String, zbus::OwnedVariant>)>(
                    "Login.Verify",
                    &("alice", wrong.as_str(), &from),
                );
                assert_eq!(answer.unwrap().0, "wrong");
            }
        }
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &[&secret.code(0)]);
            assert_eq!(report.results, [MAXTRIES], "{report:?}");
            let sentence = "Too many wrong codes: ask your administrator to unlock your account.";
            assert!(report.shown.contains(sentence), "{report:?}");
        }
        root.unlock("alice").unwrap();
        assert!(Alice.run(&alone(""), &[&secret.next_code()]).succeeded());
    });
}

#[test]
fn who_is_not_enrolled_is_not_asked_and_the_module_does_not_count() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let permit = PamTester::new(
            "permit",
            &[
                "auth required pam_permit.so",
                "auth required pam_countersign.so",
            ],
        );
        let deny = PamTester::new(
            "deny",
            &[
                "auth required pam_deny.so",
                "auth required pam_countersign.so",
            ],
        );
        for by in [Root, Alice] {
            // libpam's answer to a stack in which every module says "not mine".
            for (service, result) in [
                (&alone(""), PERM_DENIED),
                (&permit, SUCCESS),
                (&deny, AUTH_ERR),
            ] {
                let report = by.run(service, &["123456"]);
                assert_eq!(
                    (report.results, report.shown),
                    (vec![result.to_owned()], String::new())
                );
            }
        }
    });
}

#[test]
fn who_bears_the_name_of_an_earlier_user_is_denied_without_a_question() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let secret = counting(GOOGLE, 1);
        Program::new("usermod").args(["-u", "5000", "alice"]).text();
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &[&secret.code(0)]);
            assert_eq!(report.results, [PERM_DENIED], "{report:?}");
            let sentence = "You may not log in here: ask your administrator.";
            assert_eq!(report.shown.trim_end(), sentence);
        }
    });
}

#[test]
fn who_must_have_a_code_but_has_none_is_asked_and_refused_like_others() {
    in_lab(|stage| {
        let _lab = stage
            .config("[[rule]]\nrequire = \"always\"\n")
            .user("alice", PASSWORD)
            .start();
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &["123456", "123456", "123456"]);
            assert_eq!(report.results, [AUTH_ERR], "{report:?}");
            assert_eq!(
                (report.prompts(PROMPT), report.prompts(WRONG)),
                (3, 3),
                "{report:?}"
            );
            let report = by.run(&alone(""), &["123456", "123456", "123456"]);
            assert_eq!(report.results, [MAXTRIES], "{report:?}");
            assert_eq!(
                (report.prompts(PROMPT), report.prompts(WRONG)),
                (3, 2),
                "{report:?}"
            );
        }
    });
}

#[test]
fn a_name_that_nobody_can_have_is_refused_without_a_question() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        for name in ["a:b", "a/b", "al\u{1b}[2Jice"] {
            let report = alone("").by_root(name, &["123456"]);
            assert_eq!(report.results, [AUTH_ERR], "{report:?}");
            assert_eq!(report.shown.trim_end(), "That user name cannot be used.");
        }
    });
}

#[test]
fn silenced_the_module_asks_and_says_why_in_its_next_question_alone() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let silent = |answers: &[&str]| {
            alone("").operations("alice", &["authenticate(PAM_SILENT)"], answers)
        };
        let wrong = secret.wrong_code();
        let report = silent(&[wrong.as_str(); 3]);
        assert_eq!(
            (report.results, report.shown),
            (
                vec![AUTH_ERR.to_owned()],
                [PROMPT, PROMPT, PROMPT].join("That code is not right. ")
            )
        );
        let report = silent(&[&secret.next_code()]);
        assert_eq!(
            (report.results, report.shown),
            (vec![SUCCESS.to_owned()], PROMPT.to_owned())
        );
    });
}

#[test]
fn a_code_is_asked_for_whether_or_not_empty_passwords_are_allowed() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let strict = ["authenticate(PAM_DISALLOW_NULL_AUTHTOK)"];
        let report = alone("").operations("alice", &strict, &[&secret.next_code()]);
        assert_eq!(report.results, [SUCCESS], "{report:?}");
        // sshd sets it by default: it must not keep out who is not enrolled.
        let permit = PamTester::new(
            "permit",
            &[
                "auth required pam_permit.so",
                "auth required pam_countersign.so",
            ],
        );
        let report = permit.operations("bob", &strict, &[]);
        assert_eq!(report.results, [SUCCESS], "{report:?}");
    });
}
