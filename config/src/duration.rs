use std::fmt;
use std::str::FromStr;

/// The units of a length of time, the longest first.
const UNITS: [(&str, u32); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// A length of time in whole seconds, at least one: `90`, `90s`, `30m`, `8h` or `2d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seconds(pub u32);

/// The text is no length of time that we understand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoDuration;

impl fmt::Display for NoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write a whole number and a unit: 90s, 30m, 8h or 2d")
    }
}

impl std::error::Error for NoDuration {}

impl FromStr for Seconds {
    type Err = NoDuration;

    fn from_str(text: &str) -> Result<Self, NoDuration> {
        let (number, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
            .unwrap_or((text, 1));
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NoDuration);
        }
        let seconds = number
            .parse::<u32>()
            .ok()
            .and_then(|n| n.checked_mul(factor));
        seconds.filter(|s| *s > 0).map(Self).ok_or(NoDuration)
    }
}

/// As it is written, in the longest unit that leaves no rest: `1h`, `90m`.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(("s", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_read_and_written() {
        for (typed, seconds, written) in [
            ("10m", 600, "10m"),
            ("60m", 3600, "1h"),
            ("48h", 172_800, "2d"),
            ("90", 90, "90s"),
            ("45s", 45, "45s"),
        ] {
            assert_eq!(typed.parse(), Ok(Seconds(seconds)), "{typed}");
            assert_eq!(Seconds(seconds).to_string(), written);
        }
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
