//! `~/.google_authenticator`: the secret on the first line, then options, then scratch codes.

use countersign_bus::Code;

use super::found::{Found, LeftOut, MAX_CODES, Motion, Rejected, Token};
use super::key::Key;
use super::why::Why;

/// What the token is called: as one that is enrolled here without a name.
const NAME: &str = "authenticator";
/// The codes that are good at one moment, where the file does not say.
const WINDOW: u32 = 3;
/// The length of a time step where the file does not say, in seconds.
const STEP: u32 = 30;
/// The furthest that a clock can be off, in time steps.
const FURTHEST: i64 = 1_500;
/// The widest window that the daemon takes, in time steps both ways.
const WIDEST: u32 = 10;
/// The furthest look-ahead that the daemon takes, in counters.
const LONGEST_LOOK_AHEAD: u32 = 100;

/// The options of a file. Of one that comes twice the first counts, as there.
#[derive(Default)]
struct Options<'a> {
    totp: bool,
    counter: Option<&'a str>,
    window: Option<&'a str>,
    step: Option<&'a str>,
    skew: Option<&'a str>,
    used: Option<&'a str>,
}

/// Reads a file of that user. `now` is in seconds of Unix time.
pub fn read(user: &str, text: &str, now: u64) -> Found {
    let mut found = Found {
        user: Some(user.to_owned()),
        ..Found::default()
    };
    let mut lines = text.split('\n').map(str::trim_ascii);
    let secret = lines.next().unwrap_or_default();
    let mut options = Options::default();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        if let Err(why) = take(line, &mut options, &mut found) {
            let line = Some(number);
            found.rejected.push(Rejected { line, why });
        }
    }
    match Key::from_base32(secret).and_then(|key| token(key, &options, now)) {
        Ok(token) => found.tokens.push(token),
        Err(why) => {
            // Codes for the day the phone is gone let nobody in by themselves.
            found.recovery_codes.clear();
            found.rejected.insert(0, Rejected { line: None, why });
        }
    }
    found
}

/// Takes one line after the first.
fn take<'a>(line: &'a str, options: &mut Options<'a>, found: &mut Found) -> Result<(), Why> {
    if let Some(option) = line.strip_prefix('"') {
        return match option.strip_prefix(' ') {
            Some(option) => take_option(option, options, found),
            None => Err(Why::UnknownOption),
        };
    }
    let is_scratch_code =
        line.len() == 8 && line.bytes().all(|c| c.is_ascii_digit()) && !line.starts_with('0');
    match Code::parse(line) {
        Ok(code) if is_scratch_code => {
            if found.recovery_codes.iter().any(|it| it.expose() == line) {
                return Ok(());
            }
            if found.recovery_codes.len() >= MAX_CODES {
                return Err(Why::TooManyCodes);
            }
            found.recovery_codes.push(code);
            Ok(())
        }
        _ => Err(Why::UnknownLine),
    }
}

fn take_option<'a>(
    option: &'a str,
    options: &mut Options<'a>,
    found: &mut Found,
) -> Result<(), Why> {
    let (name, value) = option.split_once([' ', '\t']).unwrap_or((option, ""));
    let value = value.trim_ascii();
    let left = match name {
        "TOTP_AUTH" => {
            options.totp = true;
            return Ok(());
        }
        "HOTP_COUNTER" => return first(&mut options.counter, value),
        "WINDOW_SIZE" => return first(&mut options.window, value),
        "STEP_SIZE" => return first(&mut options.step, value),
        "TIME_SKEW" => return first(&mut options.skew, value),
        "DISALLOW_REUSE" => return first(&mut options.used, value),
        "RATE_LIMIT" => LeftOut::RateLimit,
        "RESETTING_TIME_SKEW" => LeftOut::SkewBeingLearned,
        last if is_last(last) => LeftOut::GracePeriod,
        _ => return Err(Why::UnknownOption),
    };
    if !found.left.contains(&left) {
        found.left.push(left);
    }
    Ok(())
}

/// `LAST0` to `LAST9`
fn is_last(name: &str) -> bool {
    name.strip_prefix("LAST")
        .is_some_and(|number| number.len() == 1 && number.bytes().all(|c| c.is_ascii_digit()))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "one arm of a match whose others can fail"
)]
fn first<'a>(option: &mut Option<&'a str>, value: &'a str) -> Result<(), Why> {
    option.get_or_insert(value);
    Ok(())
}

