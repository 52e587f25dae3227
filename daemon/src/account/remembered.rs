use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::decide::{Decision, Outcome, Proof};
use super::hash::Digest;
use super::record::Account;
use super::time::UnixSeconds;

/// The most places that an account remembers. One more pushes the oldest out.
const MAX_PLACES: usize = 16;
/// The longest name of a service, terminal or login session that makes a place, in bytes. The module
/// sends no more of them, and two that were cut may be the same by accident.
const MAX_BYTES: usize = 254;

/// One service as it is used from one place: from a remote address, or at a terminal in a login
/// session. Kept as a digest: equal or not is all that is asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(Digest);

impl Place {
    /// The place of a login as one of root's programs tells it, if it is a place that can be
    /// recognised.
    ///
    /// A remote host that is told by its name is none: whoever answers for the address's reverse
    /// zone chooses the name. Nor is an address with an interface behind it (`fe80::1%eth0`), which
    /// another host has on another link. Without a remote host it takes the terminal and the login
    /// session, since the next login gets the same terminal.
    pub fn of_login(service: &str, tty: &str, rhost: &str, session: &str) -> Option<Self> {
        let told = |text: &str| !text.is_empty() && text.len() <= MAX_BYTES;
        if !told(service) {
            return None;
        }
        if rhost.is_empty() {
            return (told(tty) && told(session))
                .then(|| Self(Digest::of(&[service, "terminal", tty, session])));
        }
        let address = rhost.parse::<IpAddr>().ok()?.to_canonical();
        (!address.is_unspecified())
            .then(|| Self(Digest::of(&[service, "address", &address.to_string()])))
    }
}

/// The places where a code was accepted, in the order in which that happened.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Remembered(Vec<Entry>);

/// A code was accepted here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    place: Place,
    since: UnixSeconds,
}

/// More places than an account remembers, or the same one twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BadPlaces;

impl Remembered {
    /// Is there nothing to remember?
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what lies in the future: the clock was put back, and when that moment comes again
    /// nobody has shown a code.
    pub(super) fn settle(&mut self, now: UnixSeconds) {
        self.0.retain(|entry| entry.since <= now);
    }

    /// For how many more seconds an accepted code counts that counts for `span` seconds; `None` when
    /// it does not any more.
    fn seconds_left(&self, place: Place, now: UnixSeconds, span: u64) -> Option<u64> {
        let entry = self.0.iter().find(|entry| entry.place == place)?;
        let age = now.0.checked_sub(entry.since.0)?;
        span.checked_sub(age).filter(|left| *left > 0)
    }

    fn add(&mut self, place: Place, now: UnixSeconds) {
        self.0.retain(|entry| entry.place != place);
        let too_many = (self.0.len() + 1).saturating_sub(MAX_PLACES);
        self.0.drain(..too_many);
        self.0.push(Entry { place, since: now });
    }

    /// What its type does not rule out, where it came out of a record.
    pub(super) fn check(&self) -> Result<(), BadPlaces> {
        let mut seen: Vec<Place> = Vec::with_capacity(MAX_PLACES);
        for entry in &self.0 {
            if seen.len() == MAX_PLACES || seen.contains(&entry.place) {
                return Err(BadPlaces);
            }
            seen.push(entry.place);
        }
        Ok(())
    }
}

/// For how many more seconds no new code is needed at this place, where an accepted one counts for
/// `span` seconds. `None`: one is needed.
///
/// While the tokens are locked nothing is remembered. The lock says that their codes prove nothing
/// for now, and what is remembered rests on one of them.
pub fn remembered(account: &Account, place: Place, now: UnixSeconds, span: u64) -> Option<u64> {
    if !account.is_enrolled() || account.budgets().is_locked() {
        return None;
    }
    account.remembered.seconds_left(place, now, span)
}

/// Remembers the place of a login that was let in by the code of a token.
///
/// Not that of a recovery code or a temporary code. Each of them is told to be good for so many
/// logins, and stands for a token that is not at hand, maybe because somebody took it.
pub fn remember(mut decision: Decision, place: Place, now: UnixSeconds) -> Decision {
    if let Outcome::Accepted {
        proof: Proof::Token(_),
    } = decision.outcome
    {
        decision.account.remembered.add(place, now);
    }
    decision
}

#[cfg(test)]
#[path = "remembered_tests.rs"]
mod tests;
