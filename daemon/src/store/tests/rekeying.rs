//! The key is changed on a disk that stops anywhere: no enrollment is ever lost.

#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general enough in their lifetimes"
)]

use std::io;

use zeroize::Zeroizing;

use super::crash::REMAINS;
use super::fake_disk::FakeDisk;
use super::meanwhile::Meanwhile;
use super::setup::{block_on, counted_entropy, opening, user};
use crate::store::{
    CredentialCipher, Disk, Durability, Home, Keys, RekeyError, Settled, Target, Vault,
};

/// Stands for systemd-creds(1): bound to the name, as the real one is.
struct Mirror;

impl CredentialCipher for Mirror {
    fn encrypt(&self, name: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
        let mut file = format!("{name}\n").into_bytes();
        file.extend(secret.iter().map(|byte| !byte));
        Ok(file)
    }

    fn decrypt(&self, name: &str, file: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
        let secret = file.strip_prefix(format!("{name}\n").as_bytes());
        let secret = secret.ok_or_else(|| io::Error::other("embedded name does not match"))?;
        Ok(Zeroizing::new(secret.iter().map(|byte| !byte).collect()))
    }
}

/// A host with both places for keys.
#[derive(Clone)]
struct Host {
    state: FakeDisk,
    credstore: FakeDisk,
}

impl Host {
    /// Two people are enrolled, under a key file.
    fn new() -> Self {
        let host = Self {
            state: FakeDisk::default(),
            credstore: FakeDisk::default(),
        };
        let vault = host.start().unwrap();
        for name in ["alice", "bob"] {
            put(&vault, name, name.as_bytes());
        }
        host
    }

    fn keys<T>(&self, work: impl FnOnce(&Keys<'_>) -> T) -> T {
        work(&Keys {
            state: &self.state,
            credentials: Some(&self.credstore),
            cipher: &Mirror,
            entropy: &counted_entropy(),
        })
    }

    /// The service manager decrypts what there is, and the daemon starts on it.
    fn start(&self) -> Option<Vault> {
        let decrypted = FakeDisk::default();
        for name in ["countersign.key", "countersign.key.old"] {
            if let Some(file) = self.credstore.content(name) {
                let secret = Mirror.decrypt(name, &file).ok()?;
                decrypted.put(name, secret.to_vec(), 0o400);
            }
        }
        let opening = opening(self.state.clone()).0;
        Vault::open(&opening, Some(&decrypted)).ok()
    }

    /// Everybody's record is there.
    fn check(&self, what: &str) {
        let vault = self.start();
        let vault = vault.unwrap_or_else(|| panic!("{what}: the daemon does not start"));
        for name in ["alice", "bob"] {
            let record = vault.load(&user(name)).unwrap().record;
            assert_eq!(record.unwrap()[..], *name.as_bytes(), "{what}: {name}");
        }
    }

    /// One change of the key from end to end, as the tool takes it. What was begun before is finished
    /// first.
    fn change(&self, target: Target) -> Result<(), RekeyError> {
        if self.keys(|keys| keys.standing())?.settled == Settled::No {
            self.settle()?;
            let place = self
                .keys(|keys| keys.standing())?
                .sealing
                .map(|(_, place)| place);
            let wanted = match target {
                Target::Credential => Home::Credential,
                Target::KeyFile => Home::KeyFile,
            };
            if place == Some(wanted) {
                return Ok(());
            }
        }
        self.keys(|keys| keys.begin(target))?;
        self.settle()
    }

    fn settle(&self) -> Result<(), RekeyError> {
        let stopped = || RekeyError::StillNeeded { records: 2 };
        let vault = self.start().ok_or_else(stopped)?;
        block_on(vault.reseal()).map_err(|_| stopped())?;
        drop(vault);
        self.keys(|keys| keys.finish()).map(drop)
    }

    fn names(&self) -> Vec<&'static str> {
        let all = [
            "key",
            "key.old",
            "key.gone",
            "countersign.key",
            "countersign.key.old",
            "countersign.key.before",
        ];
        let there = |name: &&str| {
            self.state.content(name).is_some() || self.credstore.content(name).is_some()
        };
        all.into_iter().filter(there).collect()
    }
}

