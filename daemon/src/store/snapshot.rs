use std::io;
use std::sync::Arc;

use super::base::Base;
use super::disk::{Access, Disk, DiskFile};
use super::entry::{Row, entry_size, write_entry};
use super::frame::{FILE_HEADER, FileHeader, Kind, Salt, frame};
use super::index::Index;
use super::journal::NEW_JOURNAL;
use super::layer::Layer;
use super::seal::Entropy;
use super::tally::{Tally, Was};

/// How many bytes of entries end a block: as much as one look-up reads and checks.
const BLOCK: usize = 4096;
/// How much is written at once, in bytes.
const WRITE: usize = 64 * 1024;

/// A journal that is being written: blocks of records first, under a name that no start looks at.
pub(super) struct Draft {
    file: Arc<dyn DiskFile>,
    salt: Salt,
    index: Index,
    /// The entries of the block under way, and the name with which it begins.
    block: Vec<u8>,
    first: Vec<u8>,
    last: Vec<u8>,
    /// Where the names end that a lost block may have had.
    lost_until: Option<Vec<u8>>,
    /// Blocks that are not in the file yet, and where they go.
    waiting: Vec<u8>,
    written: u64,
}

/// A complete file that only lacks its name.
pub(super) struct Fresh {
    pub(super) base: Base,
    pub(super) file: Arc<dyn DiskFile>,
    /// Where its frames end, in bytes.
    pub(super) length: u64,
    /// How many frames it has.
    pub(super) frames: u64,
    /// What is not in its snapshot but goes behind it, before what changed since: what is known of names
    /// that lost blocks may have.
    pub(super) beside: Layer,
}

impl Draft {
    /// Begins a new file.
    pub(super) fn begin(disk: &dyn Disk, entropy: &Entropy) -> io::Result<Self> {
        let mut salt = Salt([0; 16]);
        entropy(&mut salt.0)?;
        let file = disk.create(NEW_JOURNAL, Access::OwnerWrites)?;
        Ok(Self {
            file: Arc::from(file),
            salt,
            index: Index::default(),
            block: Vec::new(),
            first: Vec::new(),
            last: Vec::new(),
            lost_until: None,
            waiting: Vec::new(),
            written: FILE_HEADER as u64,
        })
    }

    /// Takes in the next record; they come in the order of their names.
    pub(super) fn add(&mut self, row: &Row) -> io::Result<()> {
        let name = row.user.as_str().as_bytes();
        let goes_on = self.lost_until.as_deref();
        if name <= self.last.as_slice() || goes_on.is_some_and(|until| name < until) {
            return Err(io::Error::other("the records are not in order"));
        }
        if let Some(until) = self.lost_until.take()
            && name != until
        {
            self.end_lost(until)?;
        }
        let size = entry_size(&row.user, Some(&row.record));
        if !self.block.is_empty() && self.block.len() + size > BLOCK {
            self.end_block()?;
        }
        if self.block.is_empty() {
            self.first = name.to_vec();
        }
        write_entry(&mut self.block, &row.user, row.version, Some(&row.record))
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.last.clear();
        self.last.extend(name);
        self.index.tally.add(Was::of(Some(&row.record)));
        Ok(())
    }

    /// Takes in what is left of a block that cannot be read: whoever's record may be in it is refused as
    /// before. Its names are those from `first` up to `until`, or all that come after.
    pub(super) fn add_lost(
        &mut self,
        first: &[u8],
        until: Option<&[u8]>,
        remains: &[u8],
    ) -> io::Result<()> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        if let Some(before) = self.lost_until.take()
            && before != first
        {
            self.end_lost(before)?;
        }
        self.push(Kind::Lost, first, remains)?;
        self.last = first.to_vec();
        self.lost_until = until.map(Vec::from);
        Ok(())
    }

    /// An empty block from there on, so that nobody else is refused.
    fn end_lost(&mut self, until: Vec<u8>) -> io::Result<()> {
        self.first = until;
        self.end_block()
    }

    /// Counts by what is known of the records, since those of lost blocks cannot be counted.
    pub(super) fn count(&mut self, tally: Tally) {
        self.index.tally = tally;
    }

    fn end_block(&mut self) -> io::Result<()> {
        let (first, block) = (
            std::mem::take(&mut self.first),
            std::mem::take(&mut self.block),
        );
        self.push(Kind::Snapshot, &first, &block)
    }

    fn push(&mut self, kind: Kind, first: &[u8], payload: &[u8]) -> io::Result<()> {
        let number = self.index.blocks() as u64;
        let block = frame(&self.salt, kind, number, payload).ok_or(io::ErrorKind::InvalidInput)?;
        self.index
            .push(first, block.len())
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.waiting.extend(block);
        if self.waiting.len() >= WRITE {
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.file.write_at(self.written, &self.waiting)?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// How much is in the file, in bytes.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Waits until what was written is on the disk, so that little waits for the end.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    /// Writes the index, and syncs. With `fill` zeros behind it, for the changes that follow.
    pub(super) fn end(mut self, last_version: u64, fill: u64) -> io::Result<Fresh> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        if let Some(until) = self.lost_until.take() {
            self.end_lost(until)?;
        }
        self.index.last_version = last_version;
        let blocks = self.index.blocks() as u64;
        let index_at = self.index.end();
        let bytes = self
            .index
            .to_bytes()
            .and_then(|index| frame(&self.salt, Kind::Index, blocks, &index))
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.waiting.extend(bytes);
        self.write_out()?;
        if fill > 0 {
            // Where there is no room for that, there is for the snapshot.
            let _ = fill_with_zeros(&*self.file, self.written, fill);
        }
        let header = FileHeader {
            salt: self.salt,
            index_at: Some(index_at),
        };
        self.file.write_at(0, &header.to_bytes())?;
        self.file.sync()?;
        Ok(Fresh {
            base: Base {
                file: Some(Arc::clone(&self.file)),
                salt: self.salt,
                index: self.index,
            },
            file: self.file,
            length: self.written,
            frames: blocks + 1,
            beside: Layer::default(),
        })
    }
}

impl Fresh {
    /// Gives the first file of a store its name.
    pub(super) fn publish(self, disk: &dyn Disk) -> io::Result<Self> {
        disk.replace(NEW_JOURNAL, super::journal::JOURNAL)?;
        disk.sync()?;
        Ok(self)
    }
}

/// Writes zeros, so that what is written over them later needs no new space and its sync nothing of
/// the file system but the bytes. Space that is set aside only would have to be marked as used then.
pub(super) fn fill_with_zeros(file: &dyn DiskFile, offset: u64, length: u64) -> io::Result<()> {
    // All of it or nothing, where the file system can tell beforehand.
    match file.reserve(offset, length) {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
        _ => {}
    }
    let zeros = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.write_at(offset, &zeros)
}
