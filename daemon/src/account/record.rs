use std::collections::BTreeSet;

use countersign_bus::UserName;
use serde::{Deserialize, Serialize};

use super::enroll::EnrollError;
use super::format::{RecordError, user_name};
use super::recovery::RecoveryCodes;
use super::remembered::Remembered;
use super::temporary::TemporaryCode;
use super::throttle::Budgets;
use super::time::UnixSeconds;
use super::token::Token;
use countersign_config::TokenName;

/// All that is kept of a user. `Debug` shows no secret and no hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    #[serde(with = "user_name")]
    user: UserName,
    pub(super) uid: u32,
    pub(super) tokens: Vec<Token>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) recovery: Option<RecoveryCodes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) temporary: Option<TemporaryCode>,
    pub(super) budgets: Budgets,
    #[serde(default, skip_serializing_if = "Remembered::is_empty")]
    pub(super) remembered: Remembered,
}

impl Account {
    /// The most tokens that an account has.
    pub const MAX_TOKENS: usize = 8;

    /// The account of somebody who has no token yet.
    pub fn new(user: UserName, uid: u32) -> Self {
        Self {
            user,
            uid,
            tokens: Vec::new(),
            recovery: None,
            temporary: None,
            budgets: Budgets::default(),
            remembered: Remembered::default(),
        }
    }

    /// Whose account it is.
    pub fn user(&self) -> &UserName {
        &self.user
    }

    /// The uid that the user had when the account was made. If it is another today, the account
    /// belongs to an earlier user of that name.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Has the user an active token?
    pub fn is_enrolled(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// The active tokens, in the order in which they were activated.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token of that name.
    pub fn token(&self, name: &TokenName) -> Option<&Token> {
        self.tokens.iter().find(|token| token.name == *name)
    }

    /// The lengths that a code of a token can have. Without a token the usual one, so that the
    /// answer does not tell who is enrolled.
    pub fn code_lengths(&self) -> Vec<u32> {
        let lengths: BTreeSet<u64> = match self.tokens.as_slice() {
            [] => [Token::DEFAULT_DIGITS.magnitude()].into(),
            tokens => tokens
                .iter()
                .map(|token| token.digits.magnitude())
                .collect(),
        };
        lengths
            .into_iter()
            .filter_map(|length| u32::try_from(length).ok())
            .collect()
    }

    /// How many recovery codes are still good.
    pub fn recovery_codes_left(&self) -> usize {
        self.recovery.as_ref().map_or(0, RecoveryCodes::left)
    }

    /// The temporary code, if there is one that still lets somebody in.
    pub fn temporary_code(&self, now: UnixSeconds) -> Option<&TemporaryCode> {
        self.temporary
            .as_ref()
            .filter(|it| !it.is_over(now) && it.uses_left() > 0)
    }

    /// The failures since the last accepted code.
    pub fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// Forgets a temporary code that is over, so that a clock put back does not revive it, and places
    /// remembered in the future.
    pub(super) fn settle(&mut self, now: UnixSeconds) {
        self.temporary.take_if(|temporary| temporary.is_over(now));
        self.remembered.settle(now);
        self.budgets.settle(now);
    }

    /// Takes in one more token. Codes of the others are not remembered any more: what the user has
    /// changed, and the next login shows that it works.
    pub(super) fn add(&mut self, token: Token) -> Result<(), EnrollError> {
        if self.tokens.len() >= Self::MAX_TOKENS {
            return Err(EnrollError::TooManyTokens);
        }
        if self.token(&token.name).is_some() {
            return Err(EnrollError::NameTaken);
        }
        self.tokens.push(token);
        self.remembered = Remembered::default();
        Ok(())
    }

    /// What the types of the parts do not rule out, in an account that came out of a record.
    pub(super) fn check(self) -> Result<Self, RecordError> {
        let names: BTreeSet<&TokenName> = self.tokens.iter().map(|token| &token.name).collect();
        if self.tokens.len() > Self::MAX_TOKENS {
            return Err(RecordError::TooManyTokens);
        }
        if names.len() < self.tokens.len() {
            return Err(RecordError::TokenTwice);
        }
        if self
            .recovery
            .as_ref()
            .is_some_and(|it| it.count() > RecoveryCodes::MAX_COUNT)
        {
            return Err(RecordError::TooManyRecoveryCodes);
        }
        self.budgets.check()?;
        self.remembered.check()?;
        Ok(self)
    }
}
