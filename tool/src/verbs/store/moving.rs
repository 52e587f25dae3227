use std::ffi::OsStr;

use super::needs_root;
use super::restore::taken_up;
use crate::cli::{MoveTo, StoreMove};
use crate::error::{Stage, ToolError};
use crate::output::print_line;
use crate::run::Session;
use crate::store::error::StoreError;
use crate::store::maintenance::{Report, maintain, number, text};
use crate::store::service::Service;
use crate::store::turn::Turn;
use crate::words::tell;

/// How often a login may start the daemon again just when it was stopped.
const TRIES: usize = 3;

/// `countersign store move`
pub async fn run(args: &StoreMove, session: &Session) -> Result<(), ToolError> {
    needs_root()?;
    let _turn = Turn::take()?;
    // What stands against it in the configuration is known before the daemon is stopped.
    maintain(
        arguments(args).into_iter().chain([OsStr::new("--look")]),
        None,
    )?;
    session.progress.set(Stage::Store);
    let service = Service::of_host(session.bus_address());
    let moved = carry(args, &service).await;
    // Also after a failure: whoever is enrolled where the daemon looks can log in then.
    let started = service.start();
    let report = moved?;
    started?;
    taken_up(session).await?;
    session.progress.set(Stage::Changed);
    let records = number(&report, "records");
    match args.to {
        MoveTo::Postgres => {
            print_line(&tell!("store-moved-there", "records" = records))?;
            print_line(&tell!("store-moved-there-next"))
        }
        MoveTo::Embedded => {
            print_line(&tell!("store-moved-back", "records" = records))?;
            print_line(&tell!("store-moved-back-next"))
        }
    }
}

/// The daemon's program waits for the store and holds it, so that no daemon that is started meanwhile opens it.
async fn carry(args: &StoreMove, service: &Service) -> Result<Report, StoreError> {
    let all = arguments(args);
    let mut tries = 1;
    loop {
        service.stop().await?;
        match maintain(&all, None) {
            Err(StoreError::Failed(report))
                if text(&report, "word") == "in-use" && tries < TRIES =>
            {
                tries += 1;
            }
            done => return done,
        }
    }
}

fn arguments(args: &StoreMove) -> Vec<&OsStr> {
    let mut all: Vec<&OsStr> = vec![
        "transfer".as_ref(),
        "--to".as_ref(),
        args.to.as_str().as_ref(),
    ];
    if let Some(role) = &args.role {
        all.extend::<[&OsStr; 2]>(["--role".as_ref(), role.as_ref()]);
    }
    for (flag, file) in [("--certificate", &args.certificate), ("--key", &args.key)] {
        if let Some(file) = file {
            all.extend::<[&OsStr; 2]>([flag.as_ref(), file.as_ref()]);
        }
    }
    all
}
