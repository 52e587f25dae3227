//! One file for each verb of the command line.

pub mod disable;
pub mod enroll;
pub mod export;
pub mod import;
pub mod list;
mod proof;
pub mod recovery_codes;
pub mod resync;
pub mod status;
pub mod unlock;
pub mod verify;
