//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use countersign_bus::SYSTEM_BUS_ADDRESS;

use crate::login_socket::Opener;
use crate::maintenance::Job;

/// Owns the secrets behind authenticator codes, and decides about them. Started by the message bus.
#[derive(Parser, Debug)]
#[command(name = "countersignd", version, disable_help_subcommand = true)]
pub struct Options {
    /// Where countersign.toml and conf.d are.
    #[arg(long, value_name = "DIR", default_value = "/etc/countersign")]
    pub config_dir: PathBuf,

    /// Where the store and its key are.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/countersign")]
    pub state_dir: PathBuf,

    /// The message bus to serve on.
    #[arg(long, value_name = "ADDRESS", default_value = SYSTEM_BUS_ADDRESS)]
    pub bus_address: String,

    /// Open the login socket too, where no service manager hands it over. Started as root for that,
    /// the daemon becomes the user countersign before it reads anything.
    #[arg(long)]
    pub login_socket: bool,

    /// In place of serving: what `countersign store` asks for.
    #[command(subcommand)]
    pub task: Option<Task>,
}

/// What else than serving there is to do.
#[derive(Subcommand, Debug)]
pub enum Task {
    /// Do one thing to the store and report it, for `countersign store`.
    #[command(subcommand, hide = true)]
    Maintain(Job),
}

impl Options {
    /// Who opens the login socket.
    pub fn opener(&self) -> Opener {
        if self.login_socket {
            Opener::Daemon
        } else {
            Opener::Manager
        }
    }
}
