//! Where the module touches C: the only file with unsafe code.

#![allow(unsafe_code, reason = "libpam and libc; each use argued")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use std::{io, ptr};

use pam::constants::PamResultCode;
use pam::items::{AuthTok, Item};
use pam::module::PamHandle;

use crate::address::Address;
use crate::log::Level;

unsafe extern "C" {
    // libpam is linked by pam-bindings. pam_syslog(3): adds "pam_countersign(service:type): ".
    fn pam_syslog(pamh: *const PamHandle, priority: c_int, format: *const c_char, ...);
    // pam_putenv(3), pam_getenv(3): variables that belong to the login, not to this process.
    fn pam_putenv(pamh: *mut PamHandle, name_value: *const c_char) -> c_int;
    fn pam_getenv(pamh: *mut PamHandle, name: *const c_char) -> *const c_char;
}

/// Writes a line into the system log, under the name of this module and of the service.
pub fn syslog(handle: &PamHandle, level: Level, line: &CStr) {
    let priority = match level {
        Level::Error => libc::LOG_ERR,
        Level::Warning => libc::LOG_WARNING,
        Level::Notice => libc::LOG_NOTICE,
        Level::Info => libc::LOG_INFO,
        Level::Debug => libc::LOG_DEBUG,
    };
    // SAFETY: `handle` is the live handle that libpam called us with, the format is a constant
    // with one %s, and `line` is a NUL-terminated string that outlives the call.
    unsafe { pam_syslog(handle, priority, c"%s".as_ptr(), line.as_ptr()) };
}

/// Sets `PAM_AUTHTOK`. libpam keeps a copy of its own, and wipes it.
pub fn set_authtok(handle: &mut PamHandle, password: &CStr) -> Result<(), PamResultCode> {
    // SAFETY: the pointer comes from a CStr that outlives the item made of it.
    let item = unsafe { AuthTok::from_raw(password.as_ptr()) };
    handle.set_item_str(item)
}

/// libpam did not take a variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotSet;

/// Sets a variable in the environment of the login. libpam keeps a copy.
pub fn set_environment(handle: &mut PamHandle, name: &CStr, value: &str) -> Result<(), NotSet> {
    let mut text = name.to_bytes().to_vec();
    text.push(b'=');
    text.extend_from_slice(value.as_bytes());
    let text = CString::new(text).map_err(|_| NotSet)?;
    put(handle, &text)
}

/// Removes a variable from the environment of the login.
pub fn unset_environment(handle: &mut PamHandle, name: &CStr) -> Result<(), NotSet> {
    put(handle, name) // a name without "=" removes (pam_putenv(3))
}

fn put(handle: &mut PamHandle, text: &CStr) -> Result<(), NotSet> {
    // SAFETY: `handle` is the live handle that libpam called us with; `text` is NUL-terminated and
    // outlives the call, in which libpam copies it.
    match unsafe { pam_putenv(handle, text.as_ptr()) } {
        0 => Ok(()), // PAM_SUCCESS
        _ => Err(NotSet),
    }
}

