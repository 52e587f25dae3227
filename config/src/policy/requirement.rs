use countersign_bus::UserName;

use super::walk::walk;
use super::{Context, Memberships, Rule, Ruling, Walk};
use crate::GroupName;

/// The rules in the order in which they are asked. The first that matches decides; where none
/// does, whoever is enrolled is asked for a code ([`Ruling::IMPLICIT`]).
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

    /// What this login needs, as far as the user's groups are known. Where it could meet several
    /// rules, because nobody can tell whether the user is in a group or because the caller is not
    /// believed, it is the strictest of them.
    pub fn ruling(&self, user: &UserName, context: &Context<'_>, known: &Memberships) -> Ruling {
        self.walk(user, context, known).ruling
    }

    /// The next group to look up, if it matters to this login whether the user is in one. Rules that do
    /// not match for another reason, and those behind one that decides, ask nothing.
    pub fn open_question(
        &self,
        user: &UserName,
        context: &Context<'_>,
        known: &Memberships,
    ) -> Option<GroupName> {
        self.walk(user, context, known).open_question
    }

    /// The whole way of a login through the rules.
    pub fn walk(&self, user: &UserName, context: &Context<'_>, known: &Memberships) -> Walk {
        walk(&self.rules, user, context, known)
    }
}

#[cfg(test)]
mod tests {
    use Require::{Always, IfEnrolled, Never};

    use super::super::Require;
    use super::super::fixtures::{ANY, groups, login, networks, services, user, users};
    use super::*;

    fn require(policy: &Policy, name: &str, context: &Context<'_>) -> Require {
        let known = Memberships::default();
        policy.ruling(&user(name), context, &known).require
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
                require(&policy, name, &context),
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
            assert_eq!(require(&policy, "alice", &context), Require::IfEnrolled);
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
                require(&policy, "alice", &Context::Untrusted),
                met,
                "{policy:?}"
            );
            assert_eq!(
                require(&policy, "alice", &login("", "10.0.0.1")),
                met,
                "{policy:?}"
            );
        }
    }

    #[test]
    fn only_groups_that_can_still_matter_are_asked_for() {
        let ask = |groups_listed: &[&str], rule: Rule| Rule {
            groups: groups(groups_listed),
            ..rule
        };
        let policy = Policy::new(vec![
            ask(
                &["bobs"],
                Rule {
                    users: users(&["bob"]),
                    ..ANY
                },
            ),
            ask(
                &["senders"],
                Rule {
                    services: services(&["smtp"]),
                    ..ANY
                },
            ),
            ask(&["wheel", "staff"], ANY),
            ask(&["staff", "guests"], ANY),
            ANY,
            ask(&["never-asked"], ANY),
        ]);
        let mut known = Memberships::default();
        let mut asked = Vec::new();
        let alice = user("alice");
        let sshd = login("sshd", "192.0.2.1");
        while let Some(group) = policy.open_question(&alice, &sshd, &known) {
            asked.push(group.to_string());
            known.learn(group, super::super::Membership::NotMember);
        }
        assert_eq!(asked, ["wheel", "staff", "guests"]);
        let member = |group: &str| -> Memberships {
            let group = crate::GroupName::parse(group).unwrap();
            [(group, super::super::Membership::Member)]
                .into_iter()
                .collect()
        };
        // The rule matches by its second group, and nothing else is of interest.
        assert_eq!(policy.open_question(&alice, &sshd, &member("staff")), None);
        // An untrusted caller could be behind any service.
        let question = policy.open_question(&alice, &Context::Untrusted, &member("staff"));
        assert_eq!(question.unwrap().as_str(), "senders");
    }
}
