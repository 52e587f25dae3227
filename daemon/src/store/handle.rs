use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};

use countersign_bus::UserName;
use tokio::sync::oneshot;

use super::key::KeyId;
use super::open_error::OpenError;
use super::opening::{Opened, Opening, Writes, open};
use super::outcome::{Durability, MAX_RECORD_BYTES, StoreError, Stored, Swapped, Version};
use super::scrub;
use super::table::{Table, read};
use super::writer::{Request, Writer};

/// How many swaps may wait: more than there are places for calls on both roads together, so that a
/// storm of logins waits its turn and nobody in it is turned away here.
pub(super) const QUEUE: usize = 4096;

/// The embedded store: opaque records by user name.
///
/// Dropping it waits until what was asked for is written.
pub struct Store {
    table: Arc<RwLock<Table>>,
    unsaved: Arc<AtomicUsize>,
    journal_bytes: Arc<AtomicU64>,
    queue: Option<SyncSender<Request>>,
    writer: Option<JoinHandle<()>>,
}

/// A record in a list, with its version, or why it cannot be read.
pub type Listed = (UserName, Result<(Version, Arc<[u8]>), StoreError>);

impl Store {
    /// Opens the store of a directory, or makes one where there has never been any.
    pub fn open(opening: &Opening) -> Result<Self, OpenError> {
        let Opened {
            journal,
            table,
            last_version,
            writes,
        } = open(opening)?;
        scrub::begin(table.base(), &opening.beside, &opening.report);
        let table = Arc::new(RwLock::new(table));
        let unsaved = Arc::new(AtomicUsize::new(0));
        let journal_bytes = Arc::new(AtomicU64::new(journal.length()));
        let (queue, requests) = sync_channel(QUEUE);
        let writer = Writer {
            failing: writes == Writes::Fail,
            journal,
            table: Arc::clone(&table),
            last_version,
            beside: Arc::clone(&opening.beside),
            compaction: None,
            unsaved: BTreeMap::new(),
            caught_up: 0,
            unsaved_count: Arc::clone(&unsaved),
            journal_bytes: Arc::clone(&journal_bytes),
            retry_every: opening.retry_every,
            report: Arc::clone(&opening.report),
        };
        let writer = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run(&requests))
            .map_err(|source| OpenError::System {
                doing: "starting the writer of",
                path: opening.state.path().to_owned(),
                source,
            })?;
        Ok(Self {
            table,
            unsaved,
            journal_bytes,
            queue: Some(queue),
            writer: Some(writer),
        })
    }

    /// A user's record as the last confirmed swap left it.
    pub fn load(&self, user: &UserName) -> Result<Stored, StoreError> {
        // Nobody waits for the disk under the lock.
        let found = self.table().find(user);
        Ok(found.load(user)?)
    }

    /// Puts `record` in the place of the version that was expected there; `None` removes it.
    ///
    /// Not answered [`Swapped::Durable`] before it is on the disk.
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<Vec<u8>>,
        durability: Durability,
    ) -> Result<Swapped, StoreError> {
        let bytes = record.as_ref().map_or(0, Vec::len);
        if bytes > MAX_RECORD_BYTES {
            return Err(StoreError::TooLarge { bytes });
        }
        let (reply, answer) = oneshot::channel();
        let record = record.map(Arc::from);
        let request = Request {
            user: user.clone(),
            expected,
            record,
            durability,
            reply,
        };
        let queue = self.queue.as_ref().ok_or(StoreError::Stopped)?;
        queue.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Stopped,
        })?;
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// At most `limit` records in the order of the names' bytes, those after a name. Some that cannot be
    /// read stand there together, under the first name of them; where that has been changed since, its
    /// record follows on the same page, beyond the limit if need be.
    pub fn list(&self, after: Option<&UserName>, limit: usize) -> Vec<Listed> {
        let table = self.table();
        let mut listed: Vec<Listed> = Vec::new();
        for row in table.after(after) {
            let (user, row) = match row {
                Ok(row) => (row.user, Ok((Version(row.version), row.record))),
                Err(unreadable) => match unreadable.first.clone() {
                    Some(first) => (first, Err(unreadable.into())),
                    None => continue,
                },
            };
            if listed.len() >= limit && listed.last().is_none_or(|(last, _)| *last != user) {
                break;
            }
            listed.push((user, row));
        }
        listed
    }

    /// How many users have a record.
    pub fn len(&self) -> usize {
        self.table().tally().records()
    }

    /// How many records are under which key.
    pub fn keys(&self) -> Vec<(KeyId, usize)> {
        self.table().tally().keys().collect()
    }

    /// How many records are newer in memory than on the disk.
    pub fn unsaved(&self) -> usize {
        self.unsaved.load(Ordering::Relaxed)
    }

    /// The length of the journal in bytes.
    pub fn journal_bytes(&self) -> u64 {
        self.journal_bytes.load(Ordering::Relaxed)
    }

    /// Has nobody a record?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn table(&self) -> RwLockReadGuard<'_, Table> {
        read(&self.table)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // The writer ends when the queue does.
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}
