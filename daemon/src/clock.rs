//! Time as a parameter, so that decisions can be tested an hour back and a year ahead.

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Seconds of Unix time.
    fn now(&self) -> u64;
}

/// The host's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where time enters the daemon"
    )]
    fn now(&self) -> u64 {
        // A clock before 1970 reads as 1970: every code is then wrong, none is accepted by chance.
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }
}
