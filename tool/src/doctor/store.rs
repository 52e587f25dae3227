//! Where enrollments are kept, and those that count for nobody.

use std::os::unix::fs::MetadataExt;

use countersign_bus::DAEMON_USER;
use countersign_bus::keys::STORE_OPEN;
use nix::unistd::User;

use super::bus::Health;
use super::finding::{Finding, Subject};
use super::host::Host;
use crate::account::Entry;
use crate::printable::{Printable, quoted};
use crate::store::maintenance::{Report, maintain, parts, text};
use crate::words::tell;

const STATE: &str = "/var/lib/countersign";
/// What says more of a damage, and how it is mended.
pub const CHECK: &str = "countersign store check";
/// The file with the key that seals every record.
const KEY: &str = "key";
/// Less is as good as none: the journal is written anew beside the old one.
const FREE: u64 = 16 * 1024 * 1024;
/// A peer's secrets, which every program of the user can read.
const PEERS_FILE: &str = ".google_authenticator";
/// So many homes are looked into.
const HOMES: usize = 500;

/// A file or directory of the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Where it is.
    pub path: String,
    /// Whose it is.
    pub uid: u32,
    /// Who may do what with it (chmod(1)).
    pub mode: u32,
}

/// The disk under the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disk {
    /// There is room.
    Roomy,
    /// So many bytes are left.
    Full(u64),
    /// It takes no writes.
    ReadOnly,
}

/// What is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// What the daemon says of it.
    pub health: Option<Health>,
    /// The directory, and the files in it.
    pub kept: Vec<Kept>,
    /// The daemon's uid.
    pub daemon_uid: Option<u32>,
    /// The disk.
    pub disk: Disk,
    /// Whose record is an earlier user's.
    pub foreign: Vec<String>,
    /// Whose record cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// What is wrong with the disk's copy and its keys, in the daemon's words.
    pub damages: Vec<String>,
    /// Who is enrolled and has a peer's file at home still.
    pub peers_files: Vec<(String, String)>,
}

impl Facts {
    /// Looks.
    pub fn gather(
        host: &Host<'_>,
        health: Option<&Health>,
        daemon_uid: Option<u32>,
        entries: &[Entry],
    ) -> Self {
        let names = host.names(STATE).into_iter();
        let paths =
            std::iter::once(STATE.to_owned()).chain(names.map(|name| format!("{STATE}/{name}")));
        let kept = paths.filter_map(|path| {
            let about = host.about(&path)?;
            let (uid, mode) = (about.uid(), about.mode() & 0o7777);
            Some(Kept { path, uid, mode })
        });
        let mut foreign = Vec::new();
        let mut unreadable = Vec::new();
        let mut peers_files = Vec::new();
        for entry in entries {
            match entry {
                Entry::Account(account) if account.foreign => foreign.push(account.user.clone()),
                Entry::Account(_) => {}
                Entry::Unreadable {
                    user,
                    unreadable: why,
                } => {
                    unreadable.push((user.clone(), why.clone()));
                }
            }
        }
        for entry in entries.iter().take(HOMES) {
            if let Ok(Some(user)) = User::from_name(entry.user()) {
                let path = format!("{}/{PEERS_FILE}", user.dir.display());
                if host.has(&path) {
                    peers_files.push((user.name, path));
                }
            }
        }
        Self {
            health: health.cloned(),
            kept: kept.collect(),
            daemon_uid,
            disk: disk(host),
            foreign,
            unreadable,
            damages: damages(host),
            peers_files,
        }
    }
}

/// Reads what is on the disk, which may be worse than what the daemon has in memory. Records that
/// do not open are told by the daemon. A program that cannot be run is told elsewhere.
fn damages(host: &Host<'_>) -> Vec<String> {
    if !host.is_live() || !host.sees_all || !host.has(STATE) {
        return Vec::new();
    }
    let report = maintain(["check"], None).unwrap_or_default();
    let of_all = |problem: &&Report| matches!(text(problem, "part"), "key" | "journal");
    let problems = parts(&report, "problems").filter(of_all);
    problems.map(|it| text(it, "text").to_owned()).collect()
}

fn disk(host: &Host<'_>) -> Disk {
    use rustix::fs::{StatVfsMountFlags, statvfs};

    let Ok(about) = statvfs(host.at(STATE)) else {
        return Disk::Roomy;
    };
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    if about.f_flag.contains(StatVfsMountFlags::RDONLY) {
        Disk::ReadOnly
    } else if free < FREE {
        Disk::Full(free)
    } else {
        Disk::Roomy
    }
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let mut found = of_health(facts);
    found.extend(of_files(facts));
    found.extend(of_disk(facts.disk));
    found.extend(facts.damages.iter().map(|why| {
        let what = tell!("doctor-store-damaged", "why" = Printable(why).to_string());
        Finding::error(Subject::Store, "store-damaged", what).mend(CHECK)
    }));
    found.extend(of_records(facts));
    found
}

