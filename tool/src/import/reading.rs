//! Reads a file as root out of directories that others own, without being led astray.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use nix::unistd::{Gid, Uid, setfsgid, setfsuid};
use rustix::fs::{FileType, Mode, OFlags, fstat, open, openat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::why::Why;

/// A file that was read.
pub struct Contents {
    /// What is in it.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The uid that it belongs to.
    pub owner: u32,
    /// Could others read it?
    pub others_can_read: bool,
}

/// What came of reading.
pub enum Reading {
    /// The directory to begin in is not there.
    NoBase,
    /// The file is not there.
    NoFile,
    /// It was read.
    File(Contents),
}

/// Where a file is, and what it must be like.
pub struct Place<'a> {
    /// The directory to begin in. Symbolic links on the way to it are followed: it is an
    /// administrator's.
    pub base: &'a Path,
    /// The way from there, on which none is followed: its directories may be anybody's.
    pub rest: &'a Path,
    /// Whose the file must be; root's is as good. `None` takes anybody's.
    pub owner: Option<u32>,
    /// The longest file, in bytes.
    pub longest: u64,
}

/// Reads it.
///
/// Neither a link nor a FIFO nor a device can take the place of the file: what is read is what was
/// looked at. A file of root's that has several names may have got its place by its name here alone
/// (link(2)), and counts for nobody else.
pub fn read(place: &Place<'_>) -> Result<Reading, Why> {
    let base = match open(place.base, DIRECTORY, Mode::empty()) {
        Ok(base) => base,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Reading::NoBase),
        Err(error) => return Err(unreadable(error)),
    };
    let Some(file) = walk(base, place.rest)? else {
        return Ok(Reading::NoFile);
    };
    let about = fstat(&file).map_err(unreadable)?;
    if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return Err(Why::NotAFile);
    }
    let of_root_alone = about.st_uid == 0 && about.st_nlink == 1;
    if place
        .owner
        .is_some_and(|owner| about.st_uid != owner && !of_root_alone)
    {
        return Err(Why::OtherOwner);
    }
    if about.st_mode & 0o022 != 0 {
        return Err(Why::OthersCanWrite);
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let length = u64::try_from(about.st_size).unwrap_or(u64::MAX);
    if length > place.longest {
        return Err(Why::TooLarge);
    }
    // All the room at once, since a vector that grows leaves unwiped copies behind.
    bytes.reserve_exact(usize::try_from(length).unwrap_or_default() + 1);
    File::from(file)
        .take(length + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Why::Unreadable(error.to_string()))?;
    if bytes.len() as u64 > length {
        return Err(Why::TooLarge); // it has grown meanwhile
    }
    Ok(Reading::File(Contents {
        bytes,
        owner: about.st_uid,
        others_can_read: about.st_mode & 0o044 != 0,
    }))
}

/// Reads it, and where root may not (a network disk that does not trust other hosts' root), with the
/// rights of the user.
pub fn read_as(place: &Place<'_>, uid: u32, gid: u32) -> Result<Reading, Why> {
    match read(place) {
        Err(Why::Unreadable(_)) if Uid::effective().is_root() => {
            let _rights = Rights::of(uid, gid);
            read(place)
        }
        read => read,
    }
}

/// The rights of this thread at files are another user's until this is dropped.
struct Rights {
    uid: Uid,
    gid: Gid,
}

impl Rights {
    fn of(uid: u32, gid: u32) -> Self {
        let gid = setfsgid(Gid::from_raw(gid));
        let uid = setfsuid(Uid::from_raw(uid));
        Self { uid, gid }
    }
}

impl Drop for Rights {
    fn drop(&mut self) {
        setfsuid(self.uid);
        setfsgid(self.gid);
    }
}

