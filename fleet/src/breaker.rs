use std::time::{Duration, Instant};

use super::error::EngineError;

/// How long nobody asks after the first failure; doubled by each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How long nobody asks at most. Also how much later than the store itself a login comes back at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Spares logins the wait for a store that does not answer: in an outage one at a time finds out whether it
/// still lasts, the others are refused at once with what the last one was told.
pub(crate) struct Breaker {
    outage: Option<Outage>,
    /// How long one who finds out may take. After that the next may try.
    trial: Duration,
}

struct Outage {
    since: Instant,
    failures: u32,
    last: EngineError,
    /// From when on somebody may try.
    next_trial: Instant,
}

impl Breaker {
    pub(crate) fn new(trial: Duration) -> Self {
        Self {
            outage: None,
            trial,
        }
    }

    /// May a call go ahead?
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), EngineError> {
        match &mut self.outage {
            None => Ok(()),
            Some(outage) if now >= outage.next_trial => {
                outage.next_trial = now + self.trial;
                Ok(())
            }
            Some(outage) => Err(outage.last.clone()),
        }
    }

    /// Is there an outage?
    pub(crate) fn is_open(&self) -> bool {
        self.outage.is_some()
    }

    /// The store answered. Gives how long it had not, if this is the end of an outage.
    pub(crate) fn answered(&mut self, now: Instant) -> Option<Duration> {
        let outage = self.outage.take()?;
        Some(now.saturating_duration_since(outage.since))
    }

    /// The store did not answer. Is this the beginning of an outage?
    pub(crate) fn failed(&mut self, now: Instant, error: EngineError) -> bool {
        let begins = self.outage.is_none();
        let (since, failures) = match &self.outage {
            Some(outage) => (outage.since, outage.failures.saturating_add(1)),
            None => (now, 0),
        };
        let pause = FIRST_PAUSE
            .saturating_mul(1 << failures.min(8))
            .min(LONGEST_PAUSE);
        self.outage = Some(Outage {
            since,
            failures,
            last: error,
            next_trial: now + pause,
        });
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIAL: Duration = Duration::from_secs(4);

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn an_outage_is_told_once_and_refuses_all_but_one_at_a_time() {
        let start = Instant::now();
        let mut breaker = Breaker::new(TRIAL);
        assert_eq!(breaker.admit(start), Ok(()));
        assert!(breaker.failed(start, EngineError::NoAnswer));
        for after in 0..100 {
            assert_eq!(breaker.admit(start + ms(after)), Err(EngineError::NoAnswer));
        }
        assert_eq!(breaker.admit(start + ms(250)), Ok(()));
        assert!(breaker.admit(start + ms(251)).is_err(), "two at once");
        assert!(!breaker.failed(start + ms(300), EngineError::SchemaMissing));
        assert_eq!(
            breaker.admit(start + ms(301)),
            Err(EngineError::SchemaMissing)
        );
        assert!(breaker.admit(start + ms(799)).is_err());
        assert_eq!(breaker.admit(start + ms(800)), Ok(()));
        assert_eq!(breaker.answered(start + ms(900)), Some(ms(900)));
        assert_eq!(breaker.answered(start + ms(901)), None);
        assert_eq!(breaker.admit(start + ms(902)), Ok(()));
    }

    #[test]
    fn whoever_tries_and_goes_away_does_not_keep_the_others_out() {
        let start = Instant::now();
        let mut breaker = Breaker::new(TRIAL);
        breaker.failed(start, EngineError::NoAnswer);
        assert!(breaker.admit(start + ms(250)).is_ok());
        assert!(breaker.admit(start + TRIAL + ms(249)).is_err());
        assert!(breaker.admit(start + TRIAL + ms(250)).is_ok());
    }

    #[test]
    fn after_a_long_outage_the_store_is_found_again_within_two_seconds() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(TRIAL);
        for _ in 0..1000 {
            breaker.failed(now, EngineError::NoAnswer);
            now += LONGEST_PAUSE;
            assert!(breaker.admit(now).is_ok());
        }
    }
}
