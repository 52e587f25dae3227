//! What holds for every policy of a mixed set of rules, tried out one by one.

use countersign_bus::Requirement;

use super::fixtures::{ANY, groups, login, networks, services, user};
use super::{Context, EnrollBy, Enrolled, Membership, Memberships, Policy, Require, Rule, Ruling};
use crate::{GroupName, Seconds};

const NOW: u64 = 1000;
const CONTEXTS: [(&str, &str); 6] = [
    ("sshd", "10.0.0.1"),
    ("sshd", "192.0.2.1"),
    ("sshd", ""),
    ("cron", ""),
    ("cron", "10.0.0.1"),
    ("cron", "name"),
];

fn group(name: &str) -> GroupName {
    GroupName::parse(name).unwrap()
}

/// Everything that a rule can ask for, by kind.
fn demands() -> Vec<Rule> {
    let enroll = |by: Option<u64>| Rule {
        require: Require::Enroll,
        enroll_by: by.map(EnrollBy),
        ..ANY
    };
    let remember = |require, length| Rule {
        require,
        remember: Some(Seconds(length)),
        ..ANY
    };
    vec![
        ANY,
        Rule {
            require: Require::IfEnrolled,
            ..ANY
        },
        enroll(None),
        enroll(Some(NOW - 1)),
        enroll(Some(NOW + 1)),
        enroll(Some(NOW + 9)),
        Rule {
            require: Require::Always,
            ..ANY
        },
        remember(Require::IfEnrolled, 600),
        remember(Require::Always, 60),
    ]
}

/// Is what this ruling says to a user at least as strict as what the other says?
fn is_no_milder(ruling: &Ruling, than: &Ruling, context: &Context<'_>) -> bool {
    let strictness = |ruling: &Ruling, enrolled| {
        match ruling.requirement(context, enrolled, NOW) {
            Requirement::None => 0,
            // Who may put it off until later is let in for longer.
            Requirement::Enroll => match ruling.put_off_until(NOW) {
                Some(EnrollBy(by)) => 1000 - (by - NOW),
                None => 1000,
            },
            Requirement::Code => 2000,
            Requirement::Denied => 3000,
        }
    };
    let asks = than.require != Require::Never;
    [Enrolled::Yes, Enrolled::No, Enrolled::Unknown]
        .into_iter()
        .all(|it| strictness(ruling, it) >= strictness(than, it))
        && (!asks || ruling.remember.map_or(0, |it| it.0) <= than.remember.map_or(0, |it| it.0))
}

#[test]
fn the_strictest_of_two_demands_is_milder_than_neither() {
    let rulings: Vec<Ruling> = demands().iter().map(Ruling::of).collect();
    for a in &rulings {
        for b in &rulings {
            let both = a.strictest(*b);
            for context in [login("sshd", ""), Context::Untrusted] {
                assert!(is_no_milder(&both, a, &context), "{a:?} {b:?} {both:?}");
                assert!(is_no_milder(&both, b, &context), "{a:?} {b:?} {both:?}");
            }
            assert_eq!(both, b.strictest(*a), "{a:?} {b:?}");
            for c in &rulings {
                let one = a.strictest(*b).strictest(*c);
                assert_eq!(one, a.strictest(b.strictest(*c)), "{a:?} {b:?} {c:?}");
            }
        }
    }
}

/// Rules of every demand, with groups and with conditions that some logins meet.
fn rules() -> Vec<Rule> {
    let listed = [None, groups(&["x"]), groups(&["y"]), groups(&["x", "y"])];
    let mut set = Vec::new();
    for (number, demand) in demands().into_iter().enumerate() {
        for groups in &listed {
            let groups = groups.clone();
            // Not every pair, or it would take minutes; each kind comes with each.
            let (services, networks, local) = match (number + set.len()) % 5 {
                0 => (services(&["sshd"]), None, None),
                1 => (None, networks(&["10.0.0.0/8"]), None),
                2 => (None, None, Some(true)),
                _ => (None, None, None),
            };
            set.push(Rule {
                groups,
                services,
                networks,
                local,
                ..demand.clone()
            });
        }
    }
    set
}

fn every_policy(mut check: impl FnMut(&Policy)) {
    let set = rules();
    for a in &set {
        for b in set.iter().step_by(2) {
            for c in set.iter().step_by(5) {
                check(&Policy::new(vec![a.clone(), b.clone(), c.clone()]));
            }
        }
    }
}

/// Every way to answer what cannot be told.
fn answers(known: [Membership; 2]) -> Vec<Memberships> {
    let of = |it| match it {
        Membership::CannotTell => vec![Membership::Member, Membership::NotMember],
        told => vec![told],
    };
    let mut all = Vec::new();
    for x in of(known[0]) {
        for y in of(known[1]) {
            all.push([(group("x"), x), (group("y"), y)].into_iter().collect());
        }
    }
    all
}

const TOLD: [Membership; 3] = [
    Membership::Member,
    Membership::NotMember,
    Membership::CannotTell,
];

#[test]
fn what_cannot_be_told_is_the_strictest_of_what_either_answer_would_mean_and_nothing_else() {
    let alice = user("alice");
    every_policy(|policy| {
        for (service, rhost) in [CONTEXTS[0], CONTEXTS[3]] {
            let context = login(service, rhost);
            for x in TOLD {
                for y in TOLD {
                    let known = [(group("x"), x), (group("y"), y)].into_iter().collect();
                    let said = policy.ruling(&alice, &context, &known);
                    let wanted = answers([x, y])
                        .iter()
                        .map(|it| policy.ruling(&alice, &context, it))
                        .reduce(Ruling::strictest);
                    assert_eq!(Some(said), wanted, "{known:?} {policy:?}");
                }
            }
        }
    });
}

#[test]
fn what_is_not_asked_for_does_not_matter() {
    let alice = user("alice");
    every_policy(|policy| {
        for told in [Membership::Member, Membership::NotMember] {
            let context = login("sshd", "192.0.2.1");
            let mut known = Memberships::default();
            while let Some(group) = policy.open_question(&alice, &context, &known) {
                known.learn(group, told);
            }
            let said = policy.ruling(&alice, &context, &known);
            for x in [Membership::Member, Membership::NotMember] {
                for y in [Membership::Member, Membership::NotMember] {
                    let mut all = known.clone();
                    for (name, answer) in [("x", x), ("y", y)] {
                        if known.known(&group(name)).is_none() {
                            all.learn(group(name), answer);
                        }
                    }
                    assert_eq!(said, policy.ruling(&alice, &context, &all), "{policy:?}");
                }
            }
        }
    });
}

#[test]
fn an_untrusted_caller_meets_nothing_milder_than_any_login() {
    let alice = user("alice");
    every_policy(|policy| {
        for known in [
            [Membership::Member, Membership::NotMember],
            [Membership::CannotTell; 2],
        ] {
            let known = [(group("x"), known[0]), (group("y"), known[1])]
                .into_iter()
                .collect();
            let strictest = policy.ruling(&alice, &Context::Untrusted, &known);
            for (service, rhost) in CONTEXTS {
                let context = login(service, rhost);
                let met = policy.ruling(&alice, &context, &known);
                assert!(
                    is_no_milder(&strictest, &met, &context),
                    "{rhost:?} {policy:?}"
                );
                assert!(
                    is_no_milder(&strictest, &met, &Context::Untrusted),
                    "{rhost:?} {policy:?}"
                );
            }
        }
    });
}
