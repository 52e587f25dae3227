//! Accounts in and out of the store: load, decide, swap, and decide again when somebody was first.

use std::hash::{BuildHasher, RandomState};
use std::hint;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use countersign_bus::{Fault, UserName};
use zeroize::Zeroizing;

use crate::account::{Account, spent_step};
use crate::audit::{Level, Log, Quoted};
use crate::backend::{Backend, BackendError, Sizes, Standing};
use crate::refusal::Refusal;
use crate::shared::{About, taker};
use crate::store::{Durability, Swapped, Unsealed, Version};
use crate::strangers::Strangers;

/// Whose account a user name leads to.
pub enum Owned {
    /// There is none: the user is not enrolled.
    Nobody,
    /// The user's own.
    Theirs(Box<Account>),
    /// Left by an earlier user of that name. It is nobody's key to this user's logins.
    Foreign,
}

/// A page of accounts. One that cannot be read says why.
pub type Page = Vec<(UserName, Result<Account, String>)>;

/// What an account is looked up for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Look {
    /// To read it, or to change it without a code.
    Load,
    /// To judge a code.
    Attempt,
}

/// Every account of this host.
pub struct Ledger {
    /// As long as there is no usable store every question is answered "cannot tell".
    backend: OnceLock<Backend>,
    /// Why there is none.
    closed: Mutex<String>,
    /// One change at a time for each user, so that a burst of logins does not race itself in
    /// circles. The store's comparison makes it right; this makes it quick.
    turns: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
    strangers: Strangers,
    log: Arc<dyn Log>,
}

impl Ledger {
    /// Users who share a turn wait for each other's writes: twice as many as may be under way at once make that rare.
    const TURNS: usize = 2048;
    /// Others keep being first: give up rather than go round for ever.
    const RACES: usize = 64;

    /// No accounts are to be had before [`Self::open`].
    pub fn new(log: Arc<dyn Log>) -> Self {
        let turns = (0..Self::TURNS)
            .map(|_| tokio::sync::Mutex::new(()))
            .collect();
        let strangers = Strangers::default();
        Self {
            backend: OnceLock::new(),
            closed: Mutex::default(),
            turns,
            hasher: RandomState::new(),
            strangers,
            log,
        }
    }

    /// Takes up a store, or the reason why there is none. Says whether that is news.
    pub fn open(&self, backend: Result<Backend, String>) -> bool {
        match backend {
            Ok(backend) => self.backend.set(backend).is_ok(),
            Err(why) => {
                let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
                let news = *closed != why;
                *closed = why;
                news
            }
        }
    }

    /// The account under a user name, when it is the account of whom the name means today: the user of
    /// that uid, if there is one.
    pub async fn owned(&self, user: &UserName, uid: Option<u32>) -> Result<Owned, Refusal> {
        let (account, _version) = self.look(user, Look::Load).await?;
        Ok(self.whose(user, uid, account))
    }

    fn whose(&self, user: &UserName, uid: Option<u32>, account: Option<Account>) -> Owned {
        let Some(account) = account else {
            return Owned::Nobody;
        };
        if uid == Some(account.uid()) {
            return Owned::Theirs(Box::new(account));
        }
        let enrolled = account.uid();
        self.log.write(
            Level::Warning,
            &format!(
                "the enrollment of {} is of uid {enrolled}, who is not that user now: it counts for \
                 nobody; an administrator removes it with `countersign disable --user`",
                Quoted(user.as_str())
            ),
        );
        Owned::Foreign
    }

    /// Takes an account through one step, which gives back the account as it is from then on, or
    /// nothing when it goes. The step may be asked again, with a newer account, and its answer
    /// counts only once that is stored.
    pub async fn change<T>(
        &self,
        user: &UserName,
        durability: Durability,
        step: impl FnMut(Option<Account>) -> Result<(Option<Account>, T), Refusal>,
    ) -> Result<T, Refusal> {
        self.step(user, Look::Load, durability, step).await
    }

    /// As [`Self::change`], for a step that judges a code. Where other hosts share the store, the attempt
    /// is counted there before the account is handed out, so that many hosts do not try many codes at
    /// once.
    pub async fn attempt<T>(
        &self,
        user: &UserName,
        durability: Durability,
        step: impl FnMut(Option<Account>) -> Result<(Option<Account>, T), Refusal>,
    ) -> Result<T, Refusal> {
        self.step(user, Look::Attempt, durability, step).await
    }

