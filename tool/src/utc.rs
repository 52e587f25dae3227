use std::fmt;

/// A moment in seconds of Unix time, shown as `2026-11-23 12:01 UTC`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Utc(pub u64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = self.0 % 86_400 / 60;
        let text = format!("{} {:02}:{:02} UTC", Day(self.0), minute / 60, minute % 60);
        f.pad(&text)
    }
}

/// The day of a moment in seconds of Unix time, shown as `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day(pub u64);

impl fmt::Display for Day {
    /// The date comes from the day count by Howard Hinnant's `civil_from_days`: years begin in
    /// March, so that the leap day is the last one of its year.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 / 86_400 + 719_468; // since 0000-03-01
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        write!(f, "{year}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_date_itself_prints_them() {
        for (seconds, said) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_799, "2000-02-29 23:59 UTC"),
            (1_795_435_260, "2026-11-23 12:01 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(Utc(seconds).to_string(), said);
        }
    }
}
