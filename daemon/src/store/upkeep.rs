//! What the writer does besides answering: it puts the journal in order, and a new one in its place.

use std::io;
use std::sync::{Arc, PoisonError};

use super::compaction::{Compaction, Making, OnUnreadable};
use super::entry::Change;
use super::journal::NEW_JOURNAL;
use super::notice::Notice;
use super::snapshot::Fresh;
use super::table::read;
use super::writer::Writer;

/// When more waits in memory than this many bytes, and more than half of all there is, a snapshot is the
/// better way to the disk: every login on a failed disk tries to write all that waits.
const UNSAVED_BYTES: u64 = 1024 * 1024;
/// A store of more bytes is not written anew while somebody waits: whoever can do with memory goes on
/// with that until it is done.
const WAITED_FOR: u64 = 8 * 1024 * 1024;

impl Writer {
    /// What is to be done before anybody asks: a file of an earlier format becomes one of this.
    pub(super) fn begin(&mut self) {
        if self.journal.needs_rewrite() && !self.failing {
            // Everybody waits for this, once: better than to go on in memory.
            let all = self.begin_compaction().and_then(Compaction::wait);
            let done = all.and_then(|fresh| self.adopt(fresh));
            match done.inspect_err(|_| self.give_up()) {
                Ok(()) => {}
                Err(error) => drop(self.has_failed(&error)),
            }
        }
        self.tidy();
    }

    /// Puts on the disk what is in memory only, if it takes it.
    pub(super) fn end(mut self) {
        if let Some(compaction) = self.compaction.take() {
            let done = compaction.cancel();
            drop(
                done.and_then(|fresh| self.adopt(fresh))
                    .inspect_err(|_| self.give_up()),
            );
        }
        if !self.unsaved.is_empty() {
            drop(self.commit(&[]));
        }
    }

    /// Appends what waits in memory, and then `winners`.
    pub(super) fn write(&mut self, winners: &[Change]) -> io::Result<()> {
        let mut changes = self.unsaved_changes();
        let bytes: u64 = changes.iter().map(|change| change.size() as u64).sum();
        let all = read(&self.table).bytes();
        if self.journal.needs_rewrite() || bytes > UNSAVED_BYTES.max(all / 2) {
            // The snapshot has what waits in memory, too.
            self.rewrite(all)?;
            changes.clear();
            if winners.is_empty() {
                return Ok(());
            }
        }
        changes.extend_from_slice(winners);
        // Without any change this still finds out whether the disk takes writes again.
        self.journal.append(&changes)
    }

    /// Puts a new file with all that is in memory in the place of the journal, while somebody waits.
    fn rewrite(&mut self, bytes: u64) -> io::Result<()> {
        let compaction = match self.compaction.take() {
            Some(under_way) => under_way,
            None => self.begin_compaction()?,
        };
        if bytes > WAITED_FOR {
            self.compaction = Some(compaction);
            return Err(io::Error::other("the journal is being written anew"));
        }
        let done = compaction.wait();
        done.and_then(|fresh| self.adopt(fresh))
            .inspect_err(|_| self.give_up())
    }

    /// What nobody waits for.
    pub(super) fn tidy(&mut self) {
        self.look_at_compaction();
        if self.failing || self.journal.needs_rewrite() {
            return;
        }
        if self.compaction.is_none() && self.journal.is_outgrown() {
            match self.begin_compaction() {
                Ok(compaction) => self.compaction = Some(compaction),
                Err(error) => self.snapshot_failed(&error),
            }
            self.look_at_compaction();
        }
        self.measure();
        self.journal.write_ahead();
    }

    /// Begins a snapshot of what there is now. People go on while it is made.
    fn begin_compaction(&mut self) -> io::Result<Compaction> {
        let frozen = self
            .table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .freeze();
        let making = Making {
            disk: Arc::clone(self.journal.disk()),
            entropy: Arc::clone(self.journal.entropy()),
            beside: Arc::clone(&self.beside),
            last_version: self.last_version,
            fill: self.journal.fill(),
            unreadable: if self.journal.does_without() {
                OnUnreadable::CarryOver
            } else {
                OnUnreadable::TryAgain
            },
        };
        Compaction::begin(making, frozen).inspect_err(|_| self.give_up())
    }

    fn look_at_compaction(&mut self) {
        let Some(done) = self.compaction.as_ref().and_then(Compaction::poll) else {
            return;
        };
        self.compaction = None;
        match done.and_then(|fresh| self.adopt(fresh)) {
            Ok(()) => self.has_worked(),
            Err(error) => {
                self.give_up();
                self.snapshot_failed(&error);
            }
        }
    }

    /// Puts a new file in the place of the journal.
    fn adopt(&mut self, fresh: Fresh) -> io::Result<()> {
        // Nobody else changes the table, and those who read it need not wait for the disk.
        let adopted = self.journal.adopt(fresh, read(&self.table).since())?;
        let before = self
            .table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .settle(adopted.base, adopted.beside);
        // The space of a large file is given back when nobody holds it any more, and that takes time.
        let _ = self
            .beside
            .run("store-drop", Box::new(move || drop(before)));
        self.caught_up = self.unsaved.len();
        self.unsaved.clear();
        adopted.named
    }

    /// Goes on with the old file.
    fn give_up(&self) {
        // Half a file takes space that the next login may need.
        let _ = self.journal.disk().remove(NEW_JOURNAL);
        self.table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .thaw();
    }

    fn snapshot_failed(&mut self, error: &io::Error) {
        self.journal.put_off();
        (self.report)(Notice::SnapshotFailed {
            reason: error.to_string(),
        });
    }
}
