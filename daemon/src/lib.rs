//! The system service that owns every secret and every decision of Countersign.

pub mod account;
