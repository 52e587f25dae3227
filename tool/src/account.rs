//! An account as the daemon describes it.

use std::collections::HashMap;

use countersign_bus::keys;
use countersign_bus::proxy::Details;
use serde::Serialize;
use zbus::OwnedVariant;

use crate::words::tell;

/// What `Account.Status` says, and `Admin.List` of each user. The field names are those of `--json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the reply")]
pub struct Account {
    /// Whose account it is.
    pub user: String,
    /// Has it an active token?
    pub enrolled: bool,
    /// The tokens.
    pub tokens: Vec<Token>,
    /// Unused recovery codes.
    pub recovery_codes_left: u32,
    /// Are time-based codes refused until somebody unlocks the account?
    pub locked: bool,
    /// Attempts since the last accepted code.
    pub failed_attempts: u32,
    /// How many of these were turned away unread.
    pub throttled_attempts: u32,
    /// Is a temporary code valid?
    pub temporary_code: bool,
    /// Does the record belong to an earlier user of that name?
    pub foreign: bool,
}

/// One user in the list of all.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Entry {
    /// As the record has it.
    Account(Account),
    /// There is a record, and nobody can tell what is in it.
    Unreadable {
        /// Whose it is.
        user: String,
        /// Why it cannot be read.
        unreadable: String,
    },
}

impl Entry {
    /// Reads the `a{sv}`. The error says which key is wrong.
    pub fn read(user: String, mut details: Details) -> Result<Self, String> {
        match take(&mut details, keys::UNREADABLE)? {
            Some(unreadable) => Ok(Self::Unreadable { user, unreadable }),
            None => Account::read(user, details).map(Self::Account),
        }
    }

    /// Whose it is.
    pub fn user(&self) -> &str {
        match self {
            Self::Account(account) => &account.user,
            Self::Unreadable { user, .. } => user,
        }
    }
}

/// One authenticator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Token {
    /// Its name.
    pub name: String,
    /// `totp` or `hotp`.
    pub kind: String,
    /// Hash of the codes.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: u32,
    /// Seconds of a time step; 0 for `hotp`.
    pub period: u32,
    /// Activation, in seconds of Unix time.
    pub created: Option<u64>,
    /// Last accepted code, in seconds of Unix time.
    pub last_used: Option<u64>,
}

impl Account {
    /// Reads the `a{sv}`. `enrolled` must be there; for what else is absent the least is assumed.
    /// The error says which key is wrong.
    pub fn read(user: String, mut details: Details) -> Result<Self, String> {
        let details = &mut details;
        let tokens: Vec<HashMap<String, OwnedVariant>> =
            take(details, keys::TOKENS)?.unwrap_or_default();
        Ok(Self {
            user,
            enrolled: take(details, keys::ENROLLED)?
                .ok_or_else(|| tell!("tool-answer-no-key", "key" = keys::ENROLLED))?,
            tokens: tokens
                .into_iter()
                .map(Token::read)
                .collect::<Result<_, _>>()?,
            recovery_codes_left: take(details, keys::RECOVERY_CODES_LEFT)?.unwrap_or_default(),
            locked: take(details, keys::LOCKED)?.unwrap_or_default(),
            failed_attempts: take(details, keys::FAILED_ATTEMPTS)?.unwrap_or_default(),
            throttled_attempts: take(details, keys::THROTTLED_ATTEMPTS)?.unwrap_or_default(),
            temporary_code: take(details, keys::TEMPORARY_CODE)?.unwrap_or_default(),
            foreign: take(details, keys::FOREIGN)?.unwrap_or_default(),
        })
    }

    /// When a code of any token was last accepted.
    pub fn last_used(&self) -> Option<u64> {
        self.tokens.iter().filter_map(|token| token.last_used).max()
    }
}

impl Token {
    fn read(mut details: Details) -> Result<Self, String> {
        let details = &mut details;
        Ok(Self {
            name: take(details, keys::NAME)?.unwrap_or_default(),
            kind: take(details, keys::KIND)?.unwrap_or_default(),
            algorithm: take(details, keys::ALGORITHM)?.unwrap_or_default(),
            digits: take(details, keys::DIGITS)?.unwrap_or_default(),
            period: take(details, keys::PERIOD)?.unwrap_or_default(),
            created: take(details, keys::CREATED)?,
            last_used: take(details, keys::LAST_USED)?,
        })
    }
}

/// The value of a key, if it is there; the error names a key whose value has the wrong type.
pub fn take<T: TryFrom<OwnedVariant>>(
    details: &mut Details,
    key: &str,
) -> Result<Option<T>, String> {
    let value = details.remove(key).map(T::try_from).transpose();
    value.map_err(|_| tell!("tool-answer-wrong-type", "key" = key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    fn details(entries: Vec<(&str, Variant<'_>)>) -> Details {
        entries
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.try_to_owned().unwrap()))
            .collect()
    }

    #[test]
    fn a_full_status_is_read() {
        let phone: HashMap<&str, Variant<'_>> = HashMap::from([
            (keys::NAME, "phone".into()),
            (keys::KIND, "totp".into()),
            (keys::ALGORITHM, "SHA1".into()),
            (keys::DIGITS, 6u32.into()),
            (keys::PERIOD, 30u32.into()),
            (keys::CREATED, 100u64.into()),
            (keys::LAST_USED, 200u64.into()),
        ]);
        let account = Account::read(
            "alice".into(),
            details(vec![
                (keys::ENROLLED, true.into()),
                (keys::TOKENS, vec![phone].into()),
                (keys::RECOVERY_CODES_LEFT, 8u32.into()),
                (keys::FAILED_ATTEMPTS, 50u32.into()),
            ]),
        )
        .unwrap();
        assert!(account.enrolled && !account.locked);
        assert_eq!(account.tokens[0].name, "phone");
        assert_eq!(
            (account.recovery_codes_left, account.failed_attempts),
            (8, 50)
        );
        assert_eq!(account.last_used(), Some(200));
    }

    #[test]
    fn a_record_that_cannot_be_read_is_an_entry_with_the_reason() {
        let entry = Entry::read(
            "alice".into(),
            details(vec![(keys::UNREADABLE, "bad sum".into())]),
        )
        .unwrap();
        assert_eq!(entry.user(), "alice");
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            r#"{"user":"alice","unreadable":"bad sum"}"#
        );
        let odd = details(vec![(keys::UNREADABLE, 1u32.into())]);
        assert_eq!(
            Entry::read("alice".into(), odd),
            Err("unreadable has the wrong type".into())
        );
    }

    #[test]
    fn an_entry_that_can_be_read_is_an_account() {
        let entry = Entry::read(
            "alice".into(),
            details(vec![
                (keys::ENROLLED, true.into()),
                (keys::FOREIGN, true.into()),
            ]),
        )
        .unwrap();
        assert!(matches!(&entry, Entry::Account(account) if account.foreign));
        let json = serde_json::to_value(&entry).unwrap();
        assert_eq!(
            (&json["user"], &json["foreign"]),
            (&"alice".into(), &true.into())
        );
        assert_eq!(json.get("unreadable"), None);
        assert_eq!(
            Entry::read("alice".into(), details(vec![])),
            Err("no enrolled".into())
        );
    }

    #[test]
    fn a_status_that_does_not_say_whether_one_is_enrolled_is_no_status() {
        assert_eq!(
            Account::read("alice".into(), details(vec![])),
            Err("no enrolled".into())
        );
        let odd = details(vec![(keys::ENROLLED, "yes".into())]);
        assert_eq!(
            Account::read("alice".into(), odd),
            Err("enrolled has the wrong type".into())
        );
    }
}
