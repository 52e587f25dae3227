//! Why something was not taken, or was taken with a difference.

use std::fmt;

use countersign_words::Value;

use crate::printable::Printable;
use crate::words::words;

/// A reason. Its text has nothing of what is in a file but numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// There is no secret.
    NoSecret,
    /// The secret is no base32.
    NotBase32,
    /// The secret is not in hexadecimal digits.
    NotHex,
    /// The secret is so many bytes long, which is too short.
    TooShort(usize),
    /// The secret is so many bytes long, which is too long.
    TooLong(usize),
    /// The file says neither `TOTP_AUTH` nor `HOTP_COUNTER`.
    NoKind,
    /// That option has a value that has no meaning.
    BadOption(&'static str),
    /// The token's clock is off by more time steps than can be kept.
    OffsetTooFar,
    /// An option that nobody knows.
    UnknownOption,
    /// A line that is neither an option nor a scratch code.
    UnknownLine,
    /// More scratch codes than an account can have.
    TooManyCodes,
    /// The window was wider than can be kept; it is so many time steps both ways now.
    WindowCut(u32),
    /// Others than the owner could read the file.
    OthersCanRead,
    /// The PIN stays behind.
    PinLeft,
    /// A kind of token that this version does not know.
    UnknownType,
    /// The line ends before the user name.
    NoUser,
    /// The name cannot be a user's.
    BadUser,
    /// The moving factor is no number.
    BadCounter,
    /// The time of the last use is no time.
    BadTime,
    /// The last code is no code.
    BadLastCode,
    /// Nothing of the user is taken before that line is mended.
    Waits(usize),
    /// The user has made newer recovery codes.
    NewerCodes,
    /// The line is a comment.
    Comment,
    /// It is the same token as on that line.
    SameAsLine(usize),
    /// The user has as many tokens as an account can have.
    TooManyTokens,
    /// The line is no otpauth URI of a kind that is known.
    NotOtpauth,
    /// The line is an export of the Google Authenticator app.
    Migration,
    /// The otpauth URI is broken.
    BrokenUri,
    /// The otpauth URI asks for codes of a length that is not known.
    BadDigits,
    /// The otpauth URI asks for a time step that is not possible.
    BadPeriod,
    /// The otpauth URI asks for a hash that is not known.
    BadAlgorithm,
    /// The user's home directory is not there.
    NoHome,
    /// The file is not there.
    NoFile,
    /// The file, or a directory on the way to it, is a symbolic link.
    Symlink,
    /// What is there is no file.
    NotAFile,
    /// The file belongs to somebody else.
    OtherOwner,
    /// Others could have written the file.
    OthersCanWrite,
    /// The file is too large to be what it should be.
    TooLarge,
    /// The file or line is not text.
    NotText,
    /// The file cannot be read, as the system says.
    Unreadable(String),
    /// The file's disk does not answer.
    NoAnswer,
    /// There is no such user.
    NoSuchUser,
    /// Under the name lies an enrollment of an earlier user.
    EarlierUser,
    /// The user is enrolled with another token.
    Enrolled,
    /// The daemon could not store it.
    NotStored,
    /// The daemon has too much under way.
    Busy,
    /// The daemon refused it with these words.
    Refused(String),
    /// The daemon went away, and nobody knows whether it was stored.
    WentAway,
}

