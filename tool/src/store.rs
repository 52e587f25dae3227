//! The store of this machine: what is asked of the running daemon, of the service manager, and of the daemon's
//! program in its maintenance mode, which alone reads or writes what is in it.

pub mod aside;
pub mod error;
pub mod maintenance;
pub mod service;
pub mod standing;
pub mod turn;
