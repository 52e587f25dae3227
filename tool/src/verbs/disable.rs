use countersign_bus::Fault;
use nix::unistd::Uid;
use serde::Serialize;

use crate::account::Account;
use crate::caller::{Role, Subject};
use crate::cli::Disable;
use crate::daemon::Daemon;
use crate::error::ToolError;
use crate::output::{print_json, print_line};
use crate::printable::Printable;
use crate::refusal::{Action, Refusal, Task};
use crate::run::Session;
use crate::verbs::proof::proof;
use crate::words::tell;

/// How much goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    /// One token of several.
    Token,
    /// One token, of how many is not known.
    Unseen,
    /// The only token, and the recovery codes with it.
    LastToken,
    /// Everything, as was asked for.
    Everything,
}

/// Removes a token, or the whole enrollment.
pub async fn run(args: &Disable, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let user = &Printable(subject.user.as_str()).to_string();
    let name = args.name.as_deref();
    let token = &name.map_or(String::new(), |it| Printable(it).to_string());
    let daemon = session.daemon().await?;
    let extent = match name {
        None => Extent::Everything,
        Some(name) => extent(&daemon, &subject, name).await?,
    };
    let question = match (extent, subject.role) {
        (Extent::LastToken, _) => Some(tell!(
            "card-disable-last-sure",
            "token" = token,
            "user" = user
        )),
        (_, Role::Owner) => None,
        (Extent::Token | Extent::Unseen, Role::Administrator) => Some(tell!(
            "tool-disable-sure-token",
            "token" = token,
            "user" = user
        )),
        (Extent::Everything, Role::Administrator) => {
            Some(tell!("tool-disable-sure", "user" = user))
        }
    };
    if let Some(question) = question {
        session.asker.confirm(&question).await?;
    }
    let question = tell!("tool-question-code-or-recovery") + " ";
    let code = proof(session, &daemon, &subject, Action::Disable, &question).await?;
    daemon.disable(&subject, code.as_ref(), name).await?;
    if args.json {
        return print_json(&Disabled {
            user: subject.user.as_str(),
            token: name,
            enrolled: match extent {
                Extent::Token => Some(true),
                Extent::LastToken | Extent::Everything => Some(false),
                Extent::Unseen => None,
            },
        });
    }
    print_line(&match extent {
        Extent::Token | Extent::Unseen => {
            tell!("tool-disable-done-token", "token" = token, "user" = user)
        }
        Extent::LastToken => tell!("card-disable-last-done", "token" = token, "user" = user),
        Extent::Everything => tell!("tool-disable-done", "user" = user),
    })
}

#[derive(Serialize)]
struct Disabled<'a> {
    user: &'a str,
    /// The one that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    /// Is a token left? Absent where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<bool>,
}

/// Looks what goes with a token, and refuses early where there is none of that name. An administrator
/// whom polkit asks for a password is not asked a second time for that.
async fn extent(daemon: &Daemon, subject: &Subject, name: &str) -> Result<Extent, ToolError> {
    if subject.role == Role::Administrator && !Uid::effective().is_root() {
        return Ok(Extent::Unseen);
    }
    let account = daemon.status(subject).await?;
    if !account.enrolled {
        // The daemon has the words for whatever there is instead.
        return Ok(Extent::Unseen);
    }
    extent_in(&account, name).ok_or_else(|| {
        let task = Task::on(Action::Disable, subject).with_token(Some(name));
        ToolError::Refused(Box::new(Refusal::new(
            task,
            Fault::NotEnrolled,
            String::new(),
        )))
    })
}

fn extent_in(account: &Account, name: &str) -> Option<Extent> {
    let found = account.tokens.iter().any(|token| token.name == name);
    found.then_some(match account.tokens.len() {
        1 => Extent::LastToken,
        _ => Extent::Token,
    })
}
