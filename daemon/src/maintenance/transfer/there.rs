//! From this host's own store to the shared one.

use std::collections::BTreeSet;

use countersign_bus::UserName;
use serde_json::{Value, json};

use super::super::trouble::Trouble;
use super::both::{Both, There, not_moved};
use crate::store::{Swapped, Version};
use crate::whereabouts::Whereabouts;

impl Both {
    /// Everything is looked at before anything is changed, and everything has come before this host's own records go.
    pub(super) async fn take_there(&self) -> Result<Value, Trouble> {
        let founded = self.shared.found().await;
        founded.map_err(|e| Trouble::new("server", e.to_string()))?;
        let noted = self.noted()?;
        let mut moved = 0_u64;
        if noted != Whereabouts::Shared {
            let there = self.users_there().await?;
            if noted == Whereabouts::Here {
                self.find_conflicts(&there).await?;
                self.note(Whereabouts::Leaving)?;
            }
            for user in self.own_users()? {
                moved += u64::from(self.put_there(&user, &there, noted).await?);
            }
            self.see_all_there().await?;
            self.note(Whereabouts::Shared)?;
        }
        for user in self.own_users()? {
            self.put_here(&user, None).await?;
        }
        Ok(json!({ "records": moved }))
    }

    /// Nobody may have an enrollment in both stores: which of them counts is the user's to say.
    async fn find_conflicts(&self, there: &BTreeSet<UserName>) -> Result<(), Trouble> {
        let mut conflicts = Vec::new();
        for user in self.own_users()?.iter().filter(|it| there.contains(it)) {
            match self.there(user).await? {
                There::Nothing(_) | There::TakenByUs(_) => {}
                There::TakenBy(_) | There::Account(..) => conflicts.push(user.to_string()),
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        let text = "these users have an enrollment in the shared store, too";
        Err(Trouble::new("conflict", text).with("users", conflicts))
    }

    async fn put_there(
        &self,
        user: &UserName,
        listed: &BTreeSet<UserName>,
        noted: Whereabouts,
    ) -> Result<bool, Trouble> {
        // Whoever is not listed is not asked for, since records that are asked for are counted: the swap finds out.
        let mut found = if listed.contains(user) {
            self.there(user).await?
        } else {
            There::Nothing(Version::ABSENT)
        };
        loop {
            let version = match found {
                // It had come from there, and was disabled there since.
                There::Nothing(version)
                    if noted == Whereabouts::Returning && version != Version::ABSENT =>
                {
                    self.put_here(user, None).await?;
                    return Ok(false);
                }
                There::Nothing(version) | There::TakenByUs(version) => version,
                // Of an earlier run that was interrupted. This host's own has been closed ever since, so that one is the newer.
                There::TakenBy(_) | There::Account(..) => return Ok(false),
            };
            let Some(record) = self.own_record(user)?.record else {
                return Ok(false);
            };
            if self.swap_there(user, version, Some(&record)).await? != Swapped::Lost {
                return Ok(true);
            }
            found = self.there(user).await?;
        }
    }

    /// Makes sure of every own record, and clears away what an earlier move back left of users who were disabled since:
    /// no host could enroll them again.
    async fn see_all_there(&self) -> Result<(), Trouble> {
        let mut missing: BTreeSet<_> = self.own_users()?.into_iter().collect();
        let mut after = None;
        loop {
            let page = self.page_there(after.as_ref()).await?;
            let Some((last, _)) = page.last() else {
                break;
            };
            after = Some(last.clone());
            for (user, found) in page {
                let found = found.map_err(|e| not_moved(&user, &e))?;
                match self.read(&user, found)? {
                    There::Account(..) => {
                        missing.remove(&user);
                    }
                    // Who is first with another record keeps that.
                    There::TakenByUs(version) if !missing.contains(&user) => {
                        self.swap_there(&user, version, None).await?;
                    }
                    There::TakenByUs(_) | There::TakenBy(_) | There::Nothing(_) => {}
                }
            }
        }
        match missing.first() {
            None => Ok(()),
            Some(user) => {
                let text = "it is not in the shared store, and should be";
                Err(not_moved(user, &text))
            }
        }
    }

    async fn users_there(&self) -> Result<BTreeSet<UserName>, Trouble> {
        let mut users = BTreeSet::new();
        loop {
            let page = self.page_there(users.last()).await?;
            if page.is_empty() {
                return Ok(users);
            }
            users.extend(page.into_iter().map(|(user, _)| user));
        }
    }
}
