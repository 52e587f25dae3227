use std::io;
use std::sync::Arc;

use super::confirmed::{self, Confirmed};
use super::disk::{Disk, DiskFile};
use super::entry::Change;
use super::frame::{Kind, Salt, frame};
use super::layer::Layer;
use super::opening::Opening;
use super::replay::Format;
use super::seal::Entropy;
use super::snapshot::{Fresh, fill_with_zeros};

/// The name of the data file.
pub(super) const JOURNAL: &str = "journal";
/// The name of the next one while it is written.
pub(super) const NEW_JOURNAL: &str = "journal.new";

/// However large the snapshot is, so many bytes of changes are the most that a start should read and
/// that should be in memory.
const MOST_CHANGES: u64 = 16 * 1024 * 1024;
/// How many bytes of changes go into one frame when many are written.
const CHUNK: usize = 1024 * 1024;

/// Can the file be appended to?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tail {
    /// Yes: behind the last frame that was confirmed are zeros or nothing.
    Sound,
    /// No. A sync failed, after which the kernel may drop what it holds and call the next sync a
    /// success; or what was not confirmed could not be cut off. Only a new file helps.
    Untrusted,
}

/// The data file, open for writing.
pub(super) struct Journal {
    disk: Arc<dyn Disk>,
    entropy: Entropy,
    /// Held for as long as this lives.
    lock: Box<dyn DiskFile>,
    file: Arc<dyn DiskFile>,
    salt: Salt,
    /// Where the changes begin that the next snapshot takes in.
    changes_at: u64,
    length: u64,
    /// How many bytes behind that were appended and not yet synced.
    unsynced: u64,
    frames: u64,
    tail: Tail,
    /// Up to where there are zeros, written and synced.
    filled_to: u64,
    /// How many zeros are written ahead, in bytes.
    fill: u64,
    snapshot_from: u64,
    /// After a snapshot failed: at which length it is tried again.
    snapshot_again: u64,
}

/// A data file as it was found.
pub(super) struct DataFile {
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) salt: Salt,
    pub(super) changes_at: u64,
    pub(super) length: u64,
    pub(super) frames: u64,
    /// How long it is with what follows the last frame.
    pub(super) file_length: u64,
    pub(super) format: Format,
}

impl Journal {
    /// Continues a file.
    pub(super) fn new(opening: &Opening, lock: Box<dyn DiskFile>, at: DataFile) -> Self {
        Self {
            disk: Arc::clone(&opening.state),
            entropy: Arc::clone(&opening.entropy),
            lock,
            file: at.file,
            salt: at.salt,
            changes_at: at.changes_at,
            length: at.length,
            unsynced: 0,
            frames: at.frames,
            tail: match at.format {
                Format::Current => Tail::Sound,
                Format::First => Tail::Untrusted,
            },
            filled_to: at.file_length,
            fill: opening.fill,
            snapshot_from: opening.snapshot_from,
            snapshot_again: 0,
        }
    }

    /// How long it is, in bytes, without what is written ahead.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The directory that it is in.
    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Where salts come from.
    pub(super) fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    /// How many zeros a new file has behind its snapshot.
    pub(super) fn fill(&self) -> u64 {
        self.fill
    }

    /// Has it to be written anew before anything is appended?
    pub(super) fn needs_rewrite(&self) -> bool {
        self.tail == Tail::Untrusted
    }

