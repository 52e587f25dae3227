use std::io;
use std::sync::Arc;

use super::confirmed::{self, Confirmed};
use super::disk::{Access, Disk, DiskFile};
use super::entry::{Change, snapshot_end, write_entry};
use super::frame::{Kind, Salt, file_header, frame};
use super::opening::Opening;
use super::seal::Entropy;
use super::table::Table;

/// The name of the data file.
pub(super) const JOURNAL: &str = "journal";
/// The name of the next one while it is written.
pub(super) const NEW_JOURNAL: &str = "journal.new";

/// How much disk is set aside ahead, in bytes: some thousand logins after the disk is full.
const RESERVE: u64 = 512 * 1024;
/// How much of a snapshot goes into one frame, in bytes.
const SNAPSHOT_CHUNK: usize = 256 * 1024;

/// Can the file be appended to?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tail {
    /// Yes: it ends with the last frame that was confirmed.
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
    file: Box<dyn DiskFile>,
    salt: Salt,
    length: u64,
    /// How many bytes behind that were appended and not yet synced.
    unsynced: u64,
    frames: u64,
    tail: Tail,
    reserved_to: u64,
    snapshot_from: u64,
    /// After a snapshot failed: at which length it is tried again.
    snapshot_again: u64,
}

/// A complete file that only lacks its name.
pub(super) struct Fresh {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) salt: Salt,
    pub(super) length: u64,
    pub(super) frames: u64,
}

impl Journal {
    /// Continues a file that ends with its last whole frame.
    pub(super) fn new(opening: &Opening, lock: Box<dyn DiskFile>, at: Fresh) -> Self {
        let Fresh {
            file,
            salt,
            length,
            frames,
        } = at;
        Self {
            disk: Arc::clone(&opening.state),
            entropy: Arc::clone(&opening.entropy),
            lock,
            file,
            salt,
            length,
            unsynced: 0,
            frames,
            tail: Tail::Sound,
            reserved_to: 0,
            snapshot_from: opening.snapshot_from,
            snapshot_again: 0,
        }
    }

    /// How long it is, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Has it to be written anew before anything is appended?
    pub(super) fn needs_rewrite(&self) -> bool {
        self.tail == Tail::Untrusted
    }

    /// Appends changes as one frame. It is not on the disk before [`Self::sync`], and nothing else may be
    /// appended before that: of two frames that were never synced a power failure can leave the second.
    /// After an error none of the changes is in the file.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let bytes = self.frame_of(changes)?;
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
        self.frames += 1;
        self.confirm();
        Ok(())
    }

    /// Does all the work of [`Self::append`] but the writing.
    pub(super) fn rehearse(&self, changes: &[Change]) {
        // The compiler is not to find out that nobody wants it.
        let _ = std::hint::black_box(self.frame_of(changes));
    }

    fn frame_of(&self, changes: &[Change]) -> io::Result<Vec<u8>> {
        let mut payload = Vec::new();
        for change in changes {
            write_entry(
                &mut payload,
                &change.user,
                change.version,
                change.record.as_deref(),
            )
            .ok_or(io::ErrorKind::InvalidInput)?;
        }
        let bytes = frame(&self.salt, Kind::Batch, self.frames, &payload);
        Ok(bytes.ok_or(io::ErrorKind::InvalidInput)?)
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
        self.reserved_to = 0; // the cut gives back what was set aside
        self.file
            .truncate(self.length)
            .inspect_err(|_| self.tail = Tail::Untrusted)
    }

    /// Is the file so long that a snapshot of `live` bytes should replace it?
    pub(super) fn is_outgrown(&self, live: usize) -> bool {
        let outgrown = self.length > self.snapshot_from.max(2 * live as u64);
        outgrown && self.length >= self.snapshot_again
    }

    /// Puts a new file with a snapshot in the place of this one. After an error the old one goes
    /// on, or if its name may be gone already, is written anew the next time.
    pub(super) fn rewrite(&mut self, table: &Table, last_version: u64) -> io::Result<()> {
        self.snapshot_again = self.length + self.snapshot_from;
        let written = Fresh::write(&*self.disk, &self.entropy, table, last_version);
        let fresh = written.inspect_err(|_| {
            // Half a file takes space that the next login may need.
            let _ = self.disk.remove(NEW_JOURNAL);
        })?;
        self.tail = Tail::Untrusted;
        self.disk.replace(NEW_JOURNAL, JOURNAL)?;
        let Fresh {
            file,
            salt,
            length,
            frames,
        } = fresh;
        (self.file, self.salt, self.length, self.frames) = (file, salt, length, frames);
        self.reserved_to = 0;
        self.disk.sync()?;
        self.tail = Tail::Sound;
        self.snapshot_again = 0;
        self.confirm();
        Ok(())
    }

    /// Sets disk aside for what comes. Not every file system can, and none has to.
    pub(super) fn reserve(&mut self) {
        let left = self.reserved_to.saturating_sub(self.length);
        if self.tail != Tail::Sound || left >= RESERVE / 2 {
            return;
        }
        match self.file.reserve(self.length, RESERVE) {
            Ok(()) => self.reserved_to = self.length + RESERVE,
            Err(error) if error.kind() == io::ErrorKind::Unsupported => self.reserved_to = u64::MAX,
            Err(_) => {}
        }
    }
}

impl Fresh {
    /// Writes and syncs a new file, under a name that no start looks at.
    pub(super) fn write(
        disk: &dyn Disk,
        entropy: &Entropy,
        table: &Table,
        last_version: u64,
    ) -> io::Result<Self> {
        let mut salt = Salt([0; 16]);
        entropy(&mut salt.0)?;
        let file = disk.create(NEW_JOURNAL, Access::OwnerWrites)?;
        let header = file_header(&salt);
        file.write_at(0, &header)?;
        let mut fresh = Self {
            file,
            salt,
            length: header.len() as u64,
            frames: 0,
        };

        let mut chunk = Vec::with_capacity(SNAPSHOT_CHUNK.min(table.bytes()));
        for (user, version, record) in table.after(None) {
            write_entry(&mut chunk, user, version, Some(record))
                .ok_or(io::ErrorKind::InvalidInput)?;
            if chunk.len() >= SNAPSHOT_CHUNK {
                fresh.append(Kind::Snapshot, &chunk)?;
                chunk.clear();
            }
        }
        if !chunk.is_empty() {
            fresh.append(Kind::Snapshot, &chunk)?;
        }
        fresh.append(
            Kind::SnapshotEnd,
            &snapshot_end(last_version, table.len() as u64),
        )?;
        fresh.file.sync()?;
        Ok(fresh)
    }

    /// Gives the first file of a store its name.
    pub(super) fn publish(self, disk: &dyn Disk) -> io::Result<Self> {
        disk.replace(NEW_JOURNAL, JOURNAL)?;
        disk.sync()?;
        Ok(self)
    }

    fn append(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
        let bytes =
            frame(&self.salt, kind, self.frames, payload).ok_or(io::ErrorKind::InvalidInput)?;
        self.file.write_at(self.length, &bytes)?;
        self.length += bytes.len() as u64;
        self.frames += 1;
        Ok(())
    }
}

fn lacks_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