fn put(vault: &Vault, name: &str, record: &[u8]) {
    let user = user(name);
    let version = vault.load(&user).unwrap().version;
    block_on(vault.swap(&user, version, Some(record), Durability::Required)).unwrap();
}

/// The four ways to change a key, by where it lies before and after.
const CHANGES: [(&[Target], Target, &[&str]); 4] = [
    (&[], Target::Credential, &["countersign.key"]),
    (
        &[Target::Credential],
        Target::Credential,
        &["countersign.key"],
    ),
    (&[Target::Credential], Target::KeyFile, &["key"]),
    (&[], Target::KeyFile, &["key"]),
];

#[test]
fn a_key_is_changed_in_each_of_the_four_ways_and_the_old_one_is_gone() {
    for (before, target, left) in CHANGES {
        let host = Host::new();
        for earlier in before {
            host.change(*earlier).unwrap();
        }
        let old = host.keys(|keys| keys.standing()).unwrap().sealing;
        host.change(target).unwrap();
        let new = host.keys(|keys| keys.standing()).unwrap();
        assert_ne!(new.sealing, old);
        assert_eq!(new.settled, Settled::Yes);
        assert_eq!(host.names(), left, "{before:?} to {target:?}");
        host.check("after the change");
    }
}

#[test]
fn wherever_a_change_of_the_key_stops_every_enrollment_opens_and_it_can_be_run_again() {
    for (before, target, left) in CHANGES {
        for on_state in [true, false] {
            let mut step = 0;
            loop {
                let host = Host::new();
                for earlier in before {
                    host.change(*earlier).unwrap();
                }
                let disk = if on_state {
                    &host.state
                } else {
                    &host.credstore
                };
                let at = disk.world().steps + step;
                disk.world().power_off_at = Some(at);
                let done = host.change(target);
                for remains in REMAINS {
                    let found = Host {
                        state: host.state.after_crash(remains),
                        credstore: host.credstore.after_crash(remains),
                    };
                    let what = format!("{before:?} to {target:?}, {on_state}, {step}, {remains:?}");
                    found.check(&what);
                    found
                        .change(target)
                        .unwrap_or_else(|e| panic!("{what}: {e}"));
                    assert_eq!(found.names(), left, "{what}");
                    found.check(&what);
                }
                if done.is_ok() {
                    break;
                }
                step += 1;
            }
            assert!(step > 1 || !on_state, "nothing was interrupted");
        }
    }
}

#[test]
fn what_is_sealed_under_the_new_key_while_the_old_one_is_put_back_opens_after_it() {
    for (before, target, _) in CHANGES {
        let mut at = 0;
        loop {
            let host = Host::new();
            for earlier in before {
                host.change(*earlier).unwrap();
            }
            let (standing, names) = (host.keys(|keys| keys.standing()).unwrap(), host.names());
            host.keys(|keys| keys.begin(target)).unwrap();
            // It came up after all, and goes on until it is started anew.
            let running = host.start().unwrap();
            let meanwhile = Meanwhile::new(at, move || put(&running, "alice", b"alice"));
            let (state, credstore) = (meanwhile.on(&host.state), meanwhile.on(&host.credstore));
            let keys = Keys {
                state: &state,
                credentials: Some(&credstore),
                cipher: &Mirror,
                entropy: &counted_entropy(),
            };
            keys.back().unwrap();
            let passed = meanwhile.end();
            let what = format!("back from {target:?}, written at {at}");
            host.check(&what);
            assert_eq!(
                host.keys(|keys| keys.standing()).unwrap().sealing,
                standing.sealing,
                "{what}"
            );
            host.settle().unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(host.keys(|keys| keys.standing()).unwrap(), standing);
            assert_eq!(host.names(), names, "{what}");
            host.check(&what);
            if !passed {
                break;
            }
            at += 1;
        }
        assert!(at > 3, "nothing was written meanwhile");
    }
}

