use super::fake_disk::FakeDisk;
use super::setup::{
    after_power_loss, block_on, content, hold_next_sync, open, queue, require, user,
};
use crate::store::handle::QUEUE;
use crate::store::{Durability, MAX_RECORD_BYTES, StoreError, Swapped, Version};

#[test]
fn of_many_who_build_on_one_version_exactly_one_wins() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let alice = user("alice");
    for round in 0..50 {
        let version = store.load(&alice).unwrap().version;
        let won: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8_u8)
                .map(|racer| {
                    let swap =
                        store.swap(&alice, version, Some(vec![racer]), Durability::BestEffort);
                    scope.spawn(move || match block_on(swap).unwrap() {
                        Swapped::Durable(_) => 1,
                        Swapped::Lost => 0,
                        other => panic!("the disk is well: {other:?}"),
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!(won, 1, "round {round}");
    }
    assert_eq!(after_power_loss(&disk), content(&store));
}

#[test]
fn no_increment_is_lost_between_many_who_retry() {
    let store = open(&FakeDisk::default());
    let alice = user("alice");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                block_on(async {
                    let mut left = 25;
                    while left > 0 {
                        let stored = store.load(&alice).unwrap();
                        let count = stored.record.map_or(0, |record| record[0]);
                        let record = Some(vec![count + 1]);
                        let swapped = store
                            .swap(&alice, stored.version, record, Durability::Required)
                            .await;
                        left -= usize::from(swapped.unwrap() != Swapped::Lost);
                    }
                });
            });
        }
    });
    assert_eq!(content(&store)["alice"], [200]);
}

#[test]
fn those_who_wait_together_share_one_sync() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let before = disk.world().syncs;
    let (begun, go_on) = hold_next_sync(&disk);
    let users: Vec<_> = (0..64).map(|n| user(&format!("user{n}"))).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| require(&store, "first", b"x"));
        begun.recv().unwrap();
        block_on(async {
            let mut swaps: Vec<_> = users
                .iter()
                .map(|user| {
                    let record = Some(vec![0; 8]);
                    Box::pin(store.swap(user, Version::ABSENT, record, Durability::Required))
                })
                .collect();
            queue(&mut swaps).await;
            go_on.send(()).unwrap();
            for swap in swaps {
                assert!(matches!(swap.await, Ok(Swapped::Durable(_))));
            }
        });
    });
    drop(store);
    let syncs = disk.world().syncs - before;
    assert!(syncs <= 3, "65 swaps took {syncs} syncs"); // two batches, and perhaps one snapshot
}

#[test]
fn nothing_is_answered_and_nothing_is_seen_before_the_sync_has_returned() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let (begun, go_on) = hold_next_sync(&disk);
    let alice = user("alice");
    block_on(async {
        let record = Some(b"x".to_vec());
        let swap = store.swap(&alice, Version::ABSENT, record, Durability::Required);
        let mut swap = [Box::pin(swap)];
        queue(&mut swap).await;
        begun.recv().unwrap();
        queue(&mut swap).await;
        assert_eq!(store.load(&alice).unwrap().version, Version::ABSENT);
        go_on.send(()).unwrap();
        let [swap] = swap;
        assert!(matches!(swap.await, Ok(Swapped::Durable(_))));
        assert!(store.load(&alice).unwrap().record.is_some());
    });
}

#[test]
fn a_full_queue_says_busy() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    let (begun, go_on) = hold_next_sync(&disk);
    let alice = user("alice");
    std::thread::scope(|scope| {
        scope.spawn(|| require(&store, "first", b"x"));
        begun.recv().unwrap();
        block_on(async {
            let swap = || store.swap(&alice, Version::ABSENT, Some(vec![0]), Durability::Required);
            let mut waiting: Vec<_> = (0..QUEUE).map(|_| Box::pin(swap())).collect();
            queue(&mut waiting).await;
            assert_eq!(swap().await, Err(StoreError::Busy));
            go_on.send(()).unwrap();
            let mut won = 0;
            for swap in waiting {
                won += usize::from(swap.await.unwrap() != Swapped::Lost);
            }
            assert_eq!(won, 1);
        });
    });
}

#[test]
fn a_record_over_the_limit_is_refused() {
    let store = open(&FakeDisk::default());
    let alice = user("alice");
    let swap = |bytes| {
        let record = Some(vec![0; bytes]);
        block_on(store.swap(&alice, Version::ABSENT, record, Durability::Required))
    };
    let bytes = MAX_RECORD_BYTES + 1;
    assert_eq!(swap(bytes), Err(StoreError::TooLarge { bytes }));
    assert!(matches!(swap(MAX_RECORD_BYTES), Ok(Swapped::Durable(_))));
}
