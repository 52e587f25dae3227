//! Stands in a lab for systemd's `countersign-login.socket`: binds the login socket as root, and
//! keeps a daemon running on it that has the socket as descriptor 3 and root's privileges not.
//!
//! `login-socket` listens; `login-socket daemon` is what it starts, and becomes the daemon.

use std::env;
use std::ffi::CString;
use std::fs;
use std::io::{Error, Result};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};

use countersign_bus::{DAEMON_USER, LOGIN_SOCKET};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{User, initgroups, setresgid, setresuid};

/// The first descriptor that socket activation passes: `SD_LISTEN_FDS_START`.
const FIRST: i32 = 3;

fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("daemon") => Err(become_daemon()?),
        _ => listen(),
    }
}

fn listen() -> Result<()> {
    if let Some(directory) = Path::new(LOGIN_SOCKET).parent() {
        fs::create_dir_all(directory)?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    }
    let listener = UnixListener::bind(LOGIN_SOCKET)?;
    fs::set_permissions(LOGIN_SOCKET, fs::Permissions::from_mode(0o600))?;
    if listener.as_raw_fd() != FIRST {
        return Err(Error::other(
            "started with more than the three standard descriptors open",
        ));
    }
    fcntl(&listener, FcntlArg::F_SETFD(FdFlag::empty()))?;
    loop {
        // At once the first time, as if somebody had just called over the bus.
        Command::new(env::current_exe()?)
            .arg("daemon")
            .spawn()?
            .wait()?;
        let mut calls = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        poll(&mut calls, PollTimeout::NONE)?;
    }
}

/// Returns only what went wrong.
fn become_daemon() -> Result<Error> {
    let user = User::from_name(DAEMON_USER)?
        .ok_or_else(|| Error::other("the daemon's user does not exist"))?;
    initgroups(&CString::new(DAEMON_USER)?, user.gid)?;
    setresgid(user.gid, user.gid, user.gid)?;
    setresuid(user.uid, user.uid, user.uid)?;
    Ok(Command::new("/usr/libexec/countersignd")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("STATE_DIRECTORY", "/var/lib/countersign")
        .env("LISTEN_PID", process::id().to_string())
        .env("LISTEN_FDS", "1")
        .env("LISTEN_FDNAMES", "countersign-login.socket")
        .exec())
}
