use std::time::Duration;

use super::simulation::LoginId;

/// The log that is written ahead: one flush at a time, and whoever comes meanwhile shares the next one.
#[derive(Default)]
pub(super) struct Commits {
    flushed: Vec<LoginId>,
    waiting: Vec<LoginId>,
    next_takes: Duration,
    flushes: usize,
}

impl Commits {
    /// Asks that what was written be flushed. Gives how long that takes, if the disk is free.
    pub(super) fn ask(&mut self, login: LoginId, takes: Duration) -> Option<Duration> {
        if self.flushed.is_empty() {
            self.flushed.push(login);
            self.flushes += 1;
            return Some(takes);
        }
        if self.waiting.is_empty() {
            self.next_takes = takes;
        }
        self.waiting.push(login);
        None
    }

    /// A flush is over. Gives who is on the disk now, and how long the next one takes if somebody waits for it.
    pub(super) fn done(&mut self) -> (Vec<LoginId>, Option<Duration>) {
        let waiting = std::mem::take(&mut self.waiting);
        let next = (!waiting.is_empty()).then_some(self.next_takes);
        self.flushes += usize::from(next.is_some());
        (std::mem::replace(&mut self.flushed, waiting), next)
    }

    /// How many there were.
    pub(super) fn flushes(&self) -> usize {
        self.flushes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_during_a_flush_shares_the_next_one() {
        let ms = Duration::from_millis;
        let mut commits = Commits::default();
        assert_eq!(commits.ask(LoginId(0), ms(1)), Some(ms(1)));
        for other in 1..5 {
            assert_eq!(commits.ask(LoginId(other), ms(2)), None);
        }
        assert_eq!(commits.done(), (vec![LoginId(0)], Some(ms(2))));
        let all: Vec<LoginId> = (1..5).map(LoginId).collect();
        assert_eq!(commits.done(), (all, None));
        assert_eq!(commits.ask(LoginId(5), ms(3)), Some(ms(3)));
        assert_eq!(commits.flushes(), 3);
    }
}
