//! The daemon as something that is stopped and started.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use countersign_bus::BUS_NAME;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use super::error::StoreError;
use crate::system_program::system_program;

const UNIT: &str = "countersignd.service";
/// How long a daemon may take to end.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// Who starts and stops the daemon.
pub enum Service {
    /// systemd.
    Systemd,
    /// The bus at this address starts it with the next call; to stop it is to end its process.
    Bus(String),
}

impl Service {
    /// That of this host.
    pub fn of_host(bus: &str) -> Self {
        // sd_booted(3)
        if Path::new("/run/systemd/system").is_dir() {
            Self::Systemd
        } else {
            Self::Bus(bus.to_owned())
        }
    }

    /// Can the service be given encrypted credentials?
    pub const fn takes_credentials(&self) -> bool {
        matches!(self, Self::Systemd)
    }

    /// Starts it anew.
    pub async fn restart(&self) -> Result<(), StoreError> {
        match self {
            Self::Systemd => systemctl("restart"),
            Self::Bus(address) => end(address).await,
        }
    }

    /// Stops it. A login may start it again.
    pub async fn stop(&self) -> Result<(), StoreError> {
        match self {
            Self::Systemd => systemctl("stop"),
            Self::Bus(address) => end(address).await,
        }
    }

    /// Starts it, where it is not started by the first call.
    pub fn start(&self) -> Result<(), StoreError> {
        match self {
            Self::Systemd => systemctl("start"),
            Self::Bus(_) => Ok(()),
        }
    }
}

fn systemctl(verb: &str) -> Result<(), StoreError> {
    let service = |why: String| StoreError::Service { why };
    let ended = system_program("systemctl")
        .args([verb, UNIT])
        .stdin(Stdio::null())
        .output()
        .map_err(|e| service(e.to_string()))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let first = said.lines().next().unwrap_or_default();
    Err(service(first.trim().to_owned()))
}

/// Ends the process that owns the name on the bus, if there is one, and waits for that.
async fn end(address: &str) -> Result<(), StoreError> {
    let service = |why: String| StoreError::Service { why };
    let pid = owner(address)
        .await
        .map_err(|e: zbus::Error| service(e.to_string()))?;
    let Some(pid) = pid else { return Ok(()) };
    let gone = |signal| kill(pid, signal) == Err(nix::errno::Errno::ESRCH);
    if !gone(Some(Signal::SIGTERM)) {
        let begun = Instant::now();
        while !gone(None) {
            if begun.elapsed() > PATIENCE {
                return Err(service("it does not end".to_owned()));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

async fn owner(address: &str) -> zbus::Result<Option<Pid>> {
    let bus: Connection = Builder::address(address).build().await?;
    let broker = DBusProxy::new(&bus).await?;
    let name = BusName::try_from(BUS_NAME)?;
    if !broker.name_has_owner(name.clone()).await? {
        return Ok(None);
    }
    let pid = broker.get_connection_unix_process_id(name).await?;
    Ok(i32::try_from(pid).ok().map(Pid::from_raw))
}
