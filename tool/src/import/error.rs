use std::fmt;
use std::path::{Path, PathBuf};

use super::why::Why;
use crate::printable::Printable;
use crate::words::tell;

/// Why an import ended early, or not well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImportError {
    /// So many things were not taken.
    NotAllTaken {
        /// How many.
        count: usize,
    },
    /// The daemon did not come back.
    DaemonGone,
    /// The file that was named cannot be used.
    File(PathBuf, Why),
    /// The file belongs to a uid without a name, so nobody knows for whom it is.
    NobodysFile(PathBuf, u32),
    /// There is no such user.
    NoSuchUser(String),
    /// Standard input had nothing, where otpauth URIs were due.
    NoUri,
    /// The user database cannot be read.
    NoUsers(String),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |path: &Path| Printable(&path.to_string_lossy()).to_string();
        f.write_str(&match self {
            Self::NotAllTaken { count } => tell!("import-error-not-all", "count" = *count),
            Self::DaemonGone => tell!("import-error-daemon-gone"),
            Self::File(file, why) => tell!(
                "import-error-file",
                "file" = path(file),
                "why" = why.to_string()
            ),
            Self::NobodysFile(file, uid) => tell!(
                "import-error-nobodys-file",
                "file" = path(file),
                "uid" = uid.to_string()
            ),
            Self::NoSuchUser(user) => tell!(
                "import-error-no-such-user",
                "user" = Printable(user).to_string()
            ),
            Self::NoUri => tell!("import-error-no-uri"),
            Self::NoUsers(error) => tell!(
                "import-error-no-users",
                "error" = Printable(error).to_string()
            ),
        })
    }
}

impl std::error::Error for ImportError {}
