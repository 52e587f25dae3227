//! Starts the daemon.

use std::process::ExitCode;

use clap::Parser;
use countersignd::{Options, Task, perform, run};

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(Task::Maintain(job)) = &options.task {
        return ExitCode::from(u8::from(!perform(&options, job)));
    }
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("countersignd: {failure}");
            ExitCode::FAILURE
        }
    }
}
