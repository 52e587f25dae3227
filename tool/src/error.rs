//! Everything that ends the tool with a failure, as a sentence that says what to do next.

use std::fmt;
use std::io;

use countersign_bus::{CodeError, UserNameError};

use crate::printable::Printable;
use crate::private_file::FileError;
use crate::refusal::{Refusal, Task};
use crate::words::tell;
use countersign_sheet::{OtpauthError, TooLongForQr};

/// Why nothing came of it. The text never has a code or a secret in it.
#[derive(Debug)]
pub enum ToolError {
    /// The daemon answered with a fault.
    Refused(Box<Refusal>),
    /// A code was judged, and is not good for a login.
    Turned(Turned),
    /// Nothing listens where the bus should be.
    NoBus {
        /// The address that was tried.
        address: String,
        /// What went wrong, as the library says it.
        cause: String,
    },
    /// The bus knows nobody of our name, and no way to start somebody.
    NoDaemon,
    /// The bus could not start the daemon.
    NotStarted {
        /// The D-Bus error name.
        name: String,
    },
    /// The bus policy does not let the caller speak to the daemon.
    BusDenied,
    /// The bus takes no more connections or calls of the caller.
    BusFull,
    /// The daemon or the bus went away in the middle.
    Lost(Task),
    /// No answer in time.
    Timeout {
        /// What was asked.
        task: Task,
        /// How long we waited, in seconds.
        seconds: u64,
    },
    /// An answer that makes no sense, from a daemon of another version perhaps.
    Unexpected {
        /// What was asked.
        task: Task,
        /// What is wrong with the answer.
        what: String,
    },
    /// The daemon made an otpauth URI that cannot be read.
    Otpauth(OtpauthError),
    /// The otpauth URI is too long for any QR code.
    TooLongForQr,
    /// The caller's name cannot be a user's.
    OwnName(UserNameError),
    /// The caller's uid has no name.
    Nameless {
        /// That uid.
        uid: u32,
    },
    /// Standard input is a terminal, and `/dev/tty` is not to be had.
    NoTerminal(io::Error),
    /// Reading failed.
    Input(io::Error),
    /// Standard input ended where a code was due, or end-of-file was typed.
    InputEnded,
    /// What was typed is no code.
    NotACode(CodeError),
    /// The enrollment was given up after so many wrong codes.
    TooManyWrong {
        /// How many.
        attempts: u32,
    },
    /// The question was not answered with yes.
    Declined,
    /// Ctrl-C, a closed terminal or a request to end.
    Interrupted(Stage),
    /// The examination found what keeps people out, or lets them in without a code.
    Unwell {
        /// How much of it.
        errors: usize,
    },
    /// Standard output could not be written.
    Output(io::Error),
    /// The recovery codes are made, and could not be shown.
    CodesNotShown(io::Error),
    /// The picture could not be written.
    File(FileError),
    /// The signal handlers or the runtime could not be set up.
    Start(io::Error),
}

/// How far things had gone when they were interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// Nothing that changes an account had been asked for, or all of it was refused.
    #[default]
    Unchanged,
    /// A change had been asked for, and the answer was not there yet.
    Asked,
    /// A change was made.
    Changed,
}

