use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

use super::error::{EngineError, Tried};
use super::migrate::{KNOWN, NEEDED};
use super::session::Session;
use super::settings::{Settings, SettingsError, TlsFiles};
use super::sqlstate::{Reaction, Trouble, reaction};
use super::tls::Tls;

/// How long before our own deadline the server gives up by itself, so that it says why.
const SERVER_IS_EARLIER: Duration = Duration::from_millis(200);

/// The servers, and how to get to the one that takes changes.
pub(crate) struct Servers {
    known: Vec<Server>,
    /// The one to try first: the last that was of use, or the one after the last that kept us waiting.
    first: AtomicUsize,
    tls: Option<TlsFiles>,
    connect_deadline: Duration,
    answer_deadline: Duration,
}

struct Server {
    config: Config,
    host: Arc<str>,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To ask what hosts ask, of a schema that is known here.
    Asking,
    /// To change the schema, whatever its version.
    Migrating,
}

/// Why one server is of no use.
enum Useless {
    /// Another one may be.
    This(String),
    /// It says something that matters about all of them, if no other one is of use.
    Tells(EngineError),
}

impl Servers {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let mut known = Vec::new();
        for (place, url) in (1..).zip(&settings.urls) {
            known.append(&mut parse(place, url, settings)?);
        }
        if known.is_empty() {
            return Err(SettingsError::NoUrl);
        }
        if let Some(files) = &settings.tls {
            Tls::read(files).map_err(|problem| SettingsError::Files { problem })?;
        }
        Ok(Self {
            known,
            first: AtomicUsize::new(0),
            tls: settings.tls.clone(),
            connect_deadline: settings.connect_deadline,
            answer_deadline: settings.answer_deadline,
        })
    }

    /// A connection to the server that takes changes. Each is tried once.
    pub(crate) async fn connect(
        &self,
        purpose: Purpose,
        until: Instant,
    ) -> Result<Session, EngineError> {
        let first = self.first.load(Ordering::Relaxed);
        let mut tried = Vec::new();
        let mut telling = None;
        for (place, server) in in_turn(&self.known, first) {
            let now = Instant::now();
            if now >= until {
                // The next call begins where this one had no time left.
                self.first.store(place, Ordering::Relaxed);
                break;
            }
            let within = until.min(now + self.connect_deadline);
            let why = match timeout_at(within, self.open(server, purpose)).await {
                Ok(Ok(session)) => {
                    self.first.store(place, Ordering::Relaxed);
                    return Ok(session);
                }
                Ok(Err(Useless::This(why))) => why,
                Ok(Err(Useless::Tells(error))) => {
                    let why = error.to_string();
                    telling.get_or_insert(error);
                    why
                }
                Err(_) => "no answer in time".to_owned(),
            };
            tried.push(Tried {
                host: server.host.to_string(),
                why,
            });
        }
        Err(telling.unwrap_or(EngineError::Unreachable { tried }))
    }

    async fn open(&self, server: &Server, purpose: Purpose) -> Result<Session, Useless> {
        let host = &server.host;
        let told = |error: tokio_postgres::Error| useless(host, &error);
        let mut session = if server.config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = server.config.connect(NoTls).await.map_err(told)?;
            Session::begin(client, connection, Arc::clone(host), None)
        } else {
            let tls = self.read_tls(host)?;
            let (client, connection) = server.config.connect(tls.clone()).await.map_err(told)?;
            Session::begin(client, connection, Arc::clone(host), Some(tls))
        };
        let limit = match purpose {
            Purpose::Asking => self.answer_deadline.saturating_sub(SERVER_IS_EARLIER),
            Purpose::Migrating => Duration::ZERO, // no limit
        };
        // A lock that is not given is told apart from a server that is slow, so it has less time.
        let setting = format!(
            "set statement_timeout = {}; set lock_timeout = {}; show transaction_read_only",
            limit.as_millis(),
            (limit * 3 / 4).as_millis()
        );
        let answers = session.client.simple_query(&setting).await.map_err(told)?;
        let is_read_only = answers
            .iter()
            .any(|it| matches!(it, SimpleQueryMessage::Row(row) if row.get(0) == Some("on")));
        if is_read_only {
            session.close();
            return Err(Useless::This(
                "is a standby, or takes no changes".to_owned(),
            ));
        }
        if purpose == Purpose::Asking {
            let found = session.prepare().await.map_err(told)?;
            check_version(found).map_err(Useless::Tells)?;
        }
        Ok(session)
    }

    fn read_tls(&self, host: &str) -> Result<Tls, Useless> {
        let untrusted = |why| {
            Useless::Tells(EngineError::Untrusted(Tried {
                host: host.to_owned(),
                why,
            }))
        };
        let files = self.tls.as_ref();
        let files = files.ok_or_else(|| untrusted("there are no certificates".to_owned()))?;
        Tls::read(files).map_err(untrusted)
    }
}

