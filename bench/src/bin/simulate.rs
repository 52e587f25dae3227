//! `countersign-simulate measure …` inside the lab, `countersign-simulate report …` outside: see scripts/simulate.

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use countersign_bench::scale::{Agreement, LIMIT, Measured, agreements, measure, publish, sheet};

const USAGE: &str = "usage: countersign-simulate measure LOGINS USERS FILE
       countersign-simulate report FILE
       countersign-simulate publish FILE DOCUMENT SVG";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["measure", logins, users, file] => {
            let (Ok(logins), Ok(users)) = (logins.parse(), users.parse()) else {
                return usage();
            };
            let measured = measure(logins, users);
            let json = serde_json::to_string_pretty(&measured).unwrap_or_default();
            told(file, fs::write(file, json + "\n"))
        }
        ["report", file] => read(file, |measured| {
            let agreements = agreements(measured);
            println!("{}", sheet(measured, &agreements));
            judged(&agreements)
        }),
        ["publish", file, document, picture] => read(file, |measured| {
            let agreements = agreements(measured);
            let done = publish(
                measured,
                &agreements,
                Path::new(document),
                Path::new(picture),
            );
            told(document, done)
        }),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn judged(agreements: &[Agreement]) -> ExitCode {
    if !agreements.is_empty() && agreements.iter().all(Agreement::holds) {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "countersign-simulate: what is simulated is off by more than {:.0} % of what was measured; run it again when \
         nobody else uses the machine",
        LIMIT * 100.0
    );
    ExitCode::FAILURE
}

fn read(path: &str, then: impl FnOnce(&Measured) -> ExitCode) -> ExitCode {
    let measured = fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    match measured {
        Ok(measured) => then(&measured),
        Err(error) => {
            eprintln!("countersign-simulate: reading {path}: {error}; run make simulate first");
            ExitCode::FAILURE
        }
    }
}

fn told(what: &str, done: std::io::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign-simulate: writing {what}: {error}");
            ExitCode::FAILURE
        }
    }
}
