//! The person at the other end of the PAM conversation, and what is known of the login.

use zeroize::Zeroizing;

use crate::daemon::Context;
use crate::log::Level;
use crate::options::Echo;

/// What a person typed; wiped when it is dropped.
pub type Answer = Zeroizing<Vec<u8>>;

/// How a sentence is meant; applications may show the two differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// `PAM_TEXT_INFO`
    Info,
    /// `PAM_ERROR_MSG`
    Refusal,
}

/// The application could not put the question, or the person gave up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConversationFailed;

/// PAM did not take the password for later modules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotForwarded;

/// The login as PAM shows it.
pub trait Person {
    /// The bytes of `PAM_USER`, asked for if need be.
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed>;

    /// Where the login comes from.
    fn context(&self) -> Context;

    /// Puts a question and waits for the answer.
    fn ask(&mut self, question: &str, echo: Echo) -> Result<Answer, ConversationFailed>;

    /// Shows a sentence. Whether it arrives makes no difference to the login.
    fn tell(&mut self, tone: Tone, sentence: &str);

    /// `PAM_AUTHTOK`: the password that an earlier module asked for, if one did.
    fn password(&self) -> Option<Answer>;

    /// Sets `PAM_AUTHTOK` for later modules.
    fn forward(&mut self, password: &Answer) -> Result<(), NotForwarded>;

    /// Writes a line into the system log.
    fn log(&self, level: Level, line: &str);
}
