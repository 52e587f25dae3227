//! Rules and logins, short to write.

#![allow(
    clippy::unnecessary_wraps,
    reason = "they make the optional fields of a rule"
)]

use countersign_bus::UserName;

use super::{Context, Network, Require, Rule};
use crate::GroupName;

pub const ANY: Rule = Rule {
    users: None,
    groups: None,
    services: None,
    networks: None,
    local: None,
    require: Require::Never,
    enroll_by: None,
    remember: None,
};

pub fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

pub fn users(names: &[&str]) -> Option<Vec<UserName>> {
    Some(names.iter().map(|name| user(name)).collect())
}

pub fn services(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

pub fn networks(ranges: &[&str]) -> Option<Vec<Network>> {
    Some(ranges.iter().map(|range| range.parse().unwrap()).collect())
}

pub fn login<'a>(service: &'a str, rhost: &'a str) -> Context<'a> {
    Context::Trusted {
        service,
        tty: "",
        rhost,
    }
}

pub fn groups(names: &[&str]) -> Option<Vec<GroupName>> {
    let parse = |name: &&str| GroupName::parse(name).unwrap();
    Some(names.iter().map(parse).collect())
}
