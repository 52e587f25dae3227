use std::fmt;
use std::io;
use std::path::PathBuf;

use super::key_error::KeyError;
use super::open_error::OpenError;

/// Why the key was not changed. Every key that a record needs is still there.
#[derive(Debug)]
pub enum RekeyError {
    /// An earlier change has to be finished first.
    Unsettled,
    /// There are no credentials on this host.
    NoCredentials,
    /// There is no key at all.
    NoKey,
    /// Records are still under another key.
    StillNeeded {
        /// How many.
        records: usize,
    },
    /// A credential could not be decrypted.
    Decrypting {
        /// Its file.
        path: PathBuf,
        /// What was said.
        source: io::Error,
    },
    /// A credential could not be encrypted.
    Encrypting {
        /// Its name.
        name: String,
        /// What was said.
        source: io::Error,
    },
    /// A key file cannot be used.
    Key(KeyError),
    /// The store cannot be read.
    Store(OpenError),
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

impl RekeyError {
    /// What programs call it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unsettled => "unsettled",
            Self::NoCredentials => "no-credentials",
            Self::NoKey => "no-key",
            Self::StillNeeded { .. } => "still-needed",
            Self::Decrypting { .. } => "decrypting",
            Self::Encrypting { .. } => "encrypting",
            Self::Key(_) => "key",
            Self::Store(_) => "store",
            Self::System { .. } => "system",
        }
    }
}

impl fmt::Display for RekeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsettled => f.write_str(
                "changing the key: an earlier change was interrupted; run the same command again",
            ),
            Self::NoCredentials => {
                f.write_str("changing the key: this host has no encrypted credentials")
            }
            Self::NoKey => f.write_str("changing the key: there is none; start the daemon once"),
            Self::StillNeeded { records } => write!(
                f,
                "changing the key: {records} records are still under another key, so none was \
                 removed; run the same command again"
            ),
            Self::Decrypting { path, source } => write!(
                f,
                "decrypting the credential {}: {source}; it opens on the host, and with the TPM, \
                 that it was made on",
                path.display()
            ),
            Self::Encrypting { name, source } => {
                write!(f, "encrypting the credential {name}: {source}")
            }
            Self::Key(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::System {
                doing,
                path,
                source,
            } => write!(f, "{doing} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for RekeyError {}

impl From<KeyError> for RekeyError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<OpenError> for RekeyError {
    fn from(error: OpenError) -> Self {
        Self::Store(error)
    }
}
