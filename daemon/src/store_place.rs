//! Opens the store, and where that fails, tries again until it is mended: nobody stays locked out
//! because a disk was full when the daemon started.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use countersign_config::{Config, StoreBackend};

use crate::audit::{Level, Log};
use crate::backend::Backend;
use crate::fleet_place::{FleetError, FleetPlace};
use crate::ledger::Ledger;
use crate::store::{Disk, Notice, OpenError, Opening, RealDisk, Vault, VaultError};
use crate::whereabouts::{NOTE, Whereabouts};

/// How long to wait before a store that cannot be opened is tried again: at first a moment, then longer
/// each time, up to this.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const RETRY: Duration = Duration::from_secs(5);

/// Where the store is and how it is sealed.
#[derive(Clone)]
pub struct Place {
    /// The state directory.
    pub state: PathBuf,
    /// Where the service manager put the key, if it did.
    pub credentials: Option<PathBuf>,
    /// Where the configuration is that says whether the store is shared.
    pub config_dir: PathBuf,
}

impl Place {
    /// Opens the store for `ledger` if that works, and says so. Nobody is let in by guessing what is in
    /// it.
    pub fn open(&self, ledger: &Ledger, log: &Arc<dyn Log>) -> Opened {
        self.open_within(Duration::ZERO, ledger, log)
    }

    /// As [`Self::open`], but where another daemon holds the store, waits for it up to `patience`.
    pub fn open_within(&self, patience: Duration, ledger: &Ledger, log: &Arc<dyn Log>) -> Opened {
        match self
            .backend_within(patience, log)
            .map_err(|why| why.to_string())
        {
            Ok(backend) => {
                ledger.open(Ok(backend));
                Opened::Yes
            }
            Err(why) => {
                let line = format!(
                    "the store cannot be used, and every login that needs a code is refused until it \
                     can: {why}"
                );
                if ledger.open(Err(why)) {
                    log.write(Level::Alert, &line);
                }
                Opened::NotYet
            }
        }
    }

    fn backend_within(&self, patience: Duration, log: &Arc<dyn Log>) -> Result<Backend, Unusable> {
        let began = Instant::now();
        loop {
            match self.backend(log) {
                Err(error) if error.is_in_use() && began.elapsed() < patience => {
                    thread::sleep(FIRST_RETRY);
                }
                opened => return opened,
            }
        }
    }

    fn backend(&self, log: &Arc<dyn Log>) -> Result<Backend, Unusable> {
        let state = RealDisk::open(&self.state).map_err(|e| {
            let next = what_to_do(&self.state, e.kind());
            Unusable::Directory(named(&self.state, &e) + &next)
        })?;
        let where_is = Whereabouts::read(&state).map_err(|e| {
            let path = self.state.join(NOTE);
            Unusable::Directory(named(&path, &e))
        })?;
        let host_name = nix::unistd::gethostname().unwrap_or_default();
        let host_name = host_name.to_string_lossy();
        let store = Config::load(&self.config_dir, &host_name).map(|config| config.store);
        match (store, where_is) {
            (_, Whereabouts::Leaving | Whereabouts::Returning | Whereabouts::Moving) => {
                Err(Unusable::Elsewhere(
                    "a move of the enrollments did not end; run the same `countersign store move` again, or the one \
                 back",
                ))
            }
            (Ok(store), _) if store.backend == StoreBackend::Postgres => {
                let credentials = self.credentials()?;
                let credentials = credentials.as_ref().map(|disk| disk as &dyn Disk);
                let shared = FleetPlace {
                    state: &state,
                    credentials,
                    store: &store,
                    host_name: &host_name,
                };
                Ok(shared.open(where_is, log)?)
            }
            (Ok(_), Whereabouts::Shared) => Err(Unusable::Elsewhere(
                "the enrollments of this host are in a shared store, and the configuration says backend = \
                 \"embedded\"; say \"postgres\" there, or bring them back with `countersign store move --to embedded`",
            )),
            (Err(_), Whereabouts::Shared) => Err(Unusable::Elsewhere(
                "the configuration is broken, so that it does not tell where the shared store of this host is; mend \
                 it, `countersign config check` says how",
            )),
            (Ok(_) | Err(_), Whereabouts::Here) => self.vault(state, log).map(Backend::Embedded),
        }
    }

    fn vault(&self, state: RealDisk, log: &Arc<dyn Log>) -> Result<Vault, Unusable> {
        let credentials = self.credentials()?;
        let log = Arc::clone(log);
        let report = Arc::new(move |notice: Notice| {
            log.write(Level::Warning, &notice.to_string());
        });
        let credentials = credentials.as_ref().map(|disk| disk as &dyn Disk);
        Vault::open(&Opening::new(Arc::new(state), report), credentials).map_err(Unusable::Vault)
    }

    fn credentials(&self) -> Result<Option<RealDisk>, Unusable> {
        self.credentials
            .as_deref()
            .map(|dir| RealDisk::open(dir).map_err(|e| Unusable::Directory(named(dir, &e))))
            .transpose()
    }
}

fn named(path: &Path, error: &io::Error) -> String {
    format!("opening {}: {error}", path.display())
}

/// Why there is no store to work with.
enum Unusable {
    /// A directory cannot be opened; what to say of it.
    Directory(String),
    /// What is in it cannot be used.
    Vault(VaultError),
    /// The enrollments are not where the configuration looks for them; what to say of it.
    Elsewhere(&'static str),
    /// The shared store cannot be used.
    Fleet(FleetError),
}

impl Unusable {
    /// Does another process hold the store?
    fn is_in_use(&self) -> bool {
        matches!(
            self,
            Self::Vault(VaultError::Open(OpenError::InUse { .. })) | Self::Fleet(FleetError::InUse)
        )
    }
}

impl From<FleetError> for Unusable {
    fn from(error: FleetError) -> Self {
        Self::Fleet(error)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(what) => f.write_str(what),
            Self::Vault(error) => error.fmt(f),
            Self::Elsewhere(what) => f.write_str(what),
            Self::Fleet(error) => error.fmt(f),
        }
    }
}

/// Is there a store to work with?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// Yes.
    Yes,
    /// Not before something is mended.
    NotYet,
}

/// Tries until the store can be opened, on a thread of its own each time: it may be a large one.
pub async fn open_when_mended(place: Place, ledger: Arc<Ledger>, log: Arc<dyn Log>) {
    let mut wait = FIRST_RETRY;
    loop {
        tokio::time::sleep(wait).await;
        wait = RETRY.min(wait * 2);
        let (place, ledger, its_log) = (place.clone(), Arc::clone(&ledger), Arc::clone(&log));
        let opened = tokio::task::spawn_blocking(move || place.open(&ledger, &its_log)).await;
        if matches!(opened, Ok(Opened::Yes)) {
            log.write(Level::Notice, "the store can be used now");
            return;
        }
    }
}

/// How a state directory that cannot be opened is mended, where that is clear.
fn what_to_do(dir: &Path, error: io::ErrorKind) -> String {
    let (user, dir) = (countersign_bus::DAEMON_USER, dir.display());
    match error {
        io::ErrorKind::PermissionDenied => {
            format!("; it must be the daemon's own: chown {user}: {dir}; chmod 0700 {dir}")
        }
        io::ErrorKind::NotFound => format!(
            "; restore it from a backup, or if nobody was enrolled here: install -d -m 0700 \
             -o {user} -g {user} {dir}"
        ),
        _ => String::new(),
    }
}
