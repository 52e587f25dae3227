//! The options on the module's line in `/etc/pam.d`.

use std::borrow::Cow;
use std::ffi::CStr;
use std::time::Duration;

use countersign_words::{Words, say};

use crate::address::Address;

/// Is what the person types shown?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Echo {
    /// Not shown.
    Off,
    /// Shown (`echo`).
    On,
}

/// Is the password that an earlier module asked for looked at for a code?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstPass {
    /// No: always ask.
    Ignored,
    /// Yes, and ask when it has no right code (`try_first_pass`).
    Tried,
    /// Yes, and never ask (`use_first_pass`).
    Required,
}

/// Is the part of the answer before the code handed to later modules as the password?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Password {
    /// No: the answer is a code and nothing else, and `PAM_AUTHTOK` is not touched.
    Separate,
    /// Yes: password and code come in one answer (`forward_pass`).
    Forwarded,
}

/// What becomes of a login that cannot be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unavailable {
    /// It is refused.
    Deny,
    /// The rest of the stack decides without us (`unavailable=ignore`).
    Ignore,
}

/// How much goes to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verbosity {
    /// What an administrator wants to know.
    Normal,
    /// Each step (`debug`).
    Debug,
}

/// All options. Each only relaxes or decorates: without any, the module is at its strictest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The text of the question, when it is not the default (`prompt=TEXT`).
    pub prompt: Option<String>,
    /// `echo`
    pub echo: Echo,
    /// How often one call asks for a code (`retries=N`).
    pub retries: u32,
    /// For all waiting on sockets in one call together (`timeout=SECONDS`).
    pub timeout: Duration,
    /// `unavailable=deny|ignore`
    pub unavailable: Unavailable,
    /// `try_first_pass`, `use_first_pass`
    pub first_pass: FirstPass,
    /// `forward_pass`
    pub password: Password,
    /// `debug`
    pub verbosity: Verbosity,
    /// The only bus to ask, and no other road (`bus=ADDRESS`, for tests).
    pub bus: Option<Address>,
    /// `panic`: panic in the middle of the login.
    #[cfg(feature = "fault-injection")]
    pub fault: Option<Fault>,
}

/// What to do wrong on purpose.
#[cfg(feature = "fault-injection")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Panic.
    Panic,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prompt: None,
            echo: Echo::Off,
            retries: 3,
            timeout: Duration::from_secs(5),
            unavailable: Unavailable::Deny,
            first_pass: FirstPass::Ignored,
            password: Password::Separate,
            verbosity: Verbosity::Normal,
            bus: None,
            #[cfg(feature = "fault-injection")]
            fault: None,
        }
    }
}

/// The longest time that a login can be made to wait, in seconds.
const MAX_TIMEOUT: u32 = 300;
/// The most questions in one call.
const MAX_RETRIES: u32 = 20;

impl Options {
    /// Reads the arguments. What has no meaning is left at its default, since that is the stricter
    /// side; the second part of the result says what it was, a line for the log each.
    pub fn parse<'a>(arguments: impl IntoIterator<Item = &'a CStr>) -> (Self, Vec<String>) {
        let mut options = Self::default();
        let complaints = arguments
            .into_iter()
            .filter_map(|argument| {
                let argument = argument.to_string_lossy();
                options
                    .take(&argument)
                    .err()
                    .map(|why| format!("option {argument}: {why}"))
            })
            .collect();
        (options, complaints)
    }

    /// The question to put to the person.
    pub fn prompt(&self, words: &Words) -> Cow<'_, str> {
        let question = match (&self.prompt, self.password) {
            (Some(prompt), _) => return Cow::Borrowed(prompt),
            (None, Password::Separate) => say!(words, "login-question"),
            (None, Password::Forwarded) => say!(words, "login-question-both"),
        };
        Cow::Owned(question + " ")
    }

    fn take(&mut self, argument: &str) -> Result<(), String> {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, None),
        };
        match (name, value) {
            ("prompt", Some(text)) => {
                self.prompt = Some(text.chars().filter(|c| !c.is_control()).collect());
            }
            ("echo", None) => self.echo = Echo::On,
            ("retries", Some(number)) => self.retries = within(number, MAX_RETRIES)?,
            ("timeout", Some(number)) => {
                self.timeout = Duration::from_secs(within(number, MAX_TIMEOUT)?.into());
            }
            ("unavailable", Some("deny")) => self.unavailable = Unavailable::Deny,
            ("unavailable", Some("ignore")) => self.unavailable = Unavailable::Ignore,
            ("try_first_pass", None) => self.first_pass = FirstPass::Tried,
            ("use_first_pass", None) => self.first_pass = FirstPass::Required,
            ("forward_pass", None) => self.password = Password::Forwarded,
            ("debug", None) => self.verbosity = Verbosity::Debug,
            ("bus", Some(address)) => {
                let address = Address::parse(address).map_err(
                    |_| "only unix:path=… and unix:abstract=… are taken; the default is used",
                )?;
                self.bus = Some(address);
            }
            #[cfg(feature = "fault-injection")]
            ("panic", None) => self.fault = Some(Fault::Panic),
            _ => return Err("this version does not know it; it is ignored".to_owned()),
        }
        Ok(())
    }
}

