//! What a crowd of measured times comes to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Times of one kind, in microseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// How many there were.
    pub count: usize,
    /// Half of them were no longer than this.
    pub median: f64,
    /// All but one in a hundred were no longer than this.
    pub p99: f64,
}

impl Figures {
    /// Those of these times. None of nothing.
    pub fn of(times: &[Duration]) -> Option<Self> {
        let mut sorted: Vec<Duration> = times.to_vec();
        sorted.sort_unstable();
        Some(Self {
            count: sorted.len(),
            median: micros(percentile(&sorted, 50)?),
            p99: micros(percentile(&sorted, 99)?),
        })
    }
}

/// The least of the sorted times that is not exceeded by so many of a hundred (nearest rank).
pub fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// In microseconds, with what is left over behind the point.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(micros: impl Iterator<Item = u64>) -> Vec<Duration> {
        micros.map(Duration::from_micros).collect()
    }

    #[test]
    fn median_and_p99_are_by_nearest_rank_whatever_the_order() {
        let figures = Figures::of(&times((1..=300).rev())).unwrap();
        assert_eq!(
            (figures.median, figures.p99, figures.count),
            (150.0, 297.0, 300)
        );
    }

    #[test]
    fn one_time_is_all_of_them_and_none_is_nothing() {
        let figures = Figures::of(&times(7..8)).unwrap();
        assert_eq!((figures.median, figures.p99), (7.0, 7.0));
        assert_eq!(Figures::of(&[]), None);
    }
}
