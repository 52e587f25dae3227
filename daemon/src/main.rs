//! Starts the daemon.

use std::process::ExitCode;

use clap::Parser;
use countersignd::{Options, run};

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("countersignd: {failure}");
            ExitCode::FAILURE
        }
    }
}
