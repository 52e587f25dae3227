//! Takes the enrollments of this host to a shared store, or back from there.
//!
//! At every moment one of the two can decide about a code, or neither. Before the first record moves, a note in the state
//! directory keeps every daemon of this host from both. On the way there, the host's own records are closed by it and
//! no other host has seen them yet. On the way back, each record is on this host's disk before the shared store gets
//! another one in its place that opens for nobody, in one step with the comparison that nobody was first. So a
//! run that was interrupted is run again, or the other way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use countersign_bus::UserName;
use countersign_config::{Config, StoreBackend, StoreSettings};
use countersign_fleet::Engine;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Bench;
use super::trouble::Trouble;
use crate::account::Account;
use crate::fleet_place::{self, Role};
use crate::shared::{About, Shared, taken_to, taker};
use crate::store::{
    Durability, Keyring, OpenError, Opening, RealDisk, Sealer, Swapped, Unsealed, Vault,
    VaultError, Version, system_entropy,
};
use crate::whereabouts::Whereabouts;

/// How long a daemon that is told to end may hold the store.
const PATIENCE: Duration = Duration::from_secs(5);
/// Records that are looked at together.
const PAGE: usize = 256;

/// Where to, and as whom.
#[derive(Args, Debug)]
pub struct Transfer {
    /// What the configuration says, too.
    #[arg(long)]
    to: To,
    /// An administrator's role in the shared store.
    #[arg(long)]
    role: Option<String>,
    /// The certificate of that role.
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// Its private key.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Only say whether the configuration lets it.
    #[arg(long)]
    look: bool,
}

/// In what the enrollments are to be.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum To {
    Embedded,
    Postgres,
}

/// Both stores, and nobody else who could open this host's own.
struct Both {
    state: RealDisk,
    own: Vault,
    shared: Shared,
    host_name: String,
}

/// What the shared store has under a name.
enum There {
    Nothing(Version),
    /// What was left in place of a record that this host took.
    TakenByUs(Version),
    /// The same by another host.
    TakenBy(String),
    Account(Version, Zeroizing<Vec<u8>>),
}

pub fn transfer(bench: &Bench, config_dir: &Path, transfer: &Transfer) -> Result<Value, Trouble> {
    let host_name = nix::unistd::gethostname().unwrap_or_default();
    let host_name = host_name.to_string_lossy().into_owned();
    let store = settings(config_dir, &host_name, transfer)?;
    if transfer.look {
        return Ok(json!({}));
    }
    let ring = {
        let state = bench.state()?;
        bench.ring(&state)?
    };
    let ring = ring.ok_or_else(|| Trouble::new("no-key", "there is no key on this machine"))?;
    bench.identity.become_it()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Trouble::system("starting the runtime", &e))?;
    runtime.block_on(async {
        let role = match &transfer.role {
            Some(role) => Role::Named(role),
            None => Role::OfHost(&host_name),
        };
        let both = Both::open(bench, &store, ring, role, &host_name)?;
        match transfer.to {
            To::Postgres => both.take_there().await,
            To::Embedded => both.take_back().await,
        }
    })
}

/// The configuration must say already what is to be, so that no daemon that starts after this looks elsewhere.
fn settings(
    config_dir: &Path,
    host_name: &str,
    transfer: &Transfer,
) -> Result<StoreSettings, Trouble> {
    let config = Config::load(config_dir, host_name).map_err(|problems| {
        let said = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        Trouble::new("broken-configuration", said)
    })?;
    let mut store = config.store;
    let wanted = match transfer.to {
        To::Embedded => StoreBackend::Embedded,
        To::Postgres => StoreBackend::Postgres,
    };
    if store.backend != wanted {
        let text = format!(
            "the configuration says backend = \"{}\"",
            store.backend.as_str()
        );
        return Err(Trouble::new("other-backend", text).with("wanted", wanted.as_str()));
    }
    if store.servers().is_empty() {
        return Err(Trouble::new(
            "no-servers",
            "the configuration names no servers",
        ));
    }
    store.certificate = transfer.certificate.clone().unwrap_or(store.certificate);
    store.key = transfer.key.clone().unwrap_or(store.key);
    Ok(store)
}

