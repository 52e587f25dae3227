//! What to do about an error of the server, by its SQLSTATE. Those of CockroachDB and YugabyteDB are in it by their
//! documentation.

/// What helps against an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reaction {
    /// Ask again, on the same connection: the server gave way to somebody else's change and did nothing.
    Again,
    /// Ask again on another connection: this server is going, is no primary any more, or has forgotten what was prepared.
    /// Whether it did what was asked is not known.
    Elsewhere,
    /// Nothing does.
    Tell(Trouble),
}

/// What the error means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// Somebody holds the row for longer than we wait.
    Contended,
    /// The server took longer than it was given.
    Slow,
    TooManyConnections,
    SchemaMissing,
    Rejected,
    Forbidden,
    HostRefused,
    TenantRefused,
    NotFounded,
    ServerFailed,
    Unexpected,
}

/// The reaction to an error with that code and message.
pub(crate) fn reaction(code: &str, message: &str) -> Reaction {
    use Reaction::{Again, Elsewhere, Tell};
    match code {
        // A serialisable transaction, or a deadlock, gave way. CR000 is what CockroachDB said before 40001.
        "40001" | "40P01" | "CR000" => Again,
        // YugabyteDB: the catalogue or a read point changed under a statement.
        "XX000" if says_try_again(message) => Again,
        // CockroachDB's ambiguous result (40003). The server ends, crashed, or is not up yet; it closed an idle session; it
        // is a standby (25006). A pooler gave us another session (26000).
        "40003" | "57P01" | "57P02" | "57P03" | "57P05" | "25006" | "26000" => Elsewhere,
        // The plan is of an older schema.
        "0A000" if message.contains("cached plan") => Elsewhere,
        "55P03" => Tell(Trouble::Contended),
        "57014" => Tell(Trouble::Slow),
        "53300" => Tell(Trouble::TooManyConnections),
        "3D000" | "3F000" | "42883" | "42P01" => Tell(Trouble::SchemaMissing),
        "42501" => Tell(Trouble::Forbidden),
        "CS001" => Tell(Trouble::HostRefused),
        "CS002" => Tell(Trouble::TenantRefused),
        "CS003" => Tell(Trouble::NotFounded),
        _ => match code.get(..2) {
            Some("08") => Elsewhere,
            Some("28") => Tell(Trouble::Rejected),
            Some("53" | "58") => Tell(Trouble::ServerFailed),
            _ => Tell(Trouble::Unexpected),
        },
    }
}

fn says_try_again(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "catalog version mismatch",
        "catalog snapshot used for this transaction has been invalidated",
        "schema version mismatch",
        "restart read required",
    ]
    .iter()
    .any(|phrase| message.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::Reaction::{self, Again, Elsewhere, Tell};
    use super::reaction;
    use crate::sqlstate::Trouble;

    const TABLE: &[(&str, &str, Reaction)] = &[
        (
            "40001",
            "could not serialize access due to concurrent update",
            Again,
        ),
        (
            "40001",
            "restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError",
            Again,
        ),
        (
            "40001",
            "Operation expired: Transaction expired or aborted by a conflict",
            Again,
        ),
        ("40P01", "deadlock detected", Again),
        ("CR000", "restart transaction", Again),
        (
            "XX000",
            "Query error: Restart read required at: read: {...}",
            Again,
        ),
        (
            "XX000",
            "Catalog Version Mismatch: A DDL occurred while processing this query. Try again.",
            Again,
        ),
        (
            "XX000",
            "The catalog snapshot used for this transaction has been invalidated",
            Again,
        ),
        (
            "XX000",
            "schema version mismatch for table 0000: expected 2, got 1",
            Again,
        ),
        ("40003", "result is ambiguous", Elsewhere),
        (
            "57P01",
            "terminating connection due to administrator command",
            Elsewhere,
        ),
        (
            "57P02",
            "terminating connection because of crash of another server process",
            Elsewhere,
        ),
        ("57P03", "the database system is starting up", Elsewhere),
        (
            "25006",
            "cannot execute UPDATE in a read-only transaction",
            Elsewhere,
        ),
        ("08006", "connection failure", Elsewhere),
        ("08P01", "server conn crashed?", Elsewhere),
        (
            "0A000",
            "cached plan must not change result type",
            Elsewhere,
        ),
        (
            "26000",
            "prepared statement \"s1\" does not exist",
            Elsewhere,
        ),
        (
            "55P03",
            "canceling statement due to lock timeout",
            Tell(Trouble::Contended),
        ),
        (
            "57014",
            "canceling statement due to statement timeout",
            Tell(Trouble::Slow),
        ),
        (
            "53300",
            "sorry, too many clients already",
            Tell(Trouble::TooManyConnections),
        ),
        (
            "53100",
            "could not extend file: No space left on device",
            Tell(Trouble::ServerFailed),
        ),
        ("58030", "could not read block", Tell(Trouble::ServerFailed)),
        (
            "3F000",
            "schema \"countersign\" does not exist",
            Tell(Trouble::SchemaMissing),
        ),
        (
            "42883",
            "function countersign.load(text, text) does not exist",
            Tell(Trouble::SchemaMissing),
        ),
        (
            "3D000",
            "database \"countersign\" does not exist",
            Tell(Trouble::SchemaMissing),
        ),
        (
            "28000",
            "certificate authentication failed for user \"web1\"",
            Tell(Trouble::Rejected),
        ),
        (
            "28P01",
            "password authentication failed for user \"web1\"",
            Tell(Trouble::Rejected),
        ),
        (
            "42501",
            "permission denied for function list",
            Tell(Trouble::Forbidden),
        ),
        (
            "CS001",
            "host web1 is not listed, or is revoked",
            Tell(Trouble::HostRefused),
        ),
        (
            "CS002",
            "tenant acme is none of host web1",
            Tell(Trouble::TenantRefused),
        ),
        (
            "CS003",
            "tenant main has no key record",
            Tell(Trouble::NotFounded),
        ),
        ("0A000", "feature not supported", Tell(Trouble::Unexpected)),
        ("XX000", "something inside broke", Tell(Trouble::Unexpected)),
        (
            "22023",
            "a swap is accepted, refused or changed",
            Tell(Trouble::Unexpected),
        ),
        ("", "", Tell(Trouble::Unexpected)),
    ];

    #[test]
    fn every_code_has_the_reaction_that_helps() {
        for &(code, message, expected) in TABLE {
            assert_eq!(reaction(code, message), expected, "{code} {message}");
        }
    }
}
