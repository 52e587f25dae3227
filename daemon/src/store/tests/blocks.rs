//! The snapshot on the disk: its blocks, its index, files of the first format, and snapshots that are
//! made while changes go on.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::crash::REMAINS;
use super::fake_disk::{FakeDisk, Remains};
use super::setup::{
    Content, block_on, content, counted_entropy, open, opening, put, record, require, user,
};
use crate::store::entry::{Row, write_entry};
use crate::store::first_format::FirstSnapshot;
use crate::store::frame::{FILE_HEADER, Kind, Salt, frame};
use crate::store::{
    Beside, Durability, Job, Notice, OpenError, Opening, Part, Store, StoreError, Swapped, Version,
    check, survey,
};

const SALT: Salt = Salt([7; 16]);

/// Keeps the jobs until the test lets them be done.
#[derive(Clone, Default)]
pub(super) struct Later(Arc<Mutex<Vec<Job>>>);

impl Later {
    fn do_all(&self) {
        let jobs: Vec<Job> = self.0.lock().unwrap().drain(..).collect();
        for job in jobs {
            job();
        }
    }

    fn waits(&self) -> bool {
        !self.0.lock().unwrap().is_empty()
    }
}

impl Beside for Later {
    fn run(&self, name: &'static str, job: Job) -> io::Result<()> {
        match name {
            "store-snapshot" => self.0.lock().unwrap().push(job),
            _ => job(),
        }
        Ok(())
    }

    fn rest(&self, _: Duration) {}
}

/// A disk with a snapshot of so many people, all in blocks.
fn disk_with(people: usize) -> FakeDisk {
    let disk = FakeDisk::default();
    let (mut opening, _) = opening(disk.clone());
    opening.snapshot_from = 0;
    let store = Store::open(&opening).unwrap();
    for number in 0..people {
        require(&store, &format!("user{number:04}"), &[7; 500]);
    }
    disk
}

fn name(number: usize) -> String {
    format!("user{number:04}")
}

/// Where the blocks end and the index begins.
fn index_at(disk: &FakeDisk) -> usize {
    let bytes = disk.content("journal").unwrap();
    usize::try_from(u64::from_le_bytes(bytes[36..44].try_into().unwrap())).unwrap()
}

#[test]
fn whatever_bit_of_the_blocks_is_damaged_others_are_served_and_nobody_gets_a_wrong_record() {
    let disk = disk_with(30);
    let end = index_at(&disk);
    let whole = content(&open(&disk));
    assert!(end > 3 * 4096, "there are too few blocks: {end}");
    for byte in (FILE_HEADER..end).step_by(97) {
        disk.edit("journal", |inode| inode.now[byte] ^= 0x10);
        let (opening, notices) = opening(disk.clone());
        let store = Store::open(&opening).unwrap();
        let told: Vec<_> = notices.try_iter().collect();
        let [Notice::Damaged { offset, .. }] = &told[..] else {
            panic!("byte {byte}: {told:?}");
        };
        let mut refused = 0;
        for (name, right) in &whole {
            match store.load(&user(name)) {
                Ok(stored) => assert_eq!(stored.record.as_deref(), Some(&right[..]), "{name}"),
                Err(StoreError::Unreadable { offset: at, .. }) => {
                    assert_eq!(at, *offset);
                    refused += 1;
                    let theirs = user(name);
                    let swap = store.swap(&theirs, Version::ABSENT, None, Durability::Required);
                    assert!(matches!(block_on(swap), Err(StoreError::Unreadable { .. })));
                }
                other => panic!("byte {byte}, {name}: {other:?}"),
            }
        }
        assert!((1..=8).contains(&refused), "byte {byte}: {refused}");
        let listed = store.list(None, usize::MAX);
        assert_eq!(listed.iter().filter(|(_, row)| row.is_err()).count(), 1);
        assert_eq!(listed.len(), whole.len() - refused + 1);
        drop(store);

        let damage = survey(&disk).unwrap().damage;
        assert!(
            matches!(&damage[..], [OpenError::Damaged { offset: at, part: Part::Snapshot, .. }] if at == offset),
            "{damage:?}"
        );
        assert!(check(&disk).is_err());
        disk.edit("journal", |inode| inode.now[byte] ^= 0x10);
    }
    assert_eq!(content(&open(&disk)), whole);
}

