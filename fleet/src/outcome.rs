use bytes::BytesMut;
use countersign_bus::UserName;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The largest record that is taken, in bytes as sealed.
pub const MAX_RECORD_BYTES: usize = 68 * 1024;

/// Which state of a user's record somebody saw. Counted up for each user from 1, and never given twice to one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(i64);

impl Version {
    /// There has never been a record.
    pub const ABSENT: Self = Self(0);

    /// The version of a number that [`Version::get`] gave.
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// What a user's record is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The sealed bytes, or nothing.
    pub record: Option<Vec<u8>>,
    /// What to expect in a swap that builds on them.
    pub version: Version,
}

/// One line of a list.
pub type Listed = (UserName, Version, Vec<u8>);

/// What became of a swap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swapped {
    /// In the store, durably as the server understands it, under this version.
    Done(Version),
    /// Somebody else was first, and nothing changed: load again and decide again.
    Lost,
    /// A code of this step, or of a later one, was accepted of that token already. Nothing changed. The record that
    /// was decided on did not say so: it is older than what the server remembers.
    StepSpent,
    /// The step is farther from the server's clock than the tenant allows. Nothing changed. One of the clocks is wrong.
    StepOutOfClock,
}

/// Names one swap, so that it is made once however often it is asked for. Sixteen random bytes, never used before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transaction(pub [u8; 16]);

/// What a swap is about, as far as the server may know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// What was concluded about a code, if it was about one.
    pub conclusion: Conclusion,
    /// A fresh one for each decision.
    pub transaction: Transaction,
}

/// What a record says anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conclusion {
    /// A code was accepted; with its step, if it was one of a clock.
    Accepted(Option<Spent>),
    /// A code was refused, and that was booked.
    Refused,
    /// Something else: an enrollment, a removal, what an administrator did.
    Changed,
}

/// The step that an accepted code used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spent {
    /// Which of the user's tokens, by a number that stays with it.
    pub token: i64,
    /// When the step begins by the host's clock, in Unix seconds: what the token is known to be off is taken out of it.
    pub at: i64,
}

impl Conclusion {
    /// The schema's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Refused => "refused",
            Self::Changed => "changed",
        }
    }

    pub(crate) fn spent(self) -> Option<Spent> {
        match self {
            Self::Accepted(spent) => spent,
            Self::Refused | Self::Changed => None,
        }
    }
}

impl ToSql for Transaction {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }

    to_sql_checked!();
}
