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

use crate::account::{Account, Token};
use crate::caller::{Caller, Line};
use crate::circumstances::Circumstances;
use crate::refusal::Refusal;

/// Seconds after which a begun enrollment is forgotten.
pub const LIFETIME: u64 = 600;
/// Wrong codes after which it is.
const TRIES: u32 = 10;
/// The most that are begun at once, over all users.
const MOST: usize = 1_000;
/// The most that one uid has begun at once.
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

struct Pending {
    begun: Begun,
    /// Whose places it takes.
    charged_to: u32,
    begun_at: u64,
    tries: u32,
    _watch: Option<Watch>,
}

struct Waiting {
    user: UserName,
    confirmed: Confirmed,
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
    /// Confirmed, the oldest first.
    waiting: Vec<Waiting>,
    /// The connections to the login socket that there are.
    lines: HashSet<Line>,
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
        let pending = &mut all.pending;
        pending.remove(&key);
        // Root's programs begin for whoever is logging in, and many may do so in the same minutes.
        let charged_to = match begun.login {
            Some(_) => begun.uid,
            None => caller.uid,
        };
        let own = pending
            .values()
            .filter(|pending| pending.charged_to == charged_to)
            .count();
        if pending.len() >= MOST || own >= MOST_OF_ONE {
            return Err(Refusal::new(
                Fault::Busy,
                "too many enrollments are under way; confirm or cancel one, or wait ten minutes",
            ));
        }
        pending.insert(
            key,
            Pending {
                begun,
                charged_to,
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

    /// Remembers what was confirmed in the middle of a login until that has succeeded. There is room
    /// for some logins of a user; the oldest makes way.
    pub fn confirmed(&self, user: &UserName, confirmed: Confirmed, now: u64) {
        let mut all = self.all(now);
        let own = all.waiting.iter().filter(|it| it.user == *user).count();
        if own >= MOST_OF_ONE
            && let Some(oldest) = all.waiting.iter().position(|it| it.user == *user)
        {
            all.waiting.remove(oldest);
        }
        if all.waiting.len() >= MOST {
            all.waiting.remove(0);
        }
        all.waiting.push(Waiting {
            user: user.clone(),
            confirmed,
            confirmed_at: now,
        });
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
mod tests {
    use super::*;
    use zbus::names::OwnedUniqueName;

    use crate::account::fixtures::totp;
    use crate::caller::Interaction;

    const NOW: u64 = 1_700_000_000;

    fn caller(uid: u32, connection: &str) -> Caller {
        let line = Line::Bus(OwnedUniqueName::try_from(connection).unwrap());
        Caller {
            uid,
            name: None,
            line,
            interaction: Interaction::None,
            place: None,
        }
    }

    fn alice() -> UserName {
        UserName::parse("alice").unwrap()
    }

    fn begin(all: &Enrollments, caller: &Caller, user: &UserName, now: u64) -> Result<(), Fault> {
        let token = totp("phone", "2SH3V3GDW7ZNMGYE");
        let watch = Watch(tokio::spawn(std::future::pending()));
        let begun = Begun {
            token,
            uid: 1000,
            claim: Claim::FirstToken,
            login: None,
        };
        all.begin(caller, user, begun, Some(watch), now)
            .map_err(|refusal| refusal.fault)
    }

    fn confirm(all: &Enrollments, caller: &Caller, now: u64) -> Result<(), Fault> {
        let begun = all.try_confirm(caller, &alice(), now);
        begun.map(drop).map_err(|refusal| refusal.fault)
    }

    #[tokio::test]
    async fn an_enrollment_belongs_to_the_connection_that_began_it() {
        let all = Enrollments::default();
        let (mine, other) = (caller(1000, ":1.5"), caller(1000, ":1.6"));
        begin(&all, &mine, &alice(), NOW).unwrap();
        assert_eq!(confirm(&all, &other, NOW), Err(Fault::NoPendingEnrollment));
        assert_eq!(
            all.forget(&other, &alice()).unwrap_err().fault,
            Fault::NoPendingEnrollment
        );
        assert_eq!(confirm(&all, &mine, NOW), Ok(()));
        all.forget(&mine, &alice()).unwrap();
        assert_eq!(confirm(&all, &mine, NOW), Err(Fault::NoPendingEnrollment));
    }

    #[tokio::test]
    async fn an_enrollment_ends_all_others_that_were_begun_for_the_user() {
        let all = Enrollments::default();
        let (mine, other) = (caller(1000, ":1.5"), caller(1000, ":1.6"));
        begin(&all, &mine, &alice(), NOW).unwrap();
        begin(&all, &other, &alice(), NOW).unwrap();
        all.forget_all(&alice());
        for caller in [mine, other] {
            assert_eq!(confirm(&all, &caller, NOW), Err(Fault::NoPendingEnrollment));
        }
    }

    #[tokio::test]
    async fn it_ends_after_ten_minutes_and_when_the_clock_is_put_back() {
        let mine = caller(1000, ":1.5");
        for (now, expected) in [
            (NOW + 599, Ok(())),
            (NOW + 600, Err(Fault::NoPendingEnrollment)),
            (NOW - 1, Err(Fault::NoPendingEnrollment)),
        ] {
            let all = Enrollments::default();
            begin(&all, &mine, &alice(), NOW).unwrap();
            assert_eq!(confirm(&all, &mine, now), expected, "{now}");
        }
    }

    #[tokio::test]
    async fn it_ends_after_ten_tries() {
        let all = Enrollments::default();
        let mine = caller(1000, ":1.5");
        begin(&all, &mine, &alice(), NOW).unwrap();
        for _ in 0..10 {
            assert_eq!(confirm(&all, &mine, NOW), Ok(()));
        }
        assert_eq!(confirm(&all, &mine, NOW), Err(Fault::NoPendingEnrollment));
    }

    #[tokio::test]
    async fn one_uid_does_not_take_all_places() {
        let all = Enrollments::default();
        for number in 0..8 {
            begin(&all, &caller(1000, &format!(":1.{number}")), &alice(), NOW).unwrap();
        }
        assert_eq!(
            begin(&all, &caller(1000, ":1.8"), &alice(), NOW),
            Err(Fault::Busy)
        );
        assert_eq!(begin(&all, &caller(1000, ":1.7"), &alice(), NOW), Ok(()));
        assert_eq!(begin(&all, &caller(1001, ":1.9"), &alice(), NOW), Ok(()));
        assert_eq!(
            begin(&all, &caller(1000, ":1.8"), &alice(), NOW + 600),
            Ok(())
        );
    }

    fn root(number: u64) -> Caller {
        Caller {
            line: Line::Direct(number),
            ..caller(0, ":1.1")
        }
    }

    fn login(receipt: &str) -> Login {
        let circumstances = Circumstances::read(HashMap::new(), &root(1)).unwrap();
        let receipt = Receipt::new(receipt.to_owned());
        Login {
            circumstances,
            receipt,
        }
    }

    fn begin_in_a_login(all: &Enrollments, number: u64, uid: u32) -> Result<(), Fault> {
        let begun = Begun {
            token: totp("phone", "2SH3V3GDW7ZNMGYE"),
            uid,
            claim: Claim::FirstToken,
            login: Some(login("R")),
        };
        all.begin(&root(number), &alice(), begun, None, NOW)
            .map_err(|refusal| refusal.fault)
    }

    #[test]
    fn what_is_begun_on_the_login_socket_ends_with_its_connection_and_not_after_it() {
        let all = Enrollments::default();
        let gone = Err(Fault::NoPendingEnrollment);
        assert_eq!(begin_in_a_login(&all, 1, 1000), gone, "nobody connected");
        all.opened(Line::Direct(1));
        assert_eq!(begin_in_a_login(&all, 1, 1000), Ok(()));
        assert_eq!(confirm(&all, &root(1), NOW), Ok(()));
        all.closed(&Line::Direct(1));
        assert_eq!(confirm(&all, &root(1), NOW), gone);
        // A call that is answered after its connection has gone leaves nothing either.
        assert_eq!(begin_in_a_login(&all, 1, 1000), gone);
    }

    #[test]
    fn logins_of_many_users_do_not_take_places_from_each_other() {
        let all = Enrollments::default();
        for number in 0..40 {
            all.opened(Line::Direct(number));
            let uid = 1000 + u32::try_from(number / 8).unwrap();
            assert_eq!(begin_in_a_login(&all, number, uid), Ok(()));
        }
        all.opened(Line::Direct(40));
        assert_eq!(begin_in_a_login(&all, 40, 1000), Err(Fault::Busy));
    }

    #[test]
    fn what_was_confirmed_in_a_login_is_there_for_its_receipt_for_ten_minutes() {
        let all = Enrollments::default();
        let confirmed = |receipt: &str| Confirmed {
            account: Account::new(alice(), 1000),
            login: login(receipt),
        };
        let found = |user: &UserName, receipt: &str, now| {
            let found = all.completed(user, receipt, now);
            found.map(drop).map_err(|refusal| refusal.fault)
        };
        let bob = UserName::parse("bob").unwrap();
        for number in 0..9 {
            all.confirmed(&alice(), confirmed(&format!("R{number}")), NOW);
        }
        let none = Err(Fault::NoPendingEnrollment);
        assert_eq!(found(&alice(), "R0", NOW), none, "the oldest made way");
        assert_eq!(found(&alice(), "R1", NOW), Ok(()));
        assert_eq!(found(&alice(), "", NOW), none);
        assert_eq!(found(&bob, "R1", NOW), none);
        assert_eq!(found(&alice(), "R8", NOW + 599), Ok(()));
        assert_eq!(found(&alice(), "R8", NOW + 600), none);
        all.confirmed(&alice(), confirmed("R"), NOW);
        all.forget_all(&alice());
        assert_eq!(found(&alice(), "R", NOW), none);
    }
}