/// A variable of the environment of the login, if it is set. What is no text becomes U+FFFD.
pub fn environment(handle: &mut PamHandle, name: &CStr) -> Option<String> {
    // SAFETY: `handle` is the live handle that libpam called us with; `name` is NUL-terminated.
    let value = unsafe { pam_getenv(handle, name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: not null, so it is a NUL-terminated string of libpam's, which stays until the variable
    // changes; it is copied before anything else is done.
    let value = unsafe { CStr::from_ptr(value) };
    Some(value.to_string_lossy().into_owned())
}

/// The user that this process acts as: 0 in sshd, login, sudo and su.
pub fn effective_uid() -> u32 {
    // SAFETY: geteuid has no arguments, changes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// The user whose program this is: of `su`, the one who called it.
pub fn real_uid() -> u32 {
    // SAFETY: getuid has no arguments, changes nothing and cannot fail.
    unsafe { libc::getuid() }
}

/// The uid of a user, or `None` when there is no such user or it cannot be looked up.
pub fn uid_of(user: &CStr) -> Option<u32> {
    const LARGEST: usize = 1 << 20;
    let mut buffer: Vec<c_char> = vec![0; 1024];
    loop {
        let mut entry = MaybeUninit::<libc::passwd>::uninit();
        let mut found: *mut libc::passwd = ptr::null_mut();
        // SAFETY: `user` is NUL-terminated; `entry` and `found` are valid for writes; `buffer` is
        // valid for writes of the length given. All four outlive the call.
        let status = unsafe {
            libc::getpwnam_r(
                user.as_ptr(),
                entry.as_mut_ptr(),
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut found,
            )
        };
        match status {
            0 if found.is_null() => return None,
            // SAFETY: status 0 and a set `found` mean that `entry` was filled in (getpwnam_r(3)).
            // Only the number is read, no pointer into `buffer`.
            0 => return Some(unsafe { entry.assume_init() }.pw_uid),
            libc::EINTR => {}
            libc::ERANGE if buffer.len() < LARGEST => buffer.resize(buffer.len() * 2, 0),
            _ => return None,
        }
    }
}

/// The user at the other end of the socket, as the kernel knows it: of a socket that systemd
/// listens on, the user that called listen(2).
pub fn peer_uid(socket: &UnixStream) -> io::Result<u32> {
    let mut peer = libc::ucred {
        pid: 0,
        uid: u32::MAX,
        gid: u32::MAX,
    };
    let mut length = length_of::<libc::ucred>();
    // SAFETY: the descriptor is open as long as `socket` is borrowed; `peer` is a plain C struct,
    // valid for writes of `length` bytes, and `length` is valid for reads and writes.
    let status = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    if length == length_of::<libc::ucred>() {
        Ok(peer.uid)
    } else {
        Err(io::Error::from(io::ErrorKind::InvalidData))
    }
}

/// A socket that no child of the host inherits, not connected yet.
pub fn socket() -> io::Result<UnixStream> {
    // SAFETY: socket has no pointer arguments.
    let fd = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was opened just now and nobody else knows it.
    Ok(UnixStream::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}

/// Connects the socket. When the listener does not take connections this waits at most `timeout`,
/// and then fails with `WouldBlock`: Linux bounds connect by `SO_SNDTIMEO` (socket(7)).
pub fn connect(socket: &UnixStream, address: &Address, timeout: Duration) -> io::Result<()> {
    socket.set_write_timeout(Some(timeout))?;
    // An abstract name follows a NUL and has its length; a path is closed by a NUL.
    let (before, name) = match address {
        Address::Path(path) => (0, path.as_bytes()),
        Address::Abstract(name) => (1, name.as_bytes()),
    };
    let mut raw = libc::sockaddr_un {
        sun_family: libc::sa_family_t::try_from(libc::AF_UNIX).unwrap_or_default(),
        sun_path: [0; 108],
    };
    if name.len() + 1 > raw.sun_path.len() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    for (slot, byte) in raw.sun_path.iter_mut().skip(before).zip(name) {
        *slot = c_char::from_ne_bytes([*byte]);
    }
    let length = mem::offset_of!(libc::sockaddr_un, sun_path) + 1 + name.len();
    let length = libc::socklen_t::try_from(length).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; `raw` is a sockaddr_un, of
    // which `length` bytes are initialized, since `name` and one NUL fit into `sun_path`.
    let status = unsafe { libc::connect(socket.as_raw_fd(), (&raw const raw).cast(), length) };
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Writes without raising SIGPIPE, which would end a host that does not ignore it.
pub fn send(socket: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the descriptor is open as long as `socket` is borrowed, and `bytes` is valid for
    // reads of its length.
    let sent = unsafe {
        libc::send(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_NOSIGNAL,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

fn length_of<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(mem::size_of::<T>()).unwrap_or(0)
}

/// What zbus makes of the bytes of a whole message: it is the other end in tests.
#[cfg(test)]
pub fn zbus_message(bytes: Vec<u8>) -> zbus::Result<zbus::message::Message> {
    use zbus::wire::{Endian, serialized};
    let endian = match bytes.first() {
        Some(b'B') => Endian::Big,
        _ => Endian::Little,
    };
    let data = serialized::Data::new(bytes, serialized::Context::new(endian, 0));
    // SAFETY: zbus asks for a valid encoding because it keeps the places of the header's strings
    // and reads them later without checking again. Its parser checks each of them, as UTF-8 and
    // as the kind of name it is, before the message exists, and refuses all other bytes; bodies are
    // decoded with checked conversions. The bytes are owned by the message and never change.
    unsafe { zbus::message::Message::from_bytes(data) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn root_is_found_and_nobody_else_by_accident() {
        assert_eq!(uid_of(c"root"), Some(0));
        assert_eq!(uid_of(c"no-such-user-here"), None);
        assert_eq!(uid_of(c""), None);
    }

    #[test]
    fn the_kernel_says_who_the_peer_is() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        assert_eq!(peer_uid(&ours).unwrap(), effective_uid());
    }

    #[test]
    fn our_sockets_are_not_inherited() {
        let socket = socket().unwrap();
        // SAFETY: F_GETFD only reads a flag of an open descriptor.
        let flags = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    }

    #[test]
    fn writing_to_a_closed_socket_is_an_error_and_no_signal() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(theirs);
        // SAFETY: restores the default action, which is to end the process, as in most hosts;
        // the test harness has SIGPIPE ignored.
        let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let result = send(&ours, b"x");
        // SAFETY: puts back what was there.
        unsafe { libc::signal(libc::SIGPIPE, before) };
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn abstract_and_path_sockets_are_reached() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixListener};
        let name = format!("countersign-ffi-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let soon = Duration::from_secs(5);

        let listener =
            UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let ours = socket().unwrap();
        connect(&ours, &Address::Abstract(name), soon).unwrap();
        send(&ours, b"hello").unwrap();
        let mut got = [0; 5];
        listener.accept().unwrap().0.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"hello");

        let listener = UnixListener::bind(&path).unwrap();
        let ours = socket().unwrap();
        connect(
            &ours,
            &Address::Path(path.to_str().unwrap().to_owned()),
            soon,
        )
        .unwrap();
        listener.accept().unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn connecting_to_a_full_backlog_ends_in_time() {
        use std::os::unix::net::UnixListener;
        let path = std::env::temp_dir().join(format!("countersign-full-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        // SAFETY: listen on an open listening socket only changes the length of its queue.
        assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
        let address = Address::Path(path.to_str().unwrap().to_owned());
        let try_once = || {
            let socket = socket().unwrap();
            connect(&socket, &address, Duration::from_millis(50)).map(|()| socket)
        };
        let mut queued = Vec::new();
        let error = loop {
            match try_once() {
                Ok(socket) => queued.push(socket),
                Err(error) => break error,
            }
            assert!(queued.len() < 10, "the queue never fills");
        };
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        std::fs::remove_file(path).unwrap();
    }
}
