//! Who runs the tool, and on whose account.

use countersign_bus::UserName;
use nix::unistd::{Uid, User};

use crate::error::ToolError;

/// In which capacity something is asked of the daemon, which checks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// On the own account, proven by a code.
    Owner,
    /// On anybody's account, by right of office. polkit may ask for a password.
    Administrator,
}

/// The account that is meant, and the capacity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Whose account it is.
    pub user: UserName,
    /// Who asks.
    pub role: Role,
}

impl Subject {
    /// The caller's own account, or that of `--user`.
    pub fn of(named: Option<&UserName>) -> Result<Self, ToolError> {
        let uid = Uid::effective();
        let own = match User::from_uid(uid) {
            Ok(Some(user)) => Some(user.name),
            Ok(None) | Err(_) => None,
        };
        Self::resolve(named, own.as_deref(), uid)
    }

    /// Naming oneself changes nothing, except for root, whose word is the administrator's.
    fn resolve(named: Option<&UserName>, own: Option<&str>, uid: Uid) -> Result<Self, ToolError> {
        match (named, own) {
            (Some(user), own) if uid.is_root() || own != Some(user.as_str()) => Ok(Self {
                user: user.clone(),
                role: Role::Administrator,
            }),
            (_, Some(own)) => {
                let user = UserName::parse(own).map_err(ToolError::OwnName)?;
                Ok(Self {
                    user,
                    role: Role::Owner,
                })
            }
            (_, None) => Err(ToolError::Nameless { uid: uid.as_raw() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(named: Option<&str>, own: Option<&str>, uid: u32) -> Option<(String, Role)> {
        let named = named.map(|name| UserName::parse(name).unwrap());
        let subject = Subject::resolve(named.as_ref(), own, Uid::from_raw(uid)).ok()?;
        Some((subject.user.to_string(), subject.role))
    }

    #[test]
    fn without_user_the_own_account_is_meant_even_by_root() {
        assert_eq!(
            subject(None, Some("alice"), 1000),
            Some(("alice".into(), Role::Owner))
        );
        assert_eq!(
            subject(None, Some("root"), 0),
            Some(("root".into(), Role::Owner))
        );
    }

    #[test]
    fn the_own_name_is_no_way_round_the_code() {
        assert_eq!(
            subject(Some("alice"), Some("alice"), 1000),
            Some(("alice".into(), Role::Owner))
        );
    }

    #[test]
    fn another_name_is_an_administrators_business() {
        for (uid, own) in [(1000, Some("alice")), (0, Some("root")), (1000, None)] {
            assert_eq!(
                subject(Some("bob"), own, uid),
                Some(("bob".into(), Role::Administrator))
            );
        }
        assert_eq!(
            subject(Some("root"), Some("root"), 0).unwrap().1,
            Role::Administrator
        );
    }

    #[test]
    fn a_uid_without_a_name_has_no_account() {
        assert_eq!(subject(None, None, 4242), None);
    }
}
