//! How many wrong codes are too many. Delays go by source, so that a stranger does not stop the
//! owner; the lock goes over all sources, so that many strangers do not get through either.

use serde::{Deserialize, Serialize};

use super::source::Source;
use super::time::UnixSeconds;

/// Wrong codes of one source that cost it nothing. The last of them starts the delays.
const FREE_WRONG_CODES: u32 = 5;
/// The first delay, in seconds. Each further wrong code doubles it.
const FIRST_DELAY: u64 = 30;
/// The longest delay, in seconds.
const MAX_DELAY: u64 = 900;
/// A source that was quiet for so many seconds is forgotten. No delay is that long.
const MEMORY: u64 = 24 * 60 * 60;
/// Wrong codes in a row, over all sources, that lock the tokens (NIST SP 800-63B §5.2.2).
const LOCK_AFTER: u32 = 100;
/// The most sources that are remembered. When all places are taken, new sources are refused.
const MAX_SOURCES: usize = 128;
/// Places that only this machine itself can take.
const PLACES_KEPT: usize = 2;

/// The failures of an account since its last accepted code.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Codes that were looked at and refused, over all sources.
    wrong: u32,
    /// Attempts of every kind that failed.
    failed: u32,
    /// Of these, the ones that were not looked at.
    throttled: u32,
    /// Only sources that have failed.
    sources: Vec<Budget>,
}

/// What one source has done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    source: Source,
    wrong: u32,
    last_failure: UnixSeconds,
}

impl Budget {
    /// Until when the source has to wait. Not stored, so that it cannot lie further ahead than the
    /// longest delay once the last failure does not.
    fn wait_until(&self) -> UnixSeconds {
        self.last_failure.plus(delay_after(self.wrong))
    }
}

/// May a source try a code now?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gate {
    Open,
    Shut {
        /// For so many more seconds.
        retry_after: u32,
    },
}

/// Why budgets that came out of a record are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BadBudgets {
    TooManySources,
    SourceTwice,
}

impl Budgets {
    /// Attempts since the last accepted code: wrong ones and ones turned away unread.
    pub fn failed_attempts(&self) -> u32 {
        self.failed
    }

    /// How many of [`Self::failed_attempts`] were turned away unread.
    pub fn throttled_attempts(&self) -> u32 {
        self.throttled
    }

    /// Are the codes of tokens refused until a recovery code, a temporary code or an administrator
    /// helps?
    pub fn is_locked(&self) -> bool {
        self.wrong >= LOCK_AFTER
    }

    /// Is there nothing to remember?
    pub fn is_clear(&self) -> bool {
        *self == Self::default()
    }

    /// The seconds that a source has to wait, if any.
    pub fn retry_after(&self, source: &Source, now: UnixSeconds) -> Option<u32> {
        let mut settled = self.clone();
        settled.settle(now);
        match settled.gate(source, now) {
            Gate::Open => None,
            Gate::Shut { retry_after } => Some(retry_after),
        }
    }

    /// How many sources have to wait.
    pub(super) fn waiting_sources(&self, now: UnixSeconds) -> usize {
        self.sources
            .iter()
            .filter(|budget| budget.wait_until() > now)
            .count()
    }

    /// Brings the books up to date. A failure in the future is one before the clock was put back:
    /// it counts as one of just now, so that nobody waits longer than the delay that was due.
    pub(super) fn settle(&mut self, now: UnixSeconds) {
        for budget in &mut self.sources {
            budget.last_failure = budget.last_failure.min(now);
        }
        self.sources
            .retain(|budget| now.since(budget.last_failure) <= MEMORY);
    }

    /// May this source try a code now? To be asked of settled books.
    pub(super) fn gate(&self, source: &Source, now: UnixSeconds) -> Gate {
        let wait = match self.sources.iter().find(|budget| budget.source == *source) {
            Some(budget) => budget.wait_until().since(now),
            None if self.has_room_for(source) => 0,
            None => self.first_place_free(now),
        };
        match u32::try_from(wait) {
            Ok(0) => Gate::Open,
            Ok(retry_after) => Gate::Shut { retry_after },
            Err(_) => Gate::Shut {
                retry_after: u32::MAX,
            },
        }
    }

    /// Books an attempt that was not looked at.
    pub(super) fn turned_away(&mut self) {
        self.failed = self.failed.saturating_add(1);
        self.throttled = self.throttled.saturating_add(1);
    }

    /// Books a code that was looked at and refused, and sets the delay that follows from it.
    pub(super) fn refused(&mut self, source: &Source, now: UnixSeconds) {
        self.failed = self.failed.saturating_add(1);
        self.wrong = self.wrong.saturating_add(1);
        if let Some(budget) = self
            .sources
            .iter_mut()
            .find(|budget| budget.source == *source)
        {
            budget.wrong = budget.wrong.saturating_add(1);
            budget.last_failure = now;
        } else {
            let source = source.clone();
            self.sources.push(Budget {
                source,
                wrong: 1,
                last_failure: now,
            });
        }
    }

    /// Books an accepted code. What other sources did is not forgiven by it.
    pub(super) fn accepted(&mut self, source: &Source) {
        self.wrong = 0;
        self.failed = 0;
        self.throttled = 0;
        self.sources.retain(|budget| budget.source != *source);
    }

