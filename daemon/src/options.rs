//! The command line.

use std::path::PathBuf;

use clap::Parser;
use countersign_bus::SYSTEM_BUS_ADDRESS;

use crate::login_socket::Opener;

/// Owns the secrets behind authenticator codes, and decides about them. Started by the message bus.
#[derive(Parser, Debug)]
#[command(name = "countersignd", version)]
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
