//! Who is behind a user name: the host's user database, which may be a slow one.

mod local;

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_bus::UserName;
use tokio::sync::Semaphore;

/// A user as the database knows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The name as the database writes it. There can be other spellings that lead to the same user:
    /// directories that ignore case, or take a name with and without its domain.
    pub name: String,
    /// The uid.
    pub uid: u32,
    /// The gid of the primary group.
    pub gid: u32,
}

/// Looks a name up. May block, as NSS does.
pub trait Directory: Send + Sync {
    /// The user of that name; `None` when the database knows for sure that there is none.
    fn find(&self, user: &UserName) -> io::Result<Option<Person>>;

    /// A user who can be told in some ten microseconds, so that no other login need wait meanwhile. `None` is
    /// no answer.
    fn at_hand(&self, user: &UserName) -> Option<Person> {
        let _ = user;
        None
    }

    /// What a user of that uid is called. `None` where nobody is, or nobody says.
    fn name(&self, uid: u32) -> Option<String> {
        let _ = uid;
        None
    }

    /// Which of these users the host knows for sure without being asked for each. The others must be
    /// looked up.
    fn confirm(&self, users: &[(UserName, u32)]) -> Vec<UserName> {
        let _ = users;
        Vec::new()
    }
}

/// The name service switch of this host.
pub struct SystemDirectory;

impl Directory for SystemDirectory {
    fn find(&self, user: &UserName) -> io::Result<Option<Person>> {
        let found = nix::unistd::User::from_name(user.as_str())?;
        Ok(found.map(|found| Person {
            name: found.name,
            uid: found.uid.as_raw(),
            gid: found.gid.as_raw(),
        }))
    }

    fn at_hand(&self, user: &UserName) -> Option<Person> {
        local::at_hand(Path::new("/etc"), user)
    }

    fn name(&self, uid: u32) -> Option<String> {
        let found = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok()??;
        Some(found.name)
    }

    fn confirm(&self, users: &[(UserName, u32)]) -> Vec<UserName> {
        // What cannot be read confirms nobody.
        let names = users.iter().map(|(user, _)| user);
        let local = local::read(Path::new("/etc"), names).unwrap_or_default();
        users
            .iter()
            .filter(|(user, uid)| local.get(user.as_str()) == Some(uid))
            .map(|(user, _)| user.clone())
            .collect()
    }
}

/// Whom a user name that came from outside means. Everything is kept and decided under `user`, so that
/// nobody slips past an enrollment, or a rule, by another spelling of the name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The name as the database writes it; as it came where there is no such user.
    pub user: UserName,
    /// The uid, if there is such a user.
    pub uid: Option<u32>,
    /// The gid of the primary group, likewise.
    pub gid: Option<u32>,
}

impl Named {
    fn of(Person { name, uid, gid }: Person) -> Result<Self, CannotTell> {
        Ok(Self {
            user: UserName::parse(&name).map_err(|e| CannotTell(e.to_string()))?,
            uid: Some(uid),
            gid: Some(gid),
        })
    }
}

/// The third answer beside yes and no: the user database did not tell.
#[derive(Debug)]
pub struct CannotTell(pub String);

/// Look-ups that block no other login: each on a thread of its own, in bounded number and time.
pub struct Users {
    directory: Arc<dyn Directory>,
    /// Root's programs, which log people in.
    for_root: Arc<Semaphore>,
    /// Everybody else, who could take all places of a slow database and keep others out.
    for_others: Arc<Semaphore>,
    patience: Duration,
}

impl Users {
    /// How many look-ups are under way at once, for root and again for others; more wait.
    const PLACES: usize = 8;
    /// The threads that this takes. The unit allows 32 in all.
    pub const THREADS: usize = 2 * Self::PLACES;
    /// Under the PAM module's own deadline, so that its log line is ours and not a time-out.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// How much longer all look-ups for one page of a list may take; the tool waits 30 s for it.
    const PAGE_PATIENCE: u32 = 5;

    /// Look-ups in `directory`.
    pub fn new(directory: Arc<dyn Directory>) -> Self {
        Self {
            directory,
            for_root: Arc::new(Semaphore::new(Self::PLACES)),
            for_others: Arc::new(Semaphore::new(Self::PLACES)),
            patience: Self::PATIENCE,
        }
    }

