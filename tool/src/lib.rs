//! Enrolls, shows, exports and disables authenticator codes for logins.

mod account;
mod agent;
mod ask;
mod caller;
mod card;
mod cli;
mod clock;
mod completion;
mod daemon;
mod doctor;
mod duration;
mod error;
mod failure;
mod help;
mod import;
mod output;
mod pager;
mod paint;
mod pam;
mod picture;
mod printable;
mod private_file;
mod progress;
mod recovery;
mod refusal;
mod run;
mod saved_copy;
mod screen;
mod sheet;
mod stack;
mod store;
mod system_program;
mod table;
mod usage;
mod utc;
mod verbs;
mod words;

pub use run::run;

/// The command line as clap knows it, for what is made of it: man pages and completions.
pub fn command() -> clap::Command {
    <cli::Cli as clap::CommandFactory>::command()
}
