use std::fmt;

use countersign_bus::UserName;

use super::{Network, Origin};

/// What a rule asks of the logins that it matches, from the mildest to the strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Require {
    /// Nobody is asked for a code.
    Never,
    /// Whoever is enrolled is asked.
    IfEnrolled,
    /// Everybody is asked, and whoever is not enrolled is refused.
    Always,
}

impl Require {
    /// All of them, from the mildest to the strictest.
    pub const ALL: &[Self] = &[Self::Never, Self::IfEnrolled, Self::Always];

    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::IfEnrolled => "if-enrolled",
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

/// One rule of the policy. It matches a login when all its conditions do; a condition that is
/// absent matches every login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The user is one of these, by exact name. No group and no pattern.
    pub users: Option<Vec<UserName>>,
    /// The PAM service is one of these, by exact name.
    pub services: Option<Vec<String>>,
    /// The remote host's address is in one of these. A login without a remote host is in none, and
    /// neither is one whose remote host is told as a name. So a rule that names networks can relax
    /// safely; one that tightens should leave them out and come after those that relax.
    pub networks: Option<Vec<Network>>,
    /// `true`: no remote host was named; `false`: one was, by address or by name.
    pub local: Option<bool>,
    /// What matching logins need.
    pub require: Require,
}

impl Rule {
    /// Does the rule match this login?
    pub(super) fn matches(&self, user: &UserName, service: &str, origin: Origin) -> bool {
        self.could_match(user)
            && self
                .services
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|s| s == service))
            && self.networks.as_ref().is_none_or(|listed| match origin {
                Origin::Address(address) => listed.iter().any(|range| range.contains(address)),
                Origin::Local | Origin::Named => false,
            })
            && self
                .local
                .is_none_or(|local| local == (origin == Origin::Local))
    }

    /// Is there a service and an origin with which the rule matches a login of this user?
    pub(super) fn could_match(&self, user: &UserName) -> bool {
        self.users
            .as_ref()
            .is_none_or(|listed| listed.contains(user))
    }

    /// Does the rule match this user's logins whatever the service and the origin, so that no
    /// later rule is ever asked?
    pub(super) fn always_matches(&self, user: &UserName) -> bool {
        self.could_match(user)
            && self.services.is_none()
            && self.networks.is_none()
            && self.local.is_none()
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
        for word in ["", "Never", "if_enrolled", "enroll"] {
            assert_eq!(Require::from_word(word), None);
        }
    }
}
