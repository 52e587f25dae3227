use std::fmt;
use std::sync::Arc;

/// The largest record that is taken, in bytes as stored.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;

/// Which state of a record somebody saw. Numbers come from one sequence over all users and are
/// never given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub(crate) u64);

impl Version {
    /// There is no record.
    pub const ABSENT: Self = Self(0);
}

/// What a change is worth when the disk takes no writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// Not made at all unless it is on the disk: changes of an enrollment.
    Required,
    /// Kept in memory and written as soon as the disk takes it: what a login used up.
    BestEffort,
    /// As [`Self::BestEffort`], but answered once it is in the journal, and synced right after: it
    /// outlives this process at once and a power failure a moment later. What a login failed at.
    Soon,
    /// Goes the way of [`Self::Soon`] and is not kept: the failure of somebody who has no record, which
    /// is to take as long.
    Never,
}

impl Durability {
    /// Can it do with memory when the disk takes no writes?
    pub(super) const fn does_with_memory(self) -> bool {
        matches!(self, Self::BestEffort | Self::Soon)
    }
}

/// What a user's record is now.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The bytes, or nothing.
    pub record: Option<Arc<[u8]>>,
    /// What to expect in a swap that builds on them.
    pub version: Version,
}

/// What became of a swap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Swapped {
    /// On the disk, under this version.
    Durable(Version),
    /// In the journal under this version, and on the disk in a moment. Only for [`Durability::Soon`].
    Appended(Version),
    /// Not kept, as was asked for by [`Durability::Never`].
    Unkept,
    /// Valid while this process lives, under this version; the disk failed for the reason given.
    /// Only for [`Durability::BestEffort`] and [`Durability::Soon`].
    InMemory(Version, String),
    /// Somebody else was first, and nothing changed: load again and decide again.
    Lost,
}

/// Why a swap was not made. Nothing changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreError {
    /// The queue of changes is full.
    Busy,
    /// The record is over [`MAX_RECORD_BYTES`].
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// The disk did not take a change that had to be durable.
    StorageFailed {
        /// What the disk said.
        reason: String,
    },
    /// The part of the journal that has the record, if there is one, cannot be read. Nothing can be told
    /// of it and nothing be put in its place.
    Unreadable {
        /// Where that part begins, in bytes.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The writer has ended.
    Stopped,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("storing a record: too many changes wait; try again"),
            Self::TooLarge { bytes } => write!(
                f,
                "storing a record: it has {bytes} bytes, and at most {MAX_RECORD_BYTES} are allowed"
            ),
            Self::StorageFailed { reason } => {
                write!(f, "storing a record: {reason}; the change was not made")
            }
            Self::Unreadable { offset, reason } => write!(
                f,
                "reading a record: the records at byte {offset} of the journal cannot be read \
                 ({reason}); keep a copy of the file, check the disk, and restore from a backup"
            ),
            Self::Stopped => {
                f.write_str("storing a record: the store has stopped; restart the daemon")
            }
        }
    }
}

impl std::error::Error for StoreError {}
