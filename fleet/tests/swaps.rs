//! What a swap promises, by real servers and many hosts at the same moment.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

mod shared;

use std::collections::BTreeSet;

use countersign_fleet::{EngineError, Swapped, Version};
use shared::{Fleet, accepted_at, changed, engine, now, refused, transaction, user};

#[test]
fn a_record_comes_back_as_it_was_put_and_its_versions_are_never_given_twice() {
    let fleet = Fleet::start();
    let host = fleet.engine("web1");
    let zoe = user("zoë møller");
    fleet.wait(async {
        let none = host.load(&zoe).await.unwrap();
        assert_eq!((none.record, none.version), (None, Version::ABSENT));
        let record: Vec<u8> = (0..=255).collect();
        let mut seen = vec![];
        for _ in 0..3 {
            let before = host.load(&zoe).await.unwrap().version;
            let Swapped::Done(put) = host
                .swap(&zoe, before, Some(&record), changed())
                .await
                .unwrap()
            else {
                panic!("nobody else was there")
            };
            let there = host.load(&zoe).await.unwrap();
            assert_eq!((there.record.as_ref(), there.version), (Some(&record), put));
            let Swapped::Done(removed) = host.swap(&zoe, put, None, changed()).await.unwrap()
            else {
                panic!("nobody else was there")
            };
            let gone = host.load(&zoe).await.unwrap();
            assert_eq!((gone.record, gone.version), (None, removed));
            seen.extend([put, removed]);
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
        let again = host.swap(&zoe, seen[0], Some(&record), changed()).await;
        assert_eq!(again, Ok(Swapped::Lost), "a version of before the removal");
    });
}

/// Runs rounds in which 32 tasks on four hosts' connections build on the same version.
fn race(rounds: usize) {
    let fleet = Fleet::start();
    let hosts: Vec<_> = ["web1", "web2", "web1", "web2"]
        .map(|name| engine(&fleet.settings(name)).0)
        .into();
    let begin = now(&fleet.server);
    fleet.wait(async {
        let alice = user("alice");
        for round in 0..rounds {
            let version = hosts[0].load(&alice).await.unwrap().version;
            // Steps of the past, a second apart, so that each round has a fresh one within the server's bound.
            let step = begin - 600 + i64::try_from(round).unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            for client in 0..32 {
                let host = hosts[client % hosts.len()].clone();
                let alice = alice.clone();
                tasks.spawn(async move {
                    let record = [u8::try_from(client).unwrap(); 300];
                    let facts = accepted_at(step);
                    let swapped = host.swap(&alice, version, Some(&record), facts).await;
                    (record, swapped.unwrap())
                });
            }
            let ends = tasks.join_all().await;
            let won: Vec<_> = ends
                .iter()
                .filter(|(_, end)| matches!(end, Swapped::Done(_)))
                .collect();
            assert_eq!(won.len(), 1, "round {round}: {ends:?}");
            let there = hosts[0].load(&alice).await.unwrap();
            assert_eq!(there.record.as_deref(), Some(won[0].0.as_slice()));
            assert_eq!(won[0].1, Swapped::Done(there.version));
        }
    });
}

#[test]
fn of_32_swaps_at_once_on_the_same_version_one_is_made() {
    race(20);
}

#[test]
#[ignore = "soak: make soak runs it"]
fn of_32_swaps_at_once_one_is_made_500_times() {
    race(500);
}

#[test]
fn every_attempt_of_many_at_once_is_counted() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let hosts = [fleet.engine("web1"), fleet.engine("web2")];
    fleet.wait(async {
        let mut tasks = tokio::task::JoinSet::new();
        for client in 0..400 {
            let (host, alice) = (hosts[client % 2].clone(), alice.clone());
            tasks.spawn(async move { host.attempt(&alice).await.unwrap() });
        }
        tasks.join_all().await
    });
    let counted = "select attempts, in_hour > 0 from countersign.counter where name = 'alice'";
    assert_eq!(fleet.server.sql(counted), "400|t");
}

