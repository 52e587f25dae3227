//! The command line, and nothing else: what can be said, not what is done about it.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use countersign_bus::{SYSTEM_BUS_ADDRESS, UserName};

use crate::card::Paper;
use crate::duration::Seconds;
use crate::import::homes::Pattern;
use crate::words::tell;

/// Authenticator codes for logins.
#[derive(Parser, Debug)]
#[command(name = "countersign", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,

    /// Use the message bus at this address, not the system's
    #[arg(long, global = true, value_name = "ADDRESS", default_value = SYSTEM_BUS_ADDRESS,
          hide_default_value = true)]
    pub bus: String,

    /// Work on the files of a machine whose root directory is here
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "/",
        hide = true
    )]
    pub root: PathBuf,
}

const AFTER_HELP: &str = "\
Codes are asked for on the terminal, or read from standard input, one a line,
when it is not a terminal. They are never arguments.

Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Set up an authenticator app for your logins
    Enroll(Enroll),
    /// Show whether codes are asked for, and what is left
    Status(Status),
    /// Show the QR code again, or save it as a picture
    Export(Export),
    /// Stop asking for codes
    Disable(Disable),
    /// Replace the recovery codes by new ones
    RecoveryCodes(RecoveryCodes),
    /// Try out a code without logging in
    Verify(Verify),
    /// Adjust to an authenticator whose clock is off
    Resync(Resync),
    /// List who is enrolled (administrators)
    List(List),
    /// Let a user in again (administrators)
    Unlock(Unlock),
    /// Take over the tokens of other programs (administrators)
    Import(Import),
    /// Check the configuration, or show what it says
    Config(Config),
    /// Find out what is wrong with this installation
    Doctor(Doctor),
    /// Have login services ask for codes (administrators)
    #[command(subcommand)]
    Pam(Pam),
    /// Check, copy and restore enrollments, change their key
    #[command(subcommand)]
    Store(Store),
}

impl Cli {
    /// Refuses what cannot be said in the attributes of the arguments: what fits a value alone.
    /// The mistake comes with the usage of this command.
    pub fn check(&self, command: &mut clap::Command) -> Result<(), clap::Error> {
        match &self.verb {
            Verb::Enroll(Enroll {
                kind: Some(Kind::Hotp),
                period: Some(_),
                ..
            }) => Err(command.error(
                clap::error::ErrorKind::ArgumentConflict,
                tell!("card-counter-without-period"),
            )),
            _ => Ok(()),
        }
    }
}

#[derive(Args, Debug)]
pub struct Who {
    /// Act on this user, as an administrator
    #[arg(long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
}

#[derive(Args, Debug)]
pub struct Enroll {
    /// Name of the token, such as phone or tablet
    #[arg(long, value_name = "TOKEN")]
    pub name: Option<String>,

    /// Save the QR code (.jpg, .png, .svg) or a card (.pdf)
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,

    /// Paper of the card: a4 or letter [by the locale]
    #[arg(
        long,
        value_name = "SIZE",
        requires = "save",
        hide_possible_values = true
    )]
    pub paper: Option<Paper>,

    /// Let --save replace a file
    #[arg(long, requires = "save")]
    pub force: bool,

    /// Show the key alone
    #[arg(long)]
    pub no_qr: bool,

    /// SHA1, SHA256 or SHA512; most apps know SHA1 alone
    #[arg(
        long,
        value_name = "NAME",
        ignore_case = true,
        hide_possible_values = true
    )]
    pub algorithm: Option<Algorithm>,

    /// Digits of a code, 6 to 8
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(6..=8))]
    pub digits: Option<u32>,

    /// Length of a time step
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub period: Option<u32>,

    /// Codes by time (totp) or by counter (hotp)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub kind: Option<Kind>,

    /// Write JSON: one line before the code, one after it
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

/// As the otpauth URI and the bus name them.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Algorithm {
    #[value(name = "SHA1")]
    Sha1,
    #[value(name = "SHA256")]
    Sha256,
    #[value(name = "SHA512")]
    Sha512,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Kind {
    Totp,
    Hotp,
}

#[derive(Args, Debug)]
pub struct Status {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("what").args(["save", "show"]).required(true).multiple(true))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Export {
    /// Save the QR code (.jpg, .png, .svg) or a card (.pdf)
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,

    /// Paper of the card: a4 or letter [by the locale]
    #[arg(
        long,
        value_name = "SIZE",
        requires = "save",
        hide_possible_values = true
    )]
    pub paper: Option<Paper>,

    /// Let --save replace a file
    #[arg(long, requires = "save")]
    pub force: bool,

    /// Show the QR code and the key
    #[arg(long)]
    pub show: bool,

    /// Show the key alone
    #[arg(long, requires = "show")]
    pub no_qr: bool,

    /// Which token, when there are several
    #[arg(long, value_name = "TOKEN")]
    pub name: Option<String>,

    /// Write JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
pub struct Disable {
    /// Remove this token alone
    #[arg(long, value_name = "TOKEN")]
    pub name: Option<String>,

