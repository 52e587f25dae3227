//! Which files there are, and the text of one.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::geteuid;

use super::problem::{Place, Problem, Wrong};

/// The main file of the configuration folder.
const MAIN: &str = "countersign.toml";
/// The folder of drop-ins beside it.
const DROP_INS: &str = "conf.d";
/// More than any configuration has: 1 MiB.
const MOST_BYTES: u64 = 1 << 20;

/// The files in the order in which they are read: the main file, then the drop-ins by the bytes of
/// their names. Whatever does not end in `.toml` or begins with a dot (an editor's copy) is none.
pub fn all(dir: &Path) -> Vec<Result<PathBuf, Problem>> {
    let mut files = Vec::new();
    // Whoever may put a file there decides as much as whoever may write to one.
    for folder in [dir.to_owned(), dir.join(DROP_INS)] {
        if fs::metadata(&folder).is_ok_and(|about| is_exposed(&about)) {
            files.push(Err(whole(&folder, Wrong::Exposed)));
        }
    }
    let main = dir.join(MAIN);
    match is_there(&main) {
        Ok(true) => files.push(Ok(main)),
        Ok(false) => {}
        Err(error) => files.push(Err(whole(&main, Wrong::Unreadable(error)))),
    }
    let folder = dir.join(DROP_INS);
    match drop_ins(&folder) {
        Ok(names) => files.extend(names.into_iter().map(Ok)),
        Err(error) => files.push(Err(whole(&folder, Wrong::Unreadable(error)))),
    }
    files
}

/// When the newest of the files was changed, or one was added or removed, in seconds of Unix time.
pub fn last_change(dir: &Path) -> Option<u64> {
    let folders = [dir.to_owned(), dir.join(DROP_INS)].into_iter();
    let files = all(dir).into_iter().filter_map(Result::ok);
    folders
        .chain(files)
        .filter_map(|path| fs::metadata(path).ok())
        .filter_map(|about| u64::try_from(about.mtime()).ok())
        .max()
}

fn drop_ins(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !is_there(folder)? {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes.ends_with(b".toml") && !bytes.starts_with(b".") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// May somebody write to this besides root (and the user that this process runs as, who reads it)?
fn is_exposed(about: &Metadata) -> bool {
    let foreign = about.uid() != 0 && about.uid() != geteuid().as_raw();
    let by_group = about.mode() & 0o020 != 0 && about.gid() != 0;
    foreign || by_group || about.mode() & 0o002 != 0
}

/// Looks at a link itself: one that points nowhere is something broken, not something absent.
fn is_there(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn whole(file: &Path, wrong: Wrong) -> Problem {
    Problem {
        file: file.to_owned(),
        place: None,
        wrong,
    }
}

/// The text of a file.
pub fn read(file: &Path) -> Result<String, Problem> {
    let bytes = bytes(file).map_err(|wrong| whole(file, wrong))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(
            error
                .as_bytes()
                .get(..error.utf8_error().valid_up_to())
                .unwrap_or_default(),
        )
        .into_owned();
        let place = Some(Place::of(&good, good.len()));
        Problem {
            file: file.to_owned(),
            place,
            wrong: Wrong::NotUtf8,
        }
    })
}

fn bytes(file: &Path) -> Result<Vec<u8>, Wrong> {
    let opened = open(file).map_err(Wrong::Unreadable)?;
    let about = opened.metadata().map_err(Wrong::Unreadable)?;
    if !about.is_file() {
        return Err(Wrong::NotAFile);
    }
    if is_exposed(&about) {
        return Err(Wrong::Exposed);
    }
    let mut bytes = Vec::new();
    // One more than allowed, so that a file that grows while it is read is seen to be too large.
    let limit = MOST_BYTES.saturating_add(1);
    opened
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(Wrong::Unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read <= MOST_BYTES) {
        Ok(bytes)
    } else {
        Err(Wrong::TooLarge { most: MOST_BYTES })
    }
}

/// Opens without waiting: a pipe that nobody writes to would hold the daemon's start for ever.
fn open(file: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(file)
}
