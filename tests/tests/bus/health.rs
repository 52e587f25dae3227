//! What the daemon tells of itself.

use std::collections::HashMap;
use std::fs;

use countersign_tests::{Caller, Details, Lab, PamLogin, Road, in_lab, on_both_roads};
use zbus::OwnedVariant;

use crate::PASSWORD;

fn health() -> Details {
    Caller::on_bus("root").health().unwrap()
}

fn last_logins(health: &Details) -> HashMap<String, u64> {
    health["last-logins"]
        .try_clone()
        .unwrap()
        .try_into()
        .unwrap()
}

fn text(health: &Details, key: &str) -> String {
    String::try_from(health[key].try_clone().unwrap()).unwrap()
}

fn problems(health: &Details) -> Vec<String> {
    health["configuration-problems"]
        .try_clone()
        .unwrap()
        .try_into()
        .unwrap()
}

fn number(health: &Details, key: &str) -> u64 {
    u64::try_from(health[key].try_clone().unwrap()).unwrap()
}

fn served(lab: &Lab) -> OwnedVariant {
    OwnedVariant::from(lab.road() == Road::Direct)
}

#[test]
fn a_healthy_daemon_tells_its_version_its_times_and_its_store() {
    on_both_roads(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let before = health();
        assert_eq!(text(&before, "version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(text(&before, "store"), "open");
        assert_eq!(before["accounts"], 0_u32.into());
        assert_eq!(before["unsaved"], 0_u32.into());
        assert_eq!(before["login-socket"], served(&lab));
        assert_eq!(problems(&before), Vec::<String>::new());
        assert_eq!(last_logins(&before), HashMap::new());
        let (started, loaded) = (
            number(&before, "started"),
            number(&before, "configuration-loaded"),
        );
        assert!(started <= loaded && loaded <= number(&before, "time"));
        let mut secret = lab.enroll("alice");
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .let_in();
        let after = health();
        assert_eq!(after["accounts"], 1_u32.into());
        assert_eq!(number(&after, "started"), started);
        let logins = last_logins(&after);
        assert!(
            logins
                .values()
                .all(|when| (started..=number(&after, "time")).contains(when))
        );
        assert_eq!(logins.len(), 1, "{logins:?}");
    });
}

#[test]
fn only_a_code_that_was_accepted_for_a_root_program_is_a_login() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let told = |who: &str, code: &str| -> String {
            let context = HashMap::from([("service", zbus::Variant::from("sshd"))]);
            let (verdict, _): (String, Details) = Caller::on_bus(who)
                .call("Login.Verify", &("alice", code, context))
                .unwrap();
            verdict
        };
        assert_eq!(told("root", "000000"), "wrong");
        assert_eq!(told("alice", &secret.next_code()), "accepted");
        assert_eq!(last_logins(&health()), HashMap::new());
        assert_eq!(told("root", &secret.next_code()), "accepted");
        let logins = last_logins(&health());
        assert_eq!(logins.keys().collect::<Vec<_>>(), ["sshd"]);
    });
}

#[test]
fn problems_of_the_configuration_are_told_with_their_places() {
    in_lab(|stage| {
        let _lab = stage.config("isuer = \"x\"\n").start();
        let health = health();
        let problems = problems(&health);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("/etc/countersign/countersign.toml:1:1: unknown key"));
    });
}

#[test]
fn a_store_that_cannot_be_opened_says_why() {
    in_lab(|stage| {
        let mut lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        lab.enroll("alice");
        lab.daemon().stop();
        fs::write("/var/lib/countersign/journal", b"rubbish").unwrap();
        let health = health();
        let store = text(&health, "store");
        assert!(store.starts_with("the store is not open: "), "{store}");
        assert!(store.contains("/var/lib/countersign/journal"), "{store}");
        assert_eq!(health["accounts"], 0_u32.into());
    });
}
