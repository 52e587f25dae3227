//! What the methods of `Account` do, once it is clear who may.

use countersign_bus::{Fault, UserName, keys};

use super::enroll;
use super::proof::{accepted, enrolled, foreign, not_enrolled, prove, typed};
use super::report::{Reader, status};
use super::{Details, Parts};
use crate::account::{
    Accepts, Account, Source, TokenName, UnixSeconds, remove_all, remove_token, resync,
};
use crate::arguments::{Arguments, Dict};
use crate::authorize::Standing;
use crate::caller::Caller;
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;

/// An authorized call.
pub struct Call {
    /// Whom it is about.
    pub user: UserName,
    /// That user's uid, if there is such a user.
    pub uid: Option<u32>,
    /// The gid of that user's primary group, likewise.
    pub gid: Option<u32>,
    /// Who made it.
    pub caller: Caller,
    /// In what capacity.
    pub standing: Standing,
}

/// What there is to know about an enrollment.
pub async fn tell(parts: &Parts, call: &Call) -> Result<Details, Refusal> {
    let reader = match call.standing {
        Standing::Administrator => Reader::Administrator,
        Standing::Owner => Reader::Owner,
    };
    let owned = parts.ledger.owned(&call.user, call.uid).await?;
    if matches!(owned, Owned::Nobody) {
        enroll::known(&call.user, call.uid)?;
    }
    status(&owned, reader, UnixSeconds(parts.clock.now()))
}

/// The otpauth URI of a token that its owner has lost sight of.
pub async fn export(parts: &Parts, call: &Call, code: &str, sent: Dict) -> Result<String, Refusal> {
    let mut options = Arguments::new(sent);
    let name = token_name(&mut options)?;
    options.finish()?;
    let account = enrolled(parts, &call.user, call.uid).await?;
    let name = the_token(&account, name)?;
    prove(parts, call, code, Accepts::TokenCodes).await?;
    // Read again: proving moved a counter on.
    let account = enrolled(parts, &call.user, call.uid).await?;
    let token = account.token(&name).ok_or_else(no_such_token)?;
    Ok(token
        .otpauth_uri(&call.user, &parts.configuration.in_force().issuer)
        .to_string())
}

/// New recovery codes in place of the old ones.
pub async fn renew(parts: &Parts, call: &Call, code: &str) -> Result<Vec<String>, Refusal> {
    enrolled(parts, &call.user, call.uid).await?;
    prove(parts, call, code, Accepts::TokenCodes).await?;
    let step = |account: Option<Account>| {
        let account = account.ok_or_else(not_enrolled)?;
        enroll::with_recovery_codes(parts, &account)
    };
    parts
        .ledger
        .change(&call.user, Durability::Required, step)
        .await
}

/// Learns from two codes in a row how far a token's clock is off.
pub async fn synchronize(
    parts: &Parts,
    call: &Call,
    code: &str,
    next_code: &str,
) -> Result<(), Refusal> {
    enrolled(parts, &call.user, call.uid).await?;
    let (code, next_code) = (typed(code)?, typed(next_code)?);
    let now = UnixSeconds(parts.clock.now());
    let source = Source::Own(call.caller.uid);
    let step = |account: Option<Account>| {
        let account = account.ok_or_else(not_enrolled)?;
        let decision = resync(&account, &code, &next_code, now, &source);
        Ok((Some(decision.account), decision.outcome))
    };
    accepted(
        &parts
            .ledger
            .attempt(&call.user, Durability::Required, step)
            .await?,
    )
}

/// Removes one token, or the whole enrollment.
pub async fn disable(parts: &Parts, call: &Call, code: &str, sent: Dict) -> Result<(), Refusal> {
    let mut options = Arguments::new(sent);
    let name = token_name(&mut options)?;
    options.finish()?;
    match parts.ledger.owned(&call.user, call.uid).await? {
        Owned::Foreign if call.standing == Standing::Administrator => {
            return parts
                .ledger
                .change(&call.user, Durability::Required, |_| Ok((None, ())))
                .await;
        }
        Owned::Foreign => return Err(foreign()),
        Owned::Theirs(account) if account.is_enrolled() => {
            if let Some(name) = &name {
                account.token(name).ok_or_else(no_such_token)?;
            }
        }
        Owned::Theirs(_) | Owned::Nobody => return Err(not_enrolled()),
    }
    prove(parts, call, code, Accepts::AnyCode).await?;
    let step = |account: Option<Account>| {
        let account = account.ok_or_else(not_enrolled)?;
        let left = match &name {
            Some(name) => remove_token(&account, name).map_err(|_| no_such_token())?,
            None => remove_all(&account),
        };
        // Failures outlive the enrollment, so that nobody gets rid of them by enrolling anew.
        let nothing_left = !left.is_enrolled() && left.budgets().is_clear();
        Ok((if nothing_left { None } else { Some(left) }, ()))
    };
    parts
        .ledger
        .change(&call.user, Durability::Required, step)
        .await?;
    parts.enrollments.forget_all(&call.user);
    Ok(())
}

/// The name of a token among the options.
fn token_name(options: &mut Arguments) -> Result<Option<TokenName>, Refusal> {
    let Some(name) = options.text(keys::NAME)? else {
        return Ok(None);
    };
    TokenName::parse(&name)
        .map(Some)
        .map_err(|e| Refusal::argument(e.to_string()))
}

/// The token that is meant: the named one, or the only one.
fn the_token(account: &Account, named: Option<TokenName>) -> Result<TokenName, Refusal> {
    match (named, account.tokens()) {
        (Some(name), _) => account
            .token(&name)
            .map(|token| token.name.clone())
            .ok_or_else(no_such_token),
        (None, [only]) => Ok(only.name.clone()),
        (None, _) => Err(Refusal::argument(
            "the account has several tokens: name one",
        )),
    }
}

fn no_such_token() -> Refusal {
    Refusal::new(Fault::NotEnrolled, "the user has no token of that name")
}
