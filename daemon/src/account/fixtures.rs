//! What the tests of this module build accounts from.

use countersign_bus::{Code, UserName};

use super::{
    Account, Algorithm, Decision, Kind, Outcome, Random, RandomError, Secret, Token, TokenName,
    UnixSeconds, otp,
};

/// The middle of a time step in 2023.
pub(crate) const NOW: UnixSeconds = UnixSeconds(1_700_000_025);

/// Random bytes that are the same in every run (the splitmix64 generator). Never outside tests.
pub(crate) struct SeededRandom(u64);

impl SeededRandom {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn alice(tokens: Vec<Token>) -> Account {
    let mut account = Account::new(UserName::parse("alice").unwrap(), 1000);
    account.tokens = tokens;
    account
}

pub(crate) fn totp(name: &str, base32: &str) -> Token {
    Token {
        name: TokenName::parse(name).unwrap(),
        issuer: None,
        secret: Secret::from_base32(base32).unwrap(),
        algorithm: Algorithm::Sha1,
        digits: Token::DEFAULT_DIGITS,
        kind: Kind::totp(Token::DEFAULT_PERIOD),
        created: UnixSeconds(0),
        last_used: None,
    }
}

pub(crate) fn hotp(name: &str, next_counter: u64) -> Token {
    Token {
        kind: Kind::hotp(next_counter),
        ..totp(name, "2SH3V3GDW7ZNMGYE")
    }
}

pub(crate) fn code(typed: &str) -> Code {
    Code::parse(typed).unwrap()
}

/// What a token with the default time step shows.
pub(crate) fn code_now(token: &Token, now: UnixSeconds) -> Code {
    code(&otp::code_at(token, now.0 / 30))
}

pub(crate) fn accepted(decision: &Decision) -> bool {
    matches!(decision.outcome, Outcome::Accepted { .. })
}
