use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::{Uid, geteuid};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::disk::{Access, Disk, DiskFile, Facts, FileKind, Owner};

/// A directory of this machine.
pub struct RealDisk {
    path: PathBuf,
    directory: File,
    /// Who we were when it was opened: whose its files should be.
    us: Uid,
}

impl RealDisk {
    /// Opens a directory that exists.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            directory: File::open(path)?,
            us: geteuid(),
        })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Neither follows a link nor waits for the other end of a pipe.
fn careful() -> OpenOptions {
    let mut options = File::options();
    options.read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK);
    options
}

/// A file system that was mounted read-only still shows what it has.
fn write_if_possible(options: &mut OpenOptions, path: &Path, us: Uid) -> io::Result<RealFile> {
    match options.write(true).open(path) {
        Err(error) if may_still_be_read(&error) => Ok(RealFile {
            file: careful().open(path)?,
            us,
            unwritable: error.raw_os_error(),
        }),
        opened => opened.map(|file| RealFile::of(file, us)),
    }
}

/// 0400 files belong to us and may be read, too.
fn may_still_be_read(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    )
}

fn facts_of(file: &File, us: Uid) -> io::Result<Facts> {
    let metadata = file.metadata()?;
    let kind = if metadata.is_file() {
        FileKind::Regular
    } else if metadata.is_dir() {
        FileKind::Directory
    } else {
        FileKind::Other
    };
    let owner = match metadata.uid() {
        uid if uid == us.as_raw() => Owner::Us,
        0 => Owner::Root,
        uid => Owner::Other(uid),
    };
    Ok(Facts {
        kind,
        mode: metadata.mode() & 0o7777,
        owner,
    })
}

impl Disk for RealDisk {
    fn path(&self) -> &Path {
        &self.path
    }

    fn facts(&self) -> io::Result<Facts> {
        facts_of(&self.directory, self.us)
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.at(name);
        let file = match write_if_possible(&mut careful(), &path, self.us) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Not exclusively: of two that find none, the lock decides.
                let file = careful().write(true).create(true).mode(0o600).open(&path)?;
                file.set_permissions(fs::Permissions::from_mode(0o600))?;
                RealFile::of(file, self.us)
            }
            opened => opened?,
        };
        match file.file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        match write_if_possible(&mut careful(), &self.at(name), self.us) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let path = self.at(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = careful()
            .write(true)
            .create_new(true)
            .mode(access.mode())
            .open(&path)?;
        file.set_permissions(fs::Permissions::from_mode(access.mode()))?;
        Ok(Box::new(RealFile::of(file, self.us)))
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = careful().open(self.at(name))?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        let file = careful().write(true).open(self.at(name))?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.at(name))
    }

    fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.at(from), self.at(to))
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        Ok(renameat_with(
            CWD,
            self.at(one),
            CWD,
            self.at(other),
            RenameFlags::EXCHANGE,
        )?)
    }

    fn link(&self, name: &str, also: &str) -> io::Result<()> {
        fs::hard_link(self.at(name), self.at(also))
    }

    fn publish(&self, from: &str, to: &str) -> io::Result<()> {
        fs::hard_link(self.at(from), self.at(to))?;
        fs::remove_file(self.at(from))
    }

    fn sync(&self) -> io::Result<()> {
        self.directory.sync_all()
    }
}

struct RealFile {
    file: File,
    us: Uid,
    /// Why it was opened for reading only, if it was.
    unwritable: Option<i32>,
}

impl RealFile {
    fn of(file: File, us: Uid) -> Self {
        Self {
            file,
            us,
            unwritable: None,
        }
    }

    /// The file for writing, or why it cannot be written to.
    fn writable(&self) -> io::Result<&File> {
        match self.unwritable {
            None => Ok(&self.file),
            Some(errno) => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

impl DiskFile for RealFile {
    fn facts(&self) -> io::Result<Facts> {
        facts_of(&self.file, self.us)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.length()?).map_err(io::Error::other)?;
        // In one piece: a key that grew with the buffer would leave copies behind.
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writable()?.write_all_at(bytes, offset)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.writable()?.set_len(length)
    }

    fn reserve(&self, offset: u64, length: u64) -> io::Result<()> {
        let offset = i64::try_from(offset).map_err(io::Error::other)?;
        let length = i64::try_from(length).map_err(io::Error::other)?;
        Ok(fallocate(
            self.writable()?,
            FallocateFlags::FALLOC_FL_KEEP_SIZE,
            offset,
            length,
        )?)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
