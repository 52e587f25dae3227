//! From the command line to a daemon that serves: configuration, store, login socket, bus.

use std::fmt;
use std::io;
use std::os::unix::net::UnixListener as StdListener;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_bus::{BUS_NAME, OBJECT_PATH};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use zbus::connection::Builder;

use crate::account::SystemRandom;
use crate::audit::{Level, Log, SystemLog};
use crate::bus_service::{BusService, Ended};
use crate::caller::Road;
use crate::clock::{Clock, SystemClock};
use crate::configuration::Configuration;
use crate::direct::{self, Places};
use crate::enrollment::Enrollments;
use crate::groups::Groups;
use crate::harden::{descriptors, harden};
use crate::health::{Health, LoginSocket};
use crate::ledger::Ledger;
use crate::login_socket::{self, SocketError};
use crate::options::Options;
use crate::service::{AccountInterface, AdminInterface, LoginInterface, Parts};
use crate::store_place::{Opened, Place, open_when_mended};
use crate::stream::Stream;
use crate::users::{SystemDirectory, Users};
use countersign_config::SystemGroups;

/// How long to wait before a bus that is not there is tried again. Nobody waits for it meanwhile who
/// has the login socket.
const BUS_RETRY: Duration = Duration::from_secs(2);

/// How long a daemon that was told to end waits for those who hold a connection. Far less than a login
/// waits for an answer, since somebody may hold one who is still typing.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How long a daemon that the bus started waits for the one before it to let go of the store: longer than
/// that one answers whoever has asked it, and shorter than a login waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the daemon ends.
#[derive(Debug)]
pub enum Failure {
    /// The system does not give what a daemon needs.
    System {
        /// What for.
        doing: &'static str,
        /// What it said.
        error: io::Error,
    },
    /// There is no login socket, and there should be.
    LoginSocket(SocketError),
    /// The bus does not take it.
    Bus {
        /// Its address.
        address: String,
        /// What it said.
        error: zbus::Error,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System { doing, error } => write!(f, "{doing}: {error}"),
            Self::LoginSocket(error) => error.fmt(f),
            Self::Bus {
                address,
                error: zbus::Error::NameTaken,
            } => write!(
                f,
                "taking the name {BUS_NAME} on {address}: another countersignd runs; stop it first"
            ),
            Self::Bus { address, error } => write!(
                f,
                "serving {BUS_NAME} on {address}: {error}; see whether the bus runs and its policy \
                 lets this user own the name"
            ),
        }
    }
}

impl std::error::Error for Failure {}

/// Runs the daemon until it is told to end.
///
/// # Errors
/// The log has said so already where it could.
pub fn run(options: &Options) -> Result<(), Failure> {
    let system = |doing, error: nix::Error| Failure::System {
        doing,
        error: error.into(),
    };
    let log: Arc<dyn Log> = Arc::new(SystemLog::open().map_err(|e| system("opening the log", e))?);
    let ended = run_with(options, &log);
    if let Err(failure) = &ended {
        log.write(Level::Error, &failure.to_string());
    }
    ended
}