    /// Write JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
pub struct RecoveryCodes {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
pub struct Verify {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
pub struct Resync {
    #[command(flatten)]
    pub who: Who,
}

#[derive(Args, Debug)]
pub struct List {
    /// Write JSON, one user a line
    #[arg(long)]
    pub json: bool,

    /// Do not stop at each page on a terminal
    #[arg(long)]
    pub no_pager: bool,
}

#[derive(Args, Debug)]
pub struct Unlock {
    /// Whom to let in again
    #[arg(value_name = "USER", value_parser = UserName::parse)]
    pub user: UserName,

    /// Also issue a code to tell the user
    #[arg(long, conflicts_with = "disable")]
    pub temporary_code: bool,

    /// How long it is valid: 30m, 8h, 2d
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "1h",
        requires = "temporary_code"
    )]
    pub valid: Seconds,

    /// How many logins it is good for
    #[arg(long, value_name = "N", default_value = "1", requires = "temporary_code",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: u32,

    /// Also remove the tokens, to enroll anew
    #[arg(long)]
    pub disable: bool,

    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Import {
    #[command(subcommand)]
    pub from: ImportFrom,
}

#[derive(Subcommand, Debug)]
pub enum ImportFrom {
    #[command(about = "From google-authenticator: ~/.google_authenticator")]
    GoogleAuthenticator(ImportGoogle),
    #[command(about = "From pam_oath: /etc/users.oath")]
    Oath(ImportOath),
    /// From otpauth URIs on standard input, one a line
    Uri(ImportUri),
}

impl ImportFrom {
    /// What all of them can be told.
    pub const fn how(&self) -> &ImportHow {
        match self {
            Self::GoogleAuthenticator(from) => &from.how,
            Self::Oath(from) => &from.how,
            Self::Uri(from) => &from.how,
        }
    }
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("where").args(["file", "all_homes", "user"]).required(true).multiple(true))]
pub struct ImportGoogle {
    /// One user's file
    #[arg(value_name = "FILE", conflicts_with_all = ["all_homes", "path"])]
    pub file: Option<PathBuf>,

    /// The files in the homes of all users
    #[arg(long, conflicts_with = "user")]
    pub all_homes: bool,

    /// Whose it is, if not the owner's of FILE
    #[arg(long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,

    /// The file of each, as secret= had it: ${HOME} or ${USER}
    #[arg(long, value_name = "PATTERN", value_parser = Pattern::parse)]
    pub path: Option<Pattern>,

    #[command(flatten)]
    pub how: ImportHow,
}

#[derive(Args, Debug)]
pub struct ImportOath {
    /// The users file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// How far codes may be off, as window= had it
    #[arg(long, value_name = "N", default_value = "5",
          value_parser = clap::value_parser!(u32).range(0..=100))]
    pub window: u32,

    #[command(flatten)]
    pub how: ImportHow,
}

#[derive(Args, Debug)]
pub struct ImportUri {
    /// Whose tokens they are
    #[arg(long, value_name = "USER", value_parser = UserName::parse)]
    pub user: UserName,

    #[command(flatten)]
    pub how: ImportHow,
}

#[derive(Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct ImportHow {
    /// Show what would be taken, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Also for users who have other tokens already
    #[arg(long)]
    pub add: bool,

    /// Of users with lines that cannot be read, take the rest
    #[arg(long)]
    pub partly: bool,

    /// Write JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Doctor {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Config {
    #[command(subcommand)]
    pub verb: ConfigVerb,
}

#[derive(Subcommand, Debug)]
pub enum ConfigVerb {
    /// Say everything that is wrong in the files, and what is odd
    Check(ConfigCheck),
    /// Show each value and where it comes from, or which rule decides
    Show(ConfigShow),
}

/// Where the daemon's configuration is.
pub const CONFIG_DIR: &str = "/etc/countersign";

#[derive(Args, Debug)]
pub struct ConfigCheck {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    /// Read these files, not the daemon's
    #[arg(long, hide = true, value_name = "DIR", default_value = CONFIG_DIR)]
    pub dir: PathBuf,
}

#[derive(Args, Debug)]
pub struct ConfigShow {
    /// Which rule would decide about a login of this user?
    #[arg(value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,

    /// By this PAM service, such as sshd; without it, by any
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,

    /// From this address; without it, at the machine itself
    #[arg(value_name = "RHOST")]
    pub rhost: Option<String>,

    /// Write JSON
    #[arg(long)]
    pub json: bool,

    /// Read these files, not the daemon's
    #[arg(long, hide = true, value_name = "DIR", default_value = CONFIG_DIR)]
    pub dir: PathBuf,
}

#[derive(Subcommand, Debug)]
pub enum Pam {
    /// Show which services ask for codes, and what is wrong
    Status(PamStatus),
    /// Put our line into the stacks of services
    Enable(PamEnable),
    /// Take our line out of the stacks of services
    Disable(PamDisable),
    /// Enable, and go back by itself unless a login has worked
    Try(PamTry),
}