#[test]
fn every_damaged_block_is_found_by_a_check_and_the_log_names_the_first_of_many() {
    let disk = disk_with(300);
    let blocks = open(&disk).table().base().index.blocks();
    for block in 0..blocks {
        let at = open(&disk).table().base().index.span(block).unwrap().offset;
        let at = usize::try_from(at).unwrap();
        disk.edit("journal", |inode| inode.now[at + 100] ^= 1);
    }
    assert_eq!(survey(&disk).unwrap().damage.len(), blocks);
    let (opening, notices) = opening(disk.clone());
    let store = Store::open(&opening).unwrap();
    let of_blocks =
        |notice: &Notice| matches!(notice, Notice::Damaged { .. } | Notice::MoreDamaged { .. });
    let told: Vec<_> = notices.try_iter().filter(of_blocks).collect();
    assert_eq!(told.len(), 9);
    assert_eq!(told[8], Notice::MoreDamaged { blocks: blocks - 8 });
    // And the counts come from the index.
    assert_eq!(store.len(), 300);
}

/// Changes one person's record until a new snapshot is made.
fn until_a_snapshot(disk: &FakeDisk, store: &Store, who: &str) {
    let salt = |disk: &FakeDisk| Vec::from(&disk.content("journal").unwrap()[20..36]);
    let before = salt(disk);
    for turn in 0..60_u8 {
        if salt(disk) != before {
            return;
        }
        require(store, who, &[turn; 500]);
    }
    panic!("there was no snapshot");
}

/// Whose records a store cannot read.
fn refused(store: &Store) -> Vec<String> {
    let is_refused = |number: &usize| {
        let stored = store.load(&user(&name(*number)));
        matches!(stored, Err(StoreError::Unreadable { .. }))
    };
    (0..30).filter(is_refused).map(name).collect()
}

fn damage_block(disk: &FakeDisk, block: usize) -> Vec<u8> {
    let span = open(disk).table().base().index.span(block).unwrap();
    let at = usize::try_from(span.offset).unwrap();
    disk.edit("journal", |inode| inode.now[at + 100] ^= 1);
    Vec::from(&disk.content("journal").unwrap()[at..at + span.length])
}

#[test]
fn whichever_block_is_damaged_the_next_snapshots_refuse_its_people_and_nobody_else() {
    let blocks = open(&disk_with(30)).table().base().index.blocks();
    for block in 0..blocks {
        let disk = disk_with(30);
        // Changed and removed before the damage: that is known of them.
        let (first, after) = {
            let store = open(&disk);
            let table = store.table();
            let named = |block| table.base().index.first(block).map(Vec::from);
            let text = |name: Vec<u8>| String::from_utf8(name).unwrap();
            (text(named(block).unwrap()), named(block + 1).map(text))
        };
        let second = format!("user{:04}", first[4..].parse::<usize>().unwrap() + 1);
        let between = format!("{first}x");
        {
            let store = open(&disk);
            require(&store, &first, b"changed");
            put(&store, &second, None, Durability::Required).unwrap();
            require(&store, &between, b"new");
            // The names of a lost block end where they did, even when nobody is left there.
            if let Some(after) = &after {
                put(&store, after, None, Durability::Required).unwrap();
            }
        }
        let records = open(&disk).len();
        let remains = damage_block(&disk, block);
        let (mut opening, notices) = opening(disk.clone());
        opening.snapshot_from = 0;
        let store = Store::open(&opening).unwrap();
        let lost = refused(&store);
        let changing = if block == 0 { "user0029" } else { "user0000" };
        let check = |store: &Store| {
            assert_eq!(refused(store), lost);
            assert!(
                (1..=8).contains(&lost.len()) && !lost.contains(&first),
                "{lost:?}"
            );
            assert_eq!(record(store, &first).unwrap(), b"changed");
            assert_eq!(record(store, &between).unwrap(), b"new");
            assert_eq!(record(store, &second), None);
            assert!(
                after
                    .as_ref()
                    .is_none_or(|after| record(store, after).is_none())
            );
            assert_eq!(store.len(), records);
            let listed = store.list(None, usize::MAX);
            assert_eq!(listed.len(), records - lost.len() + 1);
        };
        for _ in 0..3 {
            until_a_snapshot(&disk, &store, changing);
            check(&store);
            check(&open(&disk.after_crash(Remains::Nothing)));
            let bytes = disk.content("journal").unwrap();
            let kept = bytes.windows(remains.len()).any(|part| part == remains);
            assert!(kept, "what was left of the block is gone");
        }
        if let Some(after) = &after {
            require(&store, after, b"enrolled again");
        }
        drop(store);
        let told: Vec<_> = notices.try_iter().collect();
        assert!(matches!(told[..], [Notice::Damaged { .. }]), "{told:?}");
        // Every start, and every check, tells of it again.
        assert_eq!(survey(&disk).unwrap().damage.len(), 1);
        drop(Store::open(&opening).unwrap());
        assert!(matches!(notices.try_recv(), Ok(Notice::Damaged { .. })));
    }
}

