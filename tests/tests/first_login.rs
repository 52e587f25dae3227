//! The first login under `require = "enroll"`: an authenticator app is set up in the middle of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

#[path = "first_login/dialog.rs"]
mod dialog;
#[path = "first_login/quiet.rs"]
mod quiet;
#[path = "first_login/receipt.rs"]
mod receipt;
#[path = "first_login/trouble.rs"]
mod trouble;

use std::fs;
use std::path::Path;

use countersign_bus::LOGIN_SOCKET;
use countersign_sheet::Ink;
use countersign_sheet::camera::{photograph, scan};
use countersign_tests::{Caller, Heard, Secret, Terminal};

const PASSWORD: &str = "her password";
/// It may be put off until a day far away.
const LATER: &str = "[totp]\nwindow = 10\n[[rule]]\nrequire = \"enroll\"\nenroll_by = 2099-12-31\n";
/// It may not be put off.
const NOW: &str = "[totp]\nwindow = 10\n[[rule]]\nrequire = \"enroll\"\n";
/// It could be put off until a day that is gone.
const PAST: &str = "[totp]\nwindow = 10\n[[rule]]\nrequire = \"enroll\"\nenroll_by = 2020-12-31\n";

const QUESTION: &str = "UTC): ";
const QUESTION_NOW: &str = "blocks): ";
const CODE: &str = "Code that the app shows: ";
const NOTED: &str = "Press Enter when you have noted them: ";

/// A program on a terminal, and somebody who reads and types.
struct Talk {
    terminal: Terminal,
    read: usize,
}

impl Talk {
    fn with(command: &[&str]) -> Self {
        let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
        Self {
            terminal: Terminal::start(&command),
            read: 0,
        }
    }

    /// Over SSH with a password, in a locale.
    fn ssh(locale: &str) -> Self {
        let locale = format!("LC_ALL={locale}");
        let mut talk = Self::with(&[
            "env",
            &locale,
            "ssh",
            "-tt",
            "-F",
            "none",
            "-o",
            "PubkeyAuthentication=no",
            "-o",
            "NumberOfPasswordPrompts=1",
            "alice@127.0.0.1",
            "echo let-in:$(id -un)",
        ]);
        talk.hear("assword: ");
        talk.say(PASSWORD);
        talk
    }

    /// Waits for a text, and gives all that came up to it since the last time.
    fn hear(&mut self, text: &str) -> String {
        loop {
            let all = self.terminal.text();
            let new = &all[self.read..];
            if let Some(at) = new.find(text) {
                let end = at + text.len();
                let heard = new[..end].to_owned();
                self.read += end;
                return heard;
            }
            assert!(
                self.terminal.listen() == Heard::More,
                "no {text:?} in:\n{all}"
            );
        }
    }

    fn say(&mut self, line: &str) {
        self.terminal.type_line(line);
    }

    /// All that comes until the program ends.
    fn rest(&mut self) -> String {
        while self.terminal.listen() == Heard::More {}
        self.terminal.text()[self.read..].to_owned()
    }

    /// From the key in sight to the session: what was set up, as an app has it.
    fn confirm(&mut self, uri: &str) -> (Secret, Vec<String>) {
        let mut secret = Secret::from_uri(uri);
        self.say(&secret.next_code());
        let codes = recovery_codes(&self.hear(NOTED));
        assert_eq!(codes.len(), 10, "{codes:?}");
        self.say("");
        (secret, codes)
    }
}

/// The lines of the QR code in what a terminal showed, beside which other things may stand.
fn qr_lines(shown: &str, columns: Option<usize>) -> Vec<String> {
    // The first line is the client's, and what was typed before.
    let lines: Vec<&str> = shown.lines().collect();
    let first = match columns {
        None => lines
            .iter()
            .position(|line| line.starts_with("████████"))
            .expect("a line of blocks"),
        Some(_) => 2,
    };
    let columns = columns.unwrap_or_else(|| lines[first].chars().take_while(|c| *c == '█').count());
    // A square, two modules in the height of a character.
    let height = columns.div_ceil(2);
    let lines = &lines[first..first + height];
    let cut = |line: &&str| {
        let padded = format!("{line:columns$}");
        padded.chars().take(columns).collect()
    };
    lines.iter().map(cut).collect()
}

/// What a camera in front of that terminal makes of it.
fn scanned(lines: &[String], ink: Ink) -> String {
    let picture = std::env::temp_dir().join("screen.png");
    photograph(lines, ink).save(&picture).expect("a picture");
    let uri = scan(&picture);
    fs::remove_file(picture).expect("the picture goes");
    uri
}

/// The key as somebody reads it off the screen: its groups of four.
fn typed_key(shown: &str) -> String {
    let is_group = |word: &&str| {
        word.len() == 4
            && word
                .bytes()
                .all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
    };
    shown.split_whitespace().filter(is_group).collect()
}

fn recovery_codes(shown: &str) -> Vec<String> {
    let is_code = |word: &&str| word.matches('-').count() == 2 && word.len() == 14;
    let words = shown.split_whitespace().filter(is_code);
    words.map(str::to_owned).collect()
}

/// What an app makes of a key that is typed in.
fn uri_of(key: &str) -> String {
    format!("otpauth://totp/x:alice?secret={key}&issuer=x")
}

/// Whether a code would be asked for now. Asked where the daemon is there before all others.
fn is_enrolled(user: &str) -> bool {
    let root = if Path::new(LOGIN_SOCKET).exists() {
        Caller::on_login_socket()
    } else {
        Caller::on_bus("root")
    };
    let (requirement, _details) = root.prepare(user).expect("an answer");
    match requirement.as_str() {
        "code" => true,
        "enroll" => false,
        other => panic!("{other}"),
    }
}
