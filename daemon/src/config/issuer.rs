use std::fmt;

/// What authenticator apps show before the user name: the provider of the account in the Key URI
/// format. Never empty, so that accounts of two hosts can be told apart in an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuer(String);

impl Issuer {
    /// The longest issuer, in bytes: that of a host name (RFC 1035 §2.3.4) and small enough for a
    /// QR code on a terminal.
    pub const MAX_BYTES: usize = 255;

    /// Checks an issuer that came from outside.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        if text.trim().is_empty() {
            return Err(IssuerError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(IssuerError::TooLong { bytes: text.len() });
        }
        match text.chars().find(|&c| forbidden(c)) {
            Some(found) => Err(IssuerError::Forbidden { found }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The issuer for a host of that name. A name that would not do (nothing keeps a kernel from
    /// having one) becomes `localhost`.
    pub(super) fn of_host(host_name: &str) -> Self {
        Self::parse(host_name).unwrap_or_else(|_| Self("localhost".to_owned()))
    }

    /// The issuer as text, not percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A colon ends the issuer in the label of an otpauth URI; control characters end up on terminals.
fn forbidden(c: char) -> bool {
    c.is_control() || c == ':'
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no issuer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IssuerError {
    /// Nothing but blanks.
    Empty,
    /// Longer than [`Issuer::MAX_BYTES`].
    TooLong {
        /// The length that came, in bytes.
        bytes: usize,
    },
    /// A control character or a colon.
    Forbidden {
        /// The first such character.
        found: char,
    },
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong { bytes } => write!(
                f,
                "it is {bytes} bytes long; at most {} are allowed",
                Issuer::MAX_BYTES
            ),
            Self::Forbidden { found } => {
                write!(
                    f,
                    "it has the character U+{:04X}, which is not allowed",
                    *found as u32
                )
            }
        }
    }
}

impl std::error::Error for IssuerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_give_are_taken() {
        for name in ["login.example.org", "Zoë & Co.", "web-01"] {
            assert_eq!(Issuer::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_host_without_a_usable_name_has_an_issuer() {
        for name in ["", "a:b", "a\u{1b}[2J"] {
            assert_eq!(Issuer::of_host(name).as_str(), "localhost");
        }
        assert_eq!(Issuer::of_host("web-01").as_str(), "web-01");
    }
}
