//! A copy of the store in one file, sealed as it was, to be kept elsewhere.
//!
//! ```text
//! "countersign backup 1\n" · JSON header "\n" · journal of the first format · SHA-256 · HMAC-SHA-256
//! ```
//!
//! The journal in it has one snapshot. The first format is read by every version, before and after.
//!
//! The header says in the clear whose copy it is and which keys open it. The hash is over all before it, so
//! that damage shows without a key. The HMAC is over all before it, too, by the key that sealed when the
//! copy was made: without that key nobody adds, removes or exchanges a record.

use std::fmt;

use countersign_bus::UserName;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::first_format::{FirstReplayed, FirstSnapshot, replay_file};
use super::frame::Salt;
use super::key::{Key, KeyId, Keyring};
use super::seal::{Entropy, SealError, key_of, unseal};
use super::survey::Checked;

const MAGIC: &[u8] = b"countersign backup ";
const FORMAT: u32 = 1;
const HASH: usize = 32;
/// The longest header that is read, in bytes.
const LONGEST_HEADER: usize = 64 * 1024;

/// What a backup says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// The version that wrote it.
    pub version: String,
    /// The host that it is of.
    pub host: String,
    /// When it was made, in seconds of Unix time.
    pub made: u64,
    /// How many records it has.
    pub records: usize,
    /// The keys that they are under.
    pub keys: Vec<String>,
    /// The key that vouches for the whole.
    pub by: String,
    /// How long the journal in it is, in bytes.
    pub bytes: usize,
}

/// Where and when a backup is made.
pub struct Origin {
    /// The host.
    pub host: String,
    /// Seconds of Unix time.
    pub made: u64,
}

/// A backup that was just made.
pub struct Made {
    /// The file.
    pub file: Vec<u8>,
    /// Its header.
    pub header: Header,
    /// Whose records no key here opens. They are not in it.
    pub unreadable: Vec<UserName>,
}

/// A whole file, not opened yet.
pub struct Backup {
    /// What it says of itself.
    pub header: Header,
    /// Up to which version its records go.
    pub(super) last_version: u64,
    covered: Vec<u8>,
    mac: Vec<u8>,
    journal: FirstReplayed,
}

/// A record that was opened, and whose it is.
pub type PlainRecord = (UserName, Zeroizing<Vec<u8>>);
/// The records of a backup, plain.
pub type Records = Vec<PlainRecord>;

/// Makes a backup of a store as it lies on the disk.
pub fn back_up(
    checked: &Checked,
    keys: &Keyring,
    origin: Origin,
    entropy: &Entropy,
) -> Result<Made, BackupError> {
    let mut salt = Salt([0; 16]);
    entropy(&mut salt.0).map_err(|error| BackupError::NoEntropy {
        reason: error.to_string(),
    })?;
    let (mut under, mut unreadable): (Vec<KeyId>, Vec<UserName>) = <_>::default();
    let mut journal = FirstSnapshot::begin(salt);
    for row in checked.records() {
        let row = row.map_err(|block| BackupError::Unreadable {
            offset: block.offset,
            reason: block.reason,
        })?;
        match unseal(keys, &row.user, &row.record).and_then(|_| key_of(&row.record)) {
            Ok(id) => {
                if !under.contains(&id) {
                    under.push(id);
                }
                journal.add(&row).ok_or(BackupError::TooLarge)?;
            }
            Err(_) => unreadable.push(row.user),
        }
    }
    let records = journal.records;
    let journal = journal
        .end(checked.last_version)
        .ok_or(BackupError::TooLarge)?;
    let by = &keys.current;
    if !under.contains(&by.id()) {
        under.push(by.id());
    }
    let header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: origin.host,
        made: origin.made,
        records,
        keys: under.iter().map(KeyId::to_string).collect(),
        by: by.id().to_string(),
        bytes: journal.len(),
    };
    let mut file = MAGIC.to_vec();
    file.extend(format!("{FORMAT}\n").into_bytes());
    file.extend(serde_json::to_vec(&header).map_err(|_| BackupError::TooLarge)?);
    file.push(b'\n');
    file.extend(journal);
    let hash = Sha256::digest(&file);
    file.extend(hash);
    let mac = authentic(by, &file).finalize().into_bytes();
    file.extend(mac);
    Ok(Made {
        file,
        header,
        unreadable,
    })
}

