//! What the module asks the daemon, and what it hears.

use countersign_bus::{Code, Requirement, Spent, UserName, Verdict};
use countersign_words::Language;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The daemon, by whatever road.
pub trait Daemon {
    /// Asks what this login needs.
    fn prepare(&mut self, user: &UserName, context: &Context) -> Result<Prepared, Failure>;

    /// Asks whether the code is right.
    fn verify(
        &mut self,
        user: &UserName,
        code: &Code,
        context: &Context,
    ) -> Result<Verified, Failure>;

    /// Begins an enrollment in the middle of this login. It lasts as long as the connection that this
    /// opens, which is kept for [`Self::confirm_enrollment`].
    fn begin_enrollment(&mut self, user: &UserName, context: &Context) -> Result<Begun, Failure>;

    /// Takes a code of what was begun.
    fn confirm_enrollment(&mut self, user: &UserName, code: &Code) -> Result<Confirmed, Failure>;

    /// Makes what was confirmed count: the login has succeeded.
    fn complete_enrollment(&mut self, user: &UserName, receipt: &Receipt) -> Result<(), Failure>;

    /// Why the direct road was left for the bus in the last call, if it was.
    fn detour(&mut self) -> Option<Failure>;
}

/// The answer to `Login.Prepare`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// What the login needs.
    pub requirement: Requirement,
    /// Until when an enrollment may be put off, in seconds of Unix time; `None` when it may not.
    pub enroll_by: Option<u64>,
    /// The lengths that an authenticator code of this user can have.
    pub code_lengths: Vec<usize>,
    /// The language to speak from here on. English when the daemon names none that we have.
    pub language: Language,
}

/// What shows that an enrollment was confirmed in this login. Worth nothing to anybody but root.
pub type Receipt = Zeroizing<String>;

/// The answer to `Account.BeginEnrollment`.
pub struct Begun {
    /// The otpauth URI, with the secret in it.
    pub uri: Zeroizing<String>,
    /// For the end of the login.
    pub receipt: Receipt,
}

/// The answer to `Account.ConfirmEnrollment`.
pub enum Confirmed {
    /// The code was right; these are the recovery codes.
    Yes(Vec<Zeroizing<String>>),
    /// It was not. There may be another try.
    WrongCode,
}

/// The answer to `Login.Verify`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// What became of the code.
    pub verdict: Verdict,
    /// After `throttled`: seconds to wait.
    pub retry_after: Option<u32>,
    /// After a recovery code: how many are left.
    pub recovery_codes_left: Option<u32>,
    /// After `used`: which code is spent for good, if the daemon said so.
    pub spent: Option<Spent>,
}

/// What is known of where a login comes from.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Context {
    /// `PAM_SERVICE`
    pub service: Option<String>,
    /// `PAM_TTY`
    pub tty: Option<String>,
    /// `PAM_RHOST`
    pub rhost: Option<String>,
    /// The login session that a local program asks in.
    pub session: Option<String>,
}

/// A PAM item as text: what is not UTF-8 becomes U+FFFD, and no more than 255 bytes are kept.
pub fn item_text(item: &[u8]) -> String {
    const MAX_BYTES: usize = 255;
    let mut text = String::from_utf8_lossy(item.get(..MAX_BYTES).unwrap_or(item)).into_owned();
    while text.len() > MAX_BYTES {
        text.pop(); // a replacement takes three bytes in the place of one
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_always_short_text() {
        assert_eq!(item_text(b"10.0.0.1"), "10.0.0.1");
        assert_eq!(item_text(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(item_text(&[b'x'; 1000]), "x".repeat(255));
        assert_eq!(item_text(&[0xff; 1000]), "\u{fffd}".repeat(85));
    }
}
