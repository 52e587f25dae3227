use std::ops::RangeInclusive;

use countersign_bus::Code;
use subtle::Choice;

use super::decide::{Decision, Outcome, Proof, admit, conclude};
use super::otp::{Codes, Typed};
use super::record::Account;
use super::source::Source;
use super::time::UnixSeconds;
use super::token::{Kind, Offset, Token, step_at};

/// How many time steps off a token is looked for, both ways: half a day at 30 s.
const REACH_STEPS: u64 = 1_440;
/// How many counters ahead a token is looked for.
const REACH_COUNTERS: u64 = 1_000;

/// Finds out how far a token is off from two codes in a row, and spends both.
///
/// It counts as an attempt like any other. Codes at or before the last accepted one prove nothing:
/// they may have been overheard, and accepting them would also keep the owner out afterwards.
pub fn resync(
    account: &Account,
    code: &Code,
    next_code: &Code,
    now: UnixSeconds,
    source: &Source,
) -> Decision {
    let mut account = match admit(account, source, now) {
        Ok(account) => account,
        Err(turned_away) => return *turned_away,
    };
    let (first, second) = (Typed::from(code), Typed::from(next_code));
    let found: Vec<Pair> = account
        .tokens
        .iter()
        .map(|token| look_up(token, &first, &second, now))
        .collect();
    let outcome = if account.budgets.is_locked() {
        Outcome::Locked
    } else {
        let mut tokens = account.tokens.iter_mut().zip(&found);
        if let Some((token, factor)) = tokens.find_map(|(token, pair)| match pair {
            Pair::New { second } => Some((token, *second)),
            Pair::Used | Pair::None => None,
        }) {
            learn(token, factor, now);
            Outcome::Accepted {
                proof: Proof::Token(token.name.clone()),
            }
        } else {
            let mut tokens = account.tokens.iter().zip(&found);
            match tokens.find(|(_, pair)| matches!(pair, Pair::Used)) {
                Some((token, _)) => Outcome::Used {
                    proof: Proof::Token(token.name.clone()),
                },
                None => Outcome::Wrong,
            }
        }
    };
    conclude(account, outcome, source, now)
}

/// What two codes are to a token.
enum Pair {
    None,
    Used,
    /// The moving factor of the second of them.
    New {
        second: u64,
    },
}

/// Looks for two codes in a row. Of several places the one nearest to where the token should be.
fn look_up(token: &Token, first: &Typed, second: &Typed, now: UnixSeconds) -> Pair {
    let codes = Codes::of(token);
    let (range, expected) = reach(&token.kind, now);
    let mut nearest: Option<u64> = None;
    let mut used = Choice::from(0);
    let mut first_matched = Choice::from(0);
    let mut earlier_is_new = false;
    for factor in range {
        let both = first_matched & codes.matches(second, factor);
        if earlier_is_new {
            let nearer = nearest.is_none_or(|it| factor.abs_diff(expected) < it.abs_diff(expected));
            if nearer && bool::from(both) {
                nearest = Some(factor);
            }
        } else {
            used |= both;
        }
        first_matched = codes.matches(first, factor);
        earlier_is_new = token.kind.is_new(factor);
    }
    match nearest {
        Some(second) => Pair::New { second },
        None if bool::from(used) => Pair::Used,
        None => Pair::None,
    }
}

/// The moving factors that are searched, and the one that a token without error shows.
fn reach(kind: &Kind, now: UnixSeconds) -> (RangeInclusive<u64>, u64) {
    match *kind {
        Kind::Totp { period, .. } => {
            let here = step_at(now, period, Offset::constant::<0>());
            (
                here.saturating_sub(REACH_STEPS)..=here.saturating_add(REACH_STEPS),
                here,
            )
        }
        Kind::Hotp {
            next_counter,
            window,
        } => {
            let begin = next_counter.saturating_sub(window.magnitude());
            // The last counter of all is never good: nothing could come after it.
            let end = next_counter
                .saturating_add(REACH_COUNTERS)
                .min(u64::MAX - 1);
            (begin..=end, next_counter)
        }
    }
}

