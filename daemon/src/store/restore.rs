//! Puts records in the place of a store, whatever is there.

use std::io;
use std::sync::Arc;

use super::backup::{Backup, PlainRecord};
use super::confirmed::{self, Confirmed};
use super::disk::{Disk, DiskFile};
use super::entry::Row;
use super::journal::{JOURNAL, NEW_JOURNAL};
use super::key::{Keyring, generate};
use super::key_error::KeyError;
use super::opening::{LOCK, MARKER};
use super::seal::{Entropy, SealError, seal, unseal};
use super::snapshot::{Draft, Fresh};

/// How much of a new store waits to be synced at most, in bytes.
const UNSYNCED: u64 = 16 * 1024 * 1024;

/// The store of a directory, held so that no daemon opens it. Ends with the process, whatever ends that.
pub struct Held {
    lock: Box<dyn DiskFile>,
}

impl Held {
    /// Takes hold. `None`: somebody else has it.
    pub fn take(state: &dyn Disk) -> io::Result<Option<Self>> {
        match state.lock(LOCK) {
            Ok(lock) => Ok(Some(Self { lock })),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins a store with these records, which come in the order of their names, under a key that is made
    /// for it. Says how many they were. Where there is a journal already, nothing is done.
    ///
    /// One block of them is in memory at a time.
    pub fn fill(
        &self,
        state: &dyn Disk,
        entropy: &Entropy,
        records: impl Iterator<Item = PlainRecord>,
    ) -> Result<usize, RestoreError> {
        if state.open(JOURNAL)?.is_some() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
        }
        let keys = Keyring {
            current: generate(state, entropy)?,
            older: Vec::new(),
        };
        let mut draft = Draft::begin(state, entropy)?;
        let (mut version, mut synced) = (0, draft.written());
        for (user, record) in records {
            version += 1;
            draft.add(&Row {
                record: Arc::from(
                    seal(&keys, entropy, &user, &record).map_err(RestoreError::Seal)?,
                ),
                user,
                version,
            })?;
            if draft.written() - synced > UNSYNCED {
                draft.sync()?;
                synced = draft.written();
            }
        }
        let fresh = draft.end(version, 0)?.publish(state)?;
        self.mark(&fresh)?;
        Ok(fresh.base.index.tally.records())
    }

    /// From here on a journal that goes missing, or short, is a loss.
    fn mark(&self, fresh: &Fresh) -> io::Result<()> {
        let confirmed = Confirmed {
            salt: fresh.base.salt,
            length: fresh.length,
        };
        self.lock.write_at(0, MARKER)?;
        self.lock.write_at(confirmed::AT, &confirmed.to_bytes())?;
        self.lock.sync()
    }

    /// Seals `records` under this machine's key, which is made where there is none, and puts them in the
    /// place of the journal. What was there is kept under the name `aside`, if there was something.
    ///
    /// Until the last step the earlier store is in its place, and from then on the new one.
    pub fn restore(
        &self,
        state: &dyn Disk,
        keys: Option<Keyring>,
        entropy: &Entropy,
        (backup, records): (&Backup, &[PlainRecord]),
        aside: &str,
    ) -> Result<Restored, RestoreError> {
        let keys = match keys {
            Some(keys) => keys.alone(),
            None => Keyring {
                current: generate(state, entropy)?,
                older: Vec::new(),
            },
        };
        let mut version = backup.last_version;
        let mut draft = Draft::begin(state, entropy)?;
        for (user, record) in records {
            version += 1;
            let sealed = seal(&keys, entropy, user, record).map_err(RestoreError::Seal)?;
            draft.add(&Row {
                user: user.clone(),
                version,
                record: Arc::from(sealed),
            })?;
        }
        let fresh = draft.end(version, 0)?;
        read_again(&fresh, &keys, records)?;
        let kept = match state.link(JOURNAL, aside) {
            Ok(()) => Kept::Aside,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::Nothing,
            Err(error) => return Err(error.into()),
        };
        state.sync()?;
        state.replace(NEW_JOURNAL, JOURNAL)?;
        state.sync()?;
        self.mark(&fresh)?;
        Ok(Restored {
            kept,
            key: keys.current.id(),
        })
    }
}

/// What was done.
pub struct Restored {
    /// What became of the earlier store.
    pub kept: Kept,
    /// The key that the records are under now.
    pub key: super::key::KeyId,
}

/// What became of the earlier store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// It lies beside the new one.
    Aside,
    /// There was none.
    Nothing,
}

/// What was written is what was meant, before it takes the place of anything.
fn read_again(fresh: &Fresh, keys: &Keyring, records: &[PlainRecord]) -> Result<(), RestoreError> {
    let mut left = records.iter();
    for block in 0..fresh.base.index.blocks() {
        let rows = fresh
            .base
            .rows(block)
            .map_err(|_| RestoreError::NotWritten)?;
        for row in rows {
            let opened = unseal(keys, &row.user, &row.record);
            let same = left.next().is_some_and(|(user, record)| {
                row.user == *user && opened.is_ok_and(|opened| *opened == **record)
            });
            if !same {
                return Err(RestoreError::NotWritten);
            }
        }
    }
    match left.next() {
        None => Ok(()),
        Some(_) => Err(RestoreError::NotWritten),
    }
}

/// Why a store was not put there. The earlier one is in its place.
#[derive(Debug)]
pub enum RestoreError {
    /// There is no key, and none could be made.
    Key(KeyError),
    /// A record could not be sealed.
    Seal(SealError),
    /// The disk gave back something else than was written.
    NotWritten,
    /// The disk failed.
    System(io::Error),
}

impl From<io::Error> for RestoreError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<KeyError> for RestoreError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl std::fmt::Display for RestoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::Seal(error) => error.fmt(f),
            Self::NotWritten => f.write_str(
                "restoring the store: the disk gave back something else than was written; check \
                 the disk",
            ),
            Self::System(error) => write!(f, "restoring the store: {error}"),
        }
    }
}

impl std::error::Error for RestoreError {}
