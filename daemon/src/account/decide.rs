//! What becomes of a code. First the gate, then all the work whatever was typed, then the verdict.

use countersign_config::Algorithm;
use std::sync::LazyLock;

use countersign_bus::{Code, Spent, Verdict};

use super::otp::{self, TokenMatch};
use super::record::Account;
use super::recovery::{RecoveryCodes, RecoveryMatch};
use super::secret::Secret;
use super::source::Source;
use super::temporary::{TemporaryCode, TemporaryMatch};
use super::throttle::Gate;
use super::time::UnixSeconds;
use super::token::{Kind, Token};
use countersign_config::TokenName;

/// A verdict and the account as it is from then on. The account is stored before anybody hears the
/// verdict, whatever it is: a failure counts as much as a code that is spent.
#[derive(Clone, Debug)]
#[must_use]
pub struct Decision {
    /// What became of the code.
    pub outcome: Outcome,
    /// The account to store.
    pub account: Account,
}

/// What became of a code, with what the reply and the log say of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Right, and spent.
    Accepted {
        /// What it was a code of.
        proof: Proof,
    },
    /// Not right.
    Wrong,
    /// Right, but it was accepted before, or a later one was.
    Used {
        /// What it was a code of.
        proof: Proof,
    },
    /// Not looked at: too many wrong codes from this source.
    Throttled {
        /// How long the source has to wait, in seconds.
        retry_after: u32,
    },
    /// Refused, right or not: only a recovery code, a temporary code or an administrator helps.
    Locked,
}

/// What a code was a code of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The token of that name.
    Token(TokenName),
    /// The recovery codes.
    RecoveryCode {
        /// How many are left now.
        left: usize,
    },
    /// The temporary code that an administrator issued.
    TemporaryCode,
}

/// Which codes prove what is to be proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepts {
    /// Those of tokens, recovery codes and the temporary code.
    AnyCode,
    /// Those of tokens alone. Any other counts as wrong and is not spent.
    TokenCodes,
}

impl Outcome {
    /// Which code is spent for good, where it was used before.
    pub fn spent(&self) -> Option<Spent> {
        match self {
            Self::Used {
                proof: Proof::RecoveryCode { .. },
            } => Some(Spent::RecoveryCode),
            Self::Used {
                proof: Proof::TemporaryCode,
            } => Some(Spent::TemporaryCode),
            _ => None,
        }
    }

    /// The word for it on the bus.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Accepted { .. } => Verdict::Accepted,
            Self::Wrong => Verdict::Wrong,
            Self::Used { .. } => Verdict::Used,
            Self::Throttled { .. } => Verdict::Throttled,
            Self::Locked => Verdict::Locked,
        }
    }
}

/// Decides on a code that somebody typed to log in.
pub fn decide(account: &Account, code: &Code, now: UnixSeconds, source: &Source) -> Decision {
    decide_only(Accepts::AnyCode, account, code, now, source)
}

/// Decides on a code that is to prove something, where not every code does.
pub fn decide_only(
    accepts: Accepts,
    account: &Account,
    code: &Code,
    now: UnixSeconds,
    source: &Source,
) -> Decision {
    let mut account = match admit(account, source, now) {
        Ok(account) => account,
        Err(turned_away) => return *turned_away,
    };
    let found = look_up(&account, code, now, accepts);
    let locked = account.budgets.is_locked();
    let outcome = match found {
        Found::Token { index, factor } if !locked => match account.tokens.get_mut(index) {
            Some(token) => {
                token.spend(factor, now);
                Outcome::Accepted {
                    proof: Proof::Token(token.name.clone()),
                }
            }
            None => Outcome::Wrong,
        },
        Found::Recovery { index } => {
            if let Some(recovery) = &mut account.recovery {
                recovery.spend(index);
            }
            Outcome::Accepted {
                proof: Proof::RecoveryCode {
                    left: account.recovery_codes_left(),
                },
            }
        }
        Found::Temporary => {
            if let Some(temporary) = &mut account.temporary {
                temporary.spend();
            }
            Outcome::Accepted {
                proof: Proof::TemporaryCode,
            }
        }
        // What is spent for good says so in a lock too: its owner is to take the next of the list.
        Found::Used(proof @ (Proof::RecoveryCode { .. } | Proof::TemporaryCode)) => {
            Outcome::Used { proof }
        }
        Found::Used(_) | Found::Nothing | Found::Token { .. } if locked => Outcome::Locked,
        Found::Used(proof) => Outcome::Used { proof },
        Found::Nothing | Found::Token { .. } => Outcome::Wrong,
    };
    conclude(account, outcome, source, now)
}

