//! `countersign store` on a host without systemd: what is on the disk is looked at, copied, restored here and on
//! another machine, and given another key, while people log in.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use countersign_tests::{
    Lab, Outcome, Program, Road, STATE, Secret, Stage, Told, in_lab, state_file, tool,
};
use serde_json::Value;

const BACKUP: &str = "/root/store.backup";
const KEYS: &str = "/root/store.keys";

fn store(arguments: &[&str]) -> Told {
    let all: Vec<&str> = [&["store"], arguments].concat();
    tool("root", &all, &[])
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&store(arguments).out).expect("JSON")
}

/// The bus starts the daemon, as it does where there is no systemd.
fn alice_by_counter(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .road(Road::Bus)
        .user("alice", "pw")
        .user("bob", "pw")
        .start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

fn logs_in(lab: &Lab, secret: &mut Secret) {
    let visit = lab
        .ssh("alice")
        .password("pw")
        .code(&secret.next_code())
        .go();
    assert_eq!(visit.outcome(), Outcome::LetIn);
}

/// Another machine: nothing of the store is left, and the daemon does not run.
fn another_machine(lab: &mut Lab) {
    lab.daemon().stop();
    fs::remove_dir_all(STATE).expect("a state directory");
    Program::new("systemd-tmpfiles")
        .args(["--create", "countersign.conf"])
        .text();
}

#[test]
fn a_store_is_looked_at_by_the_daemon_and_on_the_disk() {
    in_lab(|stage| {
        let (mut lab, _alice) = alice_by_counter(stage);
        let status = json(&["status", "--json"]);
        assert_eq!(
            (&status["records"], &status["unsaved"]),
            (&1.into(), &0.into())
        );
        assert_eq!(status["keys"][0]["place"], "key-file");
        assert!(status["journal"].as_u64().expect("bytes") > 100);
        for running in [true, false] {
            let checked = store(&["check"]);
            checked.done();
            assert!(checked.out.contains("Enrollments: 1"), "{checked:?}");
            assert!(checked.out.contains("every record opens"), "{checked:?}");
            let report = json(&["check", "--json"]);
            assert_eq!(report["keys"][0]["id"], status["keys"][0]["id"]);
            assert_eq!(report["problems"], serde_json::json!([]));
            if running {
                lab.daemon().stop();
            }
        }
        for verb in [&["check"][..], &["backup", "/tmp/x"], &["rotate"]] {
            let all: Vec<&str> = [&["store"], verb].concat();
            tool("alice", &all, &[]).failed_with(&["only root"]);
        }
        tool("alice", &["store", "status"], &[]).failed_with(&["administrator"]);
    });
}

#[test]
fn damage_is_named_with_its_place_and_what_to_do() {
    in_lab(|stage| {
        let (mut lab, _alice) = alice_by_counter(stage);
        lab.daemon().stop();
        let journal = state_file("journal");
        let whole = fs::read(&journal).expect("a journal");
        let mut damaged = whole.clone();
        damaged[60] ^= 1;
        fs::write(&journal, &damaged).expect("a damaged journal");
        let checked = store(&["check"]);
        checked.failed_with(&["1 problem"]);
        assert!(checked.out.contains("is damaged at byte 60"), "{checked:?}");
        assert!(
            checked
                .out
                .contains("countersign store restore FILE --force"),
            "{checked:?}"
        );
        store(&["backup", BACKUP]).failed_with(&["is damaged"]);
        assert!(!fs::exists(BACKUP).expect("/root can be read"));
        fs::write(&journal, &whole).expect("the good journal");

        let key = fs::read(state_file("key")).expect("a key");
        fs::remove_file(state_file("key")).expect("a key");
        let checked = store(&["check"]);
        checked.failed_with(&["1 problem"]);
        assert!(checked.out.contains("no key"), "{checked:?}");
        fs::write(state_file("key"), [7; 32]).expect("another key");
        Program::new("chown")
            .args(["countersign:", "/var/lib/countersign/key"])
            .text();
        Program::new("chmod")
            .args(["0400", "/var/lib/countersign/key"])
            .text();
        let checked = store(&["check"]);
        assert!(
            checked.out.contains("The record of alice cannot be read"),
            "{checked:?}"
        );
        assert!(!checked.out.contains(&format!("{key:?}")));
    });
}

#[test]
fn a_backup_is_taken_while_logins_go_on_and_comes_back_on_another_machine() {
    in_lab(|stage| {
        let (mut lab, mut alice) = alice_by_counter(stage);
        logs_in(&lab, &mut alice);
        let made = store(&["backup", BACKUP]);
        made.done();
        assert!(
            made.out.contains("1 enrollment is in /root/store.backup"),
            "{made:?}"
        );
        let saved = store(&["key", "--save", KEYS]);
        saved.done();
        assert!(saved.out.contains("in the clear"), "{saved:?}");
        for (file, bytes) in [(BACKUP, None), (KEYS, Some(32))] {
            let about = fs::metadata(file).expect("it was made");
            assert_eq!(about.permissions().mode() & 0o7777, 0o600, "{file}");
            assert!(bytes.is_none_or(|bytes| about.len() == bytes), "{file}");
        }
        store(&["backup", BACKUP]).failed_with(&["--force"]);
        store(&["backup", BACKUP, "--force"]).done();
        Program::new("ln").args(["-s", BACKUP, "/root/link"]).text();
        store(&["backup", "/root/link", "--force"]).failed_with(&["link"]);
        logs_in(&lab, &mut alice);

        another_machine(&mut lab);
        store(&["restore", BACKUP]).failed_with(&["--key FILE", "Nothing was changed"]);
        let restored = store(&["restore", BACKUP, "--key", KEYS]);
        restored.done();
        for part in [
            "1 enrollment is restored",
            "alice has a token that counts",
            "recovery",
        ] {
            assert!(restored.out.contains(part), "{part}: {restored:?}");
        }
        let keys = fs::read(KEYS).expect("saved keys");
        assert_ne!(
            fs::read(state_file("key")).expect("a key"),
            keys,
            "a key of its own"
        );
        store(&["check"]).done();
        logs_in(&lab, &mut alice);
    });
}

#[test]
fn nothing_is_touched_before_a_backup_has_proved_whole_and_ours() {
    in_lab(|stage| {
        let (lab, mut alice) = alice_by_counter(stage);
        store(&["backup", BACKUP]).done();
        store(&["key", "--save", KEYS]).done();
        let journal = fs::read(state_file("journal")).expect("a journal");
        let whole = fs::read(BACKUP).expect("a backup");
        fs::write("/root/wrong.key", [7; 32]).expect("a key");
        fs::write("/root/short.key", [7; 31]).expect("half a key");
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write("/root/changed", changed).expect("a changed backup");
        fs::write("/root/short", &whole[..whole.len() - 9]).expect("a short backup");
        fs::write("/root/other", "Dear diary,\n").expect("another file");
        for (arguments, said) in [
            (&["/root/changed"][..], "is damaged"),
            (&["/root/short"], "bytes and should have"),
            (&["/root/other"], "no backup of Countersign"),
            (&["/root/missing"], "cannot read /root/missing"),
            (&[BACKUP, "--key", "/root/wrong.key"], "opens with key"),
            (&[BACKUP, "--key", "/root/short.key"], "is no key"),
        ] {
            let all: Vec<&str> = [&["restore"], arguments, &["--force"]].concat();
            store(&all).failed_with(&[said]);
        }
        store(&["restore", BACKUP]).failed_with(&["1 enrollment here already", "--force"]);
        assert_eq!(fs::read(state_file("journal")).expect("a journal"), journal);
        logs_in(&lab, &mut alice);
    });
}

#[test]
fn a_damaged_store_is_replaced_and_kept_aside() {
    in_lab(|stage| {
        let (mut lab, mut alice) = alice_by_counter(stage);
        store(&["backup", BACKUP]).done();
        lab.daemon().stop();
        let mut journal = fs::read(state_file("journal")).expect("a journal");
        journal[60] ^= 1;
        fs::write(state_file("journal"), &journal).expect("a damaged journal");
        store(&["restore", BACKUP]).failed_with(&["is damaged", "--force"]);
        let restored = store(&["restore", BACKUP, "--force"]);
        restored.done();
        let aside = restored
            .out
            .split_whitespace()
            .find(|word| word.contains("journal.before-"))
            .expect("it says where");
        assert_eq!(
            fs::read(aside.trim_end_matches('.')).expect("kept"),
            journal
        );
        logs_in(&lab, &mut alice);
    });
}

#[test]
fn whose_uid_is_another_here_is_told_and_taken_over_only_when_that_is_said() {
    in_lab(|stage| {
        let (mut lab, mut alice) = alice_by_counter(stage);
        store(&["backup", BACKUP]).done();
        store(&["key", "--save", KEYS]).done();
        another_machine(&mut lab);
        Program::new("usermod").args(["-u", "4321", "alice"]).text();
        Program::new("userdel").arg("bob").text();
        let restored = store(&["restore", BACKUP, "--key", KEYS]);
        restored.done();
        assert!(
            restored.out.contains("alice has uid 4321 here"),
            "{restored:?}"
        );
        assert!(restored.out.contains("--rebind-uids"), "{restored:?}");
        let refused = lab
            .ssh("alice")
            .password("pw")
            .code(&alice.next_code())
            .go();
        assert_ne!(refused.outcome(), Outcome::LetIn);
        let rebound = ["restore", BACKUP, "--key", KEYS, "--force", "--rebind-uids"];
        store(&rebound).done();
        logs_in(&lab, &mut alice);
    });
}

#[test]
fn a_key_file_is_rotated_while_the_old_backup_still_opens_with_the_old_key() {
    in_lab(|stage| {
        let (lab, mut alice) = alice_by_counter(stage);
        store(&["backup", BACKUP]).done();
        store(&["key", "--save", KEYS]).done();
        let before = json(&["status", "--json"])["keys"][0]["id"].clone();
        logs_in(&lab, &mut alice);
        store(&["rotate"]).done();
        let status = json(&["status", "--json"]);
        assert_ne!(status["keys"][0]["id"], before);
        assert_eq!(status["keys"].as_array().expect("keys").len(), 1);
        let names: Vec<_> = fs::read_dir(STATE)
            .expect("a state directory")
            .map(|entry| entry.expect("a file").file_name())
            .collect();
        assert!(
            !names
                .iter()
                .any(|name| name == "key.old" || name == "key.gone"),
            "{names:?}"
        );
        logs_in(&lab, &mut alice);
        store(&["check"]).done();
        store(&["restore", BACKUP, "--force"]).failed_with(&["opens with key"]);
        store(&["restore", BACKUP, "--key", KEYS, "--force"]).done();
        assert!(
            store(&["seal", "--with", "key-file"])
                .out
                .contains("nothing to change")
        );
        store(&["seal", "--with", "systemd-creds"]).failed_with(&["need systemd"]);
        let log = lab.log();
        let keys = fs::read(KEYS).expect("saved keys");
        let hex = keys
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat();
        assert!(!log.contains(&hex), "no key in the log");
    });
}

#[test]
fn of_two_commands_that_change_the_whole_store_the_second_changes_nothing() {
    in_lab(|stage| {
        let (lab, mut alice) = alice_by_counter(stage);
        store(&["backup", BACKUP]).done();
        let under_way = File::create("/run/countersign-store.lock").expect("the lock");
        under_way.lock().expect("the turn");
        for verb in [
            &["rotate"][..],
            &["seal", "--with", "key-file"],
            &["restore", BACKUP, "--force"],
        ] {
            store(verb).failed_with(&[
                "another command is changing the store",
                "Nothing was changed",
            ]);
        }
        drop(under_way);
        logs_in(&lab, &mut alice);
        store(&["rotate"]).done();
        logs_in(&lab, &mut alice);
    });
}

#[test]
fn where_no_key_opens_the_store_none_is_made() {
    in_lab(|stage| {
        let (mut lab, mut alice) = alice_by_counter(stage);
        lab.daemon().stop();
        let (key, away) = (state_file("key"), "/root/key-away");
        fs::rename(&key, away).expect("the key moves");
        store(&["rotate"]).failed_with(&["Nothing was changed", "countersign store check"]);
        assert!(!fs::exists(&key).expect("the state directory can be read"));
        lab.daemon().stop();
        fs::rename(away, &key).expect("the key comes back");
        logs_in(&lab, &mut alice);
    });
}
