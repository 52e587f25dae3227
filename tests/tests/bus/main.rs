//! The daemon over a message bus, called by people of several uids.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests share fails them as they would fail themselves"
)]

mod access;
mod arguments;
mod contract;
mod foreign;
mod health;
mod imports;
mod life;
mod list;
mod logged;
mod pending;
mod races;
mod restart;
mod temporary;

const PASSWORD: &str = "her password";
