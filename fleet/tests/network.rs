//! Bad networks, slow servers and full ones: every call ends in time, and no swap is made twice.

mod shared;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign_fleet::{EngineError, Notice, Settings, Swapped, Version};
use countersign_tests::postgres::{Manner, Postgres, Proxy};
use shared::{Fleet, accepted_at, changed, engine, now, user, wait_until};

/// web1 behind a bad network, with the deadlines of a host.
fn behind(fleet: &Fleet, proxy: &Proxy) -> Settings {
    let mut settings = fleet.settings("web1");
    settings.urls = vec![Postgres::url_at("web1", proxy.port())];
    settings
}

/// Short ones, for tests that wait until they are over.
fn impatient(settings: Settings) -> Settings {
    Settings {
        connect_deadline: Duration::from_millis(800),
        answer_deadline: Duration::from_millis(800),
        total_deadline: Duration::from_millis(1500),
        ..settings
    }
}

#[test]
fn a_swap_whose_connection_is_cut_is_made_once_wherever_the_cut_was() {
    let fleet = Fleet::start();
    let (alice, mut version) = fleet.enroll("alice");
    let proxy = Proxy::before(fleet.server.port());
    let (host, _) = engine(&behind(&fleet, &proxy));
    let mut step = now(&fleet.server) - 600;
    for round in 0..8 {
        for manner in [
            Manner::CutRequest,
            Manner::CutAnswer,
            Manner::CutBehindRequest,
        ] {
            step += 1;
            fleet.wait(async {
                host.load(&alice).await.unwrap(); // a connection is open
                proxy.set(manner);
                let swapped = host
                    .swap(&alice, version, Some(b"new"), accepted_at(step))
                    .await;
                assert_eq!(proxy.manner(), Manner::Pass, "the cut was made");
                let expected = Version::new(version.get() + 1);
                assert_eq!(
                    swapped,
                    Ok(Swapped::Done(expected)),
                    "{manner:?}, round {round}"
                );
                let there = host.load(&alice).await.unwrap();
                assert_eq!(
                    there.version, expected,
                    "{manner:?}, round {round}: made once"
                );
                let again = host
                    .swap(&alice, expected, Some(b"x"), accepted_at(step))
                    .await;
                assert_eq!(again, Ok(Swapped::StepSpent));
                version = expected;
            });
        }
    }
}

#[test]
fn where_nothing_gets_through_any_more_every_login_is_refused_in_time_and_one_line_says_so() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let proxy = Proxy::before(fleet.server.port());
    let settings = impatient(behind(&fleet, &proxy));
    let (host, notices) = engine(&settings);
    fleet.wait(async { wait_for_answer(&host, &alice).await });
    proxy.set(Manner::Swallow);

    let facts = accepted_at(now(&fleet.server));
    let begun = Instant::now();
    let lost = fleet.wait(host.swap(&alice, version, Some(b"new"), facts));
    let took = begun.elapsed();
    assert_eq!(lost, Err(EngineError::Unsettled));
    assert!(
        took < settings.total_deadline + Duration::from_secs(1),
        "{took:?}"
    );

    let begun = Instant::now();
    let mut quick = 0;
    for _ in 0..100 {
        let asked = Instant::now();
        assert!(fleet.wait(host.load(&alice)).unwrap_err().is_outage());
        quick += usize::from(asked.elapsed() < Duration::from_millis(50));
    }
    let hundred = begun.elapsed();
    // One in each pause finds out whether it still lasts.
    assert!(
        quick >= 95,
        "{quick} of 100 were quick, all took {hundred:?}"
    );
    let told = notices.all();
    assert!(
        matches!(told.as_slice(), [Notice::OutageBegan(_)]),
        "{told:?}"
    );

    proxy.set(Manner::Pass);
    fleet.wait(async { wait_for_answer(&host, &alice).await });
    // What was not settled is, by the same transaction.
    let settled = fleet.wait(host.swap(&alice, version, Some(b"new"), facts));
    assert_eq!(settled, Ok(Swapped::Done(Version::new(version.get() + 1))));
    let told = notices.all();
    let ended = matches!(
        told.as_slice(),
        [Notice::OutageBegan(_), Notice::OutageEnded { .. }]
    );
    assert!(ended, "{told:?}");
}

async fn wait_for_answer(host: &countersign_fleet::Engine, user: &countersign_bus::UserName) {
    let begun = Instant::now();
    while let Err(error) = host.load(user).await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_slow_server_is_waited_for_and_one_too_slow_is_not() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let proxy = Proxy::before(fleet.server.port());
    proxy.set(Manner::Slow(Duration::from_millis(30)));
    let (host, _) = engine(&behind(&fleet, &proxy));
    assert!(fleet.wait(host.load(&alice)).is_ok());
    let settings = impatient(behind(&fleet, &proxy));
    let (host, _) = engine(&settings);
    fleet.wait(async { wait_for_answer(&host, &alice).await });
    proxy.set(Manner::Slow(Duration::from_secs(5)));
    let begun = Instant::now();
    let refused = fleet.wait(host.attempt(&alice)).unwrap_err();
    assert!(refused.is_outage(), "{refused:?}");
    assert!(begun.elapsed() < settings.total_deadline + Duration::from_secs(1));
}

