use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use countersign_bus::UserName;

use super::entry::{Change, entry_size};
use super::outcome::{Stored, Version};

struct Row {
    version: u64,
    record: Arc<[u8]>,
}

/// All records in memory, in the order of the user names. Readers see what the writer put here.
#[derive(Default)]
pub(super) struct Table {
    rows: BTreeMap<UserName, Row>,
    bytes: usize,
}

impl Table {
    /// A user's record.
    pub(super) fn load(&self, user: &UserName) -> Stored {
        match self.rows.get(user) {
            Some(row) => Stored {
                record: Some(Arc::clone(&row.record)),
                version: Version(row.version),
            },
            None => Stored {
                record: None,
                version: Version::ABSENT,
            },
        }
    }

    /// Makes a change visible.
    pub(super) fn apply(&mut self, change: Change) {
        let size = |record: &[u8]| entry_size(&change.user, Some(record));
        self.bytes += change.record.as_deref().map_or(0, size);
        let before = match change.record {
            Some(record) => {
                let old = self
                    .rows
                    .get(&change.user)
                    .map_or(0, |row| size(&row.record));
                self.rows.insert(
                    change.user,
                    Row {
                        version: change.version,
                        record,
                    },
                );
                old
            }
            None => self
                .rows
                .remove(&change.user)
                .map_or(0, |row| size(&row.record)),
        };
        self.bytes = self.bytes.saturating_sub(before);
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many bytes they take in a snapshot, without its frames.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The records after a name, with their versions.
    pub(super) fn after(
        &self,
        user: Option<&UserName>,
    ) -> impl Iterator<Item = (&UserName, u64, &Arc<[u8]>)> {
        let from = user.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows
            .range::<UserName, _>((from, Bound::Unbounded))
            .map(|(user, row)| (user, row.version, &row.record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_bytes_follow_every_change() {
        let user = UserName::parse("alice").unwrap();
        let mut table = Table::default();
        let mut put = |record: Option<&[u8]>| {
            let record = record.map(Arc::from);
            table.apply(Change {
                user: user.clone(),
                version: 1,
                record,
            });
            table.bytes()
        };
        assert_eq!(put(Some(b"12345")), 13 + 5 + 5);
        assert_eq!(put(Some(b"1")), 13 + 5 + 1);
        assert_eq!(put(None), 0);
        assert_eq!(put(None), 0);
    }
}
