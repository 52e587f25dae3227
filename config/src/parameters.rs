//! What makes the codes of a token.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::bounded::Bounded;

/// How many digits a code has (RFC 4226 §5.3).
pub type Digits = Bounded<6, 8>;
/// The length of a time step, in seconds.
pub type Period = Bounded<1, 86_400>;
/// How many time steps a code may be early or late.
pub type StepWindow = Bounded<0, 10>;

/// The hash under the HMAC (RFC 6238 §1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Algorithm {
    /// What every app reads. Collisions of SHA-1 do not matter to HMAC.
    #[serde(rename = "SHA1")]
    Sha1,
    /// HMAC-SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
    /// HMAC-SHA-512.
    #[serde(rename = "SHA512")]
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Sha1, Self::Sha256, Self::Sha512];

    /// The word in an otpauth URI and on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The length of its output, in bytes.
    pub const fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(word: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.as_str() == word)
            .ok_or(UnknownAlgorithm)
    }
}

/// A word that names no algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the algorithm is not one of SHA1, SHA256, SHA512")
    }
}

impl std::error::Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_read_back() {
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
        }
        assert_eq!("MD5".parse::<Algorithm>(), Err(UnknownAlgorithm));
    }
}