#[derive(Args, Debug)]
pub struct PamStatus {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct PamEnable {
    /// Such as sshd, sudo, su, login, polkit-1, cockpit, gdm-password
    #[arg(value_name = "SERVICE", required = true)]
    pub services: Vec<String>,

    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Go on although somebody may be locked out
    #[arg(long)]
    pub force: bool,

    /// Also have sshd leave the questions to PAM
    #[arg(long)]
    pub sshd_config: bool,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").args(["services", "all"]).required(true))]
pub struct PamDisable {
    /// Such as sshd, sudo, su, login, polkit-1, cockpit, gdm-password
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,

    /// All that there are
    #[arg(long)]
    pub all: bool,

    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").args(["services", "confirm", "rollback"]).required(true))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct PamTry {
    /// Such as sshd, sudo, su, login, polkit-1, cockpit, gdm-password
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,

    /// How long to wait for a login: 90s, 5m
    #[arg(long = "for", value_name = "DURATION", default_value = "120s")]
    pub wait: Seconds,

    /// Go on although somebody may be locked out
    #[arg(long, requires = "services")]
    pub force: bool,

    /// Also have sshd leave the questions to PAM
    #[arg(long, requires = "services")]
    pub sshd_config: bool,

    /// Keep what is on trial, once a login has worked
    #[arg(long)]
    pub confirm: bool,

    /// Go back from what is on trial
    #[arg(long)]
    pub rollback: bool,

    /// Which trial
    #[arg(long, value_name = "ID", hide = true, requires = "rollback")]
    pub trial: Option<u32>,

    /// Wait so long before
    #[arg(long, value_name = "SECONDS", hide = true, requires = "trial")]
    pub after: Option<u32>,
}

#[derive(Subcommand, Debug)]
pub enum Store {
    /// Show how much there is, and under which key
    Status(StoreStatus),
    /// Read it all from the disk and say what is wrong
    Check(StoreCheck),
    /// Save a copy that opens with the key alone
    Backup(StoreBackup),
    /// Save the key that a copy opens with
    Key(StoreKey),
    /// Put a copy in the place of what is here
    Restore(StoreRestore),
    /// Move to a key in another place
    Seal(StoreSeal),
    /// Change to a new key in the same place
    Rotate(StoreRotate),
    /// Make or upgrade the schema of a shared store
    Migrate(StoreMigrate),
    /// Take all enrollments to a shared store, or back
    Move(StoreMove),
}

#[derive(Args, Debug)]
pub struct StoreMigrate {
    /// The server, and a role that may make roles
    #[arg(long, value_name = "URL")]
    pub url: String,

    /// Who vouches for the server; else as configured
    #[arg(long, value_name = "PEM")]
    pub ca: Option<PathBuf>,

    /// That role's certificate
    #[arg(long, value_name = "PEM")]
    pub certificate: Option<PathBuf>,

    /// That certificate's private key
    #[arg(long, value_name = "PEM")]
    pub key: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct StoreMove {
    /// postgres or embedded, as the configuration says
    #[arg(long, value_name = "BACKEND", hide_possible_values = true)]
    pub to: MoveTo,

    /// An administrator's role; else this host's name
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,

    /// That role's certificate; else as configured
    #[arg(long, value_name = "PEM")]
    pub certificate: Option<PathBuf>,

    /// That certificate's private key
    #[arg(long, value_name = "PEM")]
    pub key: Option<PathBuf>,
}

/// In what the enrollments are to be.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveTo {
    Postgres,
    Embedded,
}

impl MoveTo {
    /// As the configuration has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Embedded => "embedded",
        }
    }
}

#[derive(Args, Debug)]
pub struct StoreStatus {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct StoreCheck {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct StoreBackup {
    /// Where to; for root alone, and never through a link
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Replace a file
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct StoreKey {
    /// Where to; for root alone, and never through a link
    #[arg(long, value_name = "FILE")]
    pub save: PathBuf,

    /// Replace a file
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct StoreRestore {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What `store key` saved; without it, this host's own key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Also over enrollments; they are kept aside
    #[arg(long)]
    pub force: bool,

    /// Give each enrollment the uid that its user has here
    #[arg(long)]
    pub rebind_uids: bool,
}

#[derive(Args, Debug)]
pub struct StoreSeal {
    /// systemd-creds (TPM or host key) or key-file
    #[arg(long, value_name = "PLACE", hide_possible_values = true)]
    pub with: With,

    /// auto, host, tpm2 or host+tpm2
    #[arg(
        long,
        value_name = "KEY",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub with_key: WithKey,
}

#[derive(Args, Debug)]
pub struct StoreRotate {
    /// auto, host, tpm2 or host+tpm2
    #[arg(
        long,
        value_name = "KEY",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub with_key: WithKey,
}

/// Where the key of the store lies.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum With {
    SystemdCreds,
    KeyFile,
}

/// What encrypts the credential.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum WithKey {
    Auto,
    Host,
    Tpm2,
    #[value(name = "host+tpm2")]
    HostTpm2,
}

impl WithKey {
    /// As systemd-creds(1) has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Host => "host",
            Self::Tpm2 => "tpm2",
            Self::HostTpm2 => "host+tpm2",
        }
    }
}
