//! The configuration and the policy in it: `countersign.toml` and `conf.d/*.toml`, from text to
//! checked values, and who has to show a code by them.
//!
//! The daemon decides by it, the tool checks it and shows it. Everything that is wrong in any file
//! is reported at once, with file, line and column, and then nothing of it is used: half a policy
//! can be milder than none.

mod bounded;
mod duration;
mod file;
mod group_directory;
mod group_name;
mod keys;
mod load;
mod load_store;
mod name;
mod name_sources;
mod origins;
mod parameters;
pub mod policy;
mod problem;
mod rules;
mod settings;
mod store;
mod tree;

#[cfg(test)]
mod tests;

pub use bounded::{Bounded, OutOfBounds};
pub use duration::{NoDuration, Seconds};
pub use file::last_change;
pub use group_directory::{Finding, GroupDirectory, SystemGroups};
pub use group_name::{GroupName, GroupNameError};
pub use keys::Table;
pub use keys::keys;
pub use name::{Issuer, NameError, TokenName};
pub use name_sources::NameSources;
pub use origins::{Origin, Origins};
pub use parameters::{Algorithm, Digits, Period, StepWindow, UnknownAlgorithm};
pub use problem::{Place, Problem, Written, Wrong};
pub use settings::{Config, TotpDefaults};
pub use store::{Cluster, NoTenant, ServerUrl, StoreBackend, StoreSettings, Tenant, UrlError};
