//! One time limit over all that the module waits for on sockets in one call of PAM.

use std::time::{Duration, Instant};

/// Where the time comes from.
pub trait Clock {
    /// A point in time that never goes back.
    fn now(&self) -> Instant;
}

/// The machine's monotonic clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// The time is up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeIsUp;

/// What is left of the option `timeout` for the rest of this call. It runs only while the module
/// works ([`Budget::start`] to [`Budget::stop`]): a person may look for a phone as long as they like.
pub struct Budget<'c> {
    clock: &'c dyn Clock,
    total: Duration,
    left: Duration,
}

impl<'c> Budget<'c> {
    /// A budget nothing of which is used.
    pub fn new(clock: &'c dyn Clock, total: Duration) -> Self {
        Self {
            clock,
            total,
            left: total,
        }
    }

    /// Lets the time run.
    pub fn start(&self) -> Deadline<'c> {
        let end = self.clock.now() + self.left;
        Deadline {
            clock: self.clock,
            total: self.total,
            end,
        }
    }

    /// Takes off what was used since `deadline` was made.
    pub fn stop(&mut self, deadline: &Deadline<'_>) {
        self.left = deadline.left().unwrap_or(Duration::ZERO);
    }
}

/// The point in time at which the module stops waiting.
pub struct Deadline<'c> {
    clock: &'c dyn Clock,
    total: Duration,
    end: Instant,
}

impl Deadline<'_> {
    /// How long the next wait may take; never zero, which sockets take for "for ever".
    pub fn left(&self) -> Result<Duration, TimeIsUp> {
        match self.end.saturating_duration_since(self.clock.now()) {
            Duration::ZERO => Err(TimeIsUp),
            left => Ok(left),
        }
    }

    /// The whole budget, for messages.
    pub fn total(&self) -> Duration {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct HandClock(Instant, Cell<Duration>);

    impl Clock for HandClock {
        fn now(&self) -> Instant {
            self.0 + self.1.get()
        }
    }

    #[test]
    fn only_the_time_between_start_and_stop_counts() {
        let seconds = Duration::from_secs;
        let clock = HandClock(Instant::now(), Cell::new(Duration::ZERO));
        let mut budget = Budget::new(&clock, seconds(5));

        let first = budget.start();
        clock.1.set(seconds(2));
        assert_eq!(first.left(), Ok(seconds(3)));
        budget.stop(&first);

        clock.1.set(seconds(600)); // the person types
        let second = budget.start();
        assert_eq!(second.left(), Ok(seconds(3)));
        assert_eq!(second.total(), seconds(5));

        clock.1.set(seconds(603));
        assert_eq!(second.left(), Err(TimeIsUp));
        budget.stop(&second);
        assert_eq!(budget.start().left(), Err(TimeIsUp));
    }
}