/// Reads a backup and finds damage. No key is needed for that.
pub fn read_backup(file: &[u8]) -> Result<Backup, BackupError> {
    let rest = file.strip_prefix(MAGIC).ok_or(BackupError::NotABackup)?;
    let (format, rest) = line(rest, 10).ok_or(BackupError::NotABackup)?;
    match std::str::from_utf8(format).map(str::parse::<u32>) {
        Ok(Ok(FORMAT)) => {}
        Ok(Ok(format)) if format > FORMAT => return Err(BackupError::Newer { format }),
        _ => return Err(BackupError::NotABackup),
    }
    let changed = || BackupError::Changed;
    let (header, rest) = line(rest, LONGEST_HEADER).ok_or_else(changed)?;
    let header: Header = serde_json::from_slice(header).map_err(|_| changed())?;
    let wanted = header
        .bytes
        .checked_add(2 * HASH)
        .and_then(|length| length.checked_add(file.len() - rest.len()))
        .ok_or_else(changed)?;
    if file.len() != wanted {
        return Err(BackupError::WrongLength {
            bytes: file.len(),
            wanted,
        });
    }
    let (covered, mac) = file
        .split_at_checked(file.len() - HASH)
        .ok_or_else(changed)?;
    let (hashed, hash) = covered
        .split_at_checked(covered.len() - HASH)
        .ok_or_else(changed)?;
    if Sha256::digest(hashed).as_slice() != hash {
        return Err(changed());
    }
    let journal = rest.get(..header.bytes).ok_or_else(changed)?;
    let replayed = replay_file(journal).map_err(|_| changed())?;
    let whole = replayed.tail.torn == 0
        && usize::try_from(replayed.tail.length) == Ok(journal.len())
        && replayed.rows.len() == header.records;
    if !whole {
        return Err(changed());
    }
    Ok(Backup {
        last_version: replayed.last_version,
        covered: covered.to_vec(),
        mac: mac.to_vec(),
        journal: replayed,
        header,
    })
}

impl Backup {
    /// Opens every record with these keys, or none.
    pub fn open(&self, keys: &Keyring) -> Result<Records, BackupError> {
        let lacking = |needed: &[String]| {
            let missing = |id: &&String| KeyId::parse(id).is_none_or(|id| keys.find(id).is_none());
            let needed: Vec<String> = needed.iter().filter(missing).cloned().collect();
            BackupError::WrongKey {
                needed,
                given: keys.all().map(|key| key.id().to_string()).collect(),
            }
        };
        let by = KeyId::parse(&self.header.by).and_then(|id| keys.find(id));
        let by = by.ok_or_else(|| lacking(&self.header.keys))?;
        authentic(by, &self.covered)
            .verify_slice(&self.mac)
            .map_err(|_| BackupError::Forged)?;
        self.journal
            .rows
            .iter()
            .map(|(user, (_, sealed))| match unseal(keys, user, sealed) {
                Ok(record) => Ok((user.clone(), record)),
                Err(SealError::UnknownKey { id }) => Err(lacking(&[id.to_string()])),
                Err(why) => Err(BackupError::Record {
                    user: user.clone(),
                    why,
                }),
            })
            .collect()
    }
}

fn authentic(key: &Key, covered: &[u8]) -> Hmac<Sha256> {
    // A key of its own for this use: HMAC takes any length.
    let derived: Zeroizing<[u8; HASH]> = Zeroizing::new(
        keyed(key.expose())
            .chain_update(b"countersign backup")
            .finalize()
            .into_bytes()
            .into(),
    );
    keyed(&derived).chain_update(covered)
}

#[allow(
    clippy::expect_used,
    reason = "HMAC takes keys of every length; there is no other error"
)]
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

fn line(bytes: &[u8], longest: usize) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(longest).position(|byte| *byte == b'\n')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// Why there is no backup, or no use in one. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackupError {
    /// Some other file.
    NotABackup,
    /// Of a later version.
    Newer {
        /// Its format.
        format: u32,
    },
    /// Cut short, or with something behind it.
    WrongLength {
        /// Its length in bytes.
        bytes: usize,
        /// What it should be.
        wanted: usize,
    },
    /// Not what was written.
    Changed,
    /// No key that opens it.
    WrongKey {
        /// Those that are missing.
        needed: Vec<String>,
        /// Those that are there.
        given: Vec<String>,
    },
    /// Whole, but not made by whoever has the key.
    Forged,
    /// A record that does not open.
    Record {
        /// Whose.
        user: UserName,
        /// Why not.
        why: SealError,
    },
    /// A part of the store that cannot be read.
    Unreadable {
        /// Where it begins in the journal, in bytes.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// More than the form has room for.
    TooLarge,
    /// No random bytes.
    NoEntropy {
        /// What the system said.
        reason: String,
    },
}

impl BackupError {
    /// What programs call it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotABackup => "not-a-backup",
            Self::Newer { .. } => "newer",
            Self::WrongLength { .. } => "wrong-length",
            Self::Changed => "changed",
            Self::WrongKey { .. } => "wrong-key",
            Self::Forged => "forged",
            Self::Record { .. } => "record",
            Self::Unreadable { .. } => "unreadable",
            Self::TooLarge => "too-large",
            Self::NoEntropy { .. } => "no-entropy",
        }
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABackup => f.write_str("it is not a backup of Countersign"),
            Self::Newer { format } => write!(
                f,
                "it has format {format}, which a later version wrote; install that version"
            ),
            Self::WrongLength { bytes, wanted } => {
                write!(f, "it has {bytes} bytes and should have {wanted}")
            }
            Self::Changed => f.write_str("it is damaged"),
            Self::WrongKey { needed, given } => write!(
                f,
                "it needs key {}, and here is {}",
                needed.join(", "),
                given.join(", ")
            ),
            Self::Forged => f.write_str("it was not made with the key that it names"),
            Self::Record { user, why } => write!(f, "the record of {user}: {why}"),
            Self::Unreadable { offset, reason } => write!(
                f,
                "the records at byte {offset} of the journal cannot be read ({reason})"
            ),
            Self::TooLarge => f.write_str("it would be too large"),
            Self::NoEntropy { reason } => write!(f, "no random bytes ({reason})"),
        }
    }
}

impl std::error::Error for BackupError {}
