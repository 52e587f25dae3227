//! Who has to show a code, for which service, from where. Pure: no file, no clock, no bus.

mod context;
mod network;
mod requirement;
mod rule;

pub use context::{Context, Origin};
pub use network::{Network, NetworkError};
pub use requirement::{Enrolled, Policy};
pub use rule::{Require, Rule};
