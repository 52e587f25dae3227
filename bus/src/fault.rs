use std::fmt;

/// The D-Bus errors of `org.countersign1.Error.*`. They mean only that the call itself failed; a
/// verdict on a login is never an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The caller may not do this.
    AccessDenied,
    /// An argument has no meaning; the text says which.
    InvalidArgument,
    /// There is no such user. Only administrators are told.
    NoSuchUser,
    /// The user has no such token.
    NotEnrolled,
    /// The user has a token of that name; or, where only those are to be given any who have none,
    /// the user has one.
    AlreadyEnrolled,
    /// The code that should prove something was not right.
    CodeNotAccepted,
    /// The code that should prove something was right, and was used already.
    CodeUsed,
    /// After too many wrong codes, codes of tokens prove nothing until the account is unlocked.
    Locked,
    /// Too many wrong codes; the text ends in the seconds to wait.
    Throttled,
    /// Nothing was begun on this connection, or it has run out.
    NoPendingEnrollment,
    /// The record under this name is of an earlier user; an administrator removes it by `Disable`.
    EarlierUser,
    /// The change could not be stored, and was not made.
    StorageFailed,
    /// Too much is under way; try again.
    Busy,
}

impl Fault {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::AccessDenied,
        Self::InvalidArgument,
        Self::NoSuchUser,
        Self::NotEnrolled,
        Self::AlreadyEnrolled,
        Self::CodeNotAccepted,
        Self::CodeUsed,
        Self::Locked,
        Self::Throttled,
        Self::NoPendingEnrollment,
        Self::EarlierUser,
        Self::StorageFailed,
        Self::Busy,
    ];

    /// The D-Bus error name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "org.countersign1.Error.AccessDenied",
            Self::InvalidArgument => "org.countersign1.Error.InvalidArgument",
            Self::NoSuchUser => "org.countersign1.Error.NoSuchUser",
            Self::NotEnrolled => "org.countersign1.Error.NotEnrolled",
            Self::AlreadyEnrolled => "org.countersign1.Error.AlreadyEnrolled",
            Self::CodeNotAccepted => "org.countersign1.Error.CodeNotAccepted",
            Self::CodeUsed => "org.countersign1.Error.CodeUsed",
            Self::Locked => "org.countersign1.Error.Locked",
            Self::Throttled => "org.countersign1.Error.Throttled",
            Self::NoPendingEnrollment => "org.countersign1.Error.NoPendingEnrollment",
            Self::EarlierUser => "org.countersign1.Error.EarlierUser",
            Self::StorageFailed => "org.countersign1.Error.StorageFailed",
            Self::Busy => "org.countersign1.Error.Busy",
        }
    }

    /// The fault that a D-Bus error name stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        }
        assert_eq!(Fault::from_name("org.freedesktop.DBus.Error.NoReply"), None);
    }
}
