//! What is answered before it is on the disk, and what is never kept.

use super::fake_disk::{FakeDisk, Remains};
use super::setup::{
    after_power_loss, block_on, content, hold_next_sync, open, opening, put, queue, record,
    require, user,
};
use crate::store::{Durability, Notice, Store, StoreError, Swapped, Version};

use Durability::{BestEffort, Never, Required, Soon};

#[test]
fn what_is_to_be_synced_soon_is_answered_and_seen_before_the_sync_and_outlives_the_process() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    require(&store, "alice", b"before");
    let (begun, go_on) = hold_next_sync(&disk);
    let answer = put(&store, "alice", Some(b"failed once"), Soon);
    assert!(matches!(answer, Ok(Swapped::Appended(_))), "{answer:?}");
    begun.recv().unwrap();
    assert_eq!(record(&store, "alice").unwrap(), b"failed once");
    let killed = disk.after_crash(Remains::Everything);
    assert_eq!(content(&open(&killed))["alice"], b"failed once");
    assert_eq!(after_power_loss(&disk)["alice"], b"before");

    go_on.send(()).unwrap();
    drop(store);
    assert_eq!(after_power_loss(&disk)["alice"], b"failed once");
}

#[test]
fn who_has_to_wait_for_the_disk_waits_for_it_beside_those_who_need_not() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let (alice, bob) = (user("alice"), user("bob"));
    let (begun, go_on) = hold_next_sync(&disk);
    std::thread::scope(|scope| {
        scope.spawn(|| require(&store, "carol", b"holds the writer"));
        begun.recv().unwrap();
        let (begun_again, go_on_again) = hold_next_sync(&disk);
        block_on(async {
            let swap = |user, record: &[u8], durability| {
                let record = Some(record.to_vec());
                Box::pin(store.swap(user, Version::ABSENT, record, durability))
            };
            let mut waits = [swap(&alice, b"accepted", BestEffort)];
            queue(&mut waits).await;
            let mut does_not = [swap(&bob, b"refused", Soon)];
            queue(&mut does_not).await;
            go_on.send(()).unwrap();
            let [does_not] = does_not;
            assert!(matches!(does_not.await, Ok(Swapped::Appended(_))));
            begun_again.recv().unwrap();
            queue(&mut waits).await;
            assert_eq!(store.load(&alice).unwrap().version, Version::ABSENT);
            go_on_again.send(()).unwrap();
            let [waits] = waits;
            assert!(matches!(waits.await, Ok(Swapped::Durable(_))));
        });
    });
    drop(store);
    assert_eq!(after_power_loss(&disk).len(), 3);
}

#[test]
fn what_builds_on_a_change_that_may_still_fail_is_not_answered_before_it() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let alice = user("alice");
    let version = require(&store, "alice", b"enrolled");
    let (begun, go_on) = hold_next_sync(&disk);
    std::thread::scope(|scope| {
        scope.spawn(|| require(&store, "carol", b"holds the writer"));
        begun.recv().unwrap();
        block_on(async {
            let swap = |expected, record: Option<&[u8]>, durability| {
                let record = record.map(<[u8]>::to_vec);
                Box::pin(store.swap(&alice, expected, record, durability))
            };
            let mut swaps = [
                swap(version, None, Required),
                swap(Version::ABSENT, Some(b"on the removal"), Soon),
            ];
            queue(&mut swaps).await;
            go_on.send(()).unwrap();
            let [removal, on_it] = swaps;
            assert!(matches!(removal.await, Ok(Swapped::Durable(_))));
            assert!(matches!(on_it.await, Ok(Swapped::Durable(_))));
        });
    });
    drop(store);
    assert_eq!(after_power_loss(&disk)["alice"], b"on the removal");
}

#[test]
fn a_sync_that_fails_after_the_answer_leaves_it_in_memory_until_the_disk_is_mended() {
    let disk = FakeDisk::default();
    let (opening, notices) = opening(disk.clone());
    let store = Store::open(&opening).unwrap();
    require(&store, "alice", b"enrolled");
    assert_eq!(notices.recv(), Ok(Notice::Created));
    disk.world().failing_syncs = 1000;
    let answer = put(&store, "alice", Some(b"failed once"), Soon);
    assert!(matches!(answer, Ok(Swapped::Appended(_))), "{answer:?}");
    assert!(matches!(notices.recv(), Ok(Notice::WritesFailing { .. })));
    let answer = put(&store, "bob", Some(b"x"), Required);
    assert!(matches!(answer, Err(StoreError::StorageFailed { .. })));
    assert_eq!(record(&store, "alice").unwrap(), b"failed once");
    assert_eq!(store.unsaved(), 1);

    disk.world().failing_syncs = 0;
    require(&store, "bob", b"y");
    assert_eq!(notices.recv(), Ok(Notice::WritesResumed { records: 1 }));
    assert_eq!(after_power_loss(&disk)["alice"], b"failed once");
}

#[test]
fn on_a_full_disk_what_is_to_be_synced_soon_is_kept_in_memory() {
    let disk = FakeDisk::default();
    disk.world().free = Some(1000);
    let store = open(&disk);
    require(&store, "alice", b"enrolled");
    disk.world().free = Some(0);
    let answer = put(&store, "alice", Some(&[1; 40]), Soon);
    assert!(matches!(answer, Ok(Swapped::InMemory(..))), "{answer:?}");
    assert_eq!(record(&store, "alice").unwrap(), [1; 40]);
}

#[test]
fn what_is_never_kept_leaves_nothing_behind_and_touches_no_disk() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    require(&store, "alice", b"to be");
    require(&store, "alice", b"enrolled"); // by now disk has been set aside, which is a step
    let steps = disk.world().steps;
    for name in ["mallory", "alice"] {
        let answer = put(&store, name, Some(b"made up"), Never);
        assert_eq!(answer, Ok(Swapped::Unkept));
    }
    assert_eq!(disk.world().steps, steps);
    assert_eq!(content(&store).len(), 1);
    assert_eq!(record(&store, "alice").unwrap(), b"enrolled");
}
