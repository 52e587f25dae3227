//! A real server for the measurement: full of users, with what it took of the machine.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use countersign_fleet::{Settings, TlsFiles, migrate};
use countersign_tests::postgres::Postgres;

use super::constants::Room;

/// What a server of some size has. Cleaning up after others is not part of a login; a run is too short for it.
const SETTINGS: &str = "fsync = on
shared_buffers = 1GB
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum = off
track_wal_io_timing = on";

/// Whose records they are.
const TENANT: &str = "main";

pub(super) struct Server {
    pub(super) postgres: Postgres,
    /// The number of the process that all its others come from.
    postmaster: String,
}

/// What was written ahead, since the server started.
#[derive(Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) bytes: f64,
    pub(super) page_images: f64,
    pub(super) flushes: f64,
    /// In milliseconds.
    pub(super) flushing: f64,
}

impl Server {
    /// One with so many users, who have records of so many bytes, and with so many hosts.
    pub(super) fn start(users: usize, record: usize, hosts: usize) -> Self {
        let postgres = Postgres::start_with(SETTINGS);
        let superuser = Settings::new(vec![postgres.superuser_url()], TENANT.to_owned(), None);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        runtime
            .block_on(migrate::migrate(&superuser))
            .expect("the schema");
        postgres.sql(&format!("select countersign.add_tenant('{TENANT}')"));
        postgres.sql(&format!(
            "select countersign.add_host('web' || n, '{{{TENANT}}}') from generate_series(0, {hosts} - 1) n;
             update countersign.host set budget = 1000000000;
             update countersign.tenant set clock_bound = 1000000"
        ));
        let hexadecimal = format!(
            "substr(repeat(md5(n::text), {}), 1, {})",
            record / 16 + 1,
            2 * record
        );
        postgres.sql(&format!(
            "insert into countersign.account
               select 1, 'user' || lpad(n::text, 8, '0'), 1, decode({hexadecimal}, 'hex'), gen_random_uuid(), 'web0', now()
               from generate_series(0, {users} - 1) n;
             insert into countersign.counter (tenant, name, attempts, hour, in_hour, tokens, steps, step_transaction)
               select 1, 'user' || lpad(n::text, 8, '0'), 1, 1, 1, '{{4711}}', '{{1}}', gen_random_uuid()
               from generate_series(0, {users} - 1) n"
        ));
        postgres.sql("vacuum analyze");
        let folder = postgres.sql("show data_directory");
        let text = fs::read_to_string(format!("{folder}/postmaster.pid"));
        let text = text.expect("a running server");
        let postmaster = text.lines().next().unwrap_or_default().to_owned();
        Self {
            postgres,
            postmaster,
        }
    }

    /// A host's settings, with a certificate of its own.
    pub(super) fn host(&self, number: usize) -> Settings {
        let name = format!("web{number}");
        let identity = self.postgres.authority().issue(&name);
        let files = TlsFiles {
            ca: self.postgres.authority().certificate(),
            certificate: identity.certificate,
            key: identity.key,
        };
        let urls = vec![self.postgres.url(&name)];
        let patient = Duration::from_secs(30);
        Settings {
            connections: 1,
            connect_deadline: patient,
            answer_deadline: patient,
            total_deadline: patient,
            ..Settings::new(urls, TENANT.to_owned(), Some(files))
        }
    }

    pub(super) fn version(&self) -> String {
        format!(
            "PostgreSQL {}",
            self.number_text("select current_setting('server_version')")
        )
    }

    pub(super) fn room(&self, users: usize) -> Room {
        let users = super::simulation::number(users);
        let of = |table: &str| {
            self.number(&format!(
                "select pg_total_relation_size('countersign.{table}')"
            )) / users
        };
        Room {
            account: of("account"),
            counter: of("counter"),
        }
    }

    /// Its time, in Unix seconds.
    pub(super) fn clock(&self) -> i64 {
        let now = "select floor(extract(epoch from clock_timestamp()))";
        self.number_text(now).parse().expect("a number")
    }

    pub(super) fn checkpoint(&self) {
        self.postgres.sql("checkpoint");
    }

    /// Waits until nobody is connected: then all have told what they wrote.
    pub(super) fn written(&self) -> Written {
        let others = "select count(*) from pg_stat_activity where usename like 'web%'";
        while self.number_text(others) != "0" {
            std::thread::sleep(Duration::from_millis(10));
        }
        let of = |column: &str| self.number(&format!("select {column} from pg_stat_wal"));
        Written {
            bytes: of("wal_bytes"),
            page_images: of("wal_fpi"),
            flushes: of("wal_sync"),
            flushing: of("wal_sync_time"),
        }
    }

    /// What the processors did for all of the server's processes that are there.
    pub(super) fn worked(&self) -> Duration {
        self.processes().iter().map(|it| worked(it)).sum()
    }

    /// Memory that is one's alone, of all who serve hosts, in KiB.
    pub(super) fn private(&self) -> f64 {
        let serving = self
            .postgres
            .sql("select pid from pg_stat_activity where usename like 'web%'");
        let of = |pid: &str| {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            text.lines()
                .filter(|line| line.starts_with("Private_"))
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
                .sum::<f64>()
        };
        serving.lines().map(of).sum()
    }

    fn processes(&self) -> Vec<PathBuf> {
        let postmaster = &self.postmaster;
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
        let children = children.expect("the server's processes");
        let mut all = vec![PathBuf::from(format!("/proc/{postmaster}"))];
        all.extend(
            children
                .split_whitespace()
                .map(|pid| PathBuf::from(format!("/proc/{pid}"))),
        );
        all
    }

    fn number(&self, sql: &str) -> f64 {
        self.number_text(sql).parse().expect("a number")
    }

    fn number_text(&self, sql: &str) -> String {
        let text = self.postgres.sql(sql);
        text.split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

/// What the processors did for this process, all its threads.
pub(super) fn worked_here() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("our own threads");
    threads.flatten().map(|thread| worked(&thread.path())).sum()
}

/// The scheduler's own count, in nanoseconds: the other one is in hundredths of a second.
fn worked(process: &std::path::Path) -> Duration {
    let text = fs::read_to_string(process.join("schedstat")).unwrap_or_default();
    let nanoseconds = text
        .split_whitespace()
        .next()
        .and_then(|it| it.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}
