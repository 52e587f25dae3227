use std::collections::HashMap;

use crate::GroupName;

/// Is a user in a group?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Membership {
    /// Yes.
    Member,
    /// No, for sure.
    NotMember,
    /// The user database does not tell: a look-up failed, or took too long.
    CannotTell,
}

/// What was found out about one user's groups. A group that was not asked for is one that cannot be
/// told.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Memberships(HashMap<GroupName, Membership>);

impl Memberships {
    /// Takes an answer in.
    pub fn learn(&mut self, group: GroupName, membership: Membership) {
        self.0.insert(group, membership);
    }

    /// The answer, if it was asked for.
    pub fn known(&self, group: &GroupName) -> Option<Membership> {
        self.0.get(group).copied()
    }

    /// The answer as a decision takes it.
    pub fn of(&self, group: &GroupName) -> Membership {
        self.known(group).unwrap_or(Membership::CannotTell)
    }
}

impl FromIterator<(GroupName, Membership)> for Memberships {
    fn from_iter<I: IntoIterator<Item = (GroupName, Membership)>>(answers: I) -> Self {
        Self(answers.into_iter().collect())
    }
}
