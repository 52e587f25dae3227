//! The part of D-Bus's wire format that this module needs (D-Bus specification, "Message Protocol"):
//! it makes six kinds of calls and reads the answers to them.
//!
//! It is our own because a library for all of D-Bus is larger than the rest of the module, and every
//! byte of it is loaded into other people's root processes. The tests hold it against zbus, which the
//! daemon has at the other end.

mod call;
mod message;
mod reader;
mod skip;
mod values;
mod writer;

pub use call::{Arguments, Call};
pub use message::{Kind, Message};
pub use values::{Details, Read};
pub use writer::{Writer, Written};

#[cfg(test)]
mod tests;
