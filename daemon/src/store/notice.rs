use std::fmt;
use std::sync::Arc;

use countersign_bus::UserName;

use super::key::KeyId;

/// Takes what the store has to say to the log. Called from the writer thread too, so it returns
/// quickly and asks nothing of the store.
pub type Report = Arc<dyn Fn(Notice) + Send + Sync>;

/// What an administrator wants to know of the store. Display gives the line for the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// There was no store; an empty one was made.
    Created,
    /// There was no key; one was made.
    KeyGenerated,
    /// Some records were sealed under a key that is not here. Their users are refused.
    KeyMissing {
        /// How many.
        records: usize,
        /// The key of the first.
        wanted: KeyId,
    },
    /// The last write before a crash had not finished, and was cut off.
    TornTailCut {
        /// Where the journal ends now, in bytes.
        offset: u64,
        /// How many bytes were cut.
        bytes: u64,
    },
    /// The disk takes no writes any more. Logins go on, enrollments do not.
    WritesFailing {
        /// What the disk said.
        reason: String,
    },
    /// The disk takes writes again.
    WritesResumed {
        /// How many records waited in memory, and are on the disk now.
        records: usize,
    },
    /// Records cannot be read. Their users are refused.
    Damaged {
        /// Where they begin in the journal, in bytes.
        offset: u64,
        /// The first of them in the order of the names.
        from: Option<UserName>,
        /// What is wrong.
        reason: String,
    },
    /// So many blocks of records more are like that.
    MoreDamaged {
        /// How many.
        blocks: usize,
    },
    /// The journal could not be made shorter and goes on growing. It is tried again.
    SnapshotFailed {
        /// What the disk said.
        reason: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.write_str("store: new and empty; nobody is enrolled"),
            Self::KeyGenerated => {
                f.write_str("store: made a new key; back it up apart from the journal")
            }
            Self::KeyMissing { records, wanted } => write!(
                f,
                "store: {records} records were sealed under key {wanted} or others that are not \
                 here, and their users are refused; restore that key as key.old and restart"
            ),
            Self::TornTailCut { offset, bytes } => write!(
                f,
                "store: cut {bytes} bytes of an unfinished write off the journal at byte {offset}; \
                 nothing that was confirmed is lost"
            ),
            Self::WritesFailing { reason } => write!(
                f,
                "store: the disk takes no writes ({reason}); used codes are remembered in memory \
                 only and enrollments are refused; free space or mend the disk, and do not \
                 restart the daemon before that"
            ),
            Self::WritesResumed { records } => write!(
                f,
                "store: the disk takes writes again; {records} records from memory are on it now"
            ),
            Self::Damaged {
                offset,
                from,
                reason,
            } => write!(
                f,
                "store: the records at byte {offset} of the journal cannot be read ({reason}): \
                 the user {} and perhaps some after that name are refused; nothing was repaired: \
                 keep a copy of the file, check the disk, and restore from a backup",
                from.as_ref().map_or("?", UserName::as_str)
            ),
            Self::MoreDamaged { blocks } => write!(
                f,
                "store: {blocks} more parts of the journal cannot be read; countersign store check \
                 names them all"
            ),
            Self::SnapshotFailed { reason } => write!(
                f,
                "store: the journal could not be made shorter ({reason}); it goes on growing until \
                 that works"
            ),
        }
    }
}
