use std::collections::VecDeque;
use std::time::Duration;

use super::simulation::LoginId;

/// How long a connection that nobody uses stays open, as in the daemon.
const IDLE: Duration = Duration::from_secs(60);

/// One host's connections: so many at most, used again by whoever comes next.
#[derive(Clone, Default)]
pub(super) struct Host {
    used: usize,
    /// Since when each of the others has not been used, the one used last at the end.
    idle: Vec<Duration>,
    waiting: VecDeque<LoginId>,
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
