use std::collections::{BTreeMap, BTreeSet};
use std::sync::RwLock;

use countersign_bus::UserName;

use super::entry::Change;
use super::outcome::{Durability, StoreError, Swapped, Version};
use super::table::{Table, read};
use super::tally::Was;
use super::writer::{Reply, Request};

/// What comes of a swap, if the disk takes it.
pub(super) enum Judged {
    /// It builds on what is there.
    Won(Change),
    /// It does not.
    Lost,
    /// Nobody can tell.
    Unreadable(StoreError),
}

impl Judged {
    /// The change to make.
    pub(super) fn won(&self) -> Option<&Change> {
        match self {
            Self::Won(change) => Some(change),
            _ => None,
        }
    }

    /// The answer once that is on the disk.
    pub(super) fn durable(self) -> Reply {
        match self {
            Self::Won(change) => Ok(Swapped::Durable(version_after(&change))),
            Self::Lost => Ok(Swapped::Lost),
            Self::Unreadable(error) => Err(error),
        }
    }
}

/// Compares each request that `counts` with the state that those before it make, and gives the winners
/// their versions.
pub(super) fn judge(
    table: &RwLock<Table>,
    last_version: &mut u64,
    batch: &[Request],
    counts: impl Fn(&Request) -> bool,
) -> Vec<Judged> {
    let mut made: BTreeMap<&UserName, (Version, Was)> = BTreeMap::new();
    let mut judged = Vec::with_capacity(batch.len());
    for request in batch {
        let current = match made.get(&request.user) {
            Some(made) => Ok(*made),
            None => standing(table, &request.user),
        };
        judged.push(match current {
            _ if !counts(request) => Judged::Lost,
            Err(error) => Judged::Unreadable(error),
            Ok((version, _)) if version != request.expected => Judged::Lost,
            Ok((_, was)) => {
                *last_version += 1;
                let change = Change {
                    user: request.user.clone(),
                    version: *last_version,
                    record: request.record.clone(),
                    was,
                };
                let is = Was::of(change.record.as_deref());
                made.insert(&request.user, (version_after(&change), is));
                Judged::Won(change)
            }
        });
    }
    judged
}

/// What stands under a name now.
fn standing(table: &RwLock<Table>, user: &UserName) -> Result<(Version, Was), StoreError> {
    let found = read(table).find(user);
    let stored = found.load(user)?;
    Ok((stored.version, Was::of(stored.record.as_deref())))
}

/// Who of a batch is answered before the sync.
pub(super) type Early = Vec<(Request, Change)>;
/// Who of a batch is answered after it.
pub(super) type Late = Vec<(Request, Judged)>;

/// Who of a batch is answered before the sync and who after it: first those who said
/// [`Durability::Soon`] and build on nothing of the batch that may still fail.
pub(super) fn split(batch: Vec<Request>, judged: Vec<Judged>) -> (Early, Late) {
    let (mut early, mut late) = (Early::new(), Late::new());
    let mut open = BTreeSet::new();
    for (request, judged) in batch.into_iter().zip(judged) {
        match judged {
            Judged::Won(change)
                if request.durability == Durability::Soon && !open.contains(&request.user) =>
            {
                early.push((request, change));
            }
            judged => {
                open.extend(judged.won().map(|change| change.user.clone()));
                late.push((request, judged));
            }
        }
    }
    (early, late)
}

/// What a swap that builds on a change has to expect.
pub(super) fn version_after(change: &Change) -> Version {
    if change.record.is_some() {
        Version(change.version)
    } else {
        Version::ABSENT
    }
}
