//! Three daemons as three hosts on one shared store, a real PostgreSQL that is started for each test.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use countersign_tests::{Answer, Fleet, FleetHost, Program, Secret, in_lab, migrate};
use zbus::Variant;

const USER: &str = "alice";

/// A user, who is one on every host, and her token, made on the first.
fn enrolled(hosts: &[FleetHost], kind: &str) -> (Secret, Vec<String>) {
    let options = [("kind", Variant::from(kind))];
    hosts[0].caller().enroll(USER, &options)
}

/// The same code on all hosts at the same moment.
fn at_once(hosts: &[FleetHost], code: &str) -> Vec<Answer<String>> {
    let start = Barrier::new(hosts.len());
    thread::scope(|scope| {
        let tries: Vec<_> = hosts
            .iter()
            .map(|host| {
                let start = &start;
                scope.spawn(move || {
                    let caller = host.caller();
                    start.wait();
                    caller.verify(USER, code)
                })
            })
            .collect();
        tries.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

fn one_is_accepted(answers: &[Answer<String>]) {
    let count = |word: &str| {
        answers
            .iter()
            .filter(|it| it.as_deref() == Ok(word))
            .count()
    };
    assert_eq!(
        (count("accepted"), count("used")),
        (1, answers.len() - 1),
        "{answers:?}"
    );
}

#[test]
fn the_same_code_on_three_hosts_at_once_is_accepted_once() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let fleet = Fleet::start();
        let hosts = fleet.three_hosts();
        let (mut secret, recovery) = enrolled(&hosts, "totp");
        for _ in 0..8 {
            one_is_accepted(&at_once(&hosts, &secret.next_code()));
        }
        for code in recovery.iter().take(3) {
            one_is_accepted(&at_once(&hosts, code));
        }
    });
}

#[test]
fn wrong_codes_on_one_host_count_on_the_others() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let fleet = Fleet::start();
        let hosts = fleet.three_hosts();
        let (mut secret, _) = enrolled(&hosts, "hotp");
        for host in hosts.iter().cycle().take(5) {
            let verdict = host.caller().verify(USER, &secret.wrong_code());
            assert_eq!(verdict.as_deref(), Ok("wrong"));
        }
        for host in &hosts {
            let verdict = host.caller().verify(USER, &secret.next_code());
            assert_eq!(verdict.as_deref(), Ok("throttled"), "{}", host.name());
        }
        let desk = fleet.host("desk");
        desk.caller()
            .unlock(USER)
            .expect("an administrator unlocks");
        let verdict = hosts[1].caller().verify(USER, &secret.next_code());
        assert_eq!(verdict.as_deref(), Ok("accepted"));
        assert_eq!(desk.caller().list(&[]).expect("a list").len(), 1);
        let refused = hosts[1]
            .caller()
            .list(&[])
            .expect_err("a host lists nobody");
        assert!(refused.text.contains("listing all records"), "{refused:?}");
    });
}

#[test]
fn a_store_that_is_gone_denies_in_time_and_comes_back_by_itself() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let mut fleet = Fleet::start();
        let host = fleet.host("web1");
        let (mut secret, _) = enrolled(std::slice::from_ref(&host), "hotp");
        let caller = host.caller();
        assert_eq!(
            caller.verify(USER, &secret.next_code()).as_deref(),
            Ok("accepted")
        );
        fleet.server.kill();
        let code = secret.next_code();
        for most in [5000, 500, 500] {
            let begun = Instant::now();
            let refused = caller.verify(USER, &code).expect_err("nothing is accepted");
            assert_eq!(refused.name, "StorageFailed", "{refused:?}");
            assert!(
                begun.elapsed() < Duration::from_millis(most),
                "{:?}",
                begun.elapsed()
            );
        }
        fleet.server.start_again();
        let begun = Instant::now();
        while caller.verify(USER, &code).as_deref() != Ok("accepted") {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "logins go on by themselves"
            );
            thread::sleep(Duration::from_millis(100));
        }
    });
}

#[test]
fn a_host_that_is_not_whole_denies_and_says_why() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let fleet = Fleet::start();
        let first = fleet.host("web1");
        enrolled(std::slice::from_ref(&first), "hotp");
        let says = |host: &FleetHost, text: &str| {
            let refused = host.caller().prepare(USER).expect_err("nobody can tell");
            assert!(refused.text.contains(text), "{text}: {refused:?}");
        };
        // Another host's certificate.
        let other = fleet.server.authority().issue("web3");
        let host = FleetHost::start(
            "web2",
            &fleet.config("web2", &fleet.server.url("web2"), &other),
        );
        says(&host, "introducing this host to the shared store");
        drop(host);
        // Another key than the fleet's.
        let mut host = fleet.host("web2");
        host.stop_daemon();
        std::fs::remove_file(host.state().join("key")).unwrap();
        Program::new("sh")
            .args([
                "-c",
                "head -c 32 /dev/urandom | install -o countersign -m 0400 /dev/stdin \"$0\"",
            ])
            .arg(host.state().join("key"))
            .text();
        host.start_daemon();
        says(&host, "this host has key");
        drop(host);
        // A configuration that was put back.
        let mut host = fleet.host("web3");
        host.stop_daemon();
        host.configure("");
        host.start_daemon();
        says(&host, "the enrollments of this host are in a shared store");
        host.stop_daemon();
        host.configure("[store]\nbackend = \"postgre\"\n");
        host.start_daemon();
        says(&host, "the configuration is broken");
        // A schema that is newer.
        fleet
            .server
            .sql("insert into countersign.migration (version, name) values (99, 'later')");
        let mut first = first;
        first.stop_daemon();
        first.start_daemon();
        says(&first, "its schema has version 99");
    });
}

#[test]
fn a_schema_that_is_there_is_not_made_again() {
    in_lab(|stage| {
        let _lab = stage.start();
        let fleet = Fleet::start();
        let said = migrate(&fleet.server);
        assert!(said.contains("already"), "{said}");
    });
}
