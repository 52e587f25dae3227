//! What must not let anybody in, nor keep anybody waiting: liars in the daemon's place, callers who
//! prepare the environment, outages at any moment, and users who crowd the bus.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

mod answers;
mod bus;
mod crowd;
mod door;
mod environment;
mod fault;
mod outage;
mod owner;
mod rogue;
mod socket;
mod strangers;
