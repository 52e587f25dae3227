//! Enrollment in the middle of a login: a short question, the QR code and the key, a code, the recovery
//! codes.
//!
//! Everything stands in the prompts. Text by itself is shown late by sshd and not at all by Debian's
//! sudo. And the first question must cost nothing: sshd does not know yet whether a shell, a
//! file transfer or a script's command will follow, and a client without a terminal answers
//! every question with nothing.

use countersign_bus::{Code, DIALOG_SERVICES, UserName};
use countersign_sheet::{Ground, Otpauth};
use countersign_words::{Language, Words};

use crate::daemon::{Begun, Confirmed, Context, Daemon};
use crate::dialog_texts::{self as texts, Picture};
use crate::failure::{Failure, Step};
use crate::options::Echo;
use crate::outcome::{Enrollment, Later, Outcome};
use crate::person::{Answer, Left, Person};
use crate::sudo::Questions;

/// How often the first question is put to somebody who answers it with something else.
const QUESTIONS: u32 = 3;
/// Wrong codes after which it is over.
const CODES: u32 = 5;
/// How often anything is asked with the key in sight. Whoever turns the picture for ever ends it too.
const ASKS: u32 = 20;

/// Those of the programs with room for a dialog in which it counts at once.
const SUDO: [&str; 2] = ["sudo", "sudo-i"];

/// When what is confirmed in a dialog counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// Once PAM is asked for credentials, as it is for a login that has succeeded as a whole.
    AfterTheLogin,
    /// At once. sudo may set no credentials, and does not look at what became of them. And it needs no
    /// password before it: whoever runs sudo as alice can run `countersign enroll` as alice as well.
    AtOnce,
}

/// Is there room for a dialog in this login, and when does what is confirmed there count?
pub fn room(person: &impl Person, user: &UserName, context: &Context) -> Option<Counts> {
    let is_set = |item: &Option<String>| item.as_deref().is_some_and(|item| !item.is_empty());
    let service = context.service.as_deref().unwrap_or_default();
    if !DIALOG_SERVICES.contains(&service) || !is_set(&context.tty) {
        return None;
    }
    if !SUDO.contains(&service) {
        return Some(Counts::AfterTheLogin);
    }
    // Not where it asks for another's password (rootpw, targetpw, runaspw).
    let is_own = person.requester().as_deref() == Some(user.as_str().as_bytes());
    (is_own && person.questions_of_sudo() == Questions::OnTerminal).then_some(Counts::AtOnce)
}

/// The dialog and whom it is with.
pub struct Dialog<'a, P, D> {
    /// The person.
    pub person: &'a mut P,
    /// The daemon.
    pub daemon: &'a mut D,
    /// What is said.
    pub words: &'a Words,
    /// What it is said in.
    pub language: Language,
    /// Who is logging in.
    pub user: &'a UserName,
    /// From where.
    pub context: &'a Context,
    /// May it be put off?
    pub later: Later,
    /// When does it count?
    pub counts: Counts,
    /// Is the code shown while it is typed?
    pub echo: Echo,
}

/// What somebody answered to the first question.
enum Wish {
    Picture,
    Key,
    Later,
}

/// What somebody typed below the key.
enum Typed {
    Code(Code),
    Turn,
    Picture,
    Key,
    Nothing,
    NoCode,
}