fn run_with(options: &Options, log: &Arc<dyn Log>) -> Result<(), Failure> {
    // First of all: from here on nothing is done as root.
    let listener = login_socket::take(options.opener()).map_err(Failure::LoginSocket)?;
    // Second, since another user's process may be dumped and debugged again.
    harden().map_err(|error| Failure::System {
        doing: "keeping secrets out of core dumps",
        error: error.into(),
    })?;
    let descriptors = descriptors().map_err(|error| Failure::System {
        doing: "asking for descriptors",
        error: error.into(),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(Users::THREADS + Groups::THREADS)
        .build()
        .map_err(|error| Failure::System {
            doing: "starting the runtime",
            error,
        })?;
    let ended = runtime.block_on(serve(options, listener, Places::within(descriptors), log));
    // A look-up in a slow user database is not waited for.
    runtime.shutdown_background();
    ended
}

async fn serve(
    options: &Options,
    listener: Option<StdListener>,
    places: Places,
    log: &Arc<dyn Log>,
) -> Result<(), Failure> {
    let system = |doing| move |error| Failure::System { doing, error };
    let mut terminate = signal(SignalKind::terminate()).map_err(system("listening for SIGTERM"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system("listening for SIGINT"))?;
    // From here on, a request to read the configuration anew no longer ends the process.
    let mut reload = signal(SignalKind::hangup()).map_err(system("listening for SIGHUP"))?;
    let listener = listener
        .map(|listener| {
            listener.set_nonblocking(true)?;
            UnixListener::from_std(listener)
        })
        .transpose()
        .map_err(system("listening on the login socket"))?;
    let place = Place {
        state: options.state_dir.clone(),
        credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        config_dir: options.config_dir.clone(),
    };
    let ledger = Arc::new(Ledger::new(Arc::clone(log)));
    let socket = if listener.is_some() {
        LoginSocket::Served
    } else {
        LoginSocket::None
    };
    let patience = match socket {
        // The daemon whose place we take has told the bus already, and ends.
        LoginSocket::None => PATIENCE,
        // Logins wait in the backlog, and one that the bus started ends only when we take its name.
        LoginSocket::Served => Duration::ZERO,
    };
    if place.open_within(patience, &ledger, log) == Opened::NotYet {
        tokio::spawn(open_when_mended(
            place,
            Arc::clone(&ledger),
            Arc::clone(log),
        ));
    }
    let now = SystemClock.now();
    let health = Health::new(now, socket);
    let configuration = Configuration::new(options.config_dir.clone());
    health.configured(now, configuration.read_first(&**log));
    let parts = Arc::new(Parts {
        configuration,
        ledger: Arc::clone(&ledger),
        users: Users::new(Arc::new(SystemDirectory)),
        groups: Groups::new(Arc::new(SystemGroups)),
        enrollments: Enrollments::default(),
        clock: Arc::new(SystemClock),
        random: Mutex::new(Box::new(SystemRandom)),
        crowd: Arc::default(),
        health,
        log: Arc::clone(log),
    });
    let roads = if listener.is_some() {
        "the bus and the login socket"
    } else {
        "the bus"
    };
    log.write(
        Level::Info,
        &format!("{} serves on {roads}", env!("CARGO_PKG_VERSION")),
    );
    let at_socket = listener
        .map(|listener| tokio::spawn(direct::serve(listener, places.clone(), Arc::clone(&parts))));
    let on_demand = async {
        while reload.recv().await.is_some() {
            let problems = parts.configuration.read_again(&*parts.log);
            if problems.is_empty() {
                parts.health.configured(parts.clock.now(), problems);
            } else {
                parts.health.misconfigured(problems);
            }
        }
    };
    let leaving = Notify::new();
    let mut on_bus = pin!(serve_on_bus(&options.bus_address, &parts, socket, &leaving));
    tokio::select! {
        ended = &mut on_bus => return ended,
        () = on_demand => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }

    // Who has asked already gets the answer, or an upgrade would refuse whoever logs in at that moment.
    // Who comes now waits in the socket's backlog, or has the bus start the next daemon.
    if let Some(at_socket) = at_socket {
        at_socket.abort();
    }
    leaving.notify_one();
    let seen_off = async { tokio::join!(on_bus, places.all_left(&parts.enrollments)) };
    let _ = tokio::time::timeout(LAST_ANSWERS, seen_off).await;
    Ok(())
}

/// Serves on the bus, and comes back to it when it went away and logins still reach the socket.
/// Ends when the daemon is `leaving` and has given its last answer.
async fn serve_on_bus(
    address: &str,
    parts: &Arc<Parts>,
    socket: LoginSocket,
    leaving: &Notify,
) -> Result<(), Failure> {
    let mut told = false;
    loop {
        let error = match connect(address, parts, socket).await {
            Ok(mut service) => {
                if told {
                    told = false;
                    parts.log.write(Level::Info, "serves on the bus again");
                }
                let ended = tokio::select! {
                    ended = service.ended() => ended,
                    () = leaving.notified() => {
                        service.leave().await;
                        return Ok(());
                    }
                };
                match ended {
                    Ended::Replaced => {
                        let line = "another countersignd, which has the login socket, takes over";
                        parts.log.write(Level::Notice, line);
                        return Ok(());
                    }
                    Ended::BusGone => io::Error::from(io::ErrorKind::ConnectionAborted).into(),
                }
            }
            Err(error) => error,
        };
        let failure = Failure::Bus {
            address: address.to_owned(),
            error,
        };
        if socket == LoginSocket::None
            || matches!(
                failure,
                Failure::Bus {
                    error: zbus::Error::NameTaken,
                    ..
                }
            )
        {
            return Err(failure);
        }
        if !told {
            told = true;
            let line = format!("{failure}; logins of root's programs go on over the login socket");
            parts.log.write(Level::Error, &line);
        }
        tokio::select! {
            () = tokio::time::sleep(BUS_RETRY) => {}
            () = leaving.notified() => return Ok(()),
        }
    }
}

async fn connect(
    address: &str,
    parts: &Arc<Parts>,
    socket: LoginSocket,
) -> zbus::Result<BusService> {
    let path = address
        .strip_prefix("unix:path=")
        .ok_or_else(|| zbus::Error::Address("it must begin with unix:path=".to_owned()))?;
    let stream = UnixStream::connect(path).await.map_err(zbus::Error::from)?;
    let connection = Builder::socket(Stream::of_anybody(stream, Arc::clone(&parts.crowd)))
        .serve_at(
            OBJECT_PATH,
            LoginInterface::new(Arc::clone(parts), Road::Bus),
        )
        .serve_at(OBJECT_PATH, AccountInterface(Arc::clone(parts)))
        .serve_at(OBJECT_PATH, AdminInterface(Arc::clone(parts)))
        .build()
        .await?;
    BusService::begin(connection, socket).await
}
