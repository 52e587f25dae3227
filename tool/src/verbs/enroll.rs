use countersign_bus::proxy::Options;
use countersign_bus::{Fault, keys};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::caller::{Role, Subject};
use crate::card::Card;
use crate::cli::{Algorithm, Enroll, Kind};
use crate::daemon::{Begun, Daemon, RecoveryCodes};
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::private_file::{Existing, FileError};
use crate::recovery::recovery_sheet;
use crate::run::Session;
use crate::saved_copy::{Kind as SavedKind, Saved, SavedCopy};
use crate::sheet::{Show, sheet};
use crate::words::tell;
use countersign_sheet::Otpauth;

/// How many codes may be tried until the enrollment is given up.
const ATTEMPTS: u32 = 5;

/// Makes a key, shows it, and activates it with a code that the app made from it. Until then
/// nothing changes, and leaving leaves nothing behind.
pub async fn run(args: &Enroll, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    // The copy comes first at every step: no activation without the one that was wished for.
    let existing = Existing::forced(args.force);
    let mut copy = args
        .save
        .as_deref()
        .map(|path| SavedCopy::reserve(path, existing, args.paper))
        .transpose()?;
    let daemon = session.daemon().await?;

    let begun = begin(args, session, &daemon, &subject).await?;
    let otpauth = Otpauth::parse(&begun.otpauth_uri)?;
    let card = |recovery_codes| Card {
        uri: &begun.otpauth_uri,
        otpauth: &otpauth,
        token: begun.name.as_deref(),
        day: session.today,
        recovery_codes,
    };
    if let Some(copy) = &mut copy {
        copy.draw(&card(&[]))?;
    }
    if args.json {
        print_json(&Key {
            user: subject.user.as_str(),
            otpauth_uri: &begun.otpauth_uri,
            otpauth: &otpauth,
            expires: begun.expires,
        })?;
    } else {
        let show = Show::unless(args.no_qr);
        print(&sheet(&begun.otpauth_uri, &otpauth, show, session.screen)?)?;
    }

    let codes = confirm(session, &daemon, &subject).await?;
    let saved = copy
        .map(|copy| save(copy, &card(&codes), &subject))
        .transpose();
    let kept = saved.as_ref().ok().and_then(Option::as_ref);
    let told = if args.json {
        let user = subject.user.as_str();
        print_json(&Activated {
            activated: true,
            user,
            recovery_codes: &codes,
            saved_to: kept.map(|saved| saved.name.as_str()),
        })
    } else {
        print(&farewell(&subject, &codes, kept))
    };
    told.map_err(|error| match error {
        ToolError::Output(error) if !codes.is_empty() => ToolError::CodesNotShown(error),
        other => other,
    })?;
    saved?;
    Ok(())
}

/// Completes the copy and keeps it. The enrollment is active by now, so that a failure is told after
/// the recovery codes and says what is left to do.
fn save(mut copy: SavedCopy, card: &Card<'_>, subject: &Subject) -> Result<Saved, ToolError> {
    let has_codes = copy.is_card() && !card.recovery_codes.is_empty();
    let saved = copy
        .complete(card)
        .and_then(|()| copy.keep().map_err(ToolError::from));
    saved.map_err(|error| match error {
        // It is whole, and its message says where it is.
        ToolError::File(FileError::NotMoved { .. }) => error,
        _ if has_codes => ToolError::CardNotSaved {
            user: subject.user.clone(),
            why: Box::new(error),
        },
        _ => error,
    })
}

/// The first line of `--json`.
#[derive(Serialize)]
struct Key<'a> {
    user: &'a str,
    otpauth_uri: &'a str,
    #[serde(flatten)]
    otpauth: &'a Otpauth,
    /// Seconds until the daemon forgets it.
    expires: Option<u32>,
}

/// The second.
#[derive(Serialize)]
#[allow(
    clippy::struct_field_names,
    reason = "the field names are those of the JSON"
)]
struct Activated<'a> {
    activated: bool,
    user: &'a str,
    recovery_codes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_to: Option<&'a str>,
}

/// An owner who is enrolled already proves it with a code before a further token is made.
async fn begin(
    args: &Enroll,
    session: &Session,
    daemon: &Daemon,
    subject: &Subject,
) -> Result<Begun, ToolError> {
    let code = match subject.role {
        Role::Owner if daemon.status(subject).await?.enrolled => {
            let question = tell!("tool-enroll-question-again") + " ";
            Some(session.asker.code(&question).await?)
        }
        Role::Owner | Role::Administrator => None,
    };
    let mut options = Options::new();
    if let Some(name) = &args.name {
        options.insert(keys::NAME, name.as_str().into());
    }
    if let Some(algorithm) = args.algorithm {
        let word = match algorithm {
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        };
        options.insert(keys::ALGORITHM, word.into());
    }
    if let Some(digits) = args.digits {
        options.insert(keys::DIGITS, digits.into());
    }
    if let Some(period) = args.period {
        options.insert(keys::PERIOD, period.into());
    }
    if let Some(kind) = args.kind {
        let word = match kind {
            Kind::Totp => "totp",
            Kind::Hotp => "hotp",
        };
        options.insert(keys::KIND, word.into());
    }
    if let Some(code) = &code {
        options.insert(keys::CODE, code.expose().into());
    }
    daemon.begin(subject, &options, args.name.as_deref()).await
}

/// Asks for codes until one is right.
async fn confirm(
    session: &Session,
    daemon: &Daemon,
    subject: &Subject,
) -> Result<RecoveryCodes, ToolError> {
    let question = tell!("tool-enroll-question") + " ";
    let mut refused = None;
    for left in (0..ATTEMPTS).rev() {
        let code = match (session.asker.code(&question).await, refused) {
            (Ok(code), _) => code,
            // A script that has no further code wants to know what was wrong with the last.
            (Err(ToolError::InputEnded), Some(refusal)) => return Err(refusal),
            (Err(error), _) => return Err(error),
        };
        match daemon.confirm(subject, &code).await {
            Err(ToolError::Refused(refusal)) if refusal.fault == Fault::CodeNotAccepted => {
                if left > 0 {
                    let remark = tell!("tool-enroll-wrong", "left" = left) + "\n";
                    session.asker.remark(&remark)?;
                }
                refused = Some(ToolError::Refused(refusal));
            }
            other => return other,
        }
    }
    Err(ToolError::TooManyWrong { attempts: ATTEMPTS })
}

/// What to do next.
fn farewell(subject: &Subject, codes: &RecoveryCodes, saved: Option<&Saved>) -> Zeroizing<String> {
    let user = Printable(subject.user.as_str()).to_string();
    let codes = if codes.is_empty() {
        Zeroizing::new(tell!("tool-enroll-codes-stay") + "\n")
    } else {
        recovery_sheet(codes)
    };
    let saved = saved.map_or_else(String::new, |saved| {
        let file = saved.name.as_str();
        let told = match saved.kind {
            SavedKind::Picture(_) => tell!("tool-enroll-saved", "file" = file),
            SavedKind::Card(_) => tell!("card-saved", "file" = file),
        };
        format!("\n{told}\n")
    });
    Zeroizing::new(format!(
        "\n{}\n\n{}{saved}\n{}\n",
        tell!("tool-enroll-done", "user" = user),
        codes.as_str(),
        tell!("tool-enroll-next")
    ))
}