#[test]
fn a_server_that_is_not_there_is_named_and_another_one_serves() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let mut settings = impatient(fleet.settings("web1"));
    settings.urls = vec![Postgres::url_at("web1", 1)];
    let refused = fleet.refusal(&settings).to_string();
    assert!(
        refused.contains("127.0.0.1:1: ") && refused.contains("refused"),
        "{refused}"
    );
    // In one URL or in two.
    let port = fleet.server.port();
    for urls in [
        vec![Postgres::url_at("web1", 1), fleet.server.url("web1")],
        vec![format!(
            "postgres://web1@127.0.0.1:1,127.0.0.1:{port}/countersign"
        )],
    ] {
        let mut settings = fleet.settings("web1");
        settings.urls = urls;
        assert!(fleet.wait(engine(&settings).0.load(&alice)).is_ok());
    }
}

#[test]
fn connections_that_a_restart_broke_are_made_anew_without_anybody_noticing() {
    let mut fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let (host, notices) = engine(&fleet.settings("web1"));
    assert!(fleet.wait(host.load(&alice)).is_ok());
    fleet
        .server
        .sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'web1'");
    assert!(fleet.wait(host.load(&alice)).is_ok());
    fleet.server.kill();
    fleet.server.start_again();
    let swapped = fleet.wait(host.swap(&alice, version, Some(b"new"), changed()));
    assert!(matches!(swapped, Ok(Swapped::Done(_))), "{swapped:?}");
    assert_eq!(notices.all(), []);
}

#[test]
fn those_who_wait_for_a_connection_get_one_in_their_order_and_too_many_are_turned_away() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let settings = Settings {
        connections: 1,
        waiting: 20,
        ..fleet.settings("web1")
    };
    let (host, notices) = engine(&settings);
    assert!(fleet.wait(host.load(&alice)).is_ok());
    fleet.server.freeze();
    let ends = Arc::new(Mutex::new(vec![]));
    let tasks: Vec<_> = (0..21)
        .map(|number| {
            let (host, alice, ends) = (host.clone(), alice.clone(), Arc::clone(&ends));
            let task = fleet.runtime.spawn(async move {
                host.load(&alice).await.unwrap();
                ends.lock().unwrap().push(number);
            });
            // Each is in line before the next one comes.
            std::thread::sleep(Duration::from_millis(5));
            task
        })
        .collect();
    let begun = Instant::now();
    assert_eq!(fleet.wait(host.load(&alice)), Err(EngineError::Busy));
    assert!(begun.elapsed() < Duration::from_secs(2));
    fleet.server.thaw();
    fleet.wait(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*ends.lock().unwrap(), (0..21).collect::<Vec<_>>());
    assert_eq!(notices.all(), [], "to be busy is no outage");
}

#[test]
fn no_more_connections_are_open_than_allowed_and_unused_ones_are_closed_with_a_goodbye() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let settings = Settings {
        connections: 3,
        idle: Duration::from_millis(300),
        ..fleet.settings("web2")
    };
    let (host, _) = engine(&settings);
    fleet.wait(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..60 {
            let (host, alice) = (host.clone(), alice.clone());
            tasks.spawn(async move { host.load(&alice).await.unwrap() });
        }
        tasks.join_all().await;
    });
    let open = || {
        fleet
            .server
            .sql("select count(*) from pg_stat_activity where usename = 'web2'")
    };
    let most: u32 = open().parse().unwrap();
    assert!(most <= 3, "{most}");
    wait_until("all are closed", || open() == "0");
    assert_eq!(host.idle_connections(), 0);
    let log = fleet.server.log();
    assert!(
        !log.contains("SSL error") && !log.contains("unexpected EOF"),
        "{log}"
    );
}

#[test]
fn a_row_that_somebody_holds_keeps_its_user_waiting_and_nobody_else() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let (bob, _) = fleet.enroll("bob");
    let (host, notices) = engine(&impatient(fleet.settings("web1")));
    fleet.wait(async { wait_for_answer(&host, &alice).await });
    std::thread::scope(|scope| {
        let server = &fleet.server;
        scope.spawn(move || {
            server.sql(
                "begin; select from countersign.account where name = 'alice' for update; select pg_sleep(3)",
            );
        });
        let held = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
        wait_until("somebody holds the row", || server.sql(held) == "1");
        let swap = fleet.wait(host.swap(&alice, version, Some(b"new"), changed()));
        assert_eq!(swap, Err(EngineError::Busy));
        assert!(fleet.wait(host.load(&bob)).is_ok());
    });
    assert_eq!(notices.all(), []);
    let swap = fleet.wait(host.swap(&alice, version, Some(b"new"), changed()));
    assert!(matches!(swap, Ok(Swapped::Done(_))), "{swap:?}");
}

