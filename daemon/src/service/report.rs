//! What is told about an account. Never a secret, and nothing that the reader may not know.

use std::collections::HashMap;

use countersign_bus::keys;
use zbus::OwnedVariant;

use super::{Details, count, value};
use crate::account::{Account, Kind, Token, UnixSeconds};
use crate::ledger::Owned;
use crate::refusal::Refusal;

/// Whom the report is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// Who sees everything.
    Administrator,
    /// The user. An earlier user's record is none of theirs.
    Owner,
}

/// The reply of `Account.Status`.
pub fn status(owned: &Owned, reader: Reader, now: UnixSeconds) -> Result<Details, Refusal> {
    match owned {
        Owned::Theirs(account) => summary(account, now),
        Owned::Nobody => Ok(Details::from([(keys::ENROLLED, value(false)?)])),
        Owned::Foreign => {
            let mut details = Details::from([(keys::ENROLLED, value(false)?)]);
            if reader == Reader::Administrator {
                details.insert(keys::FOREIGN, value(true)?);
            }
            Ok(details)
        }
    }
}

/// An account as its owner and administrators see it.
pub fn summary(account: &Account, now: UnixSeconds) -> Result<Details, Refusal> {
    let tokens = account
        .tokens()
        .iter()
        .map(token)
        .collect::<Result<Vec<_>, Refusal>>()?;
    let budgets = account.budgets();
    Ok(Details::from([
        (keys::ENROLLED, value(account.is_enrolled())?),
        (keys::TOKENS, value(tokens)?),
        (
            keys::RECOVERY_CODES_LEFT,
            value(count(account.recovery_codes_left()))?,
        ),
        (
            keys::TEMPORARY_CODE,
            value(account.temporary_code(now).is_some())?,
        ),
        (keys::LOCKED, value(budgets.is_locked())?),
        (keys::FAILED_ATTEMPTS, value(budgets.failed_attempts())?),
        (
            keys::THROTTLED_ATTEMPTS,
            value(budgets.throttled_attempts())?,
        ),
    ]))
}

fn token(token: &Token) -> Result<HashMap<&'static str, OwnedVariant>, Refusal> {
    let period = match token.kind {
        Kind::Totp { period, .. } => period.magnitude(),
        Kind::Hotp { .. } => 0,
    };
    let small = |number: u64| value(u32::try_from(number).unwrap_or(u32::MAX));
    let mut told = HashMap::from([
        (keys::NAME, value(token.name.as_str())?),
        (keys::KIND, value(token.kind.as_str())?),
        (keys::ALGORITHM, value(token.algorithm.as_str())?),
        (keys::DIGITS, small(token.digits.magnitude())?),
        (keys::PERIOD, small(period)?),
        (keys::CREATED, value(token.created.0)?),
    ]);
    if let Some(UnixSeconds(last_used)) = token.last_used {
        told.insert(keys::LAST_USED, value(last_used)?);
    }
    Ok(told)
}
