use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::confirmed::Confirmed;
use super::disk::{Disk, DiskFile, Facts, FileKind, Owner};
use super::journal::{Fresh, JOURNAL, Journal};
use super::key::{Home, KEY_BYTES, KeyId, Keyring};
use super::notice::{Notice, Report};
use super::open_error::OpenError;
use super::replay::{Refusal, Replayed, replay};
use super::seal::{Entropy, SealError, count_by_key, key_of, system_entropy, unseal};
use super::table::Table;

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
    /// A journal shorter than this many bytes is never replaced by a snapshot.
    pub snapshot_from: u64,
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
        }
    }
}

/// What is in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Summary {
    /// How many users have a record.
    pub records: usize,
    /// How long the journal is, in bytes, up to the last whole change.
    pub bytes: usize,
    /// How many bytes of an unfinished write follow.
    pub torn: usize,
}

/// A store as it lies on the disk, sealed.
pub struct Checked {
    /// What is in it.
    pub summary: Summary,
    pub(super) table: Table,
    pub(super) last_version: u64,
}

impl Checked {
    /// Every record, sealed, in the order of the names.
    pub(super) fn records(&self) -> impl Iterator<Item = (&UserName, &[u8])> {
        self.table
            .after(None)
            .map(|(user, _, sealed)| (user, &**sealed))
    }

    /// Opens every record.
    pub fn open<'c>(
        &'c self,
        keys: &'c Keyring,
    ) -> impl Iterator<Item = (&'c UserName, Result<Zeroizing<Vec<u8>>, SealError>)> + 'c {
        self.records()
            .map(|(user, sealed)| (user, unseal(keys, user, sealed)))
    }

    /// How many records are under each of these keys, and then under others.
    pub fn by_key(&self, places: &[(KeyId, Home)]) -> Vec<(KeyId, Option<Home>, usize)> {
        count_by_key(self.records().map(|(_, sealed)| sealed), places)
    }

    /// The bytes of the key that seals and of those that a record still needs, one after the other.
    pub fn needed_keys(&self, keys: &Keyring) -> (Zeroizing<Vec<u8>>, Vec<KeyId>) {
        let mut needed = vec![keys.current.id()];
        for id in self.records().filter_map(|(_, sealed)| key_of(sealed).ok()) {
            if !needed.contains(&id) {
                needed.push(id);
            }
        }
        needed.retain(|id| keys.find(*id).is_some());
        let mut bytes = Zeroizing::new(Vec::with_capacity(needed.len() * KEY_BYTES));
        for key in needed.iter().filter_map(|id| keys.find(*id)) {
            bytes.extend_from_slice(key.expose());
        }
        (bytes, needed)
    }
}

/// Reads a store as [`super::Store::open`] would, and changes and locks nothing. While a daemon
/// writes there, its current change may be seen as torn.
pub fn check(disk: &dyn Disk) -> Result<Checked, OpenError> {
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
    let replayed = read(disk, &*file)?;
    confirmed(disk, &said, &replayed)?;
    Ok(Checked {
        summary: Summary {
            records: replayed.table.len(),
            bytes: replayed.length,
            torn: replayed.torn,
        },
        table: replayed.table,
        last_version: replayed.last_version,
    })
}

/// The same, where there has never been a store, too: it has no records.
pub fn check_or_empty(disk: &dyn Disk) -> Result<Checked, OpenError> {
    match check(disk) {
        Err(OpenError::JournalMissing { .. }) if !is_marked(disk)? => Ok(Checked {
            summary: Summary {
                records: 0,
                bytes: 0,
                torn: 0,
            },
            table: Table::default(),
            last_version: 0,
        }),
        checked => checked,
    }
}

/// Has there ever been a store?
fn is_marked(disk: &dyn Disk) -> Result<bool, OpenError> {
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
            if confirmed.salt == replayed.salt && (replayed.length as u64) < confirmed.length =>
        {
            Err(OpenError::Shortened {
                path: disk.path().join(JOURNAL),
                offset: replayed.length as u64,
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
    let (fresh, replayed) = match found {
        Some(file) => {
            let replayed = read(disk, &*file)?;
            confirmed(disk, &said, &replayed)?;
            let Replayed {
                salt,
                length,
                frames,
                ..
            } = replayed;
            (
                Fresh {
                    file,
                    salt,
                    length: length as u64,
                    frames,
                },
                replayed,
            )
        }
        None if marked => return Err(journal_missing(disk)),
        None => begin(opening)?,
    };
    if !marked {
        // On a read-only disk the next start marks it.
        let _ = lock.write_at(0, MARKER).and_then(|()| lock.sync());
    }
    let Replayed {
        table,
        last_version,
        torn,
        ..
    } = replayed;
    let offset = fresh.length;
    let mut journal = Journal::new(opening, lock, fresh);
    if torn > 0 {
        (opening.report)(Notice::TornTailCut {
            offset,
            bytes: torn as u64,
        });
        // A disk that takes no writes now is for the writer to try again; reading works.
        if let Err(error) = journal.cut_tail() {
            (opening.report)(Notice::WritesFailing {
                reason: error.to_string(),
            });
        }
    }
    journal.confirm();
    journal.reserve();
    Ok(Opened {
        journal,
        table,
        last_version,
    })
}

fn begin(opening: &Opening) -> Result<(Fresh, Replayed), OpenError> {
    let disk = &*opening.state;
    let empty = Table::default();
    let fresh = Fresh::write(disk, &opening.entropy, &empty, 0)
        .and_then(|fresh| fresh.publish(disk))
        .map_err(|error| system(disk, "making", JOURNAL, error))?;
    (opening.report)(Notice::Created);
    let Fresh { salt, frames, .. } = fresh;
    Ok((
        fresh,
        Replayed {
            table: empty,
            salt,
            last_version: 0,
            length: 0,
            frames,
            torn: 0,
        },
    ))
}

fn read(disk: &dyn Disk, file: &dyn DiskFile) -> Result<Replayed, OpenError> {
    check_file(disk, JOURNAL, file)?;
    let path = disk.path().join(JOURNAL);
    let bytes = file
        .read()
        .map_err(|error| system(disk, "reading", JOURNAL, error))?;
    replay(&bytes).map_err(|refusal| match refusal {
        Refusal::NotAJournal => OpenError::NotAJournal { path },
        Refusal::Newer { format } => OpenError::NewerFormat { path, format },
        Refusal::Damaged { offset, part } => OpenError::Damaged {
            path,
            offset: offset as u64,
            part,
        },
    })
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
