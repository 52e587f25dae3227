use std::collections::BTreeMap;

use super::fake_disk::{FakeDisk, Remains};
use super::setup::{block_on, open, opening, put, require, user};
use crate::store::{Durability, Store, Swapped, Version, check};

/// Knuth's linear congruential generator: the same operations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[test]
fn ten_thousand_operations_do_what_a_map_does() {
    let mut dice = Dice(1);
    let mut disk = FakeDisk::default();
    let mut store = open(&disk);
    let mut model: BTreeMap<String, (Version, Vec<u8>)> = BTreeMap::new();
    let mut last = Version::ABSENT;
    for turn in 0..10_000 {
        let name = format!("user{}", dice.below(30));
        let known = model
            .get(&name)
            .map_or(Version::ABSENT, |(version, _)| *version);
        let owner = user(&name);
        assert_eq!(store.load(&owner).unwrap().version, known, "turn {turn}");
        let expected = if dice.below(5) == 0 {
            Version(dice.below(10_000) as u64)
        } else {
            known
        };
        let length = dice.below(300);
        let record = (dice.below(6) != 0).then(|| vec![dice.0.to_be_bytes()[0]; length]);
        let durability = [Durability::Required, Durability::BestEffort][dice.below(2)];
        let swap = store.swap(&owner, expected, record.clone(), durability);
        match block_on(swap).unwrap() {
            Swapped::Durable(version) => {
                assert_eq!(expected, known, "turn {turn}: a stale swap won");
                match record {
                    Some(record) => {
                        assert!(version > last, "turn {turn}: a version came twice");
                        last = version;
                        model.insert(name, (version, record));
                    }
                    None => drop(model.remove(&name)),
                }
            }
            Swapped::Lost => assert_ne!(expected, known, "turn {turn}: a right swap lost"),
            other => panic!("turn {turn}: the disk is well: {other:?}"),
        }
        if dice.below(200) == 0 {
            let remains = [Remains::Nothing, Remains::Everything][dice.below(2)];
            drop(store);
            disk = disk.after_crash(remains);
            store = open(&disk);
            let listed: BTreeMap<_, _> = store
                .list(None, usize::MAX)
                .into_iter()
                .map(|(user, stored)| {
                    let (version, record) = stored.unwrap();
                    (user.to_string(), (version, record.to_vec()))
                })
                .collect();
            assert_eq!(listed, model, "turn {turn}");
        }
    }
    assert!(
        disk.content("journal").unwrap().len() < 40_000,
        "the journal never shrank"
    );
}

#[test]
fn a_version_is_not_given_again_after_its_record_and_its_frames_are_gone() {
    let disk = FakeDisk::default();
    let (mut opening, _notices) = opening(disk.clone());
    opening.snapshot_from = 530; // so that the removal brings on the snapshot
    let store = Store::open(&opening).unwrap();
    let empty = check(&disk).unwrap().summary;
    let last = require(&store, "alice", &[0; 400]);
    put(&store, "alice", None, Durability::Required).unwrap();
    drop(store);
    assert_eq!(check(&disk).unwrap().summary, empty);
    assert!(require(&open(&disk), "alice", b"new") > last);
}

#[test]
fn pages_follow_each_other_in_the_order_of_names() {
    let store = open(&FakeDisk::default());
    let mut names: Vec<_> = (0..25).map(|n| format!("user{n}")).collect();
    names.extend(["Zoe", "jane@example.org", "zoë"].map(str::to_owned));
    for name in &names {
        require(&store, name, b"x");
    }
    names.sort();
    for limit in [1, 3, 25, 100] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = store.list(after.as_ref(), limit);
            assert!(page.len() <= limit);
            let Some((user, _)) = page.last() else { break };
            after = Some(user.clone());
            seen.extend(page.into_iter().map(|(user, _)| user.to_string()));
        }
        assert_eq!(seen, names, "pages of {limit}");
    }
    assert_eq!(store.list(Some(&user("user25")), 1)[0].0.as_str(), "user3");
    assert!(store.list(None, 0).is_empty());
}
