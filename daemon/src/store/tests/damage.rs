use super::fake_disk::FakeDisk;
use super::setup::{open, opening, put, require};
use crate::store::{Durability, Facts, FileKind, OpenError, Owner, Part, Store, check};

/// A disk with a store of a few frames, and where each frame begins.
fn disk_with_frames() -> (FakeDisk, Vec<usize>) {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let mut ends = vec![60, disk.content("journal").unwrap().len()];
    for name in ["alice", "bob", "carol"] {
        require(&store, name, b"record");
        ends.push(disk.content("journal").unwrap().len());
    }
    (disk, ends)
}

fn refusal(disk: &FakeDisk) -> OpenError {
    let before = disk.content("journal");
    let error = Store::open(&opening(disk.clone()).0)
        .err()
        .expect("must be refused");
    assert_eq!(
        disk.content("journal"),
        before,
        "a refused store was changed"
    );
    error
}

#[test]
fn a_flipped_bit_before_the_last_frame_is_refused_with_its_place() {
    let (disk, begins) = disk_with_frames();
    let last = begins[begins.len() - 2];
    for byte in 0..last {
        disk.edit("journal", |inode| inode.now[byte] ^= 0x10);
        match refusal(&disk) {
            OpenError::NotAJournal { .. } => assert!(byte < 16),
            OpenError::NewerFormat { .. } => assert!((16..20).contains(&byte)),
            OpenError::Damaged {
                offset: 0,
                part: Part::Header,
                ..
            } => {
                assert!((16..60).contains(&byte));
            }
            OpenError::Damaged { offset, part, .. } => {
                let begin = begins.iter().rev().find(|begin| **begin <= byte).unwrap();
                assert_eq!(offset, *begin as u64);
                let index = *begin == begins[0];
                assert_eq!(part, if index { Part::Index } else { Part::Changes });
            }
            other => panic!("byte {byte}: {other}"),
        }
        disk.edit("journal", |inode| inode.now[byte] ^= 0x10);
    }
    open(&disk);
}

#[test]
fn an_index_that_ends_too_early_is_damage_and_no_torn_tail() {
    let (disk, begins) = disk_with_frames();
    for length in 60..begins[1] {
        disk.edit("journal", |inode| inode.now.truncate(begins[1]));
        let whole = disk.content("journal").unwrap();
        disk.put("journal", whole[..length].to_vec(), 0o600);
        let error = refusal(&disk);
        assert!(
            matches!(
                error,
                OpenError::Damaged {
                    offset: 60,
                    part: Part::Index,
                    ..
                }
            ),
            "{error}"
        );
        disk.put("journal", whole, 0o600);
    }
}

#[test]
fn a_missing_frame_is_damage() {
    let (disk, begins) = disk_with_frames();
    disk.edit("journal", |inode| {
        drop(inode.now.drain(begins[1]..begins[2]));
    });
    let error = refusal(&disk);
    assert!(
        matches!(
            error,
            OpenError::Damaged {
                part: Part::Changes,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn frames_of_an_earlier_journal_are_not_believed() {
    let (disk, begins) = disk_with_frames();
    let other = FakeDisk::default();
    let (mut opening, _notices) = opening(other.clone());
    opening.entropy = std::sync::Arc::new(|buffer| {
        buffer.fill(0xEE);
        Ok(())
    });
    drop(Store::open(&opening).unwrap());
    let mut spliced = other.content("journal").unwrap();
    let whole = spliced.len();
    spliced.extend_from_slice(&disk.content("journal").unwrap()[begins[1]..]);
    other.put("journal", spliced, 0o600);
    assert_eq!(check(&other).unwrap().summary.bytes, whole);
    assert!(Store::open(&opening).unwrap().is_empty());
}

#[test]
fn each_refusal_says_what_and_where_and_what_to_do() {
    let said = |change: &dyn Fn(&FakeDisk)| {
        let (disk, _) = disk_with_frames();
        change(&disk);
        refusal(&disk).to_string()
    };
    let begins = |said: &str, with: &str| assert!(said.starts_with(with), "{said}");
    let mode = |mode| move |disk: &FakeDisk| disk.edit("journal", |inode| inode.facts.mode = mode);
    let owner =
        |owner| move |disk: &FakeDisk| disk.edit("journal", |inode| inode.facts.owner = owner);
    begins(
        &said(&mode(0o640)),
        "opening the store: /state/journal has mode 0640, so others than its owner may use it; \
         find out who did, then: chmod 0600 /state/journal",
    );
    begins(
        &said(&owner(Owner::Root)),
        "opening the store: /state/journal belongs to uid 0, not to the daemon's user; if it is \
         the right file, then: chown countersign: /state/journal",
    );
    begins(
        &said(&owner(Owner::Other(7))),
        "opening the store: /state/journal belongs to uid 7",
    );
    begins(
        &said(&|disk| disk.edit("journal", |inode| inode.facts.kind = FileKind::Other)),
        "opening the store: /state/journal is not a regular file",
    );
    begins(
        &said(&|disk| disk.put("journal", b"SQLite format 3\0".to_vec(), 0o600)),
        "opening the store: /state/journal was not written by Countersign",
    );
    begins(
        &said(&|disk| disk.edit("journal", |inode| inode.now[16] = 9)),
        "opening the store: /state/journal has format 9, which a later version wrote",
    );
    begins(
        &said(&|disk| disk.edit("journal", |inode| inode.now[70] ^= 1)),
        "opening the store: /state/journal is damaged at byte 60 (the index of its snapshot); \
         nothing was repaired",
    );
    begins(
        &said(&|disk| drop(crate::store::Disk::remove(disk, "journal"))),
        "opening the store: /state/journal is missing, but there was one; restore it from a \
         backup, or remove /state/lock as well",
    );
    let directory =
        |kind, mode, owner| move |disk: &FakeDisk| disk.set_directory(Facts { kind, mode, owner });
    begins(
        &said(&directory(FileKind::Directory, 0o755, Owner::Us)),
        "opening the store: /state has mode 0755",
    );
    begins(
        &said(&directory(FileKind::Directory, 0o700, Owner::Other(1))),
        "opening the store: /state belongs to uid 1",
    );
    begins(
        &said(&directory(FileKind::Regular, 0o700, Owner::Us)),
        "opening the store: /state is not a directory",
    );
}

#[test]
fn a_second_process_is_refused_and_the_first_goes_on() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let error = refusal(&disk);
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert!(put(&store, "alice", Some(b"x"), Durability::Required).is_ok());
    drop(store);
    open(&disk);
}

#[test]
fn checking_changes_nothing_and_counts_right() {
    let (disk, begins) = disk_with_frames();
    disk.edit("journal", |inode| inode.now.extend([7; 10]));
    let (before, steps) = (disk.content("journal"), disk.world().steps);
    let summary = check(&disk).unwrap().summary;
    assert_eq!(
        (summary.records, summary.bytes, summary.torn),
        (3, begins[4], 10)
    );
    assert_eq!(
        (disk.content("journal"), disk.world().steps),
        (before, steps)
    );
}
