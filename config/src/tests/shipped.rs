use countersign_bus::{Requirement, UserName};

use super::{HOST, main_file};
use crate::policy::{Context, Enrolled, Membership, Memberships};
use crate::{Config, GroupName};

/// The file that is installed: as it is it changes nothing, and each line in it that is commented
/// out (`#key` without a blank, unlike prose) may be made a setting.
#[test]
fn the_shipped_example_loads_as_it_is_and_with_every_setting_on() {
    let shipped = include_str!("../../../packaging/config/countersign.toml");
    assert_eq!(main_file(shipped).load(), Config::default_for(HOST));

    let on: String = shipped
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|c: char| !c.is_whitespace()) => setting,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let folder = main_file(&on);
    let config = folder.load();
    let defaults = Config::default_for("login.example.org");
    assert_eq!(config.issuer, defaults.issuer);
    assert_eq!(config.language, defaults.language);
    assert_eq!(config.totp, defaults.totp);
    assert_eq!(config.recovery_codes, defaults.recovery_codes);
    let store = crate::StoreSettings {
        urls: Vec::new(),
        clusters: Vec::new(),
        ..config.store.clone()
    };
    assert_eq!(store, defaults.store);
    assert_eq!(
        (config.store.urls.len(), config.store.clusters.len()),
        (2, 1)
    );
    for key in [
        "issuer",
        "language",
        "algorithm",
        "digits",
        "period",
        "window",
        "codes",
    ]
    .into_iter()
    .chain(crate::Table::Rule.keys().iter().copied())
    .chain(crate::Table::Cluster.keys().iter().copied())
    .chain(crate::Table::Store.keys().iter().copied())
    .filter(|key| *key != "cluster")
    {
        assert!(
            on.lines()
                .any(|line| line.starts_with(&format!("{key} = "))),
            "{key}"
        );
    }

    let groups_of = |name: &str| -> Memberships {
        let is_in = |group| {
            (name == "erin" && group == "admins") || (name == "frank" && group == "break-glass")
        };
        let told = |group| {
            if is_in(group) {
                Membership::Member
            } else {
                Membership::NotMember
            }
        };
        let groups = ["admins", "break-glass"];
        groups
            .map(|group| (GroupName::parse(group).unwrap(), told(group)))
            .into_iter()
            .collect()
    };
    let needs = |name: &str, service, rhost, enrolled| {
        let context = Context::Trusted {
            service,
            tty: "",
            rhost,
        };
        let user = UserName::parse(name).unwrap();
        config
            .policy
            .ruling(&user, &context, &groups_of(name))
            .requirement(&context, enrolled, 0)
    };
    let (yes, no) = (Enrolled::Yes, Enrolled::No);
    assert_eq!(needs("alice", "sshd", "192.0.2.1", yes), Requirement::Code);
    assert_eq!(needs("alice", "sshd", "192.0.2.1", no), Requirement::None);
    assert_eq!(needs("alice", "sudo", "", yes), Requirement::Code);
    assert_eq!(needs("alice", "cron", "", yes), Requirement::None);
    assert_eq!(needs("root", "login", "", yes), Requirement::None);
    assert_eq!(needs("root", "sshd", "192.0.2.1", no), Requirement::Code);
    assert_eq!(needs("backup", "sshd", "10.20.1.1", yes), Requirement::None);
    assert_eq!(needs("backup", "sshd", "192.0.2.1", yes), Requirement::Code);
    assert_eq!(needs("erin", "sshd", "192.0.2.1", no), Requirement::Enroll);
    assert_eq!(needs("erin", "login", "", no), Requirement::Enroll);
    assert_eq!(needs("frank", "login", "", yes), Requirement::None);
    assert_eq!(needs("frank", "sshd", "192.0.2.1", yes), Requirement::Code);
    let untrusted = Context::Untrusted;
    let alice = UserName::parse("alice").unwrap();
    assert_eq!(
        config
            .policy
            .ruling(&alice, &untrusted, &groups_of("alice"))
            .requirement(&untrusted, yes, 0),
        Requirement::Code
    );
}
