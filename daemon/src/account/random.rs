use std::fmt;

/// Where secrets, salts and codes come from.
pub trait Random {
    /// Fills all of `bytes` with unpredictable ones, or none that may be used.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The kernel's generator.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(|_| RandomError)
    }
}

/// The kernel gave no random bytes. Nothing secret can be made without them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the kernel gave no random bytes; see whether getrandom(2) is permitted")
    }
}

impl std::error::Error for RandomError {}
