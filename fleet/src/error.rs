use std::fmt;

use super::outcome::MAX_RECORD_BYTES;

/// Why a call was not answered. The text says what was being done, to what, and what to do next; it holds neither a
/// password nor a record.
///
/// But for [`EngineError::Unsettled`], nothing changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EngineError {
    /// All connections are taken, and enough wait for one.
    Busy,
    /// No server took the connection.
    Unreachable {
        /// Each server and what became of it.
        tried: Vec<Tried>,
    },
    /// Connected, and no answer in time.
    NoAnswer,
    /// The connection broke, or no answer came, after a swap was sent. It may be made or not; asked again with the same
    /// transaction it would be made once.
    Unsettled,
    /// The server's certificate does not prove that it is the one meant, or ours cannot be used.
    Untrusted(Tried),
    /// The server does not take this host's certificate, or not for this role.
    Rejected(Tried),
    /// The server has as many connections as it takes.
    TooManyConnections,
    /// There is no schema in that database.
    SchemaMissing,
    /// The schema is of a later version than this program knows.
    SchemaNewer {
        /// The schema's version.
        found: i32,
        /// The last one known here.
        known: i32,
    },
    /// The schema is of an earlier version than this program can use.
    SchemaOlder {
        /// The schema's version.
        found: i32,
        /// The one that is needed.
        needed: i32,
    },
    /// This host is not listed, or was revoked.
    HostRefused,
    /// The tenant is not known, or none of this host's.
    TenantRefused {
        /// Its name.
        tenant: String,
    },
    /// The tenant has no key record: it was never founded, or its records are lost.
    NotFounded {
        /// Its name.
        tenant: String,
    },
    /// This host's role has no right to do that.
    Forbidden {
        /// What it was.
        doing: &'static str,
    },
    /// This host has asked for as many records as it may in a minute.
    HostLimited,
    /// Codes of this user were tried so often that the server hands out no record to judge one by before the next hour.
    UserLimited,
    /// The record is over [`MAX_RECORD_BYTES`].
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// The server cannot write.
    ServerFailed {
        /// What it said.
        reason: String,
    },
    /// The server answered something that is not in the schema's contract.
    Unexpected {
        /// What it said.
        reason: String,
    },
}

/// A server, and why it was of no use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// `host:port`, or the path of a socket's folder.
    pub host: String,
    /// What went wrong.
    pub why: String,
}

impl EngineError {
    /// Does nothing get through at the moment, whoever's login it is?
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::NoAnswer
            | Self::Unsettled
            | Self::Untrusted(_)
            | Self::Rejected(_)
            | Self::TooManyConnections
            | Self::SchemaMissing
            | Self::SchemaNewer { .. }
            | Self::SchemaOlder { .. }
            | Self::HostRefused
            | Self::ServerFailed { .. } => true,
            Self::Busy
            | Self::TenantRefused { .. }
            | Self::NotFounded { .. }
            | Self::Forbidden { .. }
            | Self::HostLimited
            | Self::UserLimited
            | Self::TooLarge { .. }
            | Self::Unexpected { .. } => false,
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str(
                "asking the shared store: every connection is in use and others wait already; try again",
            ),
            Self::Unreachable { tried } => {
                f.write_str("connecting to the shared store: ")?;
                for (place, tried) in tried.iter().enumerate() {
                    write!(f, "{}{tried}", if place == 0 { "" } else { "; " })?;
                }
                f.write_str("; check that a primary runs and that this host may reach it")
            }
            Self::NoAnswer => f.write_str(
                "asking the shared store: no answer in time; look at the server's load and the network",
            ),
            Self::Unsettled => f.write_str(
                "changing a record of the shared store: it is not known whether that was done; try again",
            ),
            Self::Untrusted(tried) => write!(
                f,
                "connecting to the shared store securely: {tried}; check the files named by ca, certificate and key, \
                 the names in the server's certificate, and the clock"
            ),
            Self::Rejected(tried) => write!(
                f,
                "introducing this host to the shared store: {tried}; check this host's certificate, the role in the \
                 URL and the server's pg_hba.conf"
            ),
            Self::TooManyConnections => f.write_str(
                "connecting to the shared store: the server has as many connections as it takes; raise \
                 max_connections there or lower connections here",
            ),
            Self::SchemaMissing => f.write_str(
                "asking the shared store: there is no Countersign in that database; run countersign store migrate",
            ),
            Self::SchemaNewer { found, known } => write!(
                f,
                "asking the shared store: its schema has version {found}, and this program knows versions up to \
                 {known}; upgrade Countersign on this host"
            ),
            Self::SchemaOlder { found, needed } => write!(
                f,
                "asking the shared store: its schema has version {found}, and this program needs {needed}; run \
                 countersign store migrate"
            ),
            Self::HostRefused => f.write_str(
                "asking the shared store: this host is not listed there, or was revoked; add it with \
                 countersign.add_host, or clear revoked_at in countersign.host",
            ),
            Self::TenantRefused { tenant } => write!(
                f,
                "asking the shared store for tenant {tenant}: it is not known there, or none of this host's; check \
                 tenant here, and tenants in countersign.host there"
            ),
            Self::NotFounded { tenant } => write!(
                f,
                "asking the shared store for tenant {tenant}: it holds nothing, not even the fleet's key, so that nobody \
                 can tell who is enrolled; if it held records before, look at urls here and restore the database there; \
                 a new fleet is founded by an administrator's role with `countersign store move --to postgres --role NAME`"
            ),
            Self::Forbidden { doing } => write!(
                f,
                "{doing} in the shared store: this host's role may not; do it where an administrator's role is used"
            ),
            Self::HostLimited => f.write_str(
                "asking the shared store: this host has asked for as many records as it may in a minute; wait, or \
                 raise its budget in countersign.host",
            ),
            Self::UserLimited => f.write_str(
                "asking the shared store: too many codes of this user were tried within the hour; wait, or have an \
                 administrator call countersign.unlock",
            ),
            Self::TooLarge { bytes } => write!(
                f,
                "storing a record: it has {bytes} bytes, and at most {MAX_RECORD_BYTES} are allowed"
            ),
            Self::ServerFailed { reason } => write!(
                f,
                "asking the shared store: the server failed ({reason}); look at its log and its disk"
            ),
            Self::Unexpected { reason } => write!(
                f,
                "asking the shared store: unexpected answer ({reason}); compare the versions of Countersign and of \
                 the schema"
            ),
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.why)
    }
}

impl std::error::Error for EngineError {}
