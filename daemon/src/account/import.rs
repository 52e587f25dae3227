use std::fmt;

use countersign_bus::Code;

use super::change::{ChangeError, import_recovery_codes};
use super::enroll::EnrollError;
use super::otp::{Codes, Typed};
use super::random::Random;
use super::record::Account;
use super::time::UnixSeconds;
use super::token::{Kind, Token};

/// All that a user has elsewhere.
#[derive(Clone, Debug)]
pub struct Import {
    /// What shows codes.
    pub tokens: Vec<Token>,
    /// For the day the phone is gone.
    pub recovery_codes: Vec<Code>,
    /// Who may be given it.
    pub onto: Onto,
}

/// Which accounts something is imported into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onto {
    /// Those without a token alone: a user who has enrolled here has chosen another secret since.
    NotEnrolled,
    /// Those with other tokens too, which stay.
    Anybody,
}

/// Takes in what works elsewhere, as an administrator says, without a code of it. A token that is
/// there already is not taken again, so that an import can be run once more after it broke off.
pub fn import(
    account: &Account,
    import: &Import,
    random: &mut dyn Random,
) -> Result<Account, ImportError> {
    let is_there = |token: &&Token| account.tokens.iter().any(|it| is_same(it, token));
    let (there, new): (Vec<&Token>, Vec<&Token>) = import.tokens.iter().partition(is_there);
    if new.is_empty() && !there.is_empty() {
        return Err(ImportError::AlreadyThere);
    }
    if import.onto == Onto::NotEnrolled && account.is_enrolled() {
        return Err(ImportError::Enrolled);
    }
    let mut changed = account.clone();
    for token in new {
        changed.add(token.clone()).map_err(ImportError::NotAdded)?;
    }
    import_recovery_codes(&changed, &import.recovery_codes, random).map_err(ImportError::Codes)
}

/// Do two tokens show the same codes?
fn is_same(one: &Token, other: &Token) -> bool {
    let motion = match (one.kind, other.kind) {
        (Kind::Totp { period, .. }, Kind::Totp { period: theirs, .. }) => period == theirs,
        (Kind::Hotp { .. }, Kind::Hotp { .. }) => true,
        (Kind::Totp { .. }, Kind::Hotp { .. }) | (Kind::Hotp { .. }, Kind::Totp { .. }) => false,
    };
    motion
        && one.digits == other.digits
        && one.algorithm == other.algorithm
        && one.secret.expose() == other.secret.expose()
}

/// Spends the last code that was accepted elsewhere, where only its digits are known.
///
/// One of a clock can be shown again only while it is in the window, so that is where it is looked
/// for. One of a counter is looked for at the counter that the other system noted with it.
pub fn used_elsewhere(token: &mut Token, last: &Code, now: UnixSeconds) {
    let codes = Codes::of(token);
    let typed = Typed::from(last);
    let is_last = |factor: &u64| bool::from(codes.matches(&typed, *factor));
    let window = token.kind.recognized(now);
    match &mut token.kind {
        Kind::Totp { last_step, .. } => {
            let found = window.into_iter().filter(is_last).max();
            *last_step = found.max(*last_step);
        }
        Kind::Hotp { next_counter, .. } if is_last(next_counter) => {
            *next_counter = next_counter.saturating_add(1);
        }
        Kind::Hotp { .. } => {}
    }
}

