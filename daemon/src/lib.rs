//! The system service that owns every secret and every decision of Countersign.
//!
//! A call travels through the rooms in this order: [`direct`] or the bus, [`service`] (parse),
//! [`caller`] and [`authorize`] (who may), [`ledger`] (load), [`account`] (decide), [`store`] (keep),
//! [`audit`] (say so), and back out as the reply.

pub mod account;
mod arguments;
mod audit;
mod authorize;
mod backend;
mod bus_service;
mod caller;
mod circumstances;
mod clock;
mod configuration;
mod crowd;
mod direct;
mod enrollment;
mod fleet_place;
mod groups;
mod guest;
mod harden;
mod health;
mod keepers;
mod ledger;
mod login_socket;
mod maintenance;
mod options;
mod polkit;
mod privileges;
mod refusal;
mod service;
mod shared;
mod start;
pub mod store;
mod store_place;
mod strangers;
mod stream;
mod users;
mod whereabouts;

pub use maintenance::{Job, perform};
pub use options::{Options, Task};
pub use start::{Failure, run};

/// The command line as clap knows it, for the manual.
pub fn command() -> clap::Command {
    <Options as clap::CommandFactory>::command()
}
