//! Where the blocks of a snapshot are: all that is kept of it in memory.
//!
//! ```text
//! last version given u64 · records u64 · keys u32 · (key id 8 · records u64) for each key
//! blocks u32 · (length of its frame u32 · name length u8 · its first name) for each block
//! ```
//!
//! The blocks follow each other from the file header to the index, without gaps.

use countersign_bus::UserName;

use super::entry::Cursor;
use super::frame::FILE_HEADER;
use super::tally::Tally;

/// The index of a snapshot.
#[derive(Default, Debug)]
pub(super) struct Index {
    /// The last version that was given to a record when the snapshot was made.
    pub(super) last_version: u64,
    /// How many records it has.
    pub(super) tally: Tally,
    /// The first name of each block, one behind the other.
    names: Vec<u8>,
    /// Where each of them ends.
    name_ends: Vec<u32>,
    /// Where each block ends, in bytes of the file.
    block_ends: Vec<u64>,
}

/// Where a block lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    /// Where it begins, in bytes of the file.
    pub(super) offset: u64,
    /// How long it is, with the header of its frame.
    pub(super) length: usize,
}

impl Index {
    /// Takes in the next block. `None`: it is longer, or there are more, than the form has room for.
    pub(super) fn push(&mut self, first: &[u8], length: usize) -> Option<()> {
        u8::try_from(first.len()).ok()?;
        u32::try_from(length).ok()?;
        let end = self.end().checked_add(u64::try_from(length).ok()?)?;
        self.names.extend(first);
        self.name_ends.push(u32::try_from(self.names.len()).ok()?);
        self.block_ends.push(end);
        Some(())
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.block_ends.len()
    }

    /// Where the last block ends, in bytes of the file.
    pub(super) fn end(&self) -> u64 {
        self.block_ends
            .last()
            .copied()
            .unwrap_or(FILE_HEADER as u64)
    }

    /// Where a block lies.
    pub(super) fn span(&self, block: usize) -> Option<Span> {
        let end = *self.block_ends.get(block)?;
        let offset = match block.checked_sub(1) {
            Some(before) => *self.block_ends.get(before)?,
            None => FILE_HEADER as u64,
        };
        let length = usize::try_from(end.checked_sub(offset)?).ok()?;
        Some(Span { offset, length })
    }

    /// The first name in a block.
    pub(super) fn first(&self, block: usize) -> Option<&[u8]> {
        let end = usize::try_from(*self.name_ends.get(block)?).ok()?;
        let begin = match block.checked_sub(1) {
            Some(before) => usize::try_from(*self.name_ends.get(before)?).ok()?,
            None => 0,
        };
        self.names.get(begin..end)
    }

    /// The only block in which a name can be. `None`: it comes before all of them.
    pub(super) fn find(&self, user: &UserName) -> Option<usize> {
        let name = user.as_str().as_bytes();
        let (mut from, mut to) = (0, self.blocks());
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.first(middle)? <= name {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from.checked_sub(1)
    }

    /// As it is written. `None`: there is more than the form has room for.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(self.names.len() + 5 * self.blocks() + 64);
        out.extend(self.last_version.to_le_bytes());
        self.tally.write(&mut out)?;
        out.extend(u32::try_from(self.blocks()).ok()?.to_le_bytes());
        for block in 0..self.blocks() {
            let (first, span) = (self.first(block)?, self.span(block)?);
            out.extend(u32::try_from(span.length).ok()?.to_le_bytes());
            out.push(u8::try_from(first.len()).ok()?);
            out.extend(first);
        }
        Some(out)
    }

    /// Reads it back. `None`: that is no index.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let mut index = Self {
            last_version: cursor.u64()?,
            tally: Tally::read(&mut cursor)?,
            ..Self::default()
        };
        for _ in 0..cursor.u32()? {
            let length = usize::try_from(cursor.u32()?).ok()?;
            let [name_length] = cursor.array()?;
            let first = cursor.take(usize::from(name_length))?;
            UserName::from_bytes(first).ok()?;
            let last = index.blocks().checked_sub(1);
            if last.and_then(|last| index.first(last)) >= Some(first) {
                return None;
            }
            index.push(first, length)?;
        }
        index.names.shrink_to_fit();
        index.name_ends.shrink_to_fit();
        index.block_ends.shrink_to_fit();
        cursor.0.is_empty().then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index {
            last_version: 9,
            ..Index::default()
        };
        for (name, length) in [("alice", 100), ("dave", 50), ("zoë", 70)] {
            index.push(name.as_bytes(), length).unwrap();
        }
        index
    }

    #[test]
    fn it_tells_where_each_block_is_and_which_one_has_a_name() {
        let index = index();
        let at = |block| index.span(block).map(|span| (span.offset, span.length));
        let begin = FILE_HEADER as u64;
        assert_eq!(at(0), Some((begin, 100)));
        assert_eq!(at(2), Some((begin + 150, 70)));
        assert_eq!(at(3), None);
        assert_eq!(index.end(), begin + 220);
        let find = |name: &str| index.find(&UserName::parse(name).unwrap());
        assert_eq!(find("aaron"), None);
        let found = ["alice", "bob", "dave", "eve", "zoe", "zoë", "zz"].map(find);
        let expected = [0, 0, 1, 1, 1, 2, 2].map(Some);
        assert_eq!(found, expected);
        assert_eq!(Index::default().find(&UserName::parse("a").unwrap()), None);
    }

    #[test]
    fn it_reads_back_whole_or_not_at_all() {
        let bytes = index().to_bytes().unwrap();
        let read = Index::read(&bytes).unwrap();
        assert_eq!(read.to_bytes().unwrap(), bytes);
        assert_eq!(read.last_version, 9);
        for end in 0..bytes.len() {
            assert!(Index::read(&bytes[..end]).is_none(), "{end}");
        }
        assert!(Index::read(&[&bytes[..], b"x"].concat()).is_none());
    }

    #[test]
    fn names_out_of_order_are_no_index() {
        let mut index = index();
        index.push(b"bob", 10).unwrap();
        assert!(Index::read(&index.to_bytes().unwrap()).is_none());
    }
}
