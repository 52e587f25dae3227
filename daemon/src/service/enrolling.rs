//! An enrollment from its beginning to its end, on either road, with its lines in the log.
//!
//! In the middle of a login there is one act more: what was confirmed there counts once whoever saw
//! the login succeed says so.

use std::sync::Arc;

use countersign_bus::{Fault, Requirement, keys};
use countersign_config::policy::Enrolled;
use tokio::time::Instant;
use zbus::Connection;

use super::acts::Call;
use super::enroll::{self, Wanted};
use super::proof::{foreign, prove, typed};
use super::{Details, Parts, value};
use crate::account::{
    Accepts, Account, Algorithm, Secret, Token, UnixSeconds, take_over as taken_over,
};
use crate::arguments::{Arguments, Dict};
use crate::audit::{Level, Quoted};
use crate::authorize::Standing;
use crate::caller::Line;
use crate::circumstances::Circumstances;
use crate::enrollment::{Begun, Claim, Confirmed, LIFETIME, Login};
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;
use crate::users::Named;

/// Makes the secret of a new token, which counts once a code of it is confirmed.
pub async fn begin(
    parts: &Arc<Parts>,
    call: &Call,
    sent: Dict,
    connection: &Connection,
) -> Result<(String, Details), Refusal> {
    let mut options = Arguments::new(sent);
    let login = match options.dictionary(keys::LOGIN)? {
        Some(context) => Some(Circumstances::read(context, &call.caller)?),
        None => None,
    };
    let begun = match &login {
        Some(circumstances) => {
            begin_at_login(parts, call, circumstances, options, connection).await
        }
        None => begin_apart(parts, call, options, connection).await,
    };
    audit(parts, "begin-enrollment", call, login.as_ref(), &begun);
    begun
}

/// At the user's own wish, or an administrator's.
async fn begin_apart(
    parts: &Arc<Parts>,
    call: &Call,
    mut options: Arguments,
    connection: &Connection,
) -> Result<(String, Details), Refusal> {
    if matches!(call.caller.line, Line::Direct(_)) {
        let text = "on the login socket an enrollment begins in the middle of a login; use the bus";
        return Err(Refusal::new(Fault::AccessDenied, text));
    }
    let code = options.text(keys::CODE)?.unwrap_or_default();
    let wanted = Wanted::read(options, &parts.configuration.in_force())?;
    let uid = enroll::known(&call.user, call.uid)?;
    let claim = match parts.ledger.owned(&call.user, call.uid).await? {
        Owned::Foreign => return Err(foreign()),
        Owned::Theirs(account) if account.is_enrolled() => {
            wanted.fits(&account)?;
            prove(parts, call, &code, Accepts::AnyCode).await?;
            Claim::AnyToken
        }
        Owned::Theirs(_) | Owned::Nobody => match call.standing {
            Standing::Administrator => Claim::AnyToken,
            Standing::Owner => Claim::FirstToken,
        },
    };
    let token = enroll::token(parts, wanted)?;
    let login = None;
    let begun = Begun {
        token,
        uid,
        claim,
        login,
    };
    offer(parts, call, begun, connection)
}

/// In the middle of a login, which only root's programs see, and where the policy says so.
async fn begin_at_login(
    parts: &Arc<Parts>,
    call: &Call,
    circumstances: &Circumstances,
    options: Arguments,
    connection: &Connection,
) -> Result<(String, Details), Refusal> {
    let since = Instant::now();
    let denied = |text: &str| Err(Refusal::new(Fault::AccessDenied, text));
    if call.caller.uid != 0 {
        return denied("only root's programs begin an enrollment in the middle of a login");
    }
    let wanted = Wanted::read(options, &parts.configuration.in_force())?;
    let uid = enroll::known(&call.user, call.uid)?;
    let enrolled = match parts.ledger.owned(&call.user, call.uid).await? {
        Owned::Theirs(account) if account.is_enrolled() => Enrolled::Yes,
        Owned::Theirs(_) | Owned::Nobody => Enrolled::No,
        Owned::Foreign => Enrolled::Unknown,
    };
    let named = Named {
        user: call.user.clone(),
        uid: call.uid,
        gid: call.gid,
    };
    let ruling = parts
        .ruling(&call.user, Some(&named), circumstances, &call.caller, since)
        .await;
    let context = circumstances.for_policy();
    let requirement = ruling.requirement(&context, enrolled, parts.clock.now());
    if (requirement, enrolled) != (Requirement::Enroll, Enrolled::No) {
        return denied("the policy asks for no enrollment in this login, or the user is enrolled");
    }
    let receipt = Secret::generate(Algorithm::Sha1, &mut **parts.random())
        .map_err(|e| Refusal::storage(e.to_string()))?
        .to_base32();
    let begun = Begun {
        token: enroll::token(parts, wanted)?,
        uid,
        claim: Claim::FirstToken,
        login: Some(Login {
            circumstances: circumstances.clone(),
            receipt,
        }),
    };
    offer(parts, call, begun, connection)
}

