use std::collections::VecDeque;
use std::time::Duration;

use super::simulation::LoginId;

/// Some processors' cores, and who waits for one, in the order in which they came.
pub(super) struct Cores {
    free: usize,
    /// How much of a core each is: 1 where nobody else uses them.
    speed: f64,
    waiting: VecDeque<(LoginId, Duration)>,
    busy: Duration,
}

impl Cores {
    pub(super) fn new(count: usize, speed: f64) -> Self {
        Self {
            free: count,
            speed,
            waiting: VecDeque::new(),
            busy: Duration::ZERO,
        }
    }

    /// Asks for a core. Gives when the work is done, if there is one free; it has to wake up first. Those who wait hear
    /// of it by [`Cores::done`], and their core is awake.
    pub(super) fn ask(
        &mut self,
        login: LoginId,
        work: Duration,
        wake: Duration,
    ) -> Option<Duration> {
        let work = work.div_f64(self.speed);
        if self.free == 0 {
            self.waiting.push_back((login, work));
            return None;
        }
        self.free -= 1;
        self.busy += work;
        Some(work + wake)
    }

    /// A core is free again. Gives whose turn it is, and for how long.
    pub(super) fn done(&mut self) -> Option<(LoginId, Duration)> {
        let next = self.waiting.pop_front();
        match next {
            Some((_, work)) => self.busy += work,
            None => self.free += 1,
        }
        next
    }

    /// How long they worked, all together.
    pub(super) fn busy(&self) -> Duration {
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn who_comes_first_has_the_core_first_and_wakes_it_only_if_it_sleeps() {
        let mut cores = Cores::new(1, 1.0);
        assert_eq!(cores.ask(LoginId(0), 2 * MS, MS), Some(3 * MS));
        assert_eq!(cores.ask(LoginId(1), 4 * MS, MS), None);
        assert_eq!(cores.ask(LoginId(2), 5 * MS, MS), None);
        assert_eq!(cores.done(), Some((LoginId(1), 4 * MS)));
        assert_eq!(cores.done(), Some((LoginId(2), 5 * MS)));
        assert_eq!(cores.done(), None);
        assert_eq!(cores.ask(LoginId(3), MS, MS), Some(2 * MS));
        assert_eq!(cores.busy(), 12 * MS);
    }

    #[test]
    fn half_a_core_takes_twice_as_long() {
        let mut cores = Cores::new(1, 0.5);
        assert_eq!(cores.ask(LoginId(0), MS, MS), Some(3 * MS));
    }
}
