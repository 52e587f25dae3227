use std::collections::VecDeque;
use std::time::Duration;

use super::simulation::LoginId;

/// How long a connection that nobody uses stays open, as in the daemon.
const IDLE: Duration = Duration::from_secs(60);

/// How long nobody asks after the first failure, doubled by each one after it, and at most; as in the client.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long one who finds out whether an outage lasts may take.
const TRIAL: Duration = Duration::from_secs(4);

/// One host's connections: so many at most, used again by whoever comes next.
#[derive(Clone, Default)]
pub(super) struct Host {
    used: usize,
    /// Since when each of the others has not been used, the one used last at the end.
    idle: Vec<Duration>,
    waiting: VecDeque<LoginId>,
    outage: Option<Outage>,
}

/// While it lasts one login at a time finds out whether it still does.
#[derive(Clone, Copy)]
struct Outage {
    failures: u32,
    next_trial: Duration,
}

/// What somebody gets who asks for a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    /// One that is there.
    Open,
    /// The right to make one.
    ToBeMade,
    /// A place in the line.
    Waits,
}

impl Host {
    /// One that has a connection already.
    pub(super) fn connected() -> Self {
        Self {
            idle: vec![Duration::ZERO],
            ..Self::default()
        }
    }

    pub(super) fn take(&mut self, login: LoginId, most: usize, now: Duration) -> Taken {
        self.close_idle(now);
        if self.used == most {
            self.waiting.push_back(login);
            return Taken::Waits;
        }
        self.used += 1;
        match self.idle.pop() {
            Some(_) => Taken::Open,
            None => Taken::ToBeMade,
        }
    }

    /// Gives a connection back. Whoever waits longest has it next.
    pub(super) fn give(&mut self, now: Duration) -> Option<LoginId> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.used -= 1;
            self.idle.push(now);
        }
        next
    }

    /// May somebody ask?
    pub(super) fn admits(&mut self, now: Duration) -> bool {
        match &mut self.outage {
            None => true,
            Some(outage) if now >= outage.next_trial => {
                outage.next_trial = now + TRIAL;
                true
            }
            Some(_) => false,
        }
    }

    /// The server took up a connection.
    pub(super) fn connected_now(&mut self) {
        self.outage = None;
    }

    /// The server took up no connection in time.
    pub(super) fn failed(&mut self, now: Duration) {
        let failures = self
            .outage
            .map_or(0, |outage| outage.failures.saturating_add(1));
        let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(8));
        let next_trial = now + pause.min(LONGEST_PAUSE);
        self.outage = Some(Outage {
            failures,
            next_trial,
        });
    }

    /// Whoever had a place leaves it without a connection. Gives all who wait: there is none for them either.
    pub(super) fn leave(&mut self) -> VecDeque<LoginId> {
        self.used -= 1;
        std::mem::take(&mut self.waiting)
    }

    /// How many connections are open.
    pub(super) fn open(&mut self, now: Duration) -> usize {
        self.close_idle(now);
        self.used + self.idle.len()
    }

    fn close_idle(&mut self, now: Duration) {
        self.idle.retain(|since| *since + IDLE > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_an_outage_one_at_a_time_finds_out_whether_it_lasts() {
        let (mut host, ms) = (Host::default(), Duration::from_millis);
        assert!(host.admits(ms(0)));
        host.failed(ms(0));
        assert!(!host.admits(ms(249)));
        assert!(host.admits(ms(250)));
        assert!(!host.admits(ms(251)), "two at once");
        host.failed(ms(300));
        assert!(!host.admits(ms(799)) && host.admits(ms(800)));
        host.connected_now();
        assert!(host.admits(ms(801)) && host.admits(ms(801)));
    }

    #[test]
    fn who_leaves_without_a_connection_takes_all_along_who_wait_for_it() {
        let (mut host, now) = (Host::default(), Duration::ZERO);
        assert_eq!(host.take(LoginId(0), 1, now), Taken::ToBeMade);
        assert_eq!(host.take(LoginId(1), 1, now), Taken::Waits);
        assert_eq!(host.take(LoginId(2), 1, now), Taken::Waits);
        assert_eq!(host.leave(), [LoginId(1), LoginId(2)]);
        assert_eq!((host.open(now), host.waiting.len()), (0, 0));
    }

    #[test]
    fn connections_are_used_again_made_up_to_the_bound_and_closed_after_a_minute() {
        let mut host = Host::connected();
        let now = Duration::from_secs(1);
        assert_eq!(host.take(LoginId(0), 2, now), Taken::Open);
        assert_eq!(host.take(LoginId(1), 2, now), Taken::ToBeMade);
        assert_eq!(host.take(LoginId(2), 2, now), Taken::Waits);
        assert_eq!(host.take(LoginId(3), 2, now), Taken::Waits);
        assert_eq!(host.give(now), Some(LoginId(2)));
        assert_eq!(host.give(now), Some(LoginId(3)));
        assert_eq!(host.give(now), None);
        assert_eq!(host.open(now), 2);
        assert_eq!(host.open(now + IDLE), 1, "one is in use");
        assert_eq!(host.take(LoginId(4), 2, now + IDLE), Taken::ToBeMade);
    }
}