fn token(key: Key, options: &Options<'_>, now: u64) -> Result<Token, Why> {
    let codes = small(options.window, "WINDOW_SIZE", WINDOW, 100)?;
    let mut remarks = Vec::new();
    // A counter goes before the clock, and one below 1 is none.
    let counter = options.counter.and_then(|value| word(value).parse().ok());
    let (motion, window) = match counter.filter(|next| *next >= 1_u64) {
        Some(next) => {
            let ahead = codes.saturating_sub(1).clamp(1, LONGEST_LOOK_AHEAD);
            (Motion::Counter { next }, ahead)
        }
        None if options.totp => {
            let steps = codes / 2;
            if steps > WIDEST {
                remarks.push(Why::WindowCut(WIDEST));
            }
            (clock(options, codes, now)?, steps.min(WIDEST))
        }
        None if options.counter.is_some() => return Err(Why::BadOption("HOTP_COUNTER")),
        None => return Err(Why::NoKind),
    };
    Ok(Token {
        name: NAME.to_owned(),
        issuer: None,
        key,
        algorithm: "SHA1",
        digits: 6,
        motion,
        window: Some(window),
        line: None,
        last_code: None,
        remarks,
    })
}

fn clock(options: &Options<'_>, codes: u32, now: u64) -> Result<Motion, Why> {
    let period = small(options.step, "STEP_SIZE", STEP, 60)?;
    let offset: i64 = match options.skew {
        Some(value) => word(value)
            .parse()
            .map_err(|_| Why::BadOption("TIME_SKEW"))?,
        None => 0,
    };
    if !(-FURTHEST..=FURTHEST).contains(&offset) {
        return Err(Why::OffsetTooFar);
    }
    // What lies further ahead was used while a clock was wrong. It is dropped there too with the next
    // login, and kept it would keep the user out here.
    let latest = (now / u64::from(period))
        .saturating_add_signed(offset)
        .saturating_add(u64::from(codes));
    let mut last_step = None;
    for used in options.used.unwrap_or_default().split_ascii_whitespace() {
        let step: u64 = used.parse().map_err(|_| Why::BadOption("DISALLOW_REUSE"))?;
        if step <= latest {
            last_step = last_step.max(Some(step));
        }
    }
    Ok(Motion::Clock {
        period,
        offset,
        last_step,
    })
}

/// A number from 1 to `most`, or `unsaid` where there is none.
fn small(value: Option<&str>, name: &'static str, unsaid: u32, most: u32) -> Result<u32, Why> {
    let Some(value) = value else {
        return Ok(unsaid);
    };
    match word(value).parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Why::BadOption(name)),
    }
}

