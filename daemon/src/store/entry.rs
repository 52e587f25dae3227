//! The inner form of the journal: what the payload of a frame lists.
//!
//! ```text
//! entry   version u64 · name length u8 · record length u32 · name · record
//! change  what was there before 9 · entry
//! ```
//!
//! A record length of `u32::MAX` means that the user's record was removed. A block of the snapshot has
//! entries, in the order of their names; what changed since has changes.

use std::sync::Arc;

use countersign_bus::UserName;

use super::tally::{WAS, Was};

const REMOVED: u32 = u32::MAX;
const FIXED: usize = 8 + 1 + 4;

/// One change of one user's record.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) user: UserName,
    pub(super) version: u64,
    /// `None`: removed.
    pub(super) record: Option<Arc<[u8]>>,
    /// What stood there before.
    pub(super) was: Was,
}

impl Change {
    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        WAS + entry_size(&self.user, self.record.as_deref())
    }

    /// Appends it. `None`: as for [`write_entry`].
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        self.was.write(out);
        write_entry(out, &self.user, self.version, self.record.as_deref())
    }
}

/// One user's record as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) user: UserName,
    pub(super) version: u64,
    pub(super) record: Arc<[u8]>,
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

/// An entry as it lies in a payload.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a [u8],
    pub(super) version: u64,
    /// `None`: removed.
    pub(super) record: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    /// Reads the next one. `None`: there is no whole one.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let version = cursor.u64()?;
        let [name_length] = cursor.array()?;
        let record_length = cursor.u32()?;
        let name = cursor.take(usize::from(name_length))?;
        let record = match record_length {
            REMOVED => None,
            length => Some(cursor.take(usize::try_from(length).ok()?)?),
        };
        Some(Self {
            name,
            version,
            record,
        })
    }

    /// Whose it is. `None`: nobody may be called that.
    pub(super) fn user(&self) -> Option<UserName> {
        UserName::from_bytes(self.name).ok()
    }
}

/// Reads all changes of a payload. `None`: it is not made of whole ones.
pub(super) fn read_changes(payload: &[u8]) -> Option<Vec<Change>> {
    let mut cursor = Cursor(payload);
    let mut changes = Vec::new();
    while !cursor.0.is_empty() {
        let was = Was::read(&mut cursor)?;
        let entry = Entry::read(&mut cursor)?;
        changes.push(Change {
            user: entry.user()?,
            version: entry.version,
            record: entry.record.map(Arc::from),
            was,
        });
    }
    Some(changes)
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
    fn changes_read_back_and_no_part_of_one_does() {
        let change = |name: &str, version, record: Option<&[u8]>, was| Change {
            user: UserName::parse(name).unwrap(),
            version,
            record: record.map(Arc::from),
            was,
        };
        let mut payload = Vec::new();
        let alice = change("alice", 7, Some(b"record"), Was::Nothing);
        alice.write(&mut payload).unwrap();
        let first = payload.len();
        assert_eq!(first, alice.size());
        let bob = change("b", 8, None, Was::Record(None));
        bob.write(&mut payload).unwrap();
        let changes = read_changes(&payload).unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!((&changes[0].user, changes[0].version), (&alice.user, 7));
        assert_eq!(changes[0].record.as_deref(), Some(&b"record"[..]));
        assert_eq!((&changes[1].user, changes[1].version), (&bob.user, 8));
        assert!(changes[1].record.is_none() && changes[1].was == Was::Record(None));
        for cut in (1..payload.len()).filter(|cut| *cut != first) {
            assert!(read_changes(&payload[..cut]).is_none(), "cut at {cut}");
        }
    }
}
