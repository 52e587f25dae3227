use std::fmt;

use countersign_bus::Code;

use super::otp::{self, TokenMatch};
use super::record::Account;
use super::time::UnixSeconds;
use super::token::Token;

/// Activates a token whose secret its owner has just been shown, against a code of it. That code is
/// spent. Where the user had no account, `account` is a new one.
///
/// A wrong code costs nothing: whoever types it knows the secret already. The caller renews the
/// recovery codes where [`Account::recovery_codes_left`] says that there are none.
pub fn activate(
    account: &Account,
    mut pending: Token,
    code: &Code,
    now: UnixSeconds,
) -> Result<Account, EnrollError> {
    let TokenMatch::New { factor } = otp::find(&pending, code, now) else {
        return Err(EnrollError::CodeNotAccepted);
    };
    pending.spend(factor, now);
    pending.created = now;
    let mut account = account.clone();
    account.add(pending)?;
    Ok(account)
}

/// Puts the tokens and recovery codes of `activated` in place of those of `account`, which goes on
/// otherwise: it may have changed since it was activated.
#[must_use]
pub fn take_over(account: &Account, activated: &Account) -> Account {
    let mut account = account.clone();
    account.tokens.clone_from(&activated.tokens);
    account.recovery.clone_from(&activated.recovery);
    account
}

/// Why a token was not taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnrollError {
    /// The code is not one that the token shows now.
    CodeNotAccepted,
    /// The account has [`Account::MAX_TOKENS`] already.
    TooManyTokens,
    /// The account has a token of that name.
    NameTaken,
}

impl fmt::Display for EnrollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodeNotAccepted => f.write_str(
                "the token was not activated: the code is not right; see whether both clocks are",
            ),
            Self::TooManyTokens => write!(
                f,
                "the token was not added: the account has {} already; remove one first",
                Account::MAX_TOKENS
            ),
            Self::NameTaken => f.write_str(
                "the token was not added: the account has one of that name; choose another name",
            ),
        }
    }
}

impl std::error::Error for EnrollError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{NOW, alice, code, code_now, hotp, totp};
    use crate::account::{Outcome, Source, decide, otp};

    #[test]
    fn only_a_right_code_activates_and_it_is_spent_by_that() {
        let pending = totp("phone", "2SH3V3GDW7ZNMGYE");
        let none = alice(Vec::new());
        let refused = activate(&none, pending.clone(), &code("123456"), NOW);
        assert_eq!(refused.unwrap_err(), EnrollError::CodeNotAccepted);
        let right = code_now(&pending, NOW);
        let account = activate(&none, pending, &right, NOW).unwrap();
        assert!(account.is_enrolled());
        assert_eq!(account.tokens()[0].created, NOW);
        let again = decide(&account, &right, NOW, &Source::Local);
        assert!(matches!(again.outcome, Outcome::Used { .. }));
    }

    #[test]
    fn a_counter_goes_on_after_the_code_that_activated_it() {
        let pending = hotp("key", 5);
        let third = code(&otp::code_at(&pending, 7));
        let account = activate(&alice(Vec::new()), pending.clone(), &third, NOW).unwrap();
        let next = code(&otp::code_at(&pending, 8));
        let decision = decide(&account, &next, NOW, &Source::Local);
        assert!(matches!(decision.outcome, Outcome::Accepted { .. }));
    }

    #[test]
    fn a_ninth_token_and_a_second_of_the_same_name_are_refused() {
        let mut account = alice(Vec::new());
        let one = |name: &str| {
            let token = totp(name, "2SH3V3GDW7ZNMGYE");
            let right = code_now(&token, NOW);
            (token, right)
        };
        for number in 0..8 {
            let (token, right) = one(&format!("token {number}"));
            account = activate(&account, token, &right, NOW).unwrap();
        }
        let (token, right) = one("ninth");
        let ninth = activate(&account, token, &right, NOW);
        assert_eq!(ninth.unwrap_err(), EnrollError::TooManyTokens);
        let account = alice(vec![totp("phone", "JBSWY3DPEB3W64TMMQXC4LQA")]);
        let (token, right) = one("phone");
        let same = activate(&account, token, &right, NOW);
        assert_eq!(same.unwrap_err(), EnrollError::NameTaken);
    }
}
