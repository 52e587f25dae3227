//! Users without rights who call the daemon over the bus, for others and in masses.

use std::fs;

use countersign_tests::{Lab, Program, Road, Secret, Stage, in_lab, on_both_roads};

use crate::door::Door;
use crate::rogue::Rogue;

const PASSWORD: &str = "her password";
const FLOOD: &str = concat!(include_str!("wire.py"), include_str!("flood.py"));

/// Alice, bob and carol, of whom bob is enrolled and carol is not.
fn alice_and_others(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("carol", PASSWORD)
        .start();
    let bobs = lab.enroll("bob");
    (lab, bobs)
}

/// Calls a method as a user; what it answered.
fn call(caller: &str, interface: &str, method: &str, arguments: &[&str]) -> String {
    let output = Program::as_user(caller, "busctl")
        .args(["--system", "call", "org.countersign1", "/org/countersign1"])
        .arg(format!("org.countersign1.{interface}"))
        .arg(method)
        .args(arguments)
        .output();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Every method that names a user, and its arguments after the name.
const METHODS: [(&str, &str, &[&str]); 18] = [
    ("Login", "Prepare", &["sa{sv}", "0"]),
    ("Login", "Verify", &["ssa{sv}", "123456", "0"]),
    ("Account", "Status", &["s"]),
    ("Account", "BeginEnrollment", &["sa{sv}", "0"]),
    ("Account", "ConfirmEnrollment", &["ss", "123456"]),
    ("Account", "CancelEnrollment", &["s"]),
    ("Account", "CompleteEnrollment", &["ss", "NOSUCHRECEIPT"]),
    ("Account", "Export", &["ssa{sv}", "123456", "0"]),
    ("Account", "RenewRecoveryCodes", &["ss", "123456"]),
    ("Account", "Resync", &["sss", "123456", "654321"]),
    ("Account", "Disable", &["ssa{sv}", "123456", "0"]),
    ("Admin", "Unlock", &["sa{sv}", "0"]),
    ("Admin", "IssueTemporaryCode", &["sa{sv}", "0"]),
    ("Admin", "Import", &["sa{sv}", "0"]),
    ("Admin", "List", &["a{sv}", "0"]),
    ("Admin", "Health", &["a{sv}", "0"]),
    ("Admin", "StoreStatus", &["a{sv}", "0"]),
    ("Admin", "Reseal", &["a{sv}", "0"]),
];

/// What alice is told when she calls this for somebody.
fn told(interface: &str, method: &str, user: &str, arguments: &[&str]) -> String {
    let mut all = arguments.to_vec();
    if !matches!(method, "List" | "Health" | "StoreStatus" | "Reseal") {
        all.insert(1, user);
    }
    call("alice", interface, method, &all)
}

#[test]
fn a_message_larger_than_any_call_is_thrown_away_and_the_next_one_heard() {
    in_lab(|stage| {
        let (lab, _bobs) = alice_and_others(stage.road(Road::Bus));
        let large = "x".repeat(100_000);
        let output = Program::as_user("alice", "busctl")
            .args(["--system", "--timeout=1", "call"])
            .args([
                "org.countersign1",
                "/org/countersign1",
                "org.countersign1.Login",
            ])
            .args(["Prepare", "sa{sv}", "alice", "1", "service", "s", &large])
            .output();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("timed out"), "{said}");
        let heard = call("alice", "Login", "Prepare", &["sa{sv}", "alice", "0"]);
        assert!(heard.contains("none"), "{heard}");
        assert!(!lab.log().contains("connection aborted"), "{}", lab.log());
    });
}

#[test]
fn the_methods_above_are_all_there_are() {
    let described = countersign_bus::INTROSPECTION;
    assert_eq!(described.matches("<method ").count(), METHODS.len());
    for (_, method, _) in METHODS {
        assert!(
            described.contains(&format!("<method name=\"{method}\"")),
            "{method}"
        );
    }
}

