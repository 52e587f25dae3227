use std::ops::RangeInclusive;

use countersign_config::{
    Algorithm, Bounded, Digits, Issuer, Period, StepWindow, TokenName, TotpDefaults,
};
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::time::UnixSeconds;

/// How many counters ahead of the next one a code may be (RFC 4226 §7.4).
pub type LookAhead = Bounded<1, 100>;
/// How many time steps the token's clock is ahead of ours; negative when it is behind. As many as
/// google-authenticator learns, so that its users can move here.
pub type Offset = Bounded<-1500, 1500>;

/// One thing that shows codes: an app on a phone, a hardware token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What its owner calls it. No two tokens of an account have the same name.
    pub name: TokenName,
    /// Who issued it. `None` stands for this host's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// The key shared with it.
    pub secret: Secret,
    /// The hash under its HMAC.
    pub algorithm: Algorithm,
    /// The length of its codes.
    pub digits: Digits,
    /// What moves its codes on, and how far that went.
    pub kind: Kind,
    /// When it was activated.
    pub created: UnixSeconds,
    /// When a code of it was last accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<UnixSeconds>,
}

impl Token {
    /// The length of codes unless somebody asks for another. Every app reads it.
    pub const DEFAULT_DIGITS: Digits = TotpDefaults::DIGITS;
    /// The time step unless somebody asks for another, in seconds. Every app reads it.
    pub const DEFAULT_PERIOD: Period = TotpDefaults::PERIOD;

    /// Spends a moving factor: neither it nor an earlier one counts from now on.
    pub(super) fn spend(&mut self, factor: u64, now: UnixSeconds) {
        match &mut self.kind {
            Kind::Totp { last_step, .. } => *last_step = Some(factor),
            Kind::Hotp { next_counter, .. } => *next_counter = factor.saturating_add(1),
        }
        self.last_used = Some(now);
    }
}

/// What moves the codes of a token on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Kind {
    /// The clock (RFC 6238).
    Totp {
        /// The length of a time step.
        period: Period,
        /// How many time steps a code may be early or late.
        window: StepWindow,
        /// How far the token's clock is off, as a resync found.
        offset: Offset,
        /// The time step of the last accepted code.
        last_step: Option<u64>,
    },
    /// A counter (RFC 4226).
    Hotp {
        /// How many counters ahead a code may be.
        window: LookAhead,
        /// The least counter that is still good.
        next_counter: u64,
    },
}

impl Kind {
    /// A clock with the window that RFC 6238 §5.2 recommends.
    pub const fn totp(period: Period) -> Self {
        Self::Totp {
            period,
            window: StepWindow::constant::<1>(),
            offset: Offset::constant::<0>(),
            last_step: None,
        }
    }

    /// A counter with a look-ahead of ten.
    pub const fn hotp(next_counter: u64) -> Self {
        Self::Hotp {
            window: LookAhead::constant::<10>(),
            next_counter,
        }
    }

    /// `totp` or `hotp`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Totp { .. } => "totp",
            Self::Hotp { .. } => "hotp",
        }
    }

    /// The moving factors whose codes are recognized now. Those of a counter that were good until
    /// lately are among them, to tell a used code from a wrong one.
    pub(super) fn recognized(&self, now: UnixSeconds) -> RangeInclusive<u64> {
        match *self {
            Self::Totp {
                period,
                window,
                offset,
                ..
            } => {
                let centre = step_at(now, period, offset);
                let reach = window.magnitude();
                centre.saturating_sub(reach)..=centre.saturating_add(reach)
            }
            Self::Hotp {
                window,
                next_counter,
            } => {
                let reach = window.magnitude();
                // The last counter of all is never good: nothing could come after it.
                let end = next_counter.saturating_add(reach).min(u64::MAX - 1);
                next_counter.saturating_sub(reach)..=end
            }
        }
    }

    /// Is this factor beyond all that were accepted?
    pub(super) fn is_new(&self, factor: u64) -> bool {
        match *self {
            Self::Totp { last_step, .. } => last_step.is_none_or(|last| factor > last),
            Self::Hotp { next_counter, .. } => factor >= next_counter,
        }
    }
}

/// The time step that a token shows now (RFC 6238 §4.2), by its own clock.
pub(super) fn step_at(now: UnixSeconds, period: Period, offset: Offset) -> u64 {
    (now.0 / period.magnitude()).saturating_add_signed(offset.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_ends_at_both_ends_of_time() {
        let totp = Kind::totp(Token::DEFAULT_PERIOD);
        assert_eq!(totp.recognized(UnixSeconds(0)), 0..=1);
        assert_eq!(totp.recognized(UnixSeconds(300_000)), 9_999..=10_001);
        let second = Kind::totp(Period::constant::<1>());
        assert_eq!(
            second.recognized(UnixSeconds(u64::MAX)),
            u64::MAX - 1..=u64::MAX
        );
        assert_eq!(Kind::hotp(3).recognized(UnixSeconds(0)), 0..=13);
    }

    #[test]
    fn the_last_counter_of_all_is_never_good() {
        let last = Kind::hotp(u64::MAX);
        assert!(
            last.recognized(UnixSeconds(0))
                .all(|counter| !last.is_new(counter))
        );
    }
}
