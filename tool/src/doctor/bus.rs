//! The message bus, and what the daemon says of itself over it and over its login socket.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use countersign_bus::proxy::{AdminProxy, Details, LoginProxy, Options};
use countersign_bus::{BUS_NAME, LOGIN_SOCKET, keys};
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;
use zbus::{Connection, connection};

use super::finding::{Finding, Subject};
use super::store::CHECK;
use crate::account::{Entry, take};
use crate::clock::now;
use crate::words::tell;

/// What takes longer on this machine is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many records one call brings, and how many calls are made.
const PAGE: u32 = 500;
const PAGES: usize = 40;

/// What somebody said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer<T> {
    /// This.
    Given(T),
    /// Not to the caller.
    Denied,
    /// Nothing, for this reason.
    Silent(String),
}

impl<T> Answer<T> {
    /// What was told.
    pub fn told(&self) -> Option<&T> {
        match self {
            Self::Given(told) => Some(told),
            Self::Denied | Self::Silent(_) => None,
        }
    }
}

/// `Admin.Health`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Health {
    /// The daemon's version.
    pub version: String,
    /// By how many seconds its clock is ahead or behind, beyond the time that its answer took.
    pub apart: u64,
    /// When the configuration in force was read.
    pub configuration_loaded: u64,
    /// What keeps the files out of force.
    pub configuration_problems: Vec<String>,
    /// `open`, or why not.
    pub store: String,
    /// Records that are on no disk.
    pub unsaved: u32,
    /// Was the login socket handed over?
    pub login_socket: bool,
    /// When a code was last accepted for each service.
    pub last_logins: HashMap<String, u64>,
}

/// How the login socket is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoginSocket {
    /// There is none.
    Absent,
    /// Only root can see it.
    Unseen,
    /// The daemon answers there.
    Answers,
    /// It is there, and nobody answers.
    Silent(String),
}

/// What is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Why there is no connection to the bus, if there is none.
    pub no_bus: Option<String>,
    /// Would the bus start the daemon?
    pub activatable: bool,
    /// Who owns the daemon's name, once it was asked for.
    pub owner: Option<u32>,
    /// The uid that should.
    pub daemon_uid: Option<u32>,
    /// What the daemon says of itself.
    pub health: Answer<Health>,
    /// Its version, which it tells everybody.
    pub version: Answer<String>,
    /// Who has a record.
    pub entries: Answer<Vec<Entry>>,
    /// The road without a bus.
    pub socket: LoginSocket,
    /// Did the service end because its credential was not to be had?
    pub no_credential: bool,
}

impl Facts {
    /// Nothing is known of a daemon behind a copy of files.
    pub fn none() -> Self {
        Self {
            no_bus: None,
            activatable: true,
            owner: None,
            daemon_uid: None,
            health: Answer::Denied,
            version: Answer::Denied,
            entries: Answer::Denied,
            socket: LoginSocket::Unseen,
            no_credential: false,
        }
    }

    /// Asks the bus at this address.
    pub async fn gather(address: &str, daemon_uid: Option<u32>, sees_all: bool) -> Self {
        let mut facts = Self {
            daemon_uid,
            socket: socket(sees_all).await,
            ..Self::none()
        };
        let bus = match within(connection(address)).await {
            Ok(bus) => bus,
            Err(why) => {
                facts.no_bus = Some(why.clone());
                facts.health = Answer::Silent(why);
                return facts;
            }
        };
        if let Ok(dbus) = within(DBusProxy::new(&bus)).await {
            let names = within(dbus.list_activatable_names()).await;
            facts.activatable = names.is_ok_and(|names| names.iter().any(|it| *it == BUS_NAME));
        }
        match proxies(&bus).await {
            Ok((login, admin)) => {
                facts.version = told(login.version().await);
                if matches!(facts.version, Answer::Silent(_)) {
                    facts.health = Answer::Silent(silence(&facts.version));
                } else {
                    facts.health = health(&admin).await;
                    facts.entries = entries(&admin).await;
                }
            }
            Err(why) => facts.health = Answer::Silent(why),
        }
        if let Ok(dbus) = within(DBusProxy::new(&bus)).await
            && let Ok(name) = BusName::try_from(BUS_NAME)
        {
            facts.owner = within(dbus.get_connection_unix_user(name)).await.ok();
        }
        facts
    }
}

