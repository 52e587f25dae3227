use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use countersign_bus::BUS_NAME;
use nix::sys::signal::{Signal, kill};

use crate::broker;
use crate::daemon::{Daemon, pids};

const PATIENCE: Duration = Duration::from_secs(20);
/// The time between two kills, in milliseconds. The longer ones let the daemon get up and work.
const BETWEEN: std::ops::Range<u64> = 10..150;

/// Kills the daemon with SIGKILL again and again, at moments that nobody can foresee but for the
/// seed.
pub struct Killer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Killer {
    /// Begins.
    pub fn start(seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut random = seed;
            let mut kills = 0;
            while !stopped.load(Ordering::Relaxed) {
                random = next(random);
                let pause = BETWEEN.start + (random >> 33) % (BETWEEN.end - BETWEEN.start);
                sleep(Duration::from_millis(pause));
                for pid in pids() {
                    kills += usize::from(kill(pid, Signal::SIGKILL).is_ok());
                }
            }
            kills
        });
        Self { stop, thread }
    }

    /// Ends, and says how often it killed.
    pub fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the killer's own end")
    }
}

impl Daemon {
    /// Does it run, or would the next login start it?
    pub fn is_running(&self) -> bool {
        !pids().is_empty()
    }

    /// Waits until a daemon that a login has started again serves on the bus too.
    pub fn until_on_the_bus(&self) {
        let begun = Instant::now();
        while !broker::has_owner(BUS_NAME) {
            assert!(
                begun.elapsed() < PATIENCE,
                "the daemon did not come back to the bus; the log:\n{}",
                crate::lab::syslog()
            );
            sleep(Duration::from_millis(5));
        }
    }
}

/// Knuth's linear congruential generator: its upper bits are random enough for moments.
fn next(random: u64) -> u64 {
    random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
}
