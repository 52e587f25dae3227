//! Reads a journal back: the index of its snapshot, and what changed since. Tells an unfinished last
//! write from damage.
//!
//! The writer syncs each frame before it appends the next, and a snapshot before its file gets
//! its name. So a crash can leave one broken frame, at the very end of the changes: some sectors of it,
//! or nothing, with zeros behind. Whatever else is broken was whole once.

use std::io;
use std::sync::Arc;

use super::base::Base;
use super::disk::DiskFile;
use super::entry::read_changes;
use super::first_format;
use super::frame::{
    FILE_HEADER, FRAME_HEADER, FileHeader, Frame, HeaderFault, Kind, Salt, another_frame_in,
    frame_size, read_frame,
};
use super::index::Index;
use super::layer::Layer;
use super::open_error::Part;
use super::tally::{Tally, Was};

/// What a journal says.
pub(super) struct Replayed {
    pub(super) base: Base,
    /// What changed since the snapshot.
    pub(super) changes: Layer,
    pub(super) tally: Tally,
    pub(super) salt: Salt,
    /// The last version that was given to a record.
    pub(super) last_version: u64,
    /// Where the snapshot ends and the changes begin, in bytes.
    pub(super) changes_at: u64,
    /// Where its frames end.
    pub(super) tail: Tail,
    /// Up to where the file goes, whatever is there.
    pub(super) file_length: u64,
    pub(super) format: Format,
}

/// Can the file be appended to?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// It is of the format that this version writes.
    Current,
    /// It has to be written anew.
    First,
}

/// The end of the whole frames.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Tail {
    /// Where it is, in bytes.
    pub(super) length: u64,
    /// How many frames there are.
    pub(super) frames: u64,
    /// How many bytes of an unfinished write follow.
    pub(super) torn: u64,
}

/// Why a journal is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Some other file.
    NotAJournal,
    /// Of a later version.
    Newer { format: u32 },
    /// Broken.
    Damaged { offset: u64, part: Part },
    /// It cannot be read.
    System(io::Error),
}

impl From<HeaderFault> for Refusal {
    fn from(fault: HeaderFault) -> Self {
        match fault {
            HeaderFault::Foreign => Self::NotAJournal,
            HeaderFault::Newer { format } => Self::Newer { format },
            HeaderFault::Damaged => Self::Damaged {
                offset: 0,
                part: Part::Header,
            },
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// A frame that was whole once.
pub(super) struct Broken {
    /// Where it begins, in bytes of the file.
    pub(super) offset: u64,
}

/// Reads frame after frame of `bytes`, which stand at `tail` in the file. `take` says `None` of what
/// makes no sense: the sums of a frame are right, so it says what was written.
pub(super) fn frames(
    salt: Salt,
    bytes: &[u8],
    mut tail: Tail,
    mut take: impl FnMut(&Frame<'_>) -> Option<()>,
) -> Result<Tail, Broken> {
    let mut rest = bytes;
    while rest.iter().any(|byte| *byte != 0) {
        let broken = Broken {
            offset: tail.length,
        };
        let frame = match read_frame(&salt, rest) {
            Some(frame) if frame.sequence == tail.frames => frame,
            _ if another_frame_in(&salt, rest, tail.frames) => return Err(broken),
            _ => break,
        };
        take(&frame).ok_or(broken)?;
        tail.length += frame.size as u64;
        tail.frames += 1;
        rest = rest.get(frame.size..).unwrap_or_default();
    }
    let torn = rest.iter().rposition(|byte| *byte != 0);
    tail.torn = torn.map_or(0, |last| last as u64 + 1);
    Ok(tail)
}

/// Reads a journal, but not the blocks of its snapshot.
pub(super) fn replay(file: Arc<dyn DiskFile>) -> Result<Replayed, Refusal> {
    let file_length = file.length()?;
    let bytes = read(&*file, 0, file_length.min(FILE_HEADER as u64))?;
    let FileHeader { salt, index_at } = FileHeader::read(&bytes)?;
    let Some(index_at) = index_at else {
        let first = first_format::replay(salt, &file.read()?)?;
        return Ok(Replayed {
            base: Base::empty(),
            tally: first.tally(),
            salt,
            last_version: first.last_version,
            changes_at: 0,
            tail: first.tail,
            file_length,
            format: Format::First,
            changes: first.into_layer(),
        });
    };
    let damaged = Refusal::Damaged {
        offset: index_at,
        part: Part::Index,
    };
    let Some((index, mut tail)) = read_index(&*file, file_length, salt, index_at)? else {
        return Err(damaged);
    };
    let changes_at = tail.length;
    let bytes = read(&*file, changes_at, file_length.saturating_sub(changes_at))?;
    let (mut changes, mut tally) = (Layer::default(), index.tally.clone());
    let mut last_version = index.last_version;
    let read = frames(salt, &bytes, tail, |frame| {
        if frame.kind != Some(Kind::Changes) {
            return None;
        }
        for change in read_changes(frame.payload)? {
            last_version = last_version.max(change.version);
            tally.remove(change.was);
            tally.add(Was::of(change.record.as_deref()));
            changes.put(change);
        }
        Some(())
    });
    tail = read.map_err(|Broken { offset }| Refusal::Damaged {
        offset,
        part: Part::Changes,
    })?;
    Ok(Replayed {
        base: Base {
            file: Some(file),
            salt,
            index,
        },
        changes,
        tally,
        salt,
        last_version,
        changes_at,
        tail,
        file_length,
        format: Format::Current,
    })
}

/// The index, and where the changes begin. `None`: it is damaged.
fn read_index(
    file: &dyn DiskFile,
    file_length: u64,
    salt: Salt,
    index_at: u64,
) -> io::Result<Option<(Index, Tail)>> {
    let left = file_length.saturating_sub(index_at);
    let header = read(file, index_at, left.min(FRAME_HEADER as u64))?;
    let size = match frame_size(&salt, &header) {
        Some(size) if size as u64 <= left => size,
        _ => return Ok(None),
    };
    let bytes = read(file, index_at, size as u64)?;
    Ok(read_frame(&salt, &bytes).and_then(|frame| {
        let index = Index::read(frame.payload)?;
        let right = frame.kind == Some(Kind::Index)
            && frame.sequence == index.blocks() as u64
            && index.end() == index_at;
        let tail = Tail {
            length: index_at + frame.size as u64,
            frames: frame.sequence + 1,
            torn: 0,
        };
        right.then_some((index, tail))
    }))
}

fn read(file: &dyn DiskFile, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_at(offset, &mut bytes)?;
    Ok(bytes)
}
