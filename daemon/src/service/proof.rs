//! A person proves with a code that they are still who they are; an administrator need not.

use countersign_bus::{Code, Fault, UserName};

use super::Parts;
use super::acts::Call;
use crate::account::{Accepts, Account, Outcome, Source, UnixSeconds, decide_only};
use crate::authorize::Standing;
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;

/// The user's own account, or why there is none to act on.
pub async fn enrolled(
    parts: &Parts,
    user: &UserName,
    uid: Option<u32>,
) -> Result<Account, Refusal> {
    match parts.ledger.owned(user, uid).await? {
        Owned::Theirs(account) if account.is_enrolled() => Ok(*account),
        Owned::Theirs(_) | Owned::Nobody => Err(not_enrolled()),
        Owned::Foreign => Err(foreign()),
    }
}

/// Takes the proof that the caller's standing demands, and spends the code. The account as it is
/// afterwards is what the method then acts on.
pub async fn prove(
    parts: &Parts,
    call: &Call,
    code: &str,
    accepts: Accepts,
) -> Result<(), Refusal> {
    if call.standing == Standing::Administrator && code.is_empty() {
        return Ok(());
    }
    let code = typed(code)?;
    let source = match call.caller.uid {
        0 => Source::Local,
        uid => Source::Own(uid),
    };
    let now = UnixSeconds(parts.clock.now());
    let step = |account: Option<Account>| {
        let account = account.ok_or_else(not_enrolled)?;
        let decision = decide_only(accepts, &account, &code, now, &source);
        Ok((Some(decision.account), decision.outcome))
    };
    // Whoever is about to change an enrollment needs a disk that takes it: a code that could be
    // shown again after a crash must not have proved anything.
    accepted(
        &parts
            .ledger
            .attempt(&call.user, Durability::Required, step)
            .await?,
    )
}

/// A code that is to prove something. What cannot be one proves nothing.
pub fn typed(code: &str) -> Result<Code, Refusal> {
    Code::parse(code).map_err(|e| Refusal::new(Fault::CodeNotAccepted, e.to_string()))
}

/// Turns a verdict that proves nothing into the fault that says so.
pub fn accepted(outcome: &Outcome) -> Result<(), Refusal> {
    match outcome {
        Outcome::Accepted { .. } => Ok(()),
        Outcome::Wrong => Err(Refusal::new(
            Fault::CodeNotAccepted,
            "the code is not right",
        )),
        Outcome::Used { .. } => Err(Refusal::new(Fault::CodeUsed, "the code was used already")),
        Outcome::Throttled { retry_after } => Err(Refusal::new(
            Fault::Throttled,
            format!("too many wrong codes: try again in {retry_after} s"),
        )),
        Outcome::Locked => Err(Refusal::new(
            Fault::Locked,
            "the account is locked: use a recovery code, or ask an administrator to unlock it",
        )),
    }
}

/// Nothing to act on.
pub fn not_enrolled() -> Refusal {
    Refusal::new(Fault::NotEnrolled, "the user has no authenticator code")
}

/// Somebody else's record lies under the name.
pub fn foreign() -> Refusal {
    Refusal::new(
        Fault::EarlierUser,
        "the enrollment under this name is an earlier user's; an administrator removes it with \
         `countersign disable --user`",
    )
}
