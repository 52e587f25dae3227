//! Real PostgreSQL servers, each with files, certificates and a port of its own, gone when the test ends.
//!
//! ```no_run
//! use countersign_tests::postgres::Postgres;
//!
//! let server = Postgres::start();
//! let certificate = server.authority().issue("web1");
//! let url = server.url("web1");
//! server.sql("select 1");
//! ```
//!
//! The server listens on 127.0.0.1 for who has a certificate with the role's name, and on a socket in its folder for
//! the superuser `postgres`. There is a database `countersign`, and nothing in it. As root, with Debian's
//! package `postgresql`.

mod certificates;
mod proxy;
mod server;
mod template;

pub use certificates::{Authority, Identity};
pub use proxy::{Manner, Proxy};
pub use server::Postgres;