fn silence<T>(told: &Answer<T>) -> String {
    match told {
        Answer::Silent(why) => why.clone(),
        Answer::Given(_) | Answer::Denied => String::new(),
    }
}

async fn within<T, E: Display>(call: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(tell!("doctor-no-answer", "seconds" = PATIENCE.as_secs())),
    }
}

async fn connection(address: &str) -> zbus::Result<Connection> {
    connection::Builder::address(address)
        .method_timeout(PATIENCE)
        .build()
        .await
}

async fn proxies(bus: &Connection) -> Result<(LoginProxy<'static>, AdminProxy<'static>), String> {
    let login = LoginProxy::builder(bus).cache_properties(CacheProperties::No);
    let admin = AdminProxy::builder(bus).cache_properties(CacheProperties::No);
    Ok((within(login.build()).await?, within(admin.build()).await?))
}

fn told<T>(answer: zbus::Result<T>) -> Answer<T> {
    let name = match &answer {
        Err(zbus::Error::MethodError(name, ..)) => name.as_str(),
        _ => "",
    };
    match answer {
        Ok(answer) => Answer::Given(answer),
        Err(_) if name.ends_with(".AccessDenied") => Answer::Denied,
        Err(error) => Answer::Silent(error.to_string()),
    }
}

async fn health(admin: &AdminProxy<'_>) -> Answer<Health> {
    let asked = now();
    let answer = told(admin.health(&Options::new()).await);
    let took = asked..=now();
    match answer {
        Answer::Given(details) => read(details, &took).map_or_else(Answer::Silent, Answer::Given),
        Answer::Denied => Answer::Denied,
        Answer::Silent(why) => Answer::Silent(why),
    }
}

/// Reads the answer to a question that was asked and answered within `took`, in seconds of Unix time.
fn read(mut details: Details, took: &RangeInclusive<u64>) -> Result<Health, String> {
    let details = &mut details;
    let time: u64 = take(details, keys::TIME)?.unwrap_or_default();
    Ok(Health {
        version: take(details, keys::VERSION)?.unwrap_or_default(),
        apart: (took.start().saturating_sub(time)).max(time.saturating_sub(*took.end())),
        configuration_loaded: take(details, keys::CONFIGURATION_LOADED)?.unwrap_or_default(),
        configuration_problems: take(details, keys::CONFIGURATION_PROBLEMS)?.unwrap_or_default(),
        store: take(details, keys::STORE)?.unwrap_or_default(),
        unsaved: take(details, keys::UNSAVED)?.unwrap_or_default(),
        login_socket: take(details, keys::LOGIN_SOCKET)?.unwrap_or_default(),
        last_logins: take(details, keys::LAST_LOGINS)?.unwrap_or_default(),
    })
}

async fn entries(admin: &AdminProxy<'_>) -> Answer<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::new();
    for _ in 0..PAGES {
        let mut filter = Options::from([(keys::LIMIT, PAGE.into())]);
        if let Some(last) = all.last() {
            filter.insert(keys::AFTER, last.user().to_owned().into());
        }
        let page = match told(admin.list(&filter).await) {
            Answer::Given(page) => page,
            Answer::Denied => return Answer::Denied,
            Answer::Silent(why) => return Answer::Silent(why),
        };
        if page.is_empty() {
            break;
        }
        for (user, details) in page {
            match Entry::read(user, details) {
                Ok(entry) => all.push(entry),
                Err(why) => return Answer::Silent(why),
            }
        }
    }
    Answer::Given(all)
}

async fn socket(sees_all: bool) -> LoginSocket {
    if !sees_all {
        return LoginSocket::Unseen;
    }
    if !Path::new(LOGIN_SOCKET).exists() {
        return LoginSocket::Absent;
    }
    let asked = async {
        let address = format!("unix:path={LOGIN_SOCKET}");
        let direct = connection::Builder::address(address.as_str())
            .p2p()
            .method_timeout(PATIENCE)
            .build()
            .await?;
        let login = LoginProxy::builder(&direct)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        login.version().await
    };
    match within(asked).await {
        Ok(_version) => LoginSocket::Answers,
        Err(why) => LoginSocket::Silent(why),
    }
}

