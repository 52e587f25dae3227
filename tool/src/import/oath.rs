//! `/etc/users.oath`, the file of `pam_oath`: type, user, PIN, secret, moving factor, last code and its
//! time on each line.

use std::collections::HashMap;

use countersign_bus::Code;

use super::found::{Found, LastCode, Motion, Rejected, Token};
use super::key::Key;
use super::why::Why;

/// What the first token of a user is called; the others have a number behind.
const NAME: &str = "oath";

/// The widest window that the daemon takes, in time steps both ways.
const WIDEST: u32 = 10;
/// The furthest look-ahead that the daemon takes, in counters.
const LONGEST_LOOK_AHEAD: u32 = 100;

/// Reads the whole file. `window` is how many time steps or counters the module looked around. What a
/// user has on several lines comes together; each line that has no token says why.
pub fn read(bytes: &[u8], window: u32) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let (user, read) = match std::str::from_utf8(line) {
            Ok(line) if line.trim_ascii().is_empty() => continue,
            Ok(line) => read_line(line, number, window),
            Err(_) => (user_of(line), Err(Why::NotText)),
        };
        let place = match user {
            Some(user) => *places.entry(user.to_owned()).or_insert(all.len()),
            None => all.len(),
        };
        if place == all.len() {
            all.push(Found {
                user: user.map(str::to_owned),
                ..Found::default()
            });
        }
        let found = all.get_mut(place);
        let line = Some(number);
        match (found, read) {
            (Some(found), Ok(token)) => found.add(token),
            (Some(found), Err(why)) => found.rejected.push(Rejected { line, why }),
            (None, _) => {}
        }
    }
    all
}

/// The user of a line, where it comes so far, and the token on it.
fn read_line(line: &str, number: usize, window: u32) -> (Option<&str>, Result<Token, Why>) {
    let mut fields = line.split_ascii_whitespace();
    let kind = fields.next().unwrap_or_default();
    if kind.starts_with('#') {
        return (None, Err(Why::Comment));
    }
    let user = fields.next();
    let read = match (read_type(kind), user) {
        (None, _) => Err(Why::UnknownType),
        (Some(_), None) => Err(Why::NoUser),
        (Some((motion, digits)), Some(_)) => read_token(motion, digits, fields, number, window),
    };
    (user, read)
}

/// The user of a line that is not text as a whole.
fn user_of(line: &[u8]) -> Option<&str> {
    let mut fields = line
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty());
    std::str::from_utf8(fields.nth(1)?).ok()
}

/// What a type means: the motion, from its beginning, and the length of codes.
fn read_type(kind: &str) -> Option<(Motion, u32)> {
    let mut parts = kind.split('/');
    if parts.next() != Some("HOTP") {
        return None;
    }
    let clock = |period| Motion::Clock {
        period,
        offset: 0,
        last_step: None,
    };
    let motion = match parts.next() {
        None | Some("E") => Motion::Counter { next: 0 },
        Some("T30") => clock(30),
        Some("T60") => clock(60),
        Some(_) => return None,
    };
    let digits = match parts.next() {
        None | Some("6") => 6,
        Some("7") => 7,
        Some("8") => 8,
        Some(_) => return None,
    };
    parts.next().is_none().then_some((motion, digits))
}

fn read_token<'a>(
    mut motion: Motion,
    digits: u32,
    mut fields: impl Iterator<Item = &'a str>,
    number: usize,
    window: u32,
) -> Result<Token, Why> {
    let pin = fields.next().ok_or(Why::NoSecret)?;
    let key = Key::from_hex(fields.next().ok_or(Why::NoSecret)?)?;
    let factor = fields
        .next()
        .map_or(Ok(0), |it| it.parse::<u64>().map_err(|_| Why::BadCounter))?;
    let mut remarks = Vec::new();
    // `-` is no PIN; with `+` the password that came before is the PIN, as it is here.
    if !matches!(pin, "-" | "+") {
        remarks.push(Why::PinLeft);
    }
    let last_code = match fields.next() {
        Some(code) => {
            let is_code = code.bytes().all(|c| c.is_ascii_digit()) && code.len() <= 8;
            let code = Code::parse(code).ok().filter(|_| is_code);
            Some(LastCode(code.ok_or(Why::BadLastCode)?))
        }
        None => None,
    };
    // Of a clock the daemon finds the step by the code. When it was is told for people alone.
    if fields.next().is_some_and(|time| !is_time(time)) {
        remarks.push(Why::BadTime);
    }
    let window = match &mut motion {
        Motion::Counter { next } => {
            *next = factor;
            window.clamp(1, LONGEST_LOOK_AHEAD)
        }
        // With a time step the factor means nothing.
        Motion::Clock { .. } => {
            if window > WIDEST {
                remarks.push(Why::WindowCut(WIDEST));
            }
            window.min(WIDEST)
        }
    };
    Ok(Token {
        name: NAME.to_owned(),
        issuer: None,
        key,
        algorithm: "SHA1",
        digits,
        motion,
        window: Some(window),
        line: Some(number),
        last_code,
        remarks,
    })
}

