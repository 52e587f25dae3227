use super::fake_disk::{FakeDisk, Remains};
use super::setup::{Content, content, open, opening, put, require};
use crate::store::{Disk, Durability, Notice, OpenError, Store, Swapped};

pub(super) const REMAINS: [Remains; 8] = [
    Remains::Nothing,
    Remains::Names,
    Remains::Part(1),
    Remains::Part(50),
    Remains::Part(99),
    Remains::Part(100),
    Remains::Zeros,
    Remains::Everything,
];

/// What was asked of a store until it stopped answering.
struct Asked {
    /// The content after so many swaps; the last may have been begun only.
    states: Vec<Content>,
    /// How many of them were answered as durable.
    durable: usize,
    /// The highest version that was given out as durable.
    version: u64,
}

/// Forty swaps that write, replace and remove, and make the journal be replaced several times.
fn work(disk: &FakeDisk, fill: u64) -> Asked {
    let mut asked = Asked {
        states: vec![Content::new()],
        durable: 0,
        version: 0,
    };
    let (mut opening, _) = opening(disk.clone());
    opening.fill = fill;
    let Ok(store) = Store::open(&opening) else {
        return asked;
    };
    for turn in 0..40_usize {
        let name = ["alice", "bob", "carol"][turn % 3];
        let record = (turn % 7 != 6).then(|| vec![u8::try_from(turn).unwrap(); 50 + 9 * turn]);
        let durability = [
            Durability::Required,
            Durability::BestEffort,
            Durability::Soon,
        ][turn % 4 % 3];
        let mut state = asked.states[turn].clone();
        match &record {
            Some(record) => drop(state.insert(name.to_owned(), record.clone())),
            None => drop(state.remove(name)),
        }
        asked.states.push(state);
        match put(&store, name, record.as_deref(), durability) {
            Ok(Swapped::Durable(version)) => {
                asked.durable = turn + 1;
                asked.version = asked.version.max(version.0);
            }
            // The next one is not begun before this one is on the disk.
            Ok(Swapped::Appended(_)) => {}
            _ => break,
        }
    }
    asked
}

#[test]
fn whenever_the_power_fails_what_was_confirmed_is_there_and_nothing_is_half_done() {
    for fill in [0, 1500] {
        power_fails_at_every_step(fill);
    }
}

fn power_fails_at_every_step(fill: u64) {
    let whole = FakeDisk::default();
    assert_eq!(work(&whole, fill).durable, 40);
    let steps = whole.world().steps;
    assert!(steps > 120, "the work has become too small: {steps}");
    for step in 0..steps {
        let disk = FakeDisk::default();
        disk.world().power_off_at = Some(step);
        let asked = work(&disk, fill);
        for remains in REMAINS {
            let found = disk.after_crash(remains);
            let (opening, notices) = opening(found.clone());
            let store = Store::open(&opening).unwrap_or_else(|error| {
                panic!("power off at step {step}, {remains:?}: {error}");
            });
            let state = content(&store);
            let allowed = &asked.states[asked.durable..];
            assert!(
                allowed.contains(&state),
                "power off at step {step}, {remains:?}: {state:?}"
            );
            for notice in notices.try_iter() {
                let expected = matches!(notice, Notice::Created | Notice::TornTailCut { .. });
                assert!(expected, "step {step}, {remains:?}: {notice}");
                assert!(notice != Notice::Created || asked.durable == 0);
            }

            // And it goes on from there.
            let version = require(&store, "dave", b"after");
            assert!(version.0 > asked.version, "a version came twice");
            drop(store);
            let mut expected = state;
            expected.insert("dave".to_owned(), b"after".to_vec());
            let again = open(&found.after_crash(Remains::Nothing));
            assert_eq!(content(&again), expected, "step {step}, {remains:?}");
        }
    }
}

#[test]
fn a_last_frame_torn_at_any_byte_is_cut_and_reported() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    require(&store, "alice", b"first");
    let whole = disk.content("journal").unwrap().len();
    let lock_before = disk.content("lock").unwrap();
    require(&store, "alice", b"second");
    drop(store);
    let full = disk.content("journal").unwrap();
    for cut in whole..full.len() {
        for filler in [None, Some(0), Some(0xA5)] {
            let mut torn = full[..cut].to_vec();
            if let Some(filler) = filler {
                torn.resize(full.len() + 4096, filler);
            }
            // Zeros at the end are what was written ahead, or may be.
            let last = torn.iter().rposition(|byte| *byte != 0).unwrap();
            let bytes = (last + 1).saturating_sub(whole) as u64;
            let disk = disk.after_crash(Remains::Everything);
            disk.put("journal", torn, 0o600);
            // After a power failure the note of what was confirmed can be an old one.
            disk.put("lock", lock_before.clone(), 0o600);
            let (opening, notices) = opening(disk.clone());
            let store = Store::open(&opening).unwrap();
            assert_eq!(
                content(&store)["alice"],
                b"first",
                "cut at {cut}, filled {filler:?}"
            );
            let said: Vec<_> = notices.try_iter().collect();
            if bytes == 0 {
                assert_eq!(said, []);
            } else {
                assert_eq!(
                    said,
                    [Notice::TornTailCut {
                        offset: whole as u64,
                        bytes
                    }]
                );
            }
            let left = disk.content("journal").unwrap();
            assert!(left[whole..].iter().all(|byte| *byte == 0));
        }
    }
}

#[test]
fn a_last_frame_that_was_confirmed_is_not_cut_and_its_loss_is_refused() {
    let disk = FakeDisk::default();
    let store = open(&disk);
    require(&store, "alice", b"first");
    let whole = disk.content("journal").unwrap().len();
    require(&store, "alice", b"second");
    drop(store);
    let full = disk.content("journal").unwrap();
    for byte in whole..full.len() {
        let mut flipped = full.clone();
        flipped[byte] ^= 1;
        for spoiled in [flipped, full[..byte].to_vec()] {
            let disk = disk.after_crash(Remains::Everything);
            disk.put("journal", spoiled.clone(), 0o600);
            let refused = Store::open(&opening(disk.clone()).0).map(drop);
            let expected = matches!(
                refused,
                Err(OpenError::Shortened { offset, confirmed, .. })
                    if offset == whole as u64 && confirmed == full.len() as u64
            );
            assert!(expected, "byte {byte}: {refused:?}");
            assert_eq!(disk.content("journal").unwrap(), spoiled, "nothing is cut");
            disk.remove("lock").unwrap();
            assert_eq!(content(&open(&disk))["alice"], b"first");
        }
    }
}

#[test]
fn a_store_that_was_closed_reads_back_without_a_word() {
    let disk = FakeDisk::default();
    let asked = work(&disk, 0);
    let (opening, notices) = opening(disk);
    let store = Store::open(&opening).unwrap();
    assert_eq!(Some(&content(&store)), asked.states.last());
    assert_eq!(notices.try_iter().count(), 0);
}
