//! Gives the store another key, and takes the old one away once nothing needs it.
//!
//! [`Keys::begin`] adds a key that seals from the next start of the daemon on; the one before only
//! opens then. The daemon seals everything anew. [`Keys::finish`] looks at the disk and removes what no
//! record needs, and [`Keys::back`] puts the one before back where the daemon does not start with the new one.
//! Wherever this stops, every key that a record needs is where the next start finds it.

use std::io;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::disk::{Access, Disk};
use super::entry::Row;
use super::journal::JOURNAL;
use super::key::{
    CREDENTIAL, Credentials, Home, KEY, KEY_BYTES, Key, KeyId, Keyring, NEW_KEY, OLD_CREDENTIAL,
    OLD_KEY, generate, write,
};
use super::rekey_error::RekeyError;
use super::seal::{Entropy, SealError, unseal};
use super::survey::check_or_empty;

/// The credential that was replaced, as it was, to go back to.
const BEFORE: &str = "countersign.key.before";
/// The next credential while it is written.
const NEW_CREDENTIAL: &str = "countersign.key.new";
/// A key file on its way out, under a name that no start looks at.
const GONE: &str = "key.gone";

/// Encrypts credentials, as systemd-creds(1) does.
pub trait CredentialCipher {
    /// What goes into the file of the credential of that name.
    fn encrypt(&self, name: &str, secret: &[u8]) -> io::Result<Vec<u8>>;

    /// What such a file holds.
    fn decrypt(&self, name: &str, file: &[u8]) -> io::Result<Zeroizing<Vec<u8>>>;
}

/// Where the next key lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// In the credential `countersign.key`.
    Credential,
    /// In the file `key` of the state directory.
    KeyFile,
}

/// What there is of keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The key that seals from the next start on, and where it lies.
    pub sealing: Option<(KeyId, Home)>,
    /// Is there more than that: keys that only open, or what an interrupted change left?
    pub settled: Settled,
}

/// Is a change of the key under way, or was it interrupted?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// There is the one key that seals.
    Yes,
    /// There are others.
    No,
}

/// What the disk says once the others are gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// The only key.
    pub sealing: KeyId,
    /// How many records open under it.
    pub records: usize,
    /// How many opened under none of the keys before.
    pub unreadable: usize,
}

/// All places where keys lie.
pub struct Keys<'a> {
    /// The state directory.
    pub state: &'a dyn Disk,
    /// The directory of encrypted credentials, if this host has one.
    pub credentials: Option<&'a dyn Disk>,
    /// What encrypts there.
    pub cipher: &'a dyn CredentialCipher,
    /// Where keys come from.
    pub entropy: &'a Entropy,
}

