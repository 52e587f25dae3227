//! The built command against a daemon with a script, on a bus of their own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod accounts;
#[allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "methods have the form that the bus macro wants"
)]
mod daemon;
mod enrolling;
mod french;
mod terminal;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run of the tool left.
struct Run {
    status: i32,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("no exit status"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn tool() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_countersign"))
}

/// Runs the tool with these lines on standard input.
fn run(bus: &str, args: &[&str], input: &str) -> Run {
    run_in("C", bus, args, input)
}

/// The same in a locale.
fn run_in(locale: &str, bus: &str, args: &[&str], input: &str) -> Run {
    let mut child = Command::new(tool())
        .args(["--bus", bus])
        .args(args)
        .env("LC_ALL", locale)
        .env_remove("LANGUAGE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The tool may have refused before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

/// What `zbarimg`, of Debian's zbar-tools, reads in a picture.
fn scan(picture: &Path) -> String {
    let out = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .expect("these tests need zbarimg: apt-get install zbar-tools");
    String::from_utf8(out.stdout).unwrap().trim_end().to_owned()
}
