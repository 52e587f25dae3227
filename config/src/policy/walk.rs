use countersign_bus::UserName;

use super::rule::{Fit, Place};
use super::{Condition, Context, Membership, Memberships, Origin, Rule, Ruling};
use crate::GroupName;

/// What became of one rule on the way to a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// This condition does not match.
    Skipped(Condition),
    /// It matches, and decides unless an earlier one does.
    Matches,
    /// It would match, if the user is in a group of which nobody can tell.
    DependsOnGroups,
    /// It matches with some services or origins, and which it is is not known.
    DependsOnPlace,
    /// An earlier rule decides.
    NotReached,
}

impl Step {
    /// Could this rule be the one that decides?
    pub const fn is_met(self) -> bool {
        match self {
            Self::Matches | Self::DependsOnGroups | Self::DependsOnPlace => true,
            Self::Skipped(_) | Self::NotReached => false,
        }
    }
}

/// The way of a login through the rules, to the first that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Walk {
    /// What became of each rule, in order.
    pub steps: Vec<Step>,
    /// Could it be that none of them matches?
    pub reaches_end: bool,
    /// The strictest of what the login could meet.
    pub ruling: Ruling,
    /// The first group of which it matters whether the user is in it, and that was not asked for.
    pub open_question: Option<GroupName>,
}

/// Goes through the rules with what is known.
///
/// Where nobody can tell whether the user is in a group, both answers are followed: a rule is met if
/// there is a way to answer with which it is the first that matches. That the same group is in
/// several rules is seen: whoever passes the first of them is not in the group, and passes the others.
pub(super) fn walk(
    rules: &[Rule],
    user: &UserName,
    context: &Context<'_>,
    known: &Memberships,
) -> Walk {
    let place = match *context {
        // Root's programs name their service. One that does not could be any of them.
        Context::Untrusted | Context::Trusted { service: "", .. } => Place::Any,
        Context::Trusted { service, rhost, .. } => Place::Known {
            service,
            origin: Origin::from_rhost(rhost),
        },
    };
    let mut steps = Vec::with_capacity(rules.len());
    let mut met: Option<Ruling> = None;
    let mut open_question = None;
    // Groups that the user is not in, if the login comes this far.
    let mut ruled_out: Vec<&GroupName> = Vec::new();
    for rule in rules {
        let fit = rule.fit(user, place);
        let step = match (fit, groups(rule, known, &ruled_out)) {
            (Fit::Fails(condition), _) => Step::Skipped(condition),
            (_, Groups::Fail) => Step::Skipped(Condition::Groups),
            (Fit::CanMatch, Groups::Match) => Step::DependsOnPlace,
            (Fit::Matches, Groups::Match) => Step::Matches,
            (_, Groups::Open { groups, question }) => {
                open_question = open_question.or(question);
                if fit == Fit::Matches {
                    ruled_out.extend(groups);
                }
                Step::DependsOnGroups
            }
        };
        steps.push(step);
        if step.is_met() {
            let ruling = Ruling::of(rule);
            met = Some(met.map_or(ruling, |met| met.strictest(ruling)));
        }
        if step == Step::Matches {
            break;
        }
    }
    let reaches_end = steps.last() != Some(&Step::Matches);
    if reaches_end {
        met = Some(met.map_or(Ruling::IMPLICIT, |met| met.strictest(Ruling::IMPLICIT)));
    }
    steps.resize(rules.len(), Step::NotReached);
    Walk {
        steps,
        reaches_end,
        ruling: met.unwrap_or(Ruling::IMPLICIT),
        open_question,
    }
}

/// What the groups of a rule say.
enum Groups<'r> {
    /// The user is in one of them, or there is no such condition.
    Match,
    /// The user is in none of them.
    Fail,
    /// Nobody can tell.
    Open {
        /// Those in question.
        groups: Vec<&'r GroupName>,
        /// The first of them that was not asked for.
        question: Option<GroupName>,
    },
}

fn groups<'r>(rule: &'r Rule, known: &Memberships, ruled_out: &[&GroupName]) -> Groups<'r> {
    let Some(listed) = &rule.groups else {
        return Groups::Match;
    };
    if listed.iter().any(|it| known.of(it) == Membership::Member) {
        return Groups::Match;
    }
    let groups: Vec<_> = listed
        .iter()
        .filter(|it| known.of(it) == Membership::CannotTell && !ruled_out.contains(it))
        .collect();
    if groups.is_empty() {
        return Groups::Fail;
    }
    let question = groups.iter().find(|it| known.known(it).is_none());
    let question = question.map(|it| (*it).clone());
    Groups::Open { groups, question }
}

#[cfg(test)]
mod tests {
    use Condition::{Groups, Local, Networks, Services, Users};

    use super::super::fixtures::{ANY, groups, login, networks, services, user, users};
    use super::super::{Policy, Require};
    use super::*;

    fn group(name: &str) -> GroupName {
        GroupName::parse(name).unwrap()
    }

    /// Where each rule stopped to matter, and why.
    #[test]
    fn a_walk_tells_each_rule_apart() {
        let policy = Policy::new(vec![
            Rule {
                users: users(&["bob"]),
                ..ANY
            },
            Rule {
                services: services(&["cron"]),
                ..ANY
            },
            Rule {
                networks: networks(&["192.0.2.0/24"]),
                ..ANY
            },
            Rule {
                local: Some(true),
                ..ANY
            },
            Rule {
                groups: groups(&["x"]),
                ..ANY
            },
            Rule {
                groups: groups(&["y"]),
                require: Require::Always,
                ..ANY
            },
            Rule {
                groups: groups(&["y"]),
                ..ANY
            },
            Rule {
                services: services(&["sshd"]),
                ..ANY
            },
            ANY,
        ]);
        let known = [
            (group("x"), Membership::NotMember),
            (group("y"), Membership::CannotTell),
        ];
        let known = known.into_iter().collect();
        let walk = policy.walk(&user("alice"), &login("sshd", "10.0.0.1"), &known);
        assert_eq!(
            walk.steps,
            [
                Step::Skipped(Users),
                Step::Skipped(Services),
                Step::Skipped(Networks),
                Step::Skipped(Local),
                Step::Skipped(Groups),
                Step::DependsOnGroups,
                // Whoever came past the rule before is not in its group.
                Step::Skipped(Groups),
                Step::Matches,
                Step::NotReached,
            ]
        );
        assert!(!walk.reaches_end);
        assert_eq!(walk.ruling.require, Require::Always);

        let walk = policy.walk(&user("alice"), &Context::Untrusted, &known);
        assert_eq!(walk.steps[7..], [Step::DependsOnPlace, Step::Matches]);
        assert!(
            Policy::default()
                .walk(&user("alice"), &Context::Untrusted, &known)
                .reaches_end
        );
    }
}
