//! What `countersign store` has done to the store, and the daemon cannot do while it runs, or does not run to
//! do: this program once more, for one job, without a bus.
//!
//! Root starts it. Keys are read first, by root where a credential has to be decrypted; what reads or writes
//! the store does so as the daemon's user. What is made goes to standard output. The report is the last line on
//! standard error, in JSON: `{"done": …}` or `{"failed": …}`. No key is in it.

mod acting;
mod backup;
mod check;
mod credentials;
mod identity;
mod key;
mod migrate;
mod restore;
mod transfer;
mod trouble;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::harden::harden;
use crate::options::Options;
use crate::store::{Disk, Keyring, Keys, Target, system_entropy};
use crate::whereabouts::Whereabouts;
use acting::ActingDisk;
use credentials::{Credstore, SystemdCreds};
use identity::Identity;
use trouble::Trouble;

/// One job.
#[derive(Subcommand, Debug)]
pub enum Job {
    /// Which key seals, and whether others are left.
    Standing,
    /// Make a new key that seals from the next start on.
    Begin {
        /// Where it lies.
        #[arg(long)]
        target: Where,
        /// What encrypts the credential, as systemd-creds(1) has it.
        #[arg(long, default_value = "auto")]
        with_key: String,
    },
    /// Remove the keys that nothing needs any more.
    Finish,
    /// Take back what was begun.
    Back,
    /// Read the whole store and say what is wrong.
    Check,
    /// Write a backup to standard output.
    Backup,
    /// Write the keys that a backup needs to standard output.
    SaveKeys,
    /// Make the schema of a shared store, or bring it up to date.
    Migrate(migrate::Server),
    /// Take the enrollments to a shared store, or back.
    Transfer(transfer::Transfer),
    /// Look at a backup, and change nothing.
    Examine(Source),
    /// Put a backup in the place of the store.
    Restore {
        /// Which, and how it is read.
        #[command(flatten)]
        source: Source,
        /// Also in the place of enrollments.
        #[arg(long)]
        force: bool,
    },
}

/// A backup, and how it is read.
#[derive(Args, Debug)]
pub struct Source {
    /// The backup.
    #[arg(long)]
    backup: PathBuf,
    /// Its keys; without them, those of this machine.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Give each record the uid that its user has here.
    #[arg(long)]
    rebind_uids: bool,
}

/// Where a key lies.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Where {
    /// In an encrypted credential.
    Credential,
    /// In a file of the state directory.
    KeyFile,
}

/// Does the job and says how it went, by the report and the exit status.
pub fn perform(options: &Options, job: &Job) -> bool {
    let report = match Bench::new(options).and_then(|bench| bench.perform(job)) {
        Ok(done) => json!({ "done": done }),
        Err(trouble) => json!({ "failed": trouble.to_json() }),
    };
    // Where nobody can be told, the exit status still tells.
    let _ = writeln!(io::stderr(), "{report}");
    report.get("done").is_some()
}

/// What every job works with.
struct Bench {
    config_dir: PathBuf,
    state: PathBuf,
    credentials: Option<PathBuf>,
    identity: Identity,
}

impl Bench {
    fn new(options: &Options) -> Result<Self, Trouble> {
        harden().map_err(|e| Trouble::system("keeping secrets out of core dumps", &e))?;
        Ok(Self {
            config_dir: options.config_dir.clone(),
            state: options.state_dir.clone(),
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            identity: Identity::find()?,
        })
    }

    fn perform(&self, job: &Job) -> Result<Value, Trouble> {
        match job {
            Job::Standing => key::standing(self),
            Job::Begin { target, with_key } => key::begin(self, (*target).into(), with_key),
            Job::Finish => key::finish(self),
            Job::Back => key::back(self),
            Job::Check => check::check(self),
            Job::Backup => backup::backup(self),
            Job::SaveKeys => backup::save_keys(self),
            Job::Migrate(server) => migrate::migrate(&self.config_dir, server),
            Job::Transfer(transfer) => transfer::transfer(self, &self.config_dir, transfer),
            Job::Examine(source) => restore::examine(self, source),
            Job::Restore { source, force } => restore::restore(self, source, *force),
        }
    }

    /// The state directory, in which everything is done as the daemon's user.
    fn state(&self) -> Result<ActingDisk<'_>, Trouble> {
        ActingDisk::open(&self.state, &self.identity)
    }

    /// The keys of this machine.
    fn ring(&self, state: &ActingDisk<'_>) -> Result<Option<Keyring>, Trouble> {
        if let Some(given) = &self.credentials {
            return credentials::of_service(given, state);
        }
        Self::with_keys(state, "auto", |keys| Ok(keys.ring()?))
    }

    /// Works on the keys of this machine.
    fn with_keys<T>(
        state: &ActingDisk<'_>,
        with_key: &str,
        work: impl FnOnce(&Keys<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let credstore = Credstore::open()?;
        work(&Keys {
            state,
            credentials: credstore.disk(),
            cipher: &SystemdCreds {
                with_key: with_key.to_owned(),
            },
            entropy: &system_entropy(),
        })
    }
}

/// What changes a store as a whole is for this host's own one. The key of a shared store is the fleet's.
fn own_store(state: &dyn Disk) -> Result<(), Trouble> {
    match Whereabouts::read(state).map_err(|e| Trouble::system("reading where the store is", &e))? {
        Whereabouts::Here => Ok(()),
        Whereabouts::Leaving
        | Whereabouts::Returning
        | Whereabouts::Moving
        | Whereabouts::Shared => Err(Trouble::new(
            "shared",
            "the enrollments of this host are in a shared store",
        )),
    }
}

/// Writes what was made, for whoever holds the other end.
fn hand_over(bytes: &[u8]) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|e| Trouble::system("writing to standard output", &e))
}

/// Reads a file that the caller named.
fn read(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, Trouble> {
    std::fs::read(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|e| Trouble::file("unreadable-file", path, &e))
}

impl From<Where> for Target {
    fn from(place: Where) -> Self {
        match place {
            Where::Credential => Self::Credential,
            Where::KeyFile => Self::KeyFile,
        }
    }
}
