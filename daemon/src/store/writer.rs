use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use countersign_bus::UserName;
use tokio::sync::oneshot;

use super::entry::Change;
use super::journal::Journal;
use super::notice::{Notice, Report};
use super::outcome::{Durability, StoreError, Swapped, Version};
use super::table::Table;

/// Where one batch ends, in swaps and in bytes of records.
const BATCH: usize = 1024;
const BATCH_BYTES: usize = 1024 * 1024;
/// When more waits in memory than this many bytes, a snapshot is the better way to the disk: every
/// login on a failed disk tries to write all that waits.
const UNSAVED_BYTES: usize = 1024 * 1024;

/// The answer to a swap.
pub(super) type Reply = Result<Swapped, StoreError>;

/// A swap on its way to the disk.
pub(super) struct Request {
    pub(super) user: UserName,
    pub(super) expected: Version,
    pub(super) record: Option<Arc<[u8]>>,
    pub(super) durability: Durability,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// The one thread that changes anything: it takes all swaps that wait, compares them in their
/// order, writes them together, and answers them.
pub(super) struct Writer {
    pub(super) journal: Journal,
    pub(super) table: Arc<RwLock<Table>>,
    pub(super) last_version: u64,
    /// Whose records are newer in memory than on the disk.
    pub(super) unsaved: BTreeSet<UserName>,
    /// How many those are, for whoever asks.
    pub(super) unsaved_count: Arc<AtomicUsize>,
    /// How long the journal is, for whoever asks.
    pub(super) journal_bytes: Arc<AtomicU64>,
    /// Has the last write failed?
    pub(super) failing: bool,
    pub(super) retry_every: Duration,
    pub(super) report: Report,
}

impl Writer {
    /// Serves until the last handle is gone.
    pub(super) fn run(mut self, queue: &Receiver<Request>) {
        loop {
            let next = if self.failing {
                queue.recv_timeout(self.retry_every)
            } else {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match next {
                Ok(first) => self.serve(gather(first, queue)),
                Err(RecvTimeoutError::Timeout) => drop(self.commit(&[])),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tidy();
        }
        if !self.unsaved.is_empty() {
            drop(self.commit(&[]));
        }
    }

    fn serve(&mut self, batch: Vec<Request>) {
        let (unkept, batch): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|request| request.durability == Durability::Never);
        let changes = self.compare(&batch, |_| true);
        let winners: Vec<Change> = changes.iter().flatten().cloned().collect();
        if winners.is_empty() {
            self.turn_back(unkept);
            return answer_late(batch.into_iter().zip(changes));
        }
        let appended = self.append(&winners);
        self.turn_back(unkept);
        if let Err(reason) = appended {
            return self.serve_from_memory(batch, &reason);
        }
        let (early, late) = split(batch, changes);
        self.show(early.iter().map(|(_, change)| change));
        let mut unsynced = Vec::with_capacity(early.len());
        for (request, change) in early {
            request.answer(Ok(Swapped::Appended(version_after(&change))));
            unsynced.push(change.user);
        }
        match self.sync() {
            Ok(()) => {
                self.show(late.iter().filter_map(|(_, change)| change.as_ref()));
                answer_late(late);
            }
            Err(reason) => {
                self.unsaved.extend(unsynced);
                let late = late.into_iter().map(|(request, _)| request);
                self.serve_from_memory(late.collect(), &reason);
            }
        }
    }

    /// Answers those of whom nothing is kept, when the others have theirs in the journal.
    fn turn_back(&self, requests: Vec<Request>) {
        if requests.is_empty() {
            return;
        }
        let change = |request: &Request| Change {
            user: request.user.clone(),
            version: self.last_version,
            record: request.record.clone(),
        };
        self.journal
            .rehearse(&requests.iter().map(change).collect::<Vec<_>>());
        for request in requests {
            request.answer(Ok(Swapped::Unkept));
        }
    }

    /// Nothing of the batch is on the disk. Whoever can do with memory is compared again, as if
    /// those who cannot had never asked.
    fn serve_from_memory(&mut self, batch: Vec<Request>, reason: &str) {
        let changes = self.compare(&batch, |request| request.durability.does_with_memory());
        self.show(changes.iter().flatten());
        self.unsaved
            .extend(changes.iter().flatten().map(|change| change.user.clone()));
        self.count_unsaved();
        for (request, change) in batch.into_iter().zip(changes) {
            let answer = match (change, request.durability) {
                (Some(change), _) => {
                    Ok(Swapped::InMemory(version_after(&change), reason.to_owned()))
                }
                (None, durability) if durability.does_with_memory() => Ok(Swapped::Lost),
                (None, _) => Err(StoreError::StorageFailed {
                    reason: reason.to_owned(),
                }),
            };
            request.answer(answer);
        }
    }

    /// Compares each request with the state that those before it make, and gives the winners their
    /// versions.
    fn compare(
        &mut self,
        batch: &[Request],
        counts: impl Fn(&Request) -> bool,
    ) -> Vec<Option<Change>> {
        let table = read(&self.table);
        let mut overlay: BTreeMap<&UserName, Version> = BTreeMap::new();
        let mut changes = Vec::with_capacity(batch.len());
        for request in batch {
            let current = overlay.get(&request.user).copied();
            let current = current.unwrap_or_else(|| table.load(&request.user).version);
            if !counts(request) || current != request.expected {
                changes.push(None);
                continue;
            }
            self.last_version += 1;
            let change = Change {
                user: request.user.clone(),
                version: self.last_version,
                record: request.record.clone(),
            };
            overlay.insert(&request.user, version_after(&change));
            changes.push(Some(change));
        }
        changes
    }

    fn show<'c>(&self, changes: impl Iterator<Item = &'c Change>) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        changes.cloned().for_each(|change| table.apply(change));
    }