#[test]
fn a_server_that_takes_no_more_connections_is_told_apart() {
    let fleet = Fleet::start();
    fleet.server.sql("alter role web1 connection limit 0");
    let refused = fleet.refusal(&fleet.settings("web1"));
    assert_eq!(refused, EngineError::TooManyConnections);
}

#[test]
fn what_is_dropped_half_way_gives_its_answer_to_nobody_else() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let (bob, _) = fleet.enroll("bob");
    let settings = Settings {
        connections: 1,
        ..fleet.settings("web1")
    };
    let (host, _) = engine(&settings);
    fleet.wait(async {
        let alices = host
            .swap(&alice, version, Some(b"alice's"), changed())
            .await;
        assert!(matches!(alices, Ok(Swapped::Done(_))));
        for micros in (0..3000).step_by(100) {
            let wait = Duration::from_micros(micros);
            let _ = tokio::time::timeout(wait, host.load(&alice)).await;
            let bobs = host.load(&bob).await.unwrap().record;
            assert_eq!(bobs.as_deref(), Some(&b"sealed"[..]), "after {micros} us");
        }
    });
}

#[test]
fn a_change_that_reached_no_standby_is_not_called_done() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    fleet
        .server
        .sql("alter system set synchronous_standby_names = 'gone'");
    fleet.server.sql("select pg_reload_conf()");
    std::thread::scope(|scope| {
        let server = &fleet.server;
        scope.spawn(move || {
            let waiting = "from pg_stat_activity where wait_event = 'SyncRep' and usename = 'web1'";
            let count = format!("select count(*) {waiting}");
            wait_until("the swap waits for its standby", || {
                server.sql(&count) == "1"
            });
            server.sql(&format!("select pg_cancel_backend(pid) {waiting}"));
        });
        let swap = fleet.wait(host.swap(&alice, version, Some(b"new"), changed()));
        assert_eq!(swap, Err(EngineError::Unsettled));
    });
}

#[test]
fn where_the_standby_is_gone_changes_are_refused_reads_go_on_and_nothing_piles_up_on_the_server() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let (host, notices) = engine(&impatient(fleet.settings("web1")));
    fleet.wait(async { wait_for_answer(&host, &alice).await });
    let standbys = |names| {
        let set = format!("alter system set synchronous_standby_names = '{names}'");
        fleet.server.sql(&set);
        fleet.server.sql("select pg_reload_conf()");
    };
    standbys("gone");
    let waiting = || {
        let count = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
        fleet.server.sql(count)
    };
    let facts = accepted_at(now(&fleet.server));
    // Asked again it finds the change made, but on this server alone: that is not done either.
    for _ in 0..3 {
        let begun = Instant::now();
        let swap = fleet.wait(host.swap(&alice, version, Some(b"new"), facts));
        assert!(swap.as_ref().is_err_and(EngineError::is_outage), "{swap:?}");
        assert!(begun.elapsed() < Duration::from_secs(4));
        assert!(fleet.wait(host.attempt(&alice)).is_err());
        assert!(fleet.wait(host.load(&alice)).is_ok());
        std::thread::sleep(Duration::from_millis(300));
    }
    wait_until("nobody waits on the server any more", || waiting() == "0");
    assert!(
        matches!(notices.all().as_slice(), [Notice::OutageBegan(_)]),
        "{:?}",
        notices.all()
    );
    standbys("");
    let other = fleet.engine("web1");
    let settled = fleet.wait(other.swap(&alice, version, Some(b"new"), facts));
    assert_eq!(settled, Ok(Swapped::Done(Version::new(version.get() + 1))));
}

#[test]
fn a_password_in_a_url_is_in_no_text_about_it() {
    let fleet = Fleet::start();
    let secret = "hunter2hunter2";
    let mut settings = fleet.settings("web1");
    for url in [
        format!("postgres://web1:{secret}@127.0.0.1:1/countersign"),
        format!("postgres://web1:{secret}@127.0.0.1:1/countersign?connect_timeout={secret}"),
        format!("postgres://web1:{secret}@127.0.0.1:{secret}/countersign"),
        format!("mysql://web1:{secret}@db/countersign"),
    ] {
        settings = impatient(settings);
        settings.urls = vec![url];
        let told = match countersign_fleet::Engine::new(&settings, Arc::new(|_| ())) {
            Ok(engine) => {
                let error = fleet.wait(engine.load(&user("alice"))).unwrap_err();
                format!("{error} {error:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!told.contains(secret), "{told}");
    }
}
