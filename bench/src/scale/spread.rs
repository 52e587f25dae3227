use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::figures::micros;

/// Of a hundred sorted times, which ones are kept.
const KEPT: [u8; 14] = [0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100];

/// How long something took, time and again: as much of it as is needed to draw more times like these.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    /// The mean, in microseconds.
    pub mean: f64,
    /// Those that no 0, 5, 10, 20 … 95, 99 and 100 of a hundred exceeded, in microseconds.
    pub kept: Vec<f64>,
}

impl Spread {
    /// That of these times. None of nothing.
    pub fn of(times: &[Duration]) -> Option<Self> {
        let mut sorted: Vec<f64> = times.iter().map(|it| micros(*it)).collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let count = u32::try_from(sorted.len()).ok()?;
        let kept = KEPT.map(|place| sorted.get(last * usize::from(place) / 100).copied());
        Some(Self {
            mean: sorted.iter().sum::<f64>() / f64::from(count),
            kept: kept.into_iter().flatten().collect(),
        })
    }

    /// The one in the middle, in microseconds.
    pub fn median(&self) -> f64 {
        let middle = KEPT.iter().position(|it| *it == 50);
        middle
            .and_then(|it| self.kept.get(it))
            .copied()
            .unwrap_or_default()
    }

    /// How many times the mean something takes, by chance. One on average.
    pub fn draw(&self, dice: &mut Dice) -> f64 {
        let at = dice.share() * 100.0;
        let pairs = KEPT.iter().zip(&self.kept);
        let mut before = (0.0, 0.0);
        let mut drawn = self.mean;
        for (place, time) in pairs {
            let place = f64::from(*place);
            if at <= place {
                let (from, least) = before;
                let part = if place > from {
                    (at - from) / (place - from)
                } else {
                    1.0
                };
                drawn = least + (time - least) * part;
                break;
            }
            before = (place, *time);
        }
        // The mean of what is drawn between the kept ones is a little off the mean of all; that is taken out.
        drawn / self.mean_drawn().max(f64::MIN_POSITIVE)
    }

    fn mean_drawn(&self) -> f64 {
        let pairs = || KEPT.iter().map(|it| f64::from(*it)).zip(self.kept.iter());
        pairs()
            .zip(pairs().skip(1))
            .map(|((from, least), (to, most))| (to - from) / 100.0 * f64::midpoint(*least, *most))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_the_shape_of_what_was_measured_and_one_for_a_mean() {
        let times: Vec<Duration> = (1..=1000)
            .map(|it| Duration::from_micros(it * it))
            .collect();
        let spread = Spread::of(&times).unwrap();
        assert!((spread.mean - 333_833.5).abs() < 1.0, "{}", spread.mean);
        let mut dice = Dice::new(1);
        let mut drawn: Vec<f64> = (0..20_000).map(|_| spread.draw(&mut dice)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        drawn.sort_by(f64::total_cmp);
        let (middle, wanted) = (drawn[10_000], spread.median() / spread.mean);
        assert!((middle / wanted - 1.0).abs() < 0.05, "{middle} {wanted}");
    }

    #[test]
    fn nothing_has_no_spread() {
        assert_eq!(Spread::of(&[]), None);
    }
}