    async fn step<T>(
        &self,
        user: &UserName,
        purpose: Look,
        durability: Durability,
        mut step: impl FnMut(Option<Account>) -> Result<(Option<Account>, T), Refusal>,
    ) -> Result<T, Refusal> {
        let (backend, mut look) = (self.backend()?, purpose);
        let _turn = self.turn(user).lock().await;
        for _ in 0..Self::RACES {
            let (account, version) = self.look(user, look).await?;
            // Only hosts that share a store tell each other what a change was about.
            let before = account.as_ref().filter(|_| backend.is_shared()).cloned();
            let (next, answer) = step(account)?;
            let about = about(purpose, before.as_ref(), next.as_ref());
            // One attempt, however often somebody else is first.
            look = Look::Load;
            let swap = self.swap(backend, user, version, next, durability, about);
            if swap.await? == Race::Won {
                return Ok(answer);
            }
        }
        Err(beaten())
    }

    /// Takes the account of the user of that uid through an attempt at a login, counted as by
    /// [`Self::attempt`]. The answer says how much of it must be on the disk before anybody hears it.
    ///
    /// Whoever has no account is refused all the same, and what is noted of that stays in memory alone,
    /// since names can be made up. All the rest of the way is the same, so that time does not tell who has
    /// one.
    pub async fn login<T>(
        &self,
        user: &UserName,
        uid: Option<u32>,
        durability: impl Fn(&T) -> Durability,
        mut step: impl FnMut(Account) -> (Account, T),
    ) -> Result<T, Refusal> {
        let (backend, mut look) = (self.backend()?, Look::Attempt);
        let _turn = self.turn(user).lock().await;
        for _ in 0..Self::RACES {
            let (account, version) = self.look(user, look).await?;
            let Owned::Theirs(account) = self.whose(user, uid, account) else {
                return self.rehearse(backend, user, step).await;
            };
            look = Look::Load;
            let before = backend.is_shared().then(|| account.clone());
            let (next, answer) = step(*account);
            let about = about(Look::Attempt, before.as_deref(), Some(&next));
            let (next, durability) = (Some(next), durability(&answer));
            let swap = self.swap(backend, user, version, next, durability, about);
            if swap.await? == Race::Won {
                return Ok(answer);
            }
        }
        Err(beaten())
    }

    async fn swap(
        &self,
        backend: &Backend,
        user: &UserName,
        version: Version,
        next: Option<Account>,
        durability: Durability,
        about: About,
    ) -> Result<Race, Refusal> {
        let bytes = next.as_ref().map(to_bytes).transpose()?;
        let record = bytes.as_ref().map(|bytes| bytes.as_slice());
        let swap = backend.swap(user, version, record, durability, about);
        match swap.await {
            Ok(Swapped::Durable(_) | Swapped::Appended(_) | Swapped::Unkept) => Ok(Race::Won),
            Ok(Swapped::InMemory(_, why)) => {
                self.log.write(
                    Level::Alert,
                    &format!(
                        "the store takes no writes ({why}): what {} used up is kept in memory \
                         until it does; make room or repair the disk before a restart",
                        Quoted(user.as_str())
                    ),
                );
                Ok(Race::Won)
            }
            Ok(Swapped::Lost) => Ok(Race::Lost),
            Err(e) => Err(not_stored(&e)),
        }
    }

    async fn rehearse<T>(
        &self,
        backend: &Backend,
        user: &UserName,
        step: impl FnOnce(Account) -> (Account, T),
    ) -> Result<T, Refusal> {
        let (bytes, answer) = self.strangers.change(user, |account| {
            let (account, answer) = step(account);
            let bytes = to_bytes(&account);
            (account, (bytes, answer))
        });
        match backend.rehearse(user, &bytes?).await {
            // An account is read from its record before a step; here it was not.
            Ok(opened) => drop(opened.map(|bytes| hint::black_box(Account::from_bytes(&bytes)))),
            Err(e) => return Err(not_stored(&e)),
        }
        Ok(answer)
    }

    /// Do other hosts use the same store? Where there is none, none does.
    pub fn is_shared(&self) -> bool {
        self.backend.get().is_some_and(Backend::is_shared)
    }