/// `2026-11-23T12:00:00L`, local time.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00L";
    text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(|(c, shape)| match shape {
            b'0' => c.is_ascii_digit(),
            shape => c == *shape,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3132333435363738393031323334353637383930";

    fn read(text: &str) -> Vec<Found> {
        super::read(text.as_bytes(), 5)
    }

    fn token(line: &str) -> Token {
        let found = read(line);
        let [one] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(one.user.as_deref(), Some("joe"));
        one.tokens
            .first()
            .unwrap_or_else(|| panic!("{one:?}"))
            .clone()
    }

    const fn clock(period: u32) -> Motion {
        Motion::Clock {
            period,
            offset: 0,
            last_step: None,
        }
    }

    #[test]
    fn every_type_is_what_it_is_there() {
        let counter = Motion::Counter { next: 0 };
        for (kind, motion, digits) in [
            ("HOTP", counter, 6),
            ("HOTP/E", counter, 6),
            ("HOTP/E/6", counter, 6),
            ("HOTP/E/7", counter, 7),
            ("HOTP/E/8", counter, 8),
            ("HOTP/T30", clock(30), 6),
            ("HOTP/T30/6", clock(30), 6),
            ("HOTP/T30/7", clock(30), 7),
            ("HOTP/T30/8", clock(30), 8),
            ("HOTP/T60", clock(60), 6),
            ("HOTP/T60/7", clock(60), 7),
            ("HOTP/T60/8", clock(60), 8),
        ] {
            let token = token(&format!("{kind} joe - {HEX}"));
            assert_eq!((token.motion, token.digits), (motion, digits), "{kind}");
            assert_eq!((token.window, token.line), (Some(5), Some(1)));
            assert_eq!((token.last_code, token.remarks), (None, vec![]));
        }
    }

    #[test]
    fn the_state_of_a_line_comes_along_and_the_pin_does_not() {
        let line = format!("HOTP\tjoe\t+\t{HEX}\t7\t755224\t2009-12-07T00:25:42L");
        let one = token(&line);
        assert_eq!(one.motion, Motion::Counter { next: 7 });
        assert_eq!(one.last_code.unwrap().0.expose(), "755224");
        assert_eq!(one.remarks, []);
        let two = token(&format!(" HOTP/T30 joe 4711 {HEX} 0 755224 yesterday"));
        assert_eq!(two.remarks, [Why::PinLeft, Why::BadTime]);
        assert_eq!(two.motion, clock(30));
    }

    #[test]
    fn lines_without_a_token_are_named_and_stop_nothing() {
        let text = format!(
            "# a comment\n\n#HOTP joe - {HEX}\nOCRA joe - {HEX}\nHOTP/T45 joe - {HEX}\nHOTP\n\
             HOTP joe\nHOTP joe -\nHOTP joe - xyz\nHOTP joe - 00\nHOTP joe - {HEX} x\n\
             HOTP joe - {HEX} 1 hello\nHOTP/T30 joe - {HEX}\n"
        );
        let found = read(&text);
        let mut lines: Vec<(usize, Why)> = found
            .iter()
            .flat_map(|it| &it.rejected)
            .map(|it| (it.line.unwrap(), it.why.clone()))
            .collect();
        lines.sort_by_key(|(line, _)| *line);
        assert_eq!(
            lines,
            [
                (1, Why::Comment),
                (3, Why::Comment),
                (4, Why::UnknownType),
                (5, Why::UnknownType),
                (6, Why::NoUser),
                (7, Why::NoSecret),
                (8, Why::NoSecret),
                (9, Why::NotHex),
                (10, Why::TooShort(1)),
                (11, Why::BadCounter),
                (12, Why::BadLastCode),
            ]
        );
        let tokens: usize = found.iter().map(|it| it.tokens.len()).sum();
        assert_eq!(tokens, 1);
        let binary = super::read(b"HOTP joe - \xff\n", 5);
        assert_eq!(binary[0].rejected[0].why, Why::NotText);
    }

    #[test]
    fn several_lines_of_a_user_come_together_under_names_of_their_own() {
        let other = HEX.replace('3', "4");
        let found = read(&format!(
            "HOTP joe - {HEX}\nHOTP bob - {HEX}\nHOTP/T30 joe - {HEX}\nHOTP joe - {other}\n"
        ));
        let users: Vec<_> = found.iter().map(|it| it.user.as_deref().unwrap()).collect();
        assert_eq!(users, ["joe", "bob"]);
        let names: Vec<_> = found[0].tokens.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["oath", "oath 2", "oath 3"]);
    }

    #[test]
    fn of_the_same_token_twice_the_one_that_is_further_on_counts() {
        for (first, second, kept, dropped) in [(3, 9, 2, 1), (9, 3, 1, 2)] {
            let found = read(&format!(
                "HOTP joe - {HEX} {first}\nHOTP joe - {HEX} {second}\n"
            ));
            let token = &found[0].tokens[0];
            assert_eq!(token.motion, Motion::Counter { next: 9 });
            assert_eq!((token.line, token.name.as_str()), (Some(kept), "oath"));
            assert_eq!(
                found[0].rejected,
                [Rejected {
                    line: Some(dropped),
                    why: Why::SameAsLine(kept)
                }]
            );
        }
    }

    #[test]
    fn a_ninth_token_of_a_user_is_not_taken() {
        let lines: Vec<String> = (0..9)
            .map(|number| format!("HOTP joe - {HEX}{number:02}\n"))
            .collect();
        let found = read(&lines.concat());
        assert_eq!(found[0].tokens.len(), 8);
        assert_eq!(found[0].rejected[0].why, Why::TooManyTokens);
    }
}