/// Shows the new token to whoever asked for it, and waits for a code of it.
fn offer(
    parts: &Arc<Parts>,
    call: &Call,
    begun: Begun,
    connection: &Connection,
) -> Result<(String, Details), Refusal> {
    let token: &Token = &begun.token;
    let uri = token.otpauth_uri(&call.user, &parts.configuration.in_force().issuer);
    let lifetime = u32::try_from(LIFETIME).unwrap_or(u32::MAX);
    let mut details = Details::from([
        (keys::SECRET, value(token.secret.to_base32().as_str())?),
        (keys::EXPIRES, value(lifetime)?),
        (keys::NAME, value(token.name.as_str())?),
    ]);
    if let Some(login) = &begun.login {
        details.insert(keys::RECEIPT, value(login.receipt.as_str())?);
    }
    let watch = match call.caller.line {
        Line::Bus(_) => Some(enroll::watch(parts, connection, &call.caller, &call.user)),
        Line::Direct(_) => None,
    };
    let now = parts.clock.now();
    parts
        .enrollments
        .begin(&call.caller, &call.user, begun, watch, now)?;
    Ok((uri.to_string(), details))
}

/// Takes a code of what this connection began. Apart from a login it is active from then on.
pub async fn confirm(parts: &Parts, call: &Call, code: &str) -> Result<Vec<String>, Refusal> {
    let now = parts.clock.now();
    let begun = parts.enrollments.try_confirm(&call.caller, &call.user, now);
    let login = match &begun {
        Ok(begun) => begun.login.clone(),
        Err(_) => None,
    };
    let codes = match begun {
        Ok(begun) => confirm_begun(parts, call, &begun, code, UnixSeconds(now)).await,
        Err(refusal) => Err(refusal),
    };
    match (&login, &codes) {
        (Some(Login { circumstances, .. }), Ok(_)) => {
            let user = Quoted(call.user.as_str());
            let line = format!(
                "confirm-enrollment user={user} {circumstances}: the code was right; it counts once \
                 the login has succeeded"
            );
            parts.log.write(Level::Notice, &line);
        }
        (login, codes) => {
            let circumstances = login.as_ref().map(|login| &login.circumstances);
            audit(parts, "confirm-enrollment", call, circumstances, codes);
        }
    }
    codes
}

async fn confirm_begun(
    parts: &Parts,
    call: &Call,
    begun: &Begun,
    code: &str,
    now: UnixSeconds,
) -> Result<Vec<String>, Refusal> {
    let code = typed(code)?;
    let step = |account| enroll::activate(parts, &call.user, account, begun, &code, now);
    let Some(login) = &begun.login else {
        let codes = parts
            .ledger
            .change(&call.user, Durability::Required, step)
            .await?;
        settled(parts, call);
        return Ok(codes);
    };
    let account = match parts.ledger.owned(&call.user, call.uid).await? {
        Owned::Theirs(account) => Some(*account),
        Owned::Nobody => None,
        Owned::Foreign => return Err(foreign()),
    };
    let (account, codes) = step(account)?;
    if let Some(account) = account {
        let login = login.clone();
        let confirmed = Confirmed { account, login };
        parts
            .enrollments
            .confirmed(&call.caller, &call.user, confirmed, now.0)?;
    }
    Ok(codes)
}

/// Forgets what this connection began.
pub fn cancel(parts: &Parts, call: &Call) -> Result<(), Refusal> {
    let cancelled = parts.enrollments.forget(&call.caller, &call.user);
    audit(parts, "cancel-enrollment", call, None, &cancelled);
    cancelled
}

/// The login in the middle of which an enrollment was confirmed has succeeded: it is active from now on.
pub async fn complete(parts: &Parts, call: &Call, receipt: &str) -> Result<(), Refusal> {
    let now = parts.clock.now();
    let confirmed = parts.enrollments.completed(&call.user, receipt, now);
    let completed = match &confirmed {
        Ok(confirmed) => put_in_place(parts, call, &confirmed.account).await,
        Err(refusal) => Err(refusal.clone()),
    };
    let login = confirmed.as_ref().ok().map(|it| &it.login.circumstances);
    audit(parts, "complete-enrollment", call, login, &completed);
    completed
}

async fn put_in_place(parts: &Parts, call: &Call, activated: &Account) -> Result<(), Refusal> {
    let step = |account: Option<Account>| {
        let account = account.unwrap_or_else(|| Account::new(call.user.clone(), activated.uid()));
        if account.uid() != activated.uid() || call.uid != Some(activated.uid()) {
            return Err(foreign());
        }
        if account.is_enrolled() {
            let text = "the user was enrolled meanwhile";
            return Err(Refusal::new(Fault::AlreadyEnrolled, text));
        }
        Ok((Some(taken_over(&account, activated)), ()))
    };
    parts
        .ledger
        .change(&call.user, Durability::Required, step)
        .await?;
    settled(parts, call);
    Ok(())
}

/// There is an enrollment now: whatever else was begun for the user proved nothing about it.
fn settled(parts: &Parts, call: &Call) {
    parts.ledger.strangers().forget(&call.user);
    parts.enrollments.forget_all(&call.user);
}

fn audit<T>(
    parts: &Parts,
    what: &str,
    call: &Call,
    login: Option<&Circumstances>,
    result: &Result<T, Refusal>,
) {
    match login {
        Some(login) => parts.audit_from(what, &call.user, login, result),
        None => parts.audit(what, &call.user, &call.caller, result),
    }
}
