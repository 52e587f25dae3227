use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use toml::value::{Datetime, Offset as TomlOffset};

/// Until when people may put off their enrollment: the last second in which they may, in Unix time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EnrollBy(pub u64);

impl EnrollBy {
    /// The meaning of a date or a date-time of TOML.
    ///
    /// A date alone lasts until its day ends where the host is, by its time zone: whoever writes
    /// `2026-12-31` does not mean the evening before, as midnight UTC would be in America. A date-time
    /// without an offset is the host's time too; one with an offset is that moment everywhere. A
    /// moment before 1970 is as past as 1970.
    ///
    /// `None` for what is no moment: a time of day alone, a day that no calendar has.
    pub fn read(written: Datetime, zone: &TimeZone) -> Option<Self> {
        let date = written.date?;
        let date = Date::new(
            i16::try_from(date.year).ok()?,
            i8::try_from(date.month).ok()?,
            i8::try_from(date.day).ok()?,
        )
        .ok()?;
        let last = match written.time {
            None => {
                let next = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?;
                next.timestamp().as_second().checked_sub(1)?
            }
            Some(time) => {
                // A leap second is the end of its minute.
                let second = time.second.unwrap_or(0).min(59);
                let time = Time::new(
                    i8::try_from(time.hour).ok()?,
                    i8::try_from(time.minute).ok()?,
                    i8::try_from(second).ok()?,
                    0,
                )
                .ok()?;
                moment(date.to_datetime(time), written.offset, zone)?.as_second()
            }
        };
        Some(Self(u64::try_from(last).unwrap_or(0)))
    }

    /// May somebody still put it off now? `now` is in seconds of Unix time.
    pub const fn lies_ahead(self, now: u64) -> bool {
        now <= self.0
    }
}

fn moment(civil: DateTime, offset: Option<TomlOffset>, zone: &TimeZone) -> Option<Timestamp> {
    let zone = match offset {
        None => zone.clone(),
        Some(TomlOffset::Z) => TimeZone::UTC,
        Some(TomlOffset::Custom { minutes }) => {
            let seconds = i32::from(minutes).checked_mul(60)?;
            TimeZone::fixed(Offset::from_seconds(seconds).ok()?)
        }
    };
    Some(civil.to_zoned(zone).ok()?.timestamp())
}

impl EnrollBy {
    /// The moment by the host's clock, with its distance from UTC: `2026-12-31 23:59:59 +01:00`.
    pub fn here(self) -> String {
        match self.moment() {
            Some(moment) => moment
                .to_zoned(TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S %:z")
                .to_string(),
            None => self.to_string(),
        }
    }

    fn moment(self) -> Option<Timestamp> {
        Timestamp::from_second(i64::try_from(self.0).ok()?).ok()
    }
}

/// As TOML writes a moment, in UTC: `2026-12-31T22:59:59Z`.
impl fmt::Display for EnrollBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.moment() {
            Some(moment) => moment.fmt(f),
            None => write!(f, "@{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moment, read where the clock is so many hours ahead of UTC.
    fn read(written: &str, hours: i8) -> Option<String> {
        let zone = TimeZone::fixed(Offset::from_hours(hours).unwrap());
        let by = EnrollBy::read(written.parse().unwrap(), &zone)?;
        Some(by.to_string())
    }

    #[test]
    fn a_day_lasts_until_it_ends_where_the_host_is() {
        for (written, hours, last) in [
            ("2026-12-31", 0, "2026-12-31T23:59:59Z"),
            ("2026-12-31", 1, "2026-12-31T22:59:59Z"),
            ("2026-12-31", -8, "2027-01-01T07:59:59Z"),
            ("2028-02-28", 0, "2028-02-28T23:59:59Z"),
            ("2026-12-31T18:00:00", 1, "2026-12-31T17:00:00Z"),
            ("2026-12-31 18:00:30", -8, "2027-01-01T02:00:30Z"),
            ("2026-12-31T18:00:00Z", 5, "2026-12-31T18:00:00Z"),
            ("2026-12-31T18:00:00+02:00", -8, "2026-12-31T16:00:00Z"),
            ("1969-07-20", 0, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                read(written, hours).as_deref(),
                Some(last),
                "{written} {hours}"
            );
        }
    }

    #[test]
    fn a_day_of_25_hours_lasts_25_hours() {
        // By the rules of Central Europe, written out: no time zone files are needed.
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let by = EnrollBy::read("2026-10-25".parse().unwrap(), &zone).unwrap();
        assert_eq!(by.to_string(), "2026-10-25T22:59:59Z");
        let by = EnrollBy::read("2026-10-24".parse().unwrap(), &zone).unwrap();
        assert_eq!(by.to_string(), "2026-10-24T21:59:59Z");
    }

    #[test]
    fn a_time_of_day_is_no_moment() {
        assert_eq!(read("18:00:00", 0), None);
    }

    #[test]
    fn the_last_second_counts() {
        assert!(EnrollBy(7).lies_ahead(7));
        assert!(!EnrollBy(7).lies_ahead(8));
    }
}
