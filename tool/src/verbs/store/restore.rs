use std::ffi::OsStr;
use std::time::{Duration, Instant};

use super::needs_root;
use crate::cli::StoreRestore;
use crate::error::{Stage, ToolError};
use crate::output::print_line;
use crate::printable::Printable;
use crate::run::Session;
use crate::store::error::StoreError;
use crate::store::maintenance::{Report, maintain, number, parts, text, texts};
use crate::store::service::Service;
use crate::store::turn::Turn;
use crate::utc::Utc;
use crate::words::tell;

/// How often a login may start the daemon again just when it was stopped.
const TRIES: usize = 3;
/// How long the daemon may take to take up its store.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(200);

/// `countersign store restore`
pub async fn run(args: &StoreRestore, session: &Session) -> Result<(), ToolError> {
    needs_root()?;
    let _turn = Turn::take()?;
    // Everything that stands against it is known before the daemon is stopped.
    let report = maintain(arguments("examine", args), None)?;
    introduce(&report)?;
    if !args.force {
        must_be_empty(&report)?;
    }
    session.progress.set(Stage::Store);
    let service = Service::of_host(session.bus_address());
    let restored = put_in_place(args, &service).await;
    let started = service.start();
    let report = restored?;
    started?;
    taken_up(session).await?;
    session.progress.set(Stage::Changed);
    conclude(&report, args)
}

fn arguments<'a>(job: &'a str, args: &'a StoreRestore) -> Vec<&'a OsStr> {
    let mut all: Vec<&OsStr> = vec![job.as_ref(), "--backup".as_ref(), args.file.as_ref()];
    if let Some(key) = &args.key {
        all.extend::<[&OsStr; 2]>(["--key".as_ref(), key.as_ref()]);
    }
    if args.rebind_uids {
        all.push("--rebind-uids".as_ref());
    }
    all
}

/// Whose backup it is.
fn introduce(report: &Report) -> Result<(), ToolError> {
    let none = Report::new();
    let header = report.get("header").and_then(|it| it.as_object());
    let header = header.unwrap_or(&none);
    print_line(&tell!(
        "store-backup-of",
        "host" = Printable(text(header, "host")).to_string(),
        "when" = Utc(number(header, "made")).to_string(),
        "records" = number(header, "records")
    ))
}

fn must_be_empty(report: &Report) -> Result<(), StoreError> {
    let Some(here) = report.get("here").and_then(|it| it.as_object()) else {
        return Ok(());
    };
    if here.contains_key("damaged") {
        return Err(StoreError::DamagedThere {
            why: text(here, "damaged").to_owned(),
        });
    }
    match number(here, "records") {
        0 => Ok(()),
        records => Err(StoreError::NotEmpty { records }),
    }
}

/// The daemon's program waits for the store and holds it, so that no daemon that is started meanwhile
/// opens it.
async fn put_in_place(args: &StoreRestore, service: &Service) -> Result<Report, StoreError> {
    let mut all = arguments("restore", args);
    if args.force {
        all.push("--force".as_ref());
    }
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

/// A daemon that met the store held tries again every few seconds.
pub(super) async fn taken_up(session: &Session) -> Result<(), ToolError> {
    let begun = Instant::now();
    loop {
        let asked = async { session.daemon().await?.store_status().await };
        match asked.await {
            Ok(_) => return Ok(()),
            Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                return Err(StoreError::NotTakenUp {
                    why: error.to_string(),
                }
                .into());
            }
        }
    }
}

/// What was done, and what there is to know.
fn conclude(report: &Report, args: &StoreRestore) -> Result<(), ToolError> {
    let none = Report::new();
    let header = report.get("header").and_then(|it| it.as_object());
    print_line(&tell!(
        "store-restored",
        "records" = number(header.unwrap_or(&none), "records"),
        "key" = text(report, "key")
    ))?;
    if !text(report, "aside").is_empty() {
        let path = Printable(text(report, "aside")).to_string();
        print_line(&tell!("store-aside", "path" = path))?;
    }
    for moved in parts(report, "moved") {
        let user = Printable(text(moved, "user")).to_string();
        let (was, is) = (number(moved, "was"), number(moved, "is"));
        print_line(&if args.rebind_uids {
            tell!("store-rebound", "user" = user, "was" = was, "is" = is)
        } else {
            tell!("store-moved", "user" = user, "was" = was, "is" = is)
        })?;
    }
    if !args.rebind_uids && parts(report, "moved").next().is_some() {
        print_line(&tell!("store-rebind-hint"))?;
    }
    for user in texts(report, "gone") {
        print_line(&tell!("store-gone", "user" = Printable(&user).to_string()))?;
    }
    for user in texts(report, "counters") {
        print_line(&tell!(
            "store-counter",
            "user" = Printable(&user).to_string()
        ))?;
    }
    print_line(&tell!("store-after-restore"))
}
