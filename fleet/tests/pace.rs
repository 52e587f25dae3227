//! What a login costs in the shared store, and that no part of it looks through other people's rows.

#![allow(
    clippy::unwrap_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

mod shared;

use std::time::{Duration, Instant};

use countersign_fleet::{Engine, Settings, Swapped, Version};
use shared::{Fleet, accepted_at, engine, now, user};

/// Fills the store with users that have records of an ordinary size.
fn fill(fleet: &Fleet, users: u32) {
    fleet.server.sql(&format!(
        "insert into countersign.account
           select id, 'user' || n, 1, decode(repeat('5a', 400), 'hex'), gen_random_uuid(), 'test', now()
           from countersign.tenant, generate_series(1, {users}) n where name = 'main'
           on conflict do nothing;
         insert into countersign.counter (tenant, name)
           select id, 'user' || n from countersign.tenant, generate_series(1, {users}) n where name = 'main'
           on conflict do nothing;
         update countersign.host set budget = 100000000"
    ));
    fleet
        .server
        .sql("analyze countersign.account; analyze countersign.counter");
}

/// The times of logins, each a user's first: the record, the attempt, the swap.
async fn log_in(host: Engine, numbers: impl Iterator<Item = u32>, at: i64) -> Vec<Duration> {
    let mut times = vec![];
    for number in numbers {
        let user = user(&format!("user{number}"));
        let begun = Instant::now();
        host.load(&user).await.unwrap();
        let version = host.attempt(&user).await.unwrap().version;
        assert_eq!(version, Version::new(1));
        let swapped = host
            .swap(&user, version, Some(&[7; 400]), accepted_at(at))
            .await;
        assert!(matches!(swapped, Ok(Swapped::Done(_))), "{swapped:?}");
        times.push(begun.elapsed());
    }
    times
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[test]
fn every_call_of_a_login_finds_its_rows_by_their_key() {
    let fleet = Fleet::start();
    fill(&fleet, 20_000);
    let at = now(&fleet.server);
    let host = fleet.engine("web1");
    fleet.wait(log_in(host, (1..=20_000).step_by(500), at));
    // Statistics are told when a connection is done.
    let scanned = || {
        fleet.server.sql(
            "select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables
             where relname in ('account', 'counter') and seq_tup_read > 40000",
        )
    };
    let found = "select sum(idx_scan) >= 120 from pg_stat_user_tables where relname in ('account', 'counter')";
    shared::wait_until("the server has counted", || fleet.server.sql(found) == "t");
    assert_eq!(scanned(), "0", "whole tables were read");
}

#[test]
#[ignore = "soak: make soak runs it"]
fn what_a_login_costs_among_a_thousand_users_and_a_million_is_printed() {
    for users in [1_000, 1_000_000] {
        let fleet = Fleet::start();
        fill(&fleet, users);
        let settings = Settings {
            connections: 32,
            ..fleet.settings("web1")
        };
        let (host, _) = engine(&settings);
        let at = now(&fleet.server);
        let alone = (1..=users).step_by(usize::try_from(users).unwrap() / 500);
        let times = fleet.wait(log_in(host.clone(), alone, at));
        let begun = Instant::now();
        let (crowd, each) = (32, 15);
        fleet.wait(async {
            let mut tasks = tokio::task::JoinSet::new();
            for client in 0..crowd {
                let theirs = (2 + client * each..).take(usize::try_from(each).unwrap());
                // Those whose number the first round did not take.
                let theirs = theirs.map(move |n| n * (users / 500));
                tasks.spawn(log_in(host.clone(), theirs, at));
            }
            tasks.join_all().await;
        });
        let rate = f64::from(crowd * each) / begun.elapsed().as_secs_f64();
        let size = fleet.server.sql(
            "select (pg_total_relation_size('countersign.account') + pg_total_relation_size('countersign.counter'))",
        );
        println!(
            "{users} users: one login {:.2?} (median of 500, alone), {rate:.0} logins a second (32 at once), {} B each",
            median(times),
            size.parse::<u64>().unwrap() / u64::from(users)
        );
    }
}
