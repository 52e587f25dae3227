//! Hands what was found of a user to the daemon, in one piece.

use countersign_bus::proxy::Options;
use countersign_bus::{Code, Fault, UserName, keys};
use zbus::Variant;
use zeroize::Zeroizing;

use super::found::{Found, Motion, Token};
use super::stored::Stored;
use super::why::Why;
use crate::caller::{Role, Subject};
use crate::daemon::Daemon;
use crate::error::ToolError;

/// What became of what was found of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// It is stored, now or before.
    Stored(Stored),
    /// It would be asked for, but for the dry run.
    WouldBeTaken,
    /// None of it is stored.
    NotTaken(Why),
}

/// Whom tokens are given to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onto {
    /// Users without a token, or with none but those that come.
    NotEnrolled,
    /// Users with other tokens too.
    Anybody,
}

/// What becomes of users of whom something cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// All that they have waits until it is mended, so that nobody is there with a part.
    Waits,
    /// The rest is taken.
    TakesTheRest,
}

/// Why nothing of this user is taken, whatever the daemon would say.
pub fn held_back(found: &Found, broken: Broken) -> Option<End> {
    let waits = found.rejected.iter().find(|it| it.why.is_a_loss())?;
    (broken == Broken::Waits).then(|| End::NotTaken(Why::Waits(waits.line.unwrap_or_default())))
}

/// What a dry run can tell of a user without asking the daemon.
pub fn rehearse(user: &str) -> End {
    if UserName::parse(user).is_err() {
        return End::NotTaken(Why::BadUser);
    }
    match super::homes::somebody(user) {
        Ok(Some(_)) => End::WouldBeTaken,
        Ok(None) => End::NotTaken(Why::NoSuchUser),
        Err(error) => End::NotTaken(Why::Unreadable(error)),
    }
}

/// Hands it over. An error is one that the next user would meet too.
pub async fn deliver(
    daemon: &Daemon,
    user: &str,
    found: &Found,
    onto: Onto,
) -> Result<End, ToolError> {
    let Ok(user) = UserName::parse(user) else {
        return Ok(End::NotTaken(Why::BadUser));
    };
    let subject = Subject {
        user,
        role: Role::Administrator,
    };
    match hand_over(daemon, &subject, found, onto).await {
        // The daemon went away in the middle, and the bus starts another. Whether the first one had
        // stored it is told by the second.
        Err(ToolError::Lost(_)) => match hand_over(daemon, &subject, found, onto).await {
            Ok(stored) => Ok(End::Stored(stored.of_both(found.recovery_codes.len()))),
            Err(error) => judge(error),
        },
        Ok(stored) => Ok(End::Stored(stored)),
        Err(error) => judge(error),
    }
}

async fn hand_over(
    daemon: &Daemon,
    subject: &Subject,
    found: &Found,
    onto: Onto,
) -> Result<Stored, ToolError> {
    let secrets: Vec<_> = found.tokens.iter().map(|it| it.key.to_base32()).collect();
    daemon
        .import(subject, &options(found, &secrets, onto))
        .await
}

/// Is it a reason not to take this user, or to stop?
fn judge(error: ToolError) -> Result<End, ToolError> {
    let why = match error {
        ToolError::Refused(refusal) => match refusal.fault {
            Fault::AlreadyEnrolled => Why::Enrolled,
            Fault::NoSuchUser => Why::NoSuchUser,
            Fault::EarlierUser => Why::EarlierUser,
            Fault::StorageFailed => Why::NotStored,
            Fault::Busy => Why::Busy,
            Fault::InvalidArgument => Why::Refused(refusal.text.chars().take(200).collect()),
            _ => return Err(ToolError::Refused(refusal)),
        },
        ToolError::Lost(_) | ToolError::Timeout { .. } => Why::WentAway,
        other => return Err(other),
    };
    Ok(End::NotTaken(why))
}

fn options<'a>(found: &'a Found, secrets: &'a [Zeroizing<String>], onto: Onto) -> Options<'a> {
    let tokens: Vec<Options<'a>> = found
        .tokens
        .iter()
        .zip(secrets)
        .map(|(token, secret)| described(token, secret))
        .collect();
    let mut options = Options::from([
        (keys::TOKENS, Variant::from(tokens)),
        (
            keys::UNLESS_ENROLLED,
            Variant::from(onto == Onto::NotEnrolled),
        ),
    ]);
    if !found.recovery_codes.is_empty() {
        let codes: Vec<&str> = found.recovery_codes.iter().map(Code::expose).collect();
        options.insert(keys::RECOVERY_CODES, Variant::from(codes));
    }
    options
}

fn described<'a>(token: &'a Token, secret: &'a str) -> Options<'a> {
    let mut options = Options::from([
        (keys::NAME, Variant::from(token.name.as_str())),
        (keys::SECRET, Variant::from(secret)),
        (keys::ALGORITHM, Variant::from(token.algorithm)),
        (keys::DIGITS, Variant::from(token.digits)),
    ]);
    match token.motion {
        Motion::Clock {
            period,
            offset,
            last_step,
        } => {
            options.insert(keys::KIND, Variant::from("totp"));
            options.insert(keys::PERIOD, Variant::from(period));
            options.insert(keys::OFFSET, Variant::from(offset));
            if let Some(step) = last_step {
                options.insert(keys::LAST_STEP, Variant::from(step));
            }
        }
        Motion::Counter { next } => {
            options.insert(keys::KIND, Variant::from("hotp"));
            options.insert(keys::COUNTER, Variant::from(next));
        }
    }
    if let Some(issuer) = &token.issuer {
        options.insert(keys::ISSUER, Variant::from(issuer.as_str()));
    }
    if let Some(window) = token.window {
        options.insert(keys::WINDOW, Variant::from(window));
    }
    if let Some(last) = &token.last_code {
        options.insert(keys::LAST_CODE, Variant::from(last.0.expose()));
    }
    options
}