/// Why nothing was imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportError {
    /// Every one of the tokens is there.
    AlreadyThere,
    /// The user has other tokens, and [`Onto::NotEnrolled`] was asked for.
    Enrolled,
    /// A token does not fit the account.
    NotAdded(EnrollError),
    /// The recovery codes do not.
    Codes(ChangeError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyThere => {
                f.write_str("the account has these tokens already; nothing was changed")
            }
            Self::Enrolled => f.write_str(
                "the user is enrolled already with another token; ask for it to be added, or \
                 disable that one first",
            ),
            Self::NotAdded(error) => error.fmt(f),
            Self::Codes(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{NOW, SeededRandom, accepted, alice, code, hotp, totp};
    use crate::account::{Algorithm, Digits, Outcome, Period, Source, decide, otp};

    const SECRET: &str = "2SH3V3GDW7ZNMGYE";
    const OTHER: &str = "JBSWY3DPEB3W64TMMQXC4LQA";

    fn of(tokens: Vec<Token>, codes: &[&str]) -> Import {
        Import {
            tokens,
            recovery_codes: codes.iter().map(|it| code(it)).collect(),
            onto: Onto::NotEnrolled,
        }
    }

    fn done(account: &Account, what: &Import) -> Result<Account, ImportError> {
        import(account, what, &mut SeededRandom::new(1))
    }

    #[test]
    fn tokens_and_recovery_codes_come_together_or_not_at_all() {
        let what = of(vec![totp("a", SECRET), hotp("b", 7)], &["12345678"]);
        let account = done(&alice(Vec::new()), &what).unwrap();
        assert_eq!(
            (account.tokens().len(), account.recovery_codes_left()),
            (2, 1)
        );
        let clash = of(vec![totp("a", SECRET), totp("a", OTHER)], &["12345678"]);
        assert_eq!(
            done(&alice(Vec::new()), &clash).unwrap_err(),
            ImportError::NotAdded(EnrollError::NameTaken)
        );
        let nine: Vec<Token> = (0..9)
            .map(|it| Token {
                kind: Kind::totp(Period::new(it + 1).unwrap()),
                ..totp(&format!("{it}"), SECRET)
            })
            .collect();
        assert_eq!(
            done(&alice(Vec::new()), &of(nine, &[])).unwrap_err(),
            ImportError::NotAdded(EnrollError::TooManyTokens)
        );
    }

    #[test]
    fn what_is_there_is_not_taken_again_whatever_it_is_called() {
        let what = of(vec![totp("a", SECRET)], &["12345678"]);
        let account = done(&alice(Vec::new()), &what).unwrap();
        let again = of(vec![totp("another name", SECRET)], &["87654321"]);
        assert_eq!(
            done(&account, &again).unwrap_err(),
            ImportError::AlreadyThere
        );
        let eight = Token {
            digits: Digits::new(8).unwrap(),
            ..totp("c", SECRET)
        };
        let sha256 = Token {
            algorithm: Algorithm::Sha256,
            ..totp("d", SECRET)
        };
        for other in [totp("b", OTHER), hotp("b", 0), eight, sha256] {
            assert_eq!(
                done(&account, &of(vec![other], &[])).unwrap_err(),
                ImportError::Enrolled
            );
        }
    }

    #[test]
    fn what_is_new_is_added_where_that_is_asked_for() {
        let account = alice(vec![totp("a", SECRET)]);
        let mut both = of(vec![totp("again", SECRET), totp("b", OTHER)], &[]);
        assert_eq!(done(&account, &both).unwrap_err(), ImportError::Enrolled);
        both.onto = Onto::Anybody;
        let account = done(&account, &both).unwrap();
        let names: Vec<&str> = account.tokens().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(
            done(&account, &both).unwrap_err(),
            ImportError::AlreadyThere
        );
    }

    #[test]
    fn a_code_that_was_used_elsewhere_stays_used_and_the_next_one_is_good() {
        for ahead in [-1, 0, 1] {
            let mut token = totp("a", SECRET);
            let step = (NOW.0 / 30).saturating_add_signed(ahead);
            let last = code(&otp::code_at(&token, step));
            used_elsewhere(&mut token, &last, NOW);
            let account = alice(vec![token.clone()]);
            let again = decide(&account, &last, NOW, &Source::Local);
            assert!(matches!(again.outcome, Outcome::Used { .. }), "{ahead}");
            let next = code(&otp::code_at(&token, step + 1));
            let later = NOW.plus(30);
            assert!(accepted(&decide(&account, &next, later, &Source::Local)));
        }
        let mut token = totp("a", SECRET);
        used_elsewhere(&mut token, &code("000000"), NOW);
        let now = code(&otp::code_at(&token, NOW.0 / 30));
        let account = alice(vec![token]);
        assert!(accepted(&decide(&account, &now, NOW, &Source::Local)));
    }

    #[test]
    fn a_counter_goes_on_after_the_code_that_was_noted_with_it() {
        let mut token = hotp("a", 7);
        let last = code(&otp::code_at(&token, 7));
        used_elsewhere(&mut token, &last, NOW);
        assert_eq!(token.kind, Kind::hotp(8));
        used_elsewhere(&mut token, &last, NOW);
        assert_eq!(token.kind, Kind::hotp(8), "set by hand since");
    }

    #[test]
    fn each_refusal_has_its_message() {
        for (error, part) in [
            (ImportError::AlreadyThere, "these tokens already"),
            (ImportError::Enrolled, "enrolled already with another token"),
            (
                ImportError::NotAdded(EnrollError::NameTaken),
                "choose another name",
            ),
            (
                ImportError::Codes(ChangeError::TooManyCodes { count: 40 }),
                "40 are too many",
            ),
        ] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
