//! Writes a plan: what was there goes into a copy for root alone, then each file is replaced as a
//! whole.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Like};
use super::error::PamError;
use super::plan::Changes;
use crate::stack::files::{Files, Root, VENDOR};

/// Where the files lie as they were, and what is known of a trial. Not beside the stacks: each file
/// there is a service.
pub const KEPT: &str = "/var/backups/countersign";
/// Ends the name of a file that is being written. libpam is asked for no service that begins with
/// a dot.
const UNFINISHED: &str = ".countersign-new";

/// Keeps a second run away as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the directory, if need be, and takes the lock if nobody has it.
    pub fn take(root: &Root) -> Result<Self, PamError> {
        let (file, path) = Self::open(root)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(PamError::Busy),
            Err(std::fs::TryLockError::Error(error)) => Err(PamError::File { path, error }),
        }
    }

    /// The same, but waits for whoever has it.
    pub fn wait(root: &Root) -> Result<Self, PamError> {
        let (file, path) = Self::open(root)?;
        file.lock().map_err(PamError::at(&path))?;
        Ok(Self { _file: file })
    }

    fn open(root: &Root) -> Result<(File, PathBuf), PamError> {
        let directory = root.at(Path::new(KEPT));
        let above = directory.parent().unwrap_or(Path::new("/")).to_owned();
        // Synced from the top, so that a record in it is found after the power has failed.
        let made = fs::create_dir_all(&above)
            .and_then(|()| {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(directory.join("pam.d"))
            })
            .and_then(|()| File::open(&above)?.sync_all())
            .and_then(|()| File::open(&directory)?.sync_all());
        made.map_err(PamError::at(&directory))?;
        let path = directory.join("lock");
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(PamError::at(&path))?;
        Ok((file, path))
    }
}

/// Keeps copies of all files that a plan changes: which file, and where its copy is.
pub fn back_up(
    disk: &mut impl Disk,
    root: &Root,
    changes: &Changes,
) -> Result<Vec<(PathBuf, PathBuf)>, PamError> {
    let mut copies = Vec::new();
    for path in changes.keys() {
        let real = root.at(path);
        let Some(bytes) = disk.read(&real).map_err(PamError::at(path))? else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for number in 1_u32.. {
            let copy = Path::new(KEPT)
                .join("pam.d")
                .join(format!("{name}.{number}"));
            let there = root.at(&copy);
            match disk.read(&there).map_err(PamError::at(&copy))? {
                Some(kept) if kept != bytes => continue,
                Some(_) => {}
                None => {
                    let temporary = there.with_file_name(format!(".{name}.{number}"));
                    place(disk, &temporary, &there, &bytes, Like::Private)
                        .map_err(PamError::at(&copy))?;
                }
            }
            copies.push((path.clone(), copy));
            break;
        }
    }
    Ok(copies)
}

/// Makes the changes, each file on condition that it is still as it was when they were thought out.
/// If one fails, those made before it are turned back.
pub fn apply(
    disk: &mut impl Disk,
    root: &Root,
    before: &dyn Files,
    changes: &Changes,
) -> Result<(), PamError> {
    let mut undo: Vec<(&Path, Option<Vec<u8>>)> = Vec::new();
    for (path, change) in changes {
        let real = root.at(path);
        let was = before.read(path);
        let made = match disk.read(&real) {
            Ok(now) if now != was => Err(PamError::Changed(path.clone())),
            Ok(_) => put(disk, root, path, change.as_deref()).map_err(PamError::at(path)),
            Err(error) => Err(PamError::at(path)(error)),
        };
        if let Err(error) = made {
            for (path, was) in undo {
                // What keeps this from being done keeps it from being told, too: the copies are left.
                let _ = put(disk, root, path, was.as_deref());
            }
            return Err(error);
        }
        undo.push((path, was));
    }
    Ok(())
}

/// Puts these bytes in a file's place, or takes it away. At any moment there is the old or the new
/// one.
pub fn put(disk: &mut impl Disk, root: &Root, path: &Path, bytes: Option<&[u8]>) -> io::Result<()> {
    let real = root.at(path);
    let directory = real.parent().unwrap_or(Path::new("/")).to_owned();
    let Some(bytes) = bytes else {
        match disk.remove(&real) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return disk.sync(&directory),
        }
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = real.with_file_name(format!(".{name}{UNFINISHED}"));
    // A copy of the distribution's file is like that one.
    let vendor = root.at(&Path::new(VENDOR).join(&*name));
    let like = if disk.read(&real)?.is_some() {
        Like::File(&real)
    } else if disk.read(&vendor)?.is_some() {
        Like::File(&vendor)
    } else {
        Like::Public
    };
    place(disk, &temporary, &real, bytes, like)
}

/// Writes a file beside its place and moves it there.
pub fn place(
    disk: &mut impl Disk,
    temporary: &Path,
    path: &Path,
    bytes: &[u8],
    like: Like<'_>,
) -> io::Result<()> {
    // What a run that was killed has left.
    match disk.remove(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let placed = disk
        .create(temporary, bytes, like)
        .and_then(|()| disk.rename(temporary, path));
    if let Err(error) = placed {
        let _ = disk.remove(temporary);
        return Err(error);
    }
    disk.sync(path.parent().unwrap_or(Path::new("/")))
}
