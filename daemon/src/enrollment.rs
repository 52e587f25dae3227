//! Enrollments that were begun and not yet confirmed. They live in memory alone, for ten minutes
//! at most, and belong to the connection that began them: closing it leaves nothing behind.
//!
//! One that was begun in the middle of a login is confirmed there, and counts once that login has
//! succeeded as a whole: the password may have been wrong, and its stack not have told yet.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_bus::{Fault, UserName};
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::account::{Account, Source, Token};
use crate::caller::{Caller, Line};
use crate::circumstances::Circumstances;
use crate::refusal::Refusal;

/// Seconds after which a begun enrollment is forgotten.
pub const LIFETIME: u64 = 600;
/// Wrong codes after which it is.
const TRIES: u32 = 10;
/// The most that there are at once over all users: of those begun in logins, and of the others.
const MOST: usize = 1_000;
/// The most that one uid has begun at once, and that there are of one user's logins from one source.
const MOST_OF_ONE: usize = 8;

/// Who began what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Key {
    line: Line,
    user: UserName,
}

/// A token that is shown to its owner and waits for a code of it.
#[derive(Clone)]
pub struct Begun {
    /// The token to be.
    pub token: Token,
    /// The uid of the user who is to have it.
    pub uid: u32,
    /// What it may become.
    pub claim: Claim,
    /// The login in the middle of which it was begun, if it was.
    pub login: Option<Login>,
}

/// A login in the middle of which somebody enrolls.
#[derive(Clone)]
pub struct Login {
    /// Where it comes from.
    pub circumstances: Circumstances,
    /// What whoever saw it succeed says, to show that it was this one.
    pub receipt: Receipt,
}

/// A text that nobody guesses.
pub type Receipt = Zeroizing<String>;

/// An enrollment that was confirmed in the middle of a login, and counts once that has succeeded.
#[derive(Clone)]
pub struct Confirmed {
    /// The account as it is to be: its tokens and recovery codes.
    pub account: Account,
    /// The login.
    pub login: Login,
}

/// What whoever began an enrollment may make of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The first token of a user who was not enrolled. Nothing had to be proved.
    FirstToken,
    /// A further one, after a proof or by an administrator.
    AnyToken,
}

/// Whose places an enrollment takes.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Charge {
    /// Those of whoever began it.
    Caller(u32),
    /// Those of the logins of a user from one source. Somebody without the password may get as far as this
    /// where a stack goes on after a wrong one, and must not stand in the way of the user elsewhere.
    Login(UserName, Source),
}

impl Charge {
    fn is_login(&self) -> bool {
        matches!(self, Self::Login(..))
    }
}

struct Pending {
    begun: Begun,
    charge: Charge,
    begun_at: u64,
    tries: u32,
    _watch: Option<Watch>,
}

struct Waiting {
    user: UserName,
    confirmed: Confirmed,
    charge: Charge,
    confirmed_at: u64,
}

