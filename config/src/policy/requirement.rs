use countersign_bus::{Requirement, UserName};

use super::{Context, Origin, Require, Rule};

/// Has the user an active token?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enrolled {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Cannot tell: the record cannot be read, is damaged or is another person's.
    Unknown,
}

/// The rules in the order in which they are asked. The first that matches decides; where none
/// does, whoever is enrolled is asked for a code ([`Require::IfEnrolled`]).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    rules: Vec<Rule>,
}

impl Policy {
    /// A policy of these rules, in this order.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What this login needs.
    ///
    /// A user who must have a code and is not enrolled gets the same answer as one who is: asked
    /// and refused, so that the answer does not tell them apart. Where it matters whether the user
    /// is enrolled and nobody can tell, the login is denied.
    pub fn requirement(
        &self,
        user: &UserName,
        context: &Context<'_>,
        enrolled: Enrolled,
    ) -> Requirement {
        match (self.require(user, context), enrolled) {
            (Require::Never, _) | (Require::IfEnrolled, Enrolled::No) => Requirement::None,
            (_, Enrolled::Unknown) => Requirement::Denied,
            (Require::IfEnrolled, Enrolled::Yes)
            | (Require::Always, Enrolled::Yes | Enrolled::No) => Requirement::Code,
        }
    }

    fn require(&self, user: &UserName, context: &Context<'_>) -> Require {
        match *context {
            // Root's programs name their service. One that does not could be any of them.
            Context::Untrusted | Context::Trusted { service: "", .. } => self.strictest(user),
            Context::Trusted { service, rhost, .. } => {
                let origin = Origin::from_rhost(rhost);
                self.rules
                    .iter()
                    .find(|rule| rule.matches(user, service, origin))
                    .map_or(Require::IfEnrolled, |rule| rule.require)
            }
        }
    }

    /// The strictest of the rules that some login of this user could meet. Rules behind one that
    /// matches all the user's logins are never met, nor is the implicit last one then.
    fn strictest(&self, user: &UserName) -> Require {
        let mut strictest = Require::Never;
        for rule in self.rules.iter().filter(|rule| rule.could_match(user)) {
            strictest = strictest.max(rule.require);
            if rule.always_matches(user) {
                return strictest;
            }
        }
        strictest.max(Require::IfEnrolled)
    }
}

#[cfg(test)]
#[allow(
    clippy::unnecessary_wraps,
    reason = "they make the optional fields of a rule"
)]
mod tests {
    use Enrolled::{No, Unknown, Yes};
    use Require::{Always, IfEnrolled, Never};

    use super::super::Network;
    use super::*;

    const ANY: Rule = Rule {
        users: None,
        services: None,
        networks: None,
        local: None,
        require: Require::Never,
    };

    fn user(name: &str) -> UserName {
        UserName::parse(name).unwrap()
    }

    fn users(names: &[&str]) -> Option<Vec<UserName>> {
        Some(names.iter().map(|name| user(name)).collect())
    }

