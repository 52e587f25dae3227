//! The steps by which a file takes the place of another, each of which may be the last one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
use rustix::io::Errno;

/// What belongs to a file besides its bytes: the label of `SELinux` and rights for single users.
const LABELS: [&str; 2] = ["security.selinux", "system.posix_acl_access"];
/// The longest of these that is kept, in bytes.
const LONGEST_LABEL: usize = 4096;

/// What a new file is to be like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Like<'a> {
    /// Owner, mode and labels of this one.
    File(&'a Path),
    /// Root's, for all to read.
    Public,
    /// Root's alone.
    Private,
}

/// A file system in single steps.
pub trait Disk {
    /// The bytes of a file; `None` when there is none.
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// Makes a file that was not there and writes it, down to the disk.
    fn create(&mut self, path: &Path, bytes: &[u8], like: Like<'_>) -> io::Result<()>;
    /// Puts one file in the place of another.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a file away.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Makes lasting what was renamed or removed in this directory.
    fn sync(&mut self, directory: &Path) -> io::Result<()>;
}

/// The real one.
#[derive(Clone, Copy, Debug)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&mut self, path: &Path, bytes: &[u8], like: Like<'_>) -> io::Result<()> {
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        let mode = match like {
            Like::File(model) => {
                let model = File::open(model)?;
                let metadata = model.metadata()?;
                fchown(&file, Some(metadata.uid()), Some(metadata.gid()))?;
                for label in LABELS {
                    copy_label(&model, &file, label)?;
                }
                metadata.mode() & 0o7777
            }
            Like::Public => 0o644,
            Like::Private => 0o600,
        };
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync(&mut self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }
}

fn copy_label(from: &File, to: &File, name: &str) -> io::Result<()> {
    let mut value = vec![0_u8; LONGEST_LABEL];
    let length = match fgetxattr(from, name, &mut value[..]) {
        Ok(length) => length,
        Err(Errno::NODATA | Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let value = value.get(..length).unwrap_or_default();
    fsetxattr(to, name, value, XattrFlags::empty())?;
    Ok(())
}