    /// Checks books that came out of a record.
    pub(super) fn check(&self) -> Result<(), BadBudgets> {
        if self.sources.len() > MAX_SOURCES {
            return Err(BadBudgets::TooManySources);
        }
        let twice = |(at, budget): (usize, &Budget)| {
            self.sources
                .iter()
                .skip(at + 1)
                .any(|other| other.source == budget.source)
        };
        if self.sources.iter().enumerate().any(twice) {
            return Err(BadBudgets::SourceTwice);
        }
        Ok(())
    }

    fn has_room_for(&self, source: &Source) -> bool {
        let kept = if source.is_here() { 0 } else { PLACES_KEPT };
        self.sources.len() < MAX_SOURCES - kept
    }

    /// The seconds until a source will be forgotten.
    fn first_place_free(&self, now: UnixSeconds) -> u64 {
        let stays = |budget: &Budget| budget.last_failure.plus(MEMORY + 1).since(now);
        self.sources.iter().map(stays).min().unwrap_or(MAX_DELAY)
    }
}

/// The delay that follows the so-manieth wrong code of a source, in seconds.
fn delay_after(wrong: u32) -> u64 {
    match wrong.checked_sub(FREE_WRONG_CODES) {
        None => 0,
        // Five doublings are at the longest delay already.
        Some(doublings) => (FIRST_DELAY << doublings.min(5)).min(MAX_DELAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_700_000_000);

    fn address(number: usize) -> Source {
        Source::from_rhost(&format!("192.0.2.{number}"))
    }

    fn after_wrong(count: usize, source: &Source) -> Budgets {
        let mut budgets = Budgets::default();
        for _ in 0..count {
            budgets.refused(source, NOW);
        }
        budgets
    }

    #[test]
    fn delays_double_from_the_fifth_wrong_code_up_to_a_quarter_of_an_hour() {
        let delays: Vec<u64> = (1..=12).map(delay_after).collect();
        assert_eq!(delays, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(delay_after(u32::MAX), 900);
    }

    #[test]
    fn a_wait_counts_down_and_ends_on_the_second() {
        let budgets = after_wrong(5, &Source::Local);
        assert_eq!(budgets.retry_after(&Source::Local, NOW), Some(30));
        assert_eq!(budgets.retry_after(&Source::Local, NOW.plus(29)), Some(1));
        assert_eq!(budgets.retry_after(&Source::Local, NOW.plus(30)), None);
        assert_eq!(budgets.retry_after(&Source::Own(1000), NOW), None);
    }

    #[test]
    fn a_clock_put_back_makes_nobody_wait_longer_than_a_quarter_of_an_hour() {
        let budgets = after_wrong(20, &Source::Local);
        for back in [3_600, 365 * 86_400] {
            let mut budgets = budgets.clone();
            let now = UnixSeconds(NOW.0 - back);
            budgets.settle(now);
            assert_eq!(
                budgets.gate(&Source::Local, now),
                Gate::Shut { retry_after: 900 }
            );
            budgets.settle(now.plus(900));
            assert_eq!(budgets.gate(&Source::Local, now.plus(900)), Gate::Open);
        }
    }

    #[test]
    fn a_source_is_forgotten_after_a_quiet_day_and_not_before() {
        let mut budgets = after_wrong(6, &Source::Local);
        budgets.settle(NOW.plus(MEMORY));
        budgets.refused(&Source::Local, NOW.plus(MEMORY));
        assert_eq!(
            budgets.retry_after(&Source::Local, NOW.plus(MEMORY)),
            Some(120)
        );
        let later = NOW.plus(2 * MEMORY + 1);
        budgets.settle(later);
        budgets.refused(&Source::Local, later);
        assert_eq!(budgets.retry_after(&Source::Local, later), None);
    }

    #[test]
    fn full_books_refuse_new_strangers_and_still_let_this_machine_try() {
        let mut budgets = Budgets::default();
        for number in 0..MAX_SOURCES - PLACES_KEPT {
            budgets.refused(&address(number), NOW);
        }
        assert_eq!(budgets.retry_after(&address(200), NOW), Some(86_401));
        assert_eq!(budgets.retry_after(&address(0), NOW), None);
        assert_eq!(budgets.retry_after(&Source::Local, NOW), None);
        budgets.refused(&Source::Local, NOW);
        budgets.refused(&Source::Own(1000), NOW);
        assert_eq!(budgets.retry_after(&Source::Own(1001), NOW), Some(86_401));
        assert_eq!(budgets.check(), Ok(()));
        assert_eq!(budgets.retry_after(&address(200), NOW.plus(86_401)), None);
    }

    #[test]
    fn an_accepted_code_forgives_its_own_source_alone() {
        let mut budgets = after_wrong(5, &Source::Local);
        for _ in 0..5 {
            budgets.refused(&address(1), NOW);
        }
        budgets.turned_away();
        assert_eq!(
            (budgets.failed_attempts(), budgets.throttled_attempts()),
            (11, 1)
        );
        budgets.accepted(&Source::Local);
        assert_eq!(
            (budgets.failed_attempts(), budgets.throttled_attempts()),
            (0, 0)
        );
        assert_eq!(budgets.retry_after(&Source::Local, NOW), None);
        assert_eq!(budgets.retry_after(&address(1), NOW), Some(30));
    }

    #[test]
    fn counts_stop_at_their_end() {
        let mut budgets = Budgets {
            failed: u32::MAX,
            throttled: u32::MAX,
            ..Budgets::default()
        };
        budgets.turned_away();
        budgets.refused(&Source::Local, NOW);
        assert_eq!(
            (budgets.failed_attempts(), budgets.throttled_attempts()),
            (u32::MAX, u32::MAX)
        );
    }
}
