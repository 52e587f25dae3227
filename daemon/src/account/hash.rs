use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::random::{Random, RandomError};

/// Bytes that stand as hexadecimal text in a record.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Hex<const N: usize>([u8; N]);

/// What keeps equal codes of two accounts from having equal hashes.
pub(super) type Salt = Hex<16>;

/// What is kept of a recovery or temporary code: HMAC-SHA-256 under a salt. The codes are random
/// and long, so nothing slower is needed to keep them from being guessed.
pub(super) type CodeHash = Hex<32>;

/// What is kept of texts that are only ever compared: SHA-256.
pub(super) type Digest = Hex<32>;

impl Digest {
    /// The digest of these texts. Each goes in with its length, so that no other texts, put one behind
    /// the other, are the same.
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut sha = Sha256::new();
        for text in texts {
            sha.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            sha.update(text);
        }
        Self(sha.finalize().into())
    }
}

impl Salt {
    pub(super) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// For the work that is done where there is no code to compare with.
    pub(super) const fn dummy() -> Self {
        Self([0; 16])
    }

    /// The hash of a normalized code.
    pub(super) fn hash(&self, code: &str) -> CodeHash {
        // HMAC pads a short key with zeros (RFC 2104 §2); a whole block cannot fail.
        let mut block = Zeroizing::new([0_u8; 64]);
        for (byte, salt) in block.iter_mut().zip(self.0) {
            *byte = salt;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(code.as_bytes());
        Hex(mac.finalize().into_bytes().into())
    }
}

impl CodeHash {
    /// Compares without telling by time where they differ.
    pub(super) fn matches(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl<const N: usize> TryFrom<String> for Hex<N> {
    type Error = NotHex;

    fn try_from(text: String) -> Result<Self, NotHex> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotHex)?;
        bytes.try_into().map(Self).map_err(|_| NotHex)
    }
}

impl<const N: usize> From<Hex<N>> for String {
    fn from(hex: Hex<N>) -> Self {
        HEXLOWER.encode(&hex.0)
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hex(…)")
    }
}

/// A text that is not so many bytes in hexadecimal.
pub(super) struct NotHex;

impl fmt::Display for NotHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not hexadecimal of the right length")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256() {
        // RFC 4231 §4.3, whose key "Jefe" is padded here as HMAC itself pads it.
        let mut key = [0; 16];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            String::from(Hex(key).hash("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn the_digest_of_texts_is_sha_256_of_lengths_and_texts() {
        // printf '\3\0\0\0\0\0\0\0abc\0\0\0\0\0\0\0\0' | sha256sum
        assert_eq!(
            String::from(Digest::of(&["abc", ""])),
            "3e2f8940c3a0e0fd6f6e07bbf07f015dd7c147431e5fa14bf3f225d782641540"
        );
        assert_ne!(Digest::of(&["ab", "c"]), Digest::of(&["a", "bc"]));
        assert_ne!(Digest::of(&["abc"]), Digest::of(&["abc", ""]));
    }

    #[test]
    fn another_salt_makes_another_hash() {
        assert_ne!(Hex([1; 16]).hash("abc"), Hex([2; 16]).hash("abc"));
        assert_ne!(Hex([1; 16]).hash("abc"), Hex([1; 16]).hash("abd"));
    }
}