#[test]
fn nobody_does_anything_in_the_name_of_another() {
    in_lab(|stage| {
        let (lab, mut bobs) = alice_and_others(stage);
        let state = || fs::read("/var/lib/countersign/journal").expect("the daemon's journal");
        let before = state();
        for (interface, method, arguments) in METHODS {
            let said = told(interface, method, "bob", arguments);
            assert!(said.contains("may not do this"), "{method}: {said}");
        }
        assert_eq!(state(), before, "something of bob's was changed");
        // The right code is no permission either, and is not used up.
        let code = bobs.next_code();
        for (interface, method, arguments) in [
            ("Login", "Verify", ["ssa{sv}", &code, "0"]),
            ("Account", "Export", ["ssa{sv}", &code, "0"]),
            ("Account", "Disable", ["ssa{sv}", &code, "0"]),
        ] {
            let said = told(interface, method, "bob", &arguments);
            assert!(said.contains("may not do this"), "{method}: {said}");
        }
        lab.sudo("bob")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("root");
    });
}

#[test]
fn nobody_learns_whether_another_exists_or_is_enrolled() {
    in_lab(|stage| {
        let (_lab, _bobs) = alice_and_others(stage);
        for (interface, method, arguments) in METHODS {
            let of = |user: &str| told(interface, method, user, arguments).replace(user, "NAME");
            let enrolled = of("bob");
            assert!(!enrolled.is_empty(), "{method}");
            for other in ["carol", "root", "nobody-here"] {
                assert_eq!(of(other), enrolled, "{method} for {other}");
            }
        }
    });
}

#[test]
fn what_a_caller_says_of_a_login_is_believed_from_root_alone() {
    in_lab(|stage| {
        let stage = stage.config(
            "[[rule]]\nservices = [\"cron\"]\nrequire = \"never\"\n[[rule]]\nrequire = \"if-enrolled\"\n",
        );
        let (_lab, _bobs) = alice_and_others(stage);
        let cron = ["sa{sv}", "bob", "1", "service", "s", "cron"];
        let said = call("bob", "Login", "Prepare", &cron);
        assert!(said.starts_with("sa{sv} \"code\""), "{said}");
        let said = call("root", "Login", "Prepare", &cron);
        assert!(said.starts_with("sa{sv} \"none\""), "{said}");
    });
}

#[test]
fn a_user_who_floods_the_daemon_keeps_neither_herself_nor_others_out() {
    on_both_roads(|stage| {
        let (lab, mut bobs) = alice_and_others(stage);
        let mut alices = lab.enroll("alice");
        let flood = Rogue::run("alice", FLOOD, &["alice", &alices.wrong_code()]);
        let door = Door::shipped(&lab);
        lab.sudo("bob")
            .password(PASSWORD)
            .code(&bobs.next_code())
            .go()
            .let_in_as("root");
        lab.sudo("alice")
            .password(PASSWORD)
            .code(&alices.next_code())
            .go()
            .let_in_as("root");
        // Her own program has to wait: it spends from the same budget as the flood, and waits in its line.
        let locker = door.try_code_unprivileged(&alices.next_code());
        let told = locker.text();
        let waits = [
            "Too many wrong codes: try again in ",
            "cannot be checked right now",
        ];
        assert!(waits.iter().any(|wait| told.contains(wait)), "{told}");
        flood.end();
    });
}

/// Bob's program says this to whoever comes to the bus: alice's codes are judged as ever.
fn does_not_count(stage: Stage, misdeed: &str) {
    let lab = stage
        .road(Road::Bus)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    let rogue = Rogue::beside("bob", misdeed);
    let door = Door::new(&lab, "retries=1", 5);
    let wrong = secret.wrong_code();
    for _ in 0..5 {
        door.try_code_unprivileged(&secret.next_code()).let_in();
        door.try_code(&secret.next_code()).let_in();
    }
    door.try_code(&wrong).refused_as_wrong();
    door.try_code_unprivileged(&wrong).refused_as_wrong();
    rogue.end();
}

#[test]
fn answers_of_a_stranger_do_not_count() {
    in_lab(|stage| does_not_count(stage, "early"));
}

#[test]
fn chatter_of_a_stranger_keeps_nobody_out() {
    in_lab(|stage| does_not_count(stage, "chatter"));
}
