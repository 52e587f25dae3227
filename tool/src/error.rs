//! Everything that ends the tool with a failure, as a sentence that says what to do next.

use std::fmt;
use std::io;

use countersign_bus::{CodeError, Spent, UserName, UserNameError};

use crate::import::error::ImportError;
use crate::pam::error::PamError;
use crate::printable::Printable;
use crate::private_file::FileError;
use crate::refusal::{Refusal, Task};
use crate::store::error::StoreError;
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
    /// Standard output could not be written.
    Output(io::Error),
    /// The recovery codes are made, and could not be shown.
    CodesNotShown(io::Error),
    /// The picture could not be written.
    File(FileError),
    /// Not everything was imported.
    Import(ImportError),
    /// The enrollment is active, and the card that should have its recovery codes could not be written.
    CardNotSaved {
        /// Whose enrollment it is.
        user: UserName,
        /// Why not.
        why: Box<ToolError>,
    },
    /// The configuration has mistakes, which were listed.
    BrokenConfiguration {
        /// How many.
        count: usize,
    },
    /// The configuration has mistakes, and so says nothing.
    NoConfiguration {
        /// How many.
        count: usize,
    },
    /// The examination found what keeps people out, or lets them in without a code.
    Unwell {
        /// How much of it.
        errors: usize,
    },
    /// Stacks of PAM were left as they are.
    Pam(PamError),
    /// Something was not done to the store.
    Store(StoreError),
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
    /// Stacks were on trial, and are as before.
    WentBack,
    /// Stacks were on trial, and still are.
    OnTrial,
    /// The store was being restored, or given another key.
    Store,
}

/// Why a code is not good for a login, as `Login.Verify` answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turned {
    /// Not right.
    Wrong,
    /// Right once; which code is spent for good, if one is.
    Used(Option<Spent>),
    /// Not looked at; so many seconds to wait, if the daemon said so.
    Throttled(Option<u32>),
    /// Not looked at until somebody unlocks the account.
    Locked,
    /// A word that this version does not know.
    Unknown,
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Wrong => tell!("tool-turned-wrong"),
            Self::Used(None) => tell!("tool-turned-used"),
            Self::Used(Some(Spent::RecoveryCode)) => tell!("tool-turned-used-recovery-code"),
            Self::Used(Some(Spent::TemporaryCode)) => tell!("tool-turned-used-temporary-code"),
            Self::Throttled(Some(seconds)) => tell!("tool-turned-throttled", "seconds" = *seconds),
            Self::Throttled(None) => tell!("tool-turned-throttled-a-while"),
            Self::Locked => tell!("tool-turned-locked"),
            Self::Unknown => tell!("tool-turned-unknown"),
        })
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |text: &str| Printable(text).to_string();
        f.write_str(&match self {
            Self::Refused(refusal) => return refusal.fmt(f),
            Self::Turned(turned) => return turned.fmt(f),
            Self::File(error) => return error.fmt(f),
            Self::Import(error) => return error.fmt(f),
            Self::Pam(error) => return error.fmt(f),
            Self::Store(error) => return error.fmt(f),
            Self::NoBus { address, cause } => tell!(
                "tool-no-bus",
                "address" = printable(address),
                "why" = printable(cause)
            ),
            Self::NoDaemon => tell!("tool-no-daemon"),
            Self::NotStarted { name } => tell!("tool-not-started", "name" = printable(name)),
            Self::BusDenied => tell!("tool-bus-denied"),
            Self::BusFull => tell!("tool-bus-full"),
            Self::Lost(task) => tell!("tool-lost", "cannot" = task.to_string()),
            Self::Timeout { task, seconds } => tell!(
                "tool-timeout",
                "cannot" = task.to_string(),
                "seconds" = *seconds
            ),
            Self::Unexpected { task, what } => tell!(
                "tool-unexpected",
                "cannot" = task.to_string(),
                "what" = printable(what)
            ),
            Self::Otpauth(error) => tell!("tool-no-key", "why" = otpauth(*error)),
            Self::TooLongForQr => tell!("tool-too-long-for-qr"),
            Self::OwnName(error) => tell!("tool-own-name", "why" = user_name(*error)),
            Self::Nameless { uid } => tell!("tool-nameless", "uid" = *uid),
            Self::NoTerminal(error) => tell!("tool-no-terminal", "why" = error.to_string()),
            Self::Input(error) => tell!("tool-input", "why" = error.to_string()),
            Self::InputEnded => tell!("tool-input-ended"),
            Self::NotACode(error) => tell!("tool-not-a-code", "why" = code(*error)),
            Self::TooManyWrong { attempts } => {
                tell!("tool-too-many-wrong", "attempts" = *attempts)
            }
            Self::Declined => tell!("tool-declined"),
            Self::Interrupted(Stage::Unchanged) => tell!("tool-cancelled"),
            Self::Interrupted(Stage::Asked) => tell!("tool-interrupted-under-way"),
            Self::Interrupted(Stage::Changed) => tell!("tool-interrupted-after"),
            Self::Interrupted(Stage::WentBack) => tell!("pam-interrupted"),
            Self::Interrupted(Stage::Store) => tell!("store-interrupted"),
            Self::Interrupted(Stage::OnTrial) => tell!("pam-interrupted-on-trial"),
            Self::Output(error) => tell!("tool-output", "why" = error.to_string()),
            Self::CodesNotShown(error) => tell!("tool-codes-not-shown", "why" = error.to_string()),
            Self::CardNotSaved { user, why } => tell!(
                "card-not-saved",
                "why" = why.to_string(),
                "user" = printable(user.as_str())
            ),
            Self::BrokenConfiguration { count } => tell!("config-broken", "count" = *count),
            Self::NoConfiguration { count } => tell!("config-broken-unlisted", "count" = *count),
            Self::Unwell { errors } => tell!("doctor-unwell", "errors" = *errors),
            Self::Start(error) => tell!("tool-start", "why" = error.to_string()),
        })
    }
}

/// Why what was typed is no code. The error's own text is for logs, in English.
pub fn code(error: CodeError) -> String {
    match error {
        CodeError::Empty => tell!("tool-code-empty"),
        CodeError::TooLong => tell!("tool-code-too-long"),
        CodeError::NotACode => tell!("tool-code-not-a-code"),
    }
}

/// Why a name can be no user's.
pub fn user_name(error: UserNameError) -> String {
    match error {
        UserNameError::Empty => tell!("tool-user-empty"),
        UserNameError::TooLong { bytes } => tell!(
            "tool-user-too-long",
            "bytes" = bytes,
            "most" = UserName::MAX_BYTES
        ),
        UserNameError::NotUtf8 => tell!("tool-user-not-utf8"),
        UserNameError::Forbidden { found } => tell!(
            "tool-user-forbidden",
            "character" = format!("U+{:04X}", u32::from(found))
        ),
    }
}

fn otpauth(error: OtpauthError) -> String {
    match error {
        OtpauthError::NotOtpauth => tell!("tool-not-otpauth"),
        OtpauthError::NoSecret => tell!("tool-otpauth-no-secret"),
        OtpauthError::Broken => tell!("tool-otpauth-broken"),
    }
}

impl std::error::Error for ToolError {}

impl From<PamError> for ToolError {
    fn from(error: PamError) -> Self {
        Self::Pam(error)
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

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
