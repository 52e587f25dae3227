//! Which rule would decide about a login, and why.

use std::fmt::Write;

use countersign_bus::{Requirement, UserName};
use countersign_config::policy::{
    Condition, Context, Enrolled, Memberships, Origin, Policy, Step, Walk,
};
use countersign_config::{Finding, GroupName, Origins};
use serde::Serialize;

use super::rule::{OriginJson, RulingJson, demand};
use super::{host, show};
use crate::cli::ConfigShow;
use crate::clock;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::run::Session;
use crate::words::tell;

/// A login, and what came of asking about it.
struct Story {
    user: UserName,
    /// Empty: any service, from anywhere.
    service: String,
    rhost: String,
    known: Result<bool, String>,
    groups: Vec<(GroupName, Finding)>,
    walk: Walk,
    /// What a user who is enrolled, or is not, would be asked.
    enrolled: Requirement,
    not_enrolled: Requirement,
    now: u64,
}

/// Shows the way of a login through the rules.
pub async fn run(args: &ConfigShow, user: &UserName, session: &Session) -> Result<(), ToolError> {
    let (config, origins) = show::read(&args.dir)?;
    let service = args.service.clone().unwrap_or_default();
    let rhost = args.rhost.clone().unwrap_or_default();
    let story = tell_story(&config.policy, user, service, rhost).await;
    if args.json {
        return print_json(&as_json(&story, &config.policy, &origins));
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = as_text(&mut text, &story, &config.policy, &origins);
    for note in show::notes(&args.dir, session).await {
        let _ = writeln!(text, "\n{note}");
    }
    print(&text)
}

async fn tell_story(policy: &Policy, user: &UserName, service: String, rhost: String) -> Story {
    let found = host::user(user).await;
    let (user, primary) = match &found {
        // As the daemon does: under the name that the user database writes.
        Ok(Some(person)) => (
            UserName::parse(&person.name).unwrap_or_else(|_| user.clone()),
            Some(person.gid),
        ),
        Ok(None) | Err(_) => (user.clone(), None),
    };
    let context = Context::Trusted {
        service: &service,
        tty: "",
        rhost: &rhost,
    };
    let mut groups = Vec::new();
    let mut known = Memberships::default();
    while let Some(group) = policy.open_question(&user, &context, &known) {
        let finding = match (&found, primary) {
            (_, Some(primary)) => host::membership(&user, primary, &group).await,
            (Err(why), None) => Finding::CannotTell(why.clone()),
            (Ok(_), None) => Finding::NotMember,
        };
        known.learn(group.clone(), finding.membership());
        groups.push((group, finding));
    }
    let walk = policy.walk(&user, &context, &known);
    let now = clock::now();
    let asked = |enrolled| walk.ruling.requirement(&context, enrolled, now);
    Story {
        enrolled: asked(Enrolled::Yes),
        not_enrolled: asked(Enrolled::No),
        user,
        known: found.map(|person| person.is_some()),
        groups,
        walk,
        now,
        service,
        rhost,
    }
}

fn as_text(
    out: &mut String,
    story: &Story,
    policy: &Policy,
    origins: &Origins,
) -> std::fmt::Result {
    writeln!(out, "{}", login(story))?;
    let user = Printable(story.user.as_str()).to_string();
    match &story.known {
        Ok(true) => {}
        Ok(false) => writeln!(
            out,
            "{}",
            tell!("config-user-unknown", "user" = user.as_str())
        )?,
        Err(why) => writeln!(
            out,
            "{}",
            tell!(
                "config-user-cannot-tell",
                "user" = user.as_str(),
                "why" = why.as_str()
            )
        )?,
    }
    if Origin::from_rhost(&story.rhost) == Origin::Named {
        writeln!(out, "{}", tell!("config-rhost-is-a-name"))?;
    }
    for (group, finding) in &story.groups {
        writeln!(out, "{}", group_line(&user, group, finding))?;
    }
    if !policy.rules().is_empty() {
        writeln!(out)?;
    }
    for (place, (rule, step)) in policy.rules().iter().zip(&story.walk.steps).enumerate() {
        let mark = if step.is_met() { '>' } else { ' ' };
        let number = place.saturating_add(1);
        let origin = origins.of_rule(place).map(ToString::to_string);
        let origin = origin.unwrap_or_default();
        let require = rule.require.as_str();
        writeln!(
            out,
            "{mark}{number:3}  {require:11}  {origin}  {}",
            why(*step)
        )?;
    }
    writeln!(out, "\n{}", decision(story, origins))?;
    consequences(out, story)
}

/// What the story is about.
fn login(story: &Story) -> String {
    let user = Printable(story.user.as_str()).to_string();
    let service = Printable(&story.service).to_string();
    let rhost = Printable(&story.rhost).to_string();
    match (service.is_empty(), rhost.is_empty()) {
        (true, _) => tell!("config-login-anywhere", "user" = user),
        (false, true) => tell!("config-login-local", "user" = user, "service" = service),
        (false, false) => tell!(
            "config-login-remote",
            "user" = user,
            "service" = service,
            "rhost" = rhost,
        ),
    }
}

fn group_line(user: &str, group: &GroupName, finding: &Finding) -> String {
    let group = Printable(group.as_str()).to_string();
    match finding {
        Finding::Member => tell!("config-group-member", "user" = user, "group" = group),
        Finding::NotMember => tell!("config-group-not-member", "user" = user, "group" = group),
        Finding::NoSuchGroup => tell!("config-group-none", "group" = group),
        Finding::CannotTell(why) => tell!(
            "config-group-cannot-tell",
            "user" = user,
            "group" = group,
            "why" = Printable(why).to_string(),
        ),
    }
}

fn why(step: Step) -> String {
    match step {
        Step::Skipped(Condition::Users) => tell!("config-why-users"),
        Step::Skipped(Condition::Groups) => tell!("config-why-groups"),
        Step::Skipped(Condition::Services) => tell!("config-why-services"),
        Step::Skipped(Condition::Networks) => tell!("config-why-networks"),
        Step::Skipped(Condition::Local) => tell!("config-why-local"),
        Step::Matches => tell!("config-why-matches"),
        Step::DependsOnGroups => tell!("config-why-depends-on-groups"),
        Step::DependsOnPlace => tell!("config-why-depends-on-place"),
        Step::NotReached => tell!("config-why-not-reached"),
    }
}

/// The rules that could decide, from 0.
fn met(walk: &Walk) -> Vec<usize> {
    let steps = walk.steps.iter().enumerate();
    steps
        .filter(|(_, step)| step.is_met())
        .map(|(place, _)| place)
        .collect()
}

fn decision(story: &Story, origins: &Origins) -> String {
    let demand = demand(&story.walk.ruling);
    let met = met(&story.walk);
    match (met.as_slice(), story.walk.reaches_end) {
        ([], _) => tell!("config-decides-none", "demand" = demand),
        ([place], false) => {
            let origin = origins.of_rule(*place).map(ToString::to_string);
            let rule = place.saturating_add(1);
            let origin = origin.unwrap_or_default();
            tell!(
                "config-decides",
                "rule" = rule,
                "origin" = origin,
                "demand" = demand
            )
        }
        (several, reaches_end) => {
            let numbers: Vec<_> = several
                .iter()
                .map(|place| place.saturating_add(1).to_string())
                .collect();
            let rules = numbers.join(", ");
            if reaches_end {
                tell!(
                    "config-decides-one-or-none",
                    "rules" = rules,
                    "demand" = demand
                )
            } else {
                tell!("config-decides-several", "rules" = rules, "demand" = demand)
            }
        }
    }
}

fn consequences(out: &mut String, story: &Story) -> std::fmt::Result {
    let enrolled = match story.enrolled {
        Requirement::None => tell!("config-enrolled-none"),
        Requirement::Code | Requirement::Enroll | Requirement::Denied => {
            tell!("config-enrolled-code")
        }
    };
    let ruling = &story.walk.ruling;
    let put_off = ruling.put_off_until(story.now);
    let not_enrolled = match (story.not_enrolled, put_off) {
        (Requirement::None, _) => tell!("config-not-enrolled-none"),
        (Requirement::Enroll, None) => tell!("config-not-enrolled-enroll"),
        (Requirement::Enroll, Some(by)) => {
            tell!("config-not-enrolled-later", "date" = by.here())
        }
        (Requirement::Code | Requirement::Denied, _) => tell!("config-not-enrolled-code"),
    };
    writeln!(out, "  {enrolled}\n  {not_enrolled}")?;
    if let Some(length) = ruling.remember {
        let length = length.to_string();
        writeln!(out, "  {}", tell!("config-remembered", "length" = length))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct WalkJson {
    user: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    service: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    rhost: String,
    groups: Vec<GroupJson>,
    rules: Vec<StepJson>,
    /// The rules that could decide, from 1.
    decides: Vec<usize>,
    /// Could it be that no rule matches?
    no_rule: bool,
    #[serde(flatten)]
    ruling: RulingJson,
    if_enrolled: &'static str,
    if_not_enrolled: &'static str,
    /// In seconds of Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    put_off_until: Option<u64>,
}

#[derive(Serialize)]
struct GroupJson {
    group: String,
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
struct StepJson {
    rule: usize,
    #[serde(flatten)]
    origin: OriginJson,
    require: &'static str,
    step: &'static str,
    /// What does not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'static str>,
}

fn as_json(story: &Story, policy: &Policy, origins: &Origins) -> WalkJson {
    let groups = story.groups.iter().map(|(group, finding)| GroupJson {
        group: group.to_string(),
        answer: match finding {
            Finding::Member => "member",
            Finding::NotMember => "not-member",
            Finding::NoSuchGroup => "no-such-group",
            Finding::CannotTell(_) => "cannot-tell",
        },
        why: match finding {
            Finding::CannotTell(why) => Some(why.clone()),
            _ => None,
        },
    });
    let steps = policy.rules().iter().zip(&story.walk.steps).enumerate();
    let rules = steps.map(|(place, (rule, step))| {
        let (step, condition) = match step {
            Step::Skipped(condition) => ("skipped", Some(condition.as_str())),
            Step::Matches => ("matches", None),
            Step::DependsOnGroups => ("depends-on-groups", None),
            Step::DependsOnPlace => ("depends-on-place", None),
            Step::NotReached => ("not-reached", None),
        };
        StepJson {
            rule: place.saturating_add(1),
            origin: origins.of_rule(place).into(),
            require: rule.require.as_str(),
            step,
            condition,
        }
    });
    let put_off = story.walk.ruling.put_off_until(story.now);
    WalkJson {
        user: story.user.to_string(),
        service: story.service.clone(),
        rhost: story.rhost.clone(),
        groups: groups.collect(),
        rules: rules.collect(),
        decides: met(&story.walk)
            .iter()
            .map(|it| it.saturating_add(1))
            .collect(),
        no_rule: story.walk.reaches_end,
        ruling: story.walk.ruling.into(),
        if_enrolled: story.enrolled.as_str(),
        if_not_enrolled: story.not_enrolled.as_str(),
        put_off_until: put_off.map(|by| by.0),
    }
}
