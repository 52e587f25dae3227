//! Makes and upgrades the schema. For an administrator who may make roles and schemas; hosts may not.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_postgres::Client;

use super::connect::{Purpose, Servers, deepest};
use super::error::{EngineError, Tried};
use super::settings::{Settings, SettingsError};

/// One step of the schema. Once released, a file does not change: what comes after is another file.
struct Step {
    version: i32,
    name: &'static str,
    sql: &'static str,
}

const STEPS: &[Step] = &[Step {
    version: 1,
    name: "base",
    sql: include_str!("schema/001-base.sql"),
}];

/// The last version of the schema that this program knows. A later one is refused: hosts are upgraded first, the
/// schema last.
pub const KNOWN: i32 = 1;
/// The first version that this program can work with.
pub const NEEDED: i32 = 1;

/// Keeps two migrations apart. Any number, the same in all versions.
const LOCK: i64 = 0x636f_756e_7465_7273;
/// How long all of it may take, with the wait for another migration.
const DEADLINE: Duration = Duration::from_secs(120);

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Migrated {
    /// The version before; 0 if there was no schema.
    pub from: i32,
    /// The version now.
    pub to: i32,
}

/// Why nothing was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MigrateError {
    /// The settings cannot be used.
    Settings(SettingsError),
    /// The server was not reached, or its schema is of a later version.
    Engine(EngineError),
    /// The server refused a step.
    Step {
        /// Which: its version, and its name.
        step: String,
        /// What the server said.
        reason: String,
    },
}

impl std::fmt::Display for MigrateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Settings(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::Step { step, reason } => write!(
                f,
                "changing the schema of the shared store ({step}): {reason}; nothing was changed. The role needs the \
                 rights to make roles, and schemas in this database"
            ),
        }
    }
}

impl std::error::Error for MigrateError {}

/// Brings the schema to [`KNOWN`], all of it or nothing. Nothing is done where it is there already.
pub async fn migrate(settings: &Settings) -> Result<Migrated, MigrateError> {
    let servers = Servers::new(settings).map_err(MigrateError::Settings)?;
    let until = Instant::now() + settings.total_deadline;
    let connected = servers.connect(Purpose::Migrating, until).await;
    let session = connected.map_err(MigrateError::Engine)?;
    let done = timeout(DEADLINE, bring_up(&session.client)).await;
    let done = done.unwrap_or_else(|_| {
        Err(MigrateError::Engine(EngineError::Unreachable {
            tried: vec![Tried {
                host: session.host.to_string(),
                why: "another migration does not end".to_owned(),
            }],
        }))
    });
    session.close(); // without a commit the server goes back
    done
}

async fn bring_up(client: &Client) -> Result<Migrated, MigrateError> {
    let begin = format!("begin; select pg_advisory_xact_lock({LOCK})");
    run(client, "taking the lock", &begin).await?;
    let from = version(client).await?;
    if from > KNOWN {
        return Err(MigrateError::Engine(EngineError::SchemaNewer {
            found: from,
            known: KNOWN,
        }));
    }
    for step in STEPS.iter().filter(|it| it.version > from) {
        let name = format!("{:03}-{}", step.version, step.name);
        run(client, &name, step.sql).await?;
        let Step {
            version,
            name: title,
            ..
        } = step;
        let note = format!(
            "insert into countersign.migration (version, name) values ({version}, '{title}')"
        );
        run(client, &name, &note).await?;
    }
    run(client, "committing", "commit").await?;
    Ok(Migrated { from, to: KNOWN })
}

async fn version(client: &Client) -> Result<i32, MigrateError> {
    let refused = |error| refused("reading its version", &error);
    let there = "select to_regclass('countersign.migration') is not null";
    let row = client.query_one(there, &[]).await.map_err(refused)?;
    if !row.try_get::<_, bool>(0).map_err(refused)? {
        return Ok(0);
    }
    let last = "select coalesce(max(version), 0) from countersign.migration";
    let row = client.query_one(last, &[]).await.map_err(refused)?;
    row.try_get(0).map_err(refused)
}

async fn run(client: &Client, step: &str, sql: &str) -> Result<(), MigrateError> {
    let done = client.batch_execute(sql).await;
    done.map_err(|error| refused(step, &error))
}

fn refused(step: &str, error: &tokio_postgres::Error) -> MigrateError {
    let reason = match error.as_db_error() {
        Some(told) => told.message().to_owned(),
        None => deepest(error),
    };
    MigrateError::Step {
        step: step.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_count_up_to_the_version_that_is_known() {
        let versions: Vec<i32> = STEPS.iter().map(|it| it.version).collect();
        assert_eq!(versions, (1..=KNOWN).collect::<Vec<_>>());
        assert!((1..=KNOWN).contains(&NEEDED));
    }

    #[test]
    fn every_function_has_a_fixed_search_path_and_none_is_public() {
        for step in STEPS {
            let functions = step.sql.matches("create function").count();
            let paths = step
                .sql
                .matches("set search_path = countersign, pg_temp")
                .count();
            assert_eq!(functions, paths, "{}", step.name);
            assert!(
                step.sql
                    .contains("revoke all on all functions in schema countersign from public")
            );
        }
    }
}
