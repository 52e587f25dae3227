//! Why the daemon could not be asked. The text is for the log; it never holds a code.

use std::{fmt, io, time::Duration};

use countersign_bus::{DAEMON_USER, Fault};

use crate::address::Address;
use crate::deadline::Deadline;

/// What the module was waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The connection, and being believed to be who we are.
    Handshake,
    /// The bus to give us a name.
    Hello,
    /// The bus to say who owns the daemon's name.
    Owner,
    /// The bus to start the daemon.
    Start,
    /// The bus to say which user the owner is.
    OwnerUser,
    /// The daemon's answer to `Prepare`.
    Prepare,
    /// The daemon's answer to `Verify`.
    Verify,
    /// The daemon's answer to `BeginEnrollment`.
    Begin,
    /// The daemon's answer to `ConfirmEnrollment`.
    Confirm,
    /// The daemon's answer to `CompleteEnrollment`.
    Complete,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "the handshake",
            Self::Hello => "the bus to answer Hello",
            Self::Owner => "the bus to name the owner of org.countersign1",
            Self::Start => "the bus to start org.countersign1",
            Self::OwnerUser => "the bus to name the user behind org.countersign1",
            Self::Prepare => "the daemon to answer Prepare",
            Self::Verify => "the daemon to answer Verify",
            Self::Begin => "the daemon to answer BeginEnrollment",
            Self::Confirm => "the daemon to answer ConfirmEnrollment",
            Self::Complete => "the daemon to answer CompleteEnrollment",
        })
    }
}

/// Why there is no answer that counts.
#[derive(Debug)]
pub enum Failure {
    /// The socket could not be connected to.
    Connect {
        /// Which one.
        address: Address,
        /// Why not.
        error: io::Error,
    },
    /// The whole time limit of the call went by.
    TimedOut {
        /// The limit.
        after: Duration,
        /// What was being waited for at the end.
        step: Step,
    },
    /// Reading or writing failed.
    Socket {
        /// What was being waited for.
        step: Step,
        /// Why.
        error: io::Error,
    },
    /// The other end hung up.
    Closed {
        /// What was being waited for.
        step: Step,
    },
    /// The other end hung up without having read all that was sent, so that it cannot have acted on it.
    Unread {
        /// What was being waited for.
        step: Step,
    },
    /// The other end does not believe that we are who we are, or speaks another protocol.
    NotAuthenticated,
    /// Whoever would answer is not the daemon.
    ForeignOwner {
        /// The user that it runs as.
        uid: u32,
    },
    /// The message is larger than any that is meant for us. It was not read.
    TooLarge {
        /// What was being waited for.
        step: Step,
        /// The size that it claims.
        bytes: u64,
    },
    /// The bytes are no D-Bus message, or not of the form that was asked for.
    Malformed {
        /// What was being waited for.
        step: Step,
        /// What is wrong with them.
        what: String,
    },
    /// Message after message, and none of them the answer.
    TooManyUnrelated {
        /// What was being waited for.
        step: Step,
    },
    /// A D-Bus error came in place of an answer.
    Refused {
        /// What was being waited for.
        step: Step,
        /// Who says so.
        by: By,
        /// The D-Bus name of the error.
        name: String,
        /// What it says, except for the call that carries a code.
        text: String,
    },
    /// A word that this version does not know.
    UnknownWord {
        /// The answer to what.
        step: Step,
    },
    /// The question could not be put into a message.
    NotSent {
        /// Which question.
        step: Step,
        /// What the encoder says.
        what: String,
    },
    /// Neither road leads to the daemon.
    BothRoads {
        /// The direct socket.
        direct: Box<Failure>,
        /// The system bus.
        bus: Box<Failure>,
    },
}

/// Who answers with an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Whom the question was for.
    Daemon,
    /// The bus, of itself or in place of one that has gone.
    Bus,
}

/// What the bus says of a connection that is gone, and of one that has given up the name by which alone
/// its policy lets questions through. The daemon's own errors have names of its own.
const UNDELIVERED: [&str; 3] = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.AccessDenied",
];

