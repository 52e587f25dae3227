use countersign_config::Algorithm;
use std::fmt;

use data_encoding::BASE32_NOPAD;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::random::{Random, RandomError};

/// The key that a token and the daemon share. Its memory is wiped on drop and `Debug` hides it.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The shortest secret, in bytes. RFC 4226 §4 asks for 16, but working tokens of other systems
    /// have 80 bits, and a person who moves here keeps them.
    pub const MIN_BYTES: usize = 10;
    /// The longest secret, in bytes: the block of the smaller hashes.
    pub const MAX_BYTES: usize = 64;

    /// Takes raw bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        if (Self::MIN_BYTES..=Self::MAX_BYTES).contains(&bytes.len()) {
            Ok(Self(Zeroizing::new(bytes.to_vec())))
        } else {
            Err(SecretError::Length { bytes: bytes.len() })
        }
    }

    /// Makes a secret as long as the algorithm's output, which RFC 6238 §5.1 recommends.
    pub fn generate(algorithm: Algorithm, random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new(vec![0; algorithm.output_bytes()]);
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Takes base32 (RFC 4648 §6) as people and other programs write it: in either case, with or
    /// without padding, blanks and dashes. Bits left over at the end may be set, since some issuers
    /// make such secrets; a number of symbols that no encoder produces is refused.
    pub fn from_base32(text: &str) -> Result<Self, SecretError> {
        let text = text.trim_ascii_end().trim_end_matches('=');
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        let (mut symbols, mut bits, mut pending) = (0_usize, 0_u32, 0_u16);
        for c in text
            .bytes()
            .filter(|c| !matches!(c, b' ' | b'\t' | b'\r' | b'\n' | b'-'))
        {
            let value = match c.to_ascii_uppercase() {
                upper @ b'A'..=b'Z' => upper - b'A',
                digit @ b'2'..=b'7' => digit - b'2' + 26,
                _ => return Err(SecretError::NotBase32),
            };
            symbols += 1;
            bits += 5;
            pending = (pending << 5) | u16::from(value);
            if bits >= 8 {
                bits -= 8;
                let [_, low] = (pending >> bits).to_be_bytes();
                bytes.push(low);
                pending &= (1 << bits) - 1;
            }
        }
        if matches!(symbols % 8, 1 | 3 | 6) {
            return Err(SecretError::Truncated);
        }
        Self::from_bytes(&bytes)
    }

    /// Base32 in upper case without padding, as otpauth URIs and apps have it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// The raw bytes. Whoever takes them out keeps them out of logs and errors.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base32())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base32;

        // A visitor and not a `String`, which would leave an unwiped copy behind.
        impl Visitor<'_> for Base32 {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret in base32")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
                Secret::from_base32(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Base32)
    }
}

/// Why a text or bytes are no secret. Says nothing of what they were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretError {
    /// Too short or too long.
    Length {
        /// The length that came, in bytes.
        bytes: usize,
    },
    /// A number of symbols that no encoder produces: some are missing.
    Truncated,
    /// Something besides letters and the digits 2 to 7.
    NotBase32,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { bytes } => write!(
                f,
                "the secret is {bytes} bytes long; it must have {} to {}",
                Secret::MIN_BYTES,
                Secret::MAX_BYTES
            ),
            Self::Truncated => f.write_str("part of the secret is missing; copy it again, whole"),
            Self::NotBase32 => f.write_str(
                "the secret is not base32, which has only the letters A to Z and the digits 2 to 7",
            ),
        }
    }
}

impl std::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::SeededRandom;

    #[test]
    fn new_secrets_are_as_long_as_the_output_of_the_hash() {
        let mut random = SeededRandom::new(1);
        for (algorithm, bytes) in [
            (Algorithm::Sha1, 20),
            (Algorithm::Sha256, 32),
            (Algorithm::Sha512, 64),
        ] {
            let secret = Secret::generate(algorithm, &mut random).unwrap();
            assert_eq!(secret.expose().len(), bytes);
            assert!(secret.expose().iter().any(|byte| *byte != 0));
        }
    }

    #[test]
    fn base32_of_every_length_reads_back() {
        let mut random = SeededRandom::new(2);
        for round in 0..20 {
            for length in Secret::MIN_BYTES..=Secret::MAX_BYTES {
                let mut bytes = vec![0; length];
                random.fill(&mut bytes).unwrap();
                let text = Secret::from_bytes(&bytes).unwrap().to_base32();
                assert_eq!(
                    Secret::from_base32(&text).unwrap().expose(),
                    bytes,
                    "round {round}"
                );
                let padded = data_encoding::BASE32.encode(&bytes).to_lowercase();
                assert_eq!(Secret::from_base32(&padded).unwrap().expose(), bytes);
            }
        }
    }

    #[test]
    fn base32_is_read_as_people_write_it() {
        let plain = Secret::from_base32("JBSWY3DPEB3W64TMMQXC4LQA").unwrap();
        for text in [
            "jbsw y3dp eb3w 64tm mqxc 4lqa",
            "JBSW-Y3DP-EB3W-64TM-MQXC-4LQA\n",
            " \tJBSWY3DPEB3W64TMMQXC4LQA== ",
        ] {
            assert_eq!(Secret::from_base32(text).unwrap().expose(), plain.expose());
        }
    }

    #[test]
    fn bits_left_over_at_the_end_may_be_set() {
        let secret = Secret::from_base32("XBK55CIOSR2TO6VUZX7KB2NJX2").unwrap();
        assert_eq!(secret.expose().len(), 16);
    }

    #[test]
    fn truncated_short_long_and_junk_are_refused() {
        let refusal = |text: &str| Secret::from_base32(text).unwrap_err();
        for missing in [2, 5, 7] {
            let text = "JBSWY3DPEB3W64TMMQXC4LQA";
            assert_eq!(
                refusal(&text[..text.len() - missing]),
                SecretError::Truncated
            );
        }
        assert_eq!(refusal(""), SecretError::Length { bytes: 0 });
        assert_eq!(refusal("2SH3V3GDW7ZNMGY"), SecretError::Length { bytes: 9 });
        assert_eq!(refusal(&"A".repeat(104)), SecretError::Length { bytes: 65 });
        for junk in [
            "2SH3V3GDW7ZNMGY0",
            "2SH3V3GDW7ZNMGY!",
            "2SH3=V3GDW7ZNMGYE",
            "２SH3V3GDW7ZNMG",
        ] {
            assert_eq!(refusal(junk), SecretError::NotBase32);
        }
    }

    #[test]
    fn debug_keeps_the_secret() {
        let secret = Secret::from_base32("2SH3V3GDW7ZNMGYE").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
