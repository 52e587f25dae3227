//! What keeps the accounts: this host's own store, or one that many hosts share.

use countersign_bus::UserName;

use crate::store::{
    Durability, Page, Swapped, Unsealed, Vault, VaultError, VaultStanding, Version,
};

/// Where the accounts are.
pub enum Backend {
    /// In a directory of this host.
    Embedded(Vault),
}

/// How much there is in the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Users with a record.
    pub accounts: usize,
    /// Records that are newer in memory than on the disk.
    pub unsaved: usize,
}

/// What there is to tell of the store.
pub enum Standing {
    /// Of this host's own.
    Embedded(VaultStanding),
}

#[allow(
    clippy::unused_async,
    reason = "a store that is shared is asked over the network"
)]
impl Backend {
    /// A user's record as the last confirmed swap left it.
    pub async fn load(&self, user: &UserName) -> Result<Unsealed, VaultError> {
        match self {
            Self::Embedded(vault) => vault.load(user),
        }
    }

    /// As [`Self::load`], with an attempt at a code counted first where hosts share the store. On this
    /// host's own, one change of a user at a time does the same.
    pub async fn attempt(&self, user: &UserName) -> Result<Unsealed, VaultError> {
        match self {
            Self::Embedded(_) => self.load(user).await,
        }
    }

    /// As [`Vault::swap`].
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        durability: Durability,
    ) -> Result<Swapped, VaultError> {
        match self {
            Self::Embedded(vault) => vault.swap(user, expected, record, durability).await,
        }
    }

    /// As [`Vault::list`].
    pub async fn list(&self, after: Option<&UserName>, limit: usize) -> Page {
        match self {
            Self::Embedded(vault) => vault.list(after, limit),
        }
    }

    /// How much there is.
    pub async fn sizes(&self) -> Sizes {
        match self {
            Self::Embedded(vault) => Sizes {
                accounts: vault.len(),
                unsaved: vault.unsaved(),
            },
        }
    }

    /// How much there is, and under which keys.
    pub async fn standing(&self) -> Standing {
        match self {
            Self::Embedded(vault) => Standing::Embedded(vault.standing()),
        }
    }

    /// As [`Vault::reseal`].
    pub async fn reseal(&self) -> Result<usize, VaultError> {
        match self {
            Self::Embedded(vault) => vault.reseal().await,
        }
    }
}
