//! What a person reads in the dialog of an enrollment. No colours and no controls but line ends: the
//! ssh client shows everything else as escapes.

use countersign_sheet::{Ground, Otpauth, Printable, TerminalQr, beside};
use countersign_words::{Words, say};
use zeroize::Zeroizing;

use crate::outcome::Later;

/// Columns that are there for certain.
const COLUMNS: usize = 80;
/// Recovery codes in a line.
const IN_A_LINE: usize = 3;

/// Is a QR code shown, and for what kind of terminal?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// Yes, for this ground.
    On(Ground),
    /// No, the key alone.
    None,
}

impl Picture {
    /// With what shines and what does not the other way round.
    pub fn turned(self) -> Self {
        Self::On(match self {
            Self::On(Ground::Dark) => Ground::Bright,
            Self::On(Ground::Bright) | Self::None => Ground::Dark,
        })
    }
}

/// The first question.
pub fn question(words: &Words, later: Later) -> String {
    let question = match later {
        Later::Until(moment) => {
            let Utc {
                year,
                month,
                day,
                hour,
                minute,
            } = Utc::of(moment);
            let time = format!("{hour:02}:{minute:02}");
            let date = say!(
                words,
                "login-date",
                "day" = day,
                "month" = month,
                "year" = year
            );
            say!(words, "login-enroll-question", "date" = date, "time" = time)
        }
        Later::Never => say!(words, "login-enroll-question-now"),
    };
    question + " "
}

/// QR code, account and key, and the question for a code.
pub fn sheet(words: &Words, uri: &str, otpauth: &Otpauth, picture: Picture) -> Zeroizing<String> {
    let account = Printable(&otpauth.account).to_string();
    let issuer = Printable(&otpauth.issuer).to_string();
    let account = say!(words, "login-enroll-account", "account" = account);
    let issuer = say!(words, "login-enroll-issuer", "issuer" = issuer);
    let label = say!(words, "login-enroll-key");
    let key = otpauth.grouped_secret();
    let kind = unusual(words, otpauth);
    let qr = match picture {
        Picture::On(ground) => TerminalQr::draw_on(uri, ground).ok(),
        Picture::None => None,
    };
    let mut out = Zeroizing::new(String::with_capacity(16 * 1024));
    // Clients write something before a prompt, which must not push the picture's first line.
    out.push('\n');
    if let Some(qr) = qr.filter(|qr| qr.columns <= COLUMNS) {
        let (scan, turn) = (
            say!(words, "login-enroll-scan"),
            say!(words, "login-enroll-turn"),
        );
        let mut facts = vec![scan.as_str(), "", &account, &issuer, &label];
        let lines = lines_of_four(&key);
        facts.extend(lines.iter().map(|line| line.as_str()));
        facts.extend(kind.iter().map(String::as_str));
        facts.extend(["", turn.as_str()]);
        out.push_str(&beside(&qr, &facts, COLUMNS));
    } else {
        for line in [&say!(words, "login-enroll-type"), &account, &issuer] {
            out.push_str(line);
            out.push('\n');
        }
        for part in [&label, " ", &key, "\n"] {
            out.push_str(part);
        }
        if let Some(kind) = kind {
            out.push_str(&kind);
            out.push('\n');
        }
    }
    out.push_str(&say!(words, "login-enroll-code"));
    out.push(' ');
    out
}

/// What has to be set in the app beside the key, if it is not what every app assumes.
fn unusual(words: &Words, otpauth: &Otpauth) -> Option<String> {
    let (digits, period) = (otpauth.digits, otpauth.period.unwrap_or_default());
    let algorithm = Printable(&otpauth.algorithm).to_string();
    if (digits, period, algorithm.as_str()) == (6, 30, "SHA1") {
        return None;
    }
    Some(say!(
        words,
        "login-enroll-kind",
        "digits" = digits,
        "period" = period,
        "algorithm" = algorithm
    ))
}

/// The key in lines of four groups, which are easier to follow than lines of five and three.
fn lines_of_four(key: &str) -> Vec<Zeroizing<String>> {
    let groups: Vec<&str> = key.split(' ').collect();
    let lines = groups.chunks(4);
    lines.map(|line| Zeroizing::new(line.join(" "))).collect()
}

/// The question for another code.
pub fn wrong_code(words: &Words) -> String {
    let (wrong, code) = (say!(words, "login-wrong"), say!(words, "login-enroll-code"));
    format!("{wrong} {code} ")
}

/// The recovery codes, and a question that waits until they are noted.
pub fn recovery_codes(words: &Words, codes: &[Zeroizing<String>]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(4 * 1024));
    out.push_str(&say!(words, "login-enroll-done"));
    out.push('\n');
    for line in codes.chunks(IN_A_LINE) {
        for code in line {
            out.push_str("   ");
            out.push_str(code);
        }
        out.push('\n');
    }
    out.push_str(&say!(words, "login-enroll-noted"));
    out.push(' ');
    out
}

/// A moment in UTC, to the minute. The host's time zone stands in its environment, which is not read.
#[derive(PartialEq, Eq, Debug)]
struct Utc {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
}

impl Utc {
    /// By the algorithm of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    fn of(moment: u64) -> Self {
        const FOUR_CENTURIES: u64 = 146_097; // days
        let (days, seconds) = (moment / 86_400, moment % 86_400);
        let days = days + 719_468; // since 0000-03-01
        let (era, of_era) = (days / FOUR_CENTURIES, days % FOUR_CENTURIES);
        let year_of_era =
            (of_era - of_era / 1_460 + of_era / 36_524 - of_era / (FOUR_CENTURIES - 1)) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hour: seconds / 3_600,
            minute: seconds % 3_600 / 60,
        }
    }
}

#[cfg(test)]
#[path = "dialog_texts_tests.rs"]
mod tests;
