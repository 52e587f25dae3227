//! What holds whatever happens, tried with many random histories.

use std::collections::{HashMap, HashSet};

use super::fixtures::{NOW, SeededRandom, accepted, alice, code, code_now, hotp, totp};
use super::{
    Account, Kind, Outcome, Source, TemporaryCode, Token, UnixSeconds, Uses, decide,
    issue_temporary_code, otp, renew_recovery_codes, unlock,
};

const SECRET: &str = "2SH3V3GDW7ZNMGYE";

fn source(number: u64) -> Source {
    match number {
        0 => Source::Local,
        1 => Source::Own(1000),
        number => Source::from_rhost(&format!("192.0.2.{number}")),
    }
}

/// Somebody types a code of the token, near where it should be.
fn some_code(token: &Token, now: UnixSeconds, random: &mut SeededRandom) -> (String, u64) {
    let middle = match token.kind {
        Kind::Totp { .. } => now.0 / 30,
        Kind::Hotp { next_counter, .. } => next_counter,
    };
    let factor = middle.saturating_sub(3) + random.below(7);
    (otp::code_at(token, factor).to_string(), factor)
}

#[test]
fn no_code_of_a_token_is_accepted_twice_in_any_order() {
    for seed in 0..4 {
        let mut random = SeededRandom::new(seed);
        let mut account = alice(vec![totp("phone", SECRET), hotp("key", 0)]);
        let mut now = NOW;
        let mut spent: HashSet<(usize, u64)> = HashSet::new();
        for attempt in 0..1_000 {
            // The clock stands, goes on, and sometimes jumps an hour either way.
            now = match random.below(40) {
                0 => UnixSeconds(now.0 - 3_600),
                1 => now.plus(3_600),
                seconds => now.plus(seconds),
            };
            let which = usize::try_from(random.below(2)).unwrap();
            let (typed, factor) = some_code(&account.tokens()[which], now, &mut random);
            let decision = decide(&account, &code(&typed), now, &source(random.below(100)));
            if accepted(&decision) {
                assert!(
                    spent.insert((which, factor)),
                    "seed {seed}, attempt {attempt}"
                );
            }
            account = decision.account;
            if account.budgets().is_locked() {
                // Without putting a step back, which an administrator may do on purpose.
                account.budgets = super::Budgets::default();
            }
        }
        assert!(
            spent.len() > 50,
            "seed {seed}: {} codes passed",
            spent.len()
        );
    }
}

#[test]
fn recovery_and_temporary_codes_pass_as_often_as_they_should_in_any_order() {
    for seed in 0..4 {
        let mut random = SeededRandom::new(seed);
        let (account, plain) =
            renew_recovery_codes(&alice(vec![totp("phone", SECRET)]), 10, &mut random).unwrap();
        let (valid, uses) = (TemporaryCode::DEFAULT_VALID, Uses::constant::<3>());
        let (mut account, temporary) =
            issue_temporary_code(&account, valid, uses, NOW, &mut random).unwrap();
        let mut texts: Vec<String> = plain.iter().map(|it| it.expose().to_owned()).collect();
        texts.push(temporary.expose().to_owned());
        let mut passed: HashMap<String, u32> = HashMap::new();
        for number in 0..1_000 {
            let text = &texts[usize::try_from(random.below(11)).unwrap()];
            let from = Source::from_rhost(&format!("host{number}"));
            let decision = decide(&account, &code(text), NOW, &from);
            if accepted(&decision) {
                *passed.entry(text.clone()).or_default() += 1;
            }
            account = decision.account;
            if number % 50 == 0 {
                account = unlock(&account, NOW).0;
            }
        }
        assert_eq!(passed.remove(temporary.expose()), Some(3));
        assert!(
            passed.len() == 10 && passed.values().all(|times| *times == 1),
            "{passed:?}"
        );
    }
}

