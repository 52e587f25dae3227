use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where the shared store is, who asks, and how long for. Plain values; nothing is connected by them.
///
/// Not printable as a whole: a URL may hold a password.
#[derive(Clone)]
pub struct Settings {
    /// The servers, as `postgres://role@host:port/database`. The primary is found among them. A folder in place of the
    /// host (`postgres://role@%2Frun%2Fpostgresql/database`) is a Unix socket.
    pub urls: Vec<String>,
    /// Whose records these are, by the name that the schema's table `tenant` has for them.
    pub tenant: String,
    /// What proves the server to us and us to the server. Needed unless all URLs are Unix sockets.
    pub tls: Option<TlsFiles>,
    /// How long one server may take until it is ready to be asked.
    pub connect_deadline: Duration,
    /// How long it may take to answer once asked. Then another connection is tried.
    pub answer_deadline: Duration,
    /// How long one call may take with all that is tried again. Below the 5 s of the PAM module, which has to
    /// hear of it.
    pub total_deadline: Duration,
    /// How many connections are open at most.
    pub connections: usize,
    /// How many calls may wait for one of them; more are turned away as busy.
    pub waiting: usize,
    /// How long an unused connection stays open. Each costs the server more than a megabyte.
    pub idle: Duration,
}

/// The files of mutual TLS, in PEM. They are read at every connection, so that a renewed certificate needs no restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// Who may vouch for the server. No other authority is believed.
    pub ca: PathBuf,
    /// This host's certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Settings {
    /// The settings with every number at its default.
    pub fn new(urls: Vec<String>, tenant: String, tls: Option<TlsFiles>) -> Self {
        Self {
            urls,
            tenant,
            tls,
            connect_deadline: Duration::from_secs(2),
            answer_deadline: Duration::from_millis(1500),
            total_deadline: Duration::from_secs(4),
            connections: 4,
            waiting: 1024,
            idle: Duration::from_secs(60),
        }
    }
}

/// Why settings cannot be used. A URL is told by its place in the list, since it may hold a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingsError {
    /// There is no URL.
    NoUrl,
    /// A URL is not one, counted from 1.
    Url {
        /// Which.
        place: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A server is on the network, and there are no certificates.
    NoTls {
        /// The server.
        host: String,
    },
    /// A number that lets nothing happen.
    Zero {
        /// Which setting.
        what: &'static str,
    },
    /// A certificate or key cannot be used.
    Files {
        /// What, where and why.
        problem: String,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUrl => f.write_str("the shared store has no URL; name its servers in urls"),
            Self::Url { place, problem } => write!(
                f,
                "URL {place} of the shared store {problem}; write postgres://role@host:5432/database"
            ),
            Self::NoTls { host } => write!(
                f,
                "the shared store's server {host} is on the network, where only mutual TLS is used; \
                 name ca, certificate and key"
            ),
            Self::Zero { what } => write!(f, "the shared store's {what} is 0; give at least 1"),
            Self::Files { problem } => f.write_str(problem),
        }
    }
}

impl std::error::Error for SettingsError {}
