//! A store that many hosts share: records sealed here, kept by a database that cannot open them.

use std::fmt;

use countersign_bus::UserName;
use countersign_fleet::{
    Conclusion, Engine, EngineError, Facts, Spent, Standing, Swapped as Kept, Transaction,
    Version as Number,
};
use tokio::sync::OnceCell;

use crate::account::SpentStep;
use crate::store::{Home, KeyId, Page, SealError, Sealer, Swapped, Unsealed, VaultError, Version};

/// The record that is not a user's: sealed under the fleet's key, it tells a host that has another one. No login is
/// looked up under this name, since no user database knows it.
const KEY_RECORD: &str = ".countersign.key";
const KEY_TEXT: &[u8] = b"countersign fleet key";

/// Begins what stands in place of a record that a host has taken to its own store: no account begins so, and none opens
/// with it. The host's name follows.
const TAKEN: &str = "taken to the host ";

/// How many records are asked for at once when all are.
const PAGE: usize = 256;

/// The shared store as this host works with it.
pub struct Shared {
    engine: Engine,
    sealer: Sealer,
    tenant: String,
    /// Set once this host's key has turned out to be the fleet's.
    admitted: OnceCell<()>,
}

/// What a change was about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A code that was accepted.
    Accepted(Option<SpentStep>),
    /// A code that was refused.
    Refused,
    /// Something else.
    Change,
}

/// Why the shared store was of no use. Nothing that counts was changed.
#[derive(Debug)]
pub enum SharedError {
    /// It was not reached, or refused.
    Engine(EngineError),
    /// The record could not be sealed or opened.
    Seal(SealError),
    /// There is nothing in it, not even what a fleet begins with: it is new, or not the one that it was.
    NoStore {
        /// Whose enrollments were looked for.
        tenant: String,
        /// In the place of what would begin a fleet.
        version: Version,
    },
    /// This host seals with another key than the fleet.
    OtherKey {
        /// The fleet's.
        wanted: KeyId,
        /// This host's.
        found: KeyId,
    },
    /// The store remembers that a later code of the token was accepted than the record says.
    OlderRecord,
    /// This host's clock and the server's are too far apart.
    Clocks,
}

/// What there is to tell of it.
pub struct SharedStanding {
    /// Whose enrollments this host works with.
    pub tenant: String,
    /// What the server says, or why it does not.
    pub answer: Result<Standing, SharedError>,
    /// This host's keys, the one that seals first.
    pub keys: Vec<(KeyId, Home)>,
}

/// What is left in the shared store in place of a record that this host takes away.
pub fn taken_to(host_name: &str) -> Vec<u8> {
    format!("{TAKEN}{host_name}").into_bytes()
}

/// The host that has taken a record away, if one has.
pub fn taker(record: &[u8]) -> Option<String> {
    let host = record.strip_prefix(TAKEN.as_bytes())?;
    Some(String::from_utf8_lossy(host).into_owned())
}

impl Shared {
    /// Works with an engine, whether it can be reached or not.
    pub fn new(engine: Engine, sealer: Sealer, tenant: impl Into<String>) -> Self {
        Self {
            engine,
            sealer,
            tenant: tenant.into(),
            admitted: OnceCell::new(),
        }
    }

    /// A user's record as the last swap left it.
    pub async fn load(&self, user: &UserName) -> Result<Unsealed, SharedError> {
        self.admit().await?;
        let stored = self.engine.load(user).await.map_err(SharedError::Engine)?;
        self.unsealed(user, stored.version, stored.record.as_deref())
    }

    /// The same for judging a code: the server has counted the attempt.
    pub async fn attempt(&self, user: &UserName) -> Result<Unsealed, SharedError> {
        self.admit().await?;
        let stored = self.engine.attempt(user).await;
        let stored = stored.map_err(SharedError::Engine)?;
        self.unsealed(user, stored.version, stored.record.as_deref())
    }