const DIRECTORY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Goes from directory to directory, and opens what is at the end.
fn walk(base: OwnedFd, rest: &Path) -> Result<Option<OwnedFd>, Why> {
    let names: Vec<&OsStr> = rest
        .components()
        .filter(|it| !matches!(it, Component::CurDir | Component::RootDir))
        .map(Component::as_os_str)
        .collect();
    let Some((last, directories)) = names.split_last() else {
        return Err(Why::NotAFile);
    };
    let mut at = base;
    for name in directories {
        at = match openat(&at, *name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(next) => next,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
    }
    match openat(&at, *last, FILE, Mode::empty()) {
        Ok(file) => Ok(Some(file)),
        Err(Errno::NOENT) => Ok(None),
        // A socket.
        Err(Errno::NXIO) => Err(Why::NotAFile),
        Err(error) => Err(unreadable(error)),
    }
}

fn unreadable(error: Errno) -> Why {
    match error {
        Errno::LOOP | Errno::NOTDIR => Why::Symlink,
        error => Why::Unreadable(std::io::Error::from(error).to_string()),
    }
}

/// A file that the caller has named: from the root, or from where the caller is.
pub fn named(path: &Path, owner: Option<u32>, longest: u64) -> Result<Contents, Why> {
    let base = if path.is_absolute() { "/" } else { "." };
    let place = Place {
        base: Path::new(base),
        rest: path,
        owner,
        longest,
    };
    match read(&place)? {
        Reading::File(contents) => Ok(contents),
        Reading::NoBase | Reading::NoFile => Err(Why::NoFile),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, hard_link};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    const LONGEST: u64 = 64 * 1024;

    fn write(path: &Path, mode: u32) {
        fs::write(path, "secret").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn read_in(base: &Path, rest: &str) -> Result<Reading, Why> {
        read(&Place {
            base,
            rest: Path::new(rest),
            owner: Some(Uid::effective().as_raw()),
            longest: LONGEST,
        })
    }

    fn why(base: &Path, rest: &str) -> Why {
        read_in(base, rest).err().unwrap_or(Why::Comment)
    }

    #[test]
    fn an_ordinary_file_is_read_and_whether_others_could_is_told() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, others) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            let path = dir.path().join(format!("{mode:o}"));
            write(&path, mode);
            let Ok(Reading::File(read)) = read_in(dir.path(), &format!("{mode:o}")) else {
                panic!("{mode:o}")
            };
            assert_eq!(
                (read.bytes.as_slice(), read.others_can_read),
                (&b"secret"[..], others)
            );
        }
        assert!(matches!(
            read_in(dir.path(), "nothing"),
            Ok(Reading::NoFile)
        ));
        assert!(matches!(
            read_in(dir.path(), "no/thing"),
            Ok(Reading::NoFile)
        ));
        assert!(matches!(
            read_in(&dir.path().join("no"), "thing"),
            Ok(Reading::NoBase)
        ));
    }

    #[test]
    fn nothing_but_a_file_of_the_right_owner_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        write(&at("real"), 0o600);
        symlink(at("real"), at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        write(&at("folder/file"), 0o600);
        symlink(at("folder"), at("way")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("fifo"), Mode::RUSR).unwrap();
        let _listening = UnixListener::bind(at("socket")).unwrap();
        write(&at("open"), 0o620);
        let huge = File::create(at("huge")).unwrap();
        huge.set_len(LONGEST + 1).unwrap();
        for (name, expected) in [
            ("link", Why::Symlink),
            ("way/file", Why::Symlink),
            ("real/file", Why::Symlink),
            ("folder", Why::NotAFile),
            ("fifo", Why::NotAFile),
            ("socket", Why::NotAFile),
            ("open", Why::OthersCanWrite),
            ("huge", Why::TooLarge),
        ] {
            assert_eq!(why(dir.path(), name), expected, "{name}");
        }
        // Somebody else's, whom the test need not be able to become.
        let foreign = read(&Place {
            base: dir.path(),
            rest: Path::new("real"),
            owner: Some(Uid::effective().as_raw() + 1),
            longest: LONGEST,
        });
        let of_root = Uid::effective().is_root();
        assert_eq!(foreign.is_ok(), of_root);
        if of_root {
            hard_link(at("real"), at("second name")).unwrap();
            let linked = read(&Place {
                base: dir.path(),
                rest: Path::new("second name"),
                owner: Some(1),
                longest: LONGEST,
            });
            assert_eq!(linked.err(), Some(Why::OtherOwner));
        }
    }
}
