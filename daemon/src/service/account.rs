//! `org.countersign1.Account`: what people do with their own enrollment, and administrators with
//! theirs.

use std::sync::Arc;

use countersign_bus::{Code, Fault, UserName, keys};
use zbus::message::Header;
use zbus::{Connection, interface};

use super::enroll::{self, Wanted};
use super::proof::{accepted, enrolled, foreign, not_enrolled, prove};
use super::report::{Reader, status};
use super::{Details, Parts, value};
use crate::account::{
    Accepts, Account, Source, TokenName, UnixSeconds, remove_all, remove_token, renew_recovery_codes,
    resync,
};
use crate::arguments::{Arguments, Dict};
use crate::audit::{Level, Quoted};
use crate::authorize::{Action, Standing, authorize};
use crate::caller::{Caller, Road};
use crate::enrollment::{Begun, LIFETIME};
use crate::ledger::{Next, Owned};
use crate::refusal::Refusal;
use crate::store::Durability;

/// The interface, served on the bus alone.
pub struct AccountInterface(pub Arc<Parts>);

/// An authorized call.
struct Call {
    user: UserName,
    caller: Caller,
    standing: Standing,
}

impl AccountInterface {
    /// Parses and authorizes, as every method does.
    async fn admit(
        &self,
        action: Action,
        user: &str,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<Call, Refusal> {
        let user = UserName::parse(user).map_err(|e| Refusal::argument(e.to_string()))?;
        let caller = Caller::identify(Road::Bus, connection, header).await?;
        let standing = authorize(&caller, action, Some(&user), &self.0.users).await?;
        Ok(Call { user, caller, standing })
    }

    /// One line for what was done, or was not.
    fn audit<T>(&self, what: &str, call: &Call, result: &Result<T, Refusal>) {
        let (level, said) = match result {
            Ok(_) => (Level::Notice, "done".to_owned()),
            Err(refusal) => (Level::Warning, format!("refused: {}", refusal.text)),
        };
        let (user, uid) = (Quoted(call.user.as_str()), call.caller.uid);
        self.0.log.write(level, &format!("{what} user={user} caller={uid}: {said}"));
    }

    async fn begin(
        &self,
        call: &Call,
        sent: Dict,
        connection: &Connection,
    ) -> Result<(String, Details), Refusal> {
        let parts = &*self.0;
        let mut options = Arguments::new(sent);
        let code = options.text(keys::CODE)?.unwrap_or_default();
        let wanted = Wanted::read(options, &parts.config)?;
        let uid = enroll::uid_of(parts, &call.user).await?;
        match parts.ledger.owned(&call.user, &parts.users).await? {
            Owned::Foreign { .. } => return Err(foreign()),
            Owned::Theirs(account) if account.is_enrolled() => {
                wanted.fits(&account)?;
                prove(parts, &call.caller, call.standing, &call.user, &code, Accepts::AnyCode).await?;
            }
            Owned::Theirs(_) | Owned::Nobody => {}
        }
        let token = enroll::token(parts, wanted)?;
        let uri = token.otpauth_uri(&call.user, &parts.config.issuer);
        let details = Details::from([
            (keys::SECRET, value(token.secret.to_base32().as_str())?),
            (keys::EXPIRES, value(u32::try_from(LIFETIME).unwrap_or(u32::MAX))?),
        ]);
        let watch = enroll::watch(&self.0, connection, &call.caller, &call.user);
        let begun = Begun { token, uid };
        parts.enrollments.begin(&call.caller, &call.user, begun, watch, parts.clock.now())?;
        Ok((uri.to_string(), details))
    }

    async fn confirm(&self, call: &Call, code: &str) -> Result<Vec<String>, Refusal> {
        let parts = &*self.0;
        let begun = parts.enrollments.try_confirm(&call.caller, &call.user, parts.clock.now())?;
        let code = Code::parse(code).map_err(|e| Refusal::new(Fault::CodeNotAccepted, e.to_string()))?;
        let now = UnixSeconds(parts.clock.now());
        let step = |account| enroll::activate(parts, &call.user, account, &begun, &code, now);
        let codes = parts.ledger.change(&call.user, Durability::Required, step).await?;
        parts.ledger.strangers().forget(&call.user);
        parts.enrollments.forget(&call.caller, &call.user)?;
        Ok(codes)
    }

    async fn disable(&self, call: &Call, code: &str, sent: Dict) -> Result<(), Refusal> {
        let parts = &*self.0;
        let mut options = Arguments::new(sent);
        let name = token_name(&mut options)?;
        options.finish()?;
        match parts.ledger.owned(&call.user, &parts.users).await? {
            Owned::Foreign { .. } if call.standing == Standing::Administrator => {
                return parts
                    .ledger
                    .change(&call.user, Durability::Required, |_| Ok((Next::Remove, ())))
                    .await;
            }
            Owned::Foreign { .. } => return Err(foreign()),
            Owned::Theirs(account) if account.is_enrolled() => {
                if let Some(name) = &name {
                    account.token(name).ok_or_else(no_such_token)?;
                }
            }
            Owned::Theirs(_) | Owned::Nobody => return Err(not_enrolled()),
        }
        prove(parts, &call.caller, call.standing, &call.user, code, Accepts::AnyCode).await?;
        let step = |account: Option<Account>| {
            let account = account.ok_or_else(not_enrolled)?;
            let left = match &name {
                Some(name) => remove_token(&account, name).map_err(|_| no_such_token())?,
                None => remove_all(&account),
            };
            // Failures outlive the enrollment, so that nobody gets rid of them by enrolling anew.
            let nothing_left = !left.is_enrolled() && left.budgets().is_clear();
            Ok((if nothing_left { Next::Remove } else { Next::Put(left) }, ()))
        };
        parts.ledger.change(&call.user, Durability::Required, step).await
    }
}

#[interface(name = "org.countersign1.Account", introspection_docs = false)]
impl AccountInterface {
    #[zbus(out_args("status"))]
    async fn status(
        &self,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let call = self.admit(Action::Status, user, &header, connection).await?;
        let parts = &*self.0;
        let reader = match call.standing {
            Standing::Administrator => Reader::Administrator,
            Standing::Owner => Reader::Owner,
        };
        let owned = parts.ledger.owned(&call.user, &parts.users).await?;
        if matches!(owned, Owned::Nobody) {
            enroll::uid_of(parts, &call.user).await?;
        }
        status(&owned, reader, UnixSeconds(parts.clock.now()))
    }

