//! The login as libpam shows it.

use std::ffi::CStr;

use countersign_bus::UserName;
use pam::constants::{PAM_ERROR_MSG, PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON, PAM_TEXT_INFO};
use pam::conv::Conv;
use pam::items::{AuthTok, RHost, RUser, Service, Tty, User};
use pam::module::PamHandle;
use zeroize::Zeroizing;

use crate::daemon::{Context, Receipt, item_text};
use crate::ffi;
use crate::log::{self, Level};
use crate::options::Echo;
use crate::person::{Answer, ConversationFailed, Left, NotForwarded, NotLeft, Person, Tone};
use crate::session;
use crate::sudo::Questions;

/// Where a receipt waits in PAM's environment, which is not the process's.
const RECEIPT: &CStr = c"COUNTERSIGN_RECEIPT";

/// A [`Person`] behind a PAM handle.
pub struct PamPerson<'h> {
    handle: &'h mut PamHandle,
}

impl<'h> PamPerson<'h> {
    /// Takes the handle for the time of one call.
    pub fn new(handle: &'h mut PamHandle) -> Self {
        Self { handle }
    }

    fn user_item(&self) -> Option<Vec<u8>> {
        let item = self.handle.get_item::<User>().ok().flatten()?;
        Some(item.to_bytes().to_vec())
    }

    fn conversation(&self) -> Result<Conv<'_>, ConversationFailed> {
        self.handle
            .get_item::<Conv>()
            .ok()
            .flatten()
            .ok_or(ConversationFailed)
    }
}

impl Person for PamPerson<'_> {
    fn user(&mut self) -> Result<Vec<u8>, ConversationFailed> {
        if let Some(name) = self.user_item() {
            return Ok(name);
        }
        // Only asks and sets the item: the answer is read from there, since it may be no text,
        // which get_user does not tell from other errors.
        let _ = self.handle.get_user(None);
        self.user_item().ok_or(ConversationFailed)
    }

    fn context(&self) -> Context {
        let text = |item: Option<&CStr>| item.map(|item| item_text(item.to_bytes()));
        let rhost = text(
            self.handle
                .get_item::<RHost>()
                .ok()
                .flatten()
                .map(|item| item.0),
        );
        let is_local = rhost.as_deref().is_none_or(str::is_empty);
        Context {
            service: text(
                self.handle
                    .get_item::<Service>()
                    .ok()
                    .flatten()
                    .map(|item| item.0),
            ),
            tty: text(
                self.handle
                    .get_item::<Tty>()
                    .ok()
                    .flatten()
                    .map(|item| item.0),
            ),
            rhost,
            // Whoever comes from elsewhere is in no session here yet, but in that of the service.
            session: is_local.then(session::of_this_process).flatten(),
        }
    }

    fn requester(&self) -> Option<Vec<u8>> {
        let item = self.handle.get_item::<RUser>().ok().flatten()?;
        Some(item.to_bytes().to_vec())
    }

    fn questions_of_sudo(&self) -> Questions {
        Questions::of_this_process()
    }

    fn ask(&mut self, question: &str, echo: Echo) -> Result<Answer, ConversationFailed> {
        let style = match echo {
            Echo::Off => PAM_PROMPT_ECHO_OFF,
            Echo::On => PAM_PROMPT_ECHO_ON,
        };
        // An application that answers with nothing at all has not asked anybody; an empty answer
        // is another thing.
        match self.conversation()?.send(style, question) {
            Ok(Some(answer)) => Ok(Zeroizing::new(answer.as_bytes().to_vec())),
            Ok(None) | Err(_) => Err(ConversationFailed),
        }
    }

    fn tell(&mut self, tone: Tone, sentence: &str) {
        let style = match tone {
            Tone::Info => PAM_TEXT_INFO,
            Tone::Refusal => PAM_ERROR_MSG,
        };
        if let Ok(conversation) = self.conversation() {
            // Some applications show no messages and fail here; the verdict stands all the same.
            let _ = conversation.send(style, sentence);
        }
    }

    fn password(&self) -> Option<Answer> {
        let item = self.handle.get_item::<AuthTok>().ok().flatten()?;
        Some(Zeroizing::new(item.as_bytes().to_vec()))
    }

    fn forward(&mut self, password: &Answer) -> Result<(), NotForwarded> {
        let mut terminated = Zeroizing::new(Vec::with_capacity(password.len() + 1));
        terminated.extend_from_slice(password);
        terminated.push(0);
        let password = CStr::from_bytes_with_nul(&terminated).map_err(|_| NotForwarded)?;
        ffi::set_authtok(self.handle, password).map_err(|_| NotForwarded)
    }

    fn leave_receipt(&mut self, left: &Left) -> Result<(), NotLeft> {
        let Left {
            user,
            language,
            receipt,
        } = left;
        let value = format!("{}:{}:{user}", receipt.as_str(), language.as_str());
        ffi::set_environment(self.handle, RECEIPT, &value).map_err(|_| NotLeft)
    }

    fn take_receipt(&mut self) -> Option<Left> {
        let value = ffi::environment(self.handle, RECEIPT)?;
        // It may stay where it cannot be removed: it is worth nothing from here on.
        let _ = ffi::unset_environment(self.handle, RECEIPT);
        let mut parts = value.splitn(3, ':');
        let (receipt, language, user) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Left {
            user: UserName::parse(user).ok()?,
            language: language.parse().unwrap_or_default(),
            receipt: Receipt::new(receipt.to_owned()),
        })
    }

    fn log(&self, level: Level, line: &str) {
        ffi::syslog(self.handle, level, &log::line(line));
    }
}