/// What comes before the first blank.
fn word(value: &str) -> &str {
    value.split_ascii_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "2SH3V3GDW7ZNMGYE";
    /// Step 10,000 at 30 s.
    const NOW: u64 = 300_010;

    fn read(rest: &str) -> Found {
        super::read("alice", &format!("{SECRET}\n{rest}"), NOW)
    }

    fn motion(rest: &str) -> (Motion, Option<u32>) {
        let found = read(rest);
        let token = found.tokens.first().unwrap_or_else(|| panic!("{found:?}"));
        (token.motion, token.window)
    }

    fn why(rest: &str) -> Why {
        let found = read(rest);
        assert!(found.tokens.is_empty() && found.recovery_codes.is_empty());
        found.rejected[0].why.clone()
    }

    fn clock(period: u32, offset: i64, last_step: Option<u64>) -> Motion {
        Motion::Clock {
            period,
            offset,
            last_step,
        }
    }

    #[test]
    fn a_file_as_the_tool_writes_it_is_taken_whole() {
        let found = read(
            "\" RATE_LIMIT 3 30 1700000000\n\" WINDOW_SIZE 17\n\" DISALLOW_REUSE 9998 10001 9999\n\
             \" TOTP_AUTH\n\" LAST0 192.0.2.1 1700000000\n\" LAST1 host 1\n\
             \" RESETTING_TIME_SKEW 10000+3\n39855817\n86199036\n",
        );
        let token = &found.tokens[0];
        assert_eq!(token.motion, clock(30, 0, Some(10_001)));
        assert_eq!((token.window, token.digits), (Some(8), 6));
        assert_eq!((token.name.as_str(), token.remarks.len()), (NAME, 0));
        let codes: Vec<&str> = found.recovery_codes.iter().map(Code::expose).collect();
        assert_eq!(codes, ["39855817", "86199036"]);
        assert_eq!(
            found.left,
            [
                LeftOut::RateLimit,
                LeftOut::GracePeriod,
                LeftOut::SkewBeingLearned
            ]
        );
        assert_eq!(found.rejected, []);
    }

    #[test]
    fn each_option_of_a_clock_is_carried_over() {
        for (rest, expected) in [
            ("\" TOTP_AUTH", (clock(30, 0, None), Some(1))),
            (
                "\" TOTP_AUTH\r\n\" STEP_SIZE 60\r\n",
                (clock(60, 0, None), Some(1)),
            ),
            (
                "\" STEP_SIZE\t1 x\n\" TOTP_AUTH",
                (clock(1, 0, None), Some(1)),
            ),
            (
                "\" TOTP_AUTH\n\" TIME_SKEW -1499",
                (clock(30, -1499, None), Some(1)),
            ),
            (
                "\" TOTP_AUTH\n\" TIME_SKEW 3\n\" TIME_SKEW 4",
                (clock(30, 3, None), Some(1)),
            ),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 1",
                (clock(30, 0, None), Some(0)),
            ),
            // One of two and four codes is later than now, and so many steps early.
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 2",
                (clock(30, 0, None), Some(1)),
            ),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 4",
                (clock(30, 0, None), Some(2)),
            ),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 21",
                (clock(30, 0, None), Some(10)),
            ),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 100",
                (clock(30, 0, None), Some(10)),
            ),
            (
                "\" TOTP_AUTH\n\" DISALLOW_REUSE",
                (clock(30, 0, None), Some(1)),
            ),
            // Of a clock that was wrong once.
            (
                "\" TOTP_AUTH\n\" DISALLOW_REUSE 9000 20000",
                (clock(30, 0, Some(9000)), Some(1)),
            ),
            (
                "\" TOTP_AUTH\n\" HOTP_COUNTER 0",
                (clock(30, 0, None), Some(1)),
            ),
        ] {
            assert_eq!(motion(rest), expected, "{rest}");
        }
        let cut = read("\" TOTP_AUTH\n\" WINDOW_SIZE 100");
        assert_eq!(cut.tokens[0].remarks, [Why::WindowCut(10)]);
    }

    #[test]
    fn a_counter_goes_before_the_clock_and_looks_ahead_as_far_as_there() {
        for (rest, next, ahead) in [
            ("\" HOTP_COUNTER 1", 1, 2),
            ("\" HOTP_COUNTER 41\n\" TOTP_AUTH", 41, 2),
            ("\" HOTP_COUNTER 7\n\" WINDOW_SIZE 17", 7, 16),
            ("\" HOTP_COUNTER 7\n\" WINDOW_SIZE 1", 7, 1),
            ("\" HOTP_COUNTER 7\n\" WINDOW_SIZE 100", 7, 99),
        ] {
            assert_eq!(
                motion(rest),
                (Motion::Counter { next }, Some(ahead)),
                "{rest}"
            );
        }
    }

    #[test]
    fn what_does_not_work_there_is_not_taken_and_says_why() {
        for (rest, expected) in [
            ("", Why::NoKind),
            ("12345678", Why::NoKind),
            ("\" HOTP_COUNTER 0", Why::BadOption("HOTP_COUNTER")),
            ("\" HOTP_COUNTER x", Why::BadOption("HOTP_COUNTER")),
            ("\" TOTP_AUTH\n\" STEP_SIZE 61", Why::BadOption("STEP_SIZE")),
            ("\" TOTP_AUTH\n\" STEP_SIZE", Why::BadOption("STEP_SIZE")),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 101",
                Why::BadOption("WINDOW_SIZE"),
            ),
            (
                "\" TOTP_AUTH\n\" WINDOW_SIZE 0",
                Why::BadOption("WINDOW_SIZE"),
            ),
            (
                "\" TOTP_AUTH\n\" TIME_SKEW soon",
                Why::BadOption("TIME_SKEW"),
            ),
            ("\" TOTP_AUTH\n\" TIME_SKEW 1501", Why::OffsetTooFar),
            (
                "\" TOTP_AUTH\n\" DISALLOW_REUSE x",
                Why::BadOption("DISALLOW_REUSE"),
            ),
        ] {
            assert_eq!(why(rest), expected, "{rest}");
        }
        let found = super::read("alice", "", NOW);
        assert_eq!(found.rejected[0].why, Why::NoSecret);
        let found = super::read("alice", "root:x:0:0:root:/root:/bin/bash\n", NOW);
        assert_eq!(found.rejected[0].why, Why::NotBase32);
    }

    #[test]
    fn a_line_that_is_not_understood_is_named_and_stops_nothing() {
        let found =
            read("\" TOTP_AUTH\n\"NO_BLANK\n\" FROBNICATE 1\nhello\n01234567\n12345678\n1234567\n");
        assert_eq!((found.tokens.len(), found.recovery_codes.len()), (1, 1));
        let lines: Vec<_> = found
            .rejected
            .iter()
            .map(|it| (it.line.unwrap(), it.why.clone()))
            .collect();
        assert_eq!(
            lines,
            [
                (3, Why::UnknownOption),
                (4, Why::UnknownOption),
                (5, Why::UnknownLine),
                (6, Why::UnknownLine),
                (8, Why::UnknownLine)
            ]
        );
    }

    #[test]
    fn scratch_codes_come_once_and_no_more_than_an_account_can_have() {
        let mut rest = "\" TOTP_AUTH\n12345678\n12345678\n".to_owned();
        assert_eq!(read(&rest).recovery_codes.len(), 1);
        rest.extend((0..40).map(|number| format!("{}\n", 20_000_000 + number)));
        let found = read(&rest);
        assert_eq!(found.recovery_codes.len(), MAX_CODES);
        assert_eq!(found.rejected.len(), 9);
        assert!(found.rejected.iter().all(|it| it.why == Why::TooManyCodes));
    }
}
