//! The failures of people who have no account but are asked for a code, so that they are refused
//! just as slowly as the others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use countersign_bus::UserName;

use crate::account::Account;

/// Accounts without tokens, kept in memory alone: names can be made up, and the disk is not theirs.
#[derive(Default)]
pub struct Strangers(Mutex<HashMap<UserName, Account>>);

impl Strangers {
    /// So many are remembered. No code of a stranger is ever right, so that one who is not
    /// remembered is refused all the same; only the delays are missing.
    const MOST: usize = 10_000;

    /// Takes one of them through a step.
    pub fn change<T>(&self, user: &UserName, step: impl FnOnce(Account) -> (Account, T)) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = known
            .remove(user)
            .unwrap_or_else(|| Account::new(user.clone(), 0));
        let (account, answer) = step(account);
        if known.len() < Self::MOST {
            known.insert(user.clone(), account);
        }
        answer
    }

    /// Forgets the failures of somebody.
    pub fn forget(&self, user: &UserName) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_remembered_up_to_a_bound_and_forgotten_on_demand() {
        let strangers = Strangers::default();
        let name = |number: usize| UserName::parse(&format!("nobody{number}")).unwrap();
        // The uid serves as the mark of a step: a remembered account has it, a new one has not.
        let marked = |number| {
            let user = name(number);
            strangers.change(&user, |account| {
                (Account::new(user.clone(), 7), account.uid() == 7)
            })
        };
        assert!(!marked(0) && marked(0));
        strangers.forget(&name(0));
        assert!(!marked(0));
        for number in 1..Strangers::MOST {
            marked(number);
        }
        assert!(marked(0) && marked(Strangers::MOST - 1));
        assert!(
            !marked(Strangers::MOST) && !marked(Strangers::MOST),
            "one more is not kept"
        );
    }
}
