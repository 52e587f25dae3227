use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

/// A program that is run to its end, with its input given beforehand.
pub struct Program {
    command: Command,
    shown: String,
    input: Vec<u8>,
}

impl Program {
    /// A program by its name or path.
    pub fn new(name: impl AsRef<OsStr>) -> Self {
        let shown = name.as_ref().to_string_lossy().into_owned();
        Self {
            command: Command::new(name),
            shown,
            input: Vec::new(),
        }
    }

    /// A program that runs as another user, as a login session of theirs would run it.
    pub fn as_user(user: &str, name: &str) -> Self {
        Self::new("runuser").args(["-u", user, "--", name])
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// One variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads from standard input. Never shown in messages.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        self.input = text.as_bytes().to_vec();
        self
    }

    /// Runs it, however it ends.
    pub fn output(mut self) -> Output {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", self.shown));
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        let input = self.input;
        // Beside the reading, so that neither side waits for the other. A program that does not
        // read its input is no failure of this one.
        let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child
            .wait_with_output()
            .expect("the end of a program that was started");
        feeder
            .join()
            .expect("the thread that feeds a program does not panic");
        output
    }

    /// Runs it and returns what it printed; it must succeed.
    pub fn text(self) -> String {
        let shown = self.shown.clone();
        let output = self.output();
        assert!(
            output.status.success(),
            "{shown} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("what it printed is text")
    }
}