/// The task that waits for a connection to go away. It ends with what it watches over.
pub struct Watch(pub JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// All that was begun.
#[derive(Default)]
pub struct Enrollments(Mutex<All>);

#[derive(Default)]
struct All {
    pending: HashMap<Key, Pending>,
    /// Confirmed in logins.
    waiting: Vec<Waiting>,
    /// The connections to the login socket that there are.
    lines: HashSet<Line>,
}

impl All {
    /// Is there a place left? Who is there already keeps theirs.
    fn refuse_when_full(&self, charge: &Charge) -> Result<(), Refusal> {
        let pending = self.pending.values().map(|it| &it.charge);
        let taken = || {
            pending
                .clone()
                .chain(self.waiting.iter().map(|it| &it.charge))
        };
        let over_all = taken().filter(|it| it.is_login() == charge.is_login());
        let own = taken().filter(|it| *it == charge);
        if over_all.count() < MOST && own.count() < MOST_OF_ONE {
            return Ok(());
        }
        Err(Refusal::new(
            Fault::Busy,
            "too many enrollments are under way; confirm or cancel one, or wait ten minutes",
        ))
    }
}

impl Enrollments {
    /// Remembers a token until a code of it comes on the same connection. What that caller had begun
    /// for the user before is forgotten. `watch` forgets it with its connection; one to the login socket
    /// needs none, see [`Self::closed`].
    pub fn begin(
        &self,
        caller: &Caller,
        user: &UserName,
        begun: Begun,
        watch: Option<Watch>,
        now: u64,
    ) -> Result<(), Refusal> {
        let key = key(caller, user);
        let mut all = self.all(now);
        if matches!(key.line, Line::Direct(_)) && !all.lines.contains(&key.line) {
            return Err(none());
        }
        all.pending.remove(&key);
        let charge = match &begun.login {
            Some(login) => Charge::Login(user.clone(), login.circumstances.source()),
            None => Charge::Caller(caller.uid),
        };
        all.refuse_when_full(&charge)?;
        all.pending.insert(
            key,
            Pending {
                begun,
                charge,
                begun_at: now,
                tries: 0,
                _watch: watch,
            },
        );
        Ok(())
    }

    /// The token that this connection began for the user. Each look at it is a try at its code.
    pub fn try_confirm(
        &self,
        caller: &Caller,
        user: &UserName,
        now: u64,
    ) -> Result<Begun, Refusal> {
        let key = key(caller, user);
        let mut all = self.all(now);
        let found = all.pending.get_mut(&key).ok_or_else(none)?;
        found.tries += 1;
        if found.tries > TRIES {
            all.pending.remove(&key);
            return Err(none());
        }
        Ok(found.begun.clone())
    }

    /// Did that connection begin something for the user?
    pub fn is_begun(&self, caller: &Caller, user: &UserName, now: u64) -> bool {
        self.all(now).pending.contains_key(&key(caller, user))
    }

    /// Forgets what this connection began for the user.
    pub fn forget(&self, caller: &Caller, user: &UserName) -> Result<(), Refusal> {
        let key = key(caller, user);
        self.lock().pending.remove(&key).map(drop).ok_or_else(none)
    }

    /// Remembers what was confirmed in the middle of a login until that has succeeded. It keeps the place
    /// that it had when it was begun, and makes way for nobody.
    pub fn confirmed(
        &self,
        caller: &Caller,
        user: &UserName,
        confirmed: Confirmed,
        now: u64,
    ) -> Result<(), Refusal> {
        let key = key(caller, user);
        let mut all = self.all(now);
        let begun = all.pending.remove(&key).ok_or_else(none)?;
        all.waiting.push(Waiting {
            user: key.user,
            confirmed,
            charge: begun.charge,
            confirmed_at: now,
        });
        Ok(())
    }

    /// What was confirmed in the login of this receipt.
    pub fn completed(
        &self,
        user: &UserName,
        receipt: &str,
        now: u64,
    ) -> Result<Confirmed, Refusal> {
        let all = self.all(now);
        let found = all
            .waiting
            .iter()
            .find(|it| it.user == *user && *it.confirmed.login.receipt == *receipt);
        found.map(|it| it.confirmed.clone()).ok_or_else(none)
    }

    /// Somebody connected to the login socket.
    pub fn opened(&self, line: Line) {
        self.lock().lines.insert(line);
    }

    /// That connection is gone, and with it what was begun on it.
    pub fn closed(&self, line: &Line) {
        let mut all = self.lock();
        all.lines.remove(line);
        all.pending.retain(|key, _| key.line != *line);
    }

    /// The connections on which something was begun.
    pub fn lines(&self) -> HashSet<Line> {
        let all = self.lock();
        all.pending.keys().map(|key| key.line.clone()).collect()
    }

    /// Forgets all that was begun for a user, by whomever: what they were allowed to add to has changed.
    pub fn forget_all(&self, user: &UserName) {
        let mut all = self.lock();
        all.pending.retain(|key, _| key.user != *user);
        all.waiting.retain(|it| it.user != *user);
    }

    /// Everything that is not too old.
    fn all(&self, now: u64) -> MutexGuard<'_, All> {
        let mut all = self.lock();
        // A clock that was put back ends an enrollment too: nothing may last for ever.
        let young = |at| now.checked_sub(at).is_some_and(|age| age < LIFETIME);
        all.pending.retain(|_, it| young(it.begun_at));
        all.waiting.retain(|it| young(it.confirmed_at));
        all
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(caller: &Caller, user: &UserName) -> Key {
    Key {
        line: caller.line.clone(),
        user: user.clone(),
    }
}

fn none() -> Refusal {
    Refusal::new(
        Fault::NoPendingEnrollment,
        "no enrollment of this user was begun on this connection, or it has run out; begin anew",
    )
}

#[cfg(test)]
#[path = "enrollment_tests.rs"]
mod tests;
