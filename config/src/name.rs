use std::fmt;

use serde::{Deserialize, Serialize};

/// What a person calls one of the own tokens, for example `phone`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenName(String);

/// The name that an app shows before the user name: who issued the token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer(String);

/// The longest token name or issuer, in characters.
const MAX_CHARS: usize = 64;

/// A `:` parts issuer and user name in the label of an otpauth URI, so neither may have one.
fn check(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().count() > MAX_CHARS {
        Err(NameError::TooLong)
    } else if name.chars().any(|c| c.is_control() || c == ':') {
        Err(NameError::Forbidden)
    } else {
        Ok(())
    }
}

impl TokenName {
    /// Checks a name that came from outside.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        Self::try_from(name.to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Issuer {
    /// The issuer for a host of that name. A name that would not do (nothing keeps a kernel from
    /// having one) becomes `localhost`.
    pub fn of_host(host_name: &str) -> Self {
        Self::parse(host_name).unwrap_or_else(|_| Self("localhost".to_owned()))
    }

    /// Checks a name that came from outside.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        Self::try_from(name.to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TokenName {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        check(&name).map(|()| Self(name))
    }
}

impl TryFrom<String> for Issuer {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        check(&name).map(|()| Self(name))
    }
}

impl From<TokenName> for String {
    fn from(name: TokenName) -> Self {
        name.0
    }
}

impl From<Issuer> for String {
    fn from(name: Issuer) -> Self {
        name.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a token name or an issuer was refused. The text never repeats the name: it may hold
/// terminal controls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// Nothing, or nothing but blanks.
    Empty,
    /// More than 64 characters.
    TooLong,
    /// A control character or `:`.
    Forbidden,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the name is empty",
            Self::TooLong => "the name is longer than 64 characters",
            Self::Forbidden => "the name has a control character or a colon, which is not allowed",
        })
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["phone", "Zoë's phone", "a", &"ü".repeat(64)] {
            assert_eq!(TokenName::parse(name).unwrap().as_str(), name);
            assert_eq!(Issuer::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_break_a_label_or_a_terminal_are_refused() {
        assert_eq!(TokenName::parse(""), Err(NameError::Empty));
        assert_eq!(TokenName::parse("  "), Err(NameError::Empty));
        assert_eq!(TokenName::parse(&"x".repeat(65)), Err(NameError::TooLong));
        for name in ["a:b", "a\nb", "\u{1b}[2J", "a\u{85}b"] {
            assert_eq!(TokenName::parse(name), Err(NameError::Forbidden));
            assert_eq!(Issuer::parse(name), Err(NameError::Forbidden));
        }
    }
}
