use countersign_bus::DAEMON_USER;
use nix::unistd::{Gid, Uid, User, getegid, geteuid, setegid, seteuid, setgid, setgroups, setuid};

use super::trouble::Trouble;

/// The user that the store belongs to.
pub struct Identity {
    uid: Uid,
    gid: Gid,
}

impl Identity {
    /// Looks it up. Whoever is not root is taken to be that user; the files will tell.
    pub fn find() -> Result<Self, Trouble> {
        if !geteuid().is_root() {
            return Ok(Self {
                uid: geteuid(),
                gid: getegid(),
            });
        }
        let user = User::from_name(DAEMON_USER)
            .map_err(|e| Trouble::system("looking up the daemon's user", &e))?;
        let user = user.ok_or_else(|| {
            Trouble::new(
                "no-user",
                format!("there is no user {DAEMON_USER} on this host"),
            )
        })?;
        Ok(Self {
            uid: user.uid,
            gid: user.gid,
        })
    }

    /// Whose files are the store's.
    pub const fn owner(&self) -> (Uid, Gid) {
        (self.uid, self.gid)
    }

    /// Becomes that user for good: nothing that is read from here on can make root do anything.
    pub fn become_it(&self) -> Result<(), Trouble> {
        if !geteuid().is_root() {
            return Ok(());
        }
        setgroups(&[self.gid])
            .and_then(|()| setgid(self.gid))
            .and_then(|()| setuid(self.uid))
            .map_err(|e| Trouble::system("becoming the daemon's user", &e))
    }

    /// Does something as that user.
    pub fn acting<T>(&self, act: impl FnOnce() -> std::io::Result<T>) -> std::io::Result<T> {
        if !geteuid().is_root() {
            return act();
        }
        let (uid, gid) = (geteuid(), getegid());
        setegid(self.gid)?;
        let done = match seteuid(self.uid) {
            Ok(()) => {
                let done = act();
                seteuid(uid)?;
                done
            }
            Err(error) => Err(error.into()),
        };
        setegid(gid)?;
        done
    }
}
