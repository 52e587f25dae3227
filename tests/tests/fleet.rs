//! Three daemons as three hosts on one shared store, a real PostgreSQL that is started for each test.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign_tests::{
    Answer, Fleet, FleetHost, Outcome, Road, Secret, in_lab, migrate, state_file, tool,
};
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
        host.set_key(&[8; 32]);
        host.start_daemon();
        says(&host, "this host has key");
        // The fleet's as one that only opens: what such a host seals, no other opens.
        host.stop_daemon();
        host.set_older_key(&[7; 32]);
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

const CONFIG: &str = "/etc/countersign/countersign.toml";
const MODULE_SAYS: &str = "The second factor cannot be checked right now.";

/// The arguments of `countersign store move` by an administrator.
fn moving(fleet: &Fleet, to: &str) -> Vec<String> {
    let desk = fleet.server.authority().issue("desk");
    // The daemon's user does it, and reads the administrator's files.
    fleet.config("desk", &fleet.server.url("desk"), &desk);
    let pem = "/root/fleet/pem/desk";
    let mut all: Vec<String> = ["store", "move", "--to", to, "--role", "desk"]
        .map(str::to_owned)
        .into();
    all.extend(["--certificate".to_owned(), format!("{pem}.pem")]);
    all.extend(["--key".to_owned(), format!("{pem}.key")]);
    all
}

fn run(arguments: &[String]) -> countersign_tests::Told {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    tool("root", &arguments, &[])
}

/// While enrollments move, each code is tried on this host and then on another one of the fleet.
#[test]
fn no_code_is_accepted_twice_while_enrollments_move_there_and_back() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user(USER, "her password").start();
        let mut secret = lab.enroll_with(USER, &["--kind", "hotp"]);
        let fleet = Fleet::start();
        let mut other = fleet.host("web2");
        let identity = fleet.server.authority().issue("web1");
        let shared = fleet.config("web1", &fleet.server.url("web1"), &identity);
        other.stop_daemon();
        fleet
            .server
            .sql("delete from countersign.counter; delete from countersign.account");
        other.set_key(&fs::read(state_file("key")).unwrap());
        other.start_daemon();

        let over = AtomicBool::new(false);
        let tried = thread::scope(|scope| {
            let logins = scope.spawn(|| {
                let mut tried = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let code = secret.next_code();
                    let here = tool(USER, &["verify"], &[&code]).status == 0;
                    let there = other.caller().verify(USER, &code);
                    tried.push((here, there.as_deref() == Ok("accepted")));
                }
                tried
            });
            fs::write(CONFIG, &shared).unwrap();
            let there = run(&moving(&fleet, "postgres"));
            thread::sleep(Duration::from_millis(500));
            fs::write(CONFIG, shared.replace("\"postgres\"", "\"embedded\"")).unwrap();
            let back = run(&moving(&fleet, "embedded"));
            thread::sleep(Duration::from_millis(500));
            // Before anything is asserted: the logins end by it alone.
            over.store(true, Ordering::Relaxed);
            assert_eq!(there.status, 0, "{there:?}");
            assert!(
                there.out.contains("1 enrollment is in the shared store"),
                "{there:?}"
            );
            assert_eq!(back.status, 0, "{back:?}");
            logins.join().unwrap()
        });
        assert!(!tried.contains(&(true, true)), "{tried:?}");
        assert!(tried.contains(&(true, false)), "{tried:?}");
        let code = secret.next_code();
        lab.ssh(USER)
            .password("her password")
            .code(&code)
            .go()
            .let_in_as(USER);
        let refused = other.caller().verify(USER, &secret.next_code());
        let refused = refused.expect_err("the record was taken away");
        assert!(
            refused.text.contains("were taken to the host"),
            "{refused:?}"
        );
    });
}

/// Has every change of that user's record fail.
fn refuse_changes_of(fleet: &Fleet, user: &str) {
    fleet.server.sql(&format!(
        "create function countersign.refuse() returns trigger language plpgsql as
         $$ begin raise exception 'a disk is full'; end $$;
         create trigger refuse before insert or update on countersign.account
         for each row when (new.name = '{user}') execute function countersign.refuse()"
    ));
}

fn take_changes_again(fleet: &Fleet) {
    fleet
        .server
        .sql("drop function countersign.refuse() cascade");
}