    /// The failures of people who have no account.
    pub fn strangers(&self) -> &Strangers {
        &self.strangers
    }

    /// A page of accounts in order of their names.
    pub async fn list(&self, after: Option<&UserName>, limit: usize) -> Result<Page, Refusal> {
        let read = |user: &UserName, unsealed: Unsealed| match unsealed.record {
            Some(bytes) => parse(user, &bytes),
            None => Err("removed meanwhile".to_owned()),
        };
        let page = self.backend()?.list(after, limit).await;
        let page = page.map_err(|e| Refusal::storage(e.to_string()))?;
        Ok(page
            .into_iter()
            .map(|(user, unsealed)| {
                let account = unsealed
                    .map_err(|e| e.to_string())
                    .and_then(|it| read(&user, it));
                (user, account)
            })
            .collect())
    }

    /// How many users have a record, and how many records are newer in memory than on the disk; or
    /// why there is no store.
    pub async fn sizes(&self) -> Result<Sizes, Refusal> {
        let sizes = self.backend()?.sizes().await;
        sizes.map_err(|e| Refusal::storage(e.to_string()))
    }

    /// How much there is, and under which keys.
    pub async fn standing(&self) -> Result<Standing, Refusal> {
        Ok(self.backend()?.standing().await)
    }

    /// Seals everything anew that is under an older key, and says how much that was.
    pub async fn reseal(&self) -> Result<usize, Refusal> {
        let resealed = self.backend()?.reseal().await;
        resealed.map_err(|e| Refusal::storage(e.to_string()))
    }

    async fn look(
        &self,
        user: &UserName,
        look: Look,
    ) -> Result<(Option<Account>, Version), Refusal> {
        let cannot = |why: &dyn std::fmt::Display| {
            Refusal::storage(format!(
                "the enrollment of {} cannot be read: {why}",
                Quoted(user.as_str())
            ))
        };
        let backend = self.backend()?;
        let found = match look {
            Look::Load => backend.load(user).await,
            Look::Attempt => backend.attempt(user).await,
        };
        let Unsealed { record, version } = found.map_err(|e| cannot(&e))?;
        let account = record
            .map(|bytes| parse(user, &bytes))
            .transpose()
            .map_err(|why| cannot(&why))?;
        Ok((account, version))
    }

    fn backend(&self) -> Result<&Backend, Refusal> {
        self.backend.get().ok_or_else(|| {
            let why = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            Refusal::storage(format!("the store is not open: {why}"))
        })
    }

    #[allow(
        clippy::indexing_slicing,
        reason = "the index is taken modulo the length"
    )]
    fn turn(&self, user: &UserName) -> &tokio::sync::Mutex<()> {
        let hash = usize::try_from(self.hasher.hash_one(user) & 0xffff).unwrap_or_default();
        &self.turns[hash % self.turns.len()]
    }
}

/// Was anybody else first?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Race {
    Won,
    Lost,
}

fn beaten() -> Refusal {
    Refusal::new(Fault::Busy, "others kept changing the account")
}

fn to_bytes(account: &Account) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    account
        .to_bytes()
        .map_err(|e| Refusal::storage(e.to_string()))
}

fn not_stored(error: &BackendError) -> Refusal {
    if error.is_busy() {
        Refusal::new(Fault::Busy, "too many changes wait to be stored")
    } else {
        Refusal::storage(error.to_string())
    }
}

/// What a change was about, for the others who share the store.
fn about(purpose: Look, before: Option<&Account>, after: Option<&Account>) -> About {
    match (purpose, before, after) {
        (Look::Attempt, Some(before), Some(after)) => {
            if after.budgets().failed_attempts() > before.budgets().failed_attempts() {
                About::Refused
            } else {
                About::Accepted(spent_step(before, after))
            }
        }
        _ => About::Change,
    }
}

/// Reads a record back. The name inside must be the one that it was found under.
fn parse(user: &UserName, bytes: &[u8]) -> Result<Account, String> {
    if let Some(host) = taker(bytes) {
        return Err(format!(
            "the enrollments of this tenant were taken to the host {} with `countersign store move`",
            Quoted(&host)
        ));
    }
    let account = Account::from_bytes(bytes).map_err(|e| e.to_string())?;
    if account.user() == user {
        Ok(account)
    } else {
        Err("it is another user's record".to_owned())
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
