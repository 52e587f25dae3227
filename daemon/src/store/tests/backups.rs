//! Backups: whole or refused, and nobody's without the key; restored wholly or not at all.

use zeroize::Zeroizing;

use super::crash::REMAINS;
use super::fake_disk::FakeDisk;
use super::setup::{block_on, content, counted_entropy, open, opening, user};
use crate::store::{
    BackupError, Credentials, Disk, Durability, Held, Kept, Keyring, Made, OpenError, Origin,
    Records, RestoreError, Vault, back_up, check, keys_from, read_backup,
};

fn vault(disk: &FakeDisk) -> Vault {
    Vault::open(&opening(disk.clone()).0, None).unwrap()
}

fn put(vault: &Vault, name: &str, record: &[u8]) {
    let user = user(name);
    let version = vault.load(&user).unwrap().version;
    block_on(vault.swap(&user, version, Some(record), Durability::Required)).unwrap();
}

fn disk_with(people: &[&str]) -> FakeDisk {
    let disk = FakeDisk::default();
    let vault = vault(&disk);
    for name in people {
        put(&vault, name, name.as_bytes());
    }
    disk
}

fn ring(disk: &FakeDisk) -> Keyring {
    Keyring::find_all(disk, Credentials::default())
        .unwrap()
        .unwrap()
}

fn made(disk: &FakeDisk) -> Made {
    let origin = Origin {
        host: "lab".to_owned(),
        made: 1_700_000_000,
    };
    back_up(
        &check(disk).unwrap(),
        &ring(disk),
        origin,
        &counted_entropy(),
    )
    .unwrap()
}

fn names(disk: &FakeDisk) -> Vec<String> {
    let vault = vault(disk);
    let page = vault.list(None, 100);
    for (user, unsealed) in &page {
        let record = unsealed.as_ref().unwrap().record.as_ref().unwrap();
        assert_eq!(record[..], *user.as_str().as_bytes());
    }
    page.iter().map(|(user, _)| user.to_string()).collect()
}

fn restore(disk: &FakeDisk, file: &[u8], keys: &Keyring) -> Result<Kept, RestoreError> {
    let backup = read_backup(file).unwrap();
    let records: Records = backup.open(keys).unwrap();
    let held = Held::take(disk)?.unwrap();
    let own = Keyring::find_all(disk, Credentials::default())?;
    let entropy = counted_entropy();
    let done = held.restore(disk, own, &entropy, (&backup, &records), "journal.before");
    done.map(|done| done.kept)
}

#[test]
fn a_backup_taken_while_changes_go_on_opens_with_the_key_alone() {
    let disk = disk_with(&["alice", "bob"]);
    let busy = vault(&disk);
    let made = made(&disk);
    put(&busy, "carol", b"carol");
    drop(busy);
    let header = made.header;
    assert_eq!((header.records, header.host.as_str()), (2, "lab"));
    assert_eq!(header.keys, [ring(&disk).places()[0].0.to_string()]);
    let opened = read_backup(&made.file).unwrap().open(&ring(&disk)).unwrap();
    let opened: Vec<&str> = opened.iter().map(|(user, _)| user.as_str()).collect();
    assert_eq!(opened, ["alice", "bob"]);
    assert!(
        !made
            .file
            .windows(32)
            .any(|part| part == disk.content("key").unwrap())
    );
}

#[test]
fn no_bit_of_a_backup_may_change_and_no_byte_be_missing() {
    let disk = disk_with(&["alice"]);
    let (file, keys) = (made(&disk).file, ring(&disk));
    for byte in 0..file.len() {
        let mut flipped = file.clone();
        flipped[byte] ^= 1;
        let opened = read_backup(&flipped).and_then(|backup| backup.open(&keys).map(drop));
        assert!(opened.is_err(), "byte {byte}");
        assert!(read_backup(&file[..byte]).is_err(), "{byte} bytes");
    }
    let longer = [&file[..], b"x"].concat();
    assert!(matches!(
        read_backup(&longer).err(),
        Some(BackupError::WrongLength { .. })
    ));
    assert_eq!(
        read_backup(b"countersign backup 2\n").err(),
        Some(BackupError::Newer { format: 2 })
    );
    assert_eq!(
        read_backup(b"countersign-jrnl").err(),
        Some(BackupError::NotABackup)
    );
}

#[test]
fn a_wrong_key_is_named_with_the_one_that_is_needed() {
    let disk = disk_with(&["alice"]);
    let backup = read_backup(&made(&disk).file).unwrap();
    let other = keys_from(&[5; 64]).unwrap();
    let id = |ring: &Keyring| ring.places()[0].0.to_string();
    assert_eq!(
        backup.open(&other).err(),
        Some(BackupError::WrongKey {
            needed: vec![id(&ring(&disk))],
            given: vec![id(&other), id(&other)],
        })
    );
    for bytes in [0, 31, 33, 17 * 32] {
        assert!(keys_from(&vec![1; bytes]).is_none(), "{bytes} bytes");
    }
}

