//! What the daemon says of an import.

use std::collections::HashMap;

use countersign_bus::keys;
use countersign_bus::proxy::Details;
use zbus::OwnedVariant;

use crate::account::take;
use crate::words::tell;

/// The reply of `Admin.Import`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The tokens, in the order in which they were sent.
    pub tokens: Vec<StoredToken>,
    /// What became of the recovery codes.
    pub recovery_codes: StoredCodes,
}

/// A token in the account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredToken {
    /// What it is called there.
    pub name: String,
    /// Is it new?
    pub novelty: Novelty,
}

/// Is a token new in the account?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Novelty {
    /// It is.
    New,
    /// It was there.
    Known,
}

/// What became of recovery codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoredCodes {
    /// So many are new, the others were there.
    New(usize),
    /// The user has made others since.
    Superseded,
}

impl Stored {
    /// Reads the `a{sv}`. The error says which key is wrong.
    pub fn read(mut details: Details) -> Result<Self, String> {
        let details = &mut details;
        let tokens: Vec<HashMap<String, OwnedVariant>> =
            take(details, keys::TOKENS)?.unwrap_or_default();
        let superseded: bool = take(details, keys::SUPERSEDED)?.unwrap_or_default();
        let codes: u32 = take(details, keys::RECOVERY_CODES_TAKEN)?.unwrap_or_default();
        Ok(Self {
            tokens: tokens
                .into_iter()
                .map(StoredToken::read)
                .collect::<Result<_, _>>()?,
            recovery_codes: if superseded {
                StoredCodes::Superseded
            } else {
                StoredCodes::New(usize::try_from(codes).unwrap_or(usize::MAX))
            },
        })
    }
}

impl Stored {
    /// What two attempts have done, of which the first did not answer: where the second had nothing
    /// left to do, the first had stored it, with so many recovery codes.
    pub fn of_both(mut self, codes: usize) -> Self {
        let is_done = self.tokens.iter().all(|it| it.novelty == Novelty::Known)
            && self.recovery_codes == StoredCodes::New(0);
        if is_done {
            for token in &mut self.tokens {
                token.novelty = Novelty::New;
            }
            self.recovery_codes = StoredCodes::New(codes);
        }
        self
    }
}

impl StoredToken {
    fn read(mut details: Details) -> Result<Self, String> {
        let missing = |key| tell!("tool-answer-no-key", "key" = key);
        let taken: bool = take(&mut details, keys::TAKEN)?.ok_or_else(|| missing(keys::TAKEN))?;
        Ok(Self {
            name: take(&mut details, keys::NAME)?.ok_or_else(|| missing(keys::NAME))?,
            novelty: if taken { Novelty::New } else { Novelty::Known },
        })
    }
}
