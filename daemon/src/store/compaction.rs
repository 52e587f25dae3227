//! Making a new snapshot beside everything else: people go on logging in meanwhile.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use countersign_bus::UserName;

use super::base::Unreadable;
use super::disk::Disk;
use super::layer::Layer;
use super::seal::Entropy;
use super::snapshot::{Draft, Fresh};
use super::table::Frozen;
use super::tally::Was;

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
    /// What to do about a block that the disk does not give.
    pub(super) unreadable: OnUnreadable,
}

/// What to do about a block that the disk does not give, which may be over in a moment. One that it gives
/// and that is not what was written is carried over at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OnUnreadable {
    /// Make no snapshot now.
    TryAgain,
    /// Put in its place that it is lost.
    CarryOver,
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
        let mut lost = BTreeSet::new();
        for row in frozen.rows() {
            match row {
                // In a block it would end the names of the lost one: whoever follows would have no record.
                Ok(row) if is_in(&lost, frozen, &row.user) => {}
                Ok(row) => draft.add(&row)?,
                Err(unreadable) => {
                    lost.insert(unreadable.block);
                    self.carry_over(unreadable, frozen, &mut draft)?;
                }
            }
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
        let mut beside = Layer::default();
        if !lost.is_empty() {
            let changes = frozen.layer.changes();
            let mut tally = frozen.tally.clone();
            for change in changes.filter(|change| is_in(&lost, frozen, &change.user)) {
                tally.remove(Was::of(change.record.as_deref()));
                tally.add(change.was);
                beside.put(change);
            }
            draft.count(tally);
        }
        let fresh = draft.end(self.last_version, self.fill)?;
        Ok(Fresh { beside, ..fresh })
    }

    fn carry_over(
        &self,
        unreadable: Unreadable,
        frozen: &Frozen,
        draft: &mut Draft,
    ) -> io::Result<()> {
        let (base, block) = (&frozen.base, unreadable.block);
        let remains = match base.remains(block) {
            Ok(remains) => remains,
            Err(_) if self.unreadable == OnUnreadable::CarryOver => Vec::new(),
            Err(_) => return Err(unreadable.into()),
        };
        let first = base.index.first(block).unwrap_or_default();
        draft.add_lost(first, base.index.first(block + 1), &remains)
    }
}

/// Is a name one of those that these blocks of the old snapshot may have?
fn is_in(blocks: &BTreeSet<usize>, frozen: &Frozen, user: &UserName) -> bool {
    let block = || frozen.base.index.find(user);
    !blocks.is_empty() && block().is_some_and(|block| blocks.contains(&block))
}
