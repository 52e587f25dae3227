use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::*;
use crate::account::fixtures::{NOW, alice, code, totp};
use crate::account::{Outcome, Source, decide};
use crate::store::{Opening, RealDisk, Vault};

struct Silence;

impl Log for Silence {
    fn write(&self, _: Level, _: &str) {}
}

/// A ledger on a real disk with alice in it, who is uid 1000.
async fn ledger(test: &str) -> (Ledger, PathBuf) {
    let name = format!("countersignd-ledger-{test}-{}", std::process::id());
    let place = std::env::temp_dir().join(name);
    fs::create_dir_all(&place).unwrap();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&place, permissions).unwrap();
    let disk = RealDisk::open(&place).unwrap();
    let vault = Vault::open(&Opening::new(Arc::new(disk), Arc::new(|_| {})), None);
    let ledger = Ledger::new(Arc::new(Silence));
    assert!(ledger.open(Ok(Backend::Embedded(vault.unwrap()))));
    flush(&ledger, "alice").await;
    (ledger, place)
}

/// Stores an account for sure, behind all that was to be stored soon.
async fn flush(ledger: &Ledger, name: &str) {
    let user = UserName::parse(name).unwrap();
    let step = |_| {
        let phone = totp("phone", "2SH3V3GDW7ZNMGYE");
        Ok((Some(alice(vec![phone])), ()))
    };
    ledger
        .change(&user, Durability::Required, step)
        .await
        .unwrap();
}

async fn journal_length(ledger: &Ledger) -> u64 {
    match ledger.standing().await.unwrap() {
        Standing::Embedded(standing) => standing.journal,
        Standing::Shared(_) => panic!("the store is this host's own"),
    }
}

async fn wrong_code(ledger: &Ledger, name: &str) -> Duration {
    let user = UserName::parse(name).unwrap();
    let (typed, source) = (code("123123"), Source::Local);
    let begun = Instant::now();
    let attempt = ledger.login(
        &user,
        Some(1000),
        |_| Durability::Soon,
        |account| {
            let decision = decide(&account, &typed, NOW, &source);
            (decision.account, decision.outcome)
        },
    );
    let outcome = attempt.await.unwrap();
    let took = begun.elapsed();
    assert!(matches!(
        outcome,
        Outcome::Wrong | Outcome::Throttled { .. }
    ));
    took
}

/// With `--nocapture` it says what is left of a difference.
#[tokio::test]
async fn a_failure_takes_about_as_long_for_who_has_an_account_as_for_who_has_none() {
    let (ledger, place) = ledger("time").await;
    let (mut enrolled, mut stranger) = (Vec::new(), Vec::new());
    for _ in 0..301 {
        enrolled.push(wrong_code(&ledger, "alice").await);
        flush(&ledger, "alice").await; // nothing is under way when the next one comes
        stranger.push(wrong_code(&ledger, "nobody").await);
        flush(&ledger, "alice").await;
    }
    let median = |mut took: Vec<Duration>| {
        took.sort();
        took[took.len() / 2]
    };
    let (enrolled, stranger) = (median(enrolled), median(stranger));
    println!("refused in {enrolled:?} with an account, in {stranger:?} without one");
    // Far less than a network adds, and room for a machine that is busy and a build for debugging.
    assert!(enrolled.abs_diff(stranger) < Duration::from_millis(2));
    fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn the_failures_of_strangers_are_counted_and_leave_nothing_in_the_store() {
    let (ledger, place) = ledger("strangers").await;
    let before = journal_length(&ledger).await;
    let user = UserName::parse("nobody").unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..7 {
        let (typed, source) = (code("123123"), Source::Local);
        let attempt = ledger.login(
            &user,
            None,
            |_| Durability::Soon,
            |account| {
                let decision = decide(&account, &typed, NOW, &source);
                (decision.account, decision.outcome)
            },
        );
        outcomes.push(attempt.await.unwrap());
    }
    assert!(matches!(outcomes[0], Outcome::Wrong));
    assert!(matches!(outcomes[6], Outcome::Throttled { .. }));
    assert_eq!(journal_length(&ledger).await, before);
    assert_eq!(ledger.sizes().await.unwrap().accounts, Some(1));
    fs::remove_dir_all(place).unwrap();
}
