use std::fmt;

use countersign_bus::{UserName, UserNameError};

/// The name of a group of the host's user database. What may be in the name of a user may be in that
/// of a group (`EXAMPLE\Domain Admins`), and nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupName(UserName);

impl GroupName {
    /// Checks a name that came from outside.
    pub fn parse(name: &str) -> Result<Self, GroupNameError> {
        UserName::parse(name).map(Self).map_err(GroupNameError)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a name is no group's. The text never repeats the name: it may hold terminal controls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupNameError(pub UserNameError);

impl fmt::Display for GroupNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            UserNameError::Empty => f.write_str("the group name is empty"),
            UserNameError::TooLong { bytes } => write!(
                f,
                "the group name is {bytes} bytes long; at most {} are allowed",
                UserName::MAX_BYTES
            ),
            UserNameError::NotUtf8 => f.write_str("the group name is not UTF-8 text"),
            UserNameError::Forbidden { found } => write!(
                f,
                "the group name has the character U+{:04X}, which is not allowed",
                u32::from(found)
            ),
        }
    }
}

impl std::error::Error for GroupNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_and_domain_groups_are_taken_and_each_bad_name_has_its_message() {
        for name in [
            "wheel",
            "EXAMPLE\\Domain Admins",
            "staff@example.org",
            "été",
        ] {
            assert_eq!(GroupName::parse(name).unwrap().to_string(), name);
        }
        let said = |name: &str| GroupName::parse(name).unwrap_err().to_string();
        assert_eq!(said(""), "the group name is empty");
        assert_eq!(
            said(&"x".repeat(256)),
            "the group name is 256 bytes long; at most 255 are allowed"
        );
        assert_eq!(
            said("a:b"),
            "the group name has the character U+003A, which is not allowed"
        );
    }
}
