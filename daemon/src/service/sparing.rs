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