/// What the host web1 of the fleet is configured with: in a shared store, and in its own.
fn both_configs(fleet: &Fleet) -> [String; 2] {
    let identity = fleet.server.authority().issue("web1");
    let shared = fleet.config("web1", &fleet.server.url("web1"), &identity);
    let own = shared.replace("\"postgres\"", "\"embedded\"");
    [shared, own]
}

fn move_to(fleet: &Fleet, to: &str, config: &str) -> countersign_tests::Told {
    fs::write(CONFIG, config).unwrap();
    run(&moving(fleet, to))
}

#[test]
fn whoever_goes_back_from_a_move_that_broke_off_keeps_everybody_enrolled() {
    in_lab(|stage| {
        let users = ["alice", "bob", "carol"];
        let lab = users.iter().fold(stage.road(Road::Bus), |stage, user| {
            stage.user(user, "a password")
        });
        let lab = lab.start();
        let mut secrets = users.map(|user| lab.enroll_with(user, &["--kind", "hotp"]));
        let fleet = Fleet::start();
        let [shared, own] = both_configs(&fleet);
        refuse_changes_of(&fleet, "bob");
        let told = move_to(&fleet, "postgres", &shared);
        assert!(told.status != 0 && told.err.contains("bob"), "{told:?}");
        let told = move_to(&fleet, "embedded", &own);
        assert_eq!(told.status, 0, "{told:?}");
        for (user, secret) in users.iter().zip(&mut secrets) {
            let told = tool(user, &["verify"], &[&secret.next_code()]);
            assert_eq!(told.status, 0, "{user}: {told:?}");
        }
    });
}

#[test]
fn whoever_is_disabled_while_a_move_back_is_interrupted_does_not_come_alive_again() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .user(USER, "a password")
            .user("bob", "a password")
            .start();
        let mut secret = lab.enroll_with(USER, &["--kind", "hotp"]);
        let mut bobs = lab.enroll_with("bob", &["--kind", "hotp"]);
        let fleet = Fleet::start();
        let [shared, own] = both_configs(&fleet);
        let told = move_to(&fleet, "postgres", &shared);
        assert_eq!(told.status, 0, "{told:?}");
        refuse_changes_of(&fleet, "bob");
        let told = move_to(&fleet, "embedded", &own);
        assert!(told.status != 0 && told.err.contains("bob"), "{told:?}");
        take_changes_again(&fleet);
        fleet
            .server
            .sql("update countersign.account set record = null, version = version + 1 where name = 'bob'");
        let told = move_to(&fleet, "postgres", &shared);
        assert_eq!(told.status, 0, "{told:?}");
        let told = tool(USER, &["verify"], &[&secret.next_code()]);
        assert_eq!(told.status, 0, "{told:?}");
        let told = tool("bob", &["verify"], &[&bobs.next_code()]);
        assert!(told.status != 0, "{told:?}");
    });
}

#[test]
fn whoever_was_disabled_between_two_moves_can_be_enrolled_again() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user(USER, "a password").start();
        lab.enroll_with(USER, &["--kind", "hotp"]);
        let fleet = Fleet::start();
        let [shared, own] = both_configs(&fleet);
        for (to, config) in [("postgres", &shared), ("embedded", &own)] {
            let told = move_to(&fleet, to, config);
            assert_eq!(told.status, 0, "{told:?}");
        }
        tool("root", &["disable", "--user", USER], &[]).done();
        let told = move_to(&fleet, "postgres", &shared);
        assert_eq!(told.status, 0, "{told:?}");
        let mut secret = lab.enroll_with(USER, &["--kind", "hotp"]);
        let told = tool(USER, &["verify"], &[&secret.next_code()]);
        assert_eq!(told.status, 0, "{told:?}");
    });
}

#[test]
fn a_store_that_lost_everything_lets_nobody_in_without_a_code() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let fleet = Fleet::start();
        let mut host = fleet.host("web1");
        enrolled(std::slice::from_ref(&host), "hotp");
        host.stop_daemon();
        fleet
            .server
            .sql("delete from countersign.counter; delete from countersign.account");
        host.start_daemon();
        for _ in 0..2 {
            let refused = host.caller().prepare(USER).expect_err("nobody can tell");
            assert!(
                refused.text.contains("has nothing of the tenant main"),
                "{refused:?}"
            );
        }
    });
}

