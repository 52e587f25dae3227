use std::fmt;

/// What a rule asks of the logins that it matches, from the mildest to the strictest.
///
/// `enroll` is milder than `always`: whoever has the password of somebody who is not enrolled is
/// refused by `always`, and by `enroll` sets up an authenticator of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Require {
    /// Nobody is asked for a code.
    Never,
    /// Whoever is enrolled is asked.
    IfEnrolled,
    /// Whoever is enrolled is asked, and whoever is not enrolls in the login.
    Enroll,
    /// Everybody is asked, and whoever is not enrolled is refused.
    Always,
}

impl Require {
    /// All of them, from the mildest to the strictest.
    pub const ALL: &[Self] = &[Self::Never, Self::IfEnrolled, Self::Enroll, Self::Always];

    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::IfEnrolled => "if-enrolled",
            Self::Enroll => "enroll",
            Self::Always => "always",
        }
    }

    /// The meaning of a word in the configuration.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|require| require.as_str() == word)
    }
}

impl fmt::Display for Require {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_no_other_does() {
        for require in Require::ALL {
            assert_eq!(Require::from_word(require.as_str()), Some(*require));
        }
        for word in ["", "Never", "if_enrolled", "Enroll"] {
            assert_eq!(Require::from_word(word), None);
        }
    }
}
