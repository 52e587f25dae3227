//! Accounts as bytes: JSON with a version. A record may come out of a restored backup, so nothing
//! in it is believed unseen.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use zeroize::{Zeroize, Zeroizing};

use super::record::Account;
use super::remembered::BadPlaces;
use super::throttle::BadBudgets;

/// The version that is written, and the only one that is read. A field that may be absent needs no
/// new one; a field that an older daemon must not overlook does.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<T> {
    version: u32,
    account: T,
}

/// The part that every version has.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

impl Account {
    /// The record of this account. It holds secrets: seal it before it goes anywhere.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        let mut bytes = WipedBytes(Zeroizing::new(Vec::with_capacity(4_096)));
        let record = Record {
            version: VERSION,
            account: self,
        };
        serde_json::to_writer(&mut bytes, &record).map_err(|_| RecordError::NotWritten)?;
        Ok(bytes.0)
    }

    /// Reads a record, and refuses one with anything in it that this version would not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let header: Header = serde_json::from_slice(bytes).map_err(|e| RecordError::read(&e))?;
        if header.version != VERSION {
            return Err(RecordError::UnknownVersion {
                found: header.version,
            });
        }
        let record: Record<Self> =
            serde_json::from_slice(bytes).map_err(|e| RecordError::read(&e))?;
        record.account.check()
    }
}

/// Bytes that leave no unwiped copy behind where they grow.
struct WipedBytes(Zeroizing<Vec<u8>>);

impl io::Write for WipedBytes {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let needed = self.0.len() + more.len();
        if needed > self.0.capacity() {
            let mut larger = Vec::with_capacity(needed.max(self.0.capacity() * 2));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// User names as text, checked when read.
pub(super) mod user_name {
    use countersign_bus::UserName;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in crate::account) fn serialize<S: Serializer>(
        user: &UserName,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(user.as_str())
    }

    pub(in crate::account) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<UserName, D::Error> {
        UserName::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Why bytes are no account. The text repeats nothing of what is in them but a version and a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordError {
    /// Not the JSON of a record: cut off or overwritten.
    Damaged {
        /// The byte where reading stopped, counted from 1.
        byte: usize,
    },
    /// A field that is missing, unknown, or whose value is not allowed.
    BadValue {
        /// The byte where it ends, counted from 1.
        byte: usize,
    },
    /// Written by another version of the daemon.
    UnknownVersion {
        /// The version that it names.
        found: u32,
    },
    /// More than [`Account::MAX_TOKENS`].
    TooManyTokens,
    /// Two tokens have the same name.
    TokenTwice,
    /// More recovery codes than an account can have.
    TooManyRecoveryCodes,
    /// The failure budgets have too many sources, or the same one twice.
    BadBudgets,
    /// More remembered places than an account can have, or the same one twice.
    BadPlaces,
    /// The account could not be turned into bytes.
    NotWritten,
}

impl RecordError {
    fn read(error: &serde_json::Error) -> Self {
        // The message of the library may quote what it found, which may be a secret.
        let byte = error.column();
        match error.classify() {
            Category::Data => Self::BadValue { byte },
            Category::Io | Category::Syntax | Category::Eof => Self::Damaged { byte },
        }
    }
}

impl From<BadBudgets> for RecordError {
    fn from(_: BadBudgets) -> Self {
        Self::BadBudgets
    }
}

impl From<BadPlaces> for RecordError {
    fn from(_: BadPlaces) -> Self {
        Self::BadPlaces
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { byte } => write!(f, "the record is damaged at byte {byte}"),
            Self::BadValue { byte } => {
                write!(
                    f,
                    "the record has a value before byte {byte} that is not allowed"
                )
            }
            Self::UnknownVersion { found } => write!(
                f,
                "the record has version {found}, and this daemon reads version {VERSION} only; \
                 install the daemon that wrote it"
            ),
            Self::TooManyTokens => f.write_str("the record has too many tokens"),
            Self::TokenTwice => f.write_str("the record has two tokens of the same name"),
            Self::TooManyRecoveryCodes => f.write_str("the record has too many recovery codes"),
            Self::BadBudgets => f.write_str("the record has impossible failure budgets"),
            Self::BadPlaces => f.write_str("the record has impossible remembered places"),
            Self::NotWritten => f.write_str("the account could not be turned into a record"),
        }
    }
}

impl std::error::Error for RecordError {}
