use zeroize::Zeroizing;

use super::fake_disk::FakeDisk;
use super::setup::{after_power_loss, block_on, opening, user};
use crate::store::{
    Durability, Key, KeyError, Notice, SealError, Swapped, Vault, VaultError, Version,
};

const SECRET: &[u8] = b"JBSWY3DPEHPK3PXP";

fn open(disk: &FakeDisk) -> Result<Vault, VaultError> {
    Vault::open(&opening(disk.clone()).0, None)
}

fn key_error(disk: &FakeDisk) -> KeyError {
    match open(disk).err() {
        Some(VaultError::Key(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn put(vault: &Vault, name: &str, record: &[u8]) {
    let user = user(name);
    let version = vault.load(&user).unwrap().version;
    let swapped = block_on(vault.swap(&user, version, Some(record), Durability::Required));
    assert!(matches!(swapped, Ok(Swapped::Durable(_))));
}

fn get(vault: &Vault, name: &str) -> Vec<u8> {
    vault.load(&user(name)).unwrap().record.unwrap().to_vec()
}

fn disk_with_alice() -> FakeDisk {
    let disk = FakeDisk::default();
    put(&open(&disk).unwrap(), "alice", SECRET);
    disk
}

#[test]
fn records_come_back_plain_and_lie_on_the_disk_sealed() {
    let disk = disk_with_alice();
    let vault = open(&disk).unwrap();
    assert_eq!(get(&vault, "alice"), SECRET);
    let nobody = vault.load(&user("bob")).unwrap();
    assert!(nobody.record.is_none() && nobody.version == Version::ABSENT);
    assert_eq!(
        vault.list(None, 9)[0]
            .1
            .as_ref()
            .unwrap()
            .record
            .as_ref()
            .unwrap()[..],
        *SECRET
    );
    let bytes = disk.content("journal").unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
}

#[test]
fn the_key_is_made_once_for_the_owner_alone_and_kept() {
    let disk = FakeDisk::default();
    let (opening, notices) = opening(disk.clone());
    drop(Vault::open(&opening, None).unwrap());
    let said: Vec<_> = notices.try_iter().collect();
    assert_eq!(said, [Notice::Created, Notice::KeyGenerated]);
    let key = disk.content("key").unwrap();
    assert_eq!(key.len(), 32);
    disk.edit("key", |inode| assert_eq!(inode.facts.mode, 0o400));
    drop(open(&disk).unwrap());
    assert_eq!(disk.content("key"), Some(key));
}

#[test]
fn a_key_survives_the_loss_of_power_before_anything_is_sealed_under_it() {
    let whole = FakeDisk::default();
    drop(open(&whole).unwrap());
    let steps = whole.world().steps;
    for step in 0..=steps {
        let disk = FakeDisk::default();
        disk.world().power_off_at = Some(step);
        drop(open(&disk));
        for remains in crate::store::tests::crash::REMAINS {
            let found = disk.after_crash(remains);
            put(&open(&found).unwrap(), "alice", SECRET);
            let found = found.after_crash(super::fake_disk::Remains::Nothing);
            assert_eq!(
                get(&open(&found).unwrap(), "alice"),
                SECRET,
                "{step} {remains:?}"
            );
        }
    }
}

#[test]
fn records_without_their_key_are_refused_and_no_new_key_is_made() {
    let disk = disk_with_alice();
    crate::store::Disk::remove(&disk, "key").unwrap();
    let error = key_error(&disk);
    assert!(matches!(error, KeyError::Missing { .. }));
    assert!(error.to_string().contains("restore the key"), "{error}");
    assert_eq!(disk.content("key"), None);
}

#[test]
fn each_bad_key_has_its_message() {
    let disk = disk_with_alice();
    let key = disk.content("key").unwrap();
    let said = |key: Vec<u8>, mode| {
        disk.put("key", key, mode);
        key_error(&disk).to_string()
    };
    let wrong = said(vec![1; 32], 0o400);
    assert!(
        wrong.contains("the records were sealed under key"),
        "{wrong}"
    );
    assert!(said(vec![1; 31], 0o400).contains("/state/key has 31 bytes, and a key has 32"));
    assert!(said(Vec::new(), 0o400).contains("/state/key has 0 bytes"));
    assert!(said(key.clone(), 0o404).contains("/state/key has mode 0404"));
    assert!(said(key.clone(), 0o440).contains("/state/key has mode 0440"));
    disk.put("key", key, 0o400);
    assert_eq!(get(&open(&disk).unwrap(), "alice"), SECRET);
}

#[test]
fn a_record_that_was_moved_to_another_user_does_not_open() {
    let disk = FakeDisk::default();
    let vault = open(&disk).unwrap();
    put(&vault, "alice", SECRET);
    let stolen = after_power_loss_of(vault, &disk)["alice"].clone();
    let store = super::setup::open(&disk);
    super::setup::require(&store, "mallory", &stolen);
    drop(store);
    let vault = open(&disk).unwrap();
    let stolen = vault.load(&user("mallory")).err();
    assert!(matches!(stolen, Some(VaultError::Seal(SealError::Broken))));
    assert_eq!(get(&vault, "alice"), SECRET);
    let page = vault.list(None, 9);
    assert!(page[0].1.is_ok() && page[1].1.is_err());
}

fn after_power_loss_of(vault: Vault, disk: &FakeDisk) -> super::setup::Content {
    drop(vault);
    after_power_loss(disk)
}

#[test]
fn a_renamed_key_is_replaced_and_resealing_makes_it_dispensable() {
    let disk = disk_with_alice();
    put(&open(&disk).unwrap(), "bob", b"other");
    let old = disk.content("key").unwrap();
    crate::store::Disk::replace(&disk, "key", "key.old").unwrap();
    let vault = open(&disk).unwrap();
    assert_ne!(disk.content("key").unwrap(), old);
    assert_eq!(get(&vault, "alice"), SECRET);
    assert_eq!(block_on(vault.reseal()).unwrap(), 2);
    assert_eq!(block_on(vault.reseal()).unwrap(), 0);
    drop(vault);
    crate::store::Disk::remove(&disk, "key.old").unwrap();
    let vault = open(&disk).unwrap();
    assert_eq!(
        (get(&vault, "alice"), get(&vault, "bob")),
        (SECRET.to_vec(), b"other".to_vec())
    );
}

#[test]
fn a_credential_seals_and_the_key_file_still_opens() {
    let disk = disk_with_alice();
    let credentials = FakeDisk::default();
    credentials.put("countersign.key", vec![9; 32], 0o440); // as systemd's access list shows
    let vault = Vault::open(&opening(disk.clone()).0, Some(&credentials)).unwrap();
    assert_eq!(get(&vault, "alice"), SECRET);
    put(&vault, "bob", b"new");
    drop(vault);

    // Without the credential, the ones sealed under it are named, and the others open.
    let (opening, notices) = opening(disk);
    let vault = Vault::open(&opening, None).unwrap();
    let wanted = Key::new(Zeroizing::new([9; 32])).id();
    assert_eq!(
        notices.recv(),
        Ok(Notice::KeyMissing { records: 1, wanted })
    );
    assert_eq!(get(&vault, "alice"), SECRET);
    assert!(matches!(
        vault.load(&user("bob")).err(),
        Some(VaultError::Seal(SealError::UnknownKey { id })) if id == wanted
    ));
}

#[test]
fn a_credential_that_all_may_read_is_refused() {
    let credentials = FakeDisk::default();
    credentials.put("countersign.key", vec![9; 32], 0o444);
    let refused = Vault::open(&opening(FakeDisk::default()).0, Some(&credentials));
    assert!(matches!(
        refused.err(),
        Some(VaultError::Key(KeyError::Exposed { .. }))
    ));
}