impl<P: Person, D: Daemon> Dialog<'_, P, D> {
    /// The story. An outcome that ends it early comes as an error, which `?` carries out.
    pub fn run(mut self) -> Result<Outcome, Outcome> {
        let picture = match self.wish()? {
            Wish::Later => return Ok(self.put_off()),
            Wish::Picture => Picture::On(Ground::Dark),
            Wish::Key => Picture::None,
        };
        let begun = self.daemon.begin_enrollment(self.user, self.context);
        let begun = begun.map_err(|failure| self.failed(failure))?;
        let codes = self.confirm(&begun, picture)?;
        self.ask(&texts::recovery_codes(self.words, &codes), Echo::On)?;
        match self.counts {
            Counts::AtOnce => {
                let completed = self.daemon.complete_enrollment(self.user, &begun.receipt);
                completed.map_err(|failure| Outcome::Enrollment(Enrollment::NotKept(failure)))?;
                Ok(Outcome::Enrollment(Enrollment::Done))
            }
            Counts::AfterTheLogin => {
                let left = Left {
                    user: self.user.clone(),
                    language: self.language,
                    receipt: begun.receipt,
                };
                let left = self.person.leave_receipt(&left);
                left.map_err(|_| Outcome::Enrollment(Enrollment::Lost))?;
                Ok(Outcome::Enrollment(Enrollment::Confirmed))
            }
        }
    }

    fn wish(&mut self) -> Result<Wish, Outcome> {
        let question = texts::question(self.words, self.later);
        for _ in 0..QUESTIONS {
            let answer = match (self.ask(&question, Echo::On), self.later) {
                // Nobody can be asked, and nobody needs to be.
                (Err(Outcome::ConversationFailed), Later::Until(_)) => return Ok(Wish::Later),
                (answer, _) => answer?,
            };
            match word(&answer).as_deref() {
                Some("") => return Ok(Wish::Later),
                Some("yes" | "y" | "oui" | "o") => return Ok(Wish::Picture),
                Some("key" | "k" | "clé" | "cle" | "c") => return Ok(Wish::Key),
                _ => {}
            }
        }
        Ok(Wish::Later)
    }

    /// Shows the key until a code of it is right. The recovery codes.
    fn confirm(
        &mut self,
        begun: &Begun,
        mut picture: Picture,
    ) -> Result<Vec<zeroize::Zeroizing<String>>, Outcome> {
        let otpauth = Otpauth::parse(&begun.uri).map_err(|error| {
            let (step, what) = (Step::Begin, error.to_string());
            self.failed(Failure::Malformed { step, what })
        })?;
        let mut prompt = texts::sheet(self.words, &begun.uri, &otpauth, picture);
        let mut wrong = 0;
        for _ in 0..ASKS {
            let answer = self.ask(&prompt, self.echo)?;
            let shown = match typed(&answer) {
                Typed::Code(code) => {
                    let confirmed = self.daemon.confirm_enrollment(self.user, &code);
                    match confirmed.map_err(|failure| self.failed(failure))? {
                        Confirmed::Yes(codes) => return Ok(codes),
                        Confirmed::WrongCode => None,
                    }
                }
                Typed::Nothing if self.later != Later::Never => return Err(self.put_off()),
                Typed::Nothing | Typed::NoCode => None,
                Typed::Turn => Some(picture.turned()),
                Typed::Picture => Some(Picture::On(Ground::Dark)),
                Typed::Key => Some(Picture::None),
            };
            if let Some(shown) = shown {
                picture = shown;
                prompt = texts::sheet(self.words, &begun.uri, &otpauth, picture);
                continue;
            }
            wrong += 1;
            if wrong == CODES {
                break;
            }
            prompt = texts::wrong_code(self.words).into();
        }
        Err(Outcome::Enrollment(Enrollment::NotConfirmed))
    }

    fn ask(&mut self, question: &str, echo: Echo) -> Result<Answer, Outcome> {
        let answer = self.person.ask(question, echo);
        let answer = answer.map_err(|_| Outcome::ConversationFailed)?;
        // As with a code: what is set up here must be for whom it was begun.
        match self.person.user() {
            Ok(now) if now == self.user.as_str().as_bytes() => Ok(answer),
            _ => Err(Outcome::UserChanged),
        }
    }

    fn put_off(&self) -> Outcome {
        match self.later {
            Later::Until(_) => Outcome::Enrollment(Enrollment::PutOff),
            Later::Never => Outcome::Enrollment(Enrollment::Refused),
        }
    }

    fn failed(&self, failure: Failure) -> Outcome {
        let later = self.later;
        Outcome::Enrollment(Enrollment::Failed { failure, later })
    }
}

/// An answer as a word, whatever its case and the blanks around it.
fn word(answer: &Answer) -> Option<String> {
    // The words have no other letters. The tables for the case of all there are, are larger than
    // the whole dialog.
    let lower = |c: char| match c {
        'É' => 'é',
        c => c.to_ascii_lowercase(),
    };
    let word = std::str::from_utf8(answer).ok()?.trim();
    Some(word.chars().map(lower).collect())
}

fn typed(answer: &Answer) -> Typed {
    // Codes have digits; a word that somebody may type here has none.
    match word(answer).as_deref() {
        Some("") => return Typed::Nothing,
        Some("swap" | "inverser") => return Typed::Turn,
        Some("qr") => return Typed::Picture,
        Some("key" | "clé" | "cle") => return Typed::Key,
        _ => {}
    }
    match std::str::from_utf8(answer).map(Code::parse) {
        Ok(Ok(code)) => Typed::Code(code),
        Ok(Err(_)) | Err(_) => Typed::NoCode,
    }
}

#[cfg(test)]
#[path = "dialog_tests.rs"]
mod tests;
