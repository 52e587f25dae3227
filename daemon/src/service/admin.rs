//! `org.countersign1.Admin`: what administrators do with other people's accounts.

use std::sync::Arc;

use countersign_bus::{UserName, keys};
use zbus::message::Header;
use zbus::{Connection, interface};

use super::enroll::known;
use super::health::told;
use super::import::{read as read_import, refused as not_imported};
use super::proof::{enrolled, foreign, not_enrolled};
use super::report::summary;
use super::{Details, Parts, value};
use crate::account::{
    Account, Bounded, TemporaryCode, UnixSeconds, import as import_into, issue_temporary_code,
    unlock,
};
use crate::arguments::{Arguments, Dict};
use crate::authorize::Action;
use crate::caller::{Caller, Road};
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;
use crate::users::Named;

/// The most accounts in one reply.
const LONGEST_PAGE: usize = 500;

/// The interface, served on the bus alone.
pub struct AdminInterface(pub Arc<Parts>);

impl AdminInterface {
    /// Authorizes, as every method does.
    async fn admit(
        &self,
        user: Option<&UserName>,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<Caller, Refusal> {
        let caller = Caller::identify(Road::Bus, connection, header, &self.0.crowd).await?;
        self.0
            .authorize(&caller, Action::Administer, user, connection)
            .await?;
        Ok(caller)
    }

    /// Authorizes, and finds out whom the name means.
    async fn admit_for(
        &self,
        user: &str,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<(Named, Caller), Refusal> {
        let user = parse(user)?;
        let caller = self.admit(Some(&user), header, connection).await?;
        Ok((self.0.named(&user, &caller).await?, caller))
    }

    async fn clear(&self, Named { user, uid }: &Named) -> Result<Details, Refusal> {
        let parts = &*self.0;
        let now = UnixSeconds(parts.clock.now());
        parts.ledger.strangers().forget(user);
        match parts.ledger.owned(user, *uid)? {
            Owned::Theirs(_) => {}
            Owned::Nobody => {
                known(user, *uid)?;
                return Err(not_enrolled());
            }
            Owned::Foreign => return Err(foreign()),
        }
        let step = |account: Option<Account>| {
            let (account, cleared) = unlock(&account.ok_or_else(not_enrolled)?, now);
            Ok((Some(account), cleared))
        };
        let cleared = parts
            .ledger
            .change(user, Durability::Required, step)
            .await?;
        Ok(Details::from([
            (keys::LOCKED, value(cleared.locked)?),
            (keys::FAILED_ATTEMPTS, value(cleared.failed_attempts)?),
        ]))
    }

    async fn issue(&self, Named { user, uid }: &Named, sent: Dict) -> Result<String, Refusal> {
        let parts = &*self.0;
        let mut options = Arguments::new(sent);
        let valid = bounded(
            keys::VALID,
            options.small(keys::VALID)?,
            TemporaryCode::DEFAULT_VALID,
        )?;
        let times = bounded(
            keys::USES,
            options.small(keys::USES)?,
            TemporaryCode::DEFAULT_USES,
        )?;
        options.finish()?;
        enrolled(parts, user, *uid)?;
        let now = UnixSeconds(parts.clock.now());
        let step = |account: Option<Account>| {
            let account = account.ok_or_else(not_enrolled)?;
            let (account, code) =
                issue_temporary_code(&account, valid, times, now, &mut **parts.random())
                    .map_err(|e| Refusal::storage(e.to_string()))?;
            Ok((Some(account), code.expose().to_owned()))
        };
        parts.ledger.change(user, Durability::Required, step).await
    }

    async fn take_in(&self, Named { user, uid }: &Named, sent: Dict) -> Result<(), Refusal> {
        let parts = &*self.0;
        let import = read_import(Arguments::new(sent), UnixSeconds(parts.clock.now()))?;
        let uid = known(user, *uid)?;
        let step = |account: Option<Account>| {
            let account = account.unwrap_or_else(|| Account::new(user.clone(), uid));
            if account.uid() != uid {
                return Err(foreign());
            }
            let account =
                import_into(&account, &import, &mut **parts.random()).map_err(not_imported)?;
            Ok((Some(account), ()))
        };
        parts
            .ledger
            .change(user, Durability::Required, step)
            .await?;
        parts.enrollments.forget_all(user);
        Ok(())
    }
}

#[interface(name = "org.countersign1.Admin", introspection_docs = false)]
impl AdminInterface {
    #[zbus(out_args("users"))]
    async fn list(
        &self,
        filter: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<(String, Details)>, Refusal> {
        let caller = self.admit(None, &header, connection).await?;
        let parts = &*self.0;
        let mut filter = Arguments::new(filter);
        let after = filter.text(keys::AFTER)?;
        let limit = filter.small::<usize>(keys::LIMIT)?;
        filter.finish()?;
        let after = after
            .map(|name| UserName::parse(&name).map_err(|e| Refusal::argument(e.to_string())))
            .transpose()?;
        let limit = limit.unwrap_or(LONGEST_PAGE).clamp(1, LONGEST_PAGE);
        let now = UnixSeconds(parts.clock.now());
        let page = parts.ledger.list(after.as_ref(), limit)?;
        let mut told = Vec::with_capacity(page.len());
        // A database that does not tell about one user is not asked about the rest of the page.
        let mut tells = true;
        for (user, account) in page {
            let mut details = match &account {
                Ok(account) => summary(account, now)?,
                Err(why) => Details::from([(keys::UNREADABLE, value(why.as_str())?)]),
            };
            if let (true, Ok(account)) = (tells, &account) {
                match parts.users.find(&user, caller.uid).await {
                    Ok(named) if named.uid == Some(account.uid()) => {}
                    Ok(_) => drop(details.insert(keys::FOREIGN, value(true)?)),
                    Err(_) => tells = false,
                }
            }
            told.push((user.as_str().to_owned(), details));
        }
        Ok(told)
    }

    #[zbus(out_args("cleared"))]
    async fn unlock(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let (named, caller) = self.admit_for(user, &header, connection).await?;
        Arguments::new(options).finish()?;
        let cleared = self.clear(&named).await;
        self.0.audit("unlock", &named.user, &caller, &cleared);
        cleared
    }

    #[zbus(out_args("code"))]
    async fn issue_temporary_code(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let (named, caller) = self.admit_for(user, &header, connection).await?;
        let issued = self.issue(&named, options).await;
        self.0
            .audit("issue-temporary-code", &named.user, &caller, &issued);
        issued
    }

    async fn import(
        &self,
        user: &str,
        token: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let (named, caller) = self.admit_for(user, &header, connection).await?;
        let imported = self.take_in(&named, token).await;
        self.0.audit("import", &named.user, &caller, &imported);
        imported
    }

    #[zbus(out_args("health"))]
    async fn health(
        &self,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let _caller = self.admit(None, &header, connection).await?;
        Arguments::new(options).finish()?;
        told(&self.0)
    }
}

fn parse(user: &str) -> Result<UserName, Refusal> {
    UserName::parse(user).map_err(|e| Refusal::argument(e.to_string()))
}

/// A number that was sent, within its bounds, or what stands for none.
pub(super) fn bounded<const MIN: i64, const MAX: i64>(
    key: &str,
    sent: Option<i64>,
    unsaid: Bounded<MIN, MAX>,
) -> Result<Bounded<MIN, MAX>, Refusal> {
    sent.map_or(Ok(unsaid), |number| {
        Bounded::new(number).map_err(|e| Refusal::argument(format!("{key}: {e}")))
    })
}
