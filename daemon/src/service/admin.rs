//! `org.countersign1.Admin`: what administrators do with other people's accounts.

use std::sync::Arc;

use countersign_bus::{UserName, keys};
use zbus::message::Header;
use zbus::{Connection, interface};

use super::enroll::known;
use super::health::told;
use super::import::{read as read_import, refused as not_imported, told as told_import};
use super::proof::{enrolled, foreign, not_enrolled};
use super::report::summary;
use super::{Details, Parts, store, value};
use crate::account::{
    Account, Bounded, TemporaryCode, UnixSeconds, Uses, ValidSeconds, import as import_into,
    issue_temporary_code, unlock,
};
use crate::arguments::{Arguments, Dict};
use crate::authorize::{Action, Deed};
use crate::caller::{Caller, Road};
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;
use crate::users::Named;

/// The most accounts in one reply.
const LONGEST_PAGE: usize = 500;

/// How long and how often a temporary code is good.
#[derive(Clone, Copy)]
struct Terms {
    valid: ValidSeconds,
    uses: Uses,
}

impl Terms {
    /// Reads the options; nothing else may be among them.
    fn read(mut options: Arguments) -> Result<Self, Refusal> {
        let valid = options.small(keys::VALID)?;
        let uses = options.small(keys::USES)?;
        options.finish()?;
        Ok(Self {
            valid: bounded(keys::VALID, valid, TemporaryCode::DEFAULT_VALID)?,
            uses: bounded(keys::USES, uses, TemporaryCode::DEFAULT_USES)?,
        })
    }
}

/// What is done besides unlocking.
#[derive(Clone, Copy)]
enum Besides {
    Nothing,
    Issue(Terms),
    Disable,
}

impl Besides {
    fn read(mut options: Arguments) -> Result<Self, Refusal> {
        let issue = options.flag(keys::TEMPORARY_CODE)?;
        let disable = options.flag(keys::DISABLE)?;
        match (issue, disable) {
            (true, true) => Err(Refusal::argument(
                "a temporary code is of no use to an account that is disabled: choose one",
            )),
            (true, false) => Terms::read(options).map(Self::Issue),
            (false, true) => options.finish().map(|()| Self::Disable),
            (false, false) => options.finish().map(|()| Self::Nothing),
        }
    }

    const fn deed(&self) -> Deed {
        match self {
            Self::Nothing => Deed::Unlock,
            Self::Issue(_) => Deed::IssueTemporaryCode,
            Self::Disable => Deed::UnlockAndDisable,
        }
    }

    /// Its own line in the log.
    const fn audited(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Issue(_) => Some("issue-temporary-code"),
            Self::Disable => Some("disable"),
        }
    }
}

/// The interface, served on the bus alone.
pub struct AdminInterface(pub Arc<Parts>);