#[test]
fn with_every_block_damaged_everybody_who_was_there_is_refused_after_the_next_snapshot_too() {
    let disk = disk_with(30);
    require(&open(&disk), "user0029", b"known");
    let blocks = open(&disk).table().base().index.blocks();
    for block in 0..blocks {
        damage_block(&disk, block);
    }
    let (mut opening, _) = opening(disk.clone());
    opening.snapshot_from = 0;
    let store = Store::open(&opening).unwrap();
    let lost = refused(&store);
    assert!(lost.len() > 20, "{lost:?}");
    until_a_snapshot(&disk, &store, "user0029");
    until_a_snapshot(&disk, &store, "user0029");
    assert_eq!(refused(&store), lost);
    assert!(store.load(&user("zoe")).is_err());
    assert_eq!(store.len(), 30);
}

#[test]
fn a_damaged_block_does_not_keep_changes_from_the_disk_after_a_sync_has_failed() {
    let disk = disk_with(30);
    damage_block(&disk, 0);
    let store = open(&disk);
    disk.world().failing_syncs = 1;
    let swapped = put(&store, "user0029", Some(b"spent"), Durability::BestEffort);
    assert!(matches!(swapped, Ok(Swapped::InMemory(..))), "{swapped:?}");
    require(&store, "user0029", b"spent too");
    let lost = refused(&store);
    let found = open(&disk.after_crash(Remains::Nothing));
    assert_eq!(record(&found, "user0029").unwrap(), b"spent too");
    assert_eq!(refused(&found), lost);
}

#[test]
fn a_page_that_ends_at_a_damaged_block_has_the_newer_record_of_its_first_name() {
    let disk = disk_with(30);
    require(&open(&disk), "user0000", b"newer");
    damage_block(&disk, 0);
    let store = open(&disk);
    for limit in 1..4 {
        let (mut newer, mut unread, mut after) = (0, 0, None);
        loop {
            let page = store.list(after.as_ref(), limit);
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            let read = page.iter().filter(|(_, row)| row.is_ok());
            newer += read.filter(|(user, _)| user.as_str() == "user0000").count();
            unread += page.iter().filter(|(_, row)| row.is_err()).count();
        }
        assert_eq!((newer, unread), (1, 1), "{limit}");
    }
}

/// A file as the first format had it: a snapshot of alice and bob, then a change and a removal.
fn first_file() -> Vec<u8> {
    let mut snapshot = FirstSnapshot::begin(SALT);
    for (name, version) in [("alice", 1), ("bob", 2)] {
        snapshot
            .add(&Row {
                user: user(name),
                version,
                record: Arc::from(name.as_bytes()),
            })
            .unwrap();
    }
    let mut file = snapshot.end(2).unwrap();
    let mut batch = Vec::new();
    write_entry(&mut batch, &user("alice"), 3, Some(b"changed")).unwrap();
    write_entry(&mut batch, &user("bob"), 4, None).unwrap();
    write_entry(&mut batch, &user("carol"), 5, Some(b"carol")).unwrap();
    file.extend(frame(&SALT, Kind::Batch, 2, &batch).unwrap());
    file
}

fn first_content() -> Content {
    BTreeMap::from([
        ("alice".to_owned(), b"changed".to_vec()),
        ("carol".to_owned(), b"carol".to_vec()),
    ])
}