/// Takes over where the token is, from the moving factor of the second code.
fn learn(token: &mut Token, factor: u64, now: UnixSeconds) {
    if let Kind::Totp { period, offset, .. } = &mut token.kind {
        let here = step_at(now, *period, Offset::constant::<0>());
        let off = i64::try_from(i128::from(factor) - i128::from(here));
        // The reach of the search is within the bounds of an offset, so one is always found.
        *offset = off
            .ok()
            .and_then(|off| Offset::new(off).ok())
            .unwrap_or(*offset);
    }
    token.spend(factor, now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{NOW, accepted, alice, code, hotp, totp};
    use crate::account::{decide, otp};

    const SECRET: &str = "2SH3V3GDW7ZNMGYE";

    fn shown(token: &Token, factor: u64) -> Code {
        code(&otp::code_at(token, factor))
    }

    #[test]
    fn a_clock_hours_off_is_learned_and_its_next_code_lets_in() {
        for off in [-1_439_i64, -700, 0, 5, 1_439] {
            let phone = totp("phone", SECRET);
            let account = alice(vec![phone.clone()]);
            let step = (NOW.0 / 30).saturating_add_signed(off);
            let (a, b) = (shown(&phone, step), shown(&phone, step + 1));
            let decision = resync(&account, &a, &b, NOW, &Source::Local);
            assert!(accepted(&decision), "{off}");
            let again = resync(&decision.account, &a, &b, NOW, &Source::Local);
            assert!(matches!(again.outcome, Outcome::Used { .. }));
            let later = NOW.plus(30);
            let next = decide(
                &again.account,
                &shown(&phone, step + 2),
                later,
                &Source::Local,
            );
            assert!(accepted(&next), "{off}");
        }
    }

    #[test]
    fn codes_out_of_reach_apart_or_turned_round_change_nothing() {
        let phone = totp("phone", SECRET);
        let account = alice(vec![phone.clone()]);
        let step = NOW.0 / 30;
        for (a, b) in [
            (step + 1_440, step + 1_441),
            (step - 1_442, step - 1_441),
            (step, step + 2),
            (step, step - 1),
            (step, step),
        ] {
            let decision = resync(
                &account,
                &shown(&phone, a),
                &shown(&phone, b),
                NOW,
                &Source::Local,
            );
            assert_eq!(decision.outcome, Outcome::Wrong);
            assert_eq!(decision.account.tokens()[0].kind, phone.kind);
            assert_eq!(decision.account.budgets().failed_attempts(), 1);
        }
    }

    #[test]
    fn a_counter_far_ahead_is_found_and_its_next_code_lets_in() {
        let key = hotp("key", 5);
        let account = alice(vec![key.clone()]);
        let decision = resync(
            &account,
            &shown(&key, 900),
            &shown(&key, 901),
            NOW,
            &Source::Local,
        );
        assert!(accepted(&decision));
        assert!(accepted(&decide(
            &decision.account,
            &shown(&key, 902),
            NOW,
            &Source::Local
        )));
        let beyond = resync(
            &account,
            &shown(&key, 1_005),
            &shown(&key, 1_006),
            NOW,
            &Source::Local,
        );
        assert_eq!(beyond.outcome, Outcome::Wrong);
    }

    #[test]
    fn attempts_are_bounded_like_those_of_a_login() {
        let mut account = alice(vec![totp("phone", SECRET)]);
        for _ in 0..5 {
            let wrong = code("000001");
            account = resync(&account, &wrong, &wrong, NOW, &Source::Local).account;
        }
        let right = shown(&totp("phone", SECRET), NOW.0 / 30);
        let decision = decide(&account, &right, NOW, &Source::Local);
        assert_eq!(decision.outcome, Outcome::Throttled { retry_after: 30 });
        let phone = totp("phone", SECRET);
        let decision = resync(
            &account,
            &right,
            &shown(&phone, NOW.0 / 30 + 1),
            NOW,
            &Source::Local,
        );
        assert_eq!(decision.outcome, Outcome::Throttled { retry_after: 30 });
    }

    #[test]
    fn a_locked_account_stays_locked_and_learns_nothing() {
        let phone = totp("phone", SECRET);
        let mut account = alice(vec![phone.clone()]);
        for number in 0..100 {
            let source = Source::from_rhost(&format!("host{}", number / 4));
            account = decide(&account, &code("000000"), NOW, &source).account;
        }
        let (a, b) = (shown(&phone, NOW.0 / 30), shown(&phone, NOW.0 / 30 + 1));
        let decision = resync(&account, &a, &b, NOW, &Source::Local);
        assert_eq!(decision.outcome, Outcome::Locked);
        assert_eq!(decision.account.tokens()[0].kind, phone.kind);
    }
}
