//! Reads the `[[rule]]` tables.

use std::ops::Range;

use countersign_bus::UserName;
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use super::keys::Table;
use super::problem::Wrong;
use super::tree::{Reader, Value};
use crate::policy::{EnrollBy, Network, Require, Rule};
use crate::{GroupName, Seconds};

/// How long codes may be remembered.
const REMEMBER: std::ops::RangeInclusive<u32> = 60..=30 * 86_400;

/// The rules of one file in their order, written as `[[rule]]` tables.
pub fn read<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Vec<Rule> {
    let Some(array) = value.get_ref().as_array() else {
        let found = value.get_ref().type_str();
        let wanted = "tables, each headed [[rule]]";
        reader.report(
            value.span(),
            Wrong::Type {
                key: "rule",
                wanted,
                found,
            },
        );
        return Vec::new();
    };
    array
        .iter()
        .filter_map(|item| {
            let tree = reader.table("rule", item)?;
            let rule = rule(reader, item.span(), tree)?;
            reader.note_rule(item.span());
            Some(rule)
        })
        .collect()
}

fn rule<'i>(reader: &mut Reader<'i>, span: Range<usize>, tree: &DeTable<'i>) -> Option<Rule> {
    reader.check_keys(Table::Rule, tree);
    let users = tree
        .get("users")
        .and_then(|value| reader.list("users", value, user));
    let groups = tree
        .get("groups")
        .and_then(|value| reader.list("groups", value, group));
    let services = tree
        .get("services")
        .and_then(|value| reader.list("services", value, service));
    let networks = tree
        .get("networks")
        .and_then(|value| reader.list("networks", value, network));
    let local = tree
        .get("local")
        .and_then(|value| reader.boolean("local", value));
    if networks.is_some() && local == Some(true) {
        reader.report(span.clone(), Wrong::LocalNetworks);
    }
    let enroll_by = tree
        .get("enroll_by")
        .and_then(|value| enroll_by(reader, value));
    let remember = tree
        .get("remember")
        .and_then(|value| remember(reader, value));
    let Some(value) = tree.get("require") else {
        reader.report(span, Wrong::NoRequire);
        return None;
    };
    let require = reader.word("require", value, Require::ALL, Require::as_str)?;
    if let Some(value) = tree.get("enroll_by")
        && require != Require::Enroll
    {
        let require = require.as_str();
        reader.report(value.span(), Wrong::EnrollByAlone { require });
    }
    if let Some(value) = tree.get("remember")
        && require == Require::Never
    {
        reader.report(value.span(), Wrong::RememberNever);
    }
    Some(Rule {
        users,
        groups,
        services,
        networks,
        local,
        require,
        enroll_by,
        remember,
    })
}

/// A date of TOML, or one in quotes, which cannot be meant otherwise.
fn enroll_by<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Option<EnrollBy> {
    let written = match value.get_ref() {
        DeValue::Datetime(written) => Some(*written),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    };
    let read = written.and_then(|written| EnrollBy::read(written, &TimeZone::system()));
    if read.is_none() {
        reader.report(value.span(), Wrong::Date);
    }
    read
}

fn remember<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Option<Seconds> {
    let read = reader
        .text("remember", value)?
        .parse::<Seconds>()
        .ok()
        .filter(|length| REMEMBER.contains(&length.0));
    if read.is_none() {
        reader.report(value.span(), Wrong::Remember);
    }
    read
}

fn group(text: &str) -> Result<GroupName, Wrong> {
    GroupName::parse(text).map_err(Wrong::Group)
}

fn user(text: &str) -> Result<UserName, Wrong> {
    UserName::parse(text).map_err(Wrong::User)
}

/// A PAM service is the name of a file in `/etc/pam.d`. A `*` is refused because it could be
/// taken for a pattern, and would match nothing.
fn service(text: &str) -> Result<String, Wrong> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '*');
    if text.is_empty() || text.chars().any(forbidden) {
        return Err(Wrong::Service);
    }
    Ok(text.to_owned())
}

fn network(text: &str) -> Result<Network, Wrong> {
    text.parse().map_err(|error| Wrong::Network {
        text: text.to_owned(),
        error,
    })
}
