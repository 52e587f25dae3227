use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use countersign_bus::UserName;

use super::base::{Base, Unreadable};
use super::entry::{Change, Row};
use super::layer::{Cell, Layer};
use super::merge::Merged;
use super::outcome::{Stored, Version};
use super::tally::{Tally, Was};

/// What there is: the snapshot on the disk, and in memory what changed since. Readers see what the
/// writer put here.
pub(super) struct Table {
    base: Arc<Base>,
    /// What the next snapshot has besides, while it is made.
    frozen: Option<Arc<Layer>>,
    /// What changed after that.
    top: Layer,
    tally: Tally,
}

/// What a snapshot is made of. It stays as it is while the table goes on.
pub(super) struct Frozen {
    pub(super) base: Arc<Base>,
    pub(super) layer: Arc<Layer>,
    /// How many records that makes.
    pub(super) tally: Tally,
}

impl Frozen {
    /// Every record, in the order of the names.
    pub(super) fn rows(&self) -> Merged<'_> {
        Merged::after(&self.base, [&*self.layer], None)
    }
}

/// Where a record is to be found. Reading the disk is for after the lock on the table.
pub(super) enum Found {
    /// In memory.
    Changed(Cell),
    /// In the snapshot, if it is anywhere.
    InBase(Arc<Base>),
}

impl Found {
    /// The record.
    pub(super) fn load(self, user: &UserName) -> Result<Stored, Unreadable> {
        let (record, version) = match self {
            Self::Changed(Cell {
                record, version, ..
            }) => (record, version),
            Self::InBase(base) => match base.load(user)? {
                Some((version, record)) => (Some(record), version),
                None => (None, 0),
            },
        };
        let version = if record.is_some() {
            Version(version)
        } else {
            Version::ABSENT
        };
        Ok(Stored { record, version })
    }
}

impl Table {
    /// What a snapshot and the changes since say.
    pub(super) fn new(base: Base, changes: Layer, tally: Tally) -> Self {
        Self {
            base: Arc::new(base),
            frozen: None,
            top: changes,
            tally,
        }
    }

    /// Where a user's record is.
    pub(super) fn find(&self, user: &UserName) -> Found {
        let frozen = || self.frozen.as_ref()?.find(user);
        match self.top.find(user).or_else(frozen) {
            Some(cell) => Found::Changed(cell.clone()),
            None => Found::InBase(Arc::clone(&self.base)),
        }
    }

    /// Makes a change visible.
    pub(super) fn apply(&mut self, change: Change) {
        self.tally.remove(change.was);
        self.tally.add(Was::of(change.record.as_deref()));
        self.top.put(change);
    }

    /// The records after a name.
    pub(super) fn after(
        &self,
        user: Option<&UserName>,
    ) -> impl Iterator<Item = Result<Row, Unreadable>> {
        let layers = std::iter::once(&self.top).chain(self.frozen.as_deref());
        Merged::after(&self.base, layers, user)
    }

    /// How many records there are, and under which keys.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The snapshot.
    pub(super) fn base(&self) -> &Arc<Base> {
        &self.base
    }

    /// About how many bytes all records take.
    pub(super) fn bytes(&self) -> u64 {
        let frozen = self.frozen.as_ref().map_or(0, |layer| layer.bytes());
        let changed = u64::try_from(self.top.bytes() + frozen).unwrap_or(u64::MAX);
        self.base.blocks_end().saturating_add(changed)
    }

    /// Begins a snapshot: what is there now is what it will have.
    pub(super) fn freeze(&mut self) -> Frozen {
        self.thaw();
        let layer = Arc::new(std::mem::take(&mut self.top));
        self.frozen = Some(Arc::clone(&layer));
        Frozen {
            base: Arc::clone(&self.base),
            layer,
            tally: self.tally.clone(),
        }
    }

    /// There is no snapshot after all.
    pub(super) fn thaw(&mut self) {
        let Some(frozen) = self.frozen.take() else {
            return;
        };
        let later = std::mem::take(&mut self.top);
        // Whoever made the snapshot has let go of it by now.
        self.top = Arc::try_unwrap(frozen).unwrap_or_else(|frozen| {
            let mut copy = Layer::default();
            frozen.changes().for_each(|change| copy.put(change));
            copy
        });
        self.top.absorb(later);
    }

    /// What changed since [`Self::freeze`].
    pub(super) fn since(&self) -> impl Iterator<Item = Change> {
        self.top.changes()
    }

    /// The snapshot is on the disk, and what was frozen is in it but for what is still `beside` it. Gives
    /// back what is not needed any more.
    pub(super) fn settle(&mut self, base: Base, beside: Layer) -> (Arc<Base>, Option<Arc<Layer>>) {
        let later = std::mem::replace(&mut self.top, beside);
        self.top.absorb(later);
        self.tally = base.index.tally.clone();
        for change in self.top.changes() {
            self.tally.remove(change.was);
            self.tally.add(Was::of(change.record.as_deref()));
        }
        let before = std::mem::replace(&mut self.base, Arc::new(base));
        (before, self.frozen.take())
    }
}

/// The table as it is now, which nobody changes before that is let go.
pub(super) fn read(table: &RwLock<Table>) -> RwLockReadGuard<'_, Table> {
    table.read().unwrap_or_else(PoisonError::into_inner)
}
