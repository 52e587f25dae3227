//! `org.countersign1.Login`: does this login need a code, and is the code right?

use std::sync::Arc;
use std::time::Duration;

use countersign_bus::{Code, Requirement, UserName, keys};
use tokio::time::{Instant, sleep_until};
use zbus::message::Header;
use zbus::{Connection, interface};

use super::sparing::Sparing;
use super::{Details, Parts, count, value};
use crate::account::{Account, Outcome, Place, Proof, UnixSeconds, decide, remember};
use crate::arguments::Dict;
use crate::audit::{Level, Quoted};
use crate::authorize::Action;
use crate::caller::{Caller, Road};
use crate::circumstances::Circumstances;
use crate::keepers::{Keepers, Leave};
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::store::Durability;
use crate::users::Named;
use countersign_config::policy::{EnrollBy, Enrolled, Require};

/// How long an answer other than "accepted" takes at least where hosts share the store. A failure of
/// somebody who is enrolled goes to its server before it is answered, one of somebody who is not does not;
/// both wait until here, so that time does not tell them apart.
const SHARED_REFUSAL_TAKES: Duration = Duration::from_millis(20);

/// The interface as served on one road.
pub struct LoginInterface {
    parts: Arc<Parts>,
    road: Road,
    keepers: Keepers,
}

/// An authorized call.
struct Admitted {
    /// Whom the name means, if the user database tells.
    named: Result<Named, Refusal>,
    /// That user's name, or the name as it came.
    user: UserName,
    circumstances: Circumstances,
    /// Keeps its place until the answer.
    caller: Caller,
}

impl LoginInterface {
    /// The same handler serves both roads.
    pub fn new(parts: Arc<Parts>, road: Road) -> Self {
        Self {
            parts,
            road,
            keepers: Keepers::default(),
        }
    }

