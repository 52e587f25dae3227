use std::fmt;
use std::io;
use std::path::PathBuf;

use super::maintenance::{Report, number, text, texts};
use crate::printable::Printable;
use crate::private_file::FileError;
use crate::words::tell;

/// Why something was not done to the store.
#[derive(Debug)]
pub enum StoreError {
    /// Only root reads the store.
    NotRoot,
    /// The daemon's program could not be run.
    NoProgram {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// Another command is changing the store.
    UnderWay,
    /// Whether one is cannot be told.
    NoTurn {
        /// The file that would tell.
        path: PathBuf,
        /// Why it does not.
        why: io::Error,
    },
    /// It said something else than a report.
    NoReport(String),
    /// It reports a failure.
    Failed(Report),
    /// There is no key to be saved, or that a backup would open with.
    NoKeyHere,
    /// What is made could not be saved.
    NotSaved(FileError),
    /// There is a password in the address of a server, for everybody to see in the list of processes.
    Password,
    /// A file is named as one names standard output.
    Dash,
    /// The service could not be stopped or started.
    Service {
        /// What was said.
        why: String,
    },
    /// Credentials need systemd.
    NoSystemd,
    /// The store is not open, so that no key here may be the right one.
    NotOpen {
        /// What the daemon or the bus said.
        why: String,
    },
    /// The check found something.
    Unsound {
        /// How much.
        problems: usize,
    },
    /// There are enrollments where the backup would go.
    NotEmpty {
        /// How many.
        records: u64,
    },
    /// What is there cannot be read.
    DamagedThere {
        /// What was said of it.
        why: String,
    },
    /// The daemon does not run with the new key; it does with the old one again.
    WentBack {
        /// What was said.
        why: String,
    },
    /// The daemon does not run with the new key, and going back failed as well.
    Stuck {
        /// What was said.
        why: String,
    },
    /// The new key is in use, and the old one is needed still.
    Unfinished {
        /// What was said.
        why: String,
    },
    /// The daemon came up with another key than it should have.
    OtherKey,
    /// The daemon does not take up what was restored.
    NotTakenUp {
        /// What was said.
        why: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |text: &str| Printable(text).to_string();
        f.write_str(&match self {
            Self::NotRoot => tell!("store-not-root"),
            Self::NoProgram { path, why } => tell!(
                "store-no-program",
                "path" = printable(&path.to_string_lossy()),
                "why" = why.to_string()
            ),
            Self::UnderWay => tell!("store-under-way"),
            Self::NoTurn { path, why } => tell!(
                "store-no-turn",
                "path" = printable(&path.to_string_lossy()),
                "why" = why.to_string()
            ),
            Self::NoReport(said) => tell!("store-no-report", "said" = printable(said)),
            Self::Failed(report) => failed(report),
            Self::NoKeyHere => tell!("store-no-key-here"),
            Self::NotSaved(error) => {
                let (file, why) = error.told();
                tell!("store-not-saved", "file" = file, "why" = why)
            }
            Self::Password => format!("--url: {}", tell!("config-server-password")),
            Self::Dash => tell!("store-dash"),
            Self::Service { why } => tell!("store-service", "why" = printable(why)),
            Self::NoSystemd => tell!("store-no-systemd"),
            Self::NotOpen { why } => tell!("store-not-open", "why" = printable(why)),
            Self::Unsound { problems } => tell!("store-unsound", "problems" = *problems),
            Self::NotEmpty { records } => tell!("store-not-empty", "records" = *records),
            Self::DamagedThere { why } => tell!("store-damaged-there", "why" = printable(why)),
            Self::WentBack { why } => tell!("store-went-back", "why" = printable(why)),
            Self::Stuck { why } => tell!("store-stuck", "why" = printable(why)),
            Self::Unfinished { why } => tell!("store-unfinished", "why" = printable(why)),
            Self::OtherKey => tell!("store-other-key"),
            Self::NotTakenUp { why } => tell!("store-not-taken-up", "why" = printable(why)),
        })
    }
}

/// A failure of the daemon's program by its word. Its own text is for the log, in English.
fn failed(report: &Report) -> String {
    let printable = |key: &str| Printable(text(report, key)).to_string();
    match text(report, "word") {
        "wrong-key" => tell!(
            "store-wrong-key",
            "needed" = texts(report, "needed").join(", "),
            "given" = texts(report, "given").join(", ")
        ),
        "no-key" => tell!("store-no-key"),
        "not-a-backup" => tell!("store-not-a-backup"),
        "newer" => tell!("store-newer"),
        "wrong-length" => tell!(
            "store-wrong-length",
            "bytes" = number(report, "bytes"),
            "wanted" = number(report, "wanted")
        ),
        "changed" => tell!("store-changed"),
        "forged" => tell!("store-forged"),
        "record" => tell!("store-record", "user" = printable("user")),
        "not-a-key" => tell!("store-not-a-key", "path" = printable("path")),
        "unreadable-file" => tell!(
            "store-unreadable-file",
            "path" = printable("path"),
            "why" = printable("text")
        ),
        "decrypting" => tell!("store-decrypting", "why" = printable("text")),
        "encrypting" => tell!("store-encrypting", "why" = printable("text")),
        "in-use" => tell!("store-in-use"),
        "shared" => tell!("store-is-shared"),
        "other-backend" => tell!("store-other-backend", "wanted" = printable("wanted")),
        "no-servers" => tell!("store-no-servers"),
        "broken-configuration" => tell!("store-broken-configuration", "why" = printable("text")),
        "conflict" => tell!(
            "store-conflict",
            "users" = Printable(&texts(report, "users").join(", ")).to_string()
        ),
        "not-moved" => tell!(
            "store-not-moved",
            "user" = printable("user"),
            "why" = printable("text")
        ),
        "schema-newer" | "schema-step" | "server" | "settings" => {
            tell!("store-server", "why" = printable("text"))
        }
        "no-user" => tell!("store-no-user"),
        _ => tell!("store-failed", "why" = printable("text")),
    }
}

impl std::error::Error for StoreError {}
