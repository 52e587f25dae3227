use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_bus::UserName;
use tokio::sync::oneshot;

use super::compaction::{Beside, Compaction};
use super::entry::Change;
use super::journal::Journal;
use super::judge::{Judged, judge, split, version_after};
use super::notice::{Notice, Report};
use super::outcome::{Durability, StoreError, Swapped, Version};
use super::table::{Found, Table, read};
use super::tally::Was;

/// Where one batch ends, in swaps and in bytes of records.
const BATCH: usize = 1024;
const BATCH_BYTES: usize = 1024 * 1024;
/// How often a snapshot under way is asked whether it is complete.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
    pub(super) beside: Arc<dyn Beside>,
    /// The next snapshot, while it is made.
    pub(super) compaction: Option<Compaction>,
    /// Whose records are newer in memory than on the disk, and what is on the disk of them.
    pub(super) unsaved: BTreeMap<UserName, Was>,
    /// How many were until a new file had them, since the last write that succeeded.
    pub(super) caught_up: usize,
    /// How many are newer in memory, for whoever asks.
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
        self.begin();
        loop {
            let next = match self.patience() {
                Some(patience) => queue.recv_timeout(patience),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(first) => self.serve(gather(first, queue)),
                Err(RecvTimeoutError::Timeout) if self.compaction.is_some() => {}
                Err(RecvTimeoutError::Timeout) => drop(self.commit(&[])),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tidy();
        }
        self.end();
    }

    /// How long to wait for somebody who wants something. `None`: for ever.
    fn patience(&self) -> Option<Duration> {
        let looks_again = self.compaction.is_some().then_some(LOOK_AGAIN);
        looks_again.or(self.failing.then_some(self.retry_every))
    }

    fn serve(&mut self, batch: Vec<Request>) {
        let (unkept, batch): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|request| request.durability == Durability::Never);
        let judged = judge(&self.table, &mut self.last_version, &batch, |_| true);
        let winners: Vec<Change> = judged.iter().filter_map(Judged::won).cloned().collect();
        if winners.is_empty() {
            self.turn_back(unkept);
            return answer_late(batch.into_iter().zip(judged));
        }
        let appended = self.append(&winners);
        self.turn_back(unkept);
        if let Err(reason) = appended {
            return self.serve_from_memory(batch, &reason);
        }
        let (early, late) = split(batch, judged);
        self.show(early.iter().map(|(_, change)| change));
        let mut unsynced = Vec::with_capacity(early.len());
        for (request, change) in early {
            request.answer(Ok(Swapped::Appended(version_after(&change))));
            unsynced.push((change.user, change.was));
        }
        match self.sync() {
            Ok(()) => {
                self.show(late.iter().filter_map(|(_, judged)| judged.won()));
                answer_late(late);
            }
            Err(reason) => {
                self.remember_unsaved(unsynced);
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
            was: Was::Nothing,
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
        let judged = judge(&self.table, &mut self.last_version, &batch, |request| {
            request.durability.does_with_memory()
        });
        self.show(judged.iter().filter_map(Judged::won));
        let won = judged.iter().filter_map(Judged::won);
        let won: Vec<_> = won
            .map(|change| (change.user.clone(), change.was))
            .collect();
        self.remember_unsaved(won);
        for (request, judged) in batch.into_iter().zip(judged) {
            let answer = match judged {
                Judged::Won(change) => {
                    Ok(Swapped::InMemory(version_after(&change), reason.to_owned()))
                }
                Judged::Unreadable(error) => Err(error),
                Judged::Lost if request.durability.does_with_memory() => Ok(Swapped::Lost),
                Judged::Lost => Err(StoreError::StorageFailed {
                    reason: reason.to_owned(),
                }),
            };
            request.answer(answer);
        }
    }

    fn show<'c>(&self, changes: impl Iterator<Item = &'c Change>) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        changes.cloned().for_each(|change| table.apply(change));
    }

    /// Puts what waits in memory, and then `winners`, on the disk: all of it or nothing.
    pub(super) fn commit(&mut self, winners: &[Change]) -> Result<(), String> {
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
        self.has_worked();
        Ok(())
    }

    pub(super) fn has_failed(&mut self, error: &std::io::Error) -> String {
        let reason = error.to_string();
        if !std::mem::replace(&mut self.failing, true) {
            (self.report)(Notice::WritesFailing {
                reason: reason.clone(),
            });
        }
        reason
    }

    /// All that is in memory is on the disk.
    pub(super) fn has_worked(&mut self) {
        let records = self.unsaved.len() + std::mem::take(&mut self.caught_up);
        self.unsaved.clear();
        self.count_unsaved();
        self.measure();
        if std::mem::take(&mut self.failing) {
            (self.report)(Notice::WritesResumed { records });
        }
    }

    pub(super) fn measure(&self) {
        self.journal_bytes
            .store(self.journal.length(), Ordering::Relaxed);
    }

    fn remember_unsaved(&mut self, changed: impl IntoIterator<Item = (UserName, Was)>) {
        for (user, was) in changed {
            self.unsaved.entry(user).or_insert(was);
        }
        self.count_unsaved();
    }

    fn count_unsaved(&self) {
        self.unsaved_count
            .store(self.unsaved.len(), Ordering::Relaxed);
    }

    /// What waits in memory.
    pub(super) fn unsaved_changes(&self) -> Vec<Change> {
        let table = read(&self.table);
        let change = |(user, was): (&UserName, &Was)| match table.find(user) {
            Found::Changed(cell) => Some(Change {
                user: user.clone(),
                version: cell.version,
                record: cell.record,
                was: *was,
            }),
            Found::InBase(_) => None, // what changed in memory only is in no snapshot
        };
        self.unsaved.iter().filter_map(change).collect()
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

fn answer_late(late: impl IntoIterator<Item = (Request, Judged)>) {
    for (request, judged) in late {
        request.answer(judged.durable());
    }
}
