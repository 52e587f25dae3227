use std::fmt;

use countersign_bus::Code;
use countersign_config::TokenName;

use super::change::{ChangeError, import_recovery_codes};
use super::enroll::EnrollError;
use super::otp::{Codes, Typed};
use super::random::Random;
use super::record::Account;
use super::recovery::{RecoveryCodes, RecoveryMatch};
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
    /// Those without a token, or with no other tokens than those that come: a user who has enrolled
    /// here has chosen another secret since.
    NotEnrolled,
    /// Those with other tokens too, which stay.
    Anybody,
}

/// What became of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The account with all of it.
    pub account: Account,
    /// What each token is called in the account, in the order in which they came, and whether it is new.
    pub tokens: Vec<(TokenName, Novelty)>,
    /// What became of the recovery codes.
    pub recovery_codes: CodesEnd,
}

/// Is a token new in the account?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Novelty {
    /// It is.
    New,
    /// It was there.
    Known,
}

/// What became of recovery codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodesEnd {
    /// So many were new; the others were there, used or not.
    Added(usize),
    /// The user has made others since, which those that came must not stand beside again.
    Superseded,
}

impl Imported {
    /// Is there anything to store?
    pub fn is_change(&self) -> bool {
        let is_new = |(_, novelty): &(TokenName, Novelty)| *novelty == Novelty::New;
        self.tokens.iter().any(is_new)
            || !matches!(
                self.recovery_codes,
                CodesEnd::Added(0) | CodesEnd::Superseded
            )
    }
}

/// Takes in what works elsewhere, as an administrator says, without a code of it. What is there
/// already is not taken again and what is missing is added, so that an import can be run once more
/// after it broke off or after a file was mended. A new token whose name is taken gets a number behind.
pub fn import(
    account: &Account,
    import: &Import,
    random: &mut dyn Random,
) -> Result<Imported, ImportError> {
    let known = |token: &Token| account.tokens.iter().find(|it| is_same(it, token));
    let (there, new): (Vec<&Token>, Vec<&Token>) =
        import.tokens.iter().partition(|it| known(it).is_some());
    let is_superseded = new.is_empty() && has_only_others(account, &import.recovery_codes);
    let mut changed = if is_superseded {
        account.clone()
    } else {
        import_recovery_codes(account, &import.recovery_codes, random)
            .map_err(ImportError::Codes)?
    };
    let count = |account: &Account| account.recovery.as_ref().map_or(0, RecoveryCodes::count);
    let added = count(&changed).saturating_sub(count(account));
    let is_foreign = |it: &Token| !there.iter().any(|token| is_same(it, token));
    if import.onto == Onto::NotEnrolled
        && (!new.is_empty() || added > 0)
        && account.tokens.iter().any(is_foreign)
    {
        return Err(ImportError::Enrolled);
    }
    let mut tokens = Vec::with_capacity(import.tokens.len());
    for (at, token) in import.tokens.iter().enumerate() {
        if let Some(it) = known(token) {
            tokens.push((it.name.clone(), Novelty::Known));
            continue;
        }
        let later = import.tokens.iter().skip(at + 1);
        let wanted: Vec<&TokenName> = later
            .filter(|it| known(it).is_none())
            .map(|it| &it.name)
            .collect();
        // Two of one name in one import are a mistake of whoever made it.
        if wanted.contains(&&token.name) {
            return Err(ImportError::NotAdded(EnrollError::NameTaken));
        }
        let name = free_name(&token.name, &changed, &wanted);
        tokens.push((name.clone(), Novelty::New));
        let token = Token {
            name,
            ..token.clone()
        };
        changed.add(token).map_err(ImportError::NotAdded)?;
    }
    Ok(Imported {
        account: changed,
        tokens,
        recovery_codes: if is_superseded {
            CodesEnd::Superseded
        } else {
            CodesEnd::Added(added)
        },
    })
}

/// Has the account recovery codes, and none of these? Then its owner has made new ones, and what the
/// old ones let in is over.
fn has_only_others(account: &Account, codes: &[Code]) -> bool {
    let set = account.recovery.as_ref();
    let is_of_set = |code| RecoveryCodes::find(set, code) != RecoveryMatch::None;
    set.is_some() && !codes.is_empty() && !codes.iter().any(is_of_set)
}

