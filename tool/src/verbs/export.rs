use nix::unistd::Uid;
use serde::Serialize;

use crate::caller::{Role, Subject};
use crate::card::Card;
use crate::cli::Export;
use crate::daemon::Daemon;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::private_file::Existing;
use crate::refusal::Action;
use crate::run::Session;
use crate::saved_copy::{Kind, SavedCopy};
use crate::sheet::{Show, sheet};
use crate::verbs::proof::proof;
use crate::words::tell;
use countersign_sheet::Otpauth;

/// Shows the QR code of a token again, or saves it as a picture.
pub async fn run(args: &Export, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let existing = Existing::forced(args.force);
    let copy = args
        .save
        .as_deref()
        .map(|path| SavedCopy::reserve(path, existing, args.paper))
        .transpose()?;
    let daemon = session.daemon().await?;
    let question = tell!("tool-question-code") + " ";
    let code = proof(session, &daemon, &subject, Action::Export, &question).await?;
    let uri = daemon
        .export(&subject, code.as_ref(), args.name.as_deref())
        .await?;
    let otpauth = Otpauth::parse(&uri)?;

    let saved = match copy {
        Some(mut copy) => {
            let token = match &args.name {
                Some(name) => Some(name.clone()),
                None if copy.is_card() => the_only_token(&daemon, &subject).await?,
                None => None,
            };
            copy.draw(&Card {
                uri: &uri,
                otpauth: &otpauth,
                token: token.as_deref(),
                day: session.today,
                recovery_codes: &[],
            })?;
            Some(copy.keep()?)
        }
        None => None,
    };
    if args.json {
        return print_json(&Exported {
            user: subject.user.as_str(),
            key: args.show.then_some(Key {
                otpauth_uri: &uri,
                otpauth: &otpauth,
            }),
            saved_to: saved.as_ref().map(|saved| saved.name.as_str()),
        });
    }
    if args.show {
        let show = Show::unless(args.no_qr);
        print(&sheet(&uri, &otpauth, show, session.screen)?)?;
    }
    match saved {
        Some(saved) => print_line(&match saved.kind {
            Kind::Picture(_) => tell!("tool-key-saved", "file" = saved.name.as_str()),
            Kind::Card(_) => tell!("card-saved", "file" = saved.name.as_str()),
        }),
        None => Ok(()),
    }
}

/// The name of the token that an export without a name is of. An administrator whom polkit asks for
/// a password is not asked a second time for that.
async fn the_only_token(daemon: &Daemon, subject: &Subject) -> Result<Option<String>, ToolError> {
    if subject.role == Role::Administrator && !Uid::effective().is_root() {
        return Ok(None);
    }
    let tokens = daemon.status(subject).await?.tokens;
    Ok(match tokens.as_slice() {
        [only] => Some(only.name.clone()),
        _ => None,
    })
}

#[derive(Serialize)]
struct Exported<'a> {
    user: &'a str,
    #[serde(flatten)]
    key: Option<Key<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_to: Option<&'a str>,
}

#[derive(Serialize)]
struct Key<'a> {
    otpauth_uri: &'a str,
    #[serde(flatten)]
    otpauth: &'a Otpauth,
}
