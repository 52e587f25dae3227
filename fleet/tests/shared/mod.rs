//! A fleet in a test: one server with the schema, the tenants `main` and `other`, hosts `web1` and `web2` of the first,
//! `web3` of the second, and `desk`, where the administrator of both works.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each suite takes of this what it needs; what cannot be set up ends the test"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_bus::UserName;
use countersign_fleet::{
    Conclusion, Engine, EngineError, Facts, Listed, Notice, Settings, Spent, Swapped, TlsFiles,
    Transaction, Version, migrate,
};
use countersign_tests::postgres::{Authority, Postgres};
use tokio::runtime::Runtime;

/// The number of the one token that users have here.
pub const TOKEN: i64 = 4711;

pub struct Fleet {
    pub server: Postgres,
    pub runtime: Runtime,
}

/// What an engine had to tell.
#[derive(Clone, Default)]
pub struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    pub fn all(&self) -> Vec<Notice> {
        self.0.lock().unwrap().clone()
    }
}

impl Fleet {
    pub fn start() -> Self {
        let fleet = Self::without_schema();
        let settings = fleet.superuser();
        let migrated = fleet.runtime.block_on(migrate::migrate(&settings)).unwrap();
        assert_eq!((migrated.from, migrated.to), (0, migrate::KNOWN));
        fleet.server.sql(
            "select countersign.add_tenant('main'), countersign.add_tenant('other');
             select countersign.add_host('web1', '{main}'), countersign.add_host('web2', '{main}'),
               countersign.add_host('web3', '{other}'),
               countersign.add_host('desk', '{main,other}', 'countersign_admin')",
        );
        fleet.server.sql(
            "insert into countersign.account
               select id, '.countersign.key', 1, 'key', gen_random_uuid(), 'test', now() from countersign.tenant",
        );
        fleet
    }

    pub fn without_schema() -> Self {
        Self {
            server: Postgres::start(),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    pub fn superuser(&self) -> Settings {
        let urls = vec![self.server.superuser_url()];
        patient(Settings::new(urls, "main".to_owned(), None))
    }

    /// The settings of a host with a good certificate.
    pub fn settings(&self, host: &str) -> Settings {
        settings(self.server.authority(), host, vec![self.server.url(host)])
    }

    pub fn engine(&self, host: &str) -> Engine {
        engine(&self.settings(host)).0
    }

    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A user with a record.
    pub fn enroll(&self, name: &str) -> (UserName, Version) {
        let user = user(name);
        let engine = self.engine("web1");
        let done = engine.swap(&user, Version::ABSENT, Some(b"sealed"), changed());
        let Swapped::Done(version) = self.wait(done).unwrap() else {
            panic!("{name} has a record already");
        };
        (user, version)
    }

    /// The records of the users among the first ten.
    pub fn listed(&self, host: &Engine) -> Result<Vec<Listed>, EngineError> {
        let mut listed = self.wait(host.list(None, 10))?;
        listed.retain(|(user, ..)| user.as_str() != ".countersign.key");
        Ok(listed)
    }

    /// What a host is told about a user.
    pub fn refusal(&self, settings: &Settings) -> EngineError {
        let (engine, _) = engine(settings);
        let alice = user("alice");
        self.wait(engine.load(&alice))
            .expect_err("nothing is handed out")
    }
}

pub fn settings(authority: &Authority, host: &str, urls: Vec<String>) -> Settings {
    let identity = authority.issue(host);
    let files = TlsFiles {
        ca: authority.certificate(),
        certificate: identity.certificate,
        key: identity.key,
    };
    patient(Settings::new(urls, "main".to_owned(), Some(files)))
}

/// With deadlines that a busy machine keeps. Suites about deadlines set their own.
pub fn patient(settings: Settings) -> Settings {
    Settings {
        connect_deadline: Duration::from_secs(20),
        answer_deadline: Duration::from_secs(20),
        total_deadline: Duration::from_secs(30),
        ..settings
    }
}

pub fn engine(settings: &Settings) -> (Engine, Notices) {
    let notices = Notices::default();
    let heard = notices.clone();
    let report = Arc::new(move |notice| heard.0.lock().unwrap().push(notice));
    (Engine::new(settings, report).unwrap(), notices)
}

pub fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

/// A transaction that no other one has.
pub fn transaction() -> Transaction {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Transaction(bytes)
}

pub fn changed() -> Facts {
    concluding(Conclusion::Changed)
}

pub fn refused() -> Facts {
    concluding(Conclusion::Refused)
}

/// A code of that step was accepted.
pub fn accepted_at(at: i64) -> Facts {
    concluding(Conclusion::Accepted(Some(Spent { token: TOKEN, at })))
}

fn concluding(conclusion: Conclusion) -> Facts {
    Facts {
        conclusion,
        transaction: transaction(),
    }
}

/// The time of the server, which is that of this machine.
pub fn now(server: &Postgres) -> i64 {
    server
        .sql("select floor(extract(epoch from clock_timestamp()))")
        .parse()
        .unwrap()
}

/// Waits until something is so, for as long as a busy machine may take.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "waiting until {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