impl AdminInterface {
    /// Authorizes, as every method does.
    async fn admit(
        &self,
        deed: Deed,
        user: Option<&UserName>,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<Caller, Refusal> {
        let mut caller =
            Caller::identify(Road::Bus, connection, header, &self.0.crowd, None).await?;
        self.0
            .authorize(&caller, Action::Administer(deed), user, connection)
            .await?;
        caller.name = self.0.users.name(caller.uid).await;
        Ok(caller)
    }

    /// Authorizes, and finds out whom the name means.
    async fn admit_for(
        &self,
        deed: Deed,
        user: &str,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<(Named, Caller), Refusal> {
        let user = parse(user)?;
        let caller = self.admit(deed, Some(&user), header, connection).await?;
        Ok((self.0.named(&user, &caller).await?, caller))
    }

    /// Clears lock and waiting, and what else is wanted with it, as one change.
    async fn open(
        &self,
        Named { user, uid, .. }: &Named,
        besides: Besides,
    ) -> Result<Details, Refusal> {
        let parts = &*self.0;
        let now = UnixSeconds(parts.clock.now());
        parts.ledger.strangers().forget(user);
        match parts.ledger.owned(user, *uid).await? {
            Owned::Theirs(_) => {}
            Owned::Nobody => {
                known(user, *uid)?;
                return Err(not_enrolled());
            }
            Owned::Foreign => return Err(foreign()),
        }
        if matches!(besides, Besides::Issue(_)) {
            enrolled(parts, user, *uid).await?;
        }
        let step = |account: Option<Account>| {
            let (account, cleared) = unlock(&account.ok_or_else(not_enrolled)?, now);
            match besides {
                Besides::Nothing => Ok((Some(account), (cleared, None))),
                // Nothing is left of an account without tokens and without failures.
                Besides::Disable => Ok((None, (cleared, None))),
                Besides::Issue(Terms { valid, uses }) => {
                    let (account, code) =
                        issue_temporary_code(&account, valid, uses, now, &mut **parts.random())
                            .map_err(|e| Refusal::storage(e.to_string()))?;
                    Ok((Some(account), (cleared, Some(code))))
                }
            }
        };
        let (cleared, code) = parts
            .ledger
            .change(user, Durability::Required, step)
            .await?;
        if matches!(besides, Besides::Disable) {
            parts.enrollments.forget_all(user);
        }
        let mut told = Details::from([
            (keys::LOCKED, value(cleared.locked)?),
            (keys::FAILED_ATTEMPTS, value(cleared.failed_attempts)?),
        ]);
        if let Some(code) = code {
            told.insert(keys::CODE, value(code.expose())?);
        }
        Ok(told)
    }

    async fn issue(
        &self,
        Named { user, uid, .. }: &Named,
        Terms { valid, uses }: Terms,
    ) -> Result<String, Refusal> {
        let parts = &*self.0;
        enrolled(parts, user, *uid).await?;
        let now = UnixSeconds(parts.clock.now());
        let step = |account: Option<Account>| {
            let account = account.ok_or_else(not_enrolled)?;
            let (account, code) =
                issue_temporary_code(&account, valid, uses, now, &mut **parts.random())
                    .map_err(|e| Refusal::storage(e.to_string()))?;
            Ok((Some(account), code.expose().to_owned()))
        };
        parts.ledger.change(user, Durability::Required, step).await
    }

    async fn take_in(
        &self,
        Named { user, uid, .. }: &Named,
        sent: Dict,
    ) -> Result<Details, Refusal> {
        let parts = &*self.0;
        let import = read_import(Arguments::new(sent), UnixSeconds(parts.clock.now()))?;
        let uid = known(user, *uid)?;
        let run = |account: &Account| {
            import_into(account, &import, &mut **parts.random()).map_err(not_imported)
        };
        // Run again, an import meets many who have everything: of these nothing is written.
        if let Owned::Theirs(account) = parts.ledger.owned(user, Some(uid)).await? {
            let imported = run(&account)?;
            if !imported.is_change() {
                return told_import(&imported);
            }
        }
        let step = |account: Option<Account>| {
            let account = account.unwrap_or_else(|| Account::new(user.clone(), uid));
            if account.uid() != uid {
                return Err(foreign());
            }
            let imported = run(&account)?;
            let told = told_import(&imported)?;
            Ok((Some(imported.account), told))
        };
        let told = parts
            .ledger
            .change(user, Durability::Required, step)
            .await?;
        parts.enrollments.forget_all(user);
        Ok(told)
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
        let caller = self.admit(Deed::List, None, &header, connection).await?;
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
        let page = parts.ledger.list(after.as_ref(), limit).await?;
        let owners = page.iter().filter_map(|(user, account)| {
            let account = account.as_ref().ok()?;
            Some((user.clone(), account.uid()))
        });
        let strangers = parts.users.strangers(owners.collect(), caller.uid).await;
        let mut told = Vec::with_capacity(page.len());
        for (user, account) in page {
            let mut details = match &account {
                Ok(account) => summary(account, now)?,
                Err(why) => Details::from([(keys::UNREADABLE, value(why.as_str())?)]),
            };
            if strangers.contains(&user) {
                details.insert(keys::FOREIGN, value(true)?);
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
        let besides = Besides::read(Arguments::new(options));
        // Who may not unlock at all is not told what was wrong with the options.
        let deed = besides.as_ref().map_or(Deed::Unlock, Besides::deed);
        let (named, caller) = self.admit_for(deed, user, &header, connection).await?;
        let besides = besides?;
        let opened = self.open(&named, besides).await;
        self.0.audit("unlock", &named.user, &caller, &opened);
        if let (Ok(_), Some(what)) = (&opened, besides.audited()) {
            self.0.audit(what, &named.user, &caller, &opened);
        }
        opened
    }

    #[zbus(out_args("code"))]
    async fn issue_temporary_code(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let terms = Terms::read(Arguments::new(options));
        let deed = Deed::IssueTemporaryCode;
        let (named, caller) = self.admit_for(deed, user, &header, connection).await?;
        let issued = self.issue(&named, terms?).await;
        self.0
            .audit("issue-temporary-code", &named.user, &caller, &issued);
        issued
    }

    #[zbus(out_args("result"))]
    async fn import(
        &self,
        user: &str,
        token: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let (named, caller) = self
            .admit_for(Deed::Import, user, &header, connection)
            .await?;
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
        let _caller = self.admit(Deed::Health, None, &header, connection).await?;
        Arguments::new(options).finish()?;
        told(&self.0).await
    }

    #[zbus(out_args("store"))]
    async fn store_status(
        &self,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let deed = Deed::StoreStatus;
        let _caller = self.admit(deed, None, &header, connection).await?;
        Arguments::new(options).finish()?;
        store::told(&self.0).await
    }

    #[zbus(out_args("store"))]
    async fn reseal(
        &self,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let caller = self.admit(Deed::Reseal, None, &header, connection).await?;
        Arguments::new(options).finish()?;
        store::reseal(&self.0, &caller).await
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