/// A number from 1 to `most`.
fn within(number: &str, most: u32) -> Result<u32, String> {
    match number.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!(
            "a number from 1 to {most} is needed; the default is used"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_words::Language;

    fn prompt(options: &Options) -> String {
        options
            .prompt(&Words::of_login(Language::English))
            .into_owned()
    }

    fn read(arguments: &[&CStr]) -> Options {
        let (options, complaints) = Options::parse(arguments.iter().copied());
        assert_eq!(complaints, Vec::<String>::new());
        options
    }

    #[test]
    fn without_options_the_module_is_at_its_strictest() {
        let options = read(&[]);
        assert_eq!(prompt(&options), "Authenticator code: ");
        assert_eq!(options.echo, Echo::Off);
        assert_eq!(options.retries, 3);
        assert_eq!(options.timeout, Duration::from_secs(5));
        assert_eq!(options.unavailable, Unavailable::Deny);
        assert_eq!(options.first_pass, FirstPass::Ignored);
        assert_eq!(options.password, Password::Separate);
        assert_eq!(options.verbosity, Verbosity::Normal);
        assert_eq!(options.bus, None);
    }

    #[test]
    fn each_option_does_what_it_says() {
        assert_eq!(prompt(&read(&[c"prompt=Code, please: "])), "Code, please: ");
        assert_eq!(prompt(&read(&[c"prompt=a=\x1b[2Jb\n"])), "a=[2Jb");
        assert_eq!(read(&[c"echo"]).echo, Echo::On);
        assert_eq!(read(&[c"retries=1"]).retries, 1);
        assert_eq!(read(&[c"timeout=10"]).timeout, Duration::from_secs(10));
        assert_eq!(
            read(&[c"unavailable=ignore"]).unavailable,
            Unavailable::Ignore
        );
        assert_eq!(read(&[c"unavailable=deny"]).unavailable, Unavailable::Deny);
        assert_eq!(read(&[c"try_first_pass"]).first_pass, FirstPass::Tried);
        assert_eq!(read(&[c"use_first_pass"]).first_pass, FirstPass::Required);
        let forward = read(&[c"forward_pass"]);
        assert_eq!(
            (forward.password, prompt(&forward).as_str()),
            (Password::Forwarded, "Password & code: ")
        );
        assert_eq!(
            prompt(&read(&[c"forward_pass", c"prompt=Both: "])),
            "Both: "
        );
        assert_eq!(read(&[c"debug"]).verbosity, Verbosity::Debug);
        assert_eq!(
            read(&[c"bus=unix:path=/b"]).bus,
            Some(Address::Path("/b".into()))
        );
    }

    #[test]
    fn the_question_is_asked_in_the_language_of_the_login_unless_it_is_given() {
        let french = Words::of_login(Language::French);
        for (options, question) in [
            (read(&[]), "Code d’authentification\u{a0}: "),
            (read(&[c"forward_pass"]), "Mot de passe et code\u{a0}: "),
            (read(&[c"prompt=Code? "]), "Code? "),
        ] {
            assert_eq!(options.prompt(&french), question);
        }
    }

    #[test]
    fn what_has_no_meaning_is_reported_and_changes_nothing() {
        for argument in [
            c"retries=0",
            c"retries=21",
            c"retries=many",
            c"retries",
            c"timeout=0",
            c"timeout=301",
            c"timeout=-1",
            c"timeout=",
            c"unavailable=allow",
            c"unavailable",
            c"echo=no",
            c"bus=tcp:host=x",
            c"nullok",
            c"",
            c"\xff\xfe",
        ] {
            let (options, complaints) = Options::parse([argument]);
            assert_eq!(options, Options::default(), "{argument:?}");
            assert_eq!(complaints.len(), 1, "{argument:?}");
        }
        assert_eq!(
            Options::parse([c"nullok"]).1,
            ["option nullok: this version does not know it; it is ignored"]
        );
    }

    #[cfg(not(feature = "fault-injection"))]
    #[test]
    fn a_shipped_module_cannot_be_told_to_panic() {
        assert_eq!(Options::parse([c"panic"]).0, Options::default());
    }
}
