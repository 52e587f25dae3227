use countersign_bus::keys;
use countersign_bus::proxy::Details;
use serde::Serialize;
use zbus::OwnedVariant;

use crate::account::take;
use crate::words::tell;

/// The store as the running daemon has it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Standing {
    /// Users with a record.
    pub records: u32,
    /// Records that are newer in memory than on the disk.
    pub unsaved: u32,
    /// The length of the journal in bytes.
    pub journal: u64,
    /// The keys, the one that seals first.
    pub keys: Vec<Key>,
    /// The shared store, where the enrollments are in one. What is said before of a host's own is nothing then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedStore>,
}

/// The shared store as it stands to this host.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SharedStore {
    /// Whose enrollments this host works with.
    pub tenant: String,
    /// Why it does not answer, or what it says.
    #[serde(flatten)]
    pub answer: Answer,
}

/// Did the shared store answer?
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// No; why.
    Unreachable(String),
    /// Yes.
    Server(Server),
}

/// What the server says.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Server {
    /// Which it is.
    pub host: String,
    /// What it says that it is.
    pub version: String,
    /// The version of the schema there.
    pub schema: i32,
    /// What a change has reached when it is answered: `nothing`, `disk` or `standby`.
    pub commit_waits: String,
    /// How many seconds its clock is ahead of this host's.
    pub clock_skew: f64,
    /// Is this host's role there an administrator's?
    pub administers: bool,
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
            shared: SharedStore::read(&mut details)?,
        })
    }

    /// The key that seals.
    pub fn sealing(&self) -> Option<&str> {
        self.keys.first().map(|key| key.id.as_str())
    }
}

impl SharedStore {
    fn read(details: &mut Details) -> Result<Option<Self>, String> {
        let Some(tenant) = take(details, keys::TENANT)? else {
            return Ok(None);
        };
        let answer = match take(details, keys::UNREACHABLE)? {
            Some(why) => Answer::Unreachable(why),
            None => Answer::Server(Server {
                host: needed(details, keys::SERVER)?,
                version: needed(details, keys::SERVER_VERSION)?,
                schema: needed(details, keys::SCHEMA)?,
                commit_waits: needed(details, keys::COMMIT_WAITS)?,
                clock_skew: needed(details, keys::CLOCK_SKEW)?,
                administers: needed(details, keys::ADMINISTERS)?,
            }),
        };
        Ok(Some(Self { tenant, answer }))
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
