use serde::Serialize;

use crate::caller::Subject;
use crate::cli::Export;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::picture::Picture;
use crate::private_file::Existing;
use crate::refusal::Action;
use crate::run::Session;
use crate::sheet::{Show, sheet};
use crate::verbs::proof::proof;
use crate::words::tell;
use countersign_sheet::Otpauth;

/// Shows the QR code of a token again, or saves it as a picture.
pub async fn run(args: &Export, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let existing = Existing::forced(args.force);
    let picture = args
        .save
        .as_deref()
        .map(|path| Picture::reserve(path, existing))
        .transpose()?;
    let daemon = session.daemon().await?;
    let question = tell!("tool-question-code") + " ";
    let code = proof(session, &daemon, &subject, Action::Export, &question).await?;
    let uri = daemon
        .export(&subject, code.as_ref(), args.name.as_deref())
        .await?;
    let otpauth = Otpauth::parse(&uri)?;

    let saved_to = match picture {
        Some(mut picture) => {
            picture.draw(&uri)?;
            Some(picture.keep()?)
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
            saved_to: saved_to.as_deref(),
        });
    }
    if args.show {
        let show = Show::unless(args.no_qr);
        print(&sheet(&uri, &otpauth, show, session.screen)?)?;
    }
    match saved_to {
        Some(path) => print_line(&tell!("tool-key-saved", "file" = path)),
        None => Ok(()),
    }
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
