use std::fmt;
use std::io;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::disk::{Access, Disk, DiskFile, Facts, FileKind, Owner};
use super::key_error::KeyError;
use super::seal::Entropy;

/// The file beside the store, and the credential, that hold the key.
pub(super) const KEY: &str = "key";
const NEW_KEY: &str = "key.new";
const OLD_KEY: &str = "key.old";
pub(super) const CREDENTIAL: &str = "countersign.key";
const OLD_CREDENTIAL: &str = "countersign.key.old";

/// How long a key is, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// Tells keys apart without giving anything of them away: the beginning of a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyId(pub(super) [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What records are sealed under. Wiped on drop, and never printed.
pub struct Key {
    id: KeyId,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl Key {
    /// Takes key bytes.
    pub fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let hash = Sha256::new()
            .chain_update(b"countersign key id")
            .chain_update(*bytes)
            .finalize();
        let mut id = [0; 8];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self {
            id: KeyId(id),
            bytes,
        }
    }

    /// Which key it is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }
}

/// The key that seals, and those that are still needed to open what was sealed before.
pub struct Keyring {
    pub(super) current: Key,
    pub(super) older: Vec<Key>,
}

/// What the store has that a key would have to open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sealed {
    Nothing,
    Records,
}

/// Was a key found?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    Found,
    Generated,
}

impl Keyring {
    /// The credential `countersign.key` seals when there is one, and else the file `key` of the
    /// state directory. All others that are there, `key.old` too, only open.
    ///
    /// Without any key one is made, unless that would orphan records. To change a generated key,
    /// rename `key` to `key.old` and restart.
    pub(super) fn load(
        state: &dyn Disk,
        credentials: Option<&dyn Disk>,
        entropy: &Entropy,
        sealed: Sealed,
    ) -> Result<(Self, Origin), KeyError> {
        let credential = |name| credentials.map_or(Ok(None), |disk| read_credential(disk, name));
        let file = read_file(state, KEY)?;
        let old_file = read_file(state, OLD_KEY)?;
        let mut older = Vec::from_iter(credential(OLD_CREDENTIAL)?);
        let (current, origin) = match (credential(CREDENTIAL)?, file) {
            (Some(current), file) => {
                older.extend(file);
                (current, Origin::Found)
            }
            (None, Some(current)) => (current, Origin::Found),
            (None, None) if sealed == Sealed::Records && old_file.is_none() => {
                return Err(KeyError::Missing {
                    path: state.path().join(KEY),
                });
            }
            (None, None) => (generate(state, entropy)?, Origin::Generated),
        };
        older.extend(old_file);
        Ok((Self { current, older }, origin))
    }

    /// The key of a record.
    pub(super) fn find(&self, id: KeyId) -> Option<&Key> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
    }
}

fn read_file(disk: &dyn Disk, name: &str) -> Result<Option<Key>, KeyError> {
    read_key(disk, name, |facts, path| match facts {
        Facts {
            owner: Owner::Root, ..
        } => Err(KeyError::ForeignOwner { path, uid: 0 }),
        Facts {
            owner: Owner::Other(uid),
            ..
        } => Err(KeyError::ForeignOwner { path, uid }),
        Facts { mode, .. } if mode & 0o077 != 0 => Err(KeyError::Exposed { path, mode }),
        _ => Ok(()),
    })
}

/// systemd lets the service read a credential of root's through an access control list, which
/// shows as permission of the group.
fn read_credential(disk: &dyn Disk, name: &str) -> Result<Option<Key>, KeyError> {
    read_key(disk, name, |facts, path| match facts {
        Facts {
            owner: Owner::Other(uid),
            ..
        } => Err(KeyError::ForeignOwner { path, uid }),
        Facts { mode, .. } if mode & 0o007 != 0 => Err(KeyError::Exposed { path, mode }),
        _ => Ok(()),
    })
}

fn read_key(
    disk: &dyn Disk,
    name: &str,
    judge: impl Fn(Facts, PathBuf) -> Result<(), KeyError>,
) -> Result<Option<Key>, KeyError> {
    let path = || disk.path().join(name);
    let system = |doing, source| KeyError::System {
        doing,
        path: path(),
        source,
    };
    let file = match disk.open(name) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(error) if error.raw_os_error() == Some(nix::libc::ELOOP) => {
            return Err(KeyError::NotRegular { path: path() });
        }
        Err(error) => return Err(system("opening", error)),
    };
    let facts = file.facts().map_err(|error| system("looking at", error))?;
    if facts.kind != FileKind::Regular {
        return Err(KeyError::NotRegular { path: path() });
    }
    judge(facts, path())?;
    let read = Zeroizing::new(file.read().map_err(|error| system("reading", error))?);
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    if read.len() != KEY_BYTES {
        return Err(KeyError::WrongLength {
            path: path(),
            bytes: read.len(),
        });
    }
    bytes.copy_from_slice(&read);
    Ok(Some(Key::new(bytes)))
}

fn generate(disk: &dyn Disk, entropy: &Entropy) -> Result<Key, KeyError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    let mut write = || -> io::Result<()> {
        entropy(&mut *bytes)?;
        let file: Box<dyn DiskFile> = disk.create(NEW_KEY, Access::OwnerReads)?;
        file.write_at(0, &*bytes)?;
        file.sync()?;
        disk.publish(NEW_KEY, KEY)?;
        disk.sync()
    };
    let path = disk.path().join(KEY);
    write().map_err(|source| KeyError::System {
        doing: "making",
        path,
        source,
    })?;
    Ok(Key::new(bytes))
}
