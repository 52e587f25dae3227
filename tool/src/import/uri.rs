//! otpauth URIs, one a line.

use countersign_sheet::{Otpauth, OtpauthError};

use super::found::{Found, Motion, Rejected, Token};
use super::key::Key;
use super::why::Why;

/// What a token is called whose URI names no issuer.
const UNNAMED: &str = "imported";
/// The longest name of a token, in characters, with room for a number behind it.
const LONGEST_NAME: usize = 60;

/// Reads the URIs of one user. Empty lines do not count.
pub fn read(user: &str, text: &str) -> Found {
    let mut found = Found {
        user: Some(user.to_owned()),
        ..Found::default()
    };
    let lines = (1..).zip(text.split('\n').map(str::trim_ascii));
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        match token(line, number) {
            Ok(token) => found.add(token),
            Err(why) => {
                let line = Some(number);
                found.rejected.push(Rejected { line, why });
            }
        }
    }
    found
}

fn token(uri: &str, number: usize) -> Result<Token, Why> {
    if uri.starts_with("otpauth-migration:") {
        return Err(Why::Migration);
    }
    let read = Otpauth::parse(uri).map_err(|error| match error {
        OtpauthError::NotOtpauth => Why::NotOtpauth,
        OtpauthError::NoSecret => Why::NoSecret,
        OtpauthError::Broken => Why::BrokenUri,
    })?;
    if !(6..=8).contains(&read.digits) {
        return Err(Why::BadDigits);
    }
    let algorithm = ["SHA1", "SHA256", "SHA512"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(&read.algorithm))
        .ok_or(Why::BadAlgorithm)?;
    let motion = match read.period {
        Some(period @ 1..=86_400) => Motion::Clock {
            period,
            offset: 0,
            last_step: None,
        },
        Some(_) => return Err(Why::BadPeriod),
        None => Motion::Counter {
            next: read.counter.unwrap_or_default(),
        },
    };
    let issuer = issuer(&read.issuer);
    let name = issuer.as_deref().unwrap_or(UNNAMED);
    Ok(Token {
        name: name.chars().take(LONGEST_NAME).collect(),
        issuer: issuer.clone(),
        key: Key::from_base32(&read.secret)?,
        algorithm,
        digits: read.digits,
        motion,
        window: None,
        line: Some(number),
        last_code: None,
        remarks: Vec::new(),
    })
}

/// The issuer, if the daemon takes it.
fn issuer(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= 64 && !text.chars().any(|c| c.is_control() || c == ':');
    (fits && !text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "2SH3V3GDW7ZNMGYE";

    #[test]
    fn a_uri_of_every_form_is_taken() {
        let found = read(
            "alice",
            &format!(
                "otpauth://totp/Example:alice?secret={SECRET}&issuer=Example\n\n\
                 otpauth://hotp/alice?secret={SECRET}&counter=7&digits=8\r\n\
                 otpauth://totp/Example:alice?secret={SECRET}&issuer=Example&period=60&algorithm=sha256\n"
            ),
        );
        assert_eq!(found.rejected, []);
        let told: Vec<_> = found
            .tokens
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.motion,
                    it.digits,
                    it.algorithm,
                    it.line,
                )
            })
            .collect();
        let clock = |period| Motion::Clock {
            period,
            offset: 0,
            last_step: None,
        };
        assert_eq!(
            told,
            [
                ("Example", clock(30), 6, "SHA1", Some(1)),
                (UNNAMED, Motion::Counter { next: 7 }, 8, "SHA1", Some(3)),
                ("Example 2", clock(60), 6, "SHA256", Some(4)),
            ]
        );
    }

    #[test]
    fn each_line_that_is_no_uri_says_why() {
        for (line, why) in [
            ("hello".to_owned(), Why::NotOtpauth),
            (
                format!("otpauth://steam/x?secret={SECRET}"),
                Why::NotOtpauth,
            ),
            (
                "otpauth-migration://offline?data=CjE".to_owned(),
                Why::Migration,
            ),
            ("otpauth://totp/x?issuer=y".to_owned(), Why::NoSecret),
            (
                "otpauth://totp/x?secret=2SH3V3GD".to_owned(),
                Why::TooShort(5),
            ),
            ("otpauth://totp/x?secret=!!!!".to_owned(), Why::NotBase32),
            (
                format!("otpauth://totp/x?secret={SECRET}&digits=six"),
                Why::BrokenUri,
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&digits=9"),
                Why::BadDigits,
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&period=0"),
                Why::BadPeriod,
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&algorithm=MD5"),
                Why::BadAlgorithm,
            ),
        ] {
            let found = read("alice", &line);
            assert!(found.tokens.is_empty());
            assert_eq!(found.rejected[0].why, why, "{line}");
        }
    }
}
