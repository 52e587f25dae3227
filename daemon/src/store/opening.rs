use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::compaction::{Beside, Threads};
use super::confirmed::Confirmed;
use super::disk::{Disk, DiskFile, Facts, FileKind, Owner};
use super::journal::{DataFile, JOURNAL, Journal};
use super::layer::Layer;
use super::notice::{Notice, Report};
use super::open_error::OpenError;
use super::replay::{Format, Refusal, Replayed, Tail, replay};
use super::seal::{Entropy, system_entropy};
use super::snapshot::{Draft, Fresh};
use super::table::Table;
use super::tally::Tally;

/// The file that is locked while a store is open.
pub(super) const LOCK: &str = "lock";
/// What the lock file says once there is a journal. A journal that then goes missing is a loss and
/// not a new beginning: with nobody enrolled, policy would let people in without a code.
pub(super) const MARKER: &[u8] = b"This directory holds a Countersign store.\n";

/// What a store is opened with.
#[derive(Clone)]
pub struct Opening {
    /// The state directory: 0700, the daemon's own.
    pub state: Arc<dyn Disk>,
    /// Where random bytes come from.
    pub entropy: Entropy,
    /// Where notices for the log go.
    pub report: Report,
    /// How long to wait before a failed disk is tried again.
    pub retry_every: Duration,
    /// So many bytes of changes are needed at least before they become a new snapshot.
    pub snapshot_from: u64,
    /// How many zeros are written ahead of the changes, in bytes.
    pub fill: u64,
    /// Who makes snapshots and looks through them.
    pub beside: Arc<dyn Beside>,
}

impl Opening {
    /// What a daemon uses: the system's randomness, and figures that need no tuning.
    pub fn new(state: Arc<dyn Disk>, report: Report) -> Self {
        Self {
            state,
            entropy: system_entropy(),
            report,
            retry_every: Duration::from_secs(5),
            snapshot_from: 1024 * 1024,
            fill: 512 * 1024,
            beside: Arc::new(Threads),
        }
    }
}

/// Finds a store and reads what a start reads; changes and locks nothing.
pub(super) fn look(disk: &dyn Disk) -> Result<Replayed, OpenError> {
    check_directory(disk)?;
    // Before the journal, which may grow meanwhile.
    let said = match disk
        .open(LOCK)
        .map_err(|error| system_or_link(disk, LOCK, error))?
    {
        Some(lock) => {
            check_file(disk, LOCK, &*lock)?;
            lock.read()
                .map_err(|error| system(disk, "reading", LOCK, error))?
        }
        None => Vec::new(),
    };
    let file = disk
        .open(JOURNAL)
        .map_err(|error| system_or_link(disk, JOURNAL, error))?;
    let Some(file) = file else {
        return Err(journal_missing(disk));
    };
    let replayed = read(disk, Arc::from(file))?.1;
    confirmed(disk, &said, &replayed)?;
    Ok(replayed)
}

/// Has there ever been a store?
pub(super) fn is_marked(disk: &dyn Disk) -> Result<bool, OpenError> {
    let lock = disk
        .open(LOCK)
        .map_err(|error| system_or_link(disk, LOCK, error))?;
    let said = lock.map(|lock| lock.read()).transpose();
    let said = said.map_err(|error| system(disk, "reading", LOCK, error))?;
    Ok(said.is_some_and(|said| !said.is_empty()))
}

/// Is a journal as long as somebody was told?
fn confirmed(disk: &dyn Disk, lock: &[u8], replayed: &Replayed) -> Result<(), OpenError> {
    match Confirmed::find(lock) {
        Some(confirmed)
            if confirmed.salt == replayed.salt && replayed.tail.length < confirmed.length =>
        {
            Err(OpenError::Shortened {
                path: disk.path().join(JOURNAL),
                offset: replayed.tail.length,
                confirmed: confirmed.length,
                marker: disk.path().join(LOCK),
            })
        }
        _ => Ok(()),
    }
}

/// A store as it was found or made.
pub(super) struct Opened {
    pub(super) journal: Journal,
    pub(super) table: Table,
    pub(super) last_version: u64,
    pub(super) writes: Writes,
}

/// Does the disk take writes, as far as that was seen?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Writes {
    Work,
    Fail,
}

