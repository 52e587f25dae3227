use std::fmt;

use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::disk::Disk;
use super::handle::Store;
use super::key::{Home, KEY, KeyId, Keyring, Origin, Sealed};
use super::key_error::KeyError;
use super::notice::Notice;
use super::open_error::OpenError;
use super::opening::Opening;
use super::outcome::{Durability, StoreError, Swapped, Version};
use super::seal::{Entropy, SealError, key_of, seal, unseal};
use super::survey::by_place;

/// How many records are looked at together when all are.
const PAGE: usize = 256;

/// The store with its records sealed. What goes in and comes out here is plain; nothing plain
/// goes further down.
pub struct Vault {
    store: Store,
    keyring: Keyring,
    entropy: Entropy,
}

/// A user's record, opened. Wiped on drop, and never printed.
pub struct Unsealed {
    /// The bytes, or nothing.
    pub record: Option<Zeroizing<Vec<u8>>>,
    /// What to expect in a swap that builds on them.
    pub version: Version,
}

/// How much there is in a vault, and under which keys.
pub struct VaultStanding {
    /// Users with a record.
    pub records: usize,
    /// Records that are newer in memory than on the disk.
    pub unsaved: usize,
    /// The length of the journal in bytes.
    pub journal: u64,
    /// How many records are under which key, and where that lies; the one that seals first, those that are
    /// not here last.
    pub keys: Vec<(KeyId, Option<Home>, usize)>,
}

/// One page of a list. A record that cannot be read or opened does not hide the others.
pub type Page = Vec<(UserName, Result<Unsealed, VaultError>)>;

impl Vault {
    /// Opens the store of a directory with the keys from there and from the credentials
    /// directory, if the service has one.
    ///
    /// A key that opens none of the records is refused. Where it opens some, the others answer
    /// with [`SealError::UnknownKey`] and a notice counts them.
    pub fn open(opening: &Opening, credentials: Option<&dyn Disk>) -> Result<Self, VaultError> {
        let store = Store::open(opening).map_err(VaultError::Open)?;
        let sealed = if store.is_empty() {
            Sealed::Nothing
        } else {
            Sealed::Records
        };
        let state = &*opening.state;
        let (keyring, origin) =
            Keyring::load(state, credentials, &opening.entropy, sealed).map_err(VaultError::Key)?;
        if origin == Origin::Generated {
            (opening.report)(Notice::KeyGenerated);
        }
        let vault = Self {
            store,
            keyring,
            entropy: opening.entropy.clone(),
        };
        vault.check_keys(opening)?;
        Ok(vault)
    }

    /// The same with these keys, for whoever had to decrypt them first.
    pub fn open_with(opening: &Opening, keyring: Keyring) -> Result<Self, VaultError> {
        let vault = Self {
            store: Store::open(opening).map_err(VaultError::Open)?,
            keyring,
            entropy: opening.entropy.clone(),
        };
        vault.check_keys(opening)?;
        Ok(vault)
    }

    /// A user's record as the last confirmed swap left it.
    pub fn load(&self, user: &UserName) -> Result<Unsealed, VaultError> {
        let stored = self.store.load(user).map_err(VaultError::Store)?;
        self.unsealed(user, stored.version, stored.record.as_deref())
    }