fn of_health(facts: &Facts) -> Vec<Finding> {
    let Some(health) = &facts.health else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if health.store != STORE_OPEN {
        let what = tell!("doctor-store-closed", "why" = health.store.as_str());
        found.push(
            Finding::error(Subject::Store, "store-closed", what)
                .mend("journalctl -u countersignd -n 20"),
        );
    }
    if health.unsaved > 0 {
        let what = tell!("doctor-store-unsaved", "count" = health.unsaved);
        found.push(
            Finding::error(Subject::Store, "store-unsaved", what).mend(format!("df -h {STATE}")),
        );
    }
    found
}

fn of_files(facts: &Facts) -> Vec<Finding> {
    let Some(daemon_uid) = facts.daemon_uid else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for Kept { path, uid, mode } in &facts.kept {
        let shell = quoted(path);
        if *uid != daemon_uid {
            let what = tell!(
                "doctor-store-owner",
                "path" = path.as_str(),
                "user" = DAEMON_USER
            );
            found.push(
                Finding::error(Subject::Store, "store-owner", what)
                    .mend(format!("chown {DAEMON_USER}: {shell}")),
            );
        }
        if mode & 0o077 != 0 {
            let what = tell!("doctor-store-open-to-others", "path" = path.as_str());
            let is_key = path.ends_with(&format!("/{KEY}")) || path == STATE;
            let finding = if is_key {
                Finding::error(Subject::Store, "store-open-to-others", what)
            } else {
                Finding::warning(Subject::Store, "store-open-to-others", what)
            };
            found.push(finding.mend(format!("chmod go= {shell}")));
        }
    }
    found
}

fn of_disk(disk: Disk) -> Option<Finding> {
    match disk {
        Disk::Roomy => None,
        Disk::Full(bytes) => {
            let what = tell!("doctor-store-full", "kib" = bytes / 1024);
            Some(
                Finding::warning(Subject::Store, "store-full", what).mend(format!("df -h {STATE}")),
            )
        }
        Disk::ReadOnly => {
            let what = tell!("doctor-store-read-only");
            Some(
                Finding::error(Subject::Store, "store-read-only", what).mend(format!(
                    "mount -o remount,rw \"$(findmnt -no TARGET -T {STATE})\""
                )),
            )
        }
    }
}

fn of_records(facts: &Facts) -> Vec<Finding> {
    let shown = |user: &str| Printable(user).to_string();
    let foreign = facts.foreign.iter().map(|user| {
        let what = tell!("doctor-record-foreign", "user" = shown(user));
        Finding::warning(Subject::Store, "record-foreign", what)
            .mend(format!("countersign disable --user {}", quoted(user)))
    });
    let unreadable = facts.unreadable.iter().map(|(user, why)| {
        let what = tell!(
            "doctor-record-unreadable",
            "user" = shown(user),
            "why" = why.as_str()
        );
        Finding::error(Subject::Store, "record-unreadable", what)
            .mend("journalctl -u countersignd -n 20")
    });
    let peers = facts.peers_files.iter().map(|(user, path)| {
        let what = tell!(
            "doctor-record-peer",
            "user" = shown(user),
            "path" = path.as_str()
        );
        Finding::note(Subject::Store, "record-peer", what).mend(format!("rm {}", quoted(path)))
    });
    foreign.chain(unreadable).chain(peers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Facts {
        Facts {
            health: Some(Health {
                store: STORE_OPEN.to_owned(),
                ..Health::default()
            }),
            kept: vec![Kept {
                path: STATE.to_owned(),
                uid: 990,
                mode: 0o700,
            }],
            daemon_uid: Some(990),
            disk: Disk::Roomy,
            foreign: Vec::new(),
            unreadable: Vec::new(),
            damages: Vec::new(),
            peers_files: Vec::new(),
        }
    }

    fn ids(facts: &Facts) -> Vec<&'static str> {
        check(facts).iter().map(|it| it.id).collect()
    }

    #[test]
    fn a_store_that_is_open_private_and_on_a_roomy_disk_is_well() {
        assert_eq!(ids(&well()), Vec::<&str>::new());
    }

    #[test]
    fn what_is_wrong_with_the_store_is_told() {
        let told = |change: fn(&mut Facts)| {
            let mut facts = well();
            change(&mut facts);
            ids(&facts)
        };
        let health = |facts: &mut Facts| facts.health.as_mut().unwrap().store = "no key".into();
        assert_eq!(told(health), ["store-closed"]);
        let unsaved = |facts: &mut Facts| facts.health.as_mut().unwrap().unsaved = 3;
        assert_eq!(told(unsaved), ["store-unsaved"]);
        assert_eq!(told(|it| it.kept[0].uid = 0), ["store-owner"]);
        assert_eq!(told(|it| it.kept[0].mode = 0o755), ["store-open-to-others"]);
        assert_eq!(told(|it| it.disk = Disk::Full(4096)), ["store-full"]);
        assert_eq!(told(|it| it.disk = Disk::ReadOnly), ["store-read-only"]);
        assert_eq!(
            told(|it| it.damages.push("it does not decrypt".into())),
            ["store-damaged"]
        );
        assert_eq!(told(|it| it.foreign.push("bob".into())), ["record-foreign"]);
        assert_eq!(
            told(|it| it.unreadable.push(("bob".into(), "bad sum".into()))),
            ["record-unreadable"]
        );
    }
}
