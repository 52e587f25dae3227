//! Reads a journal back, and tells an unfinished last write from damage.
//!
//! The writer syncs each frame before it appends the next, and a snapshot before its file gets
//! its name. So a crash can leave one broken frame, at the very end of the changes: half of it,
//! zeros, or nothing. Whatever else is broken was whole once.

use super::entry::{read_entries, read_snapshot_end};
use super::frame::{
    FILE_HEADER, HeaderFault, Kind, Salt, another_frame_in, read_file_header, read_frame,
};
use super::open_error::Part;
use super::table::Table;

/// What a journal says.
pub(super) struct Replayed {
    pub(super) table: Table,
    pub(super) salt: Salt,
    /// The last version that was given to a record.
    pub(super) last_version: u64,
    /// Where the whole frames end, in bytes.
    pub(super) length: usize,
    /// How many frames there are.
    pub(super) frames: u64,
    /// How many bytes of an unfinished write follow.
    pub(super) torn: usize,
}

/// Why a journal is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// Some other file.
    NotAJournal,
    /// Of a later version.
    Newer { format: u32 },
    /// Broken.
    Damaged { offset: usize, part: Part },
}

/// Reads a whole file.
pub(super) fn replay(bytes: &[u8]) -> Result<Replayed, Refusal> {
    let salt = read_file_header(bytes).map_err(|fault| match fault {
        HeaderFault::Foreign => Refusal::NotAJournal,
        HeaderFault::Newer { format } => Refusal::Newer { format },
        HeaderFault::Damaged => Refusal::Damaged {
            offset: 0,
            part: Part::Header,
        },
    })?;
    let mut replay = Replayed {
        table: Table::default(),
        salt,
        last_version: 0,
        length: FILE_HEADER,
        frames: 0,
        torn: 0,
    };
    let mut part = Part::Snapshot;
    let mut rest = bytes.get(FILE_HEADER..).unwrap_or_default();
    while !rest.is_empty() {
        let damaged = Refusal::Damaged {
            offset: replay.length,
            part,
        };
        let frame = match read_frame(&salt, rest) {
            Some(frame) if frame.sequence == replay.frames => frame,
            _ if another_frame_in(&salt, rest, replay.frames) => return Err(damaged),
            _ => break,
        };
        // Its sums are right, so it says what was written; what was written must make sense.
        part = replay
            .take(part, frame.kind, frame.payload)
            .ok_or(damaged)?;
        replay.length += frame.size;
        replay.frames += 1;
        rest = rest.get(frame.size..).unwrap_or_default();
    }
    if part == Part::Snapshot {
        return Err(Refusal::Damaged {
            offset: replay.length,
            part,
        });
    }
    replay.torn = rest.len();
    Ok(replay)
}

impl Replayed {
    fn take(&mut self, part: Part, kind: Option<Kind>, payload: &[u8]) -> Option<Part> {
        match (part, kind?) {
            (Part::Snapshot, Kind::Snapshot) | (Part::Changes, Kind::Batch) => {
                for change in read_entries(payload)? {
                    self.last_version = self.last_version.max(change.version);
                    self.table.apply(change);
                }
                Some(part)
            }
            (Part::Snapshot, Kind::SnapshotEnd) => {
                let (last_version, records) = read_snapshot_end(payload)?;
                self.last_version = self.last_version.max(last_version);
                (u64::try_from(self.table.len()) == Ok(records)).then_some(Part::Changes)
            }
            _ => None,
        }
    }
}
