//! Stages for the end-to-end tests: a throwaway copy of this host in which the real sshd, sudo, su,
//! login and dbus-daemon run with the real module, daemon and tool.
//!
//! ```no_run
//! use countersign_tests::{Outcome, in_lab};
//!
//! in_lab(|stage| {
//!     let lab = stage.user("alice", "her password").start();
//!     let mut secret = lab.enroll("alice");
//!     let visit = lab.ssh("alice").password("her password").code(&secret.next_code()).go();
//!     assert_eq!(visit.outcome(), Outcome::LetIn);
//! });
//! ```
//!
//! A test outside the lab runs itself again inside it (`enter`), so `cargo test` as root is all
//! that is needed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a stage that cannot be set ends its test, with a message that says why"
)]

mod accounts;
mod broker;
mod caller;
mod calls;
mod crowd;
mod daemon;
mod enrollment;
mod enter;
mod false_clock;
mod fleet_hosts;
mod install;
mod killer;
mod lab;
mod login;
mod openrc;
mod pam_client;
mod pamtester;
pub mod postgres;
mod program;
mod residents;
mod slots;
mod sshd;
mod stacks;
mod stage;
mod state;
mod terminal;
mod tool;
mod watch;

pub use accounts::LET_IN;
pub use broker::{has_owner as bus_has_owner, start as start_bus};
pub use caller::{Answer, Caller, Refused};
pub use calls::{Begun, Details, Options};
pub use crowd::{Crowd, End, Guest, count};
pub use daemon::Daemon;
pub use enrollment::Secret;
pub use enter::{in_lab, in_lab_on_disk, on_both_roads};
pub use false_clock::FalseClock;
pub use fleet_hosts::{Fleet, FleetHost, migrate};
pub use install::programs;
pub use killer::Killer;
pub use lab::{Lab, syslog};
pub use login::{Login, Outcome, Visit};
pub use openrc::OpenRc;
pub use pam_client::{PamCode, PamLogin, Verdict};
pub use pamtester::{PamTester, Report};
pub use program::Program;
pub use stacks::Stack;
pub use stage::{Road, Stage};
pub use state::{STATE, SmallDisk, keep_state, restore_state, state_file};
pub use terminal::{Heard, Terminal};
pub use tool::{Told, tool, try_to_enroll};
pub use watch::LogMark;