    /// What a caller of that uid is called, for the log. `None` when the database does not say so in
    /// time.
    pub async fn name(&self, caller: u32) -> Option<String> {
        if caller == 0 {
            return Some("root".to_owned());
        }
        let answer = async {
            let place = Arc::clone(&self.for_others).acquire_owned().await;
            let directory = Arc::clone(&self.directory);
            tokio::task::spawn_blocking(move || {
                let _held_until_the_lookup_ends = place;
                directory.name(caller)
            })
            .await
        };
        let named = tokio::time::timeout(self.patience, answer).await;
        named.ok()?.ok()?
    }

    /// Which of these users are not, or no longer, those of that uid. Nobody is accused where the
    /// database does not tell, or takes longer for all together than whoever asked waits.
    pub async fn strangers(&self, users: Vec<(UserName, u32)>, caller: u32) -> HashSet<UserName> {
        let begun = Instant::now();
        let confirmed = self.confirmed(users.clone(), caller).await;
        let mut strangers = HashSet::new();
        for (user, uid) in users {
            if confirmed.contains(&user) {
                continue;
            }
            if begun.elapsed() > self.patience.saturating_mul(Self::PAGE_PATIENCE) {
                break;
            }
            match self.find(&user, caller).await {
                Ok(named) if named.uid == Some(uid) => {}
                Ok(_) => drop(strangers.insert(user)),
                // It is not asked about the others either.
                Err(CannotTell(_)) => break,
            }
        }
        strangers
    }

    async fn confirmed(&self, users: Vec<(UserName, u32)>, caller: u32) -> HashSet<UserName> {
        let answer = async {
            let place = Arc::clone(self.places(caller)).acquire_owned().await;
            let directory = Arc::clone(&self.directory);
            tokio::task::spawn_blocking(move || {
                let _held_until_the_lookup_ends = place;
                directory.confirm(&users)
            })
            .await
        };
        let confirmed = tokio::time::timeout(self.patience, answer).await;
        match confirmed {
            Ok(Ok(confirmed)) => confirmed.into_iter().collect(),
            Ok(Err(_)) | Err(_) => HashSet::new(),
        }
    }

    const fn places(&self, caller: u32) -> &Arc<Semaphore> {
        if caller == 0 {
            &self.for_root
        } else {
            &self.for_others
        }
    }

