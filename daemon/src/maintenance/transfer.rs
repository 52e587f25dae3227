//! Takes the enrollments of this host to a shared store, or back from there.
//!
//! At every moment one of the two can decide about a code, or neither. Before the first record moves, a note in the state
//! directory keeps every daemon of this host from both. On the way there, the host's own records are closed by it and
//! no other host has seen them yet. On the way back, each record is on this host's disk before the shared store gets
//! another one in its place that opens for nobody, in one step with the comparison that nobody was first. So a
//! run that was interrupted is run again, or the other way.

mod back;
mod both;
mod there;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use countersign_config::{Config, StoreBackend, StoreSettings};
use serde_json::{Value, json};

use super::Bench;
use super::trouble::Trouble;
use crate::fleet_place::Role;
use both::Both;

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
