use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;
use std::sync::Arc;

use countersign_bus::UserName;

use super::entry::{Change, entry_size};
use super::tally::Was;

/// What became of one user's record since a snapshot.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) version: u64,
    /// `None`: removed.
    pub(super) record: Option<Arc<[u8]>>,
    /// What stood there before the first of these changes.
    pub(super) was: Was,
}

/// The changes since a snapshot, in memory, in the order of the user names.
#[derive(Default)]
pub(super) struct Layer {
    cells: BTreeMap<UserName, Cell>,
    bytes: usize,
}

/// The changes after a name.
pub(super) type After<'a> = btree_map::Range<'a, UserName, Cell>;

impl Layer {
    /// Takes a change in.
    pub(super) fn put(&mut self, change: Change) {
        let Change {
            user,
            version,
            record,
            was,
        } = change;
        self.bytes += entry_size(&user, record.as_deref());
        match self.cells.entry(user) {
            btree_map::Entry::Occupied(mut held) => {
                let before = entry_size(held.key(), held.get().record.as_deref());
                self.bytes = self.bytes.saturating_sub(before);
                let cell = held.get_mut();
                (cell.version, cell.record) = (version, record);
            }
            btree_map::Entry::Vacant(free) => {
                free.insert(Cell {
                    version,
                    record,
                    was,
                });
            }
        }
    }

    /// Takes in what changed after all that is here.
    pub(super) fn absorb(&mut self, later: Self) {
        for (user, cell) in later.cells {
            let Cell {
                version,
                record,
                was,
            } = cell;
            self.put(Change {
                user,
                version,
                record,
                was,
            });
        }
    }

    /// What became of a record. `None`: nothing since the snapshot.
    pub(super) fn find(&self, user: &UserName) -> Option<&Cell> {
        self.cells.get(user)
    }

    /// What changed after a name.
    pub(super) fn after(&self, user: Option<&UserName>) -> After<'_> {
        let from = user.map_or(Bound::Unbounded, Bound::Excluded);
        self.cells.range::<UserName, _>((from, Bound::Unbounded))
    }

    /// The last change of each record, one after the other.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change> {
        self.cells.iter().map(|(user, cell)| Change {
            user: user.clone(),
            version: cell.version,
            record: cell.record.clone(),
            was: cell.was,
        })
    }

    /// How many bytes their entries take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_bytes_and_what_was_before_all_of_it_follow_every_change() {
        let user = UserName::parse("alice").unwrap();
        let change = |record: Option<&[u8]>, was| Change {
            user: user.clone(),
            version: 1,
            record: record.map(Arc::from),
            was,
        };
        let mut layer = Layer::default();
        layer.put(change(Some(b"12345"), Was::Nothing));
        assert_eq!(layer.bytes(), 13 + 5 + 5);
        layer.put(change(Some(b"1"), Was::Record(None)));
        assert_eq!(layer.bytes(), 13 + 5 + 1);
        let mut newer = Layer::default();
        newer.put(change(None, Was::Record(None)));
        layer.absorb(newer);
        assert_eq!((layer.bytes(), layer.changes().count()), (13 + 5, 1));
        let cell = layer.find(&user).unwrap();
        assert!(cell.record.is_none() && cell.was == Was::Nothing);
    }
}
