//! Measures logins through Countersign beside those through the modules that people move in from, on real
//! libpam, each login in a process of its own.
//!
//! [`measure()`] runs inside `scripts/lab/enter`, with a directory on a real disk at `/disk`. What it found is a
//! [`Found`], of which [`table`] and [`plot`] make what the README shows and [`targets`] judges whether that is
//! what was promised.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a figure that cannot be measured as it should ends the run, with a message that says why"
)]

mod codes;
mod daemon;
mod dice;
mod enrolled;
mod figures;
mod found;
mod harness;
mod light;
mod machine;
mod measure;
mod modules;
pub mod plot;
mod profile;
mod publish;
mod rows;
pub mod scale;
mod states;
pub mod table;
pub mod targets;
mod together;

pub use codes::{Codes, Key};
pub use daemon::{Daemon, Memory};
pub use dice::Dice;
pub use enrolled::enrolled;
pub use figures::{Figures, micros, percentile};
pub use found::{AtSize, Crowd, Found, Loading, Machine};
pub use harness::{End, Harness, Login, PAM_AUTH_ERR, PAM_SUCCESS};
pub use light::Light;
pub use measure::{Wanted, measure};
pub use profile::profile;
pub use publish::{Quiet, When, publish};
pub use states::{Member, Store, UserDatabase};
