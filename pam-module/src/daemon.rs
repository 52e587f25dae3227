//! What the module asks the daemon, and what it hears.

use countersign_bus::{Code, Requirement, UserName, Verdict};
use countersign_words::Language;

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

    /// Why the direct road was left for the bus in the last call, if it was.
    fn detour(&mut self) -> Option<Failure>;
}

/// The answer to `Login.Prepare`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// What the login needs.
    pub requirement: Requirement,
    /// The lengths that an authenticator code of this user can have.
    pub code_lengths: Vec<usize>,
    /// The language to speak from here on. English when the daemon names none that we have.
    pub language: Language,
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
}

/// What PAM knows of where a login comes from.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Context {
    /// `PAM_SERVICE`
    pub service: Option<String>,
    /// `PAM_TTY`
    pub tty: Option<String>,
    /// `PAM_RHOST`
    pub rhost: Option<String>,
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
