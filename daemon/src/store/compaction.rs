//! Making a new snapshot beside everything else: people go on logging in meanwhile.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::seal::Entropy;
use super::snapshot::{Draft, Fresh};
use super::table::Frozen;

/// How much is written before it is synced, in bytes: so long at most does the disk not turn to a login.
const SLICE: u64 = 256 * 1024;

/// What is done beside the answers, and never waited for.
pub type Job = Box<dyn FnOnce() + Send>;

/// Who does it, and at which pace.
pub trait Beside: Send + Sync {
    /// Does a job, now or later.
    fn run(&self, name: &'static str, job: Job) -> io::Result<()>;

    /// Lets others have the disk after it was used for so long.
    fn rest(&self, worked: Duration);
}

/// Does each job on a thread of its own, and rests as long as it works.
pub struct Threads;

impl Beside for Threads {
    fn run(&self, name: &'static str, job: Job) -> io::Result<()> {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(job)
            .map(drop)
    }

    fn rest(&self, worked: Duration) {
        std::thread::sleep(worked.min(Duration::from_millis(100)));
    }
}

/// A snapshot under way.
pub(super) struct Compaction {
    done: Receiver<io::Result<Fresh>>,
    stop: Arc<AtomicBool>,
}

/// What a new snapshot is made with.
pub(super) struct Making {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) entropy: Entropy,
    pub(super) beside: Arc<dyn Beside>,
    /// The last version that was given to a record.
    pub(super) last_version: u64,
    /// How many zeros go behind it.
    pub(super) fill: u64,
}

impl Compaction {
    /// Begins to write what is frozen.
    pub(super) fn begin(making: Making, frozen: Frozen) -> io::Result<Self> {
        let (sender, done) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let beside = Arc::clone(&making.beside);
        beside.run(
            "store-snapshot",
            Box::new(move || {
                let written = making.write(&frozen, &stopped);
                // Whoever is told finds that nobody else holds what was frozen.
                drop(frozen);
                let _ = sender.send(written);
            }),
        )?;
        Ok(Self { done, stop })
    }

    /// The new file, when it is complete.
    pub(super) fn poll(&self) -> Option<io::Result<Fresh>> {
        match self.done.try_recv() {
            Ok(done) => Some(done),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(given_up())),
        }
    }

    /// Waits for it.
    pub(super) fn wait(self) -> io::Result<Fresh> {
        self.done.recv().unwrap_or_else(|_| Err(given_up()))
    }

    /// Gives it up, and waits until it is. It may have been complete by then.
    pub(super) fn cancel(self) -> io::Result<Fresh> {
        self.stop.store(true, Ordering::Relaxed);
        self.wait()
    }
}

fn given_up() -> io::Error {
    io::Error::other("it was given up")
}

impl Making {
    fn write(&self, frozen: &Frozen, stop: &AtomicBool) -> io::Result<Fresh> {
        let mut draft = Draft::begin(&*self.disk, &self.entropy)?;
        let (mut begun, mut synced) = (Instant::now(), draft.written());
        for row in frozen.rows() {
            draft.add(&row?)?;
            if draft.written() - synced < SLICE {
                continue;
            }
            if stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            draft.sync()?;
            self.beside.rest(begun.elapsed());
            (begun, synced) = (Instant::now(), draft.written());
        }
        draft.end(self.last_version, self.fill)
    }
}