/// All of them, beginning at that place and going round.
fn in_turn(servers: &[Server], first: usize) -> impl Iterator<Item = (usize, &Server)> {
    let numbered = servers.iter().enumerate();
    numbered.cycle().skip(first).take(servers.len())
}

pub(crate) fn check_version(found: i32) -> Result<(), EngineError> {
    if found > KNOWN {
        return Err(EngineError::SchemaNewer {
            found,
            known: KNOWN,
        });
    }
    if found < NEEDED {
        return Err(EngineError::SchemaOlder {
            found,
            needed: NEEDED,
        });
    }
    Ok(())
}

/// The servers of one URL, which may name several.
fn parse(place: usize, url: &str, settings: &Settings) -> Result<Vec<Server>, SettingsError> {
    let wrong = |problem| SettingsError::Url { place, problem };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(wrong("does not begin with postgres://"));
    }
    // Its error may quote the URL.
    let whole = Config::from_str(url).map_err(|_| wrong("cannot be read"))?;
    let user = whole.get_user().ok_or_else(|| wrong("names no role"))?;
    let database = whole
        .get_dbname()
        .ok_or_else(|| wrong("names no database"))?;
    if whole.get_hosts().is_empty() {
        return Err(wrong("names no server"));
    }
    let (ports, addresses) = (whole.get_ports(), whole.get_hostaddrs());
    let mut servers = Vec::new();
    for (number, host) in whole.get_hosts().iter().enumerate() {
        let port = ports.get(number).or(ports.first()).copied().unwrap_or(5432);
        let mut config = Config::new();
        config.user(user).dbname(database).port(port);
        config.application_name("countersign");
        config.connect_timeout(settings.connect_deadline);
        config.tcp_user_timeout(settings.total_deadline);
        config.keepalives_idle(Duration::from_secs(30));
        if let Some(password) = whole.get_password() {
            config.password(password);
        }
        let host: Arc<str> = match host {
            Host::Tcp(name) => {
                config.host(name).ssl_mode(SslMode::Require);
                if let Some(address) = addresses.get(number) {
                    config.hostaddr(*address);
                }
                let label = format!("{name}:{port}");
                if settings.tls.is_none() {
                    return Err(SettingsError::NoTls { host: label });
                }
                label.into()
            }
            Host::Unix(folder) => {
                config.host_path(folder).ssl_mode(SslMode::Disable);
                folder.display().to_string().into()
            }
        };
        servers.push(Server { config, host });
    }
    Ok(servers)
}

/// What an error while connecting says.
fn useless(host: &str, error: &tokio_postgres::Error) -> Useless {
    let tried = |why: String| Tried {
        host: host.to_owned(),
        why,
    };
    if let Some(told) = error.as_db_error() {
        let message = told.message().to_owned();
        return match reaction(told.code().code(), &message) {
            // Before a schema is found nothing else can be forbidden than to look: the role is in no group.
            Reaction::Tell(Trouble::Rejected | Trouble::Forbidden) => {
                Useless::Tells(EngineError::Rejected(tried(message)))
            }
            Reaction::Tell(Trouble::SchemaMissing) => Useless::Tells(EngineError::SchemaMissing),
            Reaction::Tell(Trouble::TooManyConnections) => {
                Useless::Tells(EngineError::TooManyConnections)
            }
            Reaction::Tell(Trouble::ServerFailed) => {
                Useless::Tells(EngineError::ServerFailed { reason: message })
            }
            Reaction::Again | Reaction::Elsewhere | Reaction::Tell(_) => Useless::This(message),
        };
    }
    match tls_error(error) {
        Some(rustls::Error::AlertReceived(alert)) => Useless::Tells(EngineError::Rejected(tried(
            format!("it does not take this host's certificate ({alert:?})"),
        ))),
        Some(problem) => Useless::Tells(EngineError::Untrusted(tried(problem.to_string()))),
        None => {
            let why = deepest(error);
            if why.contains("does not support TLS") {
                return Useless::Tells(EngineError::Untrusted(tried(
                    "it offers no TLS, and without it nothing is sent".to_owned(),
                )));
            }
            Useless::This(why)
        }
    }
}