/// What the facts mean. `ours` is the tool's own version.
pub fn check(facts: &Facts, ours: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(why) = &facts.no_bus {
        let what = tell!("doctor-bus-unreachable", "why" = why.as_str());
        found.push(
            Finding::error(Subject::Bus, "bus-unreachable", what).mend("systemctl start dbus"),
        );
    } else {
        found.extend(name(facts));
        found.extend(daemon(facts, ours));
    }
    if let LoginSocket::Silent(why) = &facts.socket {
        let what = tell!("doctor-socket-silent", "why" = why.as_str());
        found.push(
            Finding::error(Subject::Daemon, "socket-silent", what)
                .mend("systemctl restart countersign-login.socket countersignd.service"),
        );
    }
    found
}

fn name(facts: &Facts) -> Option<Finding> {
    if let (Some(owner), Some(daemon)) = (facts.owner, facts.daemon_uid)
        && owner != daemon
    {
        let what = tell!("doctor-bus-owner", "uid" = owner.to_string());
        return Some(
            Finding::error(Subject::Bus, "bus-owner", what)
                .mend(format!("busctl status {BUS_NAME}")),
        );
    }
    (!facts.activatable).then(|| {
        let what = tell!("doctor-bus-not-activatable");
        Finding::error(Subject::Bus, "bus-not-activatable", what).mend(
            "dbus-send --system --print-reply --dest=org.freedesktop.DBus / \
             org.freedesktop.DBus.ReloadConfig",
        )
    })
}

fn daemon(facts: &Facts, ours: &str) -> Option<Finding> {
    match (&facts.health, &facts.version) {
        (Answer::Silent(why), _) => {
            let what = tell!("doctor-daemon-silent", "why" = why.as_str());
            let mend = if facts.no_credential {
                CHECK
            } else {
                "systemctl restart countersignd; journalctl -u countersignd -n 20"
            };
            Some(Finding::error(Subject::Daemon, "daemon-silent", what).mend(mend))
        }
        (_, Answer::Given(version)) if version != ours => {
            let what = tell!(
                "doctor-daemon-version",
                "daemon" = version.as_str(),
                "tool" = ours
            );
            Some(
                Finding::warning(Subject::Daemon, "daemon-version", what)
                    .mend("systemctl restart countersignd"),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use zbus::OwnedVariant;

    use super::*;

    fn well() -> Facts {
        Facts {
            owner: Some(990),
            daemon_uid: Some(990),
            health: Answer::Given(Health::default()),
            version: Answer::Given("1.0".to_owned()),
            entries: Answer::Given(Vec::new()),
            socket: LoginSocket::Answers,
            ..Facts::none()
        }
    }

    fn ids(facts: &Facts) -> Vec<&'static str> {
        check(facts, "1.0").iter().map(|it| it.id).collect()
    }

    #[test]
    fn a_daemon_that_answers_everywhere_is_well() {
        assert_eq!(ids(&well()), Vec::<&str>::new());
        let denied = Facts {
            health: Answer::Denied,
            ..well()
        };
        assert_eq!(ids(&denied), Vec::<&str>::new());
    }

    #[test]
    fn a_clock_is_apart_by_what_the_answer_s_way_does_not_explain() {
        let apart = |time: u64| {
            let details = Details::from([(keys::TIME.to_owned(), OwnedVariant::from(time))]);
            read(details, &(100..=107)).unwrap().apart
        };
        assert_eq!([93, 100, 104, 107, 110].map(apart), [7, 0, 0, 0, 3]);
    }

    #[test]
    fn what_is_amiss_with_the_daemon_is_told_one_by_one() {
        let silent = || "nobody".to_owned();
        let cases = [
            (
                Facts {
                    no_bus: Some(silent()),
                    ..well()
                },
                "bus-unreachable",
            ),
            (
                Facts {
                    owner: Some(1000),
                    ..well()
                },
                "bus-owner",
            ),
            (
                Facts {
                    activatable: false,
                    ..well()
                },
                "bus-not-activatable",
            ),
            (
                Facts {
                    health: Answer::Silent(silent()),
                    ..well()
                },
                "daemon-silent",
            ),
            (
                Facts {
                    version: Answer::Given("0.9".to_owned()),
                    ..well()
                },
                "daemon-version",
            ),
            (
                Facts {
                    socket: LoginSocket::Silent(silent()),
                    ..well()
                },
                "socket-silent",
            ),
        ];
        for (facts, id) in cases {
            assert_eq!(ids(&facts), [id]);
        }
    }
}
