//! The daemon over a message bus, called by people of several uids.

mod access;
mod arguments;
mod contract;
mod imports;
mod life;
mod list;
mod pending;
mod temporary;

const PASSWORD: &str = "her password";
