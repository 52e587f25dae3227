//! The log as an administrator reads it: one line for each decision, never with a secret in it.

use std::ffi::CStr;
use std::fmt;

use nix::syslog::{Facility, LogFlags, Severity, openlog, syslog};

/// How much a line matters, in syslog's terms (RFC 5424 §6.2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Somebody has to act: what protects logins does not work as it should.
    Alert,
    /// Something failed.
    Error,
    /// Refused, or let in where that is worth a look.
    Warning,
    /// An ordinary decision.
    Notice,
    /// The daemon about itself.
    Info,
}

/// Where lines go.
pub trait Log: Send + Sync {
    /// Writes one line. `line` is made with [`Quoted`] wherever a part of it came from outside.
    fn write(&self, level: Level, line: &str);
}

/// The host's syslog or journal, facility auth.
pub struct SystemLog(());

impl SystemLog {
    /// Opens it under the daemon's name.
    pub fn open() -> nix::Result<Self> {
        const IDENT: &CStr = c"countersignd";
        openlog(Some(IDENT), LogFlags::LOG_PID, Facility::LOG_AUTH)?;
        Ok(Self(()))
    }
}

impl Log for SystemLog {
    fn write(&self, level: Level, line: &str) {
        let severity = match level {
            Level::Alert => Severity::LOG_ALERT,
            Level::Error => Severity::LOG_ERR,
            Level::Warning => Severity::LOG_WARNING,
            Level::Notice => Severity::LOG_NOTICE,
            Level::Info => Severity::LOG_INFO,
        };
        // There is nobody to tell when the log does not take a line.
        let _ = syslog(severity, line);
    }
}

/// Text from outside, made safe for a log line: in quotes, controls escaped, at most 256 characters.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 256;
        let mut rest = self.0.chars();
        write!(
            f,
            "\"{}",
            rest.by_ref()
                .take(LONGEST)
                .flat_map(char::escape_debug)
                .collect::<String>()
        )?;
        f.write_str(if rest.next().is_some() { "…\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_breaks_out_of_its_line() {
        assert_eq!(Quoted("alice").to_string(), "\"alice\"");
        assert_eq!(
            Quoted("a\nb\u{1b}[2J\"").to_string(),
            "\"a\\nb\\u{1b}[2J\\\"\""
        );
        assert_eq!(Quoted(&"x".repeat(300)).to_string().chars().count(), 259);
    }
}
