//! One file for each verb of the command line.

pub mod config;
pub mod disable;
pub mod doctor;
pub mod enroll;
pub mod export;
pub mod import;
pub mod list;
pub mod pam;
mod proof;
pub mod recovery_codes;
pub mod resync;
pub mod status;
pub mod store;
pub mod unlock;
pub mod verify;