    fn services(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn networks(ranges: &[&str]) -> Option<Vec<Network>> {
        Some(ranges.iter().map(|range| range.parse().unwrap()).collect())
    }

    fn login<'a>(service: &'a str, rhost: &'a str) -> Context<'a> {
        Context::Trusted {
            service,
            tty: "",
            rhost,
        }
    }

    /// What unlike users, services and origins meet with one rule of each kind.
    #[test]
    fn the_first_rule_whose_conditions_all_match_decides() {
        let policy = Policy::new(vec![
            Rule {
                users: users(&["rescue"]),
                local: Some(true),
                ..ANY
            },
            Rule {
                users: users(&["backup", "git"]),
                services: services(&["sshd"]),
                ..ANY
            },
            Rule {
                networks: networks(&["10.0.0.0/8", "2001:db8::/32"]),
                ..ANY
            },
            Rule {
                services: services(&["sshd"]),
                require: Require::Always,
                ..ANY
            },
            Rule {
                local: Some(false),
                require: Require::IfEnrolled,
                ..ANY
            },
            Rule {
                services: services(&["cron"]),
                ..ANY
            },
        ]);
        for (name, service, rhost, met) in [
            ("rescue", "login", "", Never),
            ("rescue", "sshd", "192.0.2.1", Always),
            ("Rescue", "login", "", IfEnrolled),
            ("git", "sshd", "192.0.2.1", Never),
            ("git", "sudo", "", IfEnrolled),
            ("gi", "sshd", "192.0.2.1", Always),
            ("alice", "sshd", "10.1.2.3", Never),
            ("alice", "sshd", "::ffff:10.1.2.3", Never),
            ("alice", "sshd", "2001:db8::1", Never),
            ("alice", "sshd", "11.1.2.3", Always),
            ("alice", "sshd", "", Always),
            ("alice", "sshd", "intranet.example.org", Always),
            ("alice", "SSHD", "intranet.example.org", IfEnrolled),
            ("alice", "sshd ", "192.0.2.1", IfEnrolled),
            ("alice", "cockpit", "192.0.2.1", IfEnrolled),
            ("alice", "cron", "192.0.2.1", IfEnrolled),
            ("alice", "cron", "", Never),
            ("alice", "sudo", "", IfEnrolled),
        ] {
            let context = login(service, rhost);
            assert_eq!(
                policy.require(&user(name), &context),
                met,
                "{name} {service} {rhost:?}"
            );
        }
    }

    #[test]
    fn without_rules_whoever_is_enrolled_is_asked() {
        let policy = Policy::default();
        for context in [
            login("sshd", "192.0.2.1"),
            login("cron", ""),
            Context::Untrusted,
        ] {
            assert_eq!(
                policy.require(&user("alice"), &context),
                Require::IfEnrolled
            );
        }
    }

    #[test]
    fn an_untrusted_caller_meets_the_strictest_rule_of_the_user() {
        let relax = |rule: Rule| Rule {
            require: Require::Never,
            ..rule
        };
        let sshd = Rule {
            services: services(&["sshd"]),
            require: Require::Always,
            ..ANY
        };
        let office = Rule {
            networks: networks(&["10.0.0.0/8"]),
            ..ANY
        };
        let alice = Rule {
            users: users(&["alice"]),
            ..ANY
        };
        for (rules, met) in [
            // A rule for some logins only leaves the implicit last one to be met.
            (vec![relax(sshd.clone())], IfEnrolled),
            (vec![office.clone()], IfEnrolled),
            (
                vec![Rule {
                    local: Some(true),
                    ..ANY
                }],
                IfEnrolled,
            ),
            (vec![office.clone(), sshd.clone()], Always),
            // Every login of everybody, or of this user.
            (vec![ANY], Never),
            (vec![alice.clone()], Never),
            (vec![sshd.clone(), ANY], Always),
            // What comes after is never met.
            (vec![ANY, sshd.clone()], Never),
            (vec![alice, sshd.clone()], Never),
            // Other people's rules are not this user's.
            (
                vec![Rule {
                    users: users(&["bob"]),
                    ..ANY
                }],
                IfEnrolled,
            ),
            (
                vec![
                    Rule {
                        users: users(&["bob"]),
                        ..sshd
                    },
                    ANY,
                ],
                Never,
            ),
        ] {
            let policy = Policy::new(rules);
            assert_eq!(
                policy.require(&user("alice"), &Context::Untrusted),
                met,
                "{policy:?}"
            );
            assert_eq!(
                policy.require(&user("alice"), &login("", "10.0.0.1")),
                met,
                "{policy:?}"
            );
        }
    }

    /// No claim of service and origin that root could have made is stricter than what an untrusted
    /// caller meets, over every policy of up to three rules out of a mixed set.
    #[test]
    fn the_strictest_reading_is_never_milder_than_any_login() {
        let mut set = Vec::new();
        for require in Require::ALL {
            for users in [None, users(&["alice"]), users(&["bob"])] {
                for (services, networks, local) in [
                    (None, None, None),
                    (services(&["sshd"]), None, None),
                    (None, networks(&["10.0.0.0/8"]), None),
                    (None, None, Some(true)),
                ] {
                    let users = users.clone();
                    set.push(Rule {
                        users,
                        services,
                        networks,
                        local,
                        require: *require,
                    });
                }
            }
        }
        let alice = user("alice");
        for a in &set {
            for b in &set {
                for c in &set {
                    let policy = Policy::new(vec![a.clone(), b.clone(), c.clone()]);
                    let strictest = policy.require(&alice, &Context::Untrusted);
                    for service in ["sshd", "cron"] {
                        for rhost in ["", "10.0.0.1", "192.0.2.1", "name"] {
                            let met = policy.require(&alice, &login(service, rhost));
                            assert!(met <= strictest, "{service} {rhost:?} {policy:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_required_and_who_is_enrolled_make_the_answer() {
        for (require, enrolled, answer) in [
            (Require::Never, Yes, Requirement::None),
            (Require::Never, No, Requirement::None),
            (Require::Never, Unknown, Requirement::None),
            (Require::IfEnrolled, Yes, Requirement::Code),
            (Require::IfEnrolled, No, Requirement::None),
            (Require::IfEnrolled, Unknown, Requirement::Denied),
            (Require::Always, Yes, Requirement::Code),
            (Require::Always, No, Requirement::Code),
            (Require::Always, Unknown, Requirement::Denied),
        ] {
            let policy = Policy::new(vec![Rule { require, ..ANY }]);
            let context = login("sshd", "192.0.2.1");
            assert_eq!(
                policy.requirement(&user("alice"), &context, enrolled),
                answer,
                "{require} {enrolled:?}"
            );
        }
    }
}
