use super::entry::Cursor;
use super::key::KeyId;
use super::seal::key_of;

/// What stood under a name: how a change bears on the count of records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Was {
    /// No record.
    Nothing,
    /// A record, and the key that it names if it names one.
    Record(Option<KeyId>),
}

/// How long it is in a file, in bytes.
pub(super) const WAS: usize = 1 + 8;

impl Was {
    /// Of what stands there.
    pub(super) fn of(record: Option<&[u8]>) -> Self {
        record.map_or(Self::Nothing, |record| Self::Record(key_of(record).ok()))
    }

    /// As it is written: `0`, `1`, or `2` and the key.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let (tag, id) = match self {
            Self::Nothing => (0, [0; 8]),
            Self::Record(None) => (1, [0; 8]),
            Self::Record(Some(id)) => (2, id.0),
        };
        out.push(tag);
        out.extend(id);
    }

    /// Reads it back.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        match (cursor.array()?, cursor.array()?) {
            ([0], _) => Some(Self::Nothing),
            ([1], _) => Some(Self::Record(None)),
            ([2], id) => Some(Self::Record(Some(KeyId(id)))),
            _ => None,
        }
    }
}

/// How many records there are, and how many of them are under which key. It goes along with every
/// change, so that nobody has to look at all records to know.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Tally {
    records: u64,
    keys: Vec<(KeyId, u64)>,
}

impl Tally {
    /// One record comes, or none.
    pub(super) fn add(&mut self, is: Was) {
        let Was::Record(key) = is else { return };
        self.records += 1;
        let Some(key) = key else { return };
        match self.keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, records)) => *records += 1,
            None => self.keys.push((key, 1)),
        }
    }

    /// One record goes, or none.
    pub(super) fn remove(&mut self, was: Was) {
        let Was::Record(key) = was else { return };
        self.records = self.records.saturating_sub(1);
        if let Some((_, records)) = self.keys.iter_mut().find(|(known, _)| Some(*known) == key) {
            *records = records.saturating_sub(1);
        }
        self.keys.retain(|(_, records)| *records > 0);
    }

    /// How many records there are.
    pub(super) fn records(&self) -> usize {
        usize::try_from(self.records).unwrap_or(usize::MAX)
    }

    /// How many are under which key. Those that name none are not among them.
    pub(super) fn keys(&self) -> impl Iterator<Item = (KeyId, usize)> {
        let known = self.keys.iter();
        known.map(|(id, records)| (*id, usize::try_from(*records).unwrap_or(usize::MAX)))
    }

    /// As it is written: records u64 · keys u32 · (id 8 · records u64) for each.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        out.extend(self.records.to_le_bytes());
        out.extend(u32::try_from(self.keys.len()).ok()?.to_le_bytes());
        for (id, records) in &self.keys {
            out.extend(id.0);
            out.extend(records.to_le_bytes());
        }
        Some(())
    }

    /// Reads it back.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let records = cursor.u64()?;
        let count = cursor.u32()?;
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.push((KeyId(cursor.array()?), cursor.u64()?));
        }
        Some(Self { records, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_comes_and_goes_and_reads_back() {
        let (one, two) = (KeyId([1; 8]), KeyId([2; 8]));
        let mut tally = Tally::default();
        for is in [
            Was::Record(Some(one)),
            Was::Record(Some(two)),
            Was::Record(None),
            Was::Nothing,
        ] {
            tally.add(is);
        }
        tally.remove(Was::Record(Some(one)));
        tally.remove(Was::Nothing);
        assert_eq!(tally.records(), 2);
        assert_eq!(tally.keys().collect::<Vec<_>>(), [(two, 1)]);
        let mut bytes = Vec::new();
        tally.write(&mut bytes).unwrap();
        assert_eq!(Tally::read(&mut Cursor(&bytes)), Some(tally));
        assert_eq!(Tally::read(&mut Cursor(&bytes[..20])), None);
    }

    #[test]
    fn what_was_reads_back() {
        let all = [
            Was::Nothing,
            Was::Record(None),
            Was::Record(Some(KeyId([7; 8]))),
        ];
        for was in all {
            let mut bytes = Vec::new();
            was.write(&mut bytes);
            assert_eq!(bytes.len(), WAS);
            assert_eq!(Was::read(&mut Cursor(&bytes)), Some(was));
        }
        assert_eq!(Was::read(&mut Cursor(&[3; WAS])), None);
    }
}
