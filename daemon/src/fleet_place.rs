//! Opens the store that many hosts share, for a host whose own store has nothing in it.

use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign_config::StoreSettings;
use countersign_fleet::{Engine, Notice, Settings, SettingsError, TlsFiles};
use nix::unistd::geteuid;

use crate::audit::{Level, Log};
use crate::backend::Backend;
use crate::clock::SystemClock;
use crate::shared::Shared;
use crate::store::{
    Credentials, Disk, Held, KeyError, Keyring, OpenError, Sealer, check_or_empty, system_entropy,
};
use crate::whereabouts::Whereabouts;

/// Of the time for an answer, the part after which another server is tried.
const ONE_TRY: (u32, u32) = (3, 8);
/// Calls that wait for a connection. More are turned away.
const WAITING: usize = 1024;
/// How long an unused connection stays open: for the next login in a busy hour, and not all night.
const IDLE: Duration = Duration::from_secs(60);

/// What a host needs to work with a shared store.
pub struct FleetPlace<'p> {
    /// The state directory.
    pub state: &'p dyn Disk,
    /// Where the service manager put the key, if it did.
    pub credentials: Option<&'p dyn Disk>,
    /// Where the store is.
    pub store: &'p StoreSettings,
    /// The role of a URL that names none.
    pub host_name: &'p str,
}

/// Why the shared store cannot be used.
#[derive(Debug)]
pub enum FleetError {
    /// Another process holds this host's own store.
    InUse,
    /// This host's own store cannot be looked into.
    Own(OpenError),
    /// There are enrollments in it, which would be lost to their users.
    NotEmpty {
        /// How many.
        records: usize,
    },
    /// The note about it cannot be written.
    Note(io::Error),
    /// The key cannot be used.
    Key(KeyError),
    /// There is none.
    NoKey {
        /// Where it would be.
        path: PathBuf,
    },
    /// The private key of this host's certificate cannot be used.
    PrivateKey {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The settings make no sense together.
    Settings(SettingsError),
}

impl FleetPlace<'_> {
    /// Opens it, whether it can be reached or not.
    pub fn open(&self, noted: Whereabouts, log: &Arc<dyn Log>) -> Result<Backend, FleetError> {
        if noted != Whereabouts::Shared {
            self.leave_own_store()?;
        }
        let sealer = Sealer::new(
            self.keyring()?,
            system_entropy(),
            self.store.tenant.as_str(),
        );
        let settings = settings(self.store, Role::OfHost(self.host_name))?;
        let log = Arc::clone(log);
        let report = Arc::new(move |notice: Notice| {
            let level = match notice {
                Notice::OutageBegan(_) => Level::Alert,
                Notice::OutageEnded { .. } => Level::Notice,
            };
            log.write(level, &notice.to_string());
        });
        let engine = Engine::new(&settings, report).map_err(FleetError::Settings)?;
        let shared = Shared::new(engine, sealer, self.store.tenant.as_str());
        Ok(Backend::Shared(Box::new(shared), Arc::new(SystemClock)))
    }

    /// Notes that this host's own store is not to be used any more, if there is nothing in it.
    fn leave_own_store(&self) -> Result<(), FleetError> {
        let held = Held::take(self.state).map_err(FleetError::Note)?;
        let _held = held.ok_or(FleetError::InUse)?;
        let own = check_or_empty(self.state).map_err(FleetError::Own)?;
        match own.summary.records {
            0 => Whereabouts::Shared
                .write(self.state)
                .map_err(FleetError::Note),
            records => Err(FleetError::NotEmpty { records }),
        }
    }

    fn keyring(&self) -> Result<Keyring, FleetError> {
        let credentials = match self.credentials {
            Some(disk) => Credentials::of_service(disk).map_err(FleetError::Key)?,
            None => Credentials::default(),
        };
        let found = Keyring::find_all(self.state, credentials).map_err(FleetError::Key)?;
        found.ok_or_else(|| FleetError::NoKey {
            path: self.state.path().join("key"),
        })
    }
}

/// As whom somebody comes to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role<'r> {
    /// As the host of that name, where a URL names no role.
    OfHost(&'r str),
    /// As this one, whatever a URL names.
    Named(&'r str),
}

/// What the engine is made with. The files are looked at as the user that the daemon is.
pub fn settings(store: &StoreSettings, role: Role<'_>) -> Result<Settings, FleetError> {
    let urls: Vec<_> = store
        .servers()
        .iter()
        .map(|url| match role {
            Role::OfHost(name) => url.with_role(name),
            Role::Named(name) => url.as_role(name),
        })
        .collect();
    let by_network = store.servers().iter().any(|url| !url.is_socket());
    if by_network {
        look_at_private_key(&store.key)?;
    }
    let tls = by_network.then(|| TlsFiles {
        ca: store.ca.clone(),
        certificate: store.certificate.clone(),
        key: store.key.clone(),
    });
    let total = Duration::from_secs(store.answer_within.into());
    let (part, whole) = ONE_TRY;
    Ok(Settings {
        connect_deadline: Duration::from_secs(store.connect_within.into()),
        answer_deadline: total * part / whole,
        total_deadline: total,
        connections: usize::try_from(store.connections).unwrap_or(1),
        waiting: WAITING,
        idle: IDLE,
        ..Settings::new(urls, store.tenant.as_str().to_owned(), tls)
    })
}

fn look_at_private_key(path: &Path) -> Result<(), FleetError> {
    let cannot = |why: String| FleetError::PrivateKey {
        path: path.to_owned(),
        why,
    };
    let about = std::fs::symlink_metadata(path).map_err(|e| cannot(e.to_string()))?;
    if !about.file_type().is_file() {
        return Err(cannot("it is not a regular file".to_owned()));
    }
    if about.uid() != geteuid().as_raw() && about.uid() != 0 {
        return Err(cannot(format!("it belongs to uid {}", about.uid())));
    }
    if about.mode() & 0o077 != 0 {
        let mode = about.mode() & 0o7777;
        return Err(cannot(format!("others may read it (mode {mode:04o})")));
    }
    std::fs::File::open(path).map_err(|e| cannot(e.to_string()))?;
    Ok(())
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = countersign_bus::DAEMON_USER;
        match self {
            Self::InUse => {
                f.write_str("another countersignd holds this host's own store; stop it first")
            }
            Self::Own(error) => error.fmt(f),
            Self::NotEmpty { records } => write!(
                f,
                "the configuration says backend = \"postgres\", and there are {records} enrollments in this host's own \
                 store; take them along with `countersign store move --to postgres`"
            ),
            Self::Note(error) => write!(f, "noting that the store is a shared one: {error}"),
            Self::Key(error) => error.fmt(f),
            Self::NoKey { path } => write!(
                f,
                "there is no key of the fleet on this host; save it with `countersign store key --save FILE` on one that \
                 has it, and put it here with `install -o {user} -g {user} -m 0400 FILE {}`",
                path.display()
            ),
            Self::PrivateKey { path, why } => {
                let path = path.display();
                write!(
                    f,
                    "the private key {path} cannot be used: {why}; chown {user}: {path}; chmod 0400 {path}"
                )
            }
            Self::Settings(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FleetError {}
