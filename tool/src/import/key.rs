//! The secret of a token, from the spellings of other programs to ours.

use std::fmt;

use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::why::Why;

/// The least and the most bytes that the daemon takes, which are those of its record.
const BYTES: std::ops::RangeInclusive<usize> = 10..=64;

/// A secret. Its memory is wiped on drop and `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// Reads base32 just as google-authenticator does: in either case, with blanks and dashes, with 0, 1
    /// and 8 for O, L and B, of any length. Bits that make no whole byte do not count. `=` at the end is
    /// allowed, as other programs write it.
    pub fn from_base32(text: &str) -> Result<Self, Why> {
        let text = text.trim_ascii().trim_end_matches('=');
        if text.is_empty() {
            return Err(Why::NoSecret);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        let (mut pending, mut bits) = (0_u16, 0_u32);
        for c in text.bytes().filter(|c| !matches!(c, b' ' | b'\t' | b'-')) {
            let value = match c.to_ascii_uppercase() {
                b'0' => b'O' - b'A',
                b'1' => b'L' - b'A',
                b'8' => b'B' - b'A',
                letter @ b'A'..=b'Z' => letter - b'A',
                digit @ b'2'..=b'7' => digit - b'2' + 26,
                _ => return Err(Why::NotBase32),
            };
            pending = (pending << 5) | u16::from(value);
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                let [_, low] = (pending >> bits).to_be_bytes();
                bytes.push(low);
                pending &= (1 << bits) - 1;
            }
        }
        Self::checked(bytes)
    }

    /// Reads hexadecimal digits, as `users.oath` has them.
    pub fn from_hex(text: &str) -> Result<Self, Why> {
        match HEXLOWER_PERMISSIVE.decode(text.as_bytes()) {
            Ok(bytes) => Self::checked(Zeroizing::new(bytes)),
            Err(_) => Err(Why::NotHex),
        }
    }

    fn checked(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Why> {
        match bytes.len() {
            length if BYTES.contains(&length) => Ok(Self(bytes)),
            0 => Err(Why::NoSecret),
            length if length < *BYTES.start() => Err(Why::TooShort(length)),
            length => Err(Why::TooLong(length)),
        }
    }

    /// Base32 as the daemon takes it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_secret_is_the_same_secret() {
        let plain = Key::from_base32("2SH3V3GDW7ZNMGYE").unwrap();
        assert_eq!(*plain.to_base32(), "2SH3V3GDW7ZNMGYE");
        for spelled in [
            "2sh3v3gdw7znmgye",
            "2SH3 V3GD-W7ZN\tMGYE",
            " 2SH3V3GDW7ZNMGYE== ",
        ] {
            assert_eq!(Key::from_base32(spelled).unwrap(), plain, "{spelled}");
        }
        let typed = Key::from_base32("OOOOLLLLBBBBOLBO").unwrap();
        assert_eq!(Key::from_base32("0000111188880180").unwrap(), typed);
        assert_eq!(Key::from_hex("d48fbaecc3b7f2d61b04").unwrap(), plain);
        assert_eq!(Key::from_hex("D48FBAECC3B7F2D61B04").unwrap(), plain);
    }

    #[test]
    fn odd_lengths_and_bits_left_over_at_the_end_are_read_as_there() {
        // 26 symbols, as the tool of Debian 12 makes them: 16 bytes and two bits.
        let key = Key::from_base32("FBWUZEVHTL6BEHSWPUDCQXTLJU").unwrap();
        assert_eq!(key.0.len(), 16);
        let set = Key::from_base32("FBWUZEVHTL6BEHSWPUDCQXTLJX").unwrap();
        assert_eq!(set, key, "the last two bits do not count");
        for symbols in 16..=102 {
            let key = Key::from_base32(&"B".repeat(symbols)).unwrap();
            assert_eq!(key.0.len(), symbols * 5 / 8, "{symbols}");
        }
    }

    #[test]
    fn each_secret_that_is_none_has_its_reason() {
        for (text, why) in [
            ("", Why::NoSecret),
            ("=", Why::NoSecret),
            ("-", Why::NoSecret),
            ("2SH3V3GD", Why::TooShort(5)),
            (&"A".repeat(104), Why::TooLong(65)),
            ("2SH3V3GDW7ZNMGY9", Why::NotBase32),
            ("\" TOTP_AUTH", Why::NotBase32),
            ("2SH3V3GDW7ZNMGYÉ", Why::NotBase32),
        ] {
            assert_eq!(Key::from_base32(text), Err(why), "{text}");
        }
        for (text, why) in [
            ("", Why::NoSecret),
            ("00", Why::TooShort(1)),
            ("d48fbaecc3b7f2d61b0", Why::NotHex),
            ("0x48fbaecc3b7f2d61b04", Why::NotHex),
        ] {
            assert_eq!(Key::from_hex(text), Err(why), "{text}");
        }
        assert_eq!(
            format!("{:?}", Key::from_hex(&"00".repeat(20)).unwrap()),
            "Key(…)"
        );
    }
}
