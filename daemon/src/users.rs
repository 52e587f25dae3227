//! Who is behind a user name: the host's user database, which may be a slow one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use countersign_bus::UserName;
use tokio::sync::Semaphore;

/// Looks a name up. May block, as NSS does.
pub trait Directory: Send + Sync {
    /// The uid of the user; `None` when the database knows for sure that there is none.
    fn uid_of(&self, user: &UserName) -> io::Result<Option<u32>>;
}

/// The name service switch of this host.
pub struct SystemDirectory;

impl Directory for SystemDirectory {
    fn uid_of(&self, user: &UserName) -> io::Result<Option<u32>> {
        let found = nix::unistd::User::from_name(user.as_str())?;
        Ok(found.map(|found| found.uid.as_raw()))
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

    /// Look-ups in `directory`.
    pub fn new(directory: Arc<dyn Directory>) -> Self {
        Self {
            directory,
            for_root: Arc::new(Semaphore::new(Self::PLACES)),
            for_others: Arc::new(Semaphore::new(Self::PLACES)),
            patience: Self::PATIENCE,
        }
    }

    /// The uid of the user, or `None` when there is no such user, for a caller of that uid.
    pub async fn uid_of(&self, user: &UserName, caller: u32) -> Result<Option<u32>, CannotTell> {
        let places = if caller == 0 {
            &self.for_root
        } else {
            &self.for_others
        };
        let slow = || CannotTell(format!("no answer within {} s", self.patience.as_secs()));
        let answer = async {
            let place = Arc::clone(places).acquire_owned().await;
            let (directory, user) = (Arc::clone(&self.directory), user.clone());
            tokio::task::spawn_blocking(move || {
                let _held_until_the_lookup_ends = place;
                directory.uid_of(&user)
            })
            .await
        };
        match tokio::time::timeout(self.patience, answer).await {
            Err(_elapsed) => Err(slow()),
            Ok(Err(lost)) => Err(CannotTell(lost.to_string())),
            Ok(Ok(found)) => found.map_err(|e| CannotTell(e.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stuck;
    impl Directory for Stuck {
        fn uid_of(&self, _: &UserName) -> io::Result<Option<u32>> {
            std::thread::park_timeout(Duration::from_secs(1));
            Ok(Some(1))
        }
    }

    struct Broken;
    impl Directory for Broken {
        fn uid_of(&self, _: &UserName) -> io::Result<Option<u32>> {
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
                .uid_of(&UserName::parse("root").unwrap(), 0)
                .await
                .unwrap(),
            Some(0)
        );
        let unknown = UserName::parse("nobody-s-cat").unwrap();
        assert_eq!(users.uid_of(&unknown, 0).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_failing_database_is_not_an_absent_user() {
        let users = Users::new(Arc::new(Broken));
        assert!(users.uid_of(&alice(), 0).await.is_err());
    }

    #[tokio::test]
    async fn who_crowds_a_slow_database_does_not_keep_root_out() {
        let users = Arc::new(Users {
            for_others: Arc::new(Semaphore::new(0)),
            patience: Duration::from_millis(50),
            ..Users::new(Arc::new(SystemDirectory))
        });
        let root = UserName::parse("root").unwrap();
        assert!(users.uid_of(&root, 1000).await.is_err());
        assert_eq!(users.uid_of(&root, 0).await.unwrap(), Some(0));
    }

    #[tokio::test]
    async fn a_stuck_database_is_given_up() {
        let users = Users {
            patience: Duration::from_millis(20),
            ..Users::new(Arc::new(Stuck))
        };
        let CannotTell(why) = users.uid_of(&alice(), 0).await.unwrap_err();
        assert_eq!(why, "no answer within 0 s");
    }
}
