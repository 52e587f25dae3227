use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::base::{Base, Unreadable};
use super::disk::Disk;
use super::entry::Row;
use super::journal::JOURNAL;
use super::key::{Home, KEY_BYTES, KeyId, Keyring};
use super::layer::Layer;
use super::merge::Merged;
use super::open_error::{OpenError, Part};
use super::opening::{is_marked, look};
use super::seal::{SealError, unseal};
use super::tally::{Tally, Was};

/// What is in a store.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// How many users have a record.
    pub records: usize,
    /// How long the journal is, in bytes, up to the last whole change.
    pub bytes: usize,
    /// How many bytes of an unfinished write follow.
    pub torn: usize,
}

/// A store as it lies on the disk, sealed. Its records are read when they are asked for.
pub struct Checked {
    /// What is in it, as far as it can be read.
    pub summary: Summary,
    /// Every part of its snapshot that cannot be read.
    pub damage: Vec<OpenError>,
    pub(super) last_version: u64,
    base: Base,
    changes: Layer,
    tally: Tally,
}

impl Checked {
    /// Every record, sealed, in the order of the names.
    pub(super) fn records(&self) -> impl Iterator<Item = Result<Row, Unreadable>> {
        Merged::after(&self.base, [&self.changes], None)
    }

    /// Opens every record that can be read.
    pub fn open<'c>(
        &'c self,
        keys: &'c Keyring,
    ) -> impl Iterator<Item = (UserName, Result<Zeroizing<Vec<u8>>, SealError>)> + 'c {
        self.records().filter_map(|row| {
            let Row { user, record, .. } = row.ok()?;
            let opened = unseal(keys, &user, &record);
            Some((user, opened))
        })
    }

    /// How many records are under each of these keys, and then under others.
    pub fn by_key(&self, places: &[(KeyId, Home)]) -> Vec<(KeyId, Option<Home>, usize)> {
        by_place(self.tally.keys(), places)
    }

    /// How many are under a key that is none of these.
    pub(super) fn under_others(&self, keys: &[KeyId]) -> usize {
        let others = self.tally.keys().filter(|(id, _)| !keys.contains(id));
        others.map(|(_, records)| records).sum()
    }

    /// The bytes of the key that seals and of those that a record still needs, one after the other.
    pub fn needed_keys(&self, keys: &Keyring) -> (Zeroizing<Vec<u8>>, Vec<KeyId>) {
        let mut needed = vec![keys.current.id()];
        for (id, _) in self.tally.keys() {
            if !needed.contains(&id) {
                needed.push(id);
            }
        }
        needed.retain(|id| keys.find(*id).is_some());
        let mut bytes = Zeroizing::new(Vec::with_capacity(needed.len() * KEY_BYTES));
        for key in needed.iter().filter_map(|id| keys.find(*id)) {
            bytes.extend_from_slice(key.expose());
        }
        (bytes, needed)
    }
}

/// How many records are under each of these keys, and then under keys that are not here.
pub(super) fn by_place(
    counted: impl Iterator<Item = (KeyId, usize)>,
    places: &[(KeyId, Home)],
) -> Vec<(KeyId, Option<Home>, usize)> {
    let mut told: Vec<_> = places
        .iter()
        .map(|(id, home)| (*id, Some(*home), 0))
        .collect();
    for (id, records) in counted {
        match told.iter_mut().find(|(known, ..)| *known == id) {
            Some((.., known)) => *known += records,
            None => told.push((id, None, records)),
        }
    }
    told
}

/// Reads all of a store, finds every damage in its snapshot, and changes and locks nothing. While a
/// daemon writes there, its current change may be seen as torn.
pub fn survey(disk: &dyn Disk) -> Result<Checked, OpenError> {
    let found = look(disk)?;
    let mut checked = Checked {
        summary: Summary {
            records: 0,
            bytes: usize::try_from(found.tail.length).unwrap_or(usize::MAX),
            torn: usize::try_from(found.tail.torn).unwrap_or(usize::MAX),
        },
        damage: Vec::new(),
        last_version: found.last_version,
        base: found.base,
        changes: found.changes,
        tally: Tally::default(),
    };
    let (mut tally, mut damage) = (Tally::default(), Vec::new());
    for row in checked.records() {
        match row {
            Ok(row) => tally.add(Was::of(Some(&row.record))),
            Err(unreadable) => damage.push(OpenError::Damaged {
                path: disk.path().join(JOURNAL),
                offset: unreadable.offset,
                part: Part::Snapshot,
            }),
        }
    }
    checked.summary.records = tally.records();
    (checked.tally, checked.damage) = (tally, damage);
    Ok(checked)
}

/// The same, where nothing may be damaged.
pub fn check(disk: &dyn Disk) -> Result<Checked, OpenError> {
    let mut checked = survey(disk)?;
    if checked.damage.is_empty() {
        Ok(checked)
    } else {
        Err(checked.damage.swap_remove(0))
    }
}

/// The same, where there has never been a store, too: it has no records.
pub fn check_or_empty(disk: &dyn Disk) -> Result<Checked, OpenError> {
    match check(disk) {
        Err(OpenError::JournalMissing { .. }) if !is_marked(disk)? => Ok(Checked {
            summary: Summary::default(),
            damage: Vec::new(),
            last_version: 0,
            base: Base::empty(),
            changes: Layer::default(),
            tally: Tally::default(),
        }),
        checked => checked,
    }
}