#[test]
fn a_file_of_the_first_format_is_taken_over_with_all_that_is_in_it() {
    let disk = FakeDisk::default();
    disk.put("journal", first_file(), 0o600);
    assert_eq!(check(&disk).unwrap().summary.records, 2);
    let (opening, notices) = opening(disk.clone());
    let store = Store::open(&opening).unwrap();
    assert_eq!(content(&store), first_content());
    assert!(require(&store, "dave", b"new") > Version(5));
    drop(store);
    assert_eq!(notices.try_iter().count(), 0);
    assert_eq!(disk.content("journal").unwrap()[16], 2);
    let again = content(&open(&disk.after_crash(Remains::Nothing)));
    assert_eq!(again.len(), 3);
}

#[test]
fn wherever_the_taking_over_stops_the_enrollments_are_there() {
    for step in 0.. {
        let disk = FakeDisk::default();
        disk.put("journal", first_file(), 0o600);
        disk.world().power_off_at = Some(step);
        let opened = Store::open(&opening(disk.clone()).0);
        let served = opened.is_ok_and(|store| content(&store) == first_content());
        assert!(served || step == 0, "step {step}");
        let done = disk.world().steps <= step;
        for remains in REMAINS {
            let found = open(&disk.after_crash(remains));
            assert_eq!(content(&found), first_content(), "step {step}, {remains:?}");
        }
        if done {
            break;
        }
    }
}

#[test]
fn a_damaged_or_torn_file_of_the_first_format_is_told_apart_as_ever() {
    let whole = first_file();
    let last = whole.len() - 60;
    for byte in (16..whole.len()).step_by(3) {
        let disk = FakeDisk::default();
        let mut flipped = whole.clone();
        flipped[byte] ^= 1;
        disk.put("journal", flipped, 0o600);
        let (opening, notices) = opening(disk.clone());
        match Store::open(&opening) {
            Ok(store) => {
                // The last frame alone may be an unfinished write.
                assert!(byte > 100, "{byte}");
                assert_eq!(content(&store).len(), 2);
                let notice = notices.try_recv();
                assert!(matches!(notice, Ok(Notice::TornTailCut { .. })));
            }
            Err(OpenError::Damaged { .. } | OpenError::NewerFormat { .. }) => {
                assert!(byte < last, "{byte}");
            }
            Err(other) => panic!("{byte}: {other}"),
        }
    }
}

fn opening_later(disk: &FakeDisk) -> (Opening, Later) {
    let later = Later::default();
    let (mut opening, _) = opening(disk.clone());
    opening.beside = Arc::new(later.clone());
    (opening, later)
}

#[test]
fn people_go_on_while_a_snapshot_is_made_and_nothing_of_it_is_lost() {
    let disk = FakeDisk::default();
    let (opening, later) = opening_later(&disk);
    let store = Store::open(&opening).unwrap();
    let mut turn = 0_u8;
    while !later.waits() {
        require(&store, &name(usize::from(turn)), &[turn; 200]);
        turn += 1;
    }
    let before = disk.content("journal").unwrap().len();
    // What is changed, removed, made and made again meanwhile.
    require(&store, "user0000", b"changed");
    put(&store, "user0001", None, Durability::Required).unwrap();
    require(&store, "zoe", b"new");
    put(&store, "user0002", None, Durability::Required).unwrap();
    require(&store, "user0002", b"back");
    let expected = content(&store);
    assert_eq!(store.len(), expected.len());
    assert_eq!(
        content(&open(&disk.after_crash(Remains::Nothing))),
        expected
    );
    later.do_all();
    require(&store, "last", b"x");
    assert_eq!(store.len(), content(&store).len());
    assert_eq!(content(&store).len(), expected.len() + 1);
    let after = disk.after_crash(Remains::Nothing);
    let again = open(&after);
    assert_eq!(content(&again), content(&store));
    assert_eq!(again.len(), store.len());
    assert!(index_at(&disk) > FILE_HEADER && index_at(&disk) < before);
    assert_eq!(check(&after).unwrap().summary.records, store.len());
}

