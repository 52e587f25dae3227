//! A conversation in D-Bus frames over a blocking socket: send bytes, wait for the one answer that
//! counts. Every wait is bounded by the deadline.

use std::io::{self, ErrorKind, Read};
use std::num::NonZeroU32;
use std::os::unix::net::UnixStream;

use zeroize::Zeroizing;

use crate::address::Address;
use crate::dbus::{Kind, Message};
use crate::deadline::Deadline;
use crate::failure::{By, Failure, Step};
use crate::ffi;
use crate::frame::{self, HEAD_BYTES};

/// How many messages that are no answer are skipped before giving up. The bus sends one
/// (`NameAcquired`) to everybody; some room is left for what it may learn to send.
const MAX_UNRELATED: u32 = 32;
/// The longest line of the handshake. "OK" and a GUID have 37 bytes.
const MAX_LINE: usize = 256;
/// Room for what usually comes. Growing would leave copies behind that are not wiped.
const INBOX: usize = 8 * 1024;
/// The most that is kept of the text of a D-Bus error, in characters.
const MAX_ERROR_TEXT: usize = 200;

/// The bus's own name, and the sender of what it says itself.
pub const BUS: &str = "org.freedesktop.DBus";

/// Whose answer counts.
#[derive(Clone, Copy, Debug)]
pub enum From<'f> {
    /// Whoever is at the other end: there is no broker, and the kernel said who it is.
    Peer,
    /// The one with this name on the bus; the bus fills in the sender of each message.
    Name(&'f str),
}

/// A connection on which nobody waits for anything.
pub struct Resting {
    socket: UnixStream,
    inbox: Zeroizing<Vec<u8>>,
}

impl Resting {
    /// Goes on, within another time limit.
    pub fn resume<'d>(self, deadline: &'d Deadline<'d>) -> Wire<'d> {
        Wire {
            socket: self.socket,
            deadline,
            inbox: self.inbox,
            unrelated: 0,
            too_large: None,
        }
    }
}

/// A connected socket.
pub struct Wire<'d> {
    socket: UnixStream,
    deadline: &'d Deadline<'d>,
    /// What was read and not yet taken.
    inbox: Zeroizing<Vec<u8>>,
    unrelated: u32,
    /// The size of the last message that was thrown away, which may have been the answer.
    too_large: Option<u64>,
}

