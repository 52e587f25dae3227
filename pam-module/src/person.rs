//! The person at the other end of the PAM conversation, and what is known of the login.

use countersign_bus::UserName;
use countersign_words::Language;
use zeroize::Zeroizing;

use crate::daemon::{Context, Receipt};
use crate::log::Level;
use crate::options::Echo;
use crate::sudo::Questions;

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

/// What is left for the end of a login in the middle of which somebody enrolled.
#[derive(Clone, PartialEq, Eq)]
pub struct Left {
    /// Who. By then `PAM_USER` may be another, for whom it proves nothing.
    pub user: UserName,
    /// What they were spoken to in.
    pub language: Language,
    /// What shows it.
    pub receipt: Receipt,
}

/// PAM did not take the receipt for the end of the login.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotLeft;

/// The login as PAM shows it.
pub trait Person {
    /// The bytes of `PAM_USER`, asked for if need be.
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed>;

    /// Where the login comes from.
    fn context(&self) -> Context;

    /// `PAM_RUSER`: who runs the program that asks, where it says so.
    fn requester(&self) -> Option<Vec<u8>>;

    /// Where questions are shown, if this program is sudo.
    fn questions_of_sudo(&self) -> Questions;

    /// Puts a question and waits for the answer.
    fn ask(&mut self, question: &str, echo: Echo) -> Result<Answer, ConversationFailed>;

    /// Shows a sentence. Whether it arrives makes no difference to the login.
    fn tell(&mut self, tone: Tone, sentence: &str);

    /// `PAM_AUTHTOK`: the password that an earlier module asked for, if one did.
    fn password(&self) -> Option<Answer>;

    /// Sets `PAM_AUTHTOK` for later modules.
    fn forward(&mut self, password: &Answer) -> Result<(), NotForwarded>;

    /// Leaves a receipt for [`Self::take_receipt`], which may be called in another process: sshd
    /// authenticates in one of its own and hands on PAM's environment.
    fn leave_receipt(&mut self, left: &Left) -> Result<(), NotLeft>;

    /// Takes the receipt that was left, so that it does not go on into the session or another login.
    fn take_receipt(&mut self) -> Option<Left>;

    /// Writes a line into the system log.
    fn log(&self, level: Level, line: &str);
}
