//! Makes the schema of a shared store, or brings it up to date.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_config::{Config, StoreSettings};
use countersign_fleet::migrate::{MigrateError, Migrated, migrate as migrate_schema};
use countersign_fleet::{EngineError, Settings, TlsFiles};
use serde_json::{Value, json};

use super::trouble::Trouble;

/// The server, and who comes to it.
#[derive(Args, Debug)]
pub struct Server {
    /// Whose role may make roles and schemas there.
    #[arg(long)]
    url: String,
    /// Who vouches for the server; without it, as configured.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// The certificate of that role; without it, this host's.
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// Its private key.
    #[arg(long)]
    key: Option<PathBuf>,
}

/// Does it as whoever asked: the administrator's files are not the daemon's.
pub fn migrate(config_dir: &Path, server: &Server) -> Result<Value, Trouble> {
    let store =
        Config::load(config_dir, "").map_or_else(|_| StoreSettings::default(), |it| it.store);
    let by_socket = server.url.contains("%2F") || server.url.contains("%2f");
    let file = |named: &Option<PathBuf>, configured: PathBuf| named.clone().unwrap_or(configured);
    let tls = (!by_socket).then(|| TlsFiles {
        ca: file(&server.ca, store.ca),
        certificate: file(&server.certificate, store.certificate),
        key: file(&server.key, store.key),
    });
    let settings = Settings::new(vec![server.url.clone()], store.tenant.to_string(), tls);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Trouble::system("starting the runtime", &e))?;
    let Migrated { from, to } = runtime
        .block_on(migrate_schema(&settings))
        .map_err(|error| refused(&error))?;
    Ok(json!({ "from": from, "to": to }))
}

fn refused(error: &MigrateError) -> Trouble {
    let word = match error {
        MigrateError::Settings(_) => "settings",
        MigrateError::Engine(EngineError::SchemaNewer { .. }) => "schema-newer",
        MigrateError::Engine(_) => "server",
        MigrateError::Step { .. } => "schema-step",
    };
    Trouble::new(word, error.to_string())
}
