use std::fmt;

use zeroize::Zeroizing;

/// What a person typed when asked for a code: an authenticator code, a recovery code or a
/// temporary code, without the spaces and dashes that people put in, in lower case.
///
/// The memory is wiped on drop, and neither `Debug` nor any error shows what is in it.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// The longest input that is looked at, in bytes. The longest real code has 14.
    pub const MAX_BYTES: usize = 64;

    /// Takes what was typed. An error means that it cannot be anybody's code.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        if typed.len() > Self::MAX_BYTES {
            return Err(CodeError::TooLong);
        }
        let mut code = Zeroizing::new(String::with_capacity(typed.len()));
        for c in typed.chars().filter(|c| !matches!(c, ' ' | '-' | '\t')) {
            if !c.is_ascii_alphanumeric() {
                return Err(CodeError::NotACode);
            }
            code.push(c.to_ascii_lowercase());
        }
        if code.is_empty() {
            Err(CodeError::Empty)
        } else {
            Ok(Self(code))
        }
    }

    /// The normalized code. Whoever takes it out keeps it out of logs and errors.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Why an input is no code. Says nothing of what was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// Nothing but spaces and dashes.
    Empty,
    /// More than [`Code::MAX_BYTES`].
    TooLong,
    /// Something besides ASCII letters and digits.
    NotACode,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no code was given",
            Self::TooLong => "that is too long for a code",
            Self::NotACode => "a code has only the letters a to z and digits",
        })
    }
}

impl std::error::Error for CodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_put_between_is_dropped() {
        assert_eq!(Code::parse(" 123 456").unwrap().expose(), "123456");
        assert_eq!(
            Code::parse("ABCD-efgh-2345").unwrap().expose(),
            "abcdefgh2345"
        );
    }

    #[test]
    fn no_code_is_an_error() {
        assert_eq!(Code::parse("").unwrap_err(), CodeError::Empty);
        assert_eq!(Code::parse(" - ").unwrap_err(), CodeError::Empty);
        assert_eq!(
            Code::parse(&"1".repeat(65)).unwrap_err(),
            CodeError::TooLong
        );
        for typed in ["１２３４５６", "12\n3456", "123456\0", "12345é"] {
            assert_eq!(Code::parse(typed).unwrap_err(), CodeError::NotACode);
        }
    }

    #[test]
    fn debug_keeps_the_secret() {
        assert_eq!(format!("{:?}", Code::parse("123456").unwrap()), "Code(…)");
    }
}