    /// Puts what waits in memory, and then `winners`, on the disk: all of it or nothing.
    fn commit(&mut self, winners: &[Change]) -> Result<(), String> {
        self.append(winners)?;
        self.sync()
    }

    /// The first half of it.
    fn append(&mut self, winners: &[Change]) -> Result<(), String> {
        let written = self.write(winners);
        written.map_err(|error| self.has_failed(&error))
    }

    /// The second half.
    fn sync(&mut self) -> Result<(), String> {
        let synced = self.journal.sync();
        synced.map_err(|error| self.has_failed(&error))?;
        let records = self.unsaved.len();
        self.unsaved.clear();
        self.count_unsaved();
        self.measure();
        if std::mem::take(&mut self.failing) {
            (self.report)(Notice::WritesResumed { records });
        }
        Ok(())
    }

    fn has_failed(&mut self, error: &std::io::Error) -> String {
        let reason = error.to_string();
        if !std::mem::replace(&mut self.failing, true) {
            (self.report)(Notice::WritesFailing {
                reason: reason.clone(),
            });
        }
        reason
    }

    fn write(&mut self, winners: &[Change]) -> std::io::Result<()> {
        let mut changes = self.unsaved_changes();
        let bytes: usize = changes.iter().map(size).sum();
        if self.journal.needs_rewrite() || bytes > UNSAVED_BYTES {
            // The snapshot has what waits in memory, too.
            self.journal
                .rewrite(&read(&self.table), self.last_version)?;
            changes.clear();
            if winners.is_empty() {
                return Ok(());
            }
        }
        changes.extend_from_slice(winners);
        // Without any change this still finds out whether the disk takes writes again.
        self.journal.append(&changes)
    }

    fn measure(&self) {
        self.journal_bytes
            .store(self.journal.length(), Ordering::Relaxed);
    }

    fn count_unsaved(&self) {
        self.unsaved_count
            .store(self.unsaved.len(), Ordering::Relaxed);
    }

    fn unsaved_changes(&self) -> Vec<Change> {
        let table = read(&self.table);
        let change = |user: &UserName| {
            let stored = table.load(user);
            Change {
                user: user.clone(),
                version: stored.version.0,
                record: stored.record,
            }
        };
        self.unsaved.iter().map(change).collect()
    }

    /// What nobody waits for.
    fn tidy(&mut self) {
        if self.failing || self.journal.needs_rewrite() {
            return;
        }
        let table = read(&self.table);
        if self.journal.is_outgrown(table.bytes())
            && let Err(error) = self.journal.rewrite(&table, self.last_version)
        {
            (self.report)(Notice::SnapshotFailed {
                reason: error.to_string(),
            });
        }
        drop(table);
        self.measure();
        self.journal.reserve();
    }
}

impl Request {
    fn answer(self, reply: Reply) {
        // Nobody listens any more when the call was given up; what was done stays done.
        let _ = self.reply.send(reply);
    }
}

fn gather(first: Request, queue: &Receiver<Request>) -> Vec<Request> {
    let size = |request: &Request| request.record.as_deref().map_or(0, <[u8]>::len);
    let mut bytes = size(&first);
    let mut batch = vec![first];
    while bytes < BATCH_BYTES
        && batch.len() < BATCH
        && let Ok(request) = queue.try_recv()
    {
        bytes += size(&request);
        batch.push(request);
    }
    batch
}

type Early = Vec<(Request, Change)>;
type Late = Vec<(Request, Option<Change>)>;

/// Who of a batch is answered before the sync and who after it: first those who said
/// [`Durability::Soon`] and build on nothing of the batch that may still fail.
fn split(batch: Vec<Request>, changes: Vec<Option<Change>>) -> (Early, Late) {
    let (mut early, mut late) = (Early::new(), Late::new());
    let mut open = BTreeSet::new();
    for (request, change) in batch.into_iter().zip(changes) {
        match change {
            Some(change)
                if request.durability == Durability::Soon && !open.contains(&request.user) =>
            {
                early.push((request, change));
            }
            change => {
                open.extend(change.as_ref().map(|change| change.user.clone()));
                late.push((request, change));
            }
        }
    }
    (early, late)
}

fn answer_late(late: impl IntoIterator<Item = (Request, Option<Change>)>) {
    for (request, change) in late {
        let version = change.as_ref().map(version_after);
        request.answer(Ok(version.map_or(Swapped::Lost, Swapped::Durable)));
    }
}

fn version_after(change: &Change) -> Version {
    if change.record.is_some() {
        Version(change.version)
    } else {
        Version::ABSENT
    }
}

fn size(change: &Change) -> usize {
    change.record.as_deref().map_or(0, <[u8]>::len)
}

fn read(table: &RwLock<Table>) -> RwLockReadGuard<'_, Table> {
    table.read().unwrap_or_else(PoisonError::into_inner)
}
