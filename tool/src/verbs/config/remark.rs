//! What is odd about rules that can be read: who are not there, and what can never be.

use countersign_bus::UserName;
use countersign_config::policy::{Policy, Require, Rule, covered_by};
use countersign_config::{Finding, GroupName, Origin, Origins};

use super::host;
use crate::printable::Printable;
use crate::words::tell;

/// Something odd, and where.
pub struct Remark {
    /// The rule that it is about.
    pub origin: Option<Origin>,
    /// Its word in JSON.
    pub kind: &'static str,
    /// The sentence.
    pub said: String,
}

/// All that is odd about these rules on this host, at this second of Unix time.
pub async fn remarks(policy: &Policy, origins: &Origins, now: u64) -> Vec<Remark> {
    let mut found = Vec::new();
    let rules = policy.rules();
    for (place, rule) in rules.iter().enumerate() {
        let mut said = of_rules(rules, place, now);
        for user in rule.users.iter().flatten() {
            said.extend(of_user(user).await);
        }
        for group in rule.groups.iter().flatten() {
            said.extend(of_group(group).await);
        }
        for service in rule.services.iter().flatten() {
            if !host::has_stack(service) {
                let service = Printable(service).to_string();
                said.push((
                    "no-service",
                    tell!("config-remark-no-service", "service" = service),
                ));
            }
        }
        found.extend(said.into_iter().map(|(kind, said)| Remark {
            origin: origins.of_rule(place).cloned(),
            kind,
            said,
        }));
    }
    found
}

/// What the rules alone show.
fn of_rules(rules: &[Rule], place: usize, now: u64) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    let Some(rule) = rules.get(place) else {
        return said;
    };
    if let Some(by) = covered_by(rules, place) {
        let by = by.saturating_add(1);
        said.push((
            "never-reached",
            tell!("config-remark-never-reached", "by" = by),
        ));
        return said;
    }
    if let Some(by) = rule.enroll_by
        && !by.lies_ahead(now)
    {
        said.push((
            "enroll-by-past",
            tell!("config-remark-enroll-by-past", "date" = by.here()),
        ));
    }
    if rule.matches_all() && rule.require == Require::Never {
        let said_of = match place {
            0 => tell!("config-remark-never-alone"),
            _ => tell!("config-remark-never-last"),
        };
        said.push(("never", said_of));
    }
    said
}

async fn of_user(user: &UserName) -> Option<(&'static str, String)> {
    let name = Printable(user.as_str()).to_string();
    match host::user(user).await {
        Ok(Some(person)) if person.name == user.as_str() => None,
        Ok(Some(person)) => {
            let written = Printable(&person.name).to_string();
            let said = tell!("config-remark-spelling", "user" = name, "written" = written);
            Some(("spelling", said))
        }
        Ok(None) => Some(("no-user", tell!("config-remark-no-user", "user" = name))),
        Err(why) => {
            let said = tell!("config-remark-user-cannot-tell", "user" = name, "why" = why);
            Some(("cannot-tell", said))
        }
    }
}

async fn of_group(group: &GroupName) -> Option<(&'static str, String)> {
    let name = Printable(group.as_str()).to_string();
    // Whoever it is asked for: what matters is whether there is such a group.
    let root = UserName::parse("root").ok()?;
    match host::membership(&root, 0, group).await {
        Finding::Member | Finding::NotMember => None,
        Finding::NoSuchGroup => Some(("no-group", tell!("config-remark-no-group", "group" = name))),
        Finding::CannotTell(why) => {
            let why = Printable(&why).to_string();
            let said = tell!(
                "config-remark-group-cannot-tell",
                "group" = name,
                "why" = why
            );
            Some(("cannot-tell", said))
        }
    }
}
