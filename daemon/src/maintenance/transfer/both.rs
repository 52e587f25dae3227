//! Both stores of a host between which its enrollments move.

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_bus::UserName;
use countersign_config::StoreSettings;
use countersign_fleet::Engine;
use zeroize::Zeroizing;

use super::super::Bench;
use super::super::trouble::Trouble;
use crate::account::Account;
use crate::fleet_place::{self, Role};
use crate::shared::{About, Shared, taken_to, taker};
use crate::store::{
    Durability, Keyring, OpenError, Opening, Page, RealDisk, Sealer, Swapped, Unsealed, Vault,
    VaultError, Version, system_entropy,
};
use crate::whereabouts::Whereabouts;

/// How long a daemon that is told to end may hold the store.
const PATIENCE: Duration = Duration::from_secs(5);
/// Records that are looked at together.
const PAGE: usize = 256;

/// Both stores, and nobody else who could open this host's own.
pub(super) struct Both {
    state: RealDisk,
    own: Vault,
    pub(super) shared: Shared,
    host_name: String,
}

/// What the shared store has under a name.
pub(super) enum There {
    Nothing(Version),
    /// What was left in place of a record that this host took.
    TakenByUs(Version),
    /// The same by another host.
    TakenBy(String),
    Account(Version, Zeroizing<Vec<u8>>),
}

impl Both {
    pub(super) fn open(
        bench: &Bench,
        store: &StoreSettings,
        ring: Keyring,
        role: Role<'_>,
        host_name: &str,
    ) -> Result<Self, Trouble> {
        let open = || {
            RealDisk::open(&bench.state).map_err(|e| Trouble::file("no-state", &bench.state, &e))
        };
        let begun = Instant::now();
        let own = loop {
            let opening = Opening::new(Arc::new(open()?), Arc::new(|_| ()));
            match Vault::open_with(&opening, ring.clone()) {
                Ok(vault) => break vault,
                Err(VaultError::Open(OpenError::InUse { .. })) if begun.elapsed() < PATIENCE => {
                    sleep(Duration::from_millis(10));
                }
                Err(VaultError::Open(OpenError::InUse { .. })) => {
                    return Err(Trouble::new("in-use", "a daemon holds the store"));
                }
                Err(error) => return Err(Trouble::new("store", error.to_string())),
            }
        };
        let settings = fleet_place::settings(store, role)
            .map_err(|e| Trouble::new("settings", e.to_string()))?;
        let engine = Engine::new(&settings, Arc::new(|_| ()))
            .map_err(|e| Trouble::new("settings", e.to_string()))?;
        let sealer = Sealer::new(ring, system_entropy(), store.tenant.as_str());
        Ok(Self {
            state: open()?,
            own,
            shared: Shared::new(engine, sealer, store.tenant.as_str()),
            host_name: host_name.to_owned(),
        })
    }

    pub(super) async fn there(&self, user: &UserName) -> Result<There, Trouble> {
        let found = self.patiently(user).await?;
        self.read(user, found)
    }

    /// What a record says that the shared store gave.
    pub(super) fn read(&self, user: &UserName, found: Unsealed) -> Result<There, Trouble> {
        let Unsealed { record, version } = found;
        let Some(record) = record else {
            return Ok(There::Nothing(version));
        };
        if let Some(host) = taker(&record) {
            return Ok(if host == self.host_name {
                There::TakenByUs(version)
            } else {
                There::TakenBy(host)
            });
        }
        Account::from_bytes(&record).map_err(|e| not_moved(user, &e))?;
        Ok(There::Account(version, record))
    }

    /// Puts what this host takes away out of the reach of all others, or says that somebody was first.
    pub(super) async fn close_there(
        &self,
        user: &UserName,
        version: Version,
    ) -> Result<Swapped, Trouble> {
        let taken = taken_to(&self.host_name);
        self.swap_there(user, version, Some(&taken)).await
    }

    pub(super) async fn swap_there(
        &self,
        user: &UserName,
        version: Version,
        record: Option<&[u8]>,
    ) -> Result<Swapped, Trouble> {
        let swap = self.shared.swap(user, version, record, About::Change);
        swap.await.map_err(|e| not_moved(user, &e))
    }

    /// The server hands out so many records a minute to a host: waits for the next one.
    async fn patiently(&self, user: &UserName) -> Result<Unsealed, Trouble> {
        use crate::shared::SharedError::Engine;
        use countersign_fleet::EngineError::HostLimited;

        loop {
            match self.shared.load(user).await {
                Err(Engine(HostLimited)) => tokio::time::sleep(Duration::from_secs(1)).await,
                Err(error) => return Err(not_moved(user, &error)),
                Ok(found) => return Ok(found),
            }
        }
    }

    pub(super) fn own_record(&self, user: &UserName) -> Result<Unsealed, Trouble> {
        self.own.load(user).map_err(|e| not_moved(user, &e))
    }

    pub(super) async fn put_here(
        &self,
        user: &UserName,
        record: Option<&[u8]>,
    ) -> Result<(), Trouble> {
        let version = self.own_record(user)?.version;
        let swap = self.own.swap(user, version, record, Durability::Required);
        swap.await.map(drop).map_err(|e| not_moved(user, &e))
    }

    pub(super) fn own_users(&self) -> Result<Vec<UserName>, Trouble> {
        let mut users: Vec<UserName> = Vec::new();
        loop {
            let page = self.own.list(users.last(), PAGE);
            if page.is_empty() {
                return Ok(users);
            }
            for (user, opened) in page {
                opened.map_err(|e| not_moved(&user, &e))?;
                users.push(user);
            }
        }
    }

    /// The next records of the shared store. Listing is not counted as asking for one is.
    pub(super) async fn page_there(&self, after: Option<&UserName>) -> Result<Page, Trouble> {
        let page = self.shared.list(after, PAGE).await;
        page.map_err(|e| Trouble::new("server", e.to_string()))
    }

    pub(super) fn noted(&self) -> Result<Whereabouts, Trouble> {
        Whereabouts::read(&self.state)
            .map_err(|e| Trouble::system("reading where the store is", &e))
    }

    pub(super) fn note(&self, place: Whereabouts) -> Result<(), Trouble> {
        place
            .write(&self.state)
            .map_err(|e| Trouble::system("noting where the store is", &e))
    }
}

pub(super) fn not_moved(user: &UserName, why: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("not-moved", why.to_string()).with("user", user.as_str())
}
