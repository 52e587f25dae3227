//! Keys of people who log in by counter, and their codes, which oathtool computes.

use std::collections::VecDeque;

use countersign_tests::Program;
use data_encoding::{BASE32, HEXLOWER};

use crate::dice::Dice;

/// The counter of the first code that anybody uses: the first that google-authenticator takes.
pub const FIRST_COUNTER: u64 = 1;
/// How far ahead and back no wrong code may be a right one: further than any of the modules looks.
const FAR: usize = 20;

/// A secret key. There is nothing behind it: `Debug` may show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key(Vec<u8>);

impl Key {
    /// One of 20 bytes, by chance.
    pub fn by(dice: &mut Dice) -> Self {
        let bytes = (0..3).flat_map(|_| dice.roll().to_le_bytes()).take(20);
        Self(bytes.collect())
    }

    /// As google-authenticator's file and our own import have it.
    pub fn base32(&self) -> String {
        BASE32.encode(&self.0)
    }

    /// As users.oath has it.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// Its codes from [`FIRST_COUNTER`] on, of which so many are made at a time.
    pub fn codes(&self, batch: usize) -> Codes {
        Codes {
            key: self.clone(),
            batch: batch.max(FAR),
            next: FIRST_COUNTER,
            ahead: VecDeque::new(),
            behind: VecDeque::new(),
        }
    }
}

/// Codes that somebody uses one after the other.
#[derive(Clone, Debug)]
pub struct Codes {
    key: Key,
    batch: usize,
    /// The counter of the first code that has not been made.
    next: u64,
    ahead: VecDeque<String>,
    behind: VecDeque<String>,
}

impl Codes {
    /// The next one.
    pub fn next_code(&mut self) -> String {
        self.look_ahead(1);
        let code = self.ahead.pop_front().expect("oathtool prints codes");
        self.behind.push_back(code.clone());
        if self.behind.len() > FAR {
            self.behind.pop_front();
        }
        code
    }

    /// One that is none of those that come, and none of those that were.
    pub fn wrong(&mut self) -> String {
        self.look_ahead(FAR);
        let known = |code: &String| self.ahead.contains(code) || self.behind.contains(code);
        (0..=999_999)
            .map(|number| format!("{number:06}"))
            .find(|code| !known(code))
            .expect("fewer codes than there are numbers")
    }

    fn look_ahead(&mut self, count: usize) {
        if self.ahead.len() >= count {
            return;
        }
        let said = Program::new("oathtool")
            .args(["--base32", &format!("--counter={}", self.next)])
            .arg(format!("--window={}", self.batch - 1))
            .arg("-")
            .input(&format!("{}\n", self.key.base32()))
            .text();
        self.ahead.extend(said.lines().map(str::to_owned));
        self.next += u64::try_from(self.batch).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_4226_over_the_end_of_a_batch() {
        let mut codes = Key(b"12345678901234567890".to_vec()).codes(20);
        let all: Vec<String> = (0..30).map(|_| codes.next_code()).collect();
        // RFC 4226, appendix D, from counter 1 on.
        assert_eq!(all[..3], ["287082", "359152", "969429"]);
        assert_eq!(all[8], "520489");
        let in_one = Key(b"12345678901234567890".to_vec()).codes(100);
        let mut in_one = in_one;
        let again: Vec<String> = (0..30).map(|_| in_one.next_code()).collect();
        assert_eq!(all, again);
    }

    #[test]
    fn the_wrong_code_is_none_of_those_around() {
        let mut codes = Key(b"12345678901234567890".to_vec()).codes(20);
        let before: Vec<String> = (0..15).map(|_| codes.next_code()).collect();
        let wrong = codes.wrong();
        let after: Vec<String> = (0..15).map(|_| codes.next_code()).collect();
        assert!(!before.contains(&wrong) && !after.contains(&wrong));
    }

    #[test]
    fn keys_differ_and_are_written_as_the_peers_read_them() {
        let mut dice = Dice::new(1);
        let (one, other) = (Key::by(&mut dice), Key::by(&mut dice));
        assert_ne!(one, other);
        assert_eq!((one.base32().len(), one.hex().len()), (32, 40));
    }
}
