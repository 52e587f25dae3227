//! A login, from the user name to the outcome.

use std::cell::OnceCell;

use countersign_bus::{Code, Requirement, UserName, Verdict};
use countersign_words::{Language, Words, ascii};
use pam::constants::PamResultCode;

use crate::daemon::{Context, Daemon, Prepared};
use crate::dialog::{self, Dialog};
use crate::first_pass::{Split, splits};
use crate::log::Level;
use crate::options::{FirstPass, Options, Password, Verbosity};
use crate::outcome::{Enrollment, Later, Outcome};
use crate::person::{Answer, Person, Tone};

/// What sshd says of the terminal while it authenticates, whoever comes from wherever.
const SSHD_TTY: &str = "ssh";

/// May the module speak, besides asking?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voice {
    /// Yes.
    Aloud,
    /// `PAM_SILENT` is set: the person is asked, but told nothing.
    Silent,
}

/// Judges one login. What happened has been told and logged by the time this returns.
pub fn authenticate(
    options: &Options,
    voice: Voice,
    person: &mut impl Person,
    daemon: &mut impl Daemon,
) -> PamResultCode {
    // One handle may see several logins one after the other. What was confirmed in one that has failed
    // since must not count with the next, whoever that is.
    drop(person.take_receipt());
    let mut login = Login {
        options,
        voice,
        person,
        daemon,
        context: Context::default(),
        who: None,
        language: Language::English,
        words: OnceCell::new(),
    };
    let outcome = login.run().unwrap_or_else(|early| early);
    let letters = login.last_letters();
    login.report(&outcome, letters)
}

/// Which letters of a sentence reach the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Letters {
    /// Whatever the language has.
    All,
    /// Those of ASCII.
    Ascii,
}

/// Reports an outcome on which no flow has anything more to say.
pub fn report(
    options: &Options,
    voice: Voice,
    person: &mut impl Person,
    who: Option<&str>,
    outcome: &Outcome,
    words: &Words,
    letters: Letters,
) -> PamResultCode {
    let row = outcome.row(options.unavailable, words);
    if let (Voice::Aloud, Some((tone, sentence))) = (voice, &row.sentence) {
        match (letters, tone) {
            (Letters::Ascii, Tone::Refusal) => person.tell(*tone, &ascii(sentence)),
            // Who is let in reads it from the session, not from the client's log.
            (Letters::All, _) | (Letters::Ascii, Tone::Info) => person.tell(*tone, sentence),
        }
    }
    if row.level < Level::Debug || options.verbosity == Verbosity::Debug {
        match who {
            Some(who) => person.log(row.level, &format!("{who}: {}", row.line)),
            None => person.log(row.level, &row.line),
        }
    }
    row.code
}

struct Login<'a, P, D> {
    options: &'a Options,
    voice: Voice,
    person: &'a mut P,
    daemon: &'a mut D,
    context: Context,
    /// Who is logging in from where, for the log.
    who: Option<String>,
    /// What the person is spoken to in: English until the daemon names another language.
    language: Language,
    /// What is said in it, once something is.
    words: OnceCell<Words>,
}

