use std::collections::VecDeque;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::terminal::{Heard, Terminal};

/// Somebody who is about to log in: which program, and what is answered when it asks.
pub struct Login {
    command: Vec<String>,
    passwords: VecDeque<String>,
    codes: VecDeque<String>,
    pause: Duration,
}

/// How a login ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The command or the shell behind the login ran.
    LetIn,
    /// It did not.
    Refused,
}

/// A login that is over.
pub struct Visit {
    outcome: Outcome,
    transcript: String,
    code_prompts: usize,
    password_prompts: usize,
    codes_left: usize,
    took: Duration,
}

/// What a program waits for.
enum Prompt {
    Password,
    Code,
    /// A key, to go on.
    Enter,
    /// Another name, after a refusal.
    Name,
}

impl Login {
    /// A login by a command that prints [`crate::accounts::LET_IN`] once somebody is in.
    pub(crate) fn by<A: Into<String>>(command: impl IntoIterator<Item = A>) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            passwords: VecDeque::new(),
            codes: VecDeque::new(),
            pause: Duration::ZERO,
        }
    }

    /// Waits so long before each answer: for a program that throws away what was typed before it
    /// has shown its prompt and a moment more.
    pub(crate) fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// The answer to the next password prompt.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.passwords.push_back(password.to_owned());
        self
    }

    /// The answer to the next code prompt.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.codes.push_back(code.to_owned());
        self
    }

    /// Logs in. Whoever is asked something that there is no answer for hangs up.
    pub fn go(mut self) -> Visit {
        let begun = Instant::now();
        let mut terminal = Terminal::start(&self.command);
        let mut answered = 0;
        let mut visit = Visit {
            outcome: Outcome::Refused,
            transcript: String::new(),
            code_prompts: 0,
            password_prompts: 0,
            codes_left: 0,
            took: Duration::ZERO,
        };
        loop {
            let heard = terminal.listen();
            visit.transcript = terminal.text();
            if visit.transcript.contains("let-in:") {
                visit.outcome = Outcome::LetIn;
                break;
            }
            let unanswered = visit.transcript.get(answered..).unwrap_or_default();
            let answer = match Prompt::at_end_of(unanswered) {
                Some(Prompt::Password) => {
                    visit.password_prompts += 1;
                    self.passwords.pop_front()
                }
                Some(Prompt::Code) => {
                    visit.code_prompts += 1;
                    self.codes.pop_front()
                }
                Some(Prompt::Enter) => Some(String::new()),
                Some(Prompt::Name) => None,
                None if heard == Heard::End => break,
                None => continue,
            };
            let Some(answer) = answer else { break };
            answered = visit.transcript.len();
            sleep(self.pause);
            terminal.type_line(&answer);
        }
        visit.codes_left = self.codes.len();
        visit.took = begun.elapsed();
        visit
    }
}

impl Prompt {
    fn at_end_of(text: &str) -> Option<Self> {
        let line = text.rsplit('\n').next().unwrap_or_default();
        // The second in French, with the blank before the colon that does not break.
        if line.ends_with("code: ") || line.ends_with("d’authentification\u{a0}: ") {
            Some(Self::Code)
        } else if line.ends_with("assword: ")
            || (line.contains("password for ") && line.ends_with(": "))
        {
            Some(Self::Password)
        } else if line.ends_with("login: ") {
            Some(Self::Name)
        } else if text.contains("[ENTER]") {
            Some(Self::Enter)
        } else {
            None
        }
    }
}

impl Visit {
    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What the person saw, from the first prompt to the last line.
    pub fn transcript(&self) -> &str {
        &self.transcript
    }

    /// How often a code was asked for.
    pub fn code_prompts(&self) -> usize {
        self.code_prompts
    }

    /// How often a password was asked for.
    pub fn password_prompts(&self) -> usize {
        self.password_prompts
    }

    /// From start to end.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Checks that the person got in, and as whom, and was asked for every code that was ready.
    pub fn let_in_as(&self, user: &str) {
        assert!(
            self.transcript.contains(&format!("let-in:{user}\n")),
            "{user} should have been let in, but the terminal shows:\n{}",
            self.transcript
        );
        assert!(
            self.codes_left == 0,
            "{user} was let in without being asked for a code:\n{}",
            self.transcript
        );
    }

    /// Checks that the person did not get in and read this.
    pub fn refused_with(&self, sentence: &str) {
        assert!(
            self.outcome == Outcome::Refused && self.transcript.contains(sentence),
            "should have been refused with '{sentence}', but the terminal shows:\n{}",
            self.transcript
        );
    }
}
