use countersign_bus::Code;
use serde::{Deserialize, Serialize};
use subtle::{Choice, ConditionallySelectable};

use super::hash::{CodeHash, Salt};
use super::plain::{Form, PlainCode};
use super::random::{Random, RandomError};

/// The recovery codes of an account: for the day the phone is gone. Each lets its owner in once,
/// and of each only a salted hash is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodes {
    salt: Salt,
    codes: Vec<RecoveryCode>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveryCode {
    hash: CodeHash,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Unused,
    Used,
}

/// What a code is to a set of recovery codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RecoveryMatch {
    None,
    Used,
    Unused { index: usize },
}

impl RecoveryCodes {
    /// The largest set.
    pub const MAX_COUNT: usize = 32;

    /// Makes a set of so many codes. The texts are shown once and then exist nowhere but with their owner.
    pub(super) fn generate(
        count: usize,
        random: &mut dyn Random,
    ) -> Result<(Self, Vec<PlainCode>), RandomError> {
        let plain = (0..count.min(Self::MAX_COUNT))
            .map(|_| PlainCode::generate(&Form::RECOVERY, random))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((Self::of(&plain, random)?, plain))
    }

    /// A set of these codes.
    pub(super) fn of(plain: &[PlainCode], random: &mut dyn Random) -> Result<Self, RandomError> {
        let salt = Salt::generate(random)?;
        let code = |plain: &PlainCode| RecoveryCode {
            hash: salt.hash(&plain.normalized()),
            state: State::Unused,
        };
        Ok(Self {
            salt,
            codes: plain.iter().map(code).collect(),
        })
    }

    /// Adds a code that works elsewhere, whatever its shape, unless it is there already.
    pub(super) fn add(&mut self, code: &Code) {
        if Self::find(Some(self), code) == RecoveryMatch::None {
            self.codes.push(RecoveryCode {
                hash: self.salt.hash(code.expose()),
                state: State::Unused,
            });
        }
    }

    /// How many are still good.
    pub fn left(&self) -> usize {
        self.codes
            .iter()
            .filter(|code| code.state == State::Unused)
            .count()
    }

    /// How many there are, used ones too.
    pub(super) fn count(&self) -> usize {
        self.codes.len()
    }

    /// Compares with every code of the set, in the same time wherever the match is. Without a set
    /// the hash is made all the same, so that time does not tell whether there is one.
    pub(super) fn find(set: Option<&Self>, code: &Code) -> RecoveryMatch {
        let hash = set
            .map_or(Salt::dummy(), |set| set.salt)
            .hash(code.expose());
        let mut index = 0_u64;
        let (mut unused, mut used) = (Choice::from(0), Choice::from(0));
        let codes = set.map(|set| set.codes.as_slice()).unwrap_or_default();
        for (at, code) in (0_u64..).zip(codes) {
            let hit = code.hash.matches(&hash);
            let good = Choice::from(u8::from(code.state == State::Unused));
            index.conditional_assign(&at, hit & good);
            unused |= hit & good;
            used |= hit & !good;
        }
        match usize::try_from(index) {
            Ok(index) if bool::from(unused) => RecoveryMatch::Unused { index },
            _ if bool::from(used) => RecoveryMatch::Used,
            _ => RecoveryMatch::None,
        }
    }

    /// Spends the code that [`Self::find`] found.
    pub(super) fn spend(&mut self, index: usize) {
        if let Some(code) = self.codes.get_mut(index) {
            code.state = State::Used;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{SeededRandom, code};

    #[test]
    fn each_of_ten_codes_is_good_once() {
        let (mut set, plain) = RecoveryCodes::generate(10, &mut SeededRandom::new(5)).unwrap();
        assert_eq!(plain.len(), 10);
        for (index, text) in plain.iter().enumerate() {
            assert_eq!(set.left(), 10 - index);
            let typed = code(text.expose());
            assert_eq!(
                RecoveryCodes::find(Some(&set), &typed),
                RecoveryMatch::Unused { index }
            );
            set.spend(index);
            assert_eq!(RecoveryCodes::find(Some(&set), &typed), RecoveryMatch::Used);
        }
        assert_eq!(set.left(), 0);
    }

    #[test]
    fn no_plain_text_is_kept() {
        let (set, plain) = RecoveryCodes::generate(10, &mut SeededRandom::new(6)).unwrap();
        let kept = serde_json::to_string(&set).unwrap();
        for text in &plain {
            assert!(!kept.contains(text.expose()) && !kept.contains(text.normalized().as_str()));
        }
    }

    #[test]
    fn a_stranger_matches_nothing() {
        let mut random = SeededRandom::new(7);
        let (set, _) = RecoveryCodes::generate(10, &mut random).unwrap();
        let (_, others) = RecoveryCodes::generate(10, &mut random).unwrap();
        for text in others {
            let typed = code(text.expose());
            assert_eq!(RecoveryCodes::find(Some(&set), &typed), RecoveryMatch::None);
            assert_eq!(RecoveryCodes::find(None, &typed), RecoveryMatch::None);
        }
    }
}