impl<'d> Wire<'d> {
    /// Connects.
    pub fn connect(address: &Address, deadline: &'d Deadline<'d>) -> Result<Self, Failure> {
        let step = Step::Handshake;
        let failed = |error| Failure::Connect {
            address: address.clone(),
            error,
        };
        let socket = ffi::socket().map_err(failed)?;
        loop {
            let left = deadline
                .left()
                .map_err(|_| Failure::timed_out(deadline, step))?;
            match ffi::connect(&socket, address, left) {
                Ok(()) => {
                    return Ok(Self {
                        socket,
                        deadline,
                        inbox: Zeroizing::new(Vec::with_capacity(INBOX)),
                        unrelated: 0,
                        too_large: None,
                    });
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Err(Failure::timed_out(deadline, step));
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Is there still somebody at the other end, who has kept silent? Nothing is sent, and nobody is waited
    /// for. On the bus anybody may send anything to a connection, and so much that an answer finds no room:
    /// one that was written to unasked is not used any more.
    pub fn is_open(&mut self) -> bool {
        if !self.inbox.is_empty() || self.socket.set_nonblocking(true).is_err() {
            return false;
        }
        let silent = match self.socket.read(&mut [0]) {
            Ok(_) => false,
            Err(error) => passes(&error),
        };
        silent && self.socket.set_nonblocking(false).is_ok()
    }

    /// The user at the other end.
    pub fn peer_uid(&self) -> Result<u32, Failure> {
        ffi::peer_uid(&self.socket).map_err(|error| Failure::Socket {
            step: Step::Handshake,
            error,
        })
    }

    /// Sends all the bytes.
    pub fn send(&mut self, mut bytes: &[u8], step: Step) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let left = self.left(step)?;
            self.socket
                .set_write_timeout(Some(left))
                .map_err(|e| socket_error(step, e))?;
            match ffi::send(&self.socket, bytes) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if passes(&error) => {} // the deadline decides
                Err(error) if is_hung_up(&error) => return Err(Failure::Unread { step }),
                Err(error) => return Err(socket_error(step, error)),
            }
        }
        Ok(())
    }

    /// Waits for the server to accept the handshake ("OK", D-Bus specification,
    /// "Authentication Protocol").
    pub fn accepted(&mut self) -> Result<(), Failure> {
        let step = Step::Handshake;
        let end = loop {
            if let Some(end) = self.inbox.windows(2).position(|pair| pair == b"\r\n") {
                break end;
            }
            if self.inbox.len() > MAX_LINE {
                return Err(Failure::NotAuthenticated);
            }
            self.receive(step)?;
        };
        let line: Vec<u8> = self.inbox.drain(..end + 2).collect();
        if line.starts_with(b"OK ") {
            Ok(())
        } else {
            Err(Failure::NotAuthenticated)
        }
    }

    /// Waits for the answer to the call with this serial. All else is skipped: signals, and
    /// whatever somebody sends who was not asked, or before it was asked.
    pub fn answer(
        &mut self,
        serial: NonZeroU32,
        from: From<'_>,
        step: Step,
    ) -> Result<Message, Failure> {
        loop {
            let Some(message) = self.message(from, step)? else {
                continue;
            };
            let replies = message.reply_serial() == Some(serial);
            let sent_by = |name| message.sender() == Some(name);
            let (expected, undelivered, stranger) = match from {
                From::Peer => (replies, false, false),
                // The bus itself answers for one that has gone. An error is all it can say then.
                From::Name(name) => (
                    replies && sent_by(name),
                    replies && sent_by(BUS),
                    !sent_by(name) && !sent_by(BUS),
                ),
            };
            match message.kind() {
                Kind::Return if expected => return Ok(message),
                Kind::Error if expected => return Err(refused(&message, By::Daemon, step)),
                Kind::Error if undelivered => return Err(refused(&message, By::Bus, step)),
                // Any user may send anything to anybody on the bus. Were it counted, a user who
                // chatters at newcomers would keep everybody out; the deadline bounds it.
                _ if stranger => continue,
                _ => {}
            }
            self.unrelated += 1;
            if self.unrelated > MAX_UNRELATED {
                return Err(Failure::TooManyUnrelated { step });
            }
        }
    }

    /// The next whole message; `None` for one too large to be an answer, which was thrown away.
    fn message(&mut self, from: From<'_>, step: Step) -> Result<Option<Message>, Failure> {
        let head = loop {
            match self.inbox.first_chunk::<HEAD_BYTES>() {
                Some(head) => break *head,
                None => self.receive(step)?,
            }
        };
        let length = match (from, frame::length(head, step)) {
            // Who sent it stands somewhere in it: a stranger, as far as one can tell.
            (From::Name(_), Err(Failure::TooLarge { bytes, .. })) => {
                self.too_large = Some(bytes);
                self.throw_away(bytes, step)?;
                return Ok(None);
            }
            (_, length) => length?,
        };
        while self.inbox.len() < length {
            self.receive(step)?;
        }
        frame::parse(self.inbox.drain(..length).collect(), step).map(Some)
    }

    /// Keeps the connection while nobody waits for anything on it.
    pub fn rest(self) -> Resting {
        Resting {
            socket: self.socket,
            inbox: self.inbox,
        }
    }

    /// Reads so many bytes and keeps none.
    fn throw_away(&mut self, mut bytes: u64, step: Step) -> Result<(), Failure> {
        loop {
            let here = usize::try_from(bytes).map_or(self.inbox.len(), |n| n.min(self.inbox.len()));
            self.inbox.drain(..here);
            bytes -= here as u64;
            if bytes == 0 {
                return Ok(());
            }
            self.receive(step)?;
        }
    }

    /// Reads what is there, at least one byte.
    fn receive(&mut self, step: Step) -> Result<(), Failure> {
        let mut chunk = Zeroizing::new([0; 4096]);
        loop {
            let left = self.left(step)?;
            self.socket
                .set_read_timeout(Some(left))
                .map_err(|e| socket_error(step, e))?;
            match self.socket.read(&mut *chunk) {
                Ok(0) => return Err(Failure::Closed { step }),
                Ok(read) => {
                    self.inbox
                        .extend_from_slice(chunk.get(..read).unwrap_or_default());
                    return Ok(());
                }
                Err(error) if passes(&error) => {} // the deadline decides
                // What a Unix socket says when it was closed with something in it that nobody had read
                // (unix_release_sock() of Linux): not the whole of our question was.
                Err(error) if is_hung_up(&error) => return Err(Failure::Unread { step }),
                Err(error) => return Err(socket_error(step, error)),
            }
        }
    }

    fn left(&self, step: Step) -> Result<std::time::Duration, Failure> {
        self.deadline.left().map_err(|_| match self.too_large {
            Some(bytes) => Failure::TooLarge { step, bytes },
            None => Failure::timed_out(self.deadline, step),
        })
    }
}

/// A signal came, or the socket's own timeout: not a reason to stop by itself.
fn passes(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut
    )
}

/// The other end is gone and left what was sent unread.
fn is_hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

fn socket_error(step: Step, error: io::Error) -> Failure {
    Failure::Socket { step, error }
}

fn refused(message: &Message, by: By, step: Step) -> Failure {
    let name = message.error_name().unwrap_or("(no name)").to_owned();
    // What answers a call that carries a code might quote it.
    let text = match step {
        Step::Verify | Step::Confirm | Step::Complete => String::new(),
        _ => frame::body::<String>(message, "s", step).unwrap_or_default(),
    };
    Failure::Refused {
        step,
        by,
        name,
        text: text.chars().take(MAX_ERROR_TEXT).collect(),
    }
}
