//! The inner form of the journal: the changes that the payload of a frame lists.
//!
//! ```text
//! entry         version u64 · name length u8 · record length u32 · name · record
//! snapshot end  last version given u64 · records in the snapshot u64
//! ```
//!
//! A record length of `u32::MAX` means that the user's record was removed.

use std::sync::Arc;

use countersign_bus::UserName;

const REMOVED: u32 = u32::MAX;
const FIXED: usize = 8 + 1 + 4;

/// One change of one user's record.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) user: UserName,
    pub(super) version: u64,
    /// `None`: removed.
    pub(super) record: Option<Arc<[u8]>>,
}

/// How many bytes an entry takes.
pub(super) fn entry_size(user: &UserName, record: Option<&[u8]>) -> usize {
    FIXED + user.as_str().len() + record.map_or(0, <[u8]>::len)
}

/// Appends an entry. `None`: the name or the record is longer than the form allows; both were
/// bounded long before.
pub(super) fn write_entry(
    out: &mut Vec<u8>,
    user: &UserName,
    version: u64,
    record: Option<&[u8]>,
) -> Option<()> {
    let name = user.as_str().as_bytes();
    let name_length = u8::try_from(name.len()).ok()?;
    let record_length = match record {
        Some(record) => u32::try_from(record.len())
            .ok()
            .filter(|length| *length != REMOVED)?,
        None => REMOVED,
    };
    out.extend(version.to_le_bytes());
    out.push(name_length);
    out.extend(record_length.to_le_bytes());
    out.extend(name);
    out.extend(record.unwrap_or_default());
    Some(())
}

/// Reads all entries of a payload. `None`: it is not made of whole entries.
pub(super) fn read_entries(payload: &[u8]) -> Option<Vec<Change>> {
    let mut cursor = Cursor(payload);
    let mut changes = Vec::new();
    while !cursor.0.is_empty() {
        let version = cursor.u64()?;
        let [name_length] = cursor.array()?;
        let record_length = cursor.u32()?;
        let user = UserName::from_bytes(cursor.take(usize::from(name_length))?).ok()?;
        let record = match record_length {
            REMOVED => None,
            length => Some(Arc::from(cursor.take(usize::try_from(length).ok()?)?)),
        };
        changes.push(Change {
            user,
            version,
            record,
        });
    }
    Some(changes)
}

/// The payload that closes a snapshot.
pub(super) fn snapshot_end(last_version: u64, records: u64) -> [u8; 16] {
    let mut payload = [0; 16];
    let both = last_version
        .to_le_bytes()
        .into_iter()
        .chain(records.to_le_bytes());
    payload
        .iter_mut()
        .zip(both)
        .for_each(|(to, from)| *to = from);
    payload
}

/// Reads it back: the last version given, and the number of records.
pub(super) fn read_snapshot_end(payload: &[u8]) -> Option<(u64, u64)> {
    let mut cursor = Cursor(payload);
    let end = (cursor.u64()?, cursor.u64()?);
    cursor.0.is_empty().then_some(end)
}

/// What is left to read.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_read_back_and_no_part_of_one_does() {
        let alice = UserName::parse("alice").unwrap();
        let bob = UserName::parse("b").unwrap();
        let mut payload = Vec::new();
        write_entry(&mut payload, &alice, 7, Some(b"record")).unwrap();
        let first = payload.len();
        assert_eq!(first, entry_size(&alice, Some(b"record")));
        write_entry(&mut payload, &bob, 8, None).unwrap();
        let changes = read_entries(&payload).unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!((&changes[0].user, changes[0].version), (&alice, 7));
        assert_eq!(changes[0].record.as_deref(), Some(&b"record"[..]));
        assert_eq!((&changes[1].user, changes[1].version), (&bob, 8));
        assert!(changes[1].record.is_none());
        for cut in (1..payload.len()).filter(|cut| *cut != first) {
            assert!(read_entries(&payload[..cut]).is_none(), "cut at {cut}");
        }
    }

    #[test]
    fn the_end_of_a_snapshot_reads_back() {
        assert_eq!(read_snapshot_end(&snapshot_end(9, 4)), Some((9, 4)));
        assert_eq!(read_snapshot_end(&[0; 15]), None);
        assert_eq!(read_snapshot_end(&[0; 17]), None);
    }
}
