//! Who is in which group: the host's user database, asked so that a slow one holds up nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_bus::UserName;
use countersign_config::{Finding, GroupDirectory, GroupName, NameSources};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};

/// Look-ups of groups: each on a thread of its own, in bounded number, one at a time for each user and
/// group. Whoever asks for what is being looked up already waits for that answer.
///
/// They have places of their own. With those of [`crate::users::Users`], a directory that hangs over one
/// group would soon keep everybody from being looked up at all, also where no rule asks for a group.
pub struct Groups {
    directory: Arc<dyn GroupDirectory>,
    /// Root's programs, which log people in.
    for_root: Arc<Semaphore>,
    /// Everybody else.
    for_others: Arc<Semaphore>,
    asked: Arc<Mutex<Asked>>,
    patience: Duration,
    kept: Duration,
}

/// What was asked lately, and what came of it.
type Asked = HashMap<(UserName, GroupName), Lookup>;

/// One look-up, under way or done.
struct Lookup {
    begun: Instant,
    /// Empty as long as it is under way.
    answer: watch::Receiver<Option<Finding>>,
}

impl Groups {
    /// How many look-ups are under way at once, for root and again for others; more wait.
    const PLACES: usize = 4;
    /// The threads that this takes. The unit allows 32 in all.
    pub const THREADS: usize = 2 * Self::PLACES;
    /// From the call on until its answer, look-ups of the user included: well under the PAM module's
    /// own deadline.
    pub const PATIENCE: Duration = Duration::from_secs(3);
    /// So long an answer from elsewhere serves again, so that a burst of logins does not fall on a
    /// directory. This host's own files are read each time.
    const KEPT: Duration = Duration::from_secs(10);
    /// So many look-ups are remembered or under way.
    const MOST: usize = 1024;

    /// Look-ups in `directory`.
    pub fn new(directory: Arc<dyn GroupDirectory>) -> Self {
        Self {
            directory,
            for_root: Arc::new(Semaphore::new(Self::PLACES)),
            for_others: Arc::new(Semaphore::new(Self::PLACES)),
            asked: Arc::default(),
            patience: Self::PATIENCE,
            kept: Self::KEPT,
        }
    }

    /// Is the user in the group? Asked by a caller of that uid, and answered by `until`. `primary` is
    /// the gid of the user's primary group; a user without one is not in the user database.
    pub async fn find(
        &self,
        user: &UserName,
        primary: Option<u32>,
        group: &GroupName,
        caller: u32,
        until: Instant,
    ) -> Finding {
        let Some(primary) = primary else {
            // Made-up names ask nobody.
            return match self.directory.sources() {
                NameSources::Local => Finding::NotMember,
                NameSources::Remote(_) => Finding::CannotTell("the user is not found".to_owned()),
            };
        };
        let mut answer = match self.join(user, primary, group, caller) {
            Ok(answer) => answer,
            Err(cannot) => return cannot,
        };
        let late = || {
            let waited = format!("no answer within {} s", self.patience.as_secs());
            Finding::CannotTell(waited)
        };
        let lost = || Finding::CannotTell("the look-up failed".to_owned());
        match timeout_at(until, answer.wait_for(Option::is_some)).await {
            Err(_elapsed) => late(),
            Ok(Err(_closed)) => lost(),
            Ok(Ok(found)) => found.clone().unwrap_or_else(lost),
        }
    }

    /// The answer of a look-up that was begun before or begins now.
    fn join(
        &self,
        user: &UserName,
        primary: u32,
        group: &GroupName,
        caller: u32,
    ) -> Result<watch::Receiver<Option<Finding>>, Finding> {
        let key = (user.clone(), group.clone());
        let mut asked = lock(&self.asked);
        asked.retain(|_, lookup| lookup.is_under_way() || lookup.begun.elapsed() < self.kept);
        if let Some(lookup) = asked.get(&key) {
            let waited = lookup.begun.elapsed();
            if lookup.is_under_way() && waited > self.patience {
                let waited = format!("no answer since {} s", waited.as_secs());
                return Err(Finding::CannotTell(waited));
            }
            return Ok(lookup.answer.clone());
        }
        if asked.len() >= Self::MOST {
            asked.retain(|_, lookup| lookup.is_under_way());
        }
        if asked.len() >= Self::MOST {
            let full = "too many look-ups wait for their answer".to_owned();
            return Err(Finding::CannotTell(full));
        }
        let (tell, answer) = watch::channel(None);
        let lookup = Lookup {
            begun: Instant::now(),
            answer: answer.clone(),
        };
        asked.insert(key.clone(), lookup);
        drop(asked);
        self.begin(key, primary, caller, tell);
        Ok(answer)
    }

    fn begin(
        &self,
        key: (UserName, GroupName),
        primary: u32,
        caller: u32,
        tell: watch::Sender<Option<Finding>>,
    ) {
        let places = match caller {
            0 => Arc::clone(&self.for_root),
            _ => Arc::clone(&self.for_others),
        };
        let (directory, asked) = (Arc::clone(&self.directory), Arc::clone(&self.asked));
        tokio::spawn(async move {
            let place = places.acquire_owned().await;
            let (user, group) = key.clone();
            let found = tokio::task::spawn_blocking(move || {
                let _held_until_the_lookup_ends = place;
                let found = directory.find(&user, primary, &group);
                (found, directory.sources())
            })
            .await;
            let (found, sources) = match found {
                Ok(found) => found,
                Err(lost) => (Finding::CannotTell(lost.to_string()), NameSources::Local),
            };
            if sources == NameSources::Local {
                lock(&asked).remove(&key);
            }
            tell.send_replace(Some(found));
        });
    }
}

impl Lookup {
    fn is_under_way(&self) -> bool {
        self.answer.borrow().is_none()
    }
}

/// Each change is one call of the map, so that a panic leaves nothing half made.
fn lock(asked: &Mutex<Asked>) -> MutexGuard<'_, Asked> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
