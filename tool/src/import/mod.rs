//! Moving in: what other programs keep for a user, read and handed to the daemon.
//!
//! A source ([`google`], [`oath`], [`uri`]) reads a text into [`found::Found`] and is pure; [`reading`]
//! and [`homes`] fetch that text, [`delivery`] sends what was found, [`report`] says what became of it.

mod closing;
pub mod delivery;
pub mod error;
pub mod found;
pub mod google;
pub mod homes;
pub mod key;
pub mod leftovers;
pub mod oath;
pub mod reading;
pub mod report;
pub mod stored;
pub mod uri;
pub mod why;
