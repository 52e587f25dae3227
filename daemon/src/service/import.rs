//! Tokens that work elsewhere, as an administrator sends them.

use std::fmt::Display;

use countersign_bus::{Code, Fault, keys};

use super::enroll::not_added;
use crate::account::{
    Algorithm, CodesEnd, Import, ImportError, Imported, Issuer, Kind, LookAhead, Novelty, Offset,
    Onto, Secret, StepWindow, Token, TokenName, UnixSeconds, used_elsewhere,
};
use crate::arguments::Arguments;
use crate::refusal::Refusal;

use super::admin::bounded;
use super::{Details, count, value};

/// The name of a token that nobody named.
const UNNAMED: &str = "imported";

/// Reads the `a{sv}` of `Admin.Import`: one token, or several.
pub fn read(mut sent: Arguments, now: UnixSeconds) -> Result<Import, Refusal> {
    let onto = if sent.flag(keys::UNLESS_ENROLLED)? {
        Onto::NotEnrolled
    } else {
        Onto::Anybody
    };
    let recovery_codes = sent
        .texts(keys::RECOVERY_CODES)?
        .iter()
        .map(|code| Code::parse(code).map_err(|e| invalid(keys::RECOVERY_CODES, &e)))
        .collect::<Result<_, _>>()?;
    let tokens = match sent.dicts(keys::TOKENS)? {
        None => vec![token(sent, now)?],
        Some(several) => {
            sent.finish()?;
            if several.is_empty() {
                return Err(Refusal::argument("tokens: there is none"));
            }
            several
                .into_iter()
                .map(|one| token(one, now))
                .collect::<Result<_, _>>()?
        }
    };
    Ok(Import {
        tokens,
        recovery_codes,
        onto,
    })
}

/// Reads one token.
fn token(mut sent: Arguments, now: UnixSeconds) -> Result<Token, Refusal> {
    let secret = sent.text(keys::SECRET)?.unwrap_or_default();
    let name = sent.text(keys::NAME)?.unwrap_or_else(|| UNNAMED.to_owned());
    let issuer = sent.text(keys::ISSUER)?;
    let algorithm = sent.text(keys::ALGORITHM)?;
    let digits = bounded(
        keys::DIGITS,
        sent.small(keys::DIGITS)?,
        Token::DEFAULT_DIGITS,
    )?;
    let last_code = sent.text(keys::LAST_CODE)?;
    let kind = match sent.text(keys::KIND)?.as_deref() {
        None | Some("totp") => Kind::Totp {
            period: bounded(
                keys::PERIOD,
                sent.small(keys::PERIOD)?,
                Token::DEFAULT_PERIOD,
            )?,
            window: bounded(
                keys::WINDOW,
                sent.small(keys::WINDOW)?,
                StepWindow::constant::<1>(),
            )?,
            offset: bounded(
                keys::OFFSET,
                sent.integer(keys::OFFSET)?,
                Offset::constant::<0>(),
            )?,
            last_step: sent.number(keys::LAST_STEP)?,
        },
        Some("hotp") => Kind::Hotp {
            next_counter: sent.number(keys::COUNTER)?.unwrap_or_default(),
            window: bounded(
                keys::WINDOW,
                sent.small(keys::WINDOW)?,
                LookAhead::constant::<10>(),
            )?,
        },
        Some(_) => return Err(Refusal::argument("kind must be totp or hotp")),
    };
    sent.finish()?;
    let mut token = Token {
        name: TokenName::parse(&name).map_err(|e| invalid(keys::NAME, &e))?,
        issuer: issuer
            .map(|issuer| Issuer::parse(&issuer).map_err(|e| invalid(keys::ISSUER, &e)))
            .transpose()?,
        secret: Secret::from_base32(&secret).map_err(|e| invalid(keys::SECRET, &e))?,
        algorithm: algorithm.map_or(Ok(Algorithm::Sha1), |word| {
            word.parse().map_err(|e| invalid(keys::ALGORITHM, &e))
        })?,
        digits,
        kind,
        created: now,
        last_used: None,
    };
    if let Some(last) = last_code {
        let last = Code::parse(&last).map_err(|e| invalid(keys::LAST_CODE, &e))?;
        used_elsewhere(&mut token, &last, now);
    }
    Ok(token)
}

fn invalid(key: &str, error: &dyn Display) -> Refusal {
    Refusal::argument(format!("{key}: {error}"))
}

/// The reply: what each token is called, and what is new.
pub fn told(imported: &Imported) -> Result<Details, Refusal> {
    let tokens = imported
        .tokens
        .iter()
        .map(|(name, novelty)| {
            Ok(Details::from([
                (keys::NAME, value(name.as_str())?),
                (keys::TAKEN, value(*novelty == Novelty::New)?),
            ]))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let mut told = Details::from([(keys::TOKENS, value(tokens)?)]);
    match imported.recovery_codes {
        CodesEnd::Added(codes) => {
            told.insert(keys::RECOVERY_CODES_TAKEN, value(count(codes))?);
        }
        CodesEnd::Superseded => {
            told.insert(keys::SUPERSEDED, value(true)?);
        }
    }
    Ok(told)
}

/// Why nothing was imported, as a fault.
pub fn refused(error: ImportError) -> Refusal {
    match error {
        ImportError::Enrolled => Refusal::new(Fault::AlreadyEnrolled, error.to_string()),
        ImportError::NotAdded(why) => not_added(why),
        ImportError::Codes(why) => Refusal::argument(why.to_string()),
    }
}