/// Finds or makes the store of a directory.
pub(super) fn open(opening: &Opening) -> Result<Opened, OpenError> {
    let disk = &*opening.state;
    check_directory(disk)?;
    let lock = disk.lock(LOCK).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::InUse {
            path: disk.path().join(LOCK),
        },
        _ => system_or_link(disk, LOCK, error),
    })?;
    check_file(disk, LOCK, &*lock)?;
    let said = lock
        .read()
        .map_err(|error| system(disk, "reading", LOCK, error))?;
    let marked = !said.is_empty();

    let found = disk
        .open(JOURNAL)
        .map_err(|error| system_or_link(disk, JOURNAL, error))?;
    let (file, replayed) = match found {
        Some(file) => {
            let (file, replayed) = read(disk, Arc::from(file))?;
            confirmed(disk, &said, &replayed)?;
            (file, replayed)
        }
        None if marked => return Err(journal_missing(disk)),
        None => begin(opening)?,
    };
    if !marked {
        // On a read-only disk the next start marks it.
        let _ = lock.write_at(0, MARKER).and_then(|()| lock.sync());
    }
    let Replayed {
        base,
        changes,
        tally,
        salt,
        last_version,
        changes_at,
        tail,
        file_length,
        format,
    } = replayed;
    let at = DataFile {
        file,
        salt,
        changes_at,
        length: tail.length,
        frames: tail.frames,
        file_length,
        format,
    };
    let mut journal = Journal::new(opening, lock, at);
    let mut writes = Writes::Work;
    if tail.torn > 0 {
        (opening.report)(Notice::TornTailCut {
            offset: tail.length,
            bytes: tail.torn,
        });
        // A disk that takes no writes now is for the writer to try again; reading works.
        if format == Format::Current
            && let Err(error) = journal.cut_tail()
        {
            writes = Writes::Fail;
            (opening.report)(Notice::WritesFailing {
                reason: error.to_string(),
            });
        }
    }
    journal.confirm();
    journal.write_ahead();
    Ok(Opened {
        journal,
        table: Table::new(base, changes, tally),
        last_version,
        writes,
    })
}

fn begin(opening: &Opening) -> Result<(Arc<dyn DiskFile>, Replayed), OpenError> {
    let disk = &*opening.state;
    let fresh = Draft::begin(disk, &opening.entropy)
        .and_then(|draft| draft.end(0, opening.fill))
        .and_then(|fresh| fresh.publish(disk))
        .map_err(|error| system(disk, "making", JOURNAL, error))?;
    (opening.report)(Notice::Created);
    let Fresh {
        base,
        file,
        length,
        frames,
        ..
    } = fresh;
    let file_length = file
        .length()
        .map_err(|error| system(disk, "looking at", JOURNAL, error))?;
    let replayed = Replayed {
        salt: base.salt,
        base,
        changes: Layer::default(),
        tally: Tally::default(),
        last_version: 0,
        changes_at: length,
        tail: Tail {
            length,
            frames,
            torn: 0,
        },
        file_length,
        format: Format::Current,
    };
    Ok((file, replayed))
}

fn read(
    disk: &dyn Disk,
    file: Arc<dyn DiskFile>,
) -> Result<(Arc<dyn DiskFile>, Replayed), OpenError> {
    check_file(disk, JOURNAL, &*file)?;
    let path = disk.path().join(JOURNAL);
    let replayed = replay(Arc::clone(&file)).map_err(|refusal| match refusal {
        Refusal::NotAJournal => OpenError::NotAJournal { path },
        Refusal::Newer { format } => OpenError::NewerFormat { path, format },
        Refusal::Damaged { offset, part } => OpenError::Damaged { path, offset, part },
        Refusal::System(error) => system(disk, "reading", JOURNAL, error),
    })?;
    Ok((file, replayed))
}

fn check_directory(disk: &dyn Disk) -> Result<(), OpenError> {
    let path = disk.path().to_owned();
    match disk.facts() {
        Err(source) => Err(OpenError::System {
            doing: "looking at",
            path,
            source,
        }),
        Ok(Facts { kind, .. }) if kind != FileKind::Directory => {
            Err(OpenError::NotADirectory { path })
        }
        Ok(facts) => check_access(path, facts, 0o700),
    }
}

fn check_file(disk: &dyn Disk, name: &str, file: &dyn DiskFile) -> Result<(), OpenError> {
    let path = disk.path().join(name);
    match file.facts() {
        Err(source) => Err(OpenError::System {
            doing: "looking at",
            path,
            source,
        }),
        Ok(Facts { kind, .. }) if kind != FileKind::Regular => Err(OpenError::NotRegular { path }),
        Ok(facts) => check_access(path, facts, 0o600),
    }
}

fn check_access(path: PathBuf, facts: Facts, wanted: u32) -> Result<(), OpenError> {
    match facts {
        Facts {
            owner: Owner::Root, ..
        } => Err(OpenError::ForeignOwner { path, uid: 0 }),
        Facts {
            owner: Owner::Other(uid),
            ..
        } => Err(OpenError::ForeignOwner { path, uid }),
        Facts { mode, .. } if mode & !wanted & 0o777 != 0 => {
            Err(OpenError::Exposed { path, mode, wanted })
        }
        _ => Ok(()),
    }
}

fn journal_missing(disk: &dyn Disk) -> OpenError {
    let at = |name| disk.path().join(name);
    OpenError::JournalMissing {
        path: at(JOURNAL),
        marker: at(LOCK),
    }
}

fn system(disk: &dyn Disk, doing: &'static str, name: &str, source: io::Error) -> OpenError {
    OpenError::System {
        doing,
        path: disk.path().join(name),
        source,
    }
}

/// Opening without following links says "too many links" for a link.
fn system_or_link(disk: &dyn Disk, name: &str, source: io::Error) -> OpenError {
    match source.raw_os_error() {
        Some(nix::libc::ELOOP | nix::libc::EISDIR) => OpenError::NotRegular {
            path: disk.path().join(name),
        },
        _ => system(disk, "opening", name, source),
    }
}