    /// Puts a record in the place of the version that was expected there; `None` removes it.
    pub async fn swap(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        about: About,
    ) -> Result<Swapped, SharedError> {
        self.admit().await?;
        self.put(user, expected, record, about).await
    }

    /// At most `limit` records in the order of the names. For an administrator's role.
    pub async fn list(&self, after: Option<&UserName>, limit: usize) -> Result<Page, SharedError> {
        self.admit().await?;
        let mut after = after.cloned();
        // One more, for the record that is no user's.
        let listed = self
            .engine
            .list(after.as_ref(), limit.saturating_add(1))
            .await;
        let listed = listed.map_err(SharedError::Engine)?;
        let users = listed
            .into_iter()
            .filter(|(user, ..)| user.as_str() != KEY_RECORD)
            .take(limit);
        Ok(users
            .map(|(user, version, sealed)| {
                after = Some(user.clone());
                let unsealed = self
                    .sealer
                    .unseal(&user, &sealed)
                    .map_err(VaultError::Seal)
                    .map(|record| Unsealed {
                        record: Some(record),
                        version: of_engine(version),
                    });
                (user, unsealed)
            })
            .collect())
    }

    /// How the store stands to this host. `now` is this host's time in Unix seconds.
    pub async fn standing(&self, now: u64) -> SharedStanding {
        #[allow(
            clippy::cast_precision_loss,
            reason = "seconds of this era are exact in a double"
        )]
        let answer = match self.admit().await {
            Ok(()) => self
                .engine
                .standing(now as f64)
                .await
                .map_err(SharedError::Engine),
            Err(error) => Err(error),
        };
        SharedStanding {
            tenant: self.tenant.clone(),
            answer,
            keys: self.sealer.places(),
        }
    }

    /// Seals every record anew that is under an older key, which ends that one. For an administrator's role.
    pub async fn reseal(&self) -> Result<usize, SharedError> {
        match self.admit().await {
            Ok(()) => {}
            // The record that says so is sealed anew like the others, where the older key is here.
            Err(SharedError::OtherKey { wanted, .. }) if self.opens(wanted) => {}
            Err(error) => return Err(error),
        }
        let (mut resealed, mut after) = (0, None);
        loop {
            let page = self.engine.list(after.as_ref(), PAGE).await;
            let page = page.map_err(SharedError::Engine)?;
            let Some((last, ..)) = page.last() else {
                return Ok(resealed);
            };
            after = Some(last.clone());
            for (user, version, sealed) in page {
                if self.sealer.is_current(&sealed) {
                    continue;
                }
                // Who was first has sealed it anew.
                if let Ok(record) = self.sealer.unseal(&user, &sealed) {
                    let version = of_engine(version);
                    let swapped = self
                        .put(&user, version, Some(&record), About::Change)
                        .await?;
                    resealed += usize::from(swapped != Swapped::Lost);
                }
            }
        }
    }

    /// Makes this host's key the fleet's where nobody's is yet: the store is a new one. Somebody has to say so, since a
    /// store that lost everything looks the same, and nobody is enrolled in it.
    pub async fn found(&self) -> Result<(), SharedError> {
        let name = key_record()?;
        loop {
            match self.admit().await {
                Err(SharedError::NoStore { version, .. }) => {
                    self.put(&name, version, Some(KEY_TEXT), About::Change)
                        .await?;
                }
                admitted => return admitted,
            }
        }
    }

    /// Asks once whether the store is one, and this host's key the fleet's.
    async fn admit(&self) -> Result<(), SharedError> {
        self.admitted
            .get_or_try_init(|| self.compare_keys())
            .await?;
        Ok(())
    }

    async fn compare_keys(&self) -> Result<(), SharedError> {
        let name = key_record()?;
        let stored = self.engine.load(&name).await.map_err(SharedError::Engine)?;
        let Some(sealed) = stored.record else {
            return Err(SharedError::NoStore {
                tenant: self.tenant.clone(),
                version: of_engine(stored.version),
            });
        };
        match self.sealer.unseal(&name, &sealed) {
            // A key that only opens is none to seal with: other hosts would not have it.
            Ok(_) if !self.sealer.is_current(&sealed) => Err(SharedError::OtherKey {
                wanted: self.sealer.key_of(&sealed).map_err(SharedError::Seal)?,
                found: self.sealer.current(),
            }),
            Ok(_) => Ok(()),
            Err(SealError::UnknownKey { id: wanted }) => Err(SharedError::OtherKey {
                wanted,
                found: self.sealer.current(),
            }),
            Err(error) => Err(SharedError::Seal(error)),
        }
    }

    fn opens(&self, key: KeyId) -> bool {
        self.sealer.places().iter().any(|(id, _)| *id == key)
    }

    async fn put(
        &self,
        user: &UserName,
        expected: Version,
        record: Option<&[u8]>,
        about: About,
    ) -> Result<Swapped, SharedError> {
        let sealed = record
            .map(|record| self.sealer.seal(user, record))
            .transpose()
            .map_err(SharedError::Seal)?;
        let facts = Facts {
            conclusion: match about {
                About::Accepted(step) => Conclusion::Accepted(step.map(|step| Spent {
                    token: step.token,
                    at: step.at,
                })),
                About::Refused => Conclusion::Refused,
                About::Change => Conclusion::Changed,
            },
            transaction: Transaction(self.sealer.fresh().map_err(SharedError::Seal)?),
        };
        let expected = Number::new(i64::try_from(expected.0).unwrap_or(i64::MAX));
        let swapped = self.engine.swap(user, expected, sealed.as_deref(), facts);
        match swapped.await.map_err(SharedError::Engine)? {
            Kept::Done(version) => Ok(Swapped::Durable(of_engine(version))),
            Kept::Lost => Ok(Swapped::Lost),
            Kept::StepSpent => Err(SharedError::OlderRecord),
            Kept::StepOutOfClock => Err(SharedError::Clocks),
        }
    }

    fn unsealed(
        &self,
        user: &UserName,
        version: Number,
        sealed: Option<&[u8]>,
    ) -> Result<Unsealed, SharedError> {
        let record = sealed
            .map(|sealed| self.sealer.unseal(user, sealed))
            .transpose()
            .map_err(SharedError::Seal)?;
        let version = of_engine(version);
        Ok(Unsealed { record, version })
    }
}

