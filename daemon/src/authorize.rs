//! Who may do what: one table, asked by every method before it acts. What it does not name is denied.

use countersign_bus::{Fault, UserName};

use crate::audit::Quoted;
use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::users::{CannotTell, Users};

/// What a method does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// `Login.Prepare` and `Login.Verify`.
    Login,
    /// `Account.Status`.
    Status,
    /// `Account.BeginEnrollment`, and what follows on the same connection.
    Enroll,
    /// `Account.CompleteEnrollment`.
    CompleteEnrollment,
    /// `Account.Export`.
    Export,
    /// `Account.RenewRecoveryCodes`.
    RenewRecoveryCodes,
    /// `Account.Resync`.
    Resync,
    /// `Account.Disable`.
    Disable,
    /// Everything of `Admin`.
    Administer(Deed),
}

/// What an administrator does, for whoever is asked to allow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// `Admin.List`.
    List,
    /// `Admin.Unlock`, and no more.
    Unlock,
    /// `Admin.Unlock` and `Admin.IssueTemporaryCode`, with a temporary code.
    IssueTemporaryCode,
    /// `Admin.Unlock`, and the enrollment goes.
    UnlockAndDisable,
    /// `Admin.Import`.
    Import,
    /// `Admin.Health`.
    Health,
    /// `Admin.StoreStatus`.
    StoreStatus,
    /// `Admin.Reseal`.
    Reseal,
}

/// In what capacity somebody acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// For anybody. Need not prove with a code that they are who they are.
    Administrator,
    /// For the own name.
    Owner,
}

impl Action {
    /// What the log calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Status => "status",
            Self::Enroll => "enrollment",
            Self::CompleteEnrollment => "complete-enrollment",
            Self::Export => "export",
            Self::RenewRecoveryCodes => "renew-recovery-codes",
            Self::Resync => "resync",
            Self::Disable => "disable",
            Self::Administer(deed) => match deed {
                Deed::List => "list",
                Deed::Unlock => "unlock",
                Deed::IssueTemporaryCode => "issue-temporary-code",
                Deed::UnlockAndDisable => "unlock-and-disable",
                Deed::Import => "import",
                Deed::Health => "health",
                Deed::StoreStatus => "store-status",
                Deed::Reseal => "reseal",
            },
        }
    }

    /// May somebody who is not root do it as an administrator, if polkit says so? A login asks nobody:
    /// polkit's own dialog is one.
    pub fn allows_others(self) -> bool {
        self != Self::Login && self.allows(Standing::Administrator)
    }

    /// The table: may the owner of the name do it, may an administrator?
    const fn allows(self, standing: Standing) -> bool {
        match (self, standing) {
            (
                Self::Login
                | Self::Status
                | Self::Enroll
                | Self::Export
                | Self::RenewRecoveryCodes
                | Self::Disable,
                Standing::Administrator | Standing::Owner,
            )
            | (Self::Resync, Standing::Owner)
            | (Self::Administer(_) | Self::CompleteEnrollment, Standing::Administrator) => true,
            (Self::Resync, Standing::Administrator)
            | (Self::Administer(_) | Self::CompleteEnrollment, Standing::Owner) => false,
        }
    }
}

/// Decides whether `caller` may do `action`, and in what capacity. `user` is whom it is done to, where
/// it is done to one user.
///
/// Strangers are told the same whether or not the user exists.
pub async fn authorize(
    caller: &Caller,
    action: Action,
    user: Option<&UserName>,
    users: &Users,
) -> Result<Standing, Refusal> {
    if caller.uid == 0 && action.allows(Standing::Administrator) {
        return Ok(Standing::Administrator);
    }
    let denied = |why: &str| {
        let text = format!("uid {} may not do this{why}", caller.uid);
        Refusal::new(Fault::AccessDenied, text)
    };
    let user = match user {
        Some(user) if action.allows(Standing::Owner) => user,
        _ => return Err(denied(": only an administrator may")),
    };
    let whose = Quoted(user.as_str());
    match users.find(user, caller.uid).await {
        Ok(named) if named.uid == Some(caller.uid) => Ok(Standing::Owner),
        Ok(_) => Err(denied(&format!(" to the account {whose}"))),
        Err(CannotTell(why)) => Err(denied(&format!(
            " to the account {whose}: the user database did not tell whose it is: {why}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::{Interaction, Line};
    use crate::users::Person;
    use std::io;
    use std::sync::Arc;

    struct Two;
    impl crate::users::Directory for Two {
        fn find(&self, user: &UserName) -> io::Result<Option<Person>> {
            let uid = match user.as_str() {
                "root" => 0,
                "alice" => 1000,
                "remote" => return Err(io::Error::other("server down")),
                _ => return Ok(None),
            };
            let name = user.to_string();
            Ok(Some(Person {
                name,
                uid,
                gid: uid,
            }))
        }
    }

    const ALL: [Action; 9] = [
        Action::Login,
        Action::Status,
        Action::Enroll,
        Action::CompleteEnrollment,
        Action::Export,
        Action::RenewRecoveryCodes,
        Action::Resync,
        Action::Disable,
        Action::Administer(Deed::Unlock),
    ];

    async fn ask(uid: u32, action: Action, user: &str) -> Result<Standing, Fault> {
        let users = Users::new(Arc::new(Two));
        let caller = Caller {
            uid,
            name: None,
            line: Line::Direct(1),
            interaction: Interaction::None,
            place: None,
        };
        let user = UserName::parse(user).unwrap();
        authorize(&caller, action, Some(&user), &users)
            .await
            .map_err(|refusal| refusal.fault)
    }

    #[tokio::test]
    async fn root_may_do_all_but_resync_a_stranger() {
        for action in ALL {
            let expected = match action {
                Action::Resync => Err(Fault::AccessDenied),
                _ => Ok(Standing::Administrator),
            };
            assert_eq!(ask(0, action, "alice").await, expected, "{action:?}");
        }
        assert_eq!(ask(0, Action::Resync, "root").await, Ok(Standing::Owner));
    }

    #[tokio::test]
    async fn an_owner_may_do_all_but_administer() {
        for action in ALL {
            let expected = match action {
                Action::Administer(_) | Action::CompleteEnrollment => Err(Fault::AccessDenied),
                _ => Ok(Standing::Owner),
            };
            assert_eq!(ask(1000, action, "alice").await, expected, "{action:?}");
        }
    }

    #[tokio::test]
    async fn a_stranger_may_nothing_and_learns_nothing() {
        for action in ALL {
            for user in ["root", "alice", "remote", "nobody-at-all"] {
                assert_eq!(
                    ask(1001, action, user).await,
                    Err(Fault::AccessDenied),
                    "{action:?}"
                );
            }
        }
    }
}
