use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a store cannot be opened. Nothing was changed.
#[derive(Debug)]
pub enum OpenError {
    /// The state directory is no directory.
    NotADirectory {
        /// Which.
        path: PathBuf,
    },
    /// A file of the store is a symbolic link, a device, a directory.
    NotRegular {
        /// Which.
        path: PathBuf,
    },
    /// Others than the owner may use a file or the directory.
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// A file or the directory belongs to somebody else.
    ForeignOwner {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        uid: u32,
    },
    /// Another process has the store open.
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// The directory held a store, and its journal is gone.
    JournalMissing {
        /// The journal.
        path: PathBuf,
        /// The file that says that there was one.
        marker: PathBuf,
    },
    /// The file is no journal of ours.
    NotAJournal {
        /// Which.
        path: PathBuf,
    },
    /// A later version wrote the journal.
    NewerFormat {
        /// Which.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The journal is broken in a place that no crash explains.
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where the broken part begins, in bytes.
        offset: u64,
        /// What part it is.
        part: Part,
    },
    /// The journal ends, or is broken, before the place up to which it was confirmed.
    Shortened {
        /// Which.
        path: PathBuf,
        /// Up to where it is whole, in bytes.
        offset: u64,
        /// Up to where it was confirmed, in bytes.
        confirmed: u64,
        /// The file that says so.
        marker: PathBuf,
    },
    /// The operating system refused something.
    System {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// The parts of a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The first bytes.
    Header,
    /// The records at the time when the file was begun.
    Snapshot,
    /// Where in the snapshot each record is.
    Index,
    /// The changes since.
    Changes,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "its header",
            Self::Snapshot => "its snapshot",
            Self::Index => "the index of its snapshot",
            Self::Changes => "a change with whole ones after it",
        })
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADirectory { path } => {
                write!(
                    f,
                    "opening the store: {} is not a directory",
                    path.display()
                )
            }
            Self::NotRegular { path } => write!(
                f,
                "opening the store: {} is not a regular file; put the real file in its place",
                path.display()
            ),
            Self::Exposed { path, mode, wanted } => write!(
                f,
                "opening the store: {0} has mode {mode:04o}, so others than its owner may use it; \
                 find out who did, then: chmod {wanted:04o} {0}",
                path.display()
            ),
            Self::ForeignOwner { path, uid } => write!(
                f,
                "opening the store: {0} belongs to uid {uid}, not to the daemon's user; \
                 if it is the right file, then: chown {user}: {0}",
                path.display(),
                user = countersign_bus::DAEMON_USER
            ),
            Self::InUse { path } => write!(
                f,
                "opening the store: another process holds {}; stop the other countersignd first",
                path.display()
            ),
            Self::JournalMissing { path, marker } => write!(
                f,
                "opening the store: {} is missing, but there was one; restore it from a backup, \
                 or remove {} as well to begin anew with nobody enrolled",
                path.display(),
                marker.display()
            ),
            Self::NotAJournal { path } => write!(
                f,
                "opening the store: {} was not written by Countersign; move it away and restore \
                 the journal from a backup",
                path.display()
            ),
            Self::NewerFormat { path, format } => write!(
                f,
                "opening the store: {} has format {format}, which a later version wrote; install \
                 that version again",
                path.display()
            ),
            Self::Damaged { path, offset, part } => write!(
                f,
                "opening the store: {} is damaged at byte {offset} ({part}); nothing was \
                 repaired: keep a copy of the file, check the disk, and restore from a backup",
                path.display()
            ),
            Self::Shortened {
                path,
                offset,
                confirmed,
                marker,
            } => write!(
                f,
                "opening the store: {} is whole up to byte {offset} only, and was confirmed up to \
                 byte {confirmed}; nothing was repaired: keep a copy of it, check the disk, and \
                 restore from a backup. An older journal put there on purpose is taken once {} is \
                 removed",
                path.display(),
                marker.display()
            ),
            Self::System {
                doing,
                path,
                source,
            } => {
                write!(f, "opening the store: {doing} {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
