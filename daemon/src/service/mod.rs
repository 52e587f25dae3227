//! The three interfaces of `org.countersign1`. Every method parses, authorizes, acts, audits and
//! replies, in this order.

mod account;
mod acts;
mod admin;
mod enroll;
mod enrolling;
mod first_login;
mod health;
mod import;
mod login;
mod proof;
mod report;
mod ruling;
mod sparing;
mod store;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign_bus::{Fault, UserName};
use zbus::{Connection, OwnedVariant, Variant};

use crate::account::Random;
use crate::audit::{Level, Log, Quoted};
use crate::authorize::{Action, Standing, authorize};
use crate::caller::{Caller, Interaction};
use crate::clock::Clock;
use crate::configuration::Configuration;
use crate::crowd::Crowd;
use crate::enrollment::Enrollments;
use crate::groups::Groups;
use crate::health::Health;
use crate::ledger::Ledger;
use crate::polkit;
use crate::refusal::Refusal;
use crate::users::{CannotTell, Named, Users};

pub use account::AccountInterface;
pub use admin::AdminInterface;
pub use first_login::FirstLoginInterface;
pub use login::LoginInterface;

/// What every interface works with.
pub struct Parts {
    /// Policy and defaults.
    pub configuration: Configuration,
    /// The accounts.
    pub ledger: Arc<Ledger>,
    /// Whose name is whose.
    pub users: Users,
    /// Who is in which group.
    pub groups: Groups,
    /// What was begun and not yet confirmed.
    pub enrollments: Enrollments,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Secrets and codes come from here.
    pub random: Mutex<Box<dyn Random + Send>>,
    /// What is under way over the bus.
    pub crowd: Arc<Crowd>,
    /// What is told of the daemon itself.
    pub health: Health,
    /// The log.
    pub log: Arc<dyn Log>,
}

impl Parts {
    /// Decides who may do what, and says so in the log when somebody may not. Who is neither root nor
    /// acts for the own name can still be an administrator by polkit's word.
    async fn authorize(
        &self,
        caller: &Caller,
        action: Action,
        user: Option<&UserName>,
        bus: &Connection,
    ) -> Result<Standing, Refusal> {
        let mut standing = authorize(caller, action, user, &self.users).await;
        if let Err(refusal) = &mut standing
            && caller.interaction == Interaction::Allowed
            && action.allows_others()
        {
            // What this connection began was allowed to it then, and is not asked about again.
            if action == Action::Enroll
                && user
                    .is_some_and(|user| self.enrollments.is_begun(caller, user, self.clock.now()))
            {
                return Ok(Standing::Administrator);
            }
            match polkit::may_administer(bus, caller, action, user).await {
                Ok(()) => return Ok(Standing::Administrator),
                Err(why) => refusal.text = format!("{}, and {why}", refusal.text),
            }
        }
        if let Err(refusal) = &standing {
            self.log.write(
                Level::Warning,
                &format!("{} denied: {}", action.as_str(), refusal.text),
            );
        }
        standing
    }

    /// Whom a name means.
    async fn named(&self, user: &UserName, caller: &Caller) -> Result<Named, Refusal> {
        self.users
            .find(user, caller.uid)
            .await
            .map_err(|CannotTell(why)| {
                let text = format!(
                    "the user database did not tell who {} is: {why}",
                    Quoted(user.as_str())
                );
                Refusal::new(Fault::Busy, text)
            })
    }

    /// One line for what was done to an account, or was not.
    fn audit<T>(&self, what: &str, user: &UserName, caller: &Caller, result: &Result<T, Refusal>) {
        let name = caller
            .name
            .as_deref()
            .map(|name| format!(" {}", Quoted(name)));
        let from = format!("caller={}{}", caller.uid, name.unwrap_or_default());
        self.audit_from(what, user, &from, result);
    }

    /// The same, with more than the caller to say of where it came from.
    fn audit_from<T>(
        &self,
        what: &str,
        user: &UserName,
        from: &dyn Display,
        result: &Result<T, Refusal>,
    ) {
        let (level, said) = match result {
            Ok(_) => (Level::Notice, "done".to_owned()),
            Err(refusal) => (Level::Warning, format!("refused: {}", refusal.text)),
        };
        let user = Quoted(user.as_str());
        self.log
            .write(level, &format!("{what} user={user} {from}: {said}"));
    }

    /// The generator. It has no state that a panic could leave half made.
    fn random(&self) -> MutexGuard<'_, Box<dyn Random + Send>> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `a{sv}` of a reply.
type Details = HashMap<&'static str, OwnedVariant>;

/// A value for a reply.
fn value<'a>(value: impl Into<Variant<'a>>) -> Result<OwnedVariant, Refusal> {
    OwnedVariant::try_from(value.into())
        .map_err(|e| Refusal::argument(format!("cannot put a value into a reply: {e}")))
}

/// A count for a reply.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
