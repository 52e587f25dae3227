//! What is wrong with this installation, and what mends it.
//!
//! Each subject has a room: what is known of it (facts), where that comes from (gather), and what it
//! means (check, a pure function from facts to findings). Nothing here changes anything.

mod bus;
mod clock;
mod examination;
mod files;
mod finding;
mod host;
mod manager;
mod module;
mod policy;
mod report;
mod sshd;
mod stacks;
mod store;
mod trial;
mod units;

pub use examination::examine;
pub use host::{Host, Shell};
pub use report::{Reader, print_report};
