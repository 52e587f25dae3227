//! Fills a store with enrolled users, as the daemon would have written them: `seed-store DIRECTORY USERS`, as the
//! daemon's user.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use countersign_bench::{Member, enrolled};
use countersignd::store::{Held, PlainRecord, RealDisk, system_entropy};

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [directory, users] => users.parse().ok().map(|users| (directory, users)),
        _ => None,
    };
    let Some((directory, users)) = parsed else {
        eprintln!("usage: seed-store DIRECTORY USERS");
        return ExitCode::from(2);
    };
    match fill(Path::new(directory), users) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seed-store: filling {directory}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fill(directory: &Path, users: usize) -> Result<(), Failed> {
    let state = RealDisk::open(directory)?;
    let held = Held::take(&state)?.ok_or("a daemon runs on it")?;
    let mut failed = None;
    // The members' names are in order of their numbers.
    let records = (0..users).map_while(|number| {
        let record = record(&Member::of(number, users));
        record.map_err(|why| failed = Some(why)).ok()
    });
    let filled = held.fill(&state, &system_entropy(), records);
    match failed {
        Some(why) => Err(why),
        None => Ok(filled.map(drop).map_err(text)?),
    }
}

fn record(member: &Member) -> Result<PlainRecord, Failed> {
    let account = enrolled(member);
    let record = account.to_bytes().map_err(text)?;
    Ok((account.user().clone(), record))
}

/// An error whose text is all that is wanted of it.
fn text(error: impl std::fmt::Display) -> Failed {
    Failed::from(error.to_string())
}
