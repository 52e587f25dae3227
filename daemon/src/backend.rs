//! What keeps the accounts: this host's own store, or one that many hosts share.

use std::fmt;
use std::sync::Arc;

use countersign_bus::UserName;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::shared::{About, Shared, SharedError, SharedStanding};
use crate::store::{
    Durability, Page, StoreError, Swapped, Unsealed, Vault, VaultError, VaultStanding, Version,
};

/// Where the accounts are.
pub enum Backend {
    /// In a directory of this host.
    Embedded(Vault),
    /// In a database that other hosts use too, which is asked for the time by this clock.
    Shared(Box<Shared>, Arc<dyn Clock>),
}

/// How much there is in the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Users with a record, where that is known: a host does not count those of a shared store.
    pub accounts: Option<usize>,
    /// Records that are newer in memory than on the disk.
    pub unsaved: usize,
}

/// What there is to tell of the store.
pub enum Standing {
    /// Of this host's own.
    Embedded(VaultStanding),
    /// Of a shared one.
    Shared(SharedStanding),
}

/// Why the store was of no use.
#[derive(Debug)]
pub enum BackendError {
    /// This host's own.
    Embedded(VaultError),
    /// The shared one.
    Shared(SharedError),
}

impl BackendError {
    /// Is it a crowd that passes?
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Embedded(VaultError::Store(StoreError::Busy))
                | Self::Shared(SharedError::Engine(countersign_fleet::EngineError::Busy))
        )
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(error) => error.fmt(f),
            Self::Shared(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackendError {}

impl From<VaultError> for BackendError {
    fn from(error: VaultError) -> Self {
        Self::Embedded(error)
    }
}

impl From<SharedError> for BackendError {
    fn from(error: SharedError) -> Self {
        Self::Shared(error)
    }
}

impl Backend {
    /// Do other hosts use the same store?
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Shared(..))
    }

    /// A user's record as the last confirmed swap left it.
    pub async fn load(&self, user: &UserName) -> Result<Unsealed, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(vault.load(user)?),
            Self::Shared(shared, _) => Ok(shared.load(user).await?),
        }
    }

    /// As [`Self::load`], with an attempt at a code counted first where hosts share the store. On this
    /// host's own, one change of a user at a time does the same.
    pub async fn attempt(&self, user: &UserName) -> Result<Unsealed, BackendError> {
        match self {
            Self::Embedded(_) => self.load(user).await,
            Self::Shared(shared, _) => Ok(shared.attempt(user).await?),
        }
    }

    /// As [`Vault::swap`]. A shared store keeps nothing in memory: what it does not take was not done, whatever
    /// the durability.
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        durability: Durability,
        about: About,
    ) -> Result<Swapped, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(vault.swap(user, expected, record, durability).await?),
            Self::Shared(..) if durability == Durability::Never => Ok(Swapped::Unkept),
            Self::Shared(shared, _) => Ok(shared.swap(user, expected, record, about).await?),
        }
    }

    /// As [`Vault::rehearse`]. With a shared store there is nothing to be done that takes as long.
    pub async fn rehearse(
        &self,
        user: &UserName,
        record: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(Some(vault.rehearse(user, record).await?)),
            Self::Shared(..) => Ok(None),
        }
    }

    /// As [`Vault::list`].
    pub async fn list(&self, after: Option<&UserName>, limit: usize) -> Result<Page, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(vault.list(after, limit)),
            Self::Shared(shared, _) => Ok(shared.list(after, limit).await?),
        }
    }

    /// How much there is.
    pub async fn sizes(&self) -> Result<Sizes, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(Sizes {
                accounts: Some(vault.len()),
                unsaved: vault.unsaved(),
            }),
            Self::Shared(shared, clock) => {
                let standing = shared.standing(clock.now()).await;
                standing.answer?;
                Ok(Sizes {
                    accounts: None,
                    unsaved: 0,
                })
            }
        }
    }

    /// How much there is, and under which keys.
    pub async fn standing(&self) -> Standing {
        match self {
            Self::Embedded(vault) => Standing::Embedded(vault.standing()),
            Self::Shared(shared, clock) => Standing::Shared(shared.standing(clock.now()).await),
        }
    }

    /// As [`Vault::reseal`].
    pub async fn reseal(&self) -> Result<usize, BackendError> {
        match self {
            Self::Embedded(vault) => Ok(vault.reseal().await?),
            Self::Shared(shared, _) => Ok(shared.reseal().await?),
        }
    }
}
