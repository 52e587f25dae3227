use countersign_bus::UserName;

use super::{EnrollBy, Network, Origin, Require};
use crate::{GroupName, Seconds};

/// One rule of the policy. It matches a login when all its conditions do; a condition that is
/// absent matches every login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The user is one of these, by exact name. No pattern.
    pub users: Option<Vec<UserName>>,
    /// The user is in one of these groups, as the primary one or a further one.
    pub groups: Option<Vec<GroupName>>,
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
    /// With [`Require::Enroll`]: until when the enrollment may be put off. Absent: not at all.
    pub enroll_by: Option<EnrollBy>,
    /// How long a login that showed a code spares the next ones of the same user from the same place
    /// another one, 1 minute to 30 days. Absent: each login needs its own. Never with [`Require::Never`].
    pub remember: Option<Seconds>,
}

/// A kind of condition of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// `users`.
    Users,
    /// `groups`.
    Groups,
    /// `services`.
    Services,
    /// `networks`.
    Networks,
    /// `local`.
    Local,
}

impl Condition {
    /// The key in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Services => "services",
            Self::Networks => "networks",
            Self::Local => "local",
        }
    }
}

/// What is known of where and how a login takes place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place<'a> {
    /// This service, from there.
    Known { service: &'a str, origin: Origin },
    /// Any service and any origin could be behind it.
    Any,
}

/// Does a rule match, its groups aside?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// It matches.
    Matches,
    /// It matches with some services or origins, and which it is is not known.
    CanMatch,
    /// This condition does not match.
    Fails(Condition),
}

impl Rule {
    /// Does the rule match this login, its groups aside?
    pub(super) fn fit(&self, user: &UserName, place: Place<'_>) -> Fit {
        if self.users.as_ref().is_some_and(|it| !it.contains(user)) {
            return Fit::Fails(Condition::Users);
        }
        match place {
            Place::Any if self.holds_everywhere() => Fit::Matches,
            Place::Any => Fit::CanMatch,
            Place::Known { service, origin } => self.fit_place(service, origin),
        }
    }

    fn fit_place(&self, service: &str, origin: Origin) -> Fit {
        let service_fits = self
            .services
            .as_ref()
            .is_none_or(|listed| listed.iter().any(|it| it == service));
        let network_fits = self.networks.as_ref().is_none_or(|listed| match origin {
            Origin::Address(address) => listed.iter().any(|range| range.contains(address)),
            Origin::Local | Origin::Named => false,
        });
        let is_local = origin == Origin::Local;
        if !service_fits {
            Fit::Fails(Condition::Services)
        } else if !network_fits {
            Fit::Fails(Condition::Networks)
        } else if self.local.is_some_and(|local| local != is_local) {
            Fit::Fails(Condition::Local)
        } else {
            Fit::Matches
        }
    }

    /// Does the rule match whatever the service and the origin?
    pub fn holds_everywhere(&self) -> bool {
        self.services.is_none() && self.networks.is_none() && self.local.is_none()
    }

    /// Does the rule match every login of everybody, so that no later one is ever asked?
    pub fn matches_all(&self) -> bool {
        self.users.is_none() && self.groups.is_none() && self.holds_everywhere()
    }
}