#[test]
fn wherever_going_back_stops_every_enrollment_opens_and_it_can_be_run_again() {
    for (before, target, left) in CHANGES {
        for on_state in [true, false] {
            let mut step = 0;
            loop {
                let host = Host::new();
                for earlier in before {
                    host.change(*earlier).unwrap();
                }
                host.keys(|keys| keys.begin(target)).unwrap();
                // Alice is under the new key, bob under the old one.
                put(&host.start().unwrap(), "alice", b"alice");
                let disk = if on_state {
                    &host.state
                } else {
                    &host.credstore
                };
                let at = disk.world().steps + step;
                disk.world().power_off_at = Some(at);
                let done = host.keys(|keys| keys.back());
                for remains in REMAINS {
                    let found = Host {
                        state: host.state.after_crash(remains),
                        credstore: host.credstore.after_crash(remains),
                    };
                    let what = format!("{before:?} to {target:?}, {on_state}, {step}, {remains:?}");
                    found.check(&what);
                    found
                        .change(target)
                        .and_then(|()| found.change(target))
                        .unwrap_or_else(|e| panic!("{what}: {e}"));
                    assert_eq!(found.names(), left, "{what}");
                    found.check(&what);
                }
                if done.is_ok() {
                    break;
                }
                step += 1;
                assert!(step < 50, "going back never ends");
            }
        }
    }
}

#[test]
fn a_key_with_which_the_daemon_does_not_start_is_taken_away_again() {
    for (before, target, _) in CHANGES {
        let host = Host::new();
        for earlier in before {
            host.change(*earlier).unwrap();
        }
        let (standing, names) = (host.keys(|keys| keys.standing()).unwrap(), host.names());
        host.keys(|keys| keys.begin(target)).unwrap();
        host.keys(|keys| keys.back()).unwrap();
        assert_eq!(
            host.keys(|keys| keys.standing()).unwrap().sealing,
            standing.sealing
        );
        // Also without a daemon: nothing is under it.
        host.keys(|keys| keys.finish()).unwrap();
        assert_eq!(host.keys(|keys| keys.standing()).unwrap(), standing);
        assert_eq!(host.names(), names);
        host.check("back");
    }
}

#[test]
fn no_key_is_taken_away_that_a_record_is_under() {
    for (before, target, _) in CHANGES {
        let host = Host::new();
        for earlier in before {
            host.change(*earlier).unwrap();
        }
        host.keys(|keys| keys.begin(target)).unwrap();
        let needed = |result: Result<(), RekeyError>| {
            assert!(
                matches!(result, Err(RekeyError::StillNeeded { .. })),
                "{result:?}"
            );
        };
        needed(host.keys(|keys| keys.finish()).map(drop));
        // One login, and the new key is needed, too.
        put(&host.start().unwrap(), "alice", b"alice");
        needed(host.keys(|keys| keys.finish()).map(drop));
        host.check("both are needed");
        host.keys(|keys| keys.back()).unwrap();
        needed(host.keys(|keys| keys.finish()).map(drop));
        host.check("both are needed after going back");
    }
}

#[test]
fn nothing_is_begun_before_the_last_change_is_finished() {
    let host = Host::new();
    host.keys(|keys| keys.begin(Target::Credential)).unwrap();
    for target in [Target::Credential, Target::KeyFile] {
        let begun = host.keys(|keys| keys.begin(target));
        assert!(matches!(begun, Err(RekeyError::Unsettled)), "{begun:?}");
    }
}

#[test]
fn a_credential_that_does_not_decrypt_ends_everything_before_it_begins() {
    let host = Host::new();
    host.change(Target::Credential).unwrap();
    host.credstore
        .put("countersign.key", b"garbage".to_vec(), 0o600);
    for target in [Target::Credential, Target::KeyFile] {
        let begun = host.keys(|keys| keys.begin(target));
        assert!(
            matches!(begun, Err(RekeyError::Decrypting { .. })),
            "{begun:?}"
        );
    }
    let finished = host.keys(|keys| keys.finish());
    assert!(
        matches!(finished, Err(RekeyError::Decrypting { .. })),
        "{finished:?}"
    );
    assert_eq!(host.names(), ["countersign.key"]);
}

#[test]
fn half_of_an_erased_key_file_is_no_obstacle() {
    let host = Host::new();
    host.change(Target::Credential).unwrap();
    host.state.put("key.gone", vec![0; 7], 0o400);
    assert_eq!(
        host.keys(|keys| keys.standing()).unwrap().settled,
        Settled::No
    );
    host.check("a remnant");
    host.change(Target::Credential).unwrap();
    assert_eq!(host.names(), ["countersign.key"]);
    assert!(host.state.open("key.gone").unwrap().is_none());
}
