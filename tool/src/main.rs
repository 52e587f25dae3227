//! Enrolls, shows, exports and disables authenticator codes for logins.

mod account;
mod ask;
mod caller;
mod cli;
mod daemon;
mod duration;
mod error;
mod failure;
mod otpauth;
mod output;
mod picture;
mod printable;
mod private_file;
mod qr;
mod recovery;
mod refusal;
mod run;
mod screen;
mod sheet;
mod utc;
mod verbs;

fn main() -> std::process::ExitCode {
    run::run(std::env::args_os())
}
