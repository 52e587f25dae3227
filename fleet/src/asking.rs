use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::Row;

use super::breaker::Breaker;
use super::connect::{Purpose, Servers, deepest};
use super::error::{EngineError, Tried};
use super::notice::{Notice, Report};
use super::pool::Pool;
use super::question::Question;
use super::session::{Parameter, Session};
use super::settings::Settings;
use super::sqlstate::{Reaction, Trouble, reaction};

/// The first pause before something is tried again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Carries a question to whoever is the primary, and the answer back, within one deadline.
pub(crate) struct Asking {
    servers: Servers,
    pool: Arc<Pool>,
    /// What only reads goes on where nothing can be written, as when the standby is gone that changes wait for.
    reading: Mutex<Breaker>,
    writing: Mutex<Breaker>,
    report: Report,
    tenant: String,
    answer_deadline: Duration,
    total_deadline: Duration,
}

/// What an answer came as: its lines, and who gave it.
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    pub(crate) host: Arc<str>,
}

/// How one try ended.
enum Try {
    Answered(Answer),
    /// To be tried again while there is time.
    Again(EngineError),
    /// The same, and what was asked may have been done.
    AgainUnsure(EngineError),
    Refused(EngineError),
}

impl Asking {
    pub(crate) fn new(servers: Servers, settings: &Settings, report: Report) -> Self {
        Self {
            servers,
            pool: Pool::new(settings.connections, settings.waiting, settings.idle),
            reading: Mutex::new(Breaker::new(settings.total_deadline)),
            writing: Mutex::new(Breaker::new(settings.total_deadline)),
            report,
            tenant: settings.tenant.clone(),
            answer_deadline: settings.answer_deadline,
            total_deadline: settings.total_deadline,
        }
    }

    /// Asks until there is an answer, no use in asking, or no time left.
    pub(crate) async fn ask(
        &self,
        question: Question,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, EngineError> {
        let until = Instant::now() + self.total_deadline;
        let _place = self.pool.place(until).await?;
        self.breaker(question).admit(std::time::Instant::now())?;
        let asked = self.ask_until(until, question, parameters).await;
        self.book(question, asked.as_ref().err());
        asked
    }

    /// How many connections nobody uses.
    pub(crate) fn idle_connections(&self) -> usize {
        self.pool.idle_count()
    }

    async fn ask_until(
        &self,
        until: Instant,
        question: Question,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, EngineError> {
        let mut pause = FIRST_PAUSE;
        let mut unsure = false;
        loop {
            let error = match self.try_once(until, question, parameters).await {
                Try::Answered(answer) => return Ok(answer),
                Try::Refused(error) if unsure && question.changes() && error.is_outage() => error,
                Try::Refused(error) => return Err(error),
                Try::Again(error) => error,
                Try::AgainUnsure(error) => {
                    unsure = true;
                    error
                }
            };
            if Instant::now() + pause >= until {
                let unsettled = unsure && question.changes();
                return Err(if unsettled {
                    EngineError::Unsettled
                } else {
                    error
                });
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn try_once(
        &self,
        until: Instant,
        question: Question,
        parameters: &[Parameter<'_>],
    ) -> Try {
        let session = match self.pool.take() {
            Some(session) => session,
            None => match self.servers.connect(Purpose::Asking, until).await {
                Ok(session) => session,
                Err(error @ EngineError::Unreachable { .. }) => return Try::Again(error),
                Err(error) => return Try::Refused(error),
            },
        };
        let within = until.min(Instant::now() + self.answer_deadline);
        match timeout_at(within, session.ask(question, parameters)).await {
            Ok(Ok(rows)) => self.answered(session, question, rows),
            Ok(Err(error)) => self.failed(session, question, &error),
            Err(_) => {
                session.give_up(self.answer_deadline);
                self.pool.forget_idle();
                Try::AgainUnsure(EngineError::NoAnswer)
            }
        }
    }

    fn answered(&self, session: Session, question: Question, rows: Vec<Row>) -> Try {
        // Answered, and in danger: the server stopped waiting for the standby that would have to know of it.
        if question.changes() && session.is_unreplicated() {
            return Try::Refused(EngineError::Unsettled);
        }
        let host = Arc::clone(&session.host);
        self.pool.keep(session);
        Try::Answered(Answer { rows, host })
    }

    fn failed(&self, session: Session, question: Question, error: &tokio_postgres::Error) -> Try {
        let Some(told) = error.as_db_error() else {
            self.pool.forget_idle();
            let tried = Tried {
                host: session.host.to_string(),
                why: deepest(error),
            };
            return Try::AgainUnsure(EngineError::Unreachable { tried: vec![tried] });
        };
        let (code, message) = (told.code().code(), told.message());
        let reaction = reaction(code, message);
        if reaction == Reaction::Elsewhere {
            self.pool.forget_idle();
            let tried = Tried {
                host: session.host.to_string(),
                why: message.to_owned(),
            };
            return Try::AgainUnsure(EngineError::Unreachable { tried: vec![tried] });
        }
        self.pool.keep(session);
        let reason = format!("{message}, {code}");
        match reaction {
            Reaction::Again | Reaction::Elsewhere => Try::Again(EngineError::Busy),
            Reaction::Tell(Trouble::Slow) => Try::Again(EngineError::NoAnswer),
            Reaction::Tell(trouble) => Try::Refused(match trouble {
                // It was waited for already, by the server.
                Trouble::Contended => EngineError::Busy,
                Trouble::TooManyConnections => EngineError::TooManyConnections,
                Trouble::SchemaMissing => EngineError::SchemaMissing,
                Trouble::Forbidden => EngineError::Forbidden {
                    doing: question.doing(),
                },
                Trouble::HostRefused => EngineError::HostRefused,
                Trouble::TenantRefused => EngineError::TenantRefused {
                    tenant: self.tenant.clone(),
                },
                Trouble::NotFounded => EngineError::NotFounded {
                    tenant: self.tenant.clone(),
                },
                Trouble::ServerFailed => EngineError::ServerFailed { reason },
                Trouble::Slow | Trouble::Rejected | Trouble::Unexpected => {
                    EngineError::Unexpected { reason }
                }
            }),
        }
    }

    /// Tells the breaker how it went, and whoever listens when an outage begins or ends: the first of what does not go any
    /// more begins it, the last of what goes again ends it.
    fn book(&self, question: Question, error: Option<&EngineError>) {
        let now = std::time::Instant::now();
        let notice = match error {
            // Nobody was asked.
            Some(EngineError::Busy) => None,
            Some(error) if error.is_outage() => {
                let begins = self.breaker(question).failed(now, error.clone());
                begins.then(|| Notice::OutageBegan(error.clone()))
            }
            Some(_) | None => {
                let ended = self.breaker(question).answered(now);
                ended.map(|after| Notice::OutageEnded { after })
            }
        };
        if let Some(notice) = notice
            && !self.other_breaker(question).is_open()
        {
            (self.report)(notice);
        }
    }

    fn breaker(&self, question: Question) -> MutexGuard<'_, Breaker> {
        let [its, _] = self.breakers(question);
        its.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn other_breaker(&self, question: Question) -> MutexGuard<'_, Breaker> {
        let [_, other] = self.breakers(question);
        other.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breakers(&self, question: Question) -> [&Mutex<Breaker>; 2] {
        if question.writes() {
            [&self.writing, &self.reading]
        } else {
            [&self.reading, &self.writing]
        }
    }
}
