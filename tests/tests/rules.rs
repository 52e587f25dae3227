//! What each kind of rule means to the programs that log people in.

use std::time::Duration;

use countersign_tests::{PamCode, PamLogin, Program, Road, Verdict, in_lab, on_both_roads};

const PASSWORD: &str = "her password";
const WRONG: &str = "That code is not right.";
/// Letters, so that no token ever shows it.
const NEVER: &str = "zzzzzz";

#[test]
fn a_rule_decides_by_user_by_service_and_by_where_a_login_comes_from() {
    on_both_roads(|stage| {
        let lab = stage
            .config(
                "[[rule]]\nusers = [\"carol\"]\nrequire = \"never\"\n\
                 [[rule]]\nservices = [\"sudo\"]\nrequire = \"never\"\n\
                 [[rule]]\nusers = [\"dave\"]\nnetworks = [\"127.0.0.0/8\"]\nrequire = \"never\"\n\
                 [[rule]]\nusers = [\"erin\"]\nnetworks = [\"192.0.2.0/24\"]\nrequire = \"never\"\n\
                 [[rule]]\nusers = [\"frank\"]\nlocal = true\nrequire = \"never\"\n\
                 [[rule]]\nusers = [\"grace\"]\nlocal = false\nrequire = \"never\"\n",
            )
            .user("alice", PASSWORD)
            .user("carol", PASSWORD)
            .user("dave", PASSWORD)
            .user("erin", PASSWORD)
            .user("frank", PASSWORD)
            .user("grace", PASSWORD)
            .start();
        for user in ["alice", "carol", "dave", "erin", "frank", "grace"] {
            let _secret = lab.enroll_with(user, &["--kind", "hotp"]);
        }
        // Codes asked for over SSH, by su, by sudo.
        for (user, asked) in [
            ("alice", [1, 1, 0]),
            ("carol", [0, 0, 0]),
            ("dave", [0, 1, 0]),
            ("erin", [1, 1, 0]),
            ("frank", [1, 0, 0]),
            ("grace", [0, 1, 0]),
        ] {
            let logins = [lab.ssh(user), lab.su("alice", user), lab.sudo(user)];
            let seen = logins.map(|login| login.password(PASSWORD).go().code_prompts());
            assert_eq!(seen, asked, "{user}: over SSH, by su, by sudo");
        }
    });
}

/// Three wrong codes in one login. How many seconds there are to wait is left out of what is told: one may
/// pass between two logins.
fn three_wrong(user: &str) -> (Verdict, Duration) {
    let login = PamLogin::of(user).from("192.0.2.7");
    let (mut verdict, took) = login.code(NEVER).code(NEVER).code(NEVER).timed();
    for told in &mut verdict.told {
        told.retain(|c| !c.is_ascii_digit());
    }
    (verdict, took)
}

#[test]
fn under_always_who_is_not_enrolled_or_not_there_is_refused_like_who_is() {
    on_both_roads(|stage| {
        let lab = stage
            .config("[[rule]]\nrequire = \"always\"\n")
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let visits = ["alice", "bob"].map(|user| {
            let login = lab.ssh(user).password(PASSWORD);
            let visit = login.code(NEVER).code(NEVER).code(NEVER).go();
            visit.refused_with(WRONG);
            visit.transcript().replace(user, "THEM")
        });
        assert_eq!(visits[0], visits[1]);

        // Until the fifth wrong code, and when it begins to cost time.
        for _ in 0..2 {
            let seen = ["alice", "bob", "nobody-such"].map(three_wrong);
            for (verdict, _) in &seen {
                assert_eq!(*verdict, seen[0].0);
            }
            // No rest of a second or a look-up that only one of them costs.
            let times = seen.each_ref().map(|(_, took)| *took);
            let longest = times.iter().max().expect("three times");
            let shortest = times.iter().min().expect("three times");
            assert!(
                *longest < *shortest * 5 + Duration::from_millis(50),
                "{times:?}"
            );
        }
        let verdict = PamLogin::of("bob").from("192.0.2.7").code(NEVER).go();
        assert_eq!(verdict.code, PamCode::MaxTries, "{verdict:?}");
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .let_in();
    });
}

#[test]
fn an_unprivileged_program_meets_the_strictest_rule_whatever_it_claims() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .config(
                "[[rule]]\nservices = [\"cron\", \"vlock\"]\nrequire = \"never\"\n\
                 [[rule]]\nservices = [\"sshd\"]\nusers = [\"bob\"]\nrequire = \"always\"\n",
            )
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        for (caller, user, word) in [
            ("alice", "alice", "code"),
            ("bob", "bob", "code"),
            ("root", "alice", "none"),
            ("root", "bob", "none"),
        ] {
            let said = Program::as_user(caller, "busctl")
                .args(["call", "org.countersign1", "/org/countersign1"])
                .args(["org.countersign1.Login", "Prepare", "sa{sv}", user])
                .args(["1", "service", "s", "cron"])
                .text();
            let said = said.split('"').nth(1).unwrap_or_default().to_owned();
            assert_eq!(said, word, "{user}, as {caller} claims");
        }
        let locker = || PamLogin::of("alice").service("vlock");
        let verdict = locker().go();
        verdict.let_in();
        assert_eq!(verdict.asked.len(), 0, "{verdict:?}");
        let locker = locker().by("alice");
        let verdict = locker.code(&secret.next_code()).go();
        verdict.let_in();
        assert_eq!(verdict.asked.len(), 1, "{verdict:?}");
    });
}
