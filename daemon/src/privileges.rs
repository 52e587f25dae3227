//! How a daemon that was started as root gives that up: for good, and before it reads anything.

use nix::errno::Errno;
use nix::sys::prctl::set_no_new_privs;
use nix::unistd::{
    ROOT, Uid, User, getgroups, getresgid, getresuid, seteuid, setgroups, setresgid, setresuid,
};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// No capability at all.
const NONE: CapabilitySets = CapabilitySets {
    effective: CapabilitySet::empty(),
    permitted: CapabilitySet::empty(),
    inheritable: CapabilitySet::empty(),
};

/// Makes the process one of `user` and of that user's own group alone. Nothing that it may run later
/// gives it more. What the kernel did is looked at, not taken for granted.
///
/// # Errors
/// `EPERM` also if anything of root is left; the process must end then.
pub fn become_user(user: &User) -> nix::Result<()> {
    setgroups(&[])?; // while root still may
    setresgid(user.gid, user.gid, user.gid)?;
    setresuid(user.uid, user.uid, user.uid)?;
    // The kernel has done this already, unless whoever started us told it not to.
    set_capabilities(None, NONE).map_err(|e| Errno::from_raw(e.raw_os_error()))?;
    set_no_new_privs()?;
    if is_only(user)? {
        Ok(())
    } else {
        Err(Errno::EPERM)
    }
}

/// Is the process this user's and nothing besides, with no way back?
fn is_only(user: &User) -> nix::Result<bool> {
    let (uids, gids) = (getresuid()?, getresgid()?);
    let left = capabilities(None).map_err(|e| Errno::from_raw(e.raw_os_error()))?;
    Ok(user.uid != ROOT
        && [uids.real, uids.effective, uids.saved] == [user.uid; 3]
        && [gids.real, gids.effective, gids.saved] == [user.gid; 3]
        && getgroups()?.is_empty()
        && left == NONE
        && seteuid(ROOT).is_err())
}

/// Is this process root's?
pub fn is_root() -> bool {
    Uid::effective().is_root()
}
