//! Asks for codes: on the terminal without echo, or on standard input when it is none.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use countersign_bus::Code;
use countersign_words::Language;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

use crate::error::{ToolError, code};
use crate::words::{tell, words};

/// The longest line that is read, in bytes. More is no answer to any question of ours.
const MAX_LINE: usize = 1024;

/// Where answers come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// A person at a terminal: questions are shown, and may be asked again.
    Person,
    /// A script: one answer a line, no questions.
    Script,
}

impl Asker {
    /// A person, when standard input is a terminal.
    pub fn of_stdin() -> Self {
        if io::stdin().is_terminal() {
            Self::Person
        } else {
            Self::Script
        }
    }

    /// Asks for a code. To a person who types what cannot be one, says so and asks again.
    pub async fn code(self, question: &str) -> Result<Code, ToolError> {
        loop {
            match (Code::parse(&self.line(question, Echo::Hidden).await?), self) {
                (Ok(code), _) => return Ok(code),
                (Err(error), Self::Script) => return Err(ToolError::NotACode(error)),
                (Err(error), Self::Person) => say(&format!("{}.\n", sentence(&code(error))))?,
            }
        }
    }

    /// Asks a person to confirm. A script that got so far means it. Yes is `y`, or what it is in
    /// the language of the question.
    pub async fn confirm(self, question: &str) -> Result<(), ToolError> {
        if self == Self::Script {
            return Ok(());
        }
        let answer = self
            .line(
                &(tell!("tool-question-yes", "question" = question) + " "),
                Echo::Shown,
            )
            .await?;
        if is_yes(&answer, words().language()) {
            Ok(())
        } else {
            Err(ToolError::Declined)
        }
    }

    /// Says something between two questions. Scripts are told by the exit status.
    pub fn remark(self, text: &str) -> Result<(), ToolError> {
        if self == Self::Person {
            say(text)
        } else {
            Ok(())
        }
    }

    /// Takes secret lines, at most so many bytes: of a person up to an empty one, of a script all that
    /// there are.
    pub async fn secret_lines(
        self,
        question: &str,
        longest: u64,
    ) -> Result<Zeroizing<String>, ToolError> {
        let capacity = usize::try_from(longest).unwrap_or_default() + 1;
        let mut lines = Zeroizing::new(String::with_capacity(capacity));
        if self == Self::Script {
            let read = tokio::task::spawn_blocking(move || {
                let mut input = io::stdin().lock().take(longest + 1);
                input.read_to_string(&mut lines).map(|_| lines)
            });
            let lines = read.await.map_err(io::Error::other).and_then(|it| it);
            let lines = lines.map_err(ToolError::Input)?;
            return if lines.len() as u64 <= longest {
                Ok(lines)
            } else {
                Err(ToolError::Input(io::Error::other(tell!(
                    "tool-line-too-long"
                ))))
            };
        }
        loop {
            match self.line(question, Echo::Hidden).await {
                Ok(line) if !line.is_empty() && lines.len() + line.len() < capacity => {
                    lines.push_str(&line);
                    lines.push('\n');
                }
                Ok(_) | Err(ToolError::InputEnded) => return Ok(lines),
                Err(error) => return Err(error),
            }
        }
    }

    async fn line(self, question: &str, echo: Echo) -> Result<Zeroizing<String>, ToolError> {
        match self {
            Self::Script => {
                let input = io::stdin()
                    .as_fd()
                    .try_clone_to_owned()
                    .map_err(ToolError::Input)?;
                read_apart(File::from(input)).await
            }
            Self::Person => {
                let terminal = terminal()?;
                let mut prompt = Prompt::show(&terminal, question, echo)
                    .map_err(|error| ToolError::NoTerminal(error.into()))?;
                let line = read_apart(terminal.try_clone().map_err(ToolError::Input)?).await?;
                prompt.answered = true;
                Ok(line)
            }
        }
    }
}

/// Is what is typed to be seen?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    Shown,
    Hidden,
}

/// A shown question. The terminal is as it was before when this is dropped, on every way out.
struct Prompt<'a> {
    terminal: &'a File,
    before: Termios,
    answered: bool,
}

