use std::fmt;
use std::io;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::disk::{Access, Disk, DiskFile, Facts, FileKind, Owner};
use super::key_error::KeyError;
use super::seal::Entropy;

/// The file beside the store, and the credential, that hold the key.
pub(super) const KEY: &str = "key";
/// The name of a key file while it is written.
pub(super) const NEW_KEY: &str = "key.new";
/// The file with a key that only opens any more.
pub(super) const OLD_KEY: &str = "key.old";
pub(super) const CREDENTIAL: &str = "countersign.key";
/// The credential with a key that only opens any more.
pub(super) const OLD_CREDENTIAL: &str = "countersign.key.old";

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

impl KeyId {
    /// Reads back what Display gives.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// Where a key lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Home {
    /// The credential `countersign.key`.
    Credential,
    /// The credential `countersign.key.old`.
    OldCredential,
    /// The file `key` of the state directory.
    KeyFile,
    /// The file `key.old` there.
    OldKeyFile,
    /// Outside of this machine: somebody gave it to us.
    Given,
}

impl Home {
    /// What programs call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::OldCredential => "old-credential",
            Self::KeyFile => "key-file",
            Self::OldKeyFile => "old-key-file",
            Self::Given => "given",
        }
    }
}

/// What records are sealed under. Wiped on drop, and never printed.
#[derive(Clone)]
pub struct Key {
    id: KeyId,
    home: Home,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl Key {
    /// Takes key bytes that somebody gives us.
    pub fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let hash = Sha256::new()
            .chain_update(b"countersign key id")
            .chain_update(*bytes)
            .finalize();
        let mut id = [0; 8];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self {
            id: KeyId(id),
            home: Home::Given,
            bytes,
        }
    }

    /// Makes one up.
    pub(super) fn random(entropy: &Entropy) -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        entropy(&mut *bytes)?;
        Ok(Self::new(bytes))
    }

    /// The same key, said to lie there.
    #[must_use]
    pub(super) fn at(self, home: Home) -> Self {
        Self { home, ..self }
    }

    /// Where it lies.
    pub fn home(&self) -> Home {
        self.home
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
#[derive(Clone)]
pub struct Keyring {
    pub(super) current: Key,
    pub(super) older: Vec<Key>,
}

/// The credentials with keys, as the service manager gives them or as they are read without it.
#[derive(Default)]
pub struct Credentials {
    /// `countersign.key`.
    pub(super) current: Option<Key>,
    /// `countersign.key.old`.
    pub(super) old: Option<Key>,
}

impl Credentials {
    /// Those in a credentials directory (`systemd.exec(5)`).
    pub fn of_service(disk: &dyn Disk) -> Result<Self, KeyError> {
        let at = |name, home| Ok(read_credential(disk, name)?.map(|key: Key| key.at(home)));
        Ok(Self {
            current: at(CREDENTIAL, Home::Credential)?,
            old: at(OLD_CREDENTIAL, Home::OldCredential)?,
        })
    }
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
    /// Without any key one is made, unless that would orphan records.
    pub(super) fn load(
        state: &dyn Disk,
        credentials: Option<&dyn Disk>,
        entropy: &Entropy,
        sealed: Sealed,
    ) -> Result<(Self, Origin), KeyError> {
        let credentials = match credentials {
            Some(disk) => Credentials::of_service(disk)?,
            None => Credentials::default(),
        };
        match Self::find_all(state, credentials)? {
            Some(keyring) => Ok((keyring, Origin::Found)),
            None if sealed == Sealed::Records && !has(state, OLD_KEY)? => Err(KeyError::Missing {
                path: state.path().join(KEY),
            }),
            None => {
                let current = generate(state, entropy)?;
                let older = old_key(state)?.into_iter().collect();
                Ok((Self { current, older }, Origin::Generated))
            }
        }
    }

    /// The keys that are there, in the same order of precedence; nothing is made. `None`: there is none
    /// that could seal.
    pub fn find_all(state: &dyn Disk, credentials: Credentials) -> Result<Option<Self>, KeyError> {
        let file = read_file(state, KEY)?.map(|key| key.at(Home::KeyFile));
        let mut sealing = credentials.current.into_iter().chain(file);
        let Some(current) = sealing.next() else {
            return Ok(None);
        };
        let older = sealing.chain(credentials.old).chain(old_key(state)?);
        Ok(Some(Self {
            older: older.collect(),
            current,
        }))
    }

    /// Where each lies, the one that seals first.
    pub fn places(&self) -> Vec<(KeyId, Home)> {
        self.all().map(|key| (key.id, key.home)).collect()
    }

    /// All of them, the one that seals first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// The same without any but the one that seals.
    pub(super) fn alone(&self) -> Self {
        Self {
            current: self.current.clone(),
            older: Vec::new(),
        }
    }

    /// The key of a record.
    pub(super) fn find(&self, id: KeyId) -> Option<&Key> {
        self.all().find(|key| key.id == id)
    }
}

/// Keys that somebody gave us, one after the other. `None`: the bytes are no keys.
pub fn keys_from(bytes: &[u8]) -> Option<Keyring> {
    /// So many keys have never been needed at once.
    const MOST: usize = 16;
    let (keys, rest) = bytes.as_chunks::<KEY_BYTES>();
    if !rest.is_empty() || keys.len() > MOST {
        return None;
    }
    let mut keys = keys.iter().map(|key| Key::new(Zeroizing::new(*key)));
    let current = keys.next()?;
    Some(Keyring {
        current,
        older: keys.collect(),
    })
}

fn old_key(state: &dyn Disk) -> Result<Option<Key>, KeyError> {
    Ok(read_file(state, OLD_KEY)?.map(|key| key.at(Home::OldKeyFile)))
}

fn has(disk: &dyn Disk, name: &str) -> Result<bool, KeyError> {
    Ok(read_file(disk, name)?.is_some())
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

/// Makes the first key of a store, in a file.
pub(super) fn generate(disk: &dyn Disk, entropy: &Entropy) -> Result<Key, KeyError> {
    let make = || {
        let key = Key::random(entropy)?;
        write(disk, &key)?;
        disk.publish(NEW_KEY, KEY)?;
        disk.sync()?;
        Ok(key.at(Home::KeyFile))
    };
    make().map_err(|source| KeyError::System {
        doing: "making",
        path: disk.path().join(KEY),
        source,
    })
}

/// Writes a key under the name of a new one, down to the disk.
pub(super) fn write(disk: &dyn Disk, key: &Key) -> io::Result<()> {
    let file: Box<dyn DiskFile> = disk.create(NEW_KEY, Access::OwnerReads)?;
    file.write_at(0, key.expose())?;
    file.sync()
}
