//! One-time passwords: the code of a token at a moving factor, and whether somebody typed one.

use countersign_config::Algorithm;
use std::io::Write;

use countersign_bus::Code;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::time::UnixSeconds;
use super::token::{Kind, Token};

/// What a code is to a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenMatch {
    None,
    /// A code of the window whose factor is not beyond the last accepted one.
    Used,
    /// A code that may be accepted, and is spent by that.
    New {
        factor: u64,
    },
}

/// Looks for a code in the whole window of a token, in the same time wherever it is.
pub(super) fn find(token: &Token, code: &Code, now: UnixSeconds) -> TokenMatch {
    let codes = Codes::of(token);
    let typed = Typed::from(code);
    let mut factor_found = 0_u64;
    let (mut found_new, mut found_used) = (Choice::from(0), Choice::from(0));
    for factor in token.kind.recognized(now) {
        let hit = codes.matches(&typed, factor);
        if !token.kind.is_new(factor) {
            found_used |= hit;
            continue;
        }
        let take = match token.kind {
            // The newest match: were an older one spent, the same digits would be good once more.
            Kind::Totp { .. } => hit,
            // The first one, where digits recur in the look-ahead: every code between it and a later
            // one would be used up without having been shown.
            Kind::Hotp { .. } => hit & !found_new,
        };
        factor_found.conditional_assign(&factor, take);
        found_new |= hit;
    }
    if bool::from(found_new) {
        TokenMatch::New {
            factor: factor_found,
        }
    } else if bool::from(found_used) {
        TokenMatch::Used
    } else {
        TokenMatch::None
    }
}

/// The codes of one token.
pub(super) struct Codes {
    totp: totp_rs::Totp,
    digits: usize,
}

/// Room for the longest code; what a shorter one leaves is zero.
type Text = Zeroizing<[u8; 8]>;

/// What was typed, beside codes to compare it with.
pub(super) struct Typed {
    text: Text,
    length: usize,
}

impl Codes {
    pub(super) fn of(token: &Token) -> Self {
        // TOTP with a step of one second is HOTP with the time as counter (RFC 6238 §4), so the
        // same call serves both kinds. Unlike `build`, this takes secrets of 80 bits; what it
        // would panic on, the types of `Token` rule out.
        let digits = match token.digits.get() {
            7 => 7,
            8 => 8,
            _ => 6,
        };
        let totp = totp_rs::Builder::new()
            .with_algorithm(match token.algorithm {
                Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
                Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
                Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
            })
            .with_digits(digits)
            .with_step_duration(1)
            .with_secret(totp_rs::Secret::new(token.secret.expose().into()))
            .build_noncompliant();
        Self {
            totp,
            digits: usize::from(digits),
        }
    }

    fn at(&self, factor: u64) -> Text {
        let mut text = Zeroizing::new([0; 8]);
        if write!(text.as_mut_slice(), "{}", self.totp.generate(factor)).is_err() {
            text.fill(0); // matches nothing that can be typed
        }
        text
    }

    /// Is this the code at that factor?
    pub(super) fn matches(&self, typed: &Typed, factor: u64) -> Choice {
        let same_length = Choice::from(u8::from(typed.length == self.digits));
        self.at(factor).ct_eq(&*typed.text) & same_length
    }
}

impl From<&Code> for Typed {
    fn from(code: &Code) -> Self {
        let mut text = Zeroizing::new([0; 8]);
        for (byte, typed) in text.iter_mut().zip(code.expose().bytes()) {
            *byte = typed;
        }
        Self {
            text,
            length: code.expose().len(),
        }
    }
}

/// The code of a token at a moving factor, as its owner would type it.
#[cfg(test)]
pub(super) fn code_at(token: &Token, factor: u64) -> Zeroizing<String> {
    let codes = Codes::of(token);
    let text = codes.at(factor);
    Zeroizing::new(String::from_utf8(text[..codes.digits].to_vec()).unwrap())
}
