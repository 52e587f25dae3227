//! Rules with `remember`: which login is spared a code, and which code spares the next login one.

use std::time::Duration;

use countersign_bus::{Requirement, UserName};
use countersign_config::policy::Ruling;
use tokio::time::Instant;

use super::Parts;
use crate::account::{Account, Place, UnixSeconds, remembered};
use crate::caller::Caller;
use crate::circumstances::Circumstances;
use crate::groups::Groups;
use crate::ledger::Owned;
use crate::refusal::Refusal;
use crate::users::Named;

/// So long is waited for the groups of somebody who has typed a code. Remembering it is a comfort, and
/// no reason to use up what the module's deadline leaves.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a login needs in the end.
pub struct Sparing {
    /// `None` in place of `Code` for a login that is spared one.
    pub requirement: Requirement,
    /// For how many more seconds the earlier code counts.
    pub left: Option<u64>,
}

impl Sparing {
    /// Spares a login its code where one was accepted a while ago. How long ago it may have been is said
    /// by the rule of today, and only a code is ever spared: neither a refusal nor an enrollment.
    pub fn of(
        requirement: Requirement,
        ruling: &Ruling,
        owned: &Result<Owned, Refusal>,
        circumstances: &Circumstances,
        now: u64,
    ) -> Self {
        let left = match (requirement, owned) {
            (Requirement::Code, Ok(Owned::Theirs(account))) => {
                seconds_left(ruling, account, circumstances, now)
            }
            _ => None,
        };
        let requirement = left.map_or(requirement, |_| Requirement::None);
        Self { requirement, left }
    }
}

fn seconds_left(
    ruling: &Ruling,
    account: &Account,
    circumstances: &Circumstances,
    now: u64,
) -> Option<u64> {
    let span = ruling.remember?.0.into();
    remembered(account, circumstances.place()?, UnixSeconds(now), span)
}

impl Parts {
    /// Where to remember an accepted code of this login, if its rule says that it counts for a while.
    /// The rules are asked again, since nothing is kept between the two calls of a login.
    pub(super) async fn place(
        &self,
        user: &UserName,
        named: Option<&Named>,
        circumstances: &Circumstances,
        caller: &Caller,
        since: Instant,
    ) -> Option<Place> {
        let place = circumstances.place()?;
        // Groups may have to be looked up, which is not worth it where no rule remembers anything.
        let config = self.configuration.in_force();
        let rules = config.policy.rules();
        if !rules.iter().any(|rule| rule.remember.is_some()) {
            return None;
        }
        // As if the call had come some time ago, so that the look-ups end sooner.
        let waited = Groups::PATIENCE.saturating_sub(PATIENCE);
        let since = since.checked_sub(waited).unwrap_or(since);
        let ruling = self.ruling(user, named, circumstances, caller, since).await;
        ruling.remember.map(|_| place)
    }
}

#[cfg(test)]
mod tests {
    use countersign_bus::Fault;
    use countersign_config::Seconds;
    use countersign_config::policy::Require;
    use zbus::{OwnedVariant, Variant};

    use super::*;
    use crate::account::fixtures::{NOW, accepted, alice, code_now, totp};
    use crate::account::{Source, decide, remember};
    use crate::caller::{Interaction, Line};

    fn over_ssh(uid: u32) -> Circumstances {
        let sent = [("service", "sshd"), ("rhost", "192.0.2.7")].map(|(key, value)| {
            let value = OwnedVariant::try_from(Variant::from(value)).unwrap();
            (key.to_owned(), value)
        });
        let caller = Caller {
            uid,
            name: None,
            line: Line::Direct(1),
            interaction: Interaction::None,
            place: None,
        };
        Circumstances::read(sent.into(), &caller).unwrap()
    }

    /// Alice, who has shown a code over SSH.
    fn theirs() -> Owned {
        let phone = totp("phone", "2SH3V3GDW7ZNMGYE");
        let account = alice(vec![phone.clone()]);
        let decision = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local);
        assert!(accepted(&decision));
        let place = over_ssh(0).place().unwrap();
        let account = remember(decision, place, NOW).account;
        Owned::Theirs(Box::new(account))
    }

    fn ruling(remember: Option<u32>) -> Ruling {
        Ruling {
            require: Require::Always,
            enroll_by: None,
            remember: remember.map(Seconds),
        }
    }

    #[test]
    fn only_a_code_is_spared() {
        for (needed, spared) in [
            (Requirement::Code, Requirement::None),
            (Requirement::Denied, Requirement::Denied),
            (Requirement::Enroll, Requirement::Enroll),
            (Requirement::None, Requirement::None),
        ] {
            let here = over_ssh(0);
            let (owned, now) = (Ok(theirs()), NOW.0 + 100);
            let sparing = Sparing::of(needed, &ruling(Some(600)), &owned, &here, now);
            assert_eq!(sparing.requirement, spared);
            let left = (needed == Requirement::Code).then_some(500);
            assert_eq!(sparing.left, left, "{needed}");
        }
    }

    #[test]
    fn a_code_is_needed_where_anything_is_missing() {
        let refused = || Err(Refusal::new(Fault::StorageFailed, "unreadable"));
        for (what, ruling, owned, uid, later) in [
            ("no word in the rule", ruling(None), Ok(theirs()), 0, 0),
            (
                "a shorter word by now",
                ruling(Some(60)),
                Ok(theirs()),
                0,
                60,
            ),
            ("too late", ruling(Some(600)), Ok(theirs()), 0, 600),
            ("not root", ruling(Some(600)), Ok(theirs()), 1000, 0),
            ("nobody's", ruling(Some(600)), Ok(Owned::Nobody), 0, 0),
            ("another's", ruling(Some(600)), Ok(Owned::Foreign), 0, 0),
            ("unreadable", ruling(Some(600)), refused(), 0, 0),
        ] {
            let (needed, now) = (Requirement::Code, NOW.0 + later);
            let sparing = Sparing::of(needed, &ruling, &owned, &over_ssh(uid), now);
            assert_eq!(sparing.requirement, needed, "{what}");
            assert_eq!(sparing.left, None, "{what}");
        }
    }
}
