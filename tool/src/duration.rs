//! Lengths of time as people type and read them.

use std::fmt;
use std::str::FromStr;

use crate::words::{tell, words};

const SECONDS: &str = "tool-seconds";

/// How many seconds a unit is, the largest first, and the message that says so many.
const UNITS: [(u32, &str); 4] = [
    (86_400, "tool-days"),
    (3600, "tool-hours"),
    (60, "tool-minutes"),
    (1, SECONDS),
];

/// A length of time as the configuration has it, said in the language of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seconds(pub u32);

/// The text is no length of time that we understand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoDuration;

impl fmt::Display for NoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tell!("tool-no-duration"))
    }
}

impl std::error::Error for NoDuration {}

impl FromStr for Seconds {
    type Err = NoDuration;

    fn from_str(text: &str) -> Result<Self, NoDuration> {
        let read = text.parse::<countersign_config::Seconds>();
        read.map(|it| Self(it.0)).map_err(|_| NoDuration)
    }
}

impl fmt::Display for Seconds {
    /// In the largest unit that leaves no rest: `1 hour`, `90 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (factor, message) = UNITS
            .into_iter()
            .find(|(factor, _)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or((1, SECONDS));
        let count = self.0 / factor;
        f.write_str(&words().text(message, &[("count", count.into())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_said() {
        for (typed, seconds, said) in [
            ("1h", 3600, "1 hour"),
            ("90m", 5400, "90 minutes"),
            ("2d", 172_800, "2 days"),
            ("45s", 45, "45 seconds"),
            ("60", 60, "1 minute"),
        ] {
            assert_eq!(typed.parse(), Ok(Seconds(seconds)), "{typed}");
            assert_eq!(Seconds(seconds).to_string(), said);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for typed in [
            "",
            "h",
            "0",
            "0m",
            "-1h",
            "+1h",
            "1.5h",
            "1w",
            "1 h",
            "99999999d",
        ] {
            assert_eq!(typed.parse::<Seconds>(), Err(NoDuration), "{typed}");
        }
    }
}
