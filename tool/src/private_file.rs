//! A file for its owner alone, that exists for good only once it is kept.

use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::printable::Printable;
use crate::words::tell;

/// What to do about a file that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// Leave it alone and fail.
    Refuse,
    /// Put the new one in its place, if it is a regular file.
    Replace,
}

impl Existing {
    /// What `--force` says.
    pub const fn forced(force: bool) -> Self {
        if force { Self::Replace } else { Self::Refuse }
    }
}

/// A new file with mode 0600. It is removed on drop unless it was kept.
#[derive(Debug)]
pub struct PrivateFile {
    file: File,
    /// Where the bytes are now.
    at: PathBuf,
    /// Where they belong, when that is elsewhere.
    belongs: Option<PathBuf>,
    kept: bool,
}

impl PrivateFile {
    /// Creates the file, so that whatever stands against it is known before anything is begun. To
    /// replace one, it is made under a name of its own beside it, and moved when kept.
    pub fn create(path: &Path, existing: Existing) -> Result<Self, FileError> {
        let fail = |error| FileError::creating(path, error);
        let there = match fs::symlink_metadata(path) {
            Ok(metadata) => Some(metadata.file_type()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error)),
        };
        let path_of = || path.to_owned();
        let (at, belongs) = match there {
            None => (path_of(), None),
            Some(kind) if kind.is_symlink() => return Err(FileError::Symlink { path: path_of() }),
            Some(kind) if !kind.is_file() => return Err(FileError::NotAFile { path: path_of() }),
            Some(_) if existing == Existing::Refuse => {
                return Err(FileError::Exists { path: path_of() });
            }
            Some(_) => {
                let mut name = std::ffi::OsString::from(".");
                name.push(path.file_name().unwrap_or_default());
                name.push(format!(".{}.new", std::process::id()));
                (path.with_file_name(name), Some(path_of()))
            }
        };
        // create_new is O_CREAT | O_EXCL: a link or a file that came in between fails it.
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(flags)
            .open(&at)
            .map_err(fail)?;
        let created = Self {
            file,
            at,
            belongs,
            kept: false,
        };
        // The umask may have taken away even the owner's rights.
        created
            .file
            .set_permissions(Permissions::from_mode(0o600))
            .map_err(fail)?;
        Ok(created)
    }

    /// Writes it all in place of what was written before, down to the disk, so that a full one is
    /// noticed here.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let written = self
            .file
            .rewind()
            .and_then(|()| self.file.write_all(bytes))
            .and_then(|()| self.file.set_len(length))
            .and_then(|()| self.file.sync_all());
        written.map_err(|error| FileError::writing(self.path(), error))
    }

    /// The open file, for a program that writes into it.
    pub const fn handle(&self) -> &File {
        &self.file
    }

    /// What another program wrote is on the disk from here on.
    pub fn settle(&mut self) -> Result<(), FileError> {
        let synced = self.file.sync_all();
        synced.map_err(|error| FileError::writing(self.path(), error))
    }

    /// Lets it stand, and its name outlives a power failure.
    pub fn keep_for_good(self) -> Result<(), FileError> {
        let path = self.path().to_owned();
        self.keep()?;
        let directory = match path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        };
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(|error| FileError::writing(&path, error))
    }

    /// Lets it stand, under its name.
    pub fn keep(mut self) -> Result<(), FileError> {
        self.kept = true;
        match &self.belongs {
            None => Ok(()),
            Some(path) => fs::rename(&self.at, path).map_err(|error| FileError::NotMoved {
                at: self.at.clone(),
                path: path.clone(),
                error,
            }),
        }
    }

    /// The name that was asked for.
    pub fn path(&self) -> &Path {
        self.belongs.as_deref().unwrap_or(&self.at)
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.kept {
            // Whoever could stop this could have taken the file away already.
            let _ = fs::remove_file(&self.at);
        }
    }
}

/// Why a file could not be saved. As it is displayed, the file is a picture.
#[derive(Debug)]
pub enum FileError {
    /// The name does not say which kind of picture is wanted.
    UnknownExtension {
        /// That name.
        path: PathBuf,
    },
    /// The size of paper is given for a picture.
    PaperWithoutCard {
        /// That name.
        path: PathBuf,
    },
    /// There is a file of that name.
    Exists {
        /// That name.
        path: PathBuf,
    },
    /// The name is a symbolic link.
    Symlink {
        /// That name.
        path: PathBuf,
    },
    /// The name is a directory, a device or the like.
    NotAFile {
        /// That name.
        path: PathBuf,
    },
    /// The directory is not there.
    NoDirectory {
        /// The file's name.
        path: PathBuf,
    },
    /// The directory is not the caller's to write in.
    NotAllowed {
        /// The file's name.
        path: PathBuf,
        /// How the system says so.
        error: io::Error,
    },
    /// There is no room left.
    Full {
        /// The file's name.
        path: PathBuf,
    },
    /// The file is written, and could not take the place of the old one.
    NotMoved {
        /// Where it is.
        at: PathBuf,
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Anything else.
    Other {
        /// The file's name.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

impl FileError {
    fn creating(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoDirectory { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotAllowed { path, error }
            }
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::writing(&path, error),
        }
    }

    fn writing(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Other { path, error },
        }
    }
}

impl FileError {
    /// The name of the file, and why it could not be saved: for people, whatever it was to hold.
    pub fn told(&self) -> (String, String) {
        let (Self::UnknownExtension { path }
        | Self::PaperWithoutCard { path }
        | Self::Exists { path }
        | Self::Symlink { path }
        | Self::NotAFile { path }
        | Self::NoDirectory { path }
        | Self::NotAllowed { path, .. }
        | Self::Full { path }
        | Self::NotMoved { path, .. }
        | Self::Other { path, .. }) = self;
        let printable = |path: &Path| Printable(&path.to_string_lossy()).to_string();
        let why = match self {
            Self::UnknownExtension { .. } => tell!("tool-file-extension"),
            Self::PaperWithoutCard { .. } => tell!("card-paper-for-picture"),
            Self::Exists { .. } => tell!("tool-file-exists"),
            Self::Symlink { .. } => tell!("tool-file-link"),
            Self::NotAFile { .. } => tell!("tool-file-no-file"),
            Self::NoDirectory { .. } => tell!("tool-file-no-directory"),
            Self::NotAllowed { error, .. } => {
                tell!("tool-file-not-allowed", "why" = error.to_string())
            }
            Self::Full { .. } => tell!("tool-file-full"),
            Self::NotMoved { at, error, .. } => tell!(
                "tool-file-not-moved",
                "why" = error.to_string(),
                "at" = printable(at)
            ),
            Self::Other { error, .. } => tell!("tool-file-other", "why" = error.to_string()),
        };
        (printable(path), why)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, why) = self.told();
        f.write_str(&tell!("tool-file-not-saved", "file" = file, "why" = why))
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests;
