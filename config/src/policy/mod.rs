//! Who has to show a code, for which service, from where. Pure: no file, no clock, no bus.

mod context;
mod enroll_by;
mod membership;
mod network;
mod reach;
mod require;
mod requirement;
mod rule;
mod ruling;
mod walk;

pub use context::{Context, Origin};
pub use enroll_by::EnrollBy;
pub use membership::{Membership, Memberships};
pub use network::{Network, NetworkError};
pub use reach::covered_by;
pub use require::Require;
pub use requirement::Policy;
pub use rule::{Condition, Rule};
pub use ruling::{Enrolled, Ruling};
pub use walk::{Step, Walk};

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod property_tests;