fn key_record() -> Result<UserName, SharedError> {
    UserName::parse(KEY_RECORD).map_err(|_| SharedError::Seal(SealError::Broken))
}

fn of_engine(version: Number) -> Version {
    Version(u64::try_from(version.get()).unwrap_or(0))
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Seal(SealError::UnknownKey { id }) => write!(
                f,
                "opening a record of the shared store: it was sealed under key {id}, which is not on this host; \
                 bring it here as key.old and restart the daemon"
            ),
            Self::Seal(error) => error.fmt(f),
            Self::NoStore { tenant, .. } => write!(
                f,
                "the shared store has nothing of the tenant {tenant}, not even the mark of the fleet's key: restore it, or if \
                 this is a new fleet, begin it with `countersign store move --to postgres` by an administrator's role"
            ),
            Self::OtherKey { wanted, found } => write!(
                f,
                "the shared store's records are sealed under key {wanted}, and this host has key {found}; save the key \
                 on a host that has it with `countersign store key --save FILE`, put it in the place of this \
                 host's key, and restart countersignd"
            ),
            Self::OlderRecord => f.write_str(
                "the shared store remembers a later code of this token than the record does: an older record was put \
                 back there; `countersign unlock`, or wait a quarter of an hour"
            ),
            Self::Clocks => f.write_str(
                "this host's clock and that of the shared store are too far apart for any code to count; set the wrong one"
            ),
        }
    }
}

impl std::error::Error for SharedError {}
