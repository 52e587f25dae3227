use countersign_bus::keys;
use countersign_bus::proxy::Details;
use serde::Serialize;
use zbus::OwnedVariant;

use crate::account::take;
use crate::words::tell;

/// The store as the running daemon has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Standing {
    /// Users with a record.
    pub records: u32,
    /// Records that are newer in memory than on the disk.
    pub unsaved: u32,
    /// The length of the journal in bytes.
    pub journal: u64,
    /// The keys, the one that seals first.
    pub keys: Vec<Key>,
}

/// A key, and what is under it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Key {
    /// Which it is.
    pub id: String,
    /// Where it lies, as the bus has it.
    pub place: String,
    /// How many records are under it.
    pub records: u32,
}

impl Standing {
    /// Reads a reply.
    pub fn read(mut details: Details) -> Result<Self, String> {
        let keys: Vec<Details> = needed(&mut details, keys::KEYS)?;
        Ok(Self {
            records: needed(&mut details, keys::RECORDS)?,
            unsaved: needed(&mut details, keys::UNSAVED)?,
            journal: needed(&mut details, keys::JOURNAL)?,
            keys: keys.into_iter().map(Key::read).collect::<Result<_, _>>()?,
        })
    }

    /// The key that seals.
    pub fn sealing(&self) -> Option<&str> {
        self.keys.first().map(|key| key.id.as_str())
    }
}

impl Key {
    fn read(mut details: Details) -> Result<Self, String> {
        Ok(Self {
            id: needed(&mut details, keys::ID)?,
            place: needed(&mut details, keys::PLACE)?,
            records: needed(&mut details, keys::RECORDS)?,
        })
    }
}

fn needed<T: TryFrom<OwnedVariant>>(details: &mut Details, key: &str) -> Result<T, String> {
    take(details, key)?.ok_or_else(|| tell!("tool-answer-wrong-type", "key" = key))
}
