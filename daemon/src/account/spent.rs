//! What a store that many hosts share is told of an accepted code: which step of which token it used up. By that the
//! store takes no step twice, whatever record somebody hands it.

use sha2::{Digest, Sha256};

use super::record::Account;
use super::token::{Kind, Token};

/// The step that an accepted code used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpentStep {
    /// Which of the user's tokens, by a number that says nothing else of it. Another one once the token was
    /// synchronized anew, since its steps begin at other times from then on.
    pub token: i64,
    /// When the step begins by this host's clock, in Unix seconds.
    pub at: i64,
}

/// The step that `after` has used up beyond `before`, if it is one of a clock.
pub fn spent_step(before: &Account, after: &Account) -> Option<SpentStep> {
    after.tokens().iter().find_map(|token| {
        let earlier = before.token(&token.name).and_then(last_step);
        let last = last_step(token)?;
        if Some(last) == earlier {
            return None;
        }
        let Kind::Totp { period, offset, .. } = token.kind else {
            return None;
        };
        let step = i64::try_from(last).ok()?.checked_sub(offset.get())?;
        Some(SpentStep {
            token: number(token, offset.get()),
            at: step.checked_mul(period.get())?,
        })
    })
}

fn last_step(token: &Token) -> Option<u64> {
    match token.kind {
        Kind::Totp { last_step, .. } => last_step,
        Kind::Hotp { .. } => None,
    }
}

fn number(token: &Token, offset: i64) -> i64 {
    let hash = Sha256::new()
        .chain_update(b"countersign token")
        .chain_update(token.created.0.to_be_bytes())
        .chain_update(offset.to_be_bytes())
        .chain_update(token.name.as_str().as_bytes())
        .finalize();
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    i64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{NOW, alice, code_now, totp};
    use crate::account::{Kind, Source, decide};

    #[test]
    fn an_accepted_code_says_its_step_and_no_other_outcome_does() {
        let phone = totp("phone", "2SH3V3GDW7ZNMGYE");
        let before = alice(vec![phone.clone(), totp("second", "3SH3V3GDW7ZNMGYE")]);
        let after = decide(&before, &code_now(&phone, NOW), NOW, &Source::Local).account;
        let spent = spent_step(&before, &after).unwrap();
        assert_eq!(spent.at, i64::try_from(NOW.0 / 30 * 30).unwrap());
        assert_eq!(spent_step(&before, &before), None);
        let wrong = countersign_bus::Code::parse("000000").unwrap();
        let refused = decide(&after, &wrong, NOW, &Source::Local).account;
        assert_eq!(spent_step(&after, &refused), None);
    }

    #[test]
    fn what_a_token_is_off_is_taken_out_and_makes_another_number() {
        let mut ahead = totp("phone", "2SH3V3GDW7ZNMGYE");
        if let Kind::Totp {
            offset, last_step, ..
        } = &mut ahead.kind
        {
            *offset = crate::account::Offset::constant::<10>();
            *last_step = Some(110);
        }
        let mut exact = totp("phone", "2SH3V3GDW7ZNMGYE");
        if let Kind::Totp { last_step, .. } = &mut exact.kind {
            *last_step = Some(100);
        }
        let fresh = alice(vec![totp("phone", "2SH3V3GDW7ZNMGYE")]);
        let spent = |token| spent_step(&fresh, &alice(vec![token])).unwrap();
        let (ahead, exact) = (spent(ahead), spent(exact));
        assert_eq!((ahead.at, exact.at), (3000, 3000));
        assert_ne!(ahead.token, exact.token);
    }
}
