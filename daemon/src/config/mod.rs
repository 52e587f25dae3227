//! The configuration: `countersign.toml` and `conf.d/*.toml`, from text to checked values.
//!
//! Everything that is wrong in any file is reported at once, with file, line and column, and then
//! nothing of it is used: half a policy can be milder than none.

mod file;
mod keys;
mod load;
mod problem;
mod rules;
mod settings;
mod tree;

#[cfg(test)]
mod tests;

pub use problem::{Place, Problem, Wrong};
pub use settings::{Config, TotpDefaults};