    /// As [`Store::swap`].
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        durability: Durability,
    ) -> Result<Swapped, VaultError> {
        let sealed = record
            .map(|record| seal(&self.keyring, &self.entropy, user, record))
            .transpose()
            .map_err(VaultError::Seal)?;
        self.store
            .swap(user, expected, sealed, durability)
            .await
            .map_err(VaultError::Store)
    }

    /// Takes a record all the way of [`Self::load`] and [`Self::swap`] but to the disk, and gives it back:
    /// nothing is kept.
    pub async fn rehearse(
        &self,
        user: &UserName,
        record: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let sealed = seal(&self.keyring, &self.entropy, user, record).map_err(VaultError::Seal)?;
        let opened = unseal(&self.keyring, user, &sealed).map_err(VaultError::Seal)?;
        let swap = self
            .store
            .swap(user, Version::ABSENT, Some(sealed), Durability::Never);
        swap.await.map_err(VaultError::Store)?;
        Ok(opened)
    }

    /// As [`Store::list`].
    pub fn list(&self, after: Option<&UserName>, limit: usize) -> Page {
        self.store
            .list(after, limit)
            .into_iter()
            .map(|(user, stored)| {
                let unsealed = stored.map_err(VaultError::Store);
                let unsealed = unsealed
                    .and_then(|(version, sealed)| self.unsealed(&user, version, Some(&sealed)));
                (user, unsealed)
            })
            .collect()
    }

    /// How many users have a record.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// As [`Store::unsaved`].
    pub fn unsaved(&self) -> usize {
        self.store.unsaved()
    }

    /// Has nobody a record?
    pub fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    /// How much there is, and under which keys.
    pub fn standing(&self) -> VaultStanding {
        let keys = by_place(self.store.keys().into_iter(), &self.keyring.places());
        VaultStanding {
            records: self.len(),
            unsaved: self.unsaved(),
            journal: self.store.journal_bytes(),
            keys,
        }
    }

    /// Seals every record that is under an older key anew under the current one, and says how many
    /// those were. When it succeeds, no older key is needed any more. Records that no key here opens stay
    /// as they are.
    pub async fn reseal(&self) -> Result<usize, VaultError> {
        let current = self.keyring.current.id();
        let (mut resealed, mut after) = (0, None);
        loop {
            let page = self.store.list(after.as_ref(), PAGE);
            let Some((last, _)) = page.last() else {
                return Ok(resealed);
            };
            after = Some(last.clone());
            for (user, stored) in page {
                let (_, sealed) = stored.map_err(VaultError::Store)?;
                if key_of(&sealed) != Ok(current) {
                    resealed += self.reseal_one(&user).await?;
                }
            }
        }
    }

    async fn reseal_one(&self, user: &UserName) -> Result<usize, VaultError> {
        loop {
            let (record, version) = match self.load(user) {
                Ok(Unsealed {
                    record: Some(record),
                    version,
                }) => (record, version),
                Ok(_) | Err(VaultError::Seal(_)) => return Ok(0),
                Err(error) => return Err(error),
            };
            let swap = self.swap(user, version, Some(&record), Durability::Required);
            if swap.await? != Swapped::Lost {
                return Ok(1);
            }
        }
    }

    fn check_keys(&self, opening: &Opening) -> Result<(), VaultError> {
        let under = self.store.keys();
        let mut others = under
            .iter()
            .filter(|(id, _)| self.keyring.find(*id).is_none());
        let Some((wanted, _)) = others.clone().max_by_key(|(_, records)| *records) else {
            return Ok(());
        };
        let unknown: usize = others.by_ref().map(|(_, records)| records).sum();
        if unknown == self.store.len() {
            return Err(VaultError::Key(KeyError::Wrong {
                path: opening.state.path().join(KEY),
                found: self.keyring.current.id(),
                wanted: *wanted,
            }));
        }
        (opening.report)(Notice::KeyMissing {
            records: unknown,
            wanted: *wanted,
        });
        Ok(())
    }

    fn unsealed(
        &self,
        user: &UserName,
        version: Version,
        sealed: Option<&[u8]>,
    ) -> Result<Unsealed, VaultError> {
        let record = sealed
            .map(|sealed| unseal(&self.keyring, user, sealed))
            .transpose()
            .map_err(VaultError::Seal)?;
        Ok(Unsealed { record, version })
    }
}

/// Why the vault could not be opened, or a record not be read or changed.
#[derive(Debug)]
pub enum VaultError {
    /// The store could not be opened.
    Open(OpenError),
    /// There is no key to use.
    Key(KeyError),
    /// The record could not be stored.
    Store(StoreError),
    /// The record could not be sealed or opened.
    Seal(SealError),
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Seal(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for VaultError {}