impl<'a> Prompt<'a> {
    fn show(terminal: &'a File, question: &str, echo: Echo) -> rustix::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut modes = before.clone();
        modes.local_modes |= LocalModes::ICANON | LocalModes::ISIG;
        if echo == Echo::Hidden {
            modes.local_modes -= LocalModes::ECHO;
            modes.local_modes |= LocalModes::ECHONL;
        }
        // Ctrl-Z would leave the shell with a terminal that does not echo.
        modes.special_codes[SpecialCodeIndex::VSUSP] = 0;
        // Flush drops what was typed before the question, which answers another one.
        tcsetattr(terminal, OptionalActions::Flush, &modes)?;
        let prompt = Self {
            terminal,
            before,
            answered: false,
        };
        let mut out = terminal;
        let shown = out
            .write_all(question.as_bytes())
            .and_then(|()| out.flush());
        shown.map_err(|error| {
            rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO)
        })?;
        Ok(prompt)
    }
}

impl Drop for Prompt<'_> {
    fn drop(&mut self) {
        // Nothing better can be done where the terminal is gone.
        if !self.answered {
            let mut out = self.terminal;
            let _ = out.write_all(b"\n");
        }
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

fn terminal() -> Result<File, ToolError> {
    File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(ToolError::NoTerminal)
}

fn say(text: &str) -> Result<(), ToolError> {
    terminal()?
        .write_all(text.as_bytes())
        .map_err(ToolError::NoTerminal)
}

/// Reads on a thread of its own, so that signals are heard meanwhile. When the wait is given up,
/// the thread stays behind in its read and ends with the process.
async fn read_apart(from: File) -> Result<Zeroizing<String>, ToolError> {
    let read = tokio::task::spawn_blocking(move || read_line(from)).await;
    read.map_err(|error| ToolError::Input(io::Error::other(error)))?
}

/// A line without its end. Byte by byte, so that nothing of the next one is taken.
fn read_line(mut from: impl Read) -> Result<Zeroizing<String>, ToolError> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
    let mut byte = Zeroizing::new([0_u8; 1]);
    loop {
        match from.read(&mut *byte) {
            Ok(0) if line.is_empty() => return Err(ToolError::InputEnded),
            Ok(0) => break,
            Ok(_) if *byte == *b"\n" => break,
            Ok(_) if line.len() == MAX_LINE => {
                return Err(ToolError::Input(io::Error::other(tell!(
                    "tool-line-too-long"
                ))));
            }
            Ok(_) => line.extend_from_slice(&*byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ToolError::Input(error)),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    match std::str::from_utf8(&line) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(ToolError::NotACode(countersign_bus::CodeError::NotACode)),
    }
}

/// Does that answer mean yes?
fn is_yes(answer: &str, language: Language) -> bool {
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => true,
        "o" | "oui" => language == Language::French,
        _ => false,
    }
}

/// A text with a capital, to stand by itself.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> Result<String, String> {
        read_line(&mut bytes)
            .map(|line| line.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn yes_is_what_it_is_in_the_language_and_everything_else_is_no() {
        for answer in ["y", "Y", " yes\t", "YES"] {
            for language in Language::ALL {
                assert!(is_yes(answer, *language), "{answer}");
            }
        }
        for answer in ["o", "O", "oui", " Oui "] {
            assert!(is_yes(answer, Language::French), "{answer}");
            assert!(!is_yes(answer, Language::English), "{answer}");
        }
        for answer in ["", "n", "non", "ou", "yo", "0"] {
            assert!(!is_yes(answer, Language::French), "{answer}");
        }
    }

    #[test]
    fn one_line_is_taken_and_the_next_is_left() {
        let mut input: &[u8] = b"123456\r\n654321\n";
        assert_eq!(*read_line(&mut input).unwrap(), "123456");
        assert_eq!(input, b"654321\n");
        assert_eq!(read(b"123456").unwrap(), "123456");
        assert_eq!(read(b"\n").unwrap(), "");
    }

    #[test]
    fn an_end_too_much_and_no_text_are_errors() {
        assert_eq!(
            read(b"").unwrap_err(),
            "no code was given. Nothing was changed"
        );
        assert!(read(&[b'1'; 2000]).unwrap_err().contains("too long"));
        assert!(read(b"12\xff\n").is_err());
    }
}
