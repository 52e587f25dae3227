//! One examination: what there is to know is gathered in the order in which one thing needs another,
//! and then judged.

use super::bus::{self, Answer};
use super::finding::Findings;
use super::host::Host;
use super::manager::Manager;
use super::stacks::{Enrolled, KeysBeforePam};
use super::{clock, files, policy, sshd, stacks, store, trial, units};
use crate::account::{Account, Entry};
use crate::pam::trial::Record;
use crate::stack::exposed::exposed;
use crate::words::tell;

/// Looks at everything that this caller can see. `now` is in seconds of Unix time.
pub async fn examine(host: &Host<'_>, bus_address: &str, now: u64) -> Findings {
    let files = files::Facts::gather(host);
    let units = units::Facts::gather(host);
    let mut bus = if host.is_live() {
        bus::Facts::gather(bus_address, files.daemon_uid, host.sees_all).await
    } else {
        bus::Facts::none()
    };
    bus.no_credential = units.no_credential;
    let health = bus.health.told();
    let entries = bus.entries.told().map(Vec::as_slice);
    let accounts = || entries.unwrap_or_default().iter().filter_map(account);
    let apart = health.map(|health| health.apart);
    let clock = clock::Facts::gather(host, now, apart, accounts());
    let users: Vec<String> = accounts()
        .filter(|account| account.enrolled && !account.foreign)
        .map(|account| account.user.clone())
        .collect();
    let services = stacks::services(host);
    let asks = stacks::asks(&services, &sshd::Facts::service(host));
    let sshd = sshd::Facts::gather(host, &users, asks);
    let policy = policy::Facts::gather(host, health, entries, now).await;
    let stacks = stacks::Facts {
        modules: stacks::modules(host, &services),
        relaxed: services
            .iter()
            .filter(|service| policy.relaxes(&service.name))
            .map(|service| service.name.clone())
            .collect(),
        exposed: exposed(
            host.root(),
            &services
                .iter()
                .map(|it| it.name.clone())
                .collect::<Vec<_>>(),
        ),
        services,
        enrolled: if users.is_empty() {
            Enrolled::Nobody
        } else {
            Enrolled::Somebody
        },
        keys_before_pam: keys_before_pam(&sshd),
        on_trial: Record::load(host.root())
            .ok()
            .flatten()
            .map(|record| record.services),
        reinstall: files.reinstall.clone(),
    };
    let store = store::Facts::gather(host, health, files.daemon_uid, entries.unwrap_or_default());
    let findings = [
        files::check(&files),
        bus::check(&bus, env!("CARGO_PKG_VERSION")),
        units::check(&units),
        clock::check(&clock),
        sshd::check(&sshd),
        stacks::check(&stacks),
        trial::check(host).into_iter().collect(),
        policy::check(&policy),
        store::check(&store),
        files::denials(host),
    ];
    let manager = Manager::of(host);
    let all = findings.into_iter().flatten();
    Findings {
        findings: all.map(|finding| manager.word(finding)).collect(),
        unseen: unseen(host, &bus, users.len()),
    }
}

fn account(entry: &Entry) -> Option<&Account> {
    match entry {
        Entry::Account(account) => Some(account),
        Entry::Unreadable { .. } => None,
    }
}

fn keys_before_pam(sshd: &sshd::Facts) -> KeysBeforePam {
    let of_all: Vec<_> = sshd
        .of_users
        .iter()
        .map(|(_, it)| it)
        .chain(&sshd.of_root)
        .collect();
    if !of_all.is_empty() && of_all.into_iter().all(sshd::needs_a_key) {
        KeysBeforePam::Always
    } else {
        KeysBeforePam::Sometimes
    }
}

fn unseen(host: &Host<'_>, bus: &bus::Facts, users: usize) -> Vec<String> {
    let mut unseen = Vec::new();
    if !host.is_live() {
        unseen.push(tell!("doctor-unseen-copy"));
        return unseen;
    }
    if bus.health == Answer::Denied {
        unseen.push(tell!("doctor-unseen-daemon"));
    }
    if !host.sees_all {
        unseen.push(tell!("doctor-unseen-sshd"));
        unseen.push(tell!("doctor-unseen-store"));
        unseen.push(tell!("doctor-unseen-socket"));
    }
    if users > sshd::USERS {
        unseen.push(tell!("doctor-unseen-users", "count" = sshd::USERS));
    }
    unseen
}