    /// Appends changes as one frame. It is not on the disk before [`Self::sync`], and nothing else may be
    /// appended before that: of two frames that were never synced a power failure can leave the second.
    /// After an error none of the changes is in the file.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let bytes = frame_of(&self.salt, self.frames, changes)?;
        if self.needs_rewrite() {
            return Err(io::Error::other("the journal has to be written anew"));
        }
        if let Err(error) = self.file.write_at(self.length, &bytes) {
            // Want of space is no reason to doubt the file; anything else is.
            if !lacks_space(&error) {
                self.tail = Tail::Untrusted;
            }
            return Err(self.undo(error));
        }
        self.unsynced = bytes.len() as u64;
        Ok(())
    }

    /// Waits until what was appended is on the disk. After an error none of it is in the file.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let appended = std::mem::take(&mut self.unsynced);
        if appended == 0 {
            return Ok(());
        }
        if let Err(error) = self.file.sync() {
            self.tail = Tail::Untrusted;
            return Err(self.undo(error));
        }
        self.length += appended;
        self.filled_to = self.filled_to.max(self.length);
        self.frames += 1;
        self.confirm();
        Ok(())
    }

    /// Does all the work of [`Self::append`] but the writing.
    pub(super) fn rehearse(&self, changes: &[Change]) {
        // The compiler is not to find out that nobody wants it.
        let _ = std::hint::black_box(frame_of(&self.salt, self.frames, changes));
    }

    /// Notes how far the file was confirmed. Not synced: after a power failure an older note only
    /// means that less is known, and no login waits for it.
    pub(super) fn confirm(&self) {
        let confirmed = Confirmed {
            salt: self.salt,
            length: self.length,
        };
        let _ = self.lock.write_at(confirmed::AT, &confirmed.to_bytes());
    }

    /// What was refused must not be there after a restart either, so it is cut off at once.
    fn undo(&mut self, error: io::Error) -> io::Error {
        let _ = self.cut_tail(); // where that fails, a new file is written before anything else
        error
    }

    /// Cuts off what follows the last frame that was confirmed.
    pub(super) fn cut_tail(&mut self) -> io::Result<()> {
        self.filled_to = self.length; // the zeros go, too
        self.file
            .truncate(self.length)
            .inspect_err(|_| self.tail = Tail::Untrusted)
    }

    /// Are there so many changes that they should become a new snapshot?
    pub(super) fn is_outgrown(&self) -> bool {
        let changes = self.length.saturating_sub(self.changes_at);
        let allowed = self.snapshot_from.max(self.changes_at.min(MOST_CHANGES));
        changes > allowed && self.length >= self.snapshot_again
    }

    /// Is a snapshot not to fail over a block that the disk does not give? It has failed before, or nothing
    /// can be made durable without one.
    pub(super) fn does_without(&self) -> bool {
        self.needs_rewrite() || self.snapshot_again > 0
    }

    /// A snapshot was not made: not before there is as much again is it tried anew.
    pub(super) fn put_off(&mut self) {
        self.snapshot_again = self.length + self.snapshot_from;
    }

    /// Puts a new file in the place of this one, with what changed since its snapshot was begun. After an
    /// error the old one goes on, or if its name may be gone already, is written anew the next time.
    pub(super) fn adopt(
        &mut self,
        fresh: Fresh,
        since: impl Iterator<Item = Change>,
    ) -> io::Result<Adopted> {
        let Fresh {
            base,
            file,
            mut length,
            mut frames,
            beside,
        } = fresh;
        let (changes_at, salt) = (length, base.salt);
        let (mut chunk, mut size) = (Vec::new(), 0);
        let mut since = beside.changes().chain(since).peekable();
        while let Some(change) = since.next() {
            size += change.size();
            chunk.push(change);
            if size < CHUNK && since.peek().is_some() {
                continue;
            }
            let bytes = frame_of(&salt, frames, &chunk)?;
            file.write_at(length, &bytes)?;
            length += bytes.len() as u64;
            frames += 1;
            chunk.clear();
            size = 0;
        }
        drop(since);
        if length > changes_at {
            file.sync()?;
        }
        let filled_to = file.length()?;
        self.tail = Tail::Untrusted;
        self.disk.replace(NEW_JOURNAL, JOURNAL)?;
        self.file = file;
        self.salt = salt;
        // What no snapshot takes in is no reason for the next one.
        self.changes_at = changes_at + beside.bytes() as u64;
        (self.length, self.frames, self.filled_to) = (length, frames, filled_to);
        self.snapshot_again = 0;
        let named = self.disk.sync();
        if named.is_ok() {
            self.tail = Tail::Sound;
            self.confirm();
        }
        Ok(Adopted {
            base,
            beside,
            named,
        })
    }

    /// Writes zeros ahead of what comes: a login then needs no new space, so that a full disk takes some
    /// thousand of them, and its sync has nothing to do but write its bytes.
    pub(super) fn write_ahead(&mut self) {
        let left = self.filled_to.saturating_sub(self.length);
        if self.tail != Tail::Sound || left >= self.fill.div_ceil(2) {
            return;
        }
        let end = self.length + self.fill;
        let length = end - self.filled_to;
        if fill_with_zeros(&*self.file, self.filled_to, length).is_err() {
            return; // no room, or half of it, which is zeros as well
        }
        match self.file.sync() {
            Ok(()) => self.filled_to = end,
            Err(_) => self.tail = Tail::Untrusted,
        }
    }
}

/// What became of a new file.
pub(super) struct Adopted {
    /// Its snapshot.
    pub(super) base: super::base::Base,
    /// What changed before it and is not in it.
    pub(super) beside: Layer,
    /// Is it sure to be found under its name? If not, it is written anew the next time.
    pub(super) named: io::Result<()>,
}

fn frame_of(salt: &Salt, number: u64, changes: &[Change]) -> io::Result<Vec<u8>> {
    let mut payload = Vec::with_capacity(changes.iter().map(Change::size).sum());
    for change in changes {
        change
            .write(&mut payload)
            .ok_or(io::ErrorKind::InvalidInput)?;
    }
    let bytes = frame(salt, Kind::Changes, number, &payload);
    Ok(bytes.ok_or(io::ErrorKind::InvalidInput)?)
}

fn lacks_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
