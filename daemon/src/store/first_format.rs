//! The first format of the journal: all records, then what changed since, read as a whole. Stores of
//! earlier versions have it until they are opened, and backups have it.
//!
//! ```text
//! snapshot end  last version given u64 · records in the snapshot u64
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_bus::UserName;

use super::entry::{Change, Cursor, Entry, Row, write_entry};
use super::frame::{FIRST_FILE_HEADER, FileHeader, Kind, Salt, frame};
use super::layer::Layer;
use super::open_error::Part;
use super::replay::{Broken, Refusal, Tail, frames};
use super::tally::{Tally, Was};

/// How many bytes of records go into one frame of a snapshot.
const CHUNK: usize = 256 * 1024;

/// What such a file says.
pub(super) struct FirstReplayed {
    /// Its records.
    pub(super) rows: BTreeMap<UserName, (u64, Arc<[u8]>)>,
    /// The last version that was given to a record.
    pub(super) last_version: u64,
    /// Where its whole frames end.
    pub(super) tail: Tail,
}

impl FirstReplayed {
    /// How many records there are, and under which keys.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (_, record) in self.rows.values() {
            tally.add(Was::of(Some(record)));
        }
        tally
    }

    /// The records as changes of a store that had none.
    pub(super) fn into_layer(self) -> Layer {
        let mut layer = Layer::default();
        for (user, (version, record)) in self.rows {
            layer.put(Change {
                user,
                version,
                record: Some(record),
                was: Was::Nothing,
            });
        }
        layer
    }

    fn take(&mut self, part: Part, kind: Option<Kind>, payload: &[u8]) -> Option<Part> {
        match (part, kind?) {
            (Part::Snapshot, Kind::Snapshot) | (Part::Changes, Kind::Batch) => {
                let mut cursor = Cursor(payload);
                while !cursor.0.is_empty() {
                    let entry = Entry::read(&mut cursor)?;
                    self.last_version = self.last_version.max(entry.version);
                    let user = entry.user()?;
                    match entry.record {
                        Some(record) => {
                            self.rows.insert(user, (entry.version, Arc::from(record)));
                        }
                        None => drop(self.rows.remove(&user)),
                    }
                }
                Some(part)
            }
            (Part::Snapshot, Kind::SnapshotEnd) => {
                let mut cursor = Cursor(payload);
                let (last_version, records) = (cursor.u64()?, cursor.u64()?);
                self.last_version = self.last_version.max(last_version);
                let complete = u64::try_from(self.rows.len()) == Ok(records);
                (complete && cursor.0.is_empty()).then_some(Part::Changes)
            }
            _ => None,
        }
    }
}

/// Reads a whole file of the first format, whose header is read already.
pub(super) fn replay(salt: Salt, bytes: &[u8]) -> Result<FirstReplayed, Refusal> {
    let mut replayed = FirstReplayed {
        rows: BTreeMap::new(),
        last_version: 0,
        tail: Tail::default(),
    };
    let mut part = Part::Snapshot;
    let rest = bytes.get(FIRST_FILE_HEADER..).unwrap_or_default();
    let begin = Tail {
        length: FIRST_FILE_HEADER as u64,
        frames: 0,
        torn: 0,
    };
    let read = frames(salt, rest, begin, |frame| {
        part = replayed.take(part, frame.kind, frame.payload)?;
        Some(())
    });
    let damaged = |offset| Refusal::Damaged { offset, part };
    replayed.tail = read.map_err(|Broken { offset }| damaged(offset))?;
    if part == Part::Snapshot {
        return Err(damaged(replayed.tail.length));
    }
    Ok(replayed)
}

/// Reads a whole file that can only be of the first format.
pub(super) fn replay_file(bytes: &[u8]) -> Result<FirstReplayed, Refusal> {
    match FileHeader::read(bytes)? {
        FileHeader {
            salt,
            index_at: None,
        } => replay(salt, bytes),
        FileHeader { .. } => Err(Refusal::NotAJournal),
    }
}

/// A file of the first format that is one snapshot, in memory. `None` from its steps: there is more
/// than the form has room for.
pub(super) struct FirstSnapshot {
    salt: Salt,
    bytes: Vec<u8>,
    chunk: Vec<u8>,
    frames: u64,
    /// How many records it has.
    pub(super) records: usize,
}

impl FirstSnapshot {
    /// Begins one.
    pub(super) fn begin(salt: Salt) -> Self {
        let header = FileHeader {
            salt,
            index_at: None,
        };
        Self {
            bytes: header.to_bytes(),
            salt,
            chunk: Vec::new(),
            frames: 0,
            records: 0,
        }
    }

    /// Takes in a record.
    pub(super) fn add(&mut self, row: &Row) -> Option<()> {
        write_entry(&mut self.chunk, &row.user, row.version, Some(&row.record))?;
        self.records += 1;
        if self.chunk.len() >= CHUNK {
            let chunk = std::mem::take(&mut self.chunk);
            self.frame(Kind::Snapshot, &chunk)?;
        }
        Some(())
    }

    /// The file.
    pub(super) fn end(mut self, last_version: u64) -> Option<Vec<u8>> {
        let chunk = std::mem::take(&mut self.chunk);
        if !chunk.is_empty() {
            self.frame(Kind::Snapshot, &chunk)?;
        }
        let mut end = Vec::from(last_version.to_le_bytes());
        end.extend(u64::try_from(self.records).ok()?.to_le_bytes());
        self.frame(Kind::SnapshotEnd, &end)?;
        Some(self.bytes)
    }

    fn frame(&mut self, kind: Kind, payload: &[u8]) -> Option<()> {
        let bytes = frame(&self.salt, kind, self.frames, payload)?;
        self.bytes.extend(bytes);
        self.frames += 1;
        Some(())
    }
}
