//! What was found of one user.

use countersign_bus::Code;

use super::key::Key;
use super::why::Why;

/// The most tokens of an account, as the daemon has it.
pub const MAX_TOKENS: usize = 8;
/// The most recovery codes of an account, as the daemon has it.
pub const MAX_CODES: usize = 32;

/// All that one source has of one user: it is handed over in one piece.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Whose it is, as the source names them. `None` where it does not say.
    pub user: Option<String>,
    /// What shows codes.
    pub tokens: Vec<Token>,
    /// Codes for the day the phone is gone.
    pub recovery_codes: Vec<Code>,
    /// What cannot be taken.
    pub rejected: Vec<Rejected>,
    /// Options that are known and stay behind on purpose.
    pub left: Vec<LeftOut>,
}

/// One token of another program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it will be called.
    pub name: String,
    /// Who issued it, where that is known.
    pub issuer: Option<String>,
    /// Its secret.
    pub key: Key,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub algorithm: &'static str,
    /// The length of its codes.
    pub digits: u32,
    /// What moves its codes on.
    pub motion: Motion,
    /// How many time steps or counters may be off; `None` is the daemon's own default.
    pub window: Option<u32>,
    /// Where it stands in its file, counted from 1.
    pub line: Option<usize>,
    /// The last code that was accepted there.
    pub last_code: Option<LastCode>,
    /// What is different from there.
    pub remarks: Vec<Why>,
}

/// A used code. It still says something of the secret, so it is kept out of `Debug`.
#[derive(Clone)]
pub struct LastCode(pub Code);

impl PartialEq for LastCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

impl Eq for LastCode {}

impl std::fmt::Debug for LastCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LastCode(…)")
    }
}

/// What moves the codes of a token on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motion {
    /// The clock.
    Clock {
        /// The length of a time step, in seconds.
        period: u32,
        /// By how many time steps the token's clock is ahead of ours.
        offset: i64,
        /// The last time step that was accepted there.
        last_step: Option<u64>,
    },
    /// A counter.
    Counter {
        /// The next one.
        next: u64,
    },
}

/// Something that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// Where it stands, counted from 1; `None` is the whole file.
    pub line: Option<usize>,
    /// Why.
    pub why: Why,
}

/// An option of google-authenticator that Countersign has its own way for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LeftOut {
    /// `RATE_LIMIT`
    RateLimit,
    /// `LAST0` to `LAST9`
    GracePeriod,
    /// `RESETTING_TIME_SKEW`
    SkewBeingLearned,
}

impl LeftOut {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RateLimit, Self::GracePeriod, Self::SkewBeingLearned];

    /// What the file calls it.
    pub const fn option(self) -> &'static str {
        match self {
            Self::RateLimit => "RATE_LIMIT",
            Self::GracePeriod => "LAST",
            Self::SkewBeingLearned => "RESETTING_TIME_SKEW",
        }
    }
}

impl Found {
    /// Nothing but the reason why.
    pub fn nothing(user: Option<String>, why: Why) -> Self {
        let rejected = vec![Rejected { line: None, why }];
        Self {
            user,
            rejected,
            ..Self::default()
        }
    }

    /// Takes one more token of a user in, unless it is there, or there are too many.
    pub fn add(&mut self, mut token: Token) {
        let line = token.line;
        let mut reject = |why| self.rejected.push(Rejected { line, why });
        if let Some(same) = self.tokens.iter_mut().find(|it| it.is_same(&token)) {
            // The one that is further on stays, so that no used code counts again.
            if token.is_further_than(same) {
                std::mem::swap(same, &mut token);
                std::mem::swap(&mut same.name, &mut token.name);
                let (kept, line) = (same.line.unwrap_or_default(), token.line);
                let why = Why::SameAsLine(kept);
                self.rejected.push(Rejected { line, why });
            } else {
                reject(Why::SameAsLine(same.line.unwrap_or_default()));
            }
        } else if self.tokens.len() >= MAX_TOKENS {
            reject(Why::TooManyTokens);
        } else {
            let others = &self.tokens;
            token.name = free_name(&token.name, |name| others.iter().any(|it| it.name == name));
            self.tokens.push(token);
        }
    }
}

impl Token {
    /// Do both show the same codes?
    fn is_same(&self, other: &Self) -> bool {
        let motion = match (self.motion, other.motion) {
            (Motion::Clock { period, .. }, Motion::Clock { period: theirs, .. }) => {
                period == theirs
            }
            (Motion::Counter { .. }, Motion::Counter { .. }) => true,
            _ => false,
        };
        motion
            && (self.digits, self.algorithm) == (other.digits, other.algorithm)
            && self.key == other.key
    }

    fn is_further_than(&self, other: &Self) -> bool {
        match (self.motion, other.motion) {
            (Motion::Counter { next }, Motion::Counter { next: theirs }) => next > theirs,
            _ => self.last_code.is_some() && other.last_code.is_none(),
        }
    }
}

/// The name itself, or with the first number behind it that makes it free.
fn free_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = |number: usize| match number {
        1 => name.to_owned(),
        number => format!("{name} {number}"),
    };
    // One more than there can be tokens is free for sure.
    (1..=MAX_TOKENS + 1)
        .map(numbered)
        .find(|it| !taken(it))
        .unwrap_or_else(|| name.to_owned())
}