/// Lets an attempt in, with the account's books brought up to date, or turns it away unread.
pub(super) fn admit(
    account: &Account,
    source: &Source,
    now: UnixSeconds,
) -> Result<Account, Box<Decision>> {
    let mut account = account.clone();
    account.settle(now);
    match account.budgets.gate(source, now) {
        Gate::Open => Ok(account),
        Gate::Shut { retry_after } => {
            account.budgets.turned_away();
            Err(Box::new(Decision {
                outcome: Outcome::Throttled { retry_after },
                account,
            }))
        }
    }
}

/// Books the outcome of an attempt that was looked at.
pub(super) fn conclude(
    mut account: Account,
    outcome: Outcome,
    source: &Source,
    now: UnixSeconds,
) -> Decision {
    match outcome {
        Outcome::Accepted { .. } => account.budgets.accepted(source),
        // A used code counts like a wrong one: whoever overheard it may replay it for ever.
        Outcome::Wrong | Outcome::Used { .. } | Outcome::Locked => {
            account.budgets.refused(source, now);
        }
        Outcome::Throttled { .. } => account.budgets.turned_away(),
    }
    Decision { outcome, account }
}

/// What a code is to an account.
enum Found {
    Token { index: usize, factor: u64 },
    Recovery { index: usize },
    Temporary,
    Used(Proof),
    Nothing,
}

/// Compares a code with everything it could be, whatever its shape, so that time tells neither
/// what it was nor what the account has.
fn look_up(account: &Account, code: &Code, now: UnixSeconds, accepts: Accepts) -> Found {
    let matches: Vec<TokenMatch> = if account.tokens.is_empty() {
        if let Some(dummy) = DUMMY.as_ref() {
            std::hint::black_box(otp::find(dummy, code, now));
        }
        Vec::new()
    } else {
        account
            .tokens
            .iter()
            .map(|token| otp::find(token, code, now))
            .collect()
    };
    let recovery = RecoveryCodes::find(account.recovery.as_ref(), code);
    let temporary = TemporaryCode::find(account.temporary.as_ref(), code);

    for (index, found) in matches.iter().enumerate() {
        if let TokenMatch::New { factor } = *found {
            return Found::Token { index, factor };
        }
    }
    if accepts == Accepts::AnyCode {
        if let RecoveryMatch::Unused { index } = recovery {
            return Found::Recovery { index };
        }
        if temporary == TemporaryMatch::Good {
            return Found::Temporary;
        }
    }
    let mut tokens = account.tokens.iter().zip(&matches);
    if let Some((token, _)) = tokens.find(|(_, found)| **found == TokenMatch::Used) {
        Found::Used(Proof::Token(token.name.clone()))
    } else if accepts == Accepts::TokenCodes {
        Found::Nothing
    } else if recovery == RecoveryMatch::Used {
        Found::Used(Proof::RecoveryCode {
            left: account.recovery_codes_left(),
        })
    } else if temporary == TemporaryMatch::Used {
        Found::Used(Proof::TemporaryCode)
    } else {
        Found::Nothing
    }
}

/// What is worked on for a user without tokens. No match with it is ever looked at.
static DUMMY: LazyLock<Option<Token>> = LazyLock::new(|| {
    Some(Token {
        name: TokenName::parse("none").ok()?,
        issuer: None,
        secret: Secret::from_bytes(&[0; 20]).ok()?,
        algorithm: Algorithm::Sha1,
        digits: Token::DEFAULT_DIGITS,
        kind: Kind::totp(Token::DEFAULT_PERIOD),
        created: UnixSeconds(0),
        last_used: None,
    })
});
