use super::record::Account;
use super::remembered::Remembered;
use super::throttle::Budgets;
use super::time::UnixSeconds;
use super::token::{Kind, Token};
use countersign_config::TokenName;

/// What there was to clear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleared {
    /// Were the tokens locked?
    pub locked: bool,
    /// The failed attempts that were forgotten.
    pub failed_attempts: u32,
    /// How many sources had to wait.
    pub waiting_sources: usize,
    /// Tokens whose last accepted time step lay in the future and was put back.
    pub put_back: Vec<TokenName>,
}

/// Clears lock, delays and failures, and puts a last accepted time step that lies beyond the window
/// back to just before it: a clock that was wrong for a while must not keep anybody out for years.
/// Whoever is at a place that was remembered shows a code again: an administrator steps in when
/// something is wrong.
pub fn unlock(account: &Account, now: UnixSeconds) -> (Account, Cleared) {
    let mut changed = account.clone();
    changed.settle(now);
    let budgets = std::mem::take::<Budgets>(&mut changed.budgets);
    changed.remembered = Remembered::default();
    let put_back = changed
        .tokens
        .iter_mut()
        .filter_map(|token| put_back(token, now).then(|| token.name.clone()))
        .collect();
    let cleared = Cleared {
        locked: budgets.is_locked(),
        failed_attempts: budgets.failed_attempts(),
        waiting_sources: budgets.waiting_sources(now),
        put_back,
    };
    (changed, cleared)
}

/// Puts a last accepted time step beyond the window back. Says whether it did.
fn put_back(token: &mut Token, now: UnixSeconds) -> bool {
    let window = token.kind.recognized(now);
    match &mut token.kind {
        Kind::Totp { last_step, .. } if last_step.is_some_and(|last| last > *window.end()) => {
            *last_step = window.start().checked_sub(1);
            true
        }
        Kind::Totp { .. } | Kind::Hotp { .. } => false,
    }
}
