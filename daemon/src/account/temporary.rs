use countersign_bus::Code;
use serde::{Deserialize, Serialize};

use super::hash::{CodeHash, Salt};
use super::plain::{Form, PlainCode};
use super::random::{Random, RandomError};
use super::time::UnixSeconds;
use countersign_config::Bounded;

/// How long a temporary code is good, in seconds: at most seven days.
pub type ValidSeconds = Bounded<1, 604_800>;
/// How many logins a temporary code is good for.
pub type Uses = Bounded<1, 10>;

/// A code that an administrator reads out over the phone to somebody who lost theirs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemporaryCode {
    salt: Salt,
    hash: CodeHash,
    uses_left: Bounded<0, 10>,
    expires: UnixSeconds,
}

/// What a code is to the temporary one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TemporaryMatch {
    None,
    Used,
    Good,
}

impl TemporaryCode {
    /// One hour, unless the administrator says otherwise.
    pub const DEFAULT_VALID: ValidSeconds = ValidSeconds::constant::<3_600>();
    /// One login, unless the administrator says otherwise.
    pub const DEFAULT_USES: Uses = Uses::constant::<1>();

    pub(super) fn generate(
        valid: ValidSeconds,
        uses: Uses,
        now: UnixSeconds,
        random: &mut dyn Random,
    ) -> Result<(Self, PlainCode), RandomError> {
        let plain = PlainCode::generate(&Form::TEMPORARY, random)?;
        let salt = Salt::generate(random)?;
        let hash = salt.hash(&plain.normalized());
        // `Uses` lies within the bounds of what is left.
        let uses_left = Bounded::new(uses.get()).unwrap_or(Bounded::constant::<0>());
        Ok((
            Self {
                salt,
                hash,
                uses_left,
                expires: now.plus(valid.magnitude()),
            },
            plain,
        ))
    }

    /// When it ends.
    pub fn expires(&self) -> UnixSeconds {
        self.expires
    }

    /// How many logins it is still good for.
    pub fn uses_left(&self) -> u64 {
        self.uses_left.magnitude()
    }

    /// Is it over? No code runs longer than seven days, so an end beyond that was set by a clock
    /// that has been put back since, and nobody knows when it should have come.
    pub(super) fn is_over(&self, now: UnixSeconds) -> bool {
        let longest = ValidSeconds::constant::<604_800>().magnitude();
        now >= self.expires || self.expires > now.plus(longest)
    }

    /// Compares in constant time. Without a code the hash is made all the same.
    pub(super) fn find(temporary: Option<&Self>, code: &Code) -> TemporaryMatch {
        let hash = temporary
            .map_or(Salt::dummy(), |it| it.salt)
            .hash(code.expose());
        match temporary {
            Some(it) if bool::from(it.hash.matches(&hash)) => {
                if it.uses_left() > 0 {
                    TemporaryMatch::Good
                } else {
                    TemporaryMatch::Used
                }
            }
            _ => TemporaryMatch::None,
        }
    }

    /// One login less.
    pub(super) fn spend(&mut self) {
        self.uses_left = Bounded::new(self.uses_left.get() - 1).unwrap_or(Bounded::constant::<0>());
    }
}
