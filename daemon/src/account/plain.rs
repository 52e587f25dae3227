use std::fmt;

use zeroize::Zeroizing;

use super::random::{Random, RandomError};

/// What recovery and temporary codes are written with. No vowels, so that no words come out; no
/// 0, 1 or l, which look like others. A symbol carries 4.75 bits.
const ALPHABET: &[u8] = b"23456789bcdfghjkmnpqrstvwxz";
/// Symbols between two dashes.
const GROUP: usize = 4;

/// A code in plain text, on its way to the one person who may see it. Its memory is wiped on drop
/// and `Debug` hides it.
#[derive(Clone)]
pub struct PlainCode(Zeroizing<String>);

impl PlainCode {
    /// Makes a code of so many groups of four symbols, with dashes between.
    pub(super) fn generate(groups: usize, random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut text = Zeroizing::new(String::with_capacity(groups * (GROUP + 1)));
        let mut bytes = Zeroizing::new([0_u8; 32]);
        let mut symbols = 0;
        while symbols < groups * GROUP {
            random.fill(bytes.as_mut_slice())?;
            // Five bits at a time; what is beyond the alphabet is thrown away, so that every symbol
            // is as likely as every other.
            let drawn = bytes
                .iter()
                .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
            for symbol in drawn.take(groups * GROUP - symbols) {
                if symbols > 0 && symbols.is_multiple_of(GROUP) {
                    text.push('-');
                }
                text.push(char::from(*symbol));
                symbols += 1;
            }
        }
        Ok(Self(text))
    }

    /// The code as it is shown. Whoever takes it out keeps it out of logs and errors.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The code as [`countersign_bus::Code`] reads it.
    pub(super) fn normalized(&self) -> Zeroizing<String> {
        let mut bare = Zeroizing::new(String::with_capacity(self.0.len()));
        bare.extend(self.0.chars().filter(|c| *c != '-'));
        bare
    }
}

impl fmt::Debug for PlainCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use countersign_bus::Code;

    use crate::account::fixtures::SeededRandom;

    #[test]
    fn codes_have_the_shape_that_is_promised_and_read_back() {
        let mut random = SeededRandom::new(3);
        let code = PlainCode::generate(3, &mut random).unwrap();
        let shape: Vec<usize> = code.expose().split('-').map(str::len).collect();
        assert_eq!(shape, [4, 4, 4]);
        assert_eq!(
            Code::parse(code.expose()).unwrap().expose(),
            code.normalized().as_str()
        );
        assert_eq!(format!("{code:?}"), "PlainCode(…)");
    }

    #[test]
    fn every_symbol_occurs_about_as_often_as_every_other() {
        let mut random = SeededRandom::new(4);
        let mut counts = [0_u32; 128];
        let mut seen = HashSet::new();
        for _ in 0..27_000 {
            let code = PlainCode::generate(3, &mut random).unwrap();
            assert!(seen.insert(code.expose().to_owned()), "a code came twice");
            for byte in code.normalized().bytes() {
                counts[usize::from(byte)] += 1;
            }
        }
        // 12,000 of each are expected, with a standard deviation of about 107; the remainder of a
        // byte by 27 would make some 12,650 and some 11,390.
        for symbol in ALPHABET {
            let count = counts[usize::from(*symbol)];
            assert!(
                (11_450..12_550).contains(&count),
                "{count} times {}",
                char::from(*symbol)
            );
        }
        assert_eq!(
            counts.iter().filter(|count| **count > 0).count(),
            ALPHABET.len()
        );
    }
}
