use std::time::Duration;

use super::fake_disk::{FakeDisk, Remains, World};
use super::setup::{
    after_power_loss, block_on, content, hold_next_sync, open, opening, put, queue, record,
    require, user,
};
use crate::store::{Durability, Notice, Store, StoreError, Swapped, Version, check};

use Durability::{BestEffort, Required};

type Breaks = (&'static str, fn(&mut World));

/// The ways in which a disk fails, and goes on failing until it is mended.
const BREAKS: [Breaks; 4] = [
    ("full", |world| world.free = Some(0)),
    ("nearly full", |world| world.free = Some(33)),
    ("read-only", |world| world.read_only = true),
    ("syncs fail", |world| world.failing_syncs = 1000),
];

fn mend(world: &mut World) {
    (world.free, world.read_only) = (None, false);
    (world.failing_syncs, world.failing_cuts) = (0, 0);
}

/// Without space set aside, which would only delay what is tested here.
fn disk_with_alice() -> (FakeDisk, Store, std::sync::mpsc::Receiver<Notice>) {
    let disk = FakeDisk::default();
    disk.world().free = Some(1000);
    let (opening, notices) = opening(disk.clone());
    let store = Store::open(&opening).unwrap();
    require(&store, "alice", b"enrolled");
    assert_eq!(notices.recv(), Ok(Notice::Created));
    (disk, store, notices)
}

fn assert_in_memory(swapped: &Result<Swapped, StoreError>) {
    match swapped {
        Ok(Swapped::InMemory(_, reason)) => assert!(!reason.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn on_a_failed_disk_logins_go_on_in_memory_and_reach_the_disk_when_it_is_mended() {
    for (how, fail) in BREAKS {
        let (disk, store, notices) = disk_with_alice();
        fail(&mut disk.world());
        for turn in 0..5_u8 {
            assert_in_memory(&put(&store, "alice", Some(&[turn; 40]), BestEffort));
            assert_eq!(record(&store, "alice").unwrap(), [turn; 40], "{how}");
        }
        assert_in_memory(&put(&store, "bob", Some(b"new"), BestEffort));
        let said: Vec<_> = notices.try_iter().collect();
        assert!(
            matches!(said[..], [Notice::WritesFailing { .. }]),
            "{how}: {said:?}"
        );
        assert_eq!(after_power_loss(&disk)["alice"], b"enrolled", "{how}");

        mend(&mut disk.world());
        require(&store, "alice", b"newest");
        let resumed = notices.recv();
        assert_eq!(resumed, Ok(Notice::WritesResumed { records: 2 }), "{how}");
        assert_eq!(after_power_loss(&disk), content(&store), "{how}");
        assert_eq!(after_power_loss(&disk)["alice"], b"newest", "{how}");

        // And nothing of it is left for the next time.
        disk.world().read_only = true;
        assert_in_memory(&put(&store, "alice", Some(&[9; 40]), BestEffort));
        mend(&mut disk.world());
        require(&store, "carol", b"later");
        let resumed = notices.try_iter().last();
        assert_eq!(resumed, Some(Notice::WritesResumed { records: 1 }), "{how}");
    }
}

#[test]
fn a_required_change_that_fails_leaves_nothing_behind() {
    for (how, fail) in BREAKS {
        let (disk, store, _notices) = disk_with_alice();
        fail(&mut disk.world());
        for (name, change) in [
            ("alice", Some(&b"changed"[..])),
            ("alice", None),
            ("bob", Some(b"x")),
        ] {
            let refused = put(&store, name, change, Required);
            assert!(
                matches!(refused, Err(StoreError::StorageFailed { .. })),
                "{how}"
            );
            assert_eq!(
                content(&store),
                content(&open(&disk.after_crash(Remains::Everything)))
            );
        }
        mend(&mut disk.world());
        require(&store, "carol", b"later");
        assert_eq!(check(&disk).unwrap().summary.torn, 0, "{how}");
        for remains in [Remains::Nothing, Remains::Everything] {
            let after = content(&open(&disk.after_crash(remains)));
            assert_eq!(
                after.keys().collect::<Vec<_>>(),
                ["alice", "carol"],
                "{how}"
            );
            assert_eq!(after["alice"], b"enrolled", "{how}");
        }
    }
}

#[test]
fn after_a_failed_sync_no_later_sync_of_that_file_is_believed() {
    let (disk, store, _notices) = disk_with_alice();
    disk.world().free = None;
    disk.world().failing_syncs = 1;
    assert_in_memory(&put(&store, "alice", Some(b"used"), BestEffort));
    assert!(matches!(
        put(&store, "bob", Some(b"x"), BestEffort),
        Ok(Swapped::Durable(_))
    ));
    assert_eq!(after_power_loss(&disk), content(&store));
}

#[test]
fn what_cannot_be_cut_off_is_never_appended_to() {
    let (disk, store, _notices) = disk_with_alice();
    disk.world().free = Some(150);
    disk.world().failing_cuts = 1;
    assert!(put(&store, "alice", Some(&[1; 200]), Required).is_err());
    mend(&mut disk.world());
    require(&store, "bob", b"x");
    assert_eq!(check(&disk).unwrap().summary.torn, 0);
    assert_eq!(after_power_loss(&disk), content(&store));
    assert_eq!(record(&store, "alice").unwrap(), b"enrolled");
}

#[test]
fn a_removal_that_waited_in_memory_reaches_the_disk() {
    let (disk, store, _notices) = disk_with_alice();
    disk.world().read_only = true;
    assert_in_memory(&put(&store, "alice", None, BestEffort));
    assert_eq!(record(&store, "alice"), None);
    disk.world().read_only = false;
    disk.world().free = None;
    require(&store, "bob", b"x");
    assert_eq!(after_power_loss(&disk).keys().collect::<Vec<_>>(), ["bob"]);
}

#[test]
fn a_mended_disk_is_noticed_without_a_login() {
    let (disk, store, _) = disk_with_alice();
    drop(store);
    let (mut opening, notices) = opening(disk.clone());
    opening.retry_every = Duration::from_millis(1);
    let store = Store::open(&opening).unwrap();
    disk.world().read_only = true;
    assert_in_memory(&put(&store, "alice", Some(b"used"), BestEffort));
    assert!(matches!(notices.recv(), Ok(Notice::WritesFailing { .. })));
    mend(&mut disk.world());
    assert_eq!(notices.recv(), Ok(Notice::WritesResumed { records: 1 }));
    assert_eq!(after_power_loss(&disk)["alice"], b"used");
}

#[test]
fn a_full_disk_is_not_called_mended_because_nothing_waits_for_it() {
    let (disk, store, _) = disk_with_alice();
    drop(store);
    let (mut opening, said) = opening(disk.clone());
    opening.retry_every = Duration::ZERO;
    let store = Store::open(&opening).unwrap();
    disk.world().free = Some(0);
    assert!(put(&store, "alice", Some(&[1; 500]), Required).is_err());
    assert!(matches!(said.recv(), Ok(Notice::WritesFailing { .. })));
    let steps = disk.world().steps;
    while disk.world().steps < steps + 20 {
        std::thread::yield_now(); // the writer tries again and again
    }
    assert_eq!(said.try_iter().count(), 0);
    mend(&mut disk.world());
    assert_eq!(said.recv(), Ok(Notice::WritesResumed { records: 0 }));
}

#[test]
fn a_disk_that_is_read_only_at_start_serves_logins() {
    let (disk, store, _) = disk_with_alice();
    drop(store);
    disk.edit("journal", |inode| inode.now.extend([7; 900]));
    disk.world().read_only = true;
    let (opening, notices) = opening(disk.clone());
    let store = Store::open(&opening).unwrap();
    assert!(matches!(
        notices.recv(),
        Ok(Notice::TornTailCut { bytes: 900, .. })
    ));
    assert!(matches!(notices.recv(), Ok(Notice::WritesFailing { .. })));
    assert_in_memory(&put(&store, "alice", Some(b"used"), BestEffort));
    mend(&mut disk.world());
    require(&store, "bob", b"x");
    assert_eq!(notices.recv(), Ok(Notice::WritesResumed { records: 1 }));
    assert_eq!(after_power_loss(&disk), content(&store));
}

#[test]
fn a_file_that_takes_no_writes_is_left_for_a_new_one() {
    let (disk, store, _notices) = disk_with_alice();
    disk.world().free = None;
    disk.edit("journal", |inode| inode.broken = true);
    assert_in_memory(&put(&store, "alice", Some(b"used"), BestEffort));
    require(&store, "bob", b"x");
    assert_eq!(after_power_loss(&disk), content(&store));
}

#[test]
fn closing_the_store_writes_what_waited_if_the_disk_takes_it() {
    let (disk, store, _notices) = disk_with_alice();
    disk.world().read_only = true;
    assert_in_memory(&put(&store, "alice", Some(b"used"), BestEffort));
    mend(&mut disk.world());
    drop(store);
    assert_eq!(after_power_loss(&disk)["alice"], b"used");
}

#[test]
fn a_full_disk_has_room_set_aside_for_a_thousand_logins() {
    let disk = FakeDisk::default();
    let (mut opening, _notices) = opening(disk.clone());
    (opening.snapshot_from, opening.fill) = (1024 * 1024, 512 * 1024);
    let store = Store::open(&opening).unwrap();
    disk.world().free = Some(0);
    for turn in 0..1000_u32 {
        let record = [turn.to_le_bytes(); 40].concat();
        let swapped = put(&store, "alice", Some(&record), BestEffort);
        assert!(
            matches!(swapped, Ok(Swapped::Durable(_))),
            "login {turn}: {swapped:?}"
        );
    }
    assert_eq!(after_power_loss(&disk), content(&store));
}

#[test]
fn a_snapshot_that_fails_costs_nobody_a_login() {
    let (disk, store, notices) = disk_with_alice();
    disk.world().free = Some(2600);
    for turn in 0..9_u8 {
        let swapped = put(&store, "alice", Some(&[turn; 200]), Required);
        assert!(
            matches!(swapped, Ok(Swapped::Durable(_))),
            "{turn}: {swapped:?}"
        );
        disk.world().free = Some(300);
    }
    drop(store);
    let said: Vec<_> = notices.try_iter().collect();
    assert!(
        matches!(said[..], [Notice::SnapshotFailed { .. }]),
        "{said:?}"
    );
    assert_eq!(after_power_loss(&disk)["alice"], [8; 200]);
}

#[test]
fn when_a_required_change_fails_the_others_of_its_batch_are_judged_without_it() {
    let (disk, store, _notices) = disk_with_alice();
    let (begun, go_on) = hold_next_sync(&disk);
    let (alice, bob) = (user("alice"), user("bob"));
    let version = store.load(&alice).unwrap().version;
    std::thread::scope(|scope| {
        scope.spawn(|| require(&store, "carol", b"holds the writer"));
        begun.recv().unwrap();
        block_on(async {
            let swap = |user, version, record: &[u8], durability| {
                Box::pin(store.swap(user, version, Some(record.to_vec()), durability))
            };
            let mut swaps = vec![
                swap(&alice, version, b"required", Required),
                swap(&alice, version, b"effort", BestEffort),
                swap(&bob, Version::ABSENT, b"other", BestEffort),
                swap(&bob, Version::ABSENT, b"too late", BestEffort),
            ];
            queue(&mut swaps).await;
            // What is being synced has its space; the batch after it has none.
            disk.world().free = Some(0);
            go_on.send(()).unwrap();
            let mut answers = Vec::new();
            for swap in swaps {
                answers.push(swap.await);
            }
            assert!(matches!(answers[0], Err(StoreError::StorageFailed { .. })));
            assert_in_memory(&answers[1]);
            assert_in_memory(&answers[2]);
            assert_eq!(answers[3], Ok(Swapped::Lost));
        });
    });
    assert_eq!(record(&store, "alice").unwrap(), b"effort");
    assert_eq!(after_power_loss(&disk)["carol"], b"holds the writer");
}