/// Why a code is not good for a login, as `Login.Verify` answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turned {
    /// Not right.
    Wrong,
    /// Right once.
    Used,
    /// Not looked at; so many seconds to wait, if the daemon said so.
    Throttled(Option<u32>),
    /// Not looked at until somebody unlocks the account.
    Locked,
    /// A word that this version does not know.
    Unknown,
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong => f.write_str(
                "that code is not right. Take the one that the app shows now; if it stays so, \
                 the clock of the phone may be off: try `countersign resync`",
            ),
            Self::Used => f.write_str("that code was used already. Wait for the next one"),
            Self::Throttled(Some(seconds)) => {
                write!(f, "too many wrong codes. Try again in {seconds} s")
            }
            Self::Throttled(None) => f.write_str("too many wrong codes. Try again later"),
            Self::Locked => f.write_str(
                "the account is locked after too many wrong codes. Log in with a recovery code, \
                 or ask an administrator to run `countersign unlock` for you",
            ),
            Self::Unknown => f.write_str(
                "the daemon judged the code with a word that this version does not know. \
                 Install the same version of both",
            ),
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Turned(turned) => turned.fmt(f),
            Self::NoBus { address, cause } => write!(
                f,
                "cannot reach the message bus at {}: {}. Is it running? `systemctl status dbus` \
                 says so",
                Printable(address),
                Printable(cause)
            ),
            Self::NoDaemon => f.write_str(
                "the message bus does not know the Countersign daemon. Is it installed? If it is, \
                 start it with `systemctl start countersignd`",
            ),
            Self::NotStarted { name } => write!(
                f,
                "the Countersign daemon could not be started ({}). `systemctl status countersignd` \
                 and `journalctl -u countersignd` say why",
                Printable(name)
            ),
            Self::BusDenied => f.write_str(
                "the message bus does not let you speak to the Countersign daemon. Ask an \
                 administrator whether its bus policy is installed",
            ),
            Self::BusFull => f.write_str(
                "the message bus has too many connections or calls of yours. Try again in a moment",
            ),
            Self::Lost(task) => write!(
                f,
                "cannot {task}: the daemon went away in the middle. Look with `countersign \
                 status` what stands, and try again"
            ),
            Self::Timeout { task, seconds } => write!(
                f,
                "cannot {task}: no answer within {seconds} s. Look with `systemctl status \
                 countersignd` whether the daemon runs, with `countersign status` what stands, \
                 and try again"
            ),
            Self::Unexpected { task, what } => write!(
                f,
                "cannot {task}: the daemon's answer makes no sense ({}). Install the same version \
                 of both",
                Printable(what)
            ),
            Self::Otpauth(error) => {
                write!(
                    f,
                    "cannot show the key: {error}. Install the same version of both"
                )
            }
            Self::TooLongForQr => f.write_str(
                "the names are too long for a QR code. Use --no-qr and type the key instead",
            ),
            Self::OwnName(error) => write!(f, "cannot use your own user name: {error}"),
            Self::Nameless { uid } => write!(
                f,
                "uid {uid} has no user name on this host, so it has no account. \
                 `getent passwd {uid}` shows the same"
            ),
            Self::NoTerminal(error) => write!(
                f,
                "cannot ask for a code, as there is no terminal ({error}). Give it on standard \
                 input instead, one code a line"
            ),
            Self::Input(error) => write!(f, "cannot read the code: {error}"),
            Self::InputEnded => f.write_str("no code was given. Nothing was changed"),
            Self::NotACode(error) => write!(f, "{error}. Nothing was changed"),
            Self::TooManyWrong { attempts } => write!(
                f,
                "{attempts} wrong codes: the enrollment is given up and nothing was changed. \
                 Remove the new entry from the app, check that the clock of the phone is set \
                 automatically, and run `countersign enroll` again"
            ),
            Self::Declined => f.write_str("nothing was changed"),
            Self::Interrupted(Stage::Unchanged) => f.write_str("cancelled: nothing was changed"),
            Self::Interrupted(Stage::Asked) => f.write_str(
                "interrupted while a change was under way. `countersign status` shows whether it \
                 was made",
            ),
            Self::Interrupted(Stage::Changed) => {
                f.write_str("interrupted after a change was made. `countersign status` shows it")
            }
            Self::Unwell { errors } => f.write_str(&tell!("doctor-unwell", "errors" = *errors)),
            Self::Output(error) => write!(f, "cannot write to standard output: {error}"),
            Self::CodesNotShown(error) => write!(
                f,
                "the change is made, but the recovery codes could not be written to standard \
                 output: {error}. Make new ones with `countersign recovery-codes`"
            ),
            Self::File(error) => error.fmt(f),
            Self::Start(error) => write!(f, "cannot begin: {error}"),
        }
    }
}

impl std::error::Error for ToolError {}

impl From<FileError> for ToolError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<TooLongForQr> for ToolError {
    fn from(_: TooLongForQr) -> Self {
        Self::TooLongForQr
    }
}

impl From<OtpauthError> for ToolError {
    fn from(error: OtpauthError) -> Self {
        Self::Otpauth(error)
    }
}
