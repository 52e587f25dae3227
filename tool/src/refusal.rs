//! What each fault of the daemon means for the person who asked.

use std::fmt;

use countersign_bus::{Fault, UserName};

use crate::caller::{Role, Subject};
use crate::printable::Printable;

/// The calls that the tool makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// `Account.Status`
    Status,
    /// `Account.BeginEnrollment`
    Begin,
    /// `Account.ConfirmEnrollment`
    Confirm,
    /// `Account.Export`
    Export,
    /// `Account.RenewRecoveryCodes`
    Renew,
    /// `Account.Resync`
    Resync,
    /// `Account.Disable`
    Disable,
    /// `Login.Verify`
    Verify,
    /// `Admin.List`
    List,
    /// `Admin.Unlock`
    Unlock,
    /// `Admin.IssueTemporaryCode`
    Issue,
}

impl Action {
    /// Does it leave something behind when it succeeds? What `Begin` makes goes away by itself.
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Status | Self::Begin | Self::Export | Self::List)
    }

    /// Is it a change that must be on the disk? What a login's code used up may wait in memory, so
    /// that `Verify` fails for want of a store alone.
    const fn is_stored(self) -> bool {
        self.changes() && !matches!(self, Self::Verify)
    }
}

/// One thing that was asked of the daemon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Which call.
    pub action: Action,
    /// On whose account; `None` for the list of all.
    pub user: Option<UserName>,
    /// In which capacity.
    pub role: Role,
    /// Which token, when one was named.
    pub token: Option<String>,
}

impl Task {
    /// A call on an account.
    pub fn on(action: Action, subject: &Subject) -> Self {
        Self {
            action,
            user: Some(subject.user.clone()),
            role: subject.role,
            token: None,
        }
    }

    /// The same for one token of it.
    pub fn with_token(self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self
        }
    }

    /// The list of all accounts.
    pub const fn list() -> Self {
        Self {
            action: Action::List,
            user: None,
            role: Role::Administrator,
            token: None,
        }
    }
}

impl fmt::Display for Task {
    /// Completes "cannot …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = Printable(self.user.as_ref().map_or("", UserName::as_str));
        match self.action {
            Action::Status => write!(f, "show the state of {user}"),
            Action::Begin | Action::Confirm => write!(f, "enroll {user}"),
            Action::Export => write!(f, "export the key of {user}"),
            Action::Renew => write!(f, "replace the recovery codes of {user}"),
            Action::Resync => write!(f, "adjust to the authenticator of {user}"),
            Action::Disable => write!(f, "disable the codes of {user}"),
            Action::Verify => write!(f, "verify a code of {user}"),
            Action::List => f.write_str("list the enrolled users"),
            Action::Unlock => write!(f, "unlock {user}"),
            Action::Issue => write!(f, "issue a temporary code to {user}"),
        }
    }
}

/// A fault, and what it was the answer to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What was asked.
    pub task: Task,
    /// What the daemon answered.
    pub fault: Fault,
    /// Its text, meant for logs; never shown but for [`Fault::InvalidArgument`].
    pub text: String,
}