impl Failure {
    /// The time is up while waiting for `step`.
    pub fn timed_out(deadline: &Deadline<'_>, step: Step) -> Self {
        Self::TimedOut {
            after: deadline.total(),
            step,
        }
    }
}

impl Failure {
    /// Is there nothing at all at that address?
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Connect { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }

    /// Was there nobody to take the question? Then nobody has acted on it.
    pub fn is_undelivered(&self) -> bool {
        match self {
            Self::Refused { by, name, .. } => {
                *by == By::Bus && UNDELIVERED.contains(&name.as_str())
            }
            Self::Unread { .. } => true,
            _ => false,
        }
    }

    /// Did the daemon answer with this fault?
    pub fn is(&self, fault: Fault) -> bool {
        matches!(self, Self::Refused { name, .. } if name == fault.name())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { address, error } => write!(f, "cannot connect to {address}: {error}"),
            Self::TimedOut { after, step } => {
                write!(
                    f,
                    "timed out after {} s waiting for {step}",
                    after.as_secs()
                )
            }
            Self::Socket { step, error } => write!(f, "while waiting for {step}: {error}"),
            Self::Closed { step } => {
                write!(f, "the connection was closed while waiting for {step}")
            }
            Self::Unread { step } => {
                write!(
                    f,
                    "the connection was closed unread while waiting for {step}"
                )
            }
            Self::NotAuthenticated => {
                f.write_str("the handshake was refused, or the socket speaks no D-Bus")
            }
            Self::ForeignOwner { uid } => write!(
                f,
                "the daemon's place is taken by uid {uid}, which is neither root nor {DAEMON_USER}"
            ),
            Self::TooLarge { step, bytes } => {
                write!(
                    f,
                    "while waiting for {step}: a message of {bytes} bytes, which is too large"
                )
            }
            Self::Malformed { step, what } => {
                write!(f, "while waiting for {step}: a malformed message: {what}")
            }
            Self::TooManyUnrelated { step } => {
                write!(
                    f,
                    "while waiting for {step}: too many messages that are no answer"
                )
            }
            Self::Refused {
                step, name, text, ..
            } if text.is_empty() => {
                write!(f, "while waiting for {step}: the error {name}")
            }
            Self::Refused {
                step, name, text, ..
            } => {
                write!(f, "while waiting for {step}: the error {name}: {text}")
            }
            Self::UnknownWord { step } => write!(
                f,
                "while waiting for {step}: a word that this version does not know; \
                 are module and daemon of the same release?"
            ),
            Self::NotSent { step, what } => {
                write!(
                    f,
                    "before waiting for {step}: cannot encode the question: {what}"
                )
            }
            Self::BothRoads { direct, bus } => {
                write!(f, "by the login socket: {direct}; by the system bus: {bus}")
            }
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_says_what_was_being_done_and_to_what() {
        let step = Step::Verify;
        let missing = Failure::Connect {
            address: Address::login_socket(),
            error: io::Error::from_raw_os_error(libc::ENOENT),
        };
        let hung = Failure::TimedOut {
            after: Duration::from_secs(5),
            step,
        };
        let both = Failure::BothRoads {
            direct: Box::new(missing),
            bus: Box::new(hung),
        };
        for (failure, text) in [
            (
                both,
                "by the login socket: cannot connect to /run/countersign/login.sock: No such file \
                 or directory (os error 2); by the system bus: timed out after 5 s waiting for the \
                 daemon to answer Verify",
            ),
            (
                Failure::ForeignOwner { uid: 1000 },
                "the daemon's place is taken by uid 1000, which is neither root nor countersign",
            ),
            (
                Failure::TooLarge {
                    step,
                    bytes: 70_000,
                },
                "while waiting for the daemon to answer Verify: a message of 70000 bytes, which is \
                 too large",
            ),
            (
                Failure::Refused {
                    step,
                    by: By::Daemon,
                    name: "org.x.Error.Y".into(),
                    text: String::new(),
                },
                "while waiting for the daemon to answer Verify: the error org.x.Error.Y",
            ),
        ] {
            assert_eq!(failure.to_string(), text);
        }
    }
}