#[test]
fn whoever_has_no_key_takes_no_record_out_of_a_backup() {
    // Everything but the HMAC can be made without the key.
    let disk = disk_with(&["alice", "bob"]);
    let whole = made(&disk);
    let fewer = disk_with(&["alice"]);
    fewer.put("key", disk.content("key").unwrap(), 0o400);
    let mut forged = made(&fewer);
    let end = forged.file.len() - 32;
    forged.file.truncate(end);
    forged
        .file
        .extend_from_slice(&whole.file[whole.file.len() - 32..]);
    let opened = read_backup(&forged.file).unwrap().open(&ring(&disk));
    assert_eq!(opened.err(), Some(BackupError::Forged));
}

#[test]
fn older_keys_that_records_need_are_saved_with_the_one_that_seals() {
    let disk = disk_with(&["alice", "bob"]);
    disk.replace("key", "key.old").unwrap();
    put(&vault(&disk), "bob", b"bob");
    let (bytes, ids) = check(&disk).unwrap().needed_keys(&ring(&disk));
    assert_eq!((bytes.len(), ids.len()), (64, 2));
    let saved = keys_from(&bytes).unwrap();
    let opened = read_backup(&made(&disk).file).unwrap().open(&saved);
    assert_eq!(opened.unwrap().len(), 2);
    let alone = keys_from(&bytes[..32]).unwrap();
    let opened = read_backup(&made(&disk).file).unwrap().open(&alone);
    assert!(matches!(
        opened.err(),
        Some(BackupError::WrongKey { needed, .. }) if needed == [ids[1].to_string()]
    ));
}

#[test]
fn a_backup_comes_back_on_a_new_machine_under_a_key_of_its_own() {
    let disk = disk_with(&["alice", "bob"]);
    let other = FakeDisk::default();
    let kept = restore(&other, &made(&disk).file, &ring(&disk)).unwrap();
    assert_eq!(kept, Kept::Nothing);
    assert_eq!(names(&other), ["alice", "bob"]);
    assert_ne!(other.content("key"), disk.content("key"));
    // And a journal that goes missing then is a loss.
    other.remove("journal").unwrap();
    assert!(matches!(
        check(&other).err(),
        Some(OpenError::JournalMissing { .. })
    ));
}

#[test]
fn what_was_there_before_is_kept_aside_damaged_or_not() {
    let (file, keys) = {
        let disk = disk_with(&["alice"]);
        (made(&disk).file, ring(&disk))
    };
    for damaged in [false, true] {
        let other = disk_with(&["zoe"]);
        if damaged {
            other.edit("journal", |inode| {
                inode.now[20] ^= 1;
                inode.durable[20] ^= 1;
            });
        }
        let before = other.content("journal");
        assert_eq!(restore(&other, &file, &keys).unwrap(), Kept::Aside);
        assert_eq!(other.content("journal.before"), before);
        assert_eq!(names(&other), ["alice"]);
    }
}

#[test]
fn wherever_a_restore_stops_the_earlier_store_or_the_new_one_is_whole() {
    let (file, keys) = {
        let disk = disk_with(&["alice", "bob"]);
        (made(&disk).file, ring(&disk))
    };
    let mut step = 0;
    loop {
        let disk = disk_with(&["zoe"]);
        let at = disk.world().steps + step;
        disk.world().power_off_at = Some(at);
        let done = restore(&disk, &file, &keys);
        for remains in REMAINS {
            let found = disk.after_crash(remains);
            let there = names(&found);
            let new = ["alice", "bob"];
            assert!(
                there == new || there == ["zoe"],
                "{step} {remains:?} {there:?}"
            );
            assert!(done.is_err() || there == new, "{step} {remains:?}");
            drop(restore(&found, &file, &keys).map(|_| assert_eq!(names(&found), new)));
        }
        if done.is_ok() {
            break;
        }
        step += 1;
    }
    assert!(step > 8, "{step}");
}

#[test]
fn a_full_disk_leaves_the_earlier_store_in_its_place() {
    let (file, keys) = {
        let disk = disk_with(&["alice"]);
        (made(&disk).file, ring(&disk))
    };
    for free in [0, 60, 150] {
        let disk = disk_with(&["zoe"]);
        disk.world().free = Some(free);
        assert!(matches!(
            restore(&disk, &file, &keys),
            Err(RestoreError::System(_))
        ));
        disk.world().free = None;
        assert_eq!(
            names(&disk.after_crash(super::fake_disk::Remains::Everything)),
            ["zoe"]
        );
    }
}

#[test]
fn a_store_that_a_daemon_holds_is_not_touched() {
    let disk = disk_with(&["zoe"]);
    let running = open(&disk);
    assert!(Held::take(&disk).unwrap().is_none());
    assert_eq!(content(&running).len(), 1);
}

#[test]
fn records_that_no_key_opens_are_named_and_left_out() {
    let disk = disk_with(&["alice", "bob"]);
    disk.put("key.old", disk.content("key").unwrap(), 0o400);
    disk.put("key", vec![9; 32], 0o400);
    put(&vault(&disk), "bob", b"bob");
    disk.remove("key.old").unwrap();
    let made = made(&disk);
    assert_eq!(made.unreadable, [user("alice")]);
    assert_eq!(made.header.records, 1);
    let opened: Vec<(_, Zeroizing<Vec<u8>>)> =
        read_backup(&made.file).unwrap().open(&ring(&disk)).unwrap();
    assert_eq!(opened.len(), 1);
}