impl Both {
    fn open(
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

    /// Everything is looked at before anything is changed, and everything has come before this host's own records go.
    async fn take_there(&self) -> Result<Value, Trouble> {
        let noted = self.noted()?;
        if noted == Whereabouts::Here {
            self.find_conflicts().await?;
            self.note(Whereabouts::Moving)?;
        }
        let mut moved = 0_u64;
        if noted != Whereabouts::Shared {
            for user in self.own_users()? {
                moved += u64::from(self.put_there(&user).await?);
            }
            for user in self.own_users()? {
                self.is_there(&user).await?;
            }
            self.note(Whereabouts::Shared)?;
        }
        for user in self.own_users()? {
            self.put_here(&user, None).await?;
        }
        Ok(json!({ "records": moved }))
    }

    async fn take_back(&self) -> Result<Value, Trouble> {
        if self.noted()? == Whereabouts::Here {
            return Ok(json!({ "records": 0 }));
        }
        // Also finds out whether the server answers and lets this role see all, before anything is changed.
        let users: BTreeSet<_> = self.users_there().await?.into_iter().collect();
        self.note(Whereabouts::Moving)?;
        let mut moved = 0_u64;
        for user in &users {
            moved += u64::from(self.take_one(user).await?);
        }
        // What is here and not there was disabled since it was taken there.
        for user in self.own_users()? {
            if !users.contains(&user) {
                self.put_here(&user, None).await?;
            }
        }
        self.note(Whereabouts::Here)?;
        Ok(json!({ "records": moved }))
    }

    /// Nobody may have an enrollment in both stores: which of them counts is the user's to say.
    async fn find_conflicts(&self) -> Result<(), Trouble> {
        let own: BTreeSet<_> = self.own_users()?.into_iter().collect();
        let mut conflicts = Vec::new();
        for user in self.users_there().await? {
            if !own.contains(&user) {
                continue;
            }
            match self.there(&user).await? {
                There::Nothing(_) | There::TakenByUs(_) => {}
                There::TakenBy(_) | There::Account(..) => conflicts.push(user.to_string()),
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        let text = "these users have an enrollment in the shared store, too";
        Err(Trouble::new("conflict", text).with("users", conflicts))
    }

    async fn put_there(&self, user: &UserName) -> Result<bool, Trouble> {
        loop {
            let Some(record) = self.own_record(user)?.record else {
                return Ok(false);
            };
            let version = match self.there(user).await? {
                There::Nothing(version) | There::TakenByUs(version) => version,
                // Of an earlier run that was interrupted. This host's own has been closed ever since, so that one is the newer.
                There::TakenBy(_) | There::Account(..) => return Ok(false),
            };
            let swap = self
                .shared
                .swap(user, version, Some(&record), About::Change);
            if swap.await.map_err(|e| not_moved(user, &e))? != Swapped::Lost {
                return Ok(true);
            }
        }
    }

    async fn is_there(&self, user: &UserName) -> Result<(), Trouble> {
        match self.there(user).await? {
            There::Account(..) => Ok(()),
            There::Nothing(_) | There::TakenByUs(_) | There::TakenBy(_) => Err(not_moved(
                user,
                &"it is not in the shared store, and should be",
            )),
        }
    }

    /// On this disk first, then no longer there.
    async fn take_one(&self, user: &UserName) -> Result<bool, Trouble> {
        loop {
            let (version, record) = match self.there(user).await? {
                There::Account(version, record) => (version, record),
                There::Nothing(_) | There::TakenByUs(_) => return Ok(false),
                There::TakenBy(host) => {
                    let text = format!("another host, {host}, has taken it");
                    return Err(not_moved(user, &text));
                }
            };
            self.put_here(user, Some(&record)).await?;
            let taken = taken_to(&self.host_name);
            let swap = self.shared.swap(user, version, Some(&taken), About::Change);
            if swap.await.map_err(|e| not_moved(user, &e))? != Swapped::Lost {
                return Ok(true);
            }
        }
    }

    async fn there(&self, user: &UserName) -> Result<There, Trouble> {
        let Unsealed { record, version } = self.patiently(user).await?;
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

    fn own_record(&self, user: &UserName) -> Result<Unsealed, Trouble> {
        self.own.load(user).map_err(|e| not_moved(user, &e))
    }

    async fn put_here(&self, user: &UserName, record: Option<&[u8]>) -> Result<(), Trouble> {
        let version = self.own_record(user)?.version;
        let swap = self.own.swap(user, version, record, Durability::Required);
        swap.await.map(drop).map_err(|e| not_moved(user, &e))
    }

    fn own_users(&self) -> Result<Vec<UserName>, Trouble> {
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

    async fn users_there(&self) -> Result<Vec<UserName>, Trouble> {
        let mut users: Vec<UserName> = Vec::new();
        loop {
            let page = self.shared.list(users.last(), PAGE).await;
            let page = page.map_err(|e| Trouble::new("server", e.to_string()))?;
            if page.is_empty() {
                return Ok(users);
            }
            users.extend(page.into_iter().map(|(user, _)| user));
        }
    }

    fn noted(&self) -> Result<Whereabouts, Trouble> {
        Whereabouts::read(&self.state)
            .map_err(|e| Trouble::system("reading where the store is", &e))
    }

    fn note(&self, place: Whereabouts) -> Result<(), Trouble> {
        place
            .write(&self.state)
            .map_err(|e| Trouble::system("noting where the store is", &e))
    }
}

fn not_moved(user: &UserName, why: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("not-moved", why.to_string()).with("user", user.as_str())
}
