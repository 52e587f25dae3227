//! `make bench` in short: it still measures, and says what it was told wrong.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::env;
use std::process::{Command, Output};

fn bench(variables: &[(&str, &str)]) -> Output {
    let build = env::var_os("COUNTERSIGN_BUILD").expect("scripts/test names what it built");
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/bench"))
        .env("BENCH_BUILD", build)
        .env("WRITE", "0")
        .envs(variables.iter().copied())
        .output()
        .expect("bash runs")
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn a_short_bench_measures_everything_and_judges_it() {
    let output = bench(&[
        ("LOGINS", "5"),
        ("USERS", "1 100"),
        ("SEED", "1"),
        ("CROWD", "8"),
    ]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for part in [
        "seed 1",
        "verdicts \"accepted\", 80 \"wrong\" and no other",
        "over the login socket, against google-authenticator",
        "8 at once, against google-authenticator",
        "100 users against 1",
        "loading the module",
    ] {
        assert!(said.contains(part), "no '{part}' in:\n{said}");
    }
}

#[test]
fn a_number_that_is_none_is_refused_with_its_name() {
    let output = bench(&[("USERS", "1 many")]);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("numbers from 1 on, not 'many'"), "{said}");
}
