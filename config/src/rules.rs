//! Reads the `[[rule]]` tables.

use std::ops::Range;

use countersign_bus::UserName;
use toml::de::DeTable;

use super::keys::Table;
use super::problem::Wrong;
use super::tree::{Reader, Value};
use crate::policy::{Network, Require, Rule};

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
            rule(reader, item.span(), tree)
        })
        .collect()
}

fn rule<'i>(reader: &mut Reader<'i>, span: Range<usize>, tree: &DeTable<'i>) -> Option<Rule> {
    reader.check_keys(Table::Rule, tree);
    let users = tree
        .get("users")
        .and_then(|value| reader.list("users", value, user));
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
    let Some(value) = tree.get("require") else {
        reader.report(span, Wrong::NoRequire);
        return None;
    };
    let require = reader.word("require", value, Require::ALL, Require::as_str)?;
    Some(Rule {
        users,
        services,
        networks,
        local,
        require,
    })
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