    /// Whom a name means, for a caller of that uid.
    pub async fn find(&self, user: &UserName, caller: u32) -> Result<Named, CannotTell> {
        // Two changes of threads take longer than to look.
        if let Some(person) = self.directory.at_hand(user) {
            return Named::of(person);
        }
        let places = self.places(caller);
        let slow = || CannotTell(format!("no answer within {} s", self.patience.as_secs()));
        let answer = async {
            let place = Arc::clone(places).acquire_owned().await;
            let (directory, user) = (Arc::clone(&self.directory), user.clone());
            tokio::task::spawn_blocking(move || {
                let _held_until_the_lookup_ends = place;
                directory.find(&user)
            })
            .await
        };
        let looked_up = match tokio::time::timeout(self.patience, answer).await {
            Err(_elapsed) => return Err(slow()),
            Ok(Err(lost)) => return Err(CannotTell(lost.to_string())),
            Ok(Ok(found)) => found.map_err(|e| CannotTell(e.to_string()))?,
        };
        match looked_up {
            Some(person) => Named::of(person),
            None => Ok(Named {
                user: user.clone(),
                uid: None,
                gid: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stuck;
    impl Directory for Stuck {
        fn find(&self, _: &UserName) -> io::Result<Option<Person>> {
            std::thread::park_timeout(Duration::from_secs(1));
            Ok(None)
        }
    }

    struct Broken;
    impl Directory for Broken {
        fn find(&self, _: &UserName) -> io::Result<Option<Person>> {
            Err(io::Error::from_raw_os_error(5))
        }
    }

    fn alice() -> UserName {
        UserName::parse("alice").unwrap()
    }

    #[tokio::test]
    async fn the_host_knows_root_and_not_nobody_s_cat() {
        let users = Users::new(Arc::new(SystemDirectory));
        assert_eq!(
            users
                .find(&UserName::parse("root").unwrap(), 0)
                .await
                .unwrap()
                .uid,
            Some(0)
        );
        let unknown = UserName::parse("nobody-s-cat").unwrap();
        assert_eq!(users.find(&unknown, 0).await.unwrap().uid, None);
    }

    /// A directory as of a Windows domain: it takes a name in any case.
    struct Folding;
    impl Directory for Folding {
        fn find(&self, user: &UserName) -> io::Result<Option<Person>> {
            let name = user.as_str().to_lowercase();
            let (uid, gid) = (1000, 100);
            Ok((name == "alice").then_some(Person { name, uid, gid }))
        }
    }

    #[tokio::test]
    async fn every_spelling_of_a_name_means_the_same_user() {
        let users = Users::new(Arc::new(Folding));
        let named = Named {
            user: alice(),
            uid: Some(1000),
            gid: Some(100),
        };
        for typed in ["alice", "Alice", "ALICE"] {
            let typed = UserName::parse(typed).unwrap();
            assert_eq!(users.find(&typed, 0).await.unwrap(), named);
        }
        let unknown = UserName::parse("Bob").unwrap();
        let found = users.find(&unknown, 0).await.unwrap();
        assert_eq!((found.user, found.uid), (unknown, None));
    }

    #[tokio::test]
    async fn a_failing_database_is_not_an_absent_user() {
        let users = Users::new(Arc::new(Broken));
        assert!(users.find(&alice(), 0).await.is_err());
    }

    #[tokio::test]
    async fn who_crowds_a_slow_database_does_not_keep_root_out() {
        let users = Arc::new(Users {
            for_others: Arc::new(Semaphore::new(0)),
            patience: Duration::from_millis(50),
            ..Users::new(Arc::new(SystemDirectory))
        });
        let nobody = UserName::parse("nobody-s-cat").unwrap();
        assert!(users.find(&nobody, 1000).await.is_err());
        assert_eq!(users.find(&nobody, 0).await.unwrap().uid, None);
    }

    /// It confirms alice, and is asked about everybody else.
    struct Counting(std::sync::Mutex<Vec<String>>);
    impl Directory for Counting {
        fn find(&self, user: &UserName) -> io::Result<Option<Person>> {
            self.0.lock().unwrap().push(user.to_string());
            let (uid, gid) = (7, 7);
            Ok((user.as_str() != "gone").then(|| Person {
                name: user.to_string(),
                uid,
                gid,
            }))
        }

        fn confirm(&self, users: &[(UserName, u32)]) -> Vec<UserName> {
            let alice = users.iter().filter(|it| *it == &(alice(), 7));
            alice.map(|(user, _)| user.clone()).collect()
        }
    }

    #[tokio::test]
    async fn of_a_page_only_those_are_looked_up_whom_the_host_does_not_confirm() {
        let directory = Arc::new(Counting(std::sync::Mutex::default()));
        let users = Users::new(Arc::clone(&directory) as Arc<dyn Directory>);
        let page = [("alice", 7), ("bob", 7), ("carol", 8), ("gone", 7)];
        let page = page.map(|(name, uid)| (UserName::parse(name).unwrap(), uid));
        let strangers = users.strangers(page.to_vec(), 0).await;
        let [_, _, carol, gone] = page.map(|(user, _)| user);
        assert_eq!(strangers, HashSet::from([carol, gone]));
        assert_eq!(*directory.0.lock().unwrap(), ["bob", "carol", "gone"]);
    }

    #[tokio::test]
    async fn nobody_is_called_a_stranger_by_a_database_that_fails() {
        let users = Users::new(Arc::new(Broken));
        assert!(users.strangers(vec![(alice(), 1)], 0).await.is_empty());
    }

    #[tokio::test]
    async fn a_stuck_database_is_given_up() {
        let users = Users {
            patience: Duration::from_millis(20),
            ..Users::new(Arc::new(Stuck))
        };
        let CannotTell(why) = users.find(&alice(), 0).await.unwrap_err();
        assert_eq!(why, "no answer within 0 s");
    }
}