#[test]
fn a_new_key_of_the_fleet_counts_once_everything_is_sealed_anew() {
    in_lab(|stage| {
        let _lab = stage.user(USER, "her password").start();
        let fleet = Fleet::start();
        let mut host = fleet.host("web1");
        let (mut secret, _) = enrolled(std::slice::from_ref(&host), "hotp");
        let mut desk = fleet.host("desk");
        for host in [&mut host, &mut desk] {
            host.stop_daemon();
            host.set_key(&[8; 32]);
        }
        desk.set_older_key(&[7; 32]);
        desk.start_daemon();
        desk.caller().reseal().expect("an administrator seals anew");
        host.start_daemon();
        let verdict = host.caller().verify(USER, &secret.next_code());
        assert_eq!(verdict.as_deref(), Ok("accepted"));
    });
}

#[test]
fn whoever_says_postgres_and_has_moved_nothing_is_told_so_and_nobody_gets_in() {
    in_lab(|stage| {
        let mut lab = stage.road(Road::Bus).user(USER, "her password").start();
        let mut secret = lab.enroll_with(USER, &["--kind", "hotp"]);
        let fleet = Fleet::start();
        let identity = fleet.server.authority().issue("web1");
        let shared = fleet.config("web1", &fleet.server.url("web1"), &identity);
        let told = run(&moving(&fleet, "postgres"));
        assert!(told.err.contains("backend = \"postgres\""), "{told:?}");
        fs::write(CONFIG, &shared).unwrap();
        lab.daemon().stop();
        let visit = lab
            .ssh(USER)
            .password("her password")
            .code(&secret.next_code())
            .go();
        visit.refused_with(MODULE_SAYS);
        assert!(
            lab.log().contains("countersign store move --to postgres"),
            "{}",
            lab.log()
        );
        let told = run(&moving(&fleet, "postgres"));
        assert_eq!(told.status, 0, "{told:?}");
        let visit = lab
            .ssh(USER)
            .password("her password")
            .code(&secret.next_code())
            .go();
        assert_eq!(visit.outcome(), Outcome::LetIn, "{}", visit.transcript());
        let told = tool("root", &["store", "status"], &[]);
        assert!(told.out.contains("tenant main"), "{told:?}");
        for of_its_own in [&["rotate"][..], &["backup", "/root/backup"]] {
            let told = tool("root", &[&["store"], of_its_own].concat(), &[]);
            assert!(told.err.contains("are in a shared store"), "{told:?}");
        }
        let told = tool(
            "root",
            &["store", "migrate", "--url", "postgres://a:secret@db/x"],
            &[],
        );
        assert!(
            told.status != 0 && told.err.contains("there is a password in this"),
            "{told:?}"
        );
    });
}

#[test]
fn a_primary_that_dies_denies_within_five_seconds_and_an_emergency_login_gets_in() {
    in_lab(|stage| {
        let mut lab = stage
            .road(Road::Bus)
            .user(USER, "her password")
            .user("erin", "his password")
            .start();
        let mut secret = lab.enroll_with(USER, &["--kind", "hotp"]);
        let mut fleet = Fleet::start();
        let identity = fleet.server.authority().issue("web1");
        let config = fleet.config("web1", &fleet.server.url("web1"), &identity);
        let rule = "[[rule]]\ngroups = [\"erin\"]\nrequire = \"never\"\n";
        fs::write(CONFIG, config + rule).unwrap();
        let told = run(&moving(&fleet, "postgres"));
        assert_eq!(told.status, 0, "{told:?}");
        fleet.server.kill();
        let begun = Instant::now();
        let visit = lab
            .ssh(USER)
            .password("her password")
            .code(&secret.code(0))
            .go();
        visit.refused_with(MODULE_SAYS);
        assert!(
            begun.elapsed() < Duration::from_secs(9),
            "{:?}",
            begun.elapsed()
        );
        let begun = Instant::now();
        let visit = lab.ssh("erin").password("his password").go();
        visit.let_in_as("erin");
        assert!(
            begun.elapsed() < Duration::from_secs(4),
            "{:?}",
            begun.elapsed()
        );
        let outages = lab
            .log()
            .matches("the shared store does not answer")
            .count();
        assert_eq!(outages, 1, "{}", lab.log());
        fleet.server.start_again();
        let begun = Instant::now();
        loop {
            let code = secret.next_code();
            let visit = lab.ssh(USER).password("her password").code(&code).go();
            if visit.outcome() == Outcome::LetIn {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{}",
                visit.transcript()
            );
        }
        lab.daemon().stop();
    });
}
