use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Row, Statement};

use super::question::Question;
use super::tls::Tls;

/// What a question is asked with.
pub(crate) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// One connection with what is prepared on it. Dropped in the middle of something, it breaks off: what comes back
/// on it would be the answer to somebody else's question.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) host: Arc<str>,
    tls: Option<Tls>,
    prepared: Option<Prepared>,
    driver: Option<AbortHandle>,
    unreplicated: Arc<AtomicBool>,
}

/// What logins ask.
struct Prepared {
    load: Statement,
    attempt: Statement,
    swap: Statement,
}

impl Session {
    /// Has a task of its own move what goes over the connection.
    pub(crate) fn begin<S, T>(
        client: Client,
        connection: Connection<S, T>,
        host: Arc<str>,
        tls: Option<Tls>,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let unreplicated = Arc::new(AtomicBool::new(false));
        let driver = tokio::spawn(drive(connection, Arc::clone(&unreplicated)));
        Self {
            client,
            host,
            tls,
            prepared: None,
            driver: Some(driver.abort_handle()),
            unreplicated,
        }
    }

    /// Prepares what logins ask, in one round trip, and gives the schema's version.
    pub(crate) async fn prepare(&mut self) -> Result<i32, tokio_postgres::Error> {
        let client = &self.client;
        let prepared = |question: Question| client.prepare_typed(question.sql(), question.types());
        let (load, attempt, swap, version) = tokio::try_join!(
            prepared(Question::Load),
            prepared(Question::Attempt),
            prepared(Question::Swap),
            client.query_one("select countersign.schema_version()", &[]),
        )?;
        let version = version.try_get(0)?;
        self.prepared = Some(Prepared {
            load,
            attempt,
            swap,
        });
        Ok(version)
    }

    /// Asks, and waits until the server has committed what that changed.
    pub(crate) async fn ask(
        &self,
        question: Question,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let prepared = self.prepared.as_ref().and_then(|it| match question {
            Question::Load => Some(&it.load),
            Question::Attempt => Some(&it.attempt),
            Question::Swap => Some(&it.swap),
            Question::List | Question::Standing => None,
        });
        match prepared {
            Some(statement) => self.client.query(statement, parameters).await,
            None => self.client.query(question.sql(), parameters).await,
        }
    }

    /// Did the server give up waiting for a standby? Then what it answered last may be lost with it.
    pub(crate) fn is_unreplicated(&self) -> bool {
        self.unreplicated.load(Ordering::Acquire)
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Breaks off, and has the server do the same with what it was asked. It would notice by itself but for one case: while
    /// it waits for a standby it keeps its rows and its place, however long that takes.
    pub(crate) fn give_up(self, within: Duration) {
        let cancel = self.client.cancel_token();
        let tls = self.tls.clone();
        tokio::spawn(timeout(within, async move {
            // There is nobody to tell if it fails.
            let _ = match tls {
                Some(tls) => cancel.cancel_query(tls).await,
                None => cancel.cancel_query(NoTls).await,
            };
        }));
    }

    /// Says goodbye to the server.
    pub(crate) fn close(mut self) {
        self.driver.take();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

async fn drive<S, T>(mut connection: Connection<S, T>, unreplicated: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
        // The text of this warning is in the server's language; the place that it comes from is not.
        if let AsyncMessage::Notice(notice) = message
            && notice.routine() == Some("SyncRepWaitForLSN")
        {
            unreplicated.store(true, Ordering::Release);
        }
    }
}
