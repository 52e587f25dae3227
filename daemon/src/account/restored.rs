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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{
        NOW, SeededRandom, accepted, alice, code, code_now, hotp, totp,
    };
    use crate::account::{
        Place, Source, TemporaryCode, decide, issue_temporary_code, remember, remembered,
    };

    const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    #[test]
    fn what_was_accepted_before_a_restore_is_not_accepted_after_it() {
        let token = totp("phone", KEY);
        let backup = alice(vec![token.clone()]);
        let account = restored(&backup, NOW);
        for step in [-30_i64, 0, 30] {
            let when = UnixSeconds(NOW.0.saturating_add_signed(step));
            let shown = code_now(&token, when);
            assert!(
                accepted(&decide(&backup, &shown, NOW, &Source::Local)),
                "{step}"
            );
            for later in [0, 15, 29] {
                let now = NOW.plus(later);
                assert!(
                    !accepted(&decide(&account, &shown, now, &Source::Local)),
                    "{step}"
                );
            }
        }
        let next = NOW.plus(60);
        let shown = code_now(&token, next);
        assert!(accepted(&decide(&account, &shown, next, &Source::Local)));
    }

    #[test]
    fn temporary_codes_and_remembered_places_do_not_come_back() {
        let token = totp("phone", KEY);
        let account = alice(vec![token.clone()]);
        let place = Place::of_login("sshd", "", "192.0.2.1", "").unwrap();
        let decision = decide(&account, &code_now(&token, NOW), NOW, &Source::Local);
        let account = remember(decision, place, NOW).account;
        let (valid, uses) = (TemporaryCode::DEFAULT_VALID, TemporaryCode::DEFAULT_USES);
        let random = &mut SeededRandom::new(1);
        let (account, plain) = issue_temporary_code(&account, valid, uses, NOW, random).unwrap();
        assert!(remembered(&account, place, NOW, 600).is_some());
        let account = restored(&account, NOW);
        assert!(remembered(&account, place, NOW, 600).is_none());
        let typed = code(plain.expose());
        assert!(!accepted(&decide(&account, &typed, NOW, &Source::Local)));
    }

    #[test]
    fn a_later_step_and_a_counter_stay_as_they_are() {
        let mut ahead = totp("phone", KEY);
        ahead.spend(u64::MAX / 2, NOW);
        let account = restored(&alice(vec![ahead, hotp("fob", 7)]), NOW);
        let kinds: Vec<Kind> = account.tokens().iter().map(|token| token.kind).collect();
        assert!(
            matches!(kinds[0], Kind::Totp { last_step: Some(last), .. } if last == u64::MAX / 2)
        );
        assert!(matches!(
            kinds[1],
            Kind::Hotp {
                next_counter: 7,
                ..
            }
        ));
        assert!(account.has_counter());
        assert_eq!(account.rebound(4321).uid(), 4321);
    }
}
