//! Keys of people who log in by counter, and their codes, which oathtool computes.

use std::collections::{HashSet, VecDeque};

use countersign_tests::Program;
use data_encoding::{BASE32, HEXLOWER};

use crate::dice::Dice;

/// The counter of the first code that anybody uses: the first that google-authenticator takes.
pub const FIRST_COUNTER: u64 = 1;

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

    /// Its codes from [`FIRST_COUNTER`] on.
    pub fn codes(&self, count: usize) -> Codes {
        let last = count.saturating_sub(1);
        let said = Program::new("oathtool")
            .args(["--base32", &format!("--counter={FIRST_COUNTER}")])
            .arg(format!("--window={last}"))
            .arg("-")
            .input(&format!("{}\n", self.base32()))
            .text();
        Codes::from(said.lines().map(str::to_owned).collect::<Vec<_>>())
    }
}

/// Codes that somebody uses one after the other.
#[derive(Clone, Debug)]
pub struct Codes {
    left: VecDeque<String>,
    wrong: String,
}

impl From<Vec<String>> for Codes {
    fn from(codes: Vec<String>) -> Self {
        let known: HashSet<&str> = codes.iter().map(String::as_str).collect();
        let wrong = (0..=999_999)
            .map(|number| format!("{number:06}"))
            .find(|code| !known.contains(code.as_str()))
            .expect("fewer codes than there are numbers");
        Self {
            wrong,
            left: codes.into(),
        }
    }
}

impl Codes {
    /// The next one.
    pub fn next_code(&mut self) -> String {
        self.left.pop_front().expect("enough codes were made")
    }

    /// One that is none of them.
    pub fn wrong(&self) -> &str {
        &self.wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_4226_and_the_wrong_one_is_none_of_them() {
        let mut codes = Key(b"12345678901234567890".to_vec()).codes(9);
        let wrong = codes.wrong().to_owned();
        let all: Vec<String> = (0..9).map(|_| codes.next_code()).collect();
        // RFC 4226, appendix D, from counter 1 on.
        assert_eq!(all[..3], ["287082", "359152", "969429"]);
        assert_eq!(all[8], "520489");
        assert!(!all.contains(&wrong));
    }

    #[test]
    fn keys_differ_and_are_written_as_the_peers_read_them() {
        let mut dice = Dice::new(1);
        let (one, other) = (Key::by(&mut dice), Key::by(&mut dice));
        assert_ne!(one, other);
        assert_eq!((one.base32().len(), one.hex().len()), (32, 40));
    }
}
