use std::sync::Arc;

use countersign_bus::UserName;
use tokio_postgres::Row;

use super::asking::{Answer, Asking};
use super::connect::Servers;
use super::error::EngineError;
use super::notice::Report;
use super::outcome::{Facts, Listed, MAX_RECORD_BYTES, Stored, Swapped, Version};
use super::question::Question;
use super::settings::{Settings, SettingsError};
use super::standing::Standing;

/// The shared store, as one host sees it. Cheap to clone; clones share their connections.
///
/// Made without connecting. Every call ends within the total deadline of the settings; dropping one half-way is
/// allowed, and then a swap may be made or not.
#[derive(Clone)]
pub struct Engine {
    asking: Arc<Asking>,
    tenant: Arc<str>,
}

impl Engine {
    /// The store of these settings. Reads the certificates, and connects when something is asked.
    ///
    /// Asked from within a tokio runtime alone.
    pub fn new(settings: &Settings, report: Report) -> Result<Self, SettingsError> {
        for (what, is_zero) in [
            ("connect deadline", settings.connect_deadline.is_zero()),
            ("answer deadline", settings.answer_deadline.is_zero()),
            ("total deadline", settings.total_deadline.is_zero()),
            ("number of connections", settings.connections == 0),
        ] {
            if is_zero {
                return Err(SettingsError::Zero { what });
            }
        }
        let servers = Servers::new(settings)?;
        Ok(Self {
            asking: Arc::new(Asking::new(servers, settings, report)),
            tenant: settings.tenant.as_str().into(),
        })
    }

    /// A user's record as the last swap left it.
    pub async fn load(&self, user: &UserName) -> Result<Stored, EngineError> {
        self.hand_out(Question::Load, user).await
    }

    /// The same, to judge a code by: the server counts the attempt before the record is out.
    pub async fn attempt(&self, user: &UserName) -> Result<Stored, EngineError> {
        self.hand_out(Question::Attempt, user).await
    }

    /// Puts `record` in the place of the version that was expected there; `None` removes it. One round trip.
    ///
    /// Where the connection breaks after it was sent, it is asked again with the same transaction, which settles it: made
    /// once, however often it was received.
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        facts: Facts,
    ) -> Result<Swapped, EngineError> {
        let bytes = record.map_or(0, <[u8]>::len);
        if bytes > MAX_RECORD_BYTES {
            return Err(EngineError::TooLarge { bytes });
        }
        let spent = facts.conclusion.spent();
        let (token, at) = (spent.map(|it| it.token), spent.map(|it| it.at));
        let answer = self
            .asking
            .ask(
                Question::Swap,
                &[
                    &&*self.tenant,
                    &user.as_str(),
                    &expected.get(),
                    &record,
                    &facts.conclusion.word(),
                    &token,
                    &at,
                    &facts.transaction,
                ],
            )
            .await?;
        let (verdict, version) = read(one(&answer)?, |row| {
            Ok((row.try_get::<_, String>(0)?, row.try_get(1)?))
        })?;
        match verdict.as_str() {
            "done" => Ok(Swapped::Done(Version::new(version))),
            "lost" => Ok(Swapped::Lost),
            "spent" => Ok(Swapped::StepSpent),
            "clock" => Ok(Swapped::StepOutOfClock),
            other => Err(unexpected(other)),
        }
    }

    /// At most `limit` records in the order of the names' bytes, those after a name. For an administrator's role.
    pub async fn list(
        &self,
        after: Option<&UserName>,
        limit: usize,
    ) -> Result<Vec<Listed>, EngineError> {
        let after = after.map(UserName::as_str);
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let answer = self
            .asking
            .ask(Question::List, &[&&*self.tenant, &after, &limit])
            .await?;
        answer
            .rows
            .iter()
            .map(|row| {
                let (name, version, record) = read(row, |row| {
                    Ok((
                        row.try_get::<_, String>(0)?,
                        row.try_get(1)?,
                        row.try_get(2)?,
                    ))
                })?;
                let user = UserName::parse(&name)
                    .map_err(|error| unexpected(&format!("a user's name: {error}")))?;
                Ok((user, Version::new(version), record))
            })
            .collect()
    }

    /// How the store stands to this host. `now` is the host's time, in Unix seconds.
    pub async fn standing(&self, now: f64) -> Result<Standing, EngineError> {
        let answer = self.asking.ask(Question::Standing, &[]).await?;
        Standing::from_row(answer.host.to_string(), one(&answer)?, now)
    }

    /// How many connections are open and unused.
    pub fn idle_connections(&self) -> usize {
        self.asking.idle_connections()
    }

    async fn hand_out(&self, question: Question, user: &UserName) -> Result<Stored, EngineError> {
        let answer = self
            .asking
            .ask(question, &[&&*self.tenant, &user.as_str()])
            .await?;
        let (verdict, version, record) = read(one(&answer)?, |row| {
            Ok((
                row.try_get::<_, String>(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
            ))
        })?;
        match verdict.as_str() {
            "open" => Ok(Stored {
                record,
                version: Version::new(version),
            }),
            "host-limited" => Err(EngineError::HostLimited),
            "user-limited" => Err(EngineError::UserLimited),
            other => Err(unexpected(other)),
        }
    }
}

fn one(answer: &Answer) -> Result<&Row, EngineError> {
    match answer.rows.as_slice() {
        [row] => Ok(row),
        rows => Err(unexpected(&format!("{} lines in place of one", rows.len()))),
    }
}

fn read<'a, T>(
    row: &'a Row,
    columns: impl FnOnce(&'a Row) -> Result<T, tokio_postgres::Error>,
) -> Result<T, EngineError> {
    columns(row).map_err(|error| unexpected(&error.to_string()))
}

fn unexpected(reason: &str) -> EngineError {
    EngineError::Unexpected {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_to_another_thread<T: Send>(_: &T) {}

    #[tokio::test]
    async fn every_call_may_run_in_a_task_of_its_own() {
        let url = "postgres://web1@%2Fnowhere/countersign".to_owned();
        let settings = Settings::new(vec![url], "main".to_owned(), None);
        let engine = Engine::new(&settings, Arc::new(|_| ())).unwrap();
        let alice = UserName::parse("alice").unwrap();
        let facts = Facts {
            conclusion: crate::Conclusion::Changed,
            transaction: crate::Transaction([7; 16]),
        };
        goes_to_another_thread(&engine.load(&alice));
        goes_to_another_thread(&engine.attempt(&alice));
        goes_to_another_thread(&engine.swap(&alice, Version::ABSENT, None, facts));
        goes_to_another_thread(&engine.list(None, 1));
        goes_to_another_thread(&engine.standing(0.0));
    }
}