#[test]
fn wherever_the_power_fails_while_a_snapshot_is_made_what_was_confirmed_is_there() {
    for step in 0.. {
        let disk = FakeDisk::default();
        let (mut opening, later) = opening_later(&disk);
        opening.fill = 4096;
        let store = Store::open(&opening).unwrap();
        let mut turn = 0_u8;
        while !later.waits() {
            require(&store, &name(usize::from(turn % 5)), &[turn; 200]);
            turn += 1;
        }
        let off = disk.world().steps + step;
        disk.world().power_off_at = Some(off);
        let is_off = || disk.world().steps > off;
        let (mut confirmed, mut asked) = (content(&store), Content::new());
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // A snapshot that somebody waits for, since the disk fails, is made like any other.
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    if is_off() {
                        later.do_all();
                    }
                    std::thread::yield_now();
                }
            });
            for turn in 0..6_u8 {
                if turn == 3 {
                    later.do_all();
                }
                let (name, record) = (name(usize::from(turn)), vec![turn; 99]);
                asked.clone_from(&confirmed);
                asked.insert(name.clone(), record.clone());
                match put(&store, &name, Some(&record), Durability::Required) {
                    Ok(Swapped::Durable(_)) => confirmed.clone_from(&asked),
                    _ => break,
                }
            }
            drop(store);
            over.store(true, Ordering::Relaxed);
        });
        for remains in REMAINS {
            let found = content(&open(&disk.after_crash(remains)));
            assert!(
                found == confirmed || found == asked,
                "step {step}, {remains:?}: {found:?}"
            );
        }
        if !is_off() {
            assert!(step > 10, "nothing was interrupted");
            break;
        }
    }
}

#[test]
fn a_store_that_is_closed_while_a_snapshot_is_made_loses_nothing() {
    let disk = FakeDisk::default();
    let (opening, later) = opening_later(&disk);
    let store = Store::open(&opening).unwrap();
    let mut turn = 0_u8;
    while !later.waits() {
        require(&store, &name(usize::from(turn)), &[turn; 200]);
        turn += 1;
    }
    let expected = content(&store);
    std::thread::scope(|scope| {
        scope.spawn(|| drop(store));
        later.do_all();
    });
    assert_eq!(content(&open(&disk)), expected);
    assert!(disk.content("journal.new").is_none());
}

#[test]
fn what_is_written_ahead_is_no_content_and_a_torn_write_over_it_is_cut() {
    let disk = FakeDisk::default();
    let (mut opening, notices) = opening(disk.clone());
    opening.fill = 8192;
    let store = Store::open(&opening).unwrap();
    require(&store, "alice", b"first");
    let length = usize::try_from(store.journal_bytes()).unwrap();
    let lock = disk.content("lock").unwrap();
    require(&store, "alice", b"second");
    let end = usize::try_from(store.journal_bytes()).unwrap();
    drop(store);
    assert_eq!(notices.try_iter().count(), 1);
    let whole = disk.content("journal").unwrap();
    assert!(whole.len() > end + 4096);
    // Any part of the last frame may be missing, and be zeros as before.
    for (from, to) in (length..end).flat_map(|at| [(length, at + 1), (at, end)]) {
        let mut torn = whole.clone();
        torn[from..to].fill(0);
        if torn == whole {
            continue;
        }
        disk.put("journal", torn, 0o600);
        disk.put("lock", lock.clone(), 0o600);
        let store = Store::open(&opening).unwrap();
        assert_eq!(record(&store, "alice").unwrap(), b"first", "{from}..{to}");
        drop(store);
        let left = disk.content("journal").unwrap();
        assert!(left[length..].iter().all(|byte| *byte == 0));
    }
    // A frame beyond zeros was whole once.
    let mut gap = whole.clone();
    gap.copy_within(length..end, length + 500);
    gap[length..length + 500].fill(0);
    disk.put("journal", gap, 0o600);
    assert!(matches!(
        Store::open(&opening).err(),
        Some(OpenError::Damaged {
            part: Part::Changes,
            ..
        })
    ));
}

#[test]
fn what_a_snapshot_is_made_of_comes_in_order() {
    let disk = FakeDisk::default();
    let mut draft = crate::store::snapshot::Draft::begin(&disk, &counted_entropy()).unwrap();
    let row = |name: &str| Row {
        user: user(name),
        version: 1,
        record: Arc::from(&b"x"[..]),
    };
    draft.add(&row("bob")).unwrap();
    assert!(draft.add(&row("alice")).is_err());
    assert!(draft.add(&row("bob")).is_err());
    draft.add(&row("carol")).unwrap();
}
