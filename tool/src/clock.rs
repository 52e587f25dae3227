//! The clock of this host, which the tool looks at here alone.

use rustix::time::{ClockId, clock_gettime};

/// Seconds of Unix time. A clock from before 1970 is a broken one, and 0 shows it.
pub fn now() -> u64 {
    u64::try_from(clock_gettime(ClockId::Realtime).tv_sec).unwrap_or(0)
}