impl<P: Person, D: Daemon> Login<'_, P, D> {
    /// The story. An outcome that ends it early comes as an error, which `?` carries out.
    fn run(&mut self) -> Result<Outcome, Outcome> {
        let user = self.user()?;
        let prepared = self.prepare(&user)?;
        self.language = prepared.language;
        // PAM_DISALLOW_NULL_AUTHTOK is not looked at, on purpose. sshd sets it whenever
        // PermitEmptyPasswords is "no", its default; were it taken to forbid logins without a
        // second factor, everybody who is not enrolled would be locked out of SSH. Who must have a
        // code is a matter of the daemon's policy alone.
        match prepared.requirement {
            Requirement::Code => {}
            Requirement::None => return Ok(Outcome::NotNeeded),
            Requirement::Enroll => return self.enroll(&user, &prepared),
            Requirement::Denied => return Ok(Outcome::Denied),
        }
        #[cfg(feature = "fault-injection")]
        self.injected_fault();

        if self.options.first_pass != FirstPass::Ignored
            && let Some(outcome) = self.try_first_pass(&user, &prepared)?
        {
            return Ok(outcome);
        }
        self.ask_for_code(&user, &prepared)
    }

    fn user(&mut self) -> Result<UserName, Outcome> {
        let name = self
            .person
            .user()
            .map_err(|_| Outcome::ConversationFailed)?;
        self.context = self.person.context();
        let user = UserName::from_bytes(&name).map_err(Outcome::BadUserName)?;
        self.who = Some(match self.context.rhost.as_deref() {
            None | Some("") => user.to_string(),
            Some(rhost) => format!("{user} from {rhost}"),
        });
        Ok(user)
    }

    fn prepare(&mut self, user: &UserName) -> Result<Prepared, Outcome> {
        let answer = self.daemon.prepare(user, &self.context);
        self.log_detour();
        let prepared = answer.map_err(Outcome::Unavailable)?;
        self.debug(&format!("the daemon says: {}", prepared.requirement));
        Ok(prepared)
    }

    /// Lets the user enroll here and now, where that can be done.
    fn enroll(&mut self, user: &UserName, prepared: &Prepared) -> Result<Outcome, Outcome> {
        let later = prepared.enroll_by.map_or(Later::Never, Later::Until);
        let Some(counts) = dialog::room(&*self.person, user, &self.context) else {
            return Ok(match later {
                Later::Until(_) => Outcome::Enrollment(Enrollment::PutOff),
                Later::Never => Outcome::MustEnroll,
            });
        };
        let language = self.language;
        let words = self.words.get_or_init(|| Words::of_login(language));
        let outcome = Dialog {
            person: &mut *self.person,
            daemon: &mut *self.daemon,
            words,
            language,
            user,
            context: &self.context,
            later,
            counts,
            echo: self.options.echo,
        }
        .run();
        self.log_detour();
        outcome
    }

    /// Looks for the code in the password that an earlier module asked for. `None`: go on and ask.
    fn try_first_pass(
        &mut self,
        user: &UserName,
        prepared: &Prepared,
    ) -> Result<Option<Outcome>, Outcome> {
        let may_ask = self.options.first_pass == FirstPass::Tried;
        let Some(answer) = self.person.password() else {
            return if may_ask {
                Ok(None)
            } else {
                Err(Outcome::NoPassword)
            };
        };
        match self.verify_split(user, &answer, prepared)? {
            // It may have been a password that only looks like one with a code: no reproach.
            Outcome::Wrong if may_ask => Ok(None),
            spent @ Outcome::Used { .. } if may_ask => {
                self.report(&spent, Letters::All);
                Ok(None)
            }
            outcome => Ok(Some(outcome)),
        }
    }

    /// Asks, up to `retries` times, and says after each wrong code what was wrong with it.
    fn ask_for_code(&mut self, user: &UserName, prepared: &Prepared) -> Result<Outcome, Outcome> {
        let mut left = self.options.retries;
        let question = self.options.prompt(self.words()).into_owned();
        let mut prompt = question.clone();
        loop {
            left = left.saturating_sub(1);
            let answer = self
                .person
                .ask(&prompt, self.options.echo)
                .map_err(|_| Outcome::ConversationFailed)?;
            // The application, or a module called by it meanwhile, may have put another user in
            // place, for whom this code proves nothing (as in CVE-2024-9313 of another project).
            match self.person.user() {
                Ok(now) if now == user.as_str().as_bytes() => {}
                _ => return Err(Outcome::UserChanged),
            }
            let outcome = match self.options.password {
                Password::Separate => self.verify_typed(user, &answer)?,
                Password::Forwarded => self.verify_split(user, &answer, prepared)?,
            };
            match outcome {
                Outcome::Wrong | Outcome::Used { .. } if left > 0 => {
                    self.report(&outcome, Letters::All);
                    // Debian's sudo is silent in this sense, and would ask again without a word of why.
                    let row = outcome.row(self.options.unavailable, self.words());
                    if let (Voice::Silent, Some((_, sentence))) = (self.voice, row.sentence) {
                        prompt = format!("{sentence} {question}");
                    }
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// The whole answer is a code. What cannot be one is wrong without asking the daemon.
    fn verify_typed(&mut self, user: &UserName, answer: &Answer) -> Result<Outcome, Outcome> {
        let typed = std::str::from_utf8(answer).ok();
        match typed.map(Code::parse) {
            Some(Ok(code)) => self.verify(user, &code),
            Some(Err(_)) | None => Ok(Outcome::Wrong),
        }
    }

    /// The answer is password and code in one; the password goes on to later modules if it may.
    fn verify_split(
        &mut self,
        user: &UserName,
        answer: &Answer,
        prepared: &Prepared,
    ) -> Result<Outcome, Outcome> {
        for Split { password, code } in splits(answer, &prepared.code_lengths) {
            let outcome = self.verify(user, &code)?;
            match outcome {
                Outcome::Wrong => {}
                Outcome::Accepted { .. } if self.options.password == Password::Forwarded => {
                    self.person
                        .forward(&password)
                        .map_err(|_| Outcome::NotForwarded)?;
                    return Ok(outcome);
                }
                outcome => return Ok(outcome),
            }
        }
        Ok(Outcome::Wrong)
    }

    fn verify(&mut self, user: &UserName, code: &Code) -> Result<Outcome, Outcome> {
        let answer = self.daemon.verify(user, code, &self.context);
        self.log_detour();
        let verified = answer.map_err(Outcome::Unavailable)?;
        self.debug(&format!("the daemon says: {}", verified.verdict));
        Ok(match verified.verdict {
            Verdict::Accepted => Outcome::Accepted {
                recovery_codes_left: verified.recovery_codes_left,
            },
            Verdict::Wrong => Outcome::Wrong,
            Verdict::Used => Outcome::Used {
                spent: verified.spent,
            },
            Verdict::Throttled => Outcome::Throttled {
                retry_after: verified.retry_after,
            },
            Verdict::Locked => Outcome::Locked,
        })
    }

    /// The letters of the last sentence. What sshd hears before a further question, it puts above
    /// that question, and OpenSSH's client shows it as it is. What comes after the last one is shown
    /// by the client's log, which writes everything but ASCII as octal numbers.
    fn last_letters(&self) -> Letters {
        if self.context.tty.as_deref() == Some(SSHD_TTY) {
            Letters::Ascii
        } else {
            Letters::All
        }
    }

    fn report(&mut self, outcome: &Outcome, letters: Letters) -> PamResultCode {
        let language = self.language;
        let words = self.words.get_or_init(|| Words::of_login(language));
        report(
            self.options,
            self.voice,
            self.person,
            self.who.as_deref(),
            outcome,
            words,
            letters,
        )
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of_login(self.language))
    }

    fn log_detour(&mut self) {
        if let Some(why) = self.daemon.detour() {
            self.person.log(
                Level::Notice,
                &format!("asked over the system bus, because {why}"),
            );
        }
    }

    fn debug(&self, line: &str) {
        if self.options.verbosity == Verbosity::Debug {
            self.person.log(Level::Debug, line);
        }
    }

    #[cfg(feature = "fault-injection")]
    fn injected_fault(&self) {
        assert!(self.options.fault.is_none(), "injected by the option panic");
    }
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