impl Why {
    /// The name of its message.
    const fn name(&self) -> &'static str {
        match self {
            Self::NoSecret => "import-why-no-secret",
            Self::NotBase32 => "import-why-not-base32",
            Self::NotHex => "import-why-not-hex",
            Self::TooShort(_) => "import-why-too-short",
            Self::TooLong(_) => "import-why-too-long",
            Self::NoKind => "import-why-no-kind",
            Self::BadOption(_) => "import-why-bad-option",
            Self::OffsetTooFar => "import-why-offset-too-far",
            Self::UnknownOption => "import-why-unknown-option",
            Self::UnknownLine => "import-why-unknown-line",
            Self::TooManyCodes => "import-why-too-many-codes",
            Self::WindowCut(_) => "import-why-window-cut",
            Self::OthersCanRead => "import-why-others-can-read",
            Self::PinLeft => "import-why-pin-left",
            Self::UnknownType => "import-why-unknown-type",
            Self::NoUser => "import-why-no-user",
            Self::BadUser => "import-why-bad-user",
            Self::BadCounter => "import-why-bad-counter",
            Self::BadTime => "import-why-bad-time",
            Self::BadLastCode => "import-why-bad-last-code",
            Self::Waits(_) => "import-why-waits",
            Self::NewerCodes => "import-why-newer-codes",
            Self::Comment => "import-why-comment",
            Self::SameAsLine(_) => "import-why-same-as-line",
            Self::TooManyTokens => "import-why-too-many-tokens",
            Self::NotOtpauth => "import-why-not-otpauth",
            Self::Migration => "import-why-migration",
            Self::BrokenUri => "import-why-broken-uri",
            Self::BadDigits => "import-why-bad-digits",
            Self::BadPeriod => "import-why-bad-period",
            Self::BadAlgorithm => "import-why-bad-algorithm",
            Self::NoHome => "import-why-no-home",
            Self::NoFile => "import-why-no-file",
            Self::Symlink => "import-why-symlink",
            Self::NotAFile => "import-why-not-a-file",
            Self::OtherOwner => "import-why-other-owner",
            Self::OthersCanWrite => "import-why-others-can-write",
            Self::TooLarge => "import-why-too-large",
            Self::NotText => "import-why-not-text",
            Self::Unreadable(_) => "import-why-unreadable",
            Self::NoAnswer => "import-why-no-answer",
            Self::NoSuchUser => "import-why-no-such-user",
            Self::EarlierUser => "import-why-earlier-user",
            Self::Enrolled => "import-why-enrolled",
            Self::NotStored => "import-why-not-stored",
            Self::Busy => "import-why-busy",
            Self::Refused(_) => "import-why-refused",
            Self::WentAway => "import-why-went-away",
        }
    }

    /// Would a user who is taken without this lack a token or a code? Of a line that nobody knows the
    /// answer is yes; options, comments and what stands there twice let nobody in.
    pub const fn is_a_loss(&self) -> bool {
        !matches!(
            self,
            Self::UnknownOption | Self::Comment | Self::SameAsLine(_)
        )
    }

    /// The word for it in `--json`.
    pub fn word(&self) -> &'static str {
        let name = self.name();
        name.strip_prefix("import-why-").unwrap_or(name)
    }

    fn values(&self) -> Vec<(&'static str, Value<'_>)> {
        match self {
            Self::TooShort(bytes) | Self::TooLong(bytes) => vec![("bytes", Value::from(*bytes))],
            Self::BadOption(option) => vec![("option", Value::from(*option))],
            Self::WindowCut(steps) => vec![("steps", Value::from(*steps))],
            Self::Waits(line) | Self::SameAsLine(line) => vec![("line", Value::from(*line))],
            Self::Unreadable(error) | Self::Refused(error) => {
                vec![("error", Value::from(Printable(error).to_string()))]
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words().text(self.name(), &self.values()))
    }
}

#[cfg(test)]
mod tests {
    use countersign_words::{Language, Words};

    use super::*;

    /// Every reason. The compiler asks for a new one's name; the catalogue's own test for its use.
    fn all() -> Vec<Why> {
        vec![
            Why::NoSecret,
            Why::NotBase32,
            Why::NotHex,
            Why::TooShort(7),
            Why::TooLong(7),
            Why::NoKind,
            Why::BadOption("STEP_SIZE"),
            Why::OffsetTooFar,
            Why::UnknownOption,
            Why::UnknownLine,
            Why::TooManyCodes,
            Why::WindowCut(10),
            Why::OthersCanRead,
            Why::PinLeft,
            Why::UnknownType,
            Why::NoUser,
            Why::BadUser,
            Why::BadCounter,
            Why::BadTime,
            Why::BadLastCode,
            Why::Waits(7),
            Why::NewerCodes,
            Why::Comment,
            Why::SameAsLine(7),
            Why::TooManyTokens,
            Why::NotOtpauth,
            Why::Migration,
            Why::BrokenUri,
            Why::BadDigits,
            Why::BadPeriod,
            Why::BadAlgorithm,
            Why::NoHome,
            Why::NoFile,
            Why::Symlink,
            Why::NotAFile,
            Why::OtherOwner,
            Why::OthersCanWrite,
            Why::TooLarge,
            Why::NotText,
            Why::Unreadable("text".into()),
            Why::NoAnswer,
            Why::NoSuchUser,
            Why::EarlierUser,
            Why::Enrolled,
            Why::NotStored,
            Why::Busy,
            Why::Refused("text".into()),
            Why::WentAway,
        ]
    }

    #[test]
    fn every_reason_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            let words = Words::of_tool(*language);
            let mut seen = std::collections::BTreeSet::new();
            for why in all() {
                let text = words.text(why.name(), &why.values());
                assert!(
                    !text.starts_with("import-") && !text.contains('{'),
                    "{text}"
                );
                assert!(seen.insert(text.clone()), "twice: {text}");
            }
        }
    }

    #[test]
    fn what_the_system_or_the_daemon_says_cannot_write_to_the_terminal() {
        for why in [
            Why::Unreadable("\u{1b}[2J".into()),
            Why::Refused("\u{1b}[2J".into()),
        ] {
            assert!(!why.to_string().contains('\u{1b}'));
        }
    }
}
