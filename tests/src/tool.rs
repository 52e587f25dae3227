use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::enrollment::Secret;
use crate::program::Program;

/// How the companion tool ended, and what it printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Its exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs the companion tool as a user, with codes on its standard input, one a line.
pub fn tool(user: &str, arguments: &[&str], codes: &[&str]) -> Told {
    let tool = match user {
        "root" => Program::new("countersign"),
        _ => Program::as_user(user, "countersign"),
    };
    let input: String = codes.iter().flat_map(|code| [*code, "\n"]).collect();
    Told::from(tool.args(arguments).input(&input).output())
}

/// Enrolls a user by counter, with the right code, where that may fail.
pub fn try_to_enroll(user: &str) -> Told {
    let mut child = Command::new("runuser")
        .args(["-u", user, "--", "countersign", "enroll", "--json"])
        .args(["--kind", "hotp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runuser runs");
    let mut shown = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    out.read_line(&mut shown).expect("its output is text");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    let key: Option<Value> = serde_json::from_str(&shown).ok();
    if let Some(uri) = key
        .as_ref()
        .and_then(|key| key.get("otpauth_uri")?.as_str())
    {
        writeln!(stdin, "{}", Secret::from_uri(uri).code(0)).expect("it reads the code");
    }
    drop(stdin);
    out.read_to_string(&mut shown).expect("its output is text");
    let ended = child.wait_with_output().expect("its end");
    Told {
        out: shown,
        ..Told::from(ended)
    }
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

impl Told {
    /// Checks that it was done.
    pub fn done(&self) {
        assert_eq!(self.status, 0, "{self:?}");
    }

    /// Checks that it was refused or failed, in one sentence that has these parts.
    pub fn failed_with(&self, parts: &[&str]) {
        assert_eq!(self.status, 1, "{self:?}");
        let sentence = self.err.trim_end_matches('\n');
        assert!(
            sentence.starts_with("countersign: ") && !sentence.contains('\n'),
            "{self:?}"
        );
        for part in parts {
            assert!(sentence.contains(part), "no {part:?} in {self:?}");
        }
    }
}
