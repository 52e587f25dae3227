//! A new token: what is wanted of it, its secret, and its activation.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use countersign_bus::{Code, Fault, UserName, keys};
use zbus::Connection;
use zbus::export::futures_core::Stream;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use super::Parts;
use super::proof::foreign;
use crate::account::{
    Account, Algorithm, Digits, EnrollError, Kind, Offset, Period, Secret, StepWindow, Token,
    TokenName, UnixSeconds, activate as activated, renew_recovery_codes,
};
use crate::arguments::Arguments;
use crate::audit::Quoted;
use crate::caller::{Caller, Line};
use crate::enrollment::{Begun, Claim, LIFETIME, Watch};
use crate::refusal::Refusal;
use countersign_config::Config;

/// The name of a token that nobody named.
const UNNAMED: &str = "authenticator";

/// What somebody asks of a new token.
pub struct Wanted {
    name: TokenName,
    algorithm: Algorithm,
    digits: Digits,
    kind: Kind,
}

impl Wanted {
    /// Reads the options of `BeginEnrollment`. What is not said is as configured.
    pub fn read(mut options: Arguments, config: &Config) -> Result<Self, Refusal> {
        let invalid = |e: &dyn std::fmt::Display| Refusal::argument(e.to_string());
        let name = options
            .text(keys::NAME)?
            .unwrap_or_else(|| UNNAMED.to_owned());
        let algorithm = options.text(keys::ALGORITHM)?;
        let digits = options.small::<i64>(keys::DIGITS)?;
        let period = options.small::<i64>(keys::PERIOD)?;
        let timed = period.is_some();
        let kind = options.text(keys::KIND)?;
        options.finish()?;
        let totp = &config.totp;
        let period = period.map_or(Ok(totp.period), |it| {
            Period::new(it).map_err(|e| invalid(&e))
        })?;
        Ok(Self {
            name: TokenName::parse(&name).map_err(|e| invalid(&e))?,
            algorithm: algorithm.map_or(Ok(totp.algorithm), |word| {
                word.parse().map_err(|e| invalid(&e))
            })?,
            digits: digits.map_or(Ok(totp.digits), |it| {
                Digits::new(it).map_err(|e| invalid(&e))
            })?,
            kind: match kind.as_deref() {
                None | Some("totp") => clock(period, totp.window),
                Some("hotp") if timed => {
                    return Err(Refusal::argument(
                        "a token by counter has no period: leave it out, or choose totp",
                    ));
                }
                Some("hotp") => Kind::hotp(0),
                Some(_) => return Err(Refusal::argument("kind must be totp or hotp")),
            },
        })
    }

    /// Refuses before anybody gives a code away what activation would refuse after.
    pub fn fits(&self, account: &Account) -> Result<(), Refusal> {
        if account.token(&self.name).is_some() {
            return Err(not_added(EnrollError::NameTaken));
        }
        if account.tokens().len() >= Account::MAX_TOKENS {
            return Err(not_added(EnrollError::TooManyTokens));
        }
        Ok(())
    }
}

/// A token by the clock, with nothing accepted yet.
fn clock(period: Period, window: StepWindow) -> Kind {
    Kind::Totp {
        period,
        window,
        offset: Offset::constant::<0>(),
        last_step: None,
    }
}

/// Makes the wanted token, with a new secret.
pub fn token(parts: &Parts, wanted: Wanted) -> Result<Token, Refusal> {
    let secret = Secret::generate(wanted.algorithm, &mut **parts.random())
        .map_err(|e| Refusal::storage(e.to_string()))?;
    Ok(Token {
        name: wanted.name,
        issuer: None,
        secret,
        algorithm: wanted.algorithm,
        digits: wanted.digits,
        kind: wanted.kind,
        created: UnixSeconds(parts.clock.now()),
        last_used: None,
    })
}

/// Activates what was begun, against a code of it. The first token of an account comes with recovery
/// codes.
pub fn activate(
    parts: &Parts,
    user: &UserName,
    account: Option<Account>,
    begun: &Begun,
    code: &Code,
    now: UnixSeconds,
) -> Result<(Option<Account>, Vec<String>), Refusal> {
    let account = account.unwrap_or_else(|| Account::new(user.clone(), begun.uid));
    if account.uid() != begun.uid {
        return Err(foreign());
    }
    let first = !account.is_enrolled();
    // Whoever began before there was an enrollment has proved nothing about the one that there is now.
    if !first && begun.claim == Claim::FirstToken {
        return Err(Refusal::new(
            Fault::AlreadyEnrolled,
            "the user was enrolled meanwhile; begin anew, with a current code",
        ));
    }
    let account = activated(&account, begun.token.clone(), code, now).map_err(not_added)?;
    if !first {
        return Ok((Some(account), Vec::new()));
    }
    with_recovery_codes(parts, &account)
}

/// Puts new recovery codes in place of those that an account has, and shows them this once.
pub fn with_recovery_codes(
    parts: &Parts,
    account: &Account,
) -> Result<(Option<Account>, Vec<String>), Refusal> {
    let (account, codes) = renew_recovery_codes(
        account,
        parts.configuration.in_force().recovery_codes,
        &mut **parts.random(),
    )
    .map_err(|e| Refusal::storage(e.to_string()))?;
    Ok((
        Some(account),
        codes.iter().map(|code| code.expose().to_owned()).collect(),
    ))
}

/// The uid of a user, or that there is no such user.
pub fn known(user: &UserName, uid: Option<u32>) -> Result<u32, Refusal> {
    uid.ok_or_else(|| {
        let text = format!("there is no user {}", Quoted(user.as_str()));
        Refusal::new(Fault::NoSuchUser, text)
    })
}

/// Forgets what a connection began as soon as that connection is gone, or its time is up.
pub fn watch(parts: &Arc<Parts>, bus: &Connection, caller: &Caller, user: &UserName) -> Watch {
    let (parts, bus) = (Arc::clone(parts), bus.clone());
    let (caller, user) = (caller.afterwards(), user.clone());
    Watch(tokio::spawn(async move {
        // An error ends the wait early: better to begin anew than to keep a secret nobody wants.
        let _ = tokio::time::timeout(Duration::from_secs(LIFETIME), gone(&bus, &caller)).await;
        let _ = parts.enrollments.forget(&caller, &user);
    }))
}

async fn gone(bus: &Connection, caller: &Caller) -> zbus::Result<()> {
    let Line::Bus(connection) = &caller.line else {
        return Ok(());
    };
    let bus = DBusProxy::new(bus).await?;
    let mut changes = bus
        .receive_name_owner_changed_with_args(&[(0, connection.as_str())])
        .await?;
    // It may have gone before anybody listened. A unique name is never given twice.
    if bus
        .name_has_owner(BusName::Unique(connection.as_ref()))
        .await?
    {
        poll_fn(|cx| Pin::new(&mut changes).poll_next(cx)).await;
    }
    Ok(())
}

/// Why a token was not added, as a fault.
pub fn not_added(error: EnrollError) -> Refusal {
    let fault = match error {
        EnrollError::CodeNotAccepted => Fault::CodeNotAccepted,
        EnrollError::NameTaken => Fault::AlreadyEnrolled,
        EnrollError::TooManyTokens => Fault::InvalidArgument,
    };
    Refusal::new(fault, error.to_string())
}
