//! A rule as it is shown: in the words of the file, so that it can be found there.

use countersign_config::policy::{Rule, Ruling};
use countersign_config::{Origin, Origins};
use serde::Serialize;

use crate::printable::Printable;

/// A rule for scripts.
#[derive(Serialize)]
pub struct RuleJson {
    /// From 1.
    pub rule: usize,
    /// Where it stands.
    #[serde(flatten)]
    pub origin: OriginJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<bool>,
    /// What it asks for.
    #[serde(flatten)]
    pub ruling: RulingJson,
}

/// What is asked for, for scripts.
#[derive(Serialize)]
pub struct RulingJson {
    require: &'static str,
    /// In seconds of Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    enroll_by: Option<u64>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    remember: Option<u32>,
}

/// Where something stands, for scripts.
#[derive(Serialize)]
pub struct OriginJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl From<Option<&Origin>> for OriginJson {
    fn from(origin: Option<&Origin>) -> Self {
        Self {
            file: origin.map(|it| it.file.to_string_lossy().into_owned()),
            line: origin.map(|it| it.line),
        }
    }
}

impl From<Ruling> for RulingJson {
    fn from(ruling: Ruling) -> Self {
        Self {
            require: ruling.require.as_str(),
            enroll_by: ruling.enroll_by.map(|it| it.0),
            remember: ruling.remember.map(|it| it.0),
        }
    }
}

impl RuleJson {
    /// The rule at this place, from 0.
    pub fn new(place: usize, rule: &Rule, origins: &Origins) -> Self {
        Self {
            rule: place.saturating_add(1),
            origin: origins.of_rule(place).into(),
            users: texts(rule.users.as_deref()),
            groups: texts(rule.groups.as_deref()),
            services: texts(rule.services.as_deref()),
            networks: texts(rule.networks.as_deref()),
            local: rule.local,
            ruling: ruling_of(rule).into(),
        }
    }
}

/// What a rule asks for.
pub fn ruling_of(rule: &Rule) -> Ruling {
    Ruling {
        require: rule.require,
        enroll_by: rule.enroll_by,
        remember: rule.remember,
    }
}

/// The conditions of a rule and what it asks for, as TOML on one line.
pub fn on_one_line(rule: &Rule) -> String {
    let mut parts = Vec::new();
    for (key, listed) in [
        ("users", texts(rule.users.as_deref())),
        ("groups", texts(rule.groups.as_deref())),
        ("services", texts(rule.services.as_deref())),
        ("networks", texts(rule.networks.as_deref())),
    ] {
        if let Some(listed) = listed {
            let listed: Vec<_> = listed.iter().map(|it| quoted(it)).collect();
            parts.push(format!("{key} = [{}]", listed.join(", ")));
        }
    }
    if let Some(local) = rule.local {
        parts.push(format!("local = {local}"));
    }
    parts.push(demand(&ruling_of(rule)));
    parts.join(", ")
}

/// What is asked for, as TOML on one line. A date is shown by this host's clock.
pub fn demand(ruling: &Ruling) -> String {
    let mut parts = vec![format!("require = \"{}\"", ruling.require)];
    if let Some(by) = ruling.enroll_by {
        parts.push(format!("enroll_by = {}", by.here()));
    }
    if let Some(length) = ruling.remember {
        parts.push(format!("remember = \"{length}\""));
    }
    parts.join(", ")
}

fn texts<T: ToString>(listed: Option<&[T]>) -> Option<Vec<String>> {
    Some(listed?.iter().map(ToString::to_string).collect())
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", Printable(&escaped))
}
