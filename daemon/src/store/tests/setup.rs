use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use countersign_bus::UserName;

use super::fake_disk::{FakeDisk, Remains};
use crate::store::{
    Beside, Disk, Durability, Entropy, Job, Notice, Opening, Store, StoreError, Swapped, Version,
};

pub(super) type Content = BTreeMap<String, Vec<u8>>;

pub(super) fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

/// Random enough for salts and nonces, and never the same twice.
pub(super) fn counted_entropy() -> Entropy {
    static STATE: AtomicU64 = AtomicU64::new(1);
    Arc::new(move |buffer| {
        for byte in buffer {
            let n = STATE
                .fetch_add(1, Ordering::Relaxed)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            *byte = n.to_be_bytes()[1];
        }
        Ok(())
    })
}

/// Does what is to be done beside the answers at once, and so always in the same order.
pub(super) struct AtOnce;

impl Beside for AtOnce {
    fn run(&self, _: &'static str, job: Job) -> io::Result<()> {
        job();
        Ok(())
    }

    fn rest(&self, _: Duration) {}
}

/// A disk that is tried again only by later swaps, and the notices that come.
pub(super) fn opening(disk: impl Disk + 'static) -> (Opening, Receiver<Notice>) {
    let (sender, notices) = channel();
    let sender = Mutex::new(sender);
    let opening = Opening {
        state: Arc::new(disk),
        entropy: counted_entropy(),
        report: Arc::new(move |notice| {
            let _ = sender.lock().unwrap().send(notice);
        }),
        retry_every: Duration::from_secs(3600),
        snapshot_from: 2048,
        fill: 0,
        beside: Arc::new(AtOnce),
    };
    (opening, notices)
}

pub(super) fn open(disk: &FakeDisk) -> Store {
    Store::open(&opening(disk.clone()).0).unwrap()
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// Builds on whatever is there now.
pub(super) fn put(
    store: &Store,
    name: &str,
    record: Option<&[u8]>,
    durability: Durability,
) -> Result<Swapped, StoreError> {
    let user = user(name);
    let version = store.load(&user).unwrap().version;
    block_on(store.swap(&user, version, record.map(<[u8]>::to_vec), durability))
}

pub(super) fn require(store: &Store, name: &str, record: &[u8]) -> Version {
    match put(store, name, Some(record), Durability::Required) {
        Ok(Swapped::Durable(version)) => version,
        other => panic!("{other:?}"),
    }
}

pub(super) fn record(store: &Store, name: &str) -> Option<Vec<u8>> {
    let stored = store.load(&user(name)).unwrap();
    stored.record.map(|record| record.to_vec())
}

pub(super) fn content(store: &Store) -> Content {
    let records = store.list(None, usize::MAX).into_iter();
    records
        .map(|(user, stored)| (user.to_string(), stored.unwrap().1.to_vec()))
        .collect()
}

/// What is there after the power fails now.
pub(super) fn after_power_loss(disk: &FakeDisk) -> Content {
    content(&open(&disk.after_crash(Remains::Nothing)))
}

/// Puts swaps on the queue in their order, without waiting for any.
pub(super) async fn queue<F: Future>(swaps: &mut [Pin<Box<F>>]) {
    std::future::poll_fn(|context| {
        assert!(
            swaps
                .iter_mut()
                .all(|swap| swap.as_mut().poll(context).is_pending())
        );
        Poll::Ready(())
    })
    .await;
}

/// Makes the next sync tell that it began, and wait for leave to end.
pub(super) fn hold_next_sync(disk: &FakeDisk) -> (Receiver<()>, Sender<()>) {
    let (entered, begun) = channel();
    let (go_on, wait) = channel();
    disk.world().gate = Some((entered, wait));
    (begun, go_on)
}
