//! What a person at a terminal lives through; `script` of util-linux is the terminal.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::daemon::{Lab, URI};
use crate::tool;

/// A shell line on a terminal of its own. Its output is read as it comes.
pub struct Terminal {
    child: Child,
    seen: String,
}

impl Terminal {
    pub fn run(line: &str) -> Self {
        Self::run_in("C.UTF-8", line)
    }

    pub fn run_in(locale: &str, line: &str) -> Self {
        let child = Command::new("script")
            .args(["--quiet", "--return", "--command", line, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env("LC_ALL", locale)
            .env_remove("LANGUAGE")
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("these tests need script, of util-linux");
        Self {
            child,
            seen: String::new(),
        }
    }

    /// Waits for a question, then types.
    pub fn answer(&mut self, question: &str, typed: &str) {
        let out = self.child.stdout.as_mut().unwrap();
        let mut bytes = std::mem::take(&mut self.seen).into_bytes();
        let start = bytes.len();
        let mut byte = [0];
        while !String::from_utf8_lossy(&bytes[start..]).ends_with(question) {
            assert_eq!(
                out.read(&mut byte).unwrap(),
                1,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
            bytes.push(byte[0]);
        }
        self.seen = String::from_utf8(bytes).unwrap();
        self.child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(typed.as_bytes())
            .unwrap();
    }

    /// Everything that was on the screen, and the exit status.
    pub fn end(mut self) -> (String, i32) {
        let out = self.child.stdout.as_mut().unwrap();
        out.read_to_string(&mut self.seen).unwrap();
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap().code().unwrap();
        (self.seen, status)
    }
}

pub fn line(lab: &Lab, verb: &str) -> String {
    format!("{} --bus {} {verb}", tool().display(), lab.address)
}

const QUESTION: &str = "Code that the app shows (not echoed): ";

#[test]
fn the_code_is_asked_for_again_and_never_echoed() {
    let lab = Lab::new();
    let mut terminal = Terminal::run(&line(&lab, "enroll"));
    terminal.answer(QUESTION, "000001\n");
    terminal.answer(QUESTION, "no code!\n");
    terminal.answer(QUESTION, "123456\n");
    let (seen, status) = terminal.end();
    assert_eq!(status, 0, "{seen}");
    assert!(
        seen.contains("▀") && seen.contains("48;5;231m"),
        "no QR code\n{seen}"
    );
    assert!(seen.contains("That code is not right. Wait for the next one (4 more tries)."));
    assert!(seen.contains("A code has only the letters"));
    assert!(seen.contains("abcd-efgh-2340"));
    assert!(
        !seen.contains("000001") && !seen.contains("123456"),
        "{seen}"
    );
}

#[test]
fn ctrl_c_leaves_nothing_and_a_terminal_as_it_was() {
    let lab = Lab::new();
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("qr.png");
    let enroll = line(&lab, &format!("enroll --save {}", picture.display()));
    // The terminal signals the shell as well, which has to outlive it.
    let shell = format!("trap : INT; stty -a; {enroll}; echo status=$?; stty -a");
    let mut terminal = Terminal::run(&shell);
    terminal.answer(QUESTION, "\u{3}");
    let (seen, _) = terminal.end();
    assert!(
        seen.contains("\r\ncountersign: cancelled: nothing was changed"),
        "{seen}"
    );
    assert!(seen.contains("status=1"), "{seen}");
    let states: Vec<_> = seen.split("speed ").skip(1).collect();
    let modes = |state: &str| state.split("-parenb").nth(1).unwrap().trim().to_owned();
    let (before, after) = (
        modes(states[0].split('\u{1b}').next().unwrap()),
        modes(states[1]),
    );
    assert_eq!(before.trim(), after.trim());
    assert!(!Path::exists(&picture), "the picture is left");
    assert!(lab.calls().iter().all(|call| !call.starts_with("Confirm")));
}

#[test]
fn taking_away_anothers_enrollment_is_confirmed_by_a_person() {
    let lab = Lab::enrolled();
    let question = "Remove all tokens and recovery codes of alice? [y/N] ";
    for (typed, status, calls) in [("\n", 1, 0), ("n\n", 1, 0), ("y\n", 0, 1)] {
        let mut terminal = Terminal::run(&line(&lab, "disable --user alice"));
        terminal.answer(question, typed);
        assert_eq!(terminal.end().1, status);
        assert_eq!(lab.calls().len(), calls);
    }
}

#[test]
fn a_redirected_key_has_no_colours_and_no_blocks() {
    let lab = Lab::enrolled();
    let mut terminal = Terminal::run(&line(&lab, "export --show | cat"));
    terminal.answer("Current code: ", "123456\n");
    let (seen, status) = terminal.end();
    assert_eq!(status, 0);
    assert!(
        seen.contains(URI) && !seen.contains('\u{1b}') && !seen.contains('█'),
        "{seen}"
    );
}
