use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const DOOR: &str = concat!(include_str!("pam.py"), include_str!("crowd/door.py"));
const SERVICE: &str = "crowd";
/// The module alone, and one code for each login, so that each login is one attempt.
const STACK: &str = "auth required pam_countersign.so retries=1\n";

/// Many who log in at the same moment, each through PAM in a process of its own, as root's login
/// programs do.
pub struct Crowd {
    door: Child,
    rounds: ChildStdin,
    ends: BufReader<ChildStdout>,
}

/// One of them, with what is typed at the prompt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guest {
    user: String,
    code: String,
    rhost: String,
}

/// What became of a login, read off PAM's status and the sentence that the person saw. Each status
/// goes with its own sentences; a login that ends in any other way ends the test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The person is in.
    Accepted,
    /// The code was not right.
    Wrong,
    /// The code was right, but not any more.
    Used,
    /// The code was not looked at, for a while.
    Throttled,
    /// Time-based codes are refused until somebody helps.
    Locked,
    /// The second factor cannot be checked right now.
    Unavailable,
}

impl Guest {
    /// Somebody at this machine's own keyboard.
    pub fn new(user: &str, code: &str) -> Self {
        Self {
            user: user.to_owned(),
            code: code.to_owned(),
            rhost: String::new(),
        }
    }

    /// The same from elsewhere. Each place is a source of its own.
    #[must_use]
    pub fn from(mut self, place: usize) -> Self {
        self.rhost = format!("198.18.{}.{}", place / 256, place % 256);
        self
    }
}

impl Crowd {
    /// Sets up a service whose stack is the module alone, and somebody to log people in.
    pub fn gather() -> Self {
        fs::write(format!("/etc/pam.d/{SERVICE}"), STACK).expect("a stack for the crowd");
        let mut door = Command::new("python3")
            .args(["-c", DOOR, SERVICE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let rounds = door.stdin.take().expect("its input is a pipe");
        let ends = BufReader::new(door.stdout.take().expect("its output is a pipe"));
        Self { door, rounds, ends }
    }

    /// All have their prompts open, then all answer at the same moment.
    pub fn at_once(&mut self, guests: &[Guest]) -> Vec<End> {
        self.in_waves(&[guests]).concat()
    }

    /// All have their prompts open; then each wave answers at once, when the one before it is over.
    pub fn in_waves(&mut self, waves: &[&[Guest]]) -> Vec<Vec<End>> {
        let round: Value = waves
            .iter()
            .map(|wave| wave.iter().map(Guest::to_json).collect::<Value>())
            .collect();
        writeln!(self.rounds, "{round}").expect("the door takes a round");
        let mut line = String::new();
        self.ends.read_line(&mut line).expect("what became of them");
        let ended: Vec<Vec<Value>> =
            serde_json::from_str(&line).expect("the door says it in JSON, a list of lists");
        ended
            .iter()
            .map(|wave| wave.iter().map(End::read).collect())
            .collect()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        drop(self.door.kill());
        drop(self.door.wait());
    }
}

impl Guest {
    fn to_json(&self) -> Value {
        let Self { user, code, rhost } = self;
        json!({ "user": user, "code": code, "rhost": rhost })
    }
}

impl End {
    fn read(ended: &Value) -> Self {
        let status = ended.get("status").and_then(Value::as_u64);
        let said = ended.get("said").map(Value::to_string).unwrap_or_default();
        // Linux-PAM's numbers, from security/_pam_types.h.
        match status {
            Some(0) => Self::Accepted,
            Some(7) if said.contains("That code is not right.") => Self::Wrong,
            Some(7) if said.contains("code was used already") => Self::Used,
            Some(9) if said.contains("cannot be checked right now") => Self::Unavailable,
            Some(11) if said.contains("try again in") => Self::Throttled,
            Some(11) if said.contains("ask your administrator") => Self::Locked,
            _ => panic!(
                "a login ended as none should: {ended}; the log:\n{}",
                crate::lab::syslog()
            ),
        }
    }
}

/// How many of the logins ended so.
pub fn count(ends: &[End], wanted: End) -> usize {
    ends.iter().filter(|end| **end == wanted).count()
}
