use super::record::Account;
use super::remembered::Remembered;
use super::time::UnixSeconds;
use super::token::Kind;

/// An account out of a backup, as it may let somebody in again.
///
/// What was accepted between the backup and now is not in it. So every code that could have been
/// accepted by now counts as used, a temporary code goes, and no place is remembered. How far a counter has
/// moved and which recovery codes were used cannot be known.
pub fn restored(account: &Account, now: UnixSeconds) -> Account {
    let mut account = account.clone();
    account.settle(now);
    account.temporary = None;
    account.remembered = Remembered::default();
    for token in &mut account.tokens {
        let end = *token.kind.recognized(now).end();
        if let Kind::Totp { last_step, .. } = &mut token.kind {
            *last_step = Some(last_step.map_or(end, |last| last.max(end)));
        }
    }
    account
}

impl Account {
    /// The same for the uid that its user has now.
    #[must_use]
    pub fn rebound(mut self, uid: u32) -> Self {
        self.uid = uid;
        self
    }

    /// Does a token go by a counter?
    pub fn has_counter(&self) -> bool {
        let counts = |kind: &Kind| matches!(kind, Kind::Hotp { .. });
        self.tokens.iter().any(|token| counts(&token.kind))
    }
}
