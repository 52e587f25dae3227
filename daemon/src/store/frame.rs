//! The outer form of the journal: a file header, then frames with checksums.
//!
//! ```text
//! file header   magic 16 · format u32 · salt 16 · where the index begins u64 · sum 16
//! frame header  mark 4 · kind u32 · length u32 · sequence u64 · payload sum 16 · header sum 8
//! ```
//!
//! Numbers are little-endian. Sums are SHA-256 over the salt and what they cover, cut short. The
//! salt is random for each file, so that nothing inside a record can pass for a frame.
//!
//! The frames are, in this order: the blocks of the snapshot (lost ones as they lay), its index, and
//! what changed since. Behind
//! them come zeros, written ahead so that a change needs no new space. In format 1, which is still read
//! and which backups have, there is no index and nothing in the header tells of one.

use sha2::{Digest, Sha256};

use super::entry::Cursor;

/// The first bytes of a journal.
const MAGIC: [u8; 16] = *b"countersign-jrnl";
/// The format that this version writes and the newest that it reads.
const FORMAT: u32 = 2;
/// The first one.
const FIRST_FORMAT: u32 = 1;
/// How long the file header is, in bytes.
pub(super) const FILE_HEADER: usize = 16 + 4 + 16 + 8 + 16;
/// How long it was in the first format.
pub(super) const FIRST_FILE_HEADER: usize = FILE_HEADER - 8;

const MARK: [u8; 4] = *b"\xF7CsF";
/// How long the header of a frame is, in bytes.
pub(super) const FRAME_HEADER: usize = 4 + 4 + 4 + 8 + 16 + 8;

/// The random part of every sum in one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Salt(pub(super) [u8; 16]);

impl Salt {
    pub(super) fn sum<const N: usize>(&self, covered: &[u8]) -> [u8; N] {
        let full = Sha256::new()
            .chain_update(self.0)
            .chain_update(covered)
            .finalize();
        let mut cut = [0; N];
        cut.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        cut
    }
}

/// What is wrong with a file header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum HeaderFault {
    /// Some other file.
    Foreign,
    /// Written by a later version.
    Newer { format: u32 },
    /// Ours, but broken.
    Damaged,
}

/// What a file header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FileHeader {
    /// The random part of every sum in the file.
    pub(super) salt: Salt,
    /// Where the index of the snapshot begins, in bytes. `None`: the file is of the first format.
    pub(super) index_at: Option<u64>,
}

impl FileHeader {
    /// The first bytes of a file.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut header = Vec::with_capacity(FILE_HEADER);
        header.extend(MAGIC);
        let format = match self.index_at {
            Some(_) => FORMAT,
            None => FIRST_FORMAT,
        };
        header.extend(format.to_le_bytes());
        header.extend(self.salt.0);
        header.extend(self.index_at.into_iter().flat_map(u64::to_le_bytes));
        let sum: [u8; 16] = self.salt.sum(&header);
        header.extend(sum);
        header
    }

    /// Reads it back from the first bytes of a file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let mut cursor = Cursor(bytes);
        let magic = cursor.array().ok_or(HeaderFault::Foreign)?;
        if magic != MAGIC {
            return Err(HeaderFault::Foreign);
        }
        // Before the sum: a later format may put it elsewhere.
        let format = cursor.u32().ok_or(HeaderFault::Damaged)?;
        if format > FORMAT {
            return Err(HeaderFault::Newer { format });
        }
        let mut rest = || {
            let salt = Salt(cursor.array()?);
            let index_at = match format {
                FORMAT => Some(cursor.u64()?),
                FIRST_FORMAT => None,
                _ => return None,
            };
            let covered = bytes.get(..bytes.len() - cursor.0.len())?;
            (salt.sum(covered) == cursor.array::<16>()?).then_some(Self { salt, index_at })
        };
        rest().ok_or(HeaderFault::Damaged)
    }
}

/// What a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Some records of the snapshot.
    Snapshot,
    /// The snapshot is complete. In the first format only.
    SnapshotEnd,
    /// Entries that were made together, in the first format.
    Batch,
    /// Where the blocks of the snapshot are.
    Index,
    /// Changes that were made together.
    Changes,
    /// A block of an earlier snapshot that could not be read any more, as it lay there.
    Lost,
}

impl Kind {
    const fn number(self) -> u32 {
        match self {
            Self::Snapshot => 1,
            Self::SnapshotEnd => 2,
            Self::Batch => 3,
            Self::Index => 4,
            Self::Changes => 5,
            Self::Lost => 6,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        [
            Self::Snapshot,
            Self::SnapshotEnd,
            Self::Batch,
            Self::Index,
            Self::Changes,
            Self::Lost,
        ]
        .into_iter()
        .find(|kind| kind.number() == number)
    }
}

/// A frame with right sums.
pub(super) struct Frame<'a> {
    /// Its number in the file, from 0.
    pub(super) sequence: u64,
    /// `None`: a kind that this version does not know.
    pub(super) kind: Option<Kind>,
    /// What is in it.
    pub(super) payload: &'a [u8],
    /// How long it is with its header.
    pub(super) size: usize,
}

