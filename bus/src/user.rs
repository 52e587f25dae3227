use std::fmt;

/// A login name that is safe to look up, to store and to print.
///
/// Names of domain accounts are allowed (`EXAMPLE\jane doe`, `jane@example.org`); what could break
/// out of a line, a path or `/etc/passwd` is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UserName(String);

impl UserName {
    /// The longest name, in bytes: `LOGIN_NAME_MAX` of Linux less the closing NUL.
    pub const MAX_BYTES: usize = 255;

    /// Checks a name that came from outside.
    pub fn parse(name: &str) -> Result<Self, UserNameError> {
        if name.is_empty() {
            return Err(UserNameError::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(UserNameError::TooLong { bytes: name.len() });
        }
        match name
            .chars()
            .find(|c| c.is_control() || matches!(c, '/' | ':'))
        {
            Some(found) => Err(UserNameError::Forbidden { found }),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The same for a name that C handed over, which may be no text at all.
    pub fn from_bytes(name: &[u8]) -> Result<Self, UserNameError> {
        match std::str::from_utf8(name) {
            Ok(name) => Self::parse(name),
            Err(_) => Err(UserNameError::NotUtf8),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a name was refused. The text never repeats the name: it may hold terminal controls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserNameError {
    /// No name at all.
    Empty,
    /// Longer than [`UserName::MAX_BYTES`].
    TooLong {
        /// The length that came, in bytes.
        bytes: usize,
    },
    /// Not text.
    NotUtf8,
    /// A control character, `/` or `:`.
    Forbidden {
        /// The first such character.
        found: char,
    },
}

impl fmt::Display for UserNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the user name is empty"),
            Self::TooLong { bytes } => write!(
                f,
                "the user name is {bytes} bytes long; at most {} are allowed",
                UserName::MAX_BYTES
            ),
            Self::NotUtf8 => f.write_str("the user name is not UTF-8 text"),
            Self::Forbidden { found } => {
                write!(
                    f,
                    "the user name has the character U+{:04X}, which is not allowed",
                    *found as u32
                )
            }
        }
    }
}

impl std::error::Error for UserNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_and_domain_names_are_taken() {
        for name in [
            "alice",
            "a",
            "jane@example.org",
            "EXAMPLE\\jane doe",
            "zoë",
            "svc$",
        ] {
            assert_eq!(UserName::parse(name).unwrap().as_str(), name);
        }
        assert!(UserName::parse(&"x".repeat(255)).is_ok());
    }

    #[test]
    fn each_bad_name_has_its_message() {
        let said = |name: &[u8]| UserName::from_bytes(name).unwrap_err().to_string();
        assert_eq!(said(b""), "the user name is empty");
        assert_eq!(
            said(&[b'x'; 300]),
            "the user name is 300 bytes long; at most 255 are allowed"
        );
        assert_eq!(said(b"al\xffice"), "the user name is not UTF-8 text");
        for (name, point) in [
            ("al\nice", "000A"),
            ("al\u{1b}[2J", "001B"),
            ("a/b", "002F"),
            ("a:b", "003A"),
        ] {
            assert_eq!(
                said(name.as_bytes()),
                format!("the user name has the character U+{point}, which is not allowed")
            );
        }
    }
}
