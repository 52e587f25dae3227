use std::io;
use std::path::Path;

/// One directory on a disk, and all that the store ever asks of it. Tests put a disk here that
/// fills up, fails, and loses power.
///
/// Names are plain file names inside the directory.
pub trait Disk: Send + Sync {
    /// Where the directory is, for messages.
    fn path(&self) -> &Path;

    /// What the directory itself is.
    fn facts(&self) -> io::Result<Facts>;

    /// Opens a file to hold it alone until it is dropped, and creates it when it is missing.
    /// [`io::ErrorKind::WouldBlock`] means that another process holds it.
    fn lock(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens what is there, never through a symbolic link; `None` when nothing is there.
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn DiskFile>>>;

    /// Makes an empty file, in place of what an interrupted earlier try left under this name.
    fn create(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>>;

    /// Puts bytes over the beginning of a file, down to the disk, also where its owner may only read it.
    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Renames a file over another in one step.
    fn replace(&self, from: &str, to: &str) -> io::Result<()>;

    /// Gives each of two files the name of the other, in one step.
    fn exchange(&self, one: &str, other: &str) -> io::Result<()>;

    /// Gives a file another name besides its own, which must be free.
    fn link(&self, name: &str, also: &str) -> io::Result<()>;

    /// Renames a file to a name that must be free.
    fn publish(&self, from: &str, to: &str) -> io::Result<()>;

    /// Waits until the names in the directory are on the disk.
    fn sync(&self) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// What it is. Asked of the open file, so that nothing can be put in its place in between.
    fn facts(&self) -> io::Result<Facts>;

    /// How long it is, in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Its whole content.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Fills `bytes` with what stands at `offset`. An end before that is an error.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`. After an error any part of them may be there.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Sets `length` bytes of disk aside from `offset` on, without making the file longer.
    fn reserve(&self, offset: u64, length: u64) -> io::Result<()>;

    /// Waits until the content is on the disk.
    fn sync(&self) -> io::Result<()>;
}

/// Who may do what with a new file; the umask has no say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// 0600
    OwnerWrites,
    /// 0400
    OwnerReads,
}

impl Access {
    /// The permission bits.
    pub const fn mode(self) -> u32 {
        match self {
            Self::OwnerWrites => 0o600,
            Self::OwnerReads => 0o400,
        }
    }
}

/// What a file or directory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Its kind.
    pub kind: FileKind,
    /// Its permission bits.
    pub mode: u32,
    /// Whose it is.
    pub owner: Owner,
}

/// The kinds that matter here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// Anything else.
    Other,
}

/// Whose a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// The user that this process runs as.
    Us,
    /// Root, when this process is not.
    Root,
    /// The user of this number.
    Other(u32),
}
