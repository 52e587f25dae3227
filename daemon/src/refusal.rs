//! The daemon's error currency: a fault that the contract names, and a sentence for the log.

use countersign_bus::Fault;
use zbus::message::{Header, Message};
use zbus::names::ErrorName;

/// Why a call failed. The text is for logs and administrators and holds no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What clients match on.
    pub fault: Fault,
    /// What was being done, to what, and what to do next.
    pub text: String,
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(fault: Fault, text: impl Into<String>) -> Self {
        Self {
            fault,
            text: text.into(),
        }
    }

    /// An argument that has no meaning.
    pub fn argument(text: impl Into<String>) -> Self {
        Self::new(Fault::InvalidArgument, text)
    }

    /// The change could not be made durable, or the state could not be read.
    pub fn storage(text: impl Into<String>) -> Self {
        Self::new(Fault::StorageFailed, text)
    }
}

impl zbus::DBusError for Refusal {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        Message::error(call, self.name()).build(&self.text.as_str())
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.fault.name())
    }

    fn description(&self) -> Option<&str> {
        Some(&self.text)
    }
}
