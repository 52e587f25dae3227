//! The plain changes that an authorized caller makes to an account.

use std::fmt;

use countersign_bus::Code;

use super::plain::PlainCode;
use super::random::{Random, RandomError};
use super::record::Account;
use super::recovery::RecoveryCodes;
use super::remembered::Remembered;
use super::temporary::{TemporaryCode, Uses, ValidSeconds};
use super::time::UnixSeconds;
use countersign_config::TokenName;

/// Removes one token, and forgets where codes were accepted: it may be the token of a stolen phone
/// that they were of. With the last one everything goes, as in [`remove_all`]: recovery codes
/// without a token would be taken for those of the next enrollment.
pub fn remove_token(account: &Account, name: &TokenName) -> Result<Account, ChangeError> {
    let mut changed = account.clone();
    changed.tokens.retain(|token| token.name != *name);
    changed.remembered = Remembered::default();
    if changed.tokens.len() == account.tokens.len() {
        Err(ChangeError::NoSuchToken)
    } else if changed.tokens.is_empty() {
        Ok(remove_all(account))
    } else {
        Ok(changed)
    }
}

/// Removes all tokens, the recovery codes, the temporary code and what is remembered. The failure budgets stay, so that
/// nobody gets new ones by enrolling anew.
#[must_use]
pub fn remove_all(account: &Account) -> Account {
    let mut changed = account.clone();
    changed.tokens.clear();
    changed.recovery = None;
    changed.temporary = None;
    changed.remembered = Remembered::default();
    changed
}

/// Puts so many new recovery codes in place of the old ones. Their texts are shown once.
pub fn renew_recovery_codes(
    account: &Account,
    count: usize,
    random: &mut dyn Random,
) -> Result<(Account, Vec<PlainCode>), ChangeError> {
    let (codes, plain) = RecoveryCodes::generate(count, random)?;
    let mut changed = account.clone();
    changed.recovery = Some(codes);
    Ok((changed, plain))
}

/// Adds recovery codes that work elsewhere. One that the account has, used or not, is not added again.
pub fn import_recovery_codes(
    account: &Account,
    codes: &[Code],
    random: &mut dyn Random,
) -> Result<Account, ChangeError> {
    let mut changed = account.clone();
    if codes.is_empty() {
        return Ok(changed);
    }
    let mut set = match changed.recovery.take() {
        Some(set) => set,
        None => RecoveryCodes::of(&[], random)?,
    };
    for code in codes {
        set.add(code);
    }
    if set.count() > RecoveryCodes::MAX_COUNT {
        return Err(ChangeError::TooManyCodes { count: set.count() });
    }
    changed.recovery = Some(set);
    Ok(changed)
}

/// Issues a temporary code in place of an earlier one. Its text is told once.
pub fn issue_temporary_code(
    account: &Account,
    valid: ValidSeconds,
    uses: Uses,
    now: UnixSeconds,
    random: &mut dyn Random,
) -> Result<(Account, PlainCode), ChangeError> {
    let (temporary, plain) = TemporaryCode::generate(valid, uses, now, random)?;
    let mut changed = account.clone();
    changed.temporary = Some(temporary);
    Ok((changed, plain))
}

/// Why an account was not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeError {
    /// The account has no token of that name.
    NoSuchToken,
    /// More than [`RecoveryCodes::MAX_COUNT`] recovery codes.
    TooManyCodes {
        /// How many came.
        count: usize,
    },
    /// No code could be made.
    NoRandom(RandomError),
}

impl From<RandomError> for ChangeError {
    fn from(error: RandomError) -> Self {
        Self::NoRandom(error)
    }
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchToken => f.write_str(
                "the token was not removed: the account has none of that name; its status shows \
                 the names",
            ),
            Self::TooManyCodes { count } => write!(
                f,
                "the recovery codes were not taken over: {count} are too many, at most {} are \
                 allowed",
                RecoveryCodes::MAX_COUNT
            ),
            Self::NoRandom(error) => write!(f, "no code was made: {error}"),
        }
    }
}

impl std::error::Error for ChangeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{NOW, SeededRandom, alice, code, totp};
    use crate::account::{Source, decide};

    fn name(text: &str) -> TokenName {
        TokenName::parse(text).unwrap()
    }

    fn two_tokens() -> Account {
        let tokens = vec![
            totp("a", "2SH3V3GDW7ZNMGYE"),
            totp("b", "JBSWY3DPEB3W64TMMQXC4LQA"),
        ];
        let (account, _) =
            renew_recovery_codes(&alice(tokens), 10, &mut SeededRandom::new(1)).unwrap();
        account
    }

    #[test]
    fn removing_one_token_leaves_the_rest_alone() {
        let account = remove_token(&two_tokens(), &name("a")).unwrap();
        assert!(account.token(&name("a")).is_none() && account.token(&name("b")).is_some());
        assert_eq!(account.recovery_codes_left(), 10);
        assert_eq!(
            remove_token(&account, &name("a")).unwrap_err(),
            ChangeError::NoSuchToken
        );
    }

    #[test]
    fn with_the_last_token_everything_goes_but_the_failures() {
        let account = decide(&two_tokens(), &code("000000"), NOW, &Source::Local).account;
        let account = remove_token(&account, &name("a")).unwrap();
        let account = remove_token(&account, &name("b")).unwrap();
        assert!(!account.is_enrolled());
        assert_eq!(account.recovery_codes_left(), 0);
        assert_eq!(account.budgets().failed_attempts(), 1);
    }

    #[test]
    fn new_recovery_codes_end_the_old_ones() {
        let mut random = SeededRandom::new(2);
        let (account, old) = renew_recovery_codes(&two_tokens(), 10, &mut random).unwrap();
        let (account, new) = renew_recovery_codes(&account, 10, &mut random).unwrap();
        let accepts = |plain: &PlainCode| {
            let decision = decide(&account, &code(plain.expose()), NOW, &Source::Local);
            crate::account::fixtures::accepted(&decision)
        };
        assert!(!old.iter().any(accepts));
        assert!(new.iter().all(accepts));
    }

    #[test]
    fn more_codes_than_an_account_can_have_are_not_taken_over() {
        let mut random = SeededRandom::new(3);
        let mut import = |count: usize| {
            let codes: Vec<Code> = (0..count).map(|it| code(&format!("1234{it:04}"))).collect();
            import_recovery_codes(&two_tokens(), &codes, &mut random)
        };
        assert_eq!(import(22).unwrap().recovery_codes_left(), 32);
        assert_eq!(import(0).unwrap().recovery_codes_left(), 10);
        assert_eq!(
            import(23).unwrap_err(),
            ChangeError::TooManyCodes { count: 33 }
        );
    }

    #[test]
    fn codes_that_come_twice_are_good_once_and_those_that_were_there_stay() {
        let mut random = SeededRandom::new(3);
        let codes = [code("12345678"), code("12345678"), code("87654321")];
        let account = alice(vec![totp("a", "2SH3V3GDW7ZNMGYE")]);
        let account = import_recovery_codes(&account, &codes, &mut random).unwrap();
        assert_eq!(account.recovery_codes_left(), 2);
        let account = decide(&account, &codes[0], NOW, &Source::Local).account;
        let account = import_recovery_codes(&account, &codes, &mut random).unwrap();
        assert_eq!(account.recovery_codes_left(), 1);
    }
}
