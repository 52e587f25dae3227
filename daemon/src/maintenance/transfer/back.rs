//! From the shared store to this host's own one.

use std::collections::BTreeSet;

use countersign_bus::UserName;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::super::trouble::Trouble;
use super::both::{Both, There, not_moved};
use crate::store::{Swapped, Version};
use crate::whereabouts::Whereabouts;

/// Whose records are taken.
enum Whose {
    All,
    These(BTreeSet<UserName>),
}

impl Whose {
    fn has(&self, user: &UserName) -> bool {
        match self {
            Self::All => true,
            Self::These(users) => users.contains(user),
        }
    }
}

/// Once through the shared store.
struct Round {
    moved: u64,
    /// Who has a record there, or had one that this host has taken.
    seen: BTreeSet<UserName>,
}

impl Both {
    /// Where the way there did not end, this host's own records are whole and none of them goes: back comes what had
    /// gone of them, and the other hosts' users stay theirs.
    pub(super) async fn take_back(&self) -> Result<Value, Trouble> {
        let noted = self.noted()?;
        if noted == Whereabouts::Here {
            return Ok(json!({ "records": 0 }));
        }
        // Finds out whether the server answers and lets this role see all, before anything is changed.
        self.page_there(None).await?;
        let whose = match noted {
            Whereabouts::Leaving => Whose::These(self.own_users()?.into_iter().collect()),
            Whereabouts::Moving => Whose::All,
            Whereabouts::Here | Whereabouts::Returning | Whereabouts::Shared => {
                self.note(Whereabouts::Returning)?;
                Whose::All
            }
        };
        let mut moved = 0;
        // Other hosts may enroll somebody meanwhile, in front of where we are.
        let seen = loop {
            let round = self.take_round(&whose).await?;
            moved += round.moved;
            if round.moved == 0 {
                break round.seen;
            }
        };
        if matches!(noted, Whereabouts::Shared | Whereabouts::Returning) {
            // What is here and not there was disabled since it was taken there.
            for user in self.own_users()? {
                if !seen.contains(&user) {
                    self.put_here(&user, None).await?;
                }
            }
        }
        self.note(Whereabouts::Here)?;
        Ok(json!({ "records": moved }))
    }

    async fn take_round(&self, whose: &Whose) -> Result<Round, Trouble> {
        let mut round = Round {
            moved: 0,
            seen: BTreeSet::new(),
        };
        let mut after = None;
        loop {
            let page = self.page_there(after.as_ref()).await?;
            let Some((last, _)) = page.last() else {
                return Ok(round);
            };
            after = Some(last.clone());
            for (user, found) in page.into_iter().filter(|(user, _)| whose.has(user)) {
                let found = found.map_err(|e| not_moved(&user, &e))?;
                match self.read(&user, found)? {
                    There::Account(version, record) => {
                        round.moved += u64::from(self.take_one(&user, version, record).await?);
                    }
                    There::TakenBy(host) => return Err(taken_by(&user, &host)),
                    There::TakenByUs(_) | There::Nothing(_) => {}
                }
                round.seen.insert(user);
            }
        }
    }

    /// On this disk first, then no longer there.
    async fn take_one(
        &self,
        user: &UserName,
        mut version: Version,
        mut record: Zeroizing<Vec<u8>>,
    ) -> Result<bool, Trouble> {
        loop {
            self.put_here(user, Some(&record)).await?;
            if self.close_there(user, version).await? != Swapped::Lost {
                return Ok(true);
            }
            (version, record) = match self.there(user).await? {
                There::Account(version, record) => (version, record),
                There::TakenByUs(_) => return Ok(true),
                There::TakenBy(host) => return Err(taken_by(user, &host)),
                There::Nothing(Version::ABSENT) => {
                    let text = "the shared store had it a moment ago, and knows nothing of it now";
                    return Err(not_moved(user, &text));
                }
                // Disabled on another host just now, so it must not live on here.
                There::Nothing(_) => {
                    self.put_here(user, None).await?;
                    return Ok(false);
                }
            };
        }
    }
}

fn taken_by(user: &UserName, host: &str) -> Trouble {
    not_moved(user, &format!("another host, {host}, has taken it"))
}
