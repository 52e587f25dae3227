//! The store that many hosts share, on PostgreSQL's protocol.
//!
//! One question travels through the files in this order: [`engine`] puts it into the words of the schema's functions
//! ([`question`]), [`asking`] carries it through one deadline: past the [`breaker`], into a place of the [`pool`], over a
//! [`session`] that is idle there or that [`connect`] makes ([`tls`]), and again where [`sqlstate`] says that this helps.
//! What comes back is in [`outcome`], what does not in [`error`].
//!
//! The server enforces what it can see (`schema/`): one record per call, the attempt counted before the record is out,
//! steps that only go up and stay near its own clock, and whose tenant is whose. Records are sealed before they
//! come here; nothing in this crate can open one.

mod asking;
mod breaker;
mod connect;
mod engine;
mod error;
pub mod migrate;
mod notice;
mod outcome;
mod pool;
mod question;
mod session;
mod settings;
mod sqlstate;
mod standing;
mod tls;

pub use engine::Engine;
pub use error::{EngineError, Tried};
pub use notice::{Notice, Report};
pub use outcome::{
    Conclusion, Facts, Listed, MAX_RECORD_BYTES, Spent, Stored, Swapped, Transaction, Version,
};
pub use settings::{Settings, SettingsError, TlsFiles};
pub use standing::{CommitWaits, Standing};