struct FrameHeader {
    kind: u32,
    length: u32,
    sequence: u64,
    payload_sum: [u8; 16],
}

/// Makes a frame. `None`: the payload is over 4 GiB, which no caller asks for.
pub(super) fn frame(salt: &Salt, kind: Kind, sequence: u64, payload: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(FRAME_HEADER + payload.len());
    bytes.extend(MARK);
    bytes.extend(kind.number().to_le_bytes());
    bytes.extend(u32::try_from(payload.len()).ok()?.to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(salt.sum::<16>(payload));
    let sum: [u8; 8] = salt.sum(&bytes);
    bytes.extend(sum);
    bytes.extend(payload);
    Some(bytes)
}

fn read_header(salt: &Salt, bytes: &[u8]) -> Option<FrameHeader> {
    let mut cursor = Cursor(bytes);
    if cursor.array()? != MARK {
        return None;
    }
    let header = FrameHeader {
        kind: cursor.u32()?,
        length: cursor.u32()?,
        sequence: cursor.u64()?,
        payload_sum: cursor.array()?,
    };
    let sum = cursor.array::<8>()?;
    let covered = bytes.get(..FRAME_HEADER - sum.len())?;
    (salt.sum(covered) == sum).then_some(header)
}

/// How long the frame is whose header `bytes` begin with. `None`: there is no header with a right sum.
pub(super) fn frame_size(salt: &Salt, bytes: &[u8]) -> Option<usize> {
    let length = read_header(salt, bytes)?.length;
    FRAME_HEADER.checked_add(usize::try_from(length).ok()?)
}

/// Reads the frame that `bytes` begin with. `None`: there is no whole frame with right sums.
pub(super) fn read_frame<'a>(salt: &Salt, bytes: &'a [u8]) -> Option<Frame<'a>> {
    let header = read_header(salt, bytes)?;
    let size = FRAME_HEADER.checked_add(usize::try_from(header.length).ok()?)?;
    let payload = bytes.get(FRAME_HEADER..size)?;
    (salt.sum(payload) == header.payload_sum).then_some(Frame {
        sequence: header.sequence,
        kind: Kind::from_number(header.kind),
        payload,
        size,
    })
}

/// Does a frame header with a right sum begin anywhere in `bytes`? The one that a broken frame
/// itself begins with, number `broken`, does not count.
pub(super) fn another_frame_in(salt: &Salt, bytes: &[u8], broken: u64) -> bool {
    let mut rest = bytes;
    let mut first = true;
    while rest.len() >= FRAME_HEADER {
        if rest.starts_with(&MARK)
            && let Some(header) = read_header(salt, rest)
            && !(first && header.sequence == broken)
        {
            return true;
        }
        first = false;
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = Salt([7; 16]);

    #[test]
    fn a_frame_reads_back_and_no_bit_of_it_may_change() {
        let whole = frame(&SALT, Kind::Batch, 3, b"payload").unwrap();
        let read = read_frame(&SALT, &whole).unwrap();
        assert_eq!((read.kind, read.sequence), (Some(Kind::Batch), 3));
        assert_eq!((read.payload, read.size), (&b"payload"[..], whole.len()));
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read_frame(&SALT, &flipped).is_none(), "bit {bit}");
        }
        assert!(read_frame(&Salt([8; 16]), &whole).is_none());
    }

    #[test]
    fn each_bad_file_header_has_its_name() {
        for index_at in [None, Some(4711)] {
            let header = FileHeader {
                salt: SALT,
                index_at,
            };
            let good = header.to_bytes();
            assert_eq!(FileHeader::read(&good), Ok(header));
            let longer = [&good[..], b"what follows"].concat();
            assert_eq!(FileHeader::read(&longer), Ok(header));
            let mut newer = good.clone();
            newer[16] = 3;
            assert_eq!(
                FileHeader::read(&newer),
                Err(HeaderFault::Newer { format: 3 })
            );
            for byte in 16..good.len() {
                let mut damaged = good.clone();
                damaged[byte] ^= 3;
                let read = FileHeader::read(&damaged);
                assert!(
                    matches!(read, Err(HeaderFault::Damaged | HeaderFault::Newer { .. })),
                    "{byte}"
                );
                assert_eq!(FileHeader::read(&good[..byte]), Err(HeaderFault::Damaged));
            }
        }
        let foreign: [&[u8]; 2] = [b"SQLite format 3\0", b""];
        for bytes in foreign {
            assert_eq!(FileHeader::read(bytes), Err(HeaderFault::Foreign));
        }
    }

    #[test]
    fn a_later_frame_is_found_at_any_distance() {
        let mut tail = vec![0; 37];
        assert!(!another_frame_in(&SALT, &tail, 0));
        tail.extend(frame(&SALT, Kind::Batch, 1, b"x").unwrap());
        assert!(another_frame_in(&SALT, &tail, 0));
    }

    #[test]
    fn a_record_cannot_pass_for_a_frame() {
        let inner = frame(&Salt([0; 16]), Kind::Batch, 9, b"forged").unwrap();
        assert!(!another_frame_in(&SALT, &inner, 0));
    }
}