/// The error of TLS that is behind another one.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An I/O error hides the one that it carries from `source`.
        let carried = error
            .downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref());
        if let Some(found) = carried.and_then(|it| it.downcast_ref::<rustls::Error>()) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The text of the error that is behind all others.
pub(crate) fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Vec<String>, SettingsError> {
        let files = TlsFiles {
            ca: "/ca".into(),
            certificate: "/certificate".into(),
            key: "/key".into(),
        };
        let settings = Settings::new(vec![], "main".to_owned(), Some(files));
        let servers = parse(3, url, &settings)?;
        Ok(servers.iter().map(|it| it.host.to_string()).collect())
    }

    #[test]
    fn a_url_that_is_none_is_told_by_its_place_and_what_it_lacks() {
        for (url, problem) in [
            ("", "does not begin with postgres://"),
            ("db1.example", "does not begin with postgres://"),
            ("http://db1/countersign", "does not begin with postgres://"),
            ("postgres://web1@db1:port/countersign", "cannot be read"),
            (
                "postgres://web1@db1/countersign?sslmode=verify-full",
                "cannot be read",
            ),
            ("postgres://db1/countersign", "names no role"),
            ("postgres://web1@db1", "names no database"),
        ] {
            let refused = parsed(url).unwrap_err();
            assert_eq!(refused, SettingsError::Url { place: 3, problem }, "{url}");
            let told = refused.to_string();
            assert!(
                told.contains("URL 3") && told.contains("postgres://role@host"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_url_may_name_servers_by_name_address_and_folder() {
        for (url, hosts) in [
            ("postgres://web1@db1/c", vec!["db1:5432"]),
            ("postgresql://web1@10.0.0.1:6432/c", vec!["10.0.0.1:6432"]),
            ("postgres://web1@db1,db2:7/c", vec!["db1:5432", "db2:7"]),
            (
                "postgres://web1@%2Frun%2Fpostgresql/c",
                vec!["/run/postgresql"],
            ),
        ] {
            assert_eq!(parsed(url).unwrap(), hosts, "{url}");
        }
    }

    #[test]
    fn a_server_on_the_network_is_asked_by_mutual_tls_or_not_at_all() {
        let url = "postgres://web1@db1/c?sslmode=disable";
        let plain = Settings::new(vec![], "main".to_owned(), None);
        let Err(refused) = parse(1, url, &plain) else {
            panic!("without certificates")
        };
        assert_eq!(
            refused,
            SettingsError::NoTls {
                host: "db1:5432".to_owned()
            }
        );
        let files = TlsFiles {
            ca: "/ca".into(),
            certificate: "/certificate".into(),
            key: "/key".into(),
        };
        let settings = Settings::new(vec![], "main".to_owned(), Some(files));
        let servers = parse(1, url, &settings).unwrap();
        assert!(
            servers
                .iter()
                .all(|it| it.config.get_ssl_mode() == SslMode::Require)
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_named_before_anything_is_asked() {
        let files = TlsFiles {
            ca: "/nowhere/ca.pem".into(),
            certificate: "/nowhere/host.pem".into(),
            key: "/nowhere/host.key".into(),
        };
        let url = "postgres://web1@db1/c".to_owned();
        let settings = Settings::new(vec![url], "main".to_owned(), Some(files));
        let Err(refused) = Servers::new(&settings) else {
            panic!("there are no files")
        };
        let told = refused.to_string();
        assert!(
            told.contains("/nowhere/ca.pem") && told.contains("authority"),
            "{told}"
        );
    }

    #[test]
    fn the_server_to_begin_with_is_one_of_them_whatever_the_number() {
        let url = "postgres://web1@a,b,c/d".to_owned();
        let settings = Settings::new(
            vec![url.replace("a,b,c", "%2Fa,%2Fb,%2Fc")],
            "main".to_owned(),
            None,
        );
        let servers = Servers::new(&settings).unwrap();
        for first in 0..5 {
            let places: Vec<usize> = in_turn(&servers.known, first).map(|it| it.0).collect();
            let expected: Vec<usize> = (0..3).map(|it| (first + it) % 3).collect();
            assert_eq!(places, expected);
        }
    }
}