#[test]
fn no_stranger_stops_the_owner_before_the_lock() {
    for seed in 0..4 {
        let mut random = SeededRandom::new(seed);
        let phone = totp("phone", SECRET);
        let mut account = alice(vec![phone.clone()]);
        let mut now = NOW;
        for login in 0..100 {
            for _ in 0..random.below(99) {
                let stranger = source(2 + random.below(60));
                let typed = code(&format!("{:06}", random.below(1_000_000)));
                account = decide(&account, &typed, now, &stranger).account;
            }
            now = now.plus(30);
            let decision = decide(&account, &code_now(&phone, now), now, &Source::Local);
            assert!(
                accepted(&decision),
                "seed {seed}, login {login}: {:?}",
                decision.outcome
            );
            account = decision.account;
        }
    }
}

#[test]
fn books_stay_bounded_and_every_attempt_is_in_them() {
    let mut random = SeededRandom::new(9);
    let mut account = alice(vec![totp("phone", SECRET)]);
    let mut turned_away = 0;
    for number in 1..=2_000 {
        let stranger = Source::from_rhost(&format!("host{}", random.below(1_000)));
        let decision = decide(&account, &code("000000"), NOW, &stranger);
        turned_away += u32::from(matches!(decision.outcome, Outcome::Throttled { .. }));
        account = decision.account;
        assert_eq!(account.budgets().failed_attempts(), number);
        assert_eq!(account.budgets().throttled_attempts(), turned_away);
    }
    let bytes = account.to_bytes().unwrap();
    assert!(bytes.len() < 32_768, "{} bytes", bytes.len());
    assert!(Account::from_bytes(&bytes).is_ok());
}

#[test]
fn a_clock_put_back_an_hour_replays_nothing_and_unlock_lets_the_owner_in_again() {
    let phone = totp("phone", SECRET);
    let account = alice(vec![phone.clone()]);
    let account = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local).account;
    let back = UnixSeconds(NOW.0 - 3_600);
    let decision = decide(&account, &code_now(&phone, back), back, &Source::Local);
    assert!(matches!(decision.outcome, Outcome::Used { .. }));
    let (account, cleared) = unlock(&decision.account, back);
    assert_eq!(cleared.put_back.len(), 1);
    assert_eq!(cleared.failed_attempts, 1);
    let decision = decide(&account, &code_now(&phone, back), back, &Source::Local);
    assert!(accepted(&decision));
    let again = decide(
        &decision.account,
        &code_now(&phone, back),
        back,
        &Source::Local,
    );
    assert!(matches!(again.outcome, Outcome::Used { .. }));
}

#[test]
fn a_clock_a_year_ahead_and_back_is_mended_by_unlock() {
    let phone = totp("phone", SECRET);
    let year = NOW.plus(365 * 86_400);
    let ahead = decide(
        &alice(vec![phone.clone()]),
        &code_now(&phone, year),
        year,
        &Source::Local,
    );
    assert!(accepted(&ahead));
    let now = NOW.plus(60);
    let kept_out = decide(&ahead.account, &code_now(&phone, now), now, &Source::Local);
    assert!(matches!(kept_out.outcome, Outcome::Used { .. }));
    let (mended, cleared) = unlock(&kept_out.account, now);
    assert_eq!(cleared.put_back.len(), 1);
    // The whole window is good again, and nothing before it.
    let oldest = code_now(&phone, UnixSeconds(now.0 - 30));
    assert!(accepted(&decide(&mended, &oldest, now, &Source::Local)));
    let before = code_now(&phone, UnixSeconds(now.0 - 60));
    assert_eq!(
        decide(&mended, &before, now, &Source::Local).outcome,
        Outcome::Wrong
    );
    assert!(accepted(&decide(
        &mended,
        &code_now(&phone, now),
        now,
        &Source::Local
    )));
}

#[test]
fn unlock_leaves_a_last_step_within_the_window_where_it_is() {
    let phone = totp("phone", SECRET);
    let mut account = alice(vec![phone.clone()]);
    account = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local).account;
    for number in 0..100 {
        account = decide(&account, &code("000000"), NOW, &source(2 + number / 4)).account;
    }
    assert!(account.budgets().is_locked());
    let (account, cleared) = unlock(&account, NOW);
    assert!(cleared.locked && cleared.put_back.is_empty());
    assert_eq!(cleared.failed_attempts, 100);
    let decision = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local);
    assert!(matches!(decision.outcome, Outcome::Used { .. }));
}