/// The name itself, or with the first number behind it that neither the account nor what comes next has.
fn free_name(name: &TokenName, account: &Account, wanted: &[&TokenName]) -> TokenName {
    let numbered = |number: usize| TokenName::parse(&format!("{} {number}", name.as_str())).ok();
    let is_free = |it: &TokenName| account.token(it).is_none() && !wanted.contains(&it);
    if account.token(name).is_none() {
        return name.clone();
    }
    // One more than there can be names is free for sure. One too long for a number stays, and clashes.
    (2..=2 * Account::MAX_TOKENS + 2)
        .filter_map(numbered)
        .find(is_free)
        .unwrap_or_else(|| name.clone())
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
    use crate::account::{
        Algorithm, Digits, Outcome, Period, Source, decide, otp, renew_recovery_codes,
    };

    const SECRET: &str = "2SH3V3GDW7ZNMGYE";
    const OTHER: &str = "JBSWY3DPEB3W64TMMQXC4LQA";

    fn of(tokens: Vec<Token>, codes: &[&str]) -> Import {
        Import {
            tokens,
            recovery_codes: codes.iter().map(|it| code(it)).collect(),
            onto: Onto::NotEnrolled,
        }
    }

    fn run(account: &Account, what: &Import) -> Result<Imported, ImportError> {
        import(account, what, &mut SeededRandom::new(1))
    }

    fn done(account: &Account, what: &Import) -> Result<Account, ImportError> {
        run(account, what).map(|it| it.account)
    }

    fn told(imported: &Imported) -> Vec<(&str, Novelty)> {
        let tokens = imported.tokens.iter();
        tokens.map(|(name, it)| (name.as_str(), *it)).collect()
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
        let again = of(vec![totp("another name", SECRET)], &["12345678"]);
        let again = run(&account, &again).unwrap();
        assert_eq!(told(&again), [("a", Novelty::Known)]);
        assert!(!again.is_change());
        assert_eq!(again.account.tokens().len(), 1);
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
        assert!(!run(&account, &both).unwrap().is_change());
        both.onto = Onto::NotEnrolled;
        assert!(!run(&account, &both).unwrap().is_change());
    }

    #[test]
    fn run_again_with_more_an_import_adds_what_is_missing() {
        let first = of(vec![totp("oath", OTHER)], &["12345678"]);
        let account = done(&alice(Vec::new()), &first).unwrap();
        // The first line of the file was mended: it asks for the name that the second has had since.
        let mended = of(
            vec![totp("oath", SECRET), totp("oath 2", OTHER)],
            &["12345678", "87654321"],
        );
        let again = run(&account, &mended).unwrap();
        assert_eq!(
            told(&again),
            [("oath 2", Novelty::New), ("oath", Novelty::Known)]
        );
        assert_eq!(again.recovery_codes, CodesEnd::Added(1));
        assert_eq!(again.account.recovery_codes_left(), 2);
        assert!(!run(&again.account, &mended).unwrap().is_change());
    }

    #[test]
    fn recovery_codes_alone_are_added_too_and_only_to_whom_all_tokens_came_from_there() {
        let account = done(&alice(Vec::new()), &of(vec![totp("a", SECRET)], &[])).unwrap();
        let mut codes = of(vec![totp("a", SECRET)], &["12345678"]);
        let mended = run(&account, &codes).unwrap();
        assert!(mended.is_change());
        assert_eq!(mended.account.recovery_codes_left(), 1);
        let account = alice(vec![totp("a", SECRET), totp("b", OTHER)]);
        assert_eq!(run(&account, &codes).unwrap_err(), ImportError::Enrolled);
        codes.onto = Onto::Anybody;
        assert_eq!(done(&account, &codes).unwrap().recovery_codes_left(), 1);
    }

    #[test]
    fn recovery_codes_that_were_replaced_do_not_come_back() {
        let what = of(vec![totp("a", SECRET)], &["12345678", "87654321"]);
        let account = done(&alice(Vec::new()), &what).unwrap();
        let mut random = SeededRandom::new(2);
        let (account, _) = renew_recovery_codes(&account, 10, &mut random).unwrap();
        let again = run(&account, &what).unwrap();
        assert_eq!(again.recovery_codes, CodesEnd::Superseded);
        assert!(!again.is_change());
        assert_eq!(again.account.recovery_codes_left(), 10);
    }

    #[test]
    fn a_new_token_gets_a_name_that_neither_the_account_nor_the_import_has() {
        let account = alice(vec![totp("oath", SECRET)]);
        let what = Import {
            onto: Onto::Anybody,
            ..of(vec![totp("oath", OTHER), hotp("oath 2", 0)], &[])
        };
        let both = run(&account, &what).unwrap();
        assert_eq!(
            told(&both),
            [("oath 3", Novelty::New), ("oath 2", Novelty::New)]
        );
        let long = "x".repeat(64);
        let what = Import {
            onto: Onto::Anybody,
            ..of(vec![totp(&long, OTHER)], &[])
        };
        let account = alice(vec![totp(&long, SECRET)]);
        assert_eq!(
            run(&account, &what).unwrap_err(),
            ImportError::NotAdded(EnrollError::NameTaken)
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
