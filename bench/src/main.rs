//! `countersign-bench measure …` inside the lab, `countersign-bench publish …` outside: see scripts/bench.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign_bench::{Found, Quiet, Wanted, When, measure, profile, publish, targets};

const USAGE: &str = "usage: countersign-bench measure BUILD LOGINS SEED CROWD USERS…
       countersign-bench profile BUILD
       countersign-bench judge FOUND
       countersign-bench publish FOUND README SVG quiet|anyway";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["measure", build, logins, seed, crowd, users @ ..] if !users.is_empty() => {
            let numbers: Option<Vec<usize>> =
                users.iter().map(|count| count.parse().ok()).collect();
            let (Ok(logins), Ok(seed), Ok(crowd)) = (logins.parse(), seed.parse(), crowd.parse())
            else {
                return usage();
            };
            let Some(users) = numbers else {
                return usage();
            };
            let found = measure(&Wanted {
                build: PathBuf::from(build),
                logins,
                seed,
                crowd,
                users,
            });
            let json = serde_json::to_string_pretty(&found).unwrap_or_default();
            written("/disk/found.json", &json)
        }
        ["profile", build] => {
            profile(Path::new(build));
            ExitCode::SUCCESS
        }
        ["judge", found] => read(found, |found| {
            print!("{}", targets::sheet(found));
            ExitCode::SUCCESS
        }),
        ["publish", found, readme, svg, when @ ("quiet" | "anyway")] => read(found, |found| {
            let when = if *when == "anyway" {
                When::Anyway
            } else {
                When::Quiet
            };
            match publish(found, Path::new(readme), Path::new(svg), when) {
                Ok(Quiet::Yes) => {
                    println!("written: the table in {readme}, and {svg}");
                    ExitCode::SUCCESS
                }
                Ok(Quiet::No(share)) => {
                    eprintln!(
                        "NOT written to {readme} and {svg}: others took up to {share:.0} % of this \
                         machine meanwhile. Run it again when it is quiet, or with ANYWAY=1."
                    );
                    ExitCode::SUCCESS
                }
                Err(error) => {
                    eprintln!("countersign-bench: {error}");
                    ExitCode::FAILURE
                }
            }
        }),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn read(path: &str, then: impl FnOnce(&Found) -> ExitCode) -> ExitCode {
    let found = fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    match found {
        Ok(found) => then(&found),
        Err(error) => {
            eprintln!("countersign-bench: reading {path}: {error}; run make bench first");
            ExitCode::FAILURE
        }
    }
}

fn written(path: &str, text: &str) -> ExitCode {
    match fs::write(path, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign-bench: writing {path}: {error}");
            ExitCode::FAILURE
        }
    }
}
