use std::fmt;
use std::io;
use std::path::PathBuf;

use super::key::{CREDENTIAL, KEY_BYTES, KeyId};

/// Why there is no key to use. Nothing was changed.
#[derive(Debug)]
pub enum KeyError {
    /// There are records and no key.
    Missing {
        /// Where a generated key would be.
        path: PathBuf,
    },
    /// No record was sealed under any key that is there.
    Wrong {
        /// Where a generated key would be.
        path: PathBuf,
        /// The key that is there.
        found: KeyId,
        /// The key of the first record.
        wanted: KeyId,
    },
    /// The file has not the length of a key.
    WrongLength {
        /// Which.
        path: PathBuf,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The file is a symbolic link, a device, a directory.
    NotRegular {
        /// Which.
        path: PathBuf,
    },
    /// Others than the owner may read the file.
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to somebody else.
    ForeignOwner {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        uid: u32,
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

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("finding the key of the store: ")?;
        match self {
            Self::Missing { path } => write!(
                f,
                "there are records, but neither {} nor the credential {CREDENTIAL} is there; \
                 restore the key: a new one would make every enrollment unreadable",
                path.display()
            ),
            Self::Wrong {
                path,
                found,
                wanted,
            } => write!(
                f,
                "the records were sealed under key {wanted}, and the key here is {found}; restore \
                 the right one to {} or to the credential {CREDENTIAL}",
                path.display()
            ),
            Self::WrongLength { path, bytes } => write!(
                f,
                "{} has {bytes} bytes, and a key has {KEY_BYTES}; restore it from a backup",
                path.display()
            ),
            Self::NotRegular { path } => write!(
                f,
                "{} is not a regular file; put the real file in its place",
                path.display()
            ),
            Self::Exposed { path, mode } => write!(
                f,
                "{0} has mode {mode:04o}, so others may have read it; find out who did, then: \
                 chmod 0400 {0}",
                path.display()
            ),
            Self::ForeignOwner { path, uid } => write!(
                f,
                "{0} belongs to uid {uid}, not to the daemon's user; if it is the right file, \
                 then: chown {user}: {0}",
                path.display(),
                user = countersign_bus::DAEMON_USER
            ),
            Self::System {
                doing,
                path,
                source,
            } => {
                write!(f, "{doing} {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