    #[zbus(out_args("otpauth_uri", "details"))]
    async fn begin_enrollment(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(String, Details), Refusal> {
        let call = self.admit(Action::Enroll, user, &header, connection).await?;
        let begun = self.begin(&call, options, connection).await;
        self.audit("begin-enrollment", &call, &begun);
        begun
    }

    #[zbus(out_args("recovery_codes"))]
    async fn confirm_enrollment(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<String>, Refusal> {
        let call = self.admit(Action::Enroll, user, &header, connection).await?;
        let codes = self.confirm(&call, code).await;
        self.audit("confirm-enrollment", &call, &codes);
        codes
    }

    async fn cancel_enrollment(
        &self,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self.admit(Action::Enroll, user, &header, connection).await?;
        let cancelled = self.0.enrollments.forget(&call.caller, &call.user);
        self.audit("cancel-enrollment", &call, &cancelled);
        cancelled
    }

    #[zbus(out_args("otpauth_uri"))]
    async fn export(
        &self,
        user: &str,
        code: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let call = self.admit(Action::Export, user, &header, connection).await?;
        let parts = &*self.0;
        let exported = async {
            let mut options = Arguments::new(options);
            let name = token_name(&mut options)?;
            options.finish()?;
            let account = enrolled(parts, &call.user).await?;
            let name = the_token(&account, name)?;
            prove(parts, &call.caller, call.standing, &call.user, code, Accepts::TokenCodes).await?;
            // Read again: proving moved a counter on.
            let account = enrolled(parts, &call.user).await?;
            let token = account.token(&name).ok_or_else(no_such_token)?;
            Ok(token.otpauth_uri(&call.user, &parts.config.issuer).to_string())
        }
        .await;
        self.audit("export", &call, &exported);
        exported
    }

    #[zbus(out_args("recovery_codes"))]
    async fn renew_recovery_codes(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<String>, Refusal> {
        let call = self.admit(Action::RenewRecoveryCodes, user, &header, connection).await?;
        let parts = &*self.0;
        let renewed = async {
            enrolled(parts, &call.user).await?;
            prove(parts, &call.caller, call.standing, &call.user, code, Accepts::TokenCodes).await?;
            let step = |account: Option<Account>| {
                let account = account.ok_or_else(not_enrolled)?;
                let (account, codes) = renew_recovery_codes(&account, &mut **parts.random())
                    .map_err(|e| Refusal::storage(e.to_string()))?;
                Ok((Next::Put(account), codes.iter().map(|code| code.expose().to_owned()).collect()))
            };
            parts.ledger.change(&call.user, Durability::Required, step).await
        }
        .await;
        self.audit("renew-recovery-codes", &call, &renewed);
        renewed
    }

    async fn resync(
        &self,
        user: &str,
        code: &str,
        next_code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self.admit(Action::Resync, user, &header, connection).await?;
        let parts = &*self.0;
        let synced = async {
            enrolled(parts, &call.user).await?;
            let parse = |code: &str| {
                Code::parse(code).map_err(|e| Refusal::new(Fault::CodeNotAccepted, e.to_string()))
            };
            let (code, next_code) = (parse(code)?, parse(next_code)?);
            let now = UnixSeconds(parts.clock.now());
            let source = Source::Own(call.caller.uid);
            let step = |account: Option<Account>| {
                let account = account.ok_or_else(not_enrolled)?;
                let decision = resync(&account, &code, &next_code, now, &source);
                Ok((Next::Put(decision.account), decision.outcome))
            };
            accepted(&parts.ledger.change(&call.user, Durability::Required, step).await?)
        }
        .await;
        self.audit("resync", &call, &synced);
        synced
    }

    async fn disable(
        &self,
        user: &str,
        code: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self.admit(Action::Disable, user, &header, connection).await?;
        let disabled = self.disable(&call, code, options).await;
        self.audit("disable", &call, &disabled);
        disabled
    }
}

/// The name of a token among the options.
fn token_name(options: &mut Arguments) -> Result<Option<TokenName>, Refusal> {
    let Some(name) = options.text(keys::NAME)? else { return Ok(None) };
    TokenName::parse(&name).map(Some).map_err(|e| Refusal::argument(e.to_string()))
}

/// The token that is meant: the named one, or the only one.
fn the_token(account: &Account, named: Option<TokenName>) -> Result<TokenName, Refusal> {
    match (named, account.tokens()) {
        (Some(name), _) => account.token(&name).map(|token| token.name.clone()).ok_or_else(no_such_token),
        (None, [only]) => Ok(only.name.clone()),
        (None, _) => Err(Refusal::argument("the account has several tokens: name one")),
    }
}

fn no_such_token() -> Refusal {
    Refusal::new(Fault::NotEnrolled, "the user has no token of that name")
}
