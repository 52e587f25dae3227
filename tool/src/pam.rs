//! Puts our line into PAM stacks and takes it out again: what would change is worked out first,
//! from the files alone, and then written so that each file is whole at any moment.

pub mod checks;
pub mod diff;
pub mod disk;
pub mod edit;
pub mod error;
pub mod host;
mod need;
pub mod plan;
pub mod report;
pub mod services;
pub mod settings;
pub mod sshd;
pub mod trial;
pub mod way_back;
pub mod write;

#[cfg(test)]
mod tests;