impl Keys<'_> {
    /// Every key that the next start of the daemon would have.
    pub fn ring(&self) -> Result<Option<Keyring>, RekeyError> {
        let credentials = Credentials {
            current: self.credential(CREDENTIAL, CREDENTIAL, Home::Credential)?,
            old: self.credential(OLD_CREDENTIAL, OLD_CREDENTIAL, Home::OldCredential)?,
        };
        Ok(Keyring::find_all(self.state, credentials)?)
    }

    /// What there is.
    pub fn standing(&self) -> Result<Standing, RekeyError> {
        let ring = self.ring()?;
        let left_over = has(self.state, GONE)? || has(self.state, OLD_KEY)?;
        let left_over = left_over || self.has_credential(BEFORE)?;
        let more = ring.as_ref().is_some_and(|ring| !ring.older.is_empty());
        Ok(Standing {
            sealing: ring.map(|ring| (ring.current.id(), ring.current.home())),
            settled: if left_over || more {
                Settled::No
            } else {
                Settled::Yes
            },
        })
    }

    /// Makes a new key there, which seals from the next start on, and leaves the present one so that it
    /// opens. To be asked only while [`Standing::settled`].
    pub fn begin(&self, target: Target) -> Result<KeyId, RekeyError> {
        if self.standing()?.settled == Settled::No {
            return Err(RekeyError::Unsettled);
        }
        match target {
            Target::Credential => self.begin_credential(),
            Target::KeyFile => self.begin_key_file(),
        }
    }

    fn begin_credential(&self) -> Result<KeyId, RekeyError> {
        let disk = self.credentials.ok_or(RekeyError::NoCredentials)?;
        let key = Key::random(self.entropy).map_err(|e| system(disk, "making", CREDENTIAL, e))?;
        let file = self.encrypt(CREDENTIAL, &key)?;
        if self.has_credential(CREDENTIAL)? {
            self.demote(disk)?;
            disk.link(CREDENTIAL, BEFORE)
                .map_err(|e| system(disk, "keeping", CREDENTIAL, e))?;
        }
        put(disk, CREDENTIAL, &file)?;
        Ok(key.id())
    }

    fn begin_key_file(&self) -> Result<KeyId, RekeyError> {
        let state = self.state;
        if let Some(disk) = self.credentials
            && self.has_credential(CREDENTIAL)?
        {
            self.demote(disk)?;
            let key = generate(state, self.entropy)?;
            disk.replace(CREDENTIAL, BEFORE)
                .and_then(|()| disk.sync())
                .map_err(|e| system(disk, "taking away", CREDENTIAL, e))?;
            return Ok(key.id());
        }
        let present = Keyring::find_all(state, Credentials::default())?;
        let make = || {
            if let Some(ring) = present {
                // A copy, not a link: what is erased later is overwritten.
                write(state, &ring.current)?;
                state.publish(NEW_KEY, OLD_KEY)?;
                state.sync()?;
            }
            let key = Key::random(self.entropy)?;
            write(state, &key)?;
            state.replace(NEW_KEY, KEY)?;
            state.sync()?;
            Ok(key.id())
        };
        make().map_err(|e| system(state, "making", KEY, e))
    }

    /// The present credential once more, as one that only opens.
    fn demote(&self, disk: &dyn Disk) -> Result<(), RekeyError> {
        let present = self
            .credential(CREDENTIAL, CREDENTIAL, Home::Credential)?
            .ok_or(RekeyError::NoCredentials)?;
        let file = self.encrypt(OLD_CREDENTIAL, &present)?;
        put(disk, OLD_CREDENTIAL, &file)
    }

    /// Removes every key but the one that seals, if the records on the disk open under that one alone.
    pub fn finish(&self) -> Result<Finished, RekeyError> {
        let ring = self.ring()?.ok_or(RekeyError::NoKey)?;
        let alone = ring.alone();
        let (mut records, mut unreadable, mut needed) = (0, 0, 0);
        let checked = check_or_empty(self.state)?;
        for row in checked.records() {
            let Row { user, record, .. } =
                row.map_err(|e| system(self.state, "reading", JOURNAL, e.into()))?;
            match unseal(&alone, &user, &record) {
                Ok(_) => records += 1,
                Err(_) if unseal(&ring, &user, &record).is_ok() => needed += 1,
                // Older keys that a later version's records may be under are not ours to judge.
                Err(SealError::UnknownForm) => needed += 1,
                Err(_) => unreadable += 1,
            }
        }
        if needed > 0 {
            return Err(RekeyError::StillNeeded { records: needed });
        }
        if let Some(disk) = self.credentials {
            for name in [OLD_CREDENTIAL, BEFORE] {
                if has(disk, name)? {
                    disk.remove(name)
                        .and_then(|()| disk.sync())
                        .map_err(|e| system(disk, "removing", name, e))?;
                }
            }
        }
        self.erase(GONE)?;
        self.erase(OLD_KEY)?;
        if ring.current.home() == Home::Credential {
            self.erase(KEY)?;
        }
        Ok(Finished {
            sealing: ring.current.id(),
            records,
            unreadable,
        })
    }

    /// Puts the key from before [`Self::begin`] back: it seals from the next start on. The new one only opens
    /// then, since a daemon that still runs may seal under it until it ends. To be asked once for each
    /// [`Self::begin`], and followed by [`Self::finish`].
    pub fn back(&self) -> Result<(), RekeyError> {
        if self.has_credential(BEFORE)? {
            let disk = self.credentials.ok_or(RekeyError::NoCredentials)?;
            // Beside a credential, a new key file only opens anyway.
            if self.has_credential(CREDENTIAL)? {
                self.keep_new_credential(|| {
                    let before = self.credential(BEFORE, CREDENTIAL, Home::Credential)?;
                    self.nothing_else_is_needed(before.iter())
                })?;
            }
            let put_back = || {
                disk.replace(BEFORE, CREDENTIAL)?;
                disk.sync()?;
                // Two names of one file stay two when one is renamed over the other.
                for name in [BEFORE, OLD_CREDENTIAL] {
                    if disk.open(name)?.is_some() {
                        disk.remove(name)?;
                    }
                }
                disk.sync()
            };
            return put_back().map_err(|e| system(disk, "putting back", CREDENTIAL, e));
        }
        if self.has_credential(OLD_CREDENTIAL)? {
            return Err(RekeyError::Unsettled);
        }
        if let Some(disk) = self.credentials
            && has(disk, CREDENTIAL)?
        {
            self.keep_new_credential(|| {
                let files = Keyring::find_all(self.state, Credentials::default())?;
                self.nothing_else_is_needed(files.iter().flat_map(Keyring::all))
            })?;
            return disk
                .remove(CREDENTIAL)
                .and_then(|()| disk.sync())
                .map_err(|e| system(disk, "removing", CREDENTIAL, e));
        }
        if has(self.state, OLD_KEY)? {
            return self
                .state
                .exchange(OLD_KEY, KEY)
                .and_then(|()| self.state.sync())
                .map_err(|e| system(self.state, "putting back", KEY, e));
        }
        Ok(())
    }

    /// The new key of the credential once more, as a file that only opens. One that cannot be decrypted any
    /// more may go if it `is_not_needed`.
    fn keep_new_credential(
        &self,
        is_not_needed: impl FnOnce() -> Result<(), RekeyError>,
    ) -> Result<(), RekeyError> {
        let state = self.state;
        match self.credential(CREDENTIAL, CREDENTIAL, Home::Credential) {
            Ok(None) => Ok(()),
            Ok(Some(key)) => write(state, &key)
                .and_then(|()| state.publish(NEW_KEY, OLD_KEY))
                .and_then(|()| state.sync())
                .map_err(|e| system(state, "keeping", OLD_KEY, e)),
            Err(RekeyError::Decrypting { .. }) => is_not_needed(),
            Err(error) => Err(error),
        }
    }

    fn nothing_else_is_needed<'k>(
        &self,
        left: impl Iterator<Item = &'k Key>,
    ) -> Result<(), RekeyError> {
        let left: Vec<KeyId> = left.map(Key::id).collect();
        match check_or_empty(self.state)?.under_others(&left) {
            0 => Ok(()),
            records => Err(RekeyError::StillNeeded { records }),
        }
    }

    /// Overwrites a key file and removes it. Its name goes first: half a key would keep the daemon from
    /// starting.
    fn erase(&self, name: &str) -> Result<(), RekeyError> {
        let state = self.state;
        if !has(state, name)? {
            return Ok(());
        }
        let erase = || {
            if name != GONE {
                state.replace(name, GONE)?;
                state.sync()?;
            }
            // Where a file system writes in place the bytes are gone with that.
            state.overwrite(GONE, &[0; KEY_BYTES])?;
            state.remove(GONE)?;
            state.sync()
        };
        erase().map_err(|e| system(state, "removing", name, e))
    }

    fn has_credential(&self, name: &str) -> Result<bool, RekeyError> {
        self.credentials.map_or(Ok(false), |disk| has(disk, name))
    }

    /// Reads the credential file `file`, which was encrypted under `name`.
    fn credential(&self, file: &str, name: &str, home: Home) -> Result<Option<Key>, RekeyError> {
        let Some(disk) = self.credentials else {
            return Ok(None);
        };
        let opened = disk
            .open(file)
            .map_err(|e| system(disk, "opening", file, e))?;
        let Some(opened) = opened else {
            return Ok(None);
        };
        let bytes = opened
            .read()
            .map_err(|e| system(disk, "reading", file, e))?;
        let path = disk.path().join(file);
        let secret =
            self.cipher
                .decrypt(name, &bytes)
                .map_err(|source| RekeyError::Decrypting {
                    path: path.clone(),
                    source,
                })?;
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if secret.len() != KEY_BYTES {
            return Err(super::key_error::KeyError::WrongLength {
                path,
                bytes: secret.len(),
            }
            .into());
        }
        bytes.copy_from_slice(&secret);
        Ok(Some(Key::new(bytes).at(home)))
    }

    /// Encrypts a key, and sees whether it comes back.
    fn encrypt(&self, name: &str, key: &Key) -> Result<Vec<u8>, RekeyError> {
        let encrypted = || {
            let file = self.cipher.encrypt(name, key.expose())?;
            let back = self.cipher.decrypt(name, &file)?;
            if back.as_slice() == key.expose() {
                Ok(file)
            } else {
                Err(io::Error::other(
                    "what was encrypted decrypts to something else",
                ))
            }
        };
        encrypted().map_err(|source| RekeyError::Encrypting {
            name: name.to_owned(),
            source,
        })
    }
}

fn put(disk: &dyn Disk, name: &str, file: &[u8]) -> Result<(), RekeyError> {
    let put = || {
        let new = disk.create(NEW_CREDENTIAL, Access::OwnerWrites)?;
        new.write_at(0, file)?;
        new.sync()?;
        disk.replace(NEW_CREDENTIAL, name)?;
        disk.sync()
    };
    put().map_err(|e| system(disk, "writing", name, e))
}

fn has(disk: &dyn Disk, name: &str) -> Result<bool, RekeyError> {
    disk.open(name)
        .map(|file| file.is_some())
        .map_err(|e| system(disk, "opening", name, e))
}

fn system(disk: &dyn Disk, doing: &'static str, name: &str, source: io::Error) -> RekeyError {
    let path: PathBuf = disk.path().join(name);
    RekeyError::System {
        doing,
        path,
        source,
    }
}
