use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::error::EngineError;
use super::session::Session;

/// The connections of one engine: so many at most, handed out in the order in which they were asked for.
pub(crate) struct Pool {
    places: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
    idle_for: Duration,
    /// Connections that nobody uses, the one used last at the end.
    idle: Mutex<Vec<Idle>>,
    closer_runs: AtomicBool,
}

struct Idle {
    session: Session,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(connections: usize, most_waiting: usize, idle_for: Duration) -> Arc<Self> {
        Arc::new(Self {
            places: Semaphore::new(connections),
            waiting: AtomicUsize::new(0),
            most_waiting,
            idle_for,
            idle: Mutex::new(Vec::new()),
            closer_runs: AtomicBool::new(false),
        })
    }

    /// Waits for a place, in line. Whoever has one may use or make one connection.
    pub(crate) async fn place(&self, until: Instant) -> Result<SemaphorePermit<'_>, EngineError> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _waits = Waits::begin(self)?;
        match timeout_at(until, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(EngineError::Busy),
        }
    }

    /// A connection that nobody uses and that is still open, as far as is known.
    pub(crate) fn take(&self) -> Option<Session> {
        let mut idle = self.idle();
        while let Some(Idle { session, .. }) = idle.pop() {
            if session.is_open() {
                return Some(session);
            }
        }
        None
    }

    /// Keeps a connection for the next one. It is closed when none comes.
    pub(crate) fn keep(self: &Arc<Self>, session: Session) {
        let since = Instant::now();
        self.idle().push(Idle { session, since });
        if !self.closer_runs.swap(true, Ordering::AcqRel) {
            tokio::spawn(Arc::clone(self).close_idle());
        }
    }

    /// Forgets the connections that nobody uses: one to the same server was found broken.
    pub(crate) fn forget_idle(&self) {
        self.idle().clear();
    }

    /// How many connections nobody uses.
    pub(crate) fn idle_count(&self) -> usize {
        self.idle().len()
    }

    /// Closes each connection that was not used for long enough. Ends when there is none left.
    async fn close_idle(self: Arc<Self>) {
        loop {
            let now = Instant::now();
            let next = {
                let mut idle = self.idle();
                let due = idle.partition_point(|it| it.since + self.idle_for <= now);
                for it in idle.drain(..due) {
                    it.session.close();
                }
                let Some(oldest) = idle.first() else {
                    self.closer_runs.store(false, Ordering::Release);
                    return;
                };
                oldest.since + self.idle_for
            };
            sleep_until(next).await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts somebody among those who wait, for as long as it lives.
struct Waits<'a>(&'a Pool);

impl<'a> Waits<'a> {
    fn begin(pool: &'a Pool) -> Result<Self, EngineError> {
        let waits = Self(pool);
        if pool.waiting.fetch_add(1, Ordering::Relaxed) >= pool.most_waiting {
            return Err(EngineError::Busy);
        }
        Ok(waits)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