#[test]
fn a_step_is_accepted_once_and_none_before_it_whatever_the_record_says() {
    let fleet = Fleet::start();
    let (alice, mut version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    let now = now(&fleet.server);
    fleet.wait(async {
        let swap = async |version, at| {
            let swapped = host.swap(&alice, version, Some(b"new"), accepted_at(at));
            swapped.await.unwrap()
        };
        let Swapped::Done(after) = swap(version, now).await else {
            panic!("the first step is new")
        };
        version = after;
        // The host builds on the version that is there: its record, though, may be an old one put back.
        for before in [now, now - 1, now - 30, now - 600] {
            assert_eq!(swap(version, before).await, Swapped::StepSpent, "{before}");
        }
        assert_eq!(host.load(&alice).await.unwrap().version, version);
        assert!(matches!(swap(version, now + 1).await, Swapped::Done(_)));
    });
}

/// The places are bounded, and a host that makes tokens up takes none that still says something.
#[test]
fn tokens_have_steps_of_their_own_and_none_is_pushed_out_by_others() {
    let fleet = Fleet::start();
    let (alice, mut version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    let now = now(&fleet.server);
    fleet.wait(async {
        let mut swap = async |token| {
            let facts = countersign_fleet::Facts {
                conclusion: countersign_fleet::Conclusion::Accepted(Some(
                    countersign_fleet::Spent { token, at: now },
                )),
                transaction: transaction(),
            };
            let swapped = host.swap(&alice, version, Some(b"new"), facts);
            let swapped = swapped.await.unwrap();
            if let Swapped::Done(after) = swapped {
                version = after;
            }
            swapped
        };
        for token in 0..16 {
            let first = swap(token).await;
            assert!(matches!(first, Swapped::Done(_)), "{token}: {first:?}");
            assert_eq!(swap(token).await, Swapped::StepSpent, "{token}");
        }
        for made_up in 16..40 {
            assert_eq!(swap(made_up).await, Swapped::StepOutOfClock, "{made_up}");
        }
        assert_eq!(swap(0).await, Swapped::StepSpent, "the first is remembered");
        // What lies beyond the clock's bound would be refused by that alone.
        fleet.server.sql(
            "update countersign.counter set steps = array(select s - 901 from unnest(steps) s)",
        );
        assert!(matches!(swap(40).await, Swapped::Done(_)));
    });
    let kept = "select cardinality(tokens), cardinality(steps) from countersign.counter where name = 'alice'";
    assert_eq!(fleet.server.sql(kept), "1|1");
}

#[test]
fn a_step_far_from_the_servers_clock_is_refused_and_keeps_nobody_out() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    let now = now(&fleet.server);
    fleet.wait(async {
        for at in [now + 3600, 9_999_999_999, i64::MAX, now - 3600, 0, i64::MIN] {
            let swapped = host
                .swap(&alice, version, Some(b"new"), accepted_at(at))
                .await;
            assert_eq!(swapped, Ok(Swapped::StepOutOfClock), "{at}");
        }
        let swapped = host
            .swap(&alice, version, Some(b"new"), accepted_at(now))
            .await;
        assert!(matches!(swapped, Ok(Swapped::Done(_))), "{swapped:?}");
    });
}

#[test]
fn a_swap_that_is_asked_twice_is_made_once_and_says_the_same() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    let step = now(&fleet.server);
    fleet.wait(async {
        let facts = accepted_at(step);
        let first = host
            .swap(&alice, version, Some(b"new"), facts)
            .await
            .unwrap();
        let again = host
            .swap(&alice, version, Some(b"new"), facts)
            .await
            .unwrap();
        assert_eq!(first, again);
        let Swapped::Done(now) = again else {
            panic!("{again:?}")
        };
        // Somebody else books a wrong code; whoever asks for the accepted step still hears that it was theirs.
        let other = host
            .swap(&alice, now, Some(b"wrong"), refused())
            .await
            .unwrap();
        let Swapped::Done(last) = other else {
            panic!("{other:?}")
        };
        let late = host.swap(&alice, version, Some(b"new"), facts).await;
        assert_eq!(late, Ok(Swapped::Done(last)));
        assert_eq!(
            host.load(&alice).await.unwrap().record.as_deref(),
            Some(&b"wrong"[..])
        );
    });
}

#[test]
fn a_record_too_large_is_refused_before_it_is_sent() {
    let fleet = Fleet::start();
    let host = fleet.engine("web1");
    let alice = user("alice");
    let largest = vec![7; countersign_fleet::MAX_RECORD_BYTES];
    fleet.wait(async {
        let bytes = largest.len() + 1;
        let larger = vec![7; bytes];
        let refused = host
            .swap(&alice, Version::ABSENT, Some(&larger), changed())
            .await;
        assert_eq!(refused, Err(EngineError::TooLarge { bytes }));
        let taken = host
            .swap(&alice, Version::ABSENT, Some(&largest), changed())
            .await;
        assert!(matches!(taken, Ok(Swapped::Done(_))), "{taken:?}");
    });
}

#[test]
fn a_list_has_everybody_once_in_the_order_of_the_names_bytes() {
    let fleet = Fleet::start();
    let names = ["anna", "Zoe", "zoë", "bob", "_svc", "a b", "ж", "ann"];
    let mut there: BTreeSet<Vec<u8>> = BTreeSet::new();
    for name in names {
        fleet.enroll(name);
        there.insert(name.as_bytes().to_vec());
    }
    let (gone, version) = fleet.enroll("gone");
    let desk = fleet.engine("desk");
    let listed = fleet.wait(async {
        fleet
            .engine("web1")
            .swap(&gone, version, None, changed())
            .await
            .unwrap();
        let mut listed = vec![];
        loop {
            let after = listed.last().cloned();
            let page = desk.list(after.as_ref(), 3).await.unwrap();
            if page.is_empty() {
                return listed;
            }
            for (user, _, record) in page {
                assert!([&b"sealed"[..], b"key"].contains(&&*record));
                listed.push(user);
            }
        }
    });
    let listed: Vec<Vec<u8>> = listed
        .iter()
        .map(|it| it.as_str().as_bytes().to_vec())
        .collect();
    there.insert(b".countersign.key".to_vec());
    assert_eq!(listed, there.into_iter().collect::<Vec<_>>());
}
