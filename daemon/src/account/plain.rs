use std::fmt;

use zeroize::Zeroizing;

use super::random::{Random, RandomError};

/// How a kind of code is written.
pub(super) struct Form {
    /// The symbols that it is made of.
    alphabet: &'static [u8],
    /// How many of them stand between two dashes.
    group: usize,
    /// How many groups there are.
    groups: usize,
}

impl Form {
    /// Recovery codes are read from paper. No vowels, so that no words come out; no 0, 1 or l, which
    /// look like others. Of 27 symbols each carries 4.75 bits, twelve of them 57.
    pub(super) const RECOVERY: Self = Self {
        alphabet: b"23456789bcdfghjkmnpqrstvwxz",
        group: 4,
        groups: 3,
    };
    /// Temporary codes are read out over the phone and typed in whatever case. Of what looks alike in
    /// some script (0 O, 1 I L, 2 Z, 5 S, 8 B, 6 G, 9 g q, u v) or sounds alike (b c d e g p t v z 3,
    /// a h j k 8, m n, f s, q u w 2, i y, 5 9), one at most is left. Of 12 symbols each carries 3.58
    /// bits, ten of them 35.8.
    pub(super) const TEMPORARY: Self = Self {
        alphabet: b"34679fkmrwxy",
        group: 5,
        groups: 2,
    };
}

/// A code in plain text, on its way to the one person who may see it. Its memory is wiped on drop
/// and `Debug` hides it.
#[derive(Clone)]
pub struct PlainCode(Zeroizing<String>);

impl PlainCode {
    /// Makes a code of that form, with dashes between its groups.
    pub(super) fn generate(form: &Form, random: &mut dyn Random) -> Result<Self, RandomError> {
        let length = form.groups * form.group;
        let mut text = Zeroizing::new(String::with_capacity(length + form.groups));
        let mut bytes = Zeroizing::new([0_u8; 32]);
        let mut symbols = 0;
        while symbols < length {
            random.fill(bytes.as_mut_slice())?;
            // Five bits at a time; what is beyond the alphabet is thrown away, so that every symbol
            // is as likely as every other.
            let drawn = bytes
                .iter()
                .filter_map(|byte| form.alphabet.get(usize::from(byte & 31)));
            for symbol in drawn.take(length - symbols) {
                if symbols > 0 && symbols.is_multiple_of(form.group) {
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
        let code = PlainCode::generate(&Form::RECOVERY, &mut random).unwrap();
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
            let code = PlainCode::generate(&Form::RECOVERY, &mut random).unwrap();
            assert!(seen.insert(code.expose().to_owned()), "a code came twice");
            for byte in code.normalized().bytes() {
                counts[usize::from(byte)] += 1;
            }
        }
        // 12,000 of each are expected, with a standard deviation of about 107; the remainder of a
        // byte by 27 would make some 12,650 and some 11,390.
        for symbol in Form::RECOVERY.alphabet {
            let count = counts[usize::from(*symbol)];
            assert!(
                (11_450..12_550).contains(&count),
                "{count} times {}",
                char::from(*symbol)
            );
        }
        assert_eq!(
            counts.iter().filter(|count| **count > 0).count(),
            Form::RECOVERY.alphabet.len()
        );
    }

    #[test]
    fn what_is_read_over_the_phone_has_nothing_that_looks_or_sounds_like_another() {
        let alphabet = Form::TEMPORARY.alphabet;
        assert_eq!(alphabet.len(), 12, "35.8 bits in ten symbols");
        for alike in [
            "0oq",
            "1il",
            "2z",
            "5s",
            "8b",
            "6g",
            "9gq",
            "uv",
            "vw",
            "mn",
            "fs",
            "bcdegptvz3",
            "ahjk8",
            "quw2",
            "iy",
            "59",
            "ij",
        ] {
            let both = alphabet.iter().filter(|c| alike.contains(char::from(**c)));
            assert!(both.count() <= 1, "{alike}");
        }
        for symbol in b"01258bilosz" {
            assert!(!alphabet.contains(symbol), "{}", char::from(*symbol));
        }
        let mut random = SeededRandom::new(5);
        let code = PlainCode::generate(&Form::TEMPORARY, &mut random).unwrap();
        let shape: Vec<usize> = code.expose().split('-').map(str::len).collect();
        assert_eq!(shape, [5, 5]);
        let said = code.expose().to_uppercase().replace('-', " ");
        assert_eq!(
            Code::parse(&said).unwrap().expose(),
            code.normalized().as_str()
        );
    }
}
