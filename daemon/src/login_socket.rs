//! Where the login socket comes from: from the service manager, or where that hands over none, from
//! ourselves, as long as we are root.

use std::fmt;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use countersign_bus::{DAEMON_USER, LOGIN_SOCKET};
use listenfd::ListenFd;
use nix::sys::stat::Mode;
use nix::unistd::{User, geteuid};

use crate::privileges::{become_user, is_root};

/// Who opens the login socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opener {
    /// The service manager, or nobody.
    Manager,
    /// The daemon, which is started as root for that.
    Daemon,
}

/// Why there is no login socket where one was asked for.
#[derive(Debug)]
pub enum SocketError {
    /// Only root can open it.
    NotRoot,
    /// There is nobody to become.
    NoUser,
    /// Others than root could get at what lies in the folder.
    Folder(PathBuf),
    /// Something else, with what was being done.
    System(String, io::Error),
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRoot => f.write_str(
                "--login-socket: only root can open it; start countersignd as root, or leave the \
                 option out",
            ),
            Self::NoUser => write!(
                f,
                "--login-socket: there is no user {DAEMON_USER} to become; make it with \
                 systemd-sysusers, or: useradd --system --user-group --home-dir \
                 /var/lib/countersign --shell /usr/sbin/nologin {DAEMON_USER}"
            ),
            Self::Folder(path) => write!(
                f,
                "{path} must be a folder of root's that is for root alone: rmdir {path}, or chown \
                 root: {path} && chmod 0700 {path}",
                path = path.display()
            ),
            Self::System(doing, error) => write!(f, "{doing}: {error}"),
        }
    }
}

impl std::error::Error for SocketError {}

/// The login socket, if there is one. Afterwards the process is root's no more: where it was started
/// as root to open the socket, it has become the daemon's user.
pub fn take(opener: Opener) -> Result<Option<UnixListener>, SocketError> {
    match opener {
        Opener::Manager => ListenFd::from_env()
            .take_unix_listener(0)
            .map_err(|e| SocketError::System("taking over the login socket".to_owned(), e)),
        Opener::Daemon => {
            if !is_root() {
                return Err(SocketError::NotRoot);
            }
            let system =
                |doing: &str, e: nix::Error| SocketError::System(doing.to_owned(), e.into());
            let user = User::from_name(DAEMON_USER)
                .map_err(|e| system("looking up the daemon's user", e))?
                .ok_or(SocketError::NoUser)?;
            let listener = open(Path::new(LOGIN_SOCKET))?;
            become_user(&user).map_err(|e| system("giving up root's rights", e))?;
            Ok(Some(listener))
        }
    }
}

/// Listens at `path`, in a folder that is made if need be. What was there before is replaced in one
/// step, so that no login meets a socket that nobody has opened yet.
fn open(path: &Path) -> Result<UnixListener, SocketError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let doing = |what: &str, path: &Path, error| {
        SocketError::System(format!("{what} {}", path.display()), error)
    };
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
            return Err(doing("making", folder, e));
        }
        _ => check(folder)?,
    }
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(doing("removing", &fresh, e)),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh).map_err(|e| doing("opening", &fresh, e))?;
    fs::set_permissions(&fresh, Permissions::from_mode(0o600))
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(|e| doing("opening", path, e))?;
    Ok(listener)
}

/// Whoever could write to the folder could put a socket of their own into our place.
fn check(folder: &Path) -> Result<(), SocketError> {
    let is = fs::symlink_metadata(folder)
        .map_err(|e| SocketError::System(format!("looking at {}", folder.display()), e))?;
    let others = Mode::S_IRWXG | Mode::S_IRWXO;
    let open_to = Mode::from_bits_truncate(is.mode()).intersection(others);
    if is.is_dir() && is.uid() == geteuid().as_raw() && open_to.is_empty() {
        Ok(())
    } else {
        Err(SocketError::Folder(folder.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixStream;

    use super::*;

    fn place(name: &str) -> PathBuf {
        let base = std::env::temp_dir().join(format!("login-socket-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        fs::create_dir(&base).unwrap();
        base
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn folder_and_socket_are_for_their_owner_alone_and_nothing_else_is_left() {
        let base = place("modes");
        let path = base.join("run/login.sock");
        let _listener = open(&path).unwrap();
        assert_eq!((mode(&base.join("run")), mode(&path)), (0o700, 0o600));
        assert_eq!(fs::read_dir(base.join("run")).unwrap().count(), 1);
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn what_an_earlier_daemon_left_is_replaced() {
        let base = place("stale");
        let path = base.join("run/login.sock");
        drop(open(&path).unwrap());
        assert!(UnixStream::connect(&path).is_err(), "nobody listens there");
        fs::write(path.with_extension("new"), "").unwrap(); // it died in the middle
        let listener = open(&path).unwrap();
        let mut caller = UnixStream::connect(&path).unwrap();
        caller.write_all(b"x").unwrap();
        let mut heard = [0];
        listener.accept().unwrap().0.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"x");
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_folder_that_others_get_into_is_refused_and_left_as_it_is() {
        let base = place("open");
        let folder = base.join("run");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let said = open(&folder.join("login.sock")).unwrap_err().to_string();
        assert!(
            said.contains("for root alone") && said.contains("chmod 0700"),
            "{said}"
        );
        assert_eq!(
            (mode(&folder), fs::read_dir(&folder).unwrap().count()),
            (0o755, 0)
        );

        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        let link = base.join("link");
        symlink(&folder, &link).unwrap();
        assert!(matches!(
            open(&link.join("login.sock")),
            Err(SocketError::Folder(_))
        ));
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        assert!(
            SocketError::NotRoot
                .to_string()
                .contains("start countersignd as root")
        );
        assert!(SocketError::NoUser.to_string().contains("useradd --system"));
    }
}
