//! The closed sets of words that travel as strings. A word that a client does not know is a no.

use std::fmt;
use std::str::FromStr;

/// A word outside the set that this version knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownWord;

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the daemon answered with a word that this version does not know")
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every word of the set.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a login needs, as `Login.Prepare` answers.
    Requirement {
        /// No code: the policy says so, or the user is not enrolled and need not be.
        None = "none",
        /// Ask for a code.
        Code = "code",
        /// Let the user enroll first.
        Enroll = "enroll",
        /// Do not let the user in.
        Denied = "denied",
    }
}

words! {
    /// What became of a code, as `Login.Verify` answers.
    Verdict {
        /// Right, and spent.
        Accepted = "accepted",
        /// Not right.
        Wrong = "wrong",
        /// Right, but it was accepted before.
        Used = "used",
        /// Not looked at: too many wrong codes from this source; see [`crate::keys::RETRY_AFTER`].
        Throttled = "throttled",
        /// Not looked at: only a recovery code, a temporary code or an administrator helps now.
        Locked = "locked",
    }
}

words! {
    /// Which code is spent for good, in the details of [`Verdict::Used`]. A code of a token is not
    /// among them: the next one is good again.
    Spent {
        /// A recovery code.
        RecoveryCode = "recovery-code",
        /// An administrator's temporary code.
        TemporaryCode = "temporary-code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_no_other_does() {
        for word in Requirement::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in Verdict::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in Spent::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in ["", "Accepted", "accepted ", "yes"] {
            assert_eq!(word.parse::<Verdict>(), Err(UnknownWord));
        }
    }
}
