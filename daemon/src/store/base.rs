use std::io;
use std::sync::Arc;

use countersign_bus::UserName;

use super::disk::DiskFile;
use super::entry::{Cursor, Entry, Row};
use super::frame::{Frame, Kind, Salt, read_frame};
use super::index::Index;
use super::outcome::StoreError;

/// The snapshot at the head of a journal: its index is in memory, its blocks are read from the file
/// when somebody asks for a name in them. It never changes.
pub(super) struct Base {
    /// `None` where there is no file, and so no block either.
    pub(super) file: Option<Arc<dyn DiskFile>>,
    pub(super) salt: Salt,
    pub(super) index: Index,
}

/// A block that cannot be read, or is not what was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unreadable {
    /// The first name in it; others up to the first of the next block may be in it, too.
    pub(super) first: Option<UserName>,
    /// Its number in the snapshot, from 0.
    pub(super) block: usize,
    /// Where it begins, in bytes of the file.
    pub(super) offset: u64,
    /// What is wrong.
    pub(super) reason: String,
}

impl From<Unreadable> for StoreError {
    fn from(block: Unreadable) -> Self {
        Self::Unreadable {
            offset: block.offset,
            reason: block.reason,
        }
    }
}

impl From<Unreadable> for io::Error {
    fn from(block: Unreadable) -> Self {
        let Unreadable { offset, reason, .. } = block;
        Self::other(format!(
            "the records at byte {offset} of the journal: {reason}"
        ))
    }
}

/// A record, and its version before it.
pub(super) type Versioned = (u64, Arc<[u8]>);

impl Base {
    /// Without any record.
    pub(super) fn empty() -> Self {
        Self {
            file: None,
            salt: Salt([0; 16]),
            index: Index::default(),
        }
    }

    /// Where the changes begin that were made since, in bytes of the file.
    pub(super) fn blocks_end(&self) -> u64 {
        self.index.end()
    }

    /// A user's record and its version.
    pub(super) fn load(&self, user: &UserName) -> Result<Option<Versioned>, Unreadable> {
        let Some(block) = self.index.find(user) else {
            return Ok(None);
        };
        let found = self.block(block, |payload| {
            let name = user.as_str().as_bytes();
            let mut cursor = Cursor(payload);
            while !cursor.0.is_empty() {
                let entry = Entry::read(&mut cursor)?;
                if entry.name == name {
                    return Some(Some((entry.version, Arc::from(entry.record?))));
                }
                if entry.name > name {
                    break;
                }
            }
            Some(None)
        });
        found.map_err(|reason| self.unreadable(block, reason))
    }

    /// All records of a block, in the order of their names.
    pub(super) fn rows(&self, block: usize) -> Result<Vec<Row>, Unreadable> {
        let rows = self.block(block, |payload| {
            let mut rows: Vec<Row> = Vec::new();
            let mut cursor = Cursor(payload);
            while !cursor.0.is_empty() {
                let entry = Entry::read(&mut cursor)?;
                let row = Row {
                    user: entry.user()?,
                    version: entry.version,
                    record: Arc::from(entry.record?),
                };
                let in_order = match rows.last() {
                    Some(last) => last.user < row.user,
                    None => self.index.first(block) == Some(entry.name),
                };
                if !in_order {
                    return None;
                }
                rows.push(row);
            }
            Some(rows)
        });
        rows.map_err(|reason| self.unreadable(block, reason))
    }

    /// The bytes of a block that cannot be read as records, as they lie there, for the next snapshot: who
    /// knows what can be made of them yet. An error is of the disk, which may give them another time.
    pub(super) fn remains(&self, block: usize) -> io::Result<Vec<u8>> {
        let bytes = self.bytes(block)?;
        if self.rows(block).is_ok() {
            return Err(io::Error::other("it can be read again"));
        }
        Ok(match self.frame(block, &bytes) {
            Some(lost) if lost.kind == Some(Kind::Lost) => Vec::from(lost.payload),
            _ => bytes,
        })
    }

    fn block<T>(&self, block: usize, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, String> {
        let bytes = self.bytes(block).map_err(|error| error.to_string())?;
        let frame = self.frame(block, &bytes);
        if frame.as_ref().and_then(|frame| frame.kind) == Some(Kind::Lost) {
            return Err("they were damaged when the snapshot was made".to_owned());
        }
        frame
            .filter(|frame| frame.kind == Some(Kind::Snapshot))
            .and_then(|frame| read(frame.payload))
            .ok_or_else(|| "they are not what was written".to_owned())
    }

    fn bytes(&self, block: usize) -> io::Result<Vec<u8>> {
        let there_is_none = || io::Error::other("there is no such block");
        let span = self.index.span(block).ok_or_else(there_is_none)?;
        let file = self.file.as_ref().ok_or_else(there_is_none)?;
        let mut bytes = vec![0; span.length];
        file.read_at(span.offset, &mut bytes)?;
        Ok(bytes)
    }

    /// The frame of a block. `None`: these are not its bytes.
    fn frame<'b>(&self, block: usize, bytes: &'b [u8]) -> Option<Frame<'b>> {
        read_frame(&self.salt, bytes).filter(|frame| {
            usize::try_from(frame.sequence) == Ok(block) && frame.size == bytes.len()
        })
    }

    fn unreadable(&self, block: usize, reason: String) -> Unreadable {
        let first = self.index.first(block).unwrap_or_default();
        Unreadable {
            first: UserName::from_bytes(first).ok(),
            block,
            offset: self.index.span(block).map_or(0, |span| span.offset),
            reason,
        }
    }
}