impl Refusal {
    /// The seconds to wait, in which the text of [`Fault::Throttled`] ends.
    fn seconds(&self) -> Option<u64> {
        let number = |word: &str| {
            word.trim_matches(|c: char| !c.is_ascii_digit())
                .parse()
                .ok()
        };
        self.text.split_whitespace().rev().find_map(number)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Task {
            action,
            role,
            token,
            ..
        } = &self.task;
        write!(f, "cannot {}: ", self.task)?;
        match self.fault {
            Fault::AccessDenied => f.write_str(match role {
                Role::Owner => "this is not allowed to you. Ask an administrator to do it",
                Role::Administrator => {
                    "only an administrator may do this. Run it as root, for example with sudo"
                }
            }),
            Fault::InvalidArgument => {
                let text: String = self.text.chars().take(200).collect();
                let text = Printable(text.trim_end_matches('.')).to_string();
                write!(
                    f,
                    "the daemon refused it: {text}. `countersign --help` shows the choices"
                )
            }
            Fault::NoSuchUser => f.write_str(
                "there is no such user on this host. Check the spelling: `getent passwd` lists \
                 the users",
            ),
            Fault::NotEnrolled => match (token, action, role) {
                (Some(token), ..) => write!(
                    f,
                    "there is no token named \"{}\". `countersign status` shows the names",
                    Printable(token)
                ),
                (None, Action::Unlock | Action::Issue, _) | (None, _, Role::Administrator) => {
                    f.write_str("this user is not enrolled and needs no code")
                }
                (None, _, Role::Owner) => {
                    f.write_str("no authenticator is set up. Do so with `countersign enroll`")
                }
            },
            Fault::AlreadyEnrolled => f.write_str(
                "there is a token of that name. Choose another with --name, or remove the old one \
                 with `countersign disable --name TOKEN`",
            ),
            Fault::CodeNotAccepted => f.write_str(match action {
                Action::Resync => {
                    "these are not two codes in a row. Type the code that the app shows, wait for \
                     the next one and type that; none of them may have been used before"
                }
                Action::Disable => {
                    "that code is not right or was used already. Wait for the next one and try \
                     again, or use a recovery code"
                }
                _ => {
                    "that code is not right or was used already. Wait for the next one and try \
                     again"
                }
            }),
            Fault::Throttled => match self.seconds() {
                Some(seconds) => write!(f, "too many wrong codes. Try again in {seconds} s"),
                None => f.write_str("too many wrong codes. Try again later"),
            },
            Fault::NoPendingEnrollment => f.write_str(
                "the enrollment has run out and nothing was changed. Remove the new entry from \
                 the app and run `countersign enroll` again",
            ),
            Fault::StorageFailed if action.is_stored() => f.write_str(
                "the change could not be stored and was not made. `journalctl -u countersignd` \
                 says why, and a full disk is the usual cause",
            ),
            Fault::StorageFailed => f.write_str(
                "the store cannot be used, so that nobody can tell who is enrolled. `journalctl \
                 -u countersignd` says why and what to do",
            ),
            Fault::Busy => f.write_str("the daemon has too much under way. Try again in a moment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(action: Action, role: Role, fault: Fault, text: &str) -> Refusal {
        let user = UserName::parse("alice").unwrap();
        Refusal {
            task: Task::on(action, &Subject { user, role }),
            fault,
            text: text.into(),
        }
    }

    #[test]
    fn every_fault_says_what_was_done_to_whom_and_what_to_do_next() {
        let next = [
            "Ask", "Run", "Check", "Do so", "Choose", "Wait", "Try", "says", "shows", "needs",
        ];
        for fault in Fault::ALL {
            for role in [Role::Owner, Role::Administrator] {
                let said = refusal(Action::Disable, role, *fault, "x").to_string();
                assert!(
                    said.starts_with("cannot disable the codes of alice: "),
                    "{said}"
                );
                assert!(
                    *fault == Fault::NoPendingEnrollment || next.iter().any(|n| said.contains(n)),
                    "{said}"
                );
                assert!(!said.contains("org.countersign1"), "{said}");
            }
        }
    }

    #[test]
    fn the_wait_comes_from_the_end_of_the_text() {
        let said = |text| refusal(Action::Export, Role::Owner, Fault::Throttled, text).to_string();
        let with = "cannot export the key of alice: too many wrong codes. Try again in 30 s";
        assert_eq!(said("5 wrong codes, retry after 30"), with);
        assert_eq!(said("retry after 30 s"), with);
        assert!(said("").ends_with("Try again later"));
    }

    #[test]
    fn texts_for_logs_are_not_shown_and_the_other_cannot_write_to_the_terminal() {
        let said = refusal(Action::Begin, Role::Owner, Fault::Busy, "secret detail").to_string();
        assert!(!said.contains("detail"));
        let said = refusal(
            Action::Begin,
            Role::Owner,
            Fault::InvalidArgument,
            "digits \u{1b}[1m 12.",
        );
        assert_eq!(
            said.to_string(),
            "cannot enroll alice: the daemon refused it: digits \\u{1b}[1m 12. \
             `countersign --help` shows the choices"
        );
    }

    #[test]
    fn a_store_that_cannot_be_read_is_not_called_a_change_that_was_not_made() {
        for (action, said) in [
            (Action::Status, "the store cannot be used"),
            (Action::List, "the store cannot be used"),
            (Action::Verify, "the store cannot be used"),
            (Action::Confirm, "was not made"),
            (Action::Disable, "was not made"),
        ] {
            let told = refusal(action, Role::Owner, Fault::StorageFailed, "").to_string();
            assert!(told.contains(said), "{told}");
            assert!(
                told.contains("`journalctl -u countersignd` says why"),
                "{told}"
            );
        }
    }

    #[test]
    fn an_unknown_token_is_named() {
        let mut refusal = refusal(Action::Disable, Role::Owner, Fault::NotEnrolled, "");
        refusal.task.token = Some("tablet".into());
        assert!(refusal.to_string().contains("no token named \"tablet\""));
    }
}
