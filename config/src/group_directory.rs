use std::ffi::CString;
use std::fmt::Display;

use countersign_bus::UserName;
use nix::unistd::{Gid, Group, getgrouplist};

use crate::policy::Membership;
use crate::{GroupName, NameSources};

/// What a look-up of a user in a group came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The user is in it.
    Member,
    /// The user is not.
    NotMember,
    /// There is no such group, for sure, and so nobody is in it.
    NoSuchGroup,
    /// The user database does not tell, and why.
    CannotTell(String),
}

impl Finding {
    /// What a decision makes of it.
    pub const fn membership(&self) -> Membership {
        match self {
            Self::Member => Membership::Member,
            Self::NotMember | Self::NoSuchGroup => Membership::NotMember,
            Self::CannotTell(_) => Membership::CannotTell,
        }
    }
}

/// Looks groups up. May block, as NSS does.
pub trait GroupDirectory: Send + Sync {
    /// Is the user, whose primary group is `primary`, in this group?
    fn find(&self, user: &UserName, primary: u32, group: &GroupName) -> Finding;

    /// Where it looks. Never blocks for long.
    fn sources(&self) -> NameSources;
}

/// The name service switch of this host.
///
/// The C library's list of somebody's groups leaves out what a source failed to tell, without a word.
/// So the group itself is asked for first: a source that is out of reach then fails, or does not find
/// a group, and neither is taken for a no.
pub struct SystemGroups;

impl GroupDirectory for SystemGroups {
    fn find(&self, user: &UserName, primary: u32, group: &GroupName) -> Finding {
        let cannot = |why: &dyn Display| Finding::CannotTell(why.to_string());
        let found = match Group::from_name(group.as_str()) {
            Ok(Some(found)) => found,
            Ok(None) => return not_found(self.sources()),
            Err(error) => return cannot(&error),
        };
        if found.gid == Gid::from_raw(primary) || found.mem.iter().any(|it| it == user.as_str()) {
            return Finding::Member;
        }
        let Ok(name) = CString::new(user.as_str()) else {
            return cannot(&"the user name has a NUL");
        };
        match getgrouplist(&name, Gid::from_raw(primary)) {
            Ok(groups) if groups.contains(&found.gid) => Finding::Member,
            Ok(_) => Finding::NotMember,
            Err(error) => cannot(&error),
        }
    }

    fn sources(&self) -> NameSources {
        NameSources::of_groups()
    }
}

/// What a group that is not found means.
pub(crate) fn not_found(sources: NameSources) -> Finding {
    match sources {
        NameSources::Local => Finding::NoSuchGroup,
        NameSources::Remote(names) => Finding::CannotTell(format!(
            "it is not found, and may be out of reach of {}",
            names.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(user: &str, primary: u32, group: &str) -> Finding {
        let user = UserName::parse(user).unwrap();
        SystemGroups.find(&user, primary, &GroupName::parse(group).unwrap())
    }

    #[test]
    fn the_host_knows_who_is_in_which_group() {
        assert_eq!(find("root", 0, "root"), Finding::Member);
        assert_eq!(find("daemon", 1, "root"), Finding::NotMember);
        assert_eq!(
            find("root", 0, "no-such-group-anywhere"),
            not_found(NameSources::of_groups())
        );
    }

    #[test]
    fn a_group_that_is_not_found_is_absent_only_where_nobody_else_is_asked() {
        assert_eq!(not_found(NameSources::Local), Finding::NoSuchGroup);
        assert_eq!(
            not_found(NameSources::Remote(vec!["sss".into(), "ldap".into()])),
            Finding::CannotTell("it is not found, and may be out of reach of sss, ldap".into())
        );
        assert_eq!(Finding::NoSuchGroup.membership(), Membership::NotMember);
    }
}
