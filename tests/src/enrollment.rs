use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::program::Program;

/// What an authenticator app knows after scanning the QR code. Its codes are computed by oathtool,
/// which shares no code with Countersign.
pub struct Secret {
    uri: String,
    base32: String,
    recovery_codes: Vec<String>,
    kind: Kind,
    digits: String,
}

/// As far as the daemon looks ahead at most: the widest window of time steps, the usual one of counters.
const WIDEST_WINDOW: usize = 10;

/// What moves a code. `spent` is the time step or counter of the last code given out.
enum Kind {
    Totp {
        algorithm: String,
        period: u64,
        spent: Option<u64>,
    },
    Hotp {
        first: u64,
        spent: Option<u64>,
    },
}

impl Secret {
    /// Enrolls a user through the companion tool, as that user; `options` are those of
    /// `countersign enroll`.
    pub fn enroll(user: &str, options: &[&str]) -> Self {
        Self::enroll_with(user, options, None)
    }

    /// The same for somebody who is enrolled already, and proves it with a current code.
    pub fn enroll_beside(user: &str, options: &[&str], current: &str) -> Self {
        Self::enroll_with(user, options, Some(current))
    }

    fn enroll_with(user: &str, options: &[&str], current: Option<&str>) -> Self {
        let mut child = Command::new("runuser")
            .args(["-u", user, "--", "countersign", "enroll", "--json"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("runuser runs");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        if let Some(code) = current {
            writeln!(stdin, "{code}").expect("it reads the code");
        }
        let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
        let mut next = |what: &str| -> Value {
            let line = lines.next().and_then(Result::ok).unwrap_or_else(|| {
                panic!("`countersign enroll --json` for {user} ended before it printed {what}")
            });
            serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("{what} of `enroll --json` is no JSON: {error}"))
        };
        let offered = next("the otpauth URI");
        let mut secret = Self::from_uri(text(&offered, "otpauth_uri"));
        let code = secret.next_code();
        writeln!(stdin, "{code}").expect("it reads the code");
        let activated = next("the recovery codes");
        assert!(
            child.wait().expect("its end").success(),
            "`countersign enroll` for {user} failed"
        );
        secret.recovery_codes = activated
            .get("recovery_codes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect();
        secret
    }

    /// The secret in an otpauth URI.
    pub fn from_uri(uri: &str) -> Self {
        let (scheme, query) = uri.split_once('?').expect("an otpauth URI has parameters");
        let parameter = |name: &str| {
            query
                .split('&')
                .find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
        };
        let number = |name: &str| parameter(name).and_then(|digits| digits.parse().ok());
        let kind = if scheme.starts_with("otpauth://hotp/") {
            Kind::Hotp {
                first: number("counter").unwrap_or(0),
                spent: None,
            }
        } else {
            assert!(scheme.starts_with("otpauth://totp/"), "not an otpauth URI");
            Kind::Totp {
                algorithm: parameter("algorithm").unwrap_or_else(|| "SHA1".to_owned()),
                period: number("period").unwrap_or(30),
                spent: None,
            }
        };
        Self {
            uri: uri.to_owned(),
            base32: parameter("secret").expect("an otpauth URI has a secret"),
            recovery_codes: Vec::new(),
            kind,
            digits: parameter("digits").unwrap_or_else(|| "6".to_owned()),
        }
    }

    /// The otpauth URI, as in the QR code.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The secret key, as typed by hand.
    pub fn base32(&self) -> &str {
        &self.base32
    }

    /// The recovery codes that came with the enrollment.
    pub fn recovery_codes(&self) -> &[String] {
        &self.recovery_codes
    }

    /// The code of the time step so many steps from now, whether it was given out already or not.
    pub fn code(&self, steps_from_now: i64) -> String {
        self.code_of(self.factor_now().saturating_add_signed(steps_from_now))
    }

    /// A code that was not given out yet. Time steps run ahead of the clock, one for each code, so
    /// the token's window must be as wide as a test needs codes within 30 seconds: two with the
    /// default window.
    pub fn next_code(&mut self) -> String {
        self.next_codes(1)
            .pop()
            .expect("as many codes as were asked for")
    }

    /// Many codes in a row that were not given out yet.
    ///
    /// The same digits may come again soon, and the daemon takes the latest place where they stand
    /// in the window. So the earlier of two is passed over here: once in 100,000 codes.
    pub fn next_codes(&mut self, count: usize) -> Vec<String> {
        let mut given = Vec::with_capacity(count);
        while given.len() < count {
            let next = self.next_factor();
            let codes = self.codes_from(next, count + WIDEST_WINDOW);
            for (factor, ahead) in (next..).zip(codes.windows(1 + WIDEST_WINDOW)) {
                let [code, later @ ..] = ahead else { break };
                if given.len() < count && !later.contains(code) {
                    given.push(code.clone());
                    *self.spent_mut() = Some(factor);
                }
            }
        }
        given
    }

    /// How many time steps the next code lies ahead of the clock. Always 0 for `hotp`.
    pub fn steps_ahead(&self) -> u64 {
        match &self.kind {
            Kind::Totp { period, .. } => self.next_factor().saturating_sub(now() / period),
            Kind::Hotp { .. } => 0,
        }
    }

    /// A code of the right length that is right at no time near now.
    pub fn wrong_code(&self) -> String {
        let first = self.factor_now().saturating_sub(12);
        let near = self.codes_from(first, 25);
        let digits: usize = self.digits.parse().expect("a number of digits");
        (0..=near.len())
            .map(|number| format!("{number:0digits$}"))
            .find(|code| !near.contains(code))
            .expect("more codes than right ones")
    }

    /// The time step or counter of the next code to give out.
    fn next_factor(&self) -> u64 {
        match &self.kind {
            Kind::Totp { spent, .. } => spent.map_or(0, |spent| spent + 1).max(self.factor_now()),
            Kind::Hotp { .. } => self.factor_now(),
        }
    }

    /// The time step of now, or the counter that an app would use next.
    fn factor_now(&self) -> u64 {
        match &self.kind {
            Kind::Totp { period, .. } => now() / period,
            Kind::Hotp { first, spent } => spent.map_or(*first, |spent| spent + 1),
        }
    }

    fn spent_mut(&mut self) -> &mut Option<u64> {
        match &mut self.kind {
            Kind::Totp { spent, .. } | Kind::Hotp { spent, .. } => spent,
        }
    }

    /// The code of a time step or counter.
    fn code_of(&self, factor: u64) -> String {
        self.codes_from(factor, 1)
            .pop()
            .expect("oathtool prints a code")
    }

    /// The codes of as many time steps or counters from this one on.
    fn codes_from(&self, factor: u64, count: usize) -> Vec<String> {
        let oathtool = Program::new("oathtool")
            .args(["--base32", "--digits", &self.digits])
            .arg(format!("--window={}", count - 1));
        let oathtool = match &self.kind {
            Kind::Totp {
                algorithm, period, ..
            } => oathtool
                .arg(format!("--totp={algorithm}"))
                .arg(format!("--time-step-size={period}s"))
                .arg(format!("--now=@{}", factor * period)),
            Kind::Hotp { .. } => oathtool.arg(format!("--counter={factor}")),
        };
        let codes = oathtool
            .arg("-")
            .input(&format!("{}\n", self.base32))
            .text();
        codes.lines().map(str::to_owned).collect()
    }
}

/// Seconds of Unix time.
#[allow(
    clippy::disallowed_methods,
    reason = "an app reads the real clock, as the daemon does"
)]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("`countersign --json` printed no \"{key}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_rfc_6238_and_rfc_4226() {
        let totp = format!("otpauth://totp/lab:alice?secret={RFC_KEY}&digits=8&period=30");
        assert_eq!(Secret::from_uri(&totp).code_of(59 / 30), "94287082");
        let hotp = format!("otpauth://hotp/lab:alice?secret={RFC_KEY}&counter=1");
        let mut hotp = Secret::from_uri(&hotp);
        assert_eq!(
            (hotp.next_code(), hotp.next_code()),
            ("287082".to_owned(), "359152".to_owned())
        );
    }

    #[test]
    fn many_codes_are_those_that_come_one_by_one() {
        let uri = format!("otpauth://hotp/lab:alice?secret={RFC_KEY}&counter=1");
        let mut hotp = Secret::from_uri(&uri);
        assert_eq!(hotp.next_codes(2), ["287082", "359152"]);
        assert_eq!(hotp.next_code(), "969429");
    }

    #[test]
    fn no_code_is_given_out_twice() {
        let mut totp = Secret::from_uri(&format!("otpauth://totp/lab:alice?secret={RFC_KEY}"));
        assert_ne!(totp.next_code(), totp.next_code());
    }
}