    /// Parses and authorizes, as both methods do. Where the user database does not tell whom the name
    /// means, the name goes on as it came, for the log and for rules that ask nobody for a code.
    async fn admit(
        &self,
        user: &str,
        context: Dict,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<Admitted, Refusal> {
        let user = UserName::parse(user).map_err(|e| Refusal::argument(e.to_string()))?;
        let (crowd, known) = (&self.parts.crowd, self.keepers.take(header));
        let caller = Caller::identify(self.road, connection, header, crowd, known).await?;
        let circumstances = Circumstances::read(context, &caller)?;
        self.parts
            .authorize(&caller, Action::Login, Some(&user), connection)
            .await?;
        let named = self.parts.named(&user, &caller).await;
        let user = named.as_ref().map_or(user, |named| named.user.clone());
        Ok(Admitted {
            named,
            user,
            circumstances,
            caller,
        })
    }
}

impl LoginInterface {
    /// Decides on a code, remembers it at `place` if it is accepted, and answers once what it used up is
    /// stored.
    async fn judge(
        &self,
        named: Result<Named, Refusal>,
        code: &Code,
        circumstances: &Circumstances,
        place: Option<Place>,
    ) -> Result<Outcome, Refusal> {
        let Named { user, uid, .. } = named?;
        let user = &user;
        let parts = &self.parts;
        let (now, source) = (UnixSeconds(parts.clock.now()), circumstances.source());
        let step = |account: Account| {
            let mut decision = decide(&account, code, now, &source);
            if let Some(place) = place {
                decision = remember(decision, place, now);
            }
            (decision.account, decision.outcome)
        };
        // Who is not enrolled is asked for a code and refused all the same: the answer does not tell.
        parts.ledger.login(user, uid, durability, step).await
    }
}

/// What must be on the disk before the answer: that a code is used up. A failure outlives the daemon before
/// it is answered, and a power failure a moment later.
fn durability(outcome: &Outcome) -> Durability {
    match outcome {
        Outcome::Accepted { .. } => Durability::BestEffort,
        Outcome::Wrong | Outcome::Used { .. } | Outcome::Throttled { .. } | Outcome::Locked => {
            Durability::Soon
        }
    }
}

/// An outcome for the log.
fn describe(outcome: &Outcome) -> String {
    let of = |proof: &Proof| match proof {
        Proof::Token(name) => format!("token {}", Quoted(name.as_str())),
        Proof::RecoveryCode { left } => format!("recovery code, {left} left"),
        Proof::TemporaryCode => "temporary code".to_owned(),
    };
    match outcome {
        Outcome::Accepted { proof } => format!("accepted ({})", of(proof)),
        Outcome::Used { proof } => format!("used ({})", of(proof)),
        Outcome::Throttled { retry_after } => format!("throttled for {retry_after} s"),
        Outcome::Wrong | Outcome::Locked => outcome.verdict().to_string(),
    }
}

#[interface(name = "org.countersign1.Login", introspection_docs = false)]
impl LoginInterface {
    #[zbus(out_args("requirement", "details"))]
    async fn prepare(
        &self,
        user: &str,
        context: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(&'static str, Details), Refusal> {
        let since = Instant::now();
        let Admitted {
            named,
            user,
            circumstances,
            caller,
        } = self.admit(user, context, &header, connection).await?;
        let parts = &self.parts;
        let ruling = parts
            .ruling(&user, named.as_ref().ok(), &circumstances, &caller, since)
            .await;
        let owned = match named {
            // Nobody is looked up whom the rules ask for no code: who comes by a rule for emergencies is in at once,
            // whatever the store does.
            Ok(_) if ruling.require == Require::Never => Ok(Owned::Nobody),
            Ok(named) => parts.ledger.owned(&named.user, named.uid).await,
            Err(refusal) => Err(refusal),
        };
        let enrolled = match &owned {
            Ok(Owned::Theirs(account)) if account.is_enrolled() => Enrolled::Yes,
            Ok(Owned::Theirs(_) | Owned::Nobody) => Enrolled::No,
            Ok(Owned::Foreign) | Err(_) => Enrolled::Unknown,
        };
        let now = parts.clock.now();
        let needed = ruling.requirement(&circumstances.for_policy(), enrolled, now);
        let Sparing { requirement, left } =
            Sparing::of(needed, &ruling, &owned, &circumstances, now);
        let lengths = match owned {
            Ok(Owned::Theirs(account)) => account.code_lengths(),
            // A rule that asks nobody for a code lets in even when nobody can tell who is enrolled.
            Err(refusal) if requirement != Requirement::None => {
                let line = format!(
                    "prepare user={} {circumstances}: failed: {}",
                    Quoted(user.as_str()),
                    refusal.text
                );
                parts.log.write(Level::Error, &line);
                return Err(refusal);
            }
            Ok(Owned::Nobody | Owned::Foreign) | Err(_) => {
                Account::new(user.clone(), 0).code_lengths()
            }
        };
        if requirement != Requirement::Code {
            let (level, why) = match (requirement, left) {
                (Requirement::None, Some(left)) => {
                    let why = format!(" (remembered for another {left} s)");
                    (Level::Notice, why)
                }
                (Requirement::None, None) => (Level::Info, String::new()),
                _ => (Level::Warning, String::new()),
            };
            let line = format!(
                "prepare user={} {circumstances}: {requirement}{why}",
                Quoted(user.as_str())
            );
            parts.log.write(level, &line);
        }
        let mut details = Details::from([
            (keys::CODE_LENGTHS, value(lengths)?),
            (
                keys::LANGUAGE,
                value(parts.configuration.in_force().language.as_str())?,
            ),
        ]);
        if requirement == Requirement::Code
            && self.keepers.ask(&caller, connection) == Leave::Granted
        {
            details.insert(keys::KEEP, value(true)?);
        }
        if requirement == Requirement::Enroll
            && let Some(EnrollBy(by)) = ruling.put_off_until(now)
        {
            details.insert(keys::ENROLL_BY, value(by)?);
        }
        Ok((requirement.as_str(), details))
    }

    #[zbus(out_args("verdict", "details"))]
    async fn verify(
        &self,
        user: &str,
        code: &str,
        context: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(&'static str, Details), Refusal> {
        let since = Instant::now();
        let code = Code::parse(code);
        let Admitted {
            named,
            user,
            circumstances,
            caller,
        } = self.admit(user, context, &header, connection).await?;
        let outcome = match code {
            // Empty, too long, no letters and digits: nobody's code, and nothing to look up.
            Err(_) => Ok(Outcome::Wrong),
            Ok(code) => {
                let known = named.as_ref().ok();
                let place = (self.parts)
                    .place(&user, known, &circumstances, &caller, since)
                    .await;
                self.judge(named, &code, &circumstances, place).await
            }
        };
        let said = match &outcome {
            Ok(outcome) => describe(outcome),
            Err(refusal) => format!("failed: {}", refusal.text),
        };
        let level = match &outcome {
            Ok(Outcome::Accepted { .. }) => Level::Notice,
            Ok(_) => Level::Warning,
            Err(_) => Level::Error,
        };
        let line = format!(
            "verify user={} {circumstances}: {said}",
            Quoted(user.as_str())
        );
        self.parts.log.write(level, &line);
        if self.parts.ledger.is_shared() && !matches!(outcome, Ok(Outcome::Accepted { .. })) {
            sleep_until(since + SHARED_REFUSAL_TAKES).await;
        }
        let outcome = outcome?;
        let mut details = Details::new();
        if let (Outcome::Accepted { .. }, Some(service)) =
            (&outcome, circumstances.believed_service())
        {
            let now = self.parts.clock.now();
            self.parts.health.accepted(service, now);
        }
        match outcome {
            Outcome::Throttled { retry_after } => {
                details.insert(keys::RETRY_AFTER, value(retry_after)?);
            }
            Outcome::Accepted {
                proof: Proof::RecoveryCode { left },
            } => {
                details.insert(keys::RECOVERY_CODES_LEFT, value(count(left))?);
            }
            _ => {}
        }
        if matches!(outcome, Outcome::Wrong | Outcome::Used { .. })
            && self.keepers.ask(&caller, connection) == Leave::Granted
        {
            details.insert(keys::KEEP, value(true)?); // there may be another try
        }
        if let Some(spent) = outcome.spent() {
            details.insert(keys::SPENT, value(spent.as_str())?);
        }
        Ok((outcome.verdict().as_str(), details))
    }

    #[zbus(property(emits_changed_signal = "const"))]
    #[allow(clippy::unused_self, reason = "a property's getter has a receiver")]
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::TokenName;

    #[test]
    fn only_what_uses_a_code_up_waits_for_the_disk() {
        let name = TokenName::parse("phone").unwrap();
        for proof in [
            Proof::Token(name),
            Proof::RecoveryCode { left: 1 },
            Proof::TemporaryCode,
        ] {
            let accepted = Outcome::Accepted {
                proof: proof.clone(),
            };
            assert_eq!(durability(&accepted), Durability::BestEffort);
            assert_eq!(durability(&Outcome::Used { proof }), Durability::Soon);
        }
        let throttled = Outcome::Throttled { retry_after: 30 };
        for refused in [Outcome::Wrong, Outcome::Locked, throttled] {
            assert_eq!(durability(&refused), Durability::Soon);
        }
    }
}
