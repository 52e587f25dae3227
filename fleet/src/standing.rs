use super::error::EngineError;

/// How the shared store stands to this host.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// The server that answered, as `host:port` or a folder.
    pub host: String,
    /// The version of the schema.
    pub schema: i32,
    /// What the server calls itself.
    pub server: String,
    /// Is it a standby? One is never asked for long: they take no changes.
    pub is_standby: bool,
    /// Until when a change waits before it is answered.
    pub commit_waits: CommitWaits,
    /// How far the server's clock is ahead of the one given, in seconds; negative when it is behind.
    pub clock_skew: f64,
    /// Is this host listed, and not revoked?
    pub listed: bool,
    /// Whose records this host may ask for.
    pub tenants: Vec<String>,
    /// Has its role an administrator's rights?
    pub administers: bool,
}

/// What a change has reached when the server answers for it. Less than a standby, and a code that was accepted before
/// the primary died may be accepted once more after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommitWaits {
    /// Nothing: a crash forgets.
    ForNothing,
    /// The primary's disk: the loss of that disk forgets.
    ForTheDisk,
    /// A standby.
    ForAStandby,
}

impl CommitWaits {
    /// By the settings `synchronous_commit` and `synchronous_standby_names`.
    pub(crate) fn by_settings(commit: &str, standbys: &str) -> Self {
        match commit {
            "off" => Self::ForNothing,
            "local" => Self::ForTheDisk,
            _ if standbys.trim().is_empty() => Self::ForTheDisk,
            _ => Self::ForAStandby,
        }
    }
}

impl Standing {
    pub(crate) fn from_row(
        host: String,
        row: &tokio_postgres::Row,
        now: f64,
    ) -> Result<Self, EngineError> {
        let read = || -> Result<Self, tokio_postgres::Error> {
            let clock: f64 = row.try_get("clock")?;
            Ok(Self {
                host,
                schema: row.try_get("schema_version")?,
                server: row.try_get("server")?,
                is_standby: row.try_get("is_standby")?,
                commit_waits: CommitWaits::by_settings(
                    row.try_get("commit_waits")?,
                    row.try_get("standbys")?,
                ),
                clock_skew: clock - now,
                listed: row.try_get("listed")?,
                tenants: row.try_get("tenants")?,
                administers: row.try_get("administers")?,
            })
        };
        read().map_err(|error| EngineError::Unexpected {
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::CommitWaits::{self, ForAStandby, ForNothing, ForTheDisk};

    #[test]
    fn a_commit_waits_for_a_standby_only_if_one_is_named() {
        for (commit, standbys, waits) in [
            ("on", "", ForTheDisk),
            ("on", "ANY 1 (*)", ForAStandby),
            ("remote_apply", "b", ForAStandby),
            ("remote_write", "b", ForAStandby),
            ("local", "b", ForTheDisk),
            ("off", "b", ForNothing),
        ] {
            assert_eq!(
                CommitWaits::by_settings(commit, standbys),
                waits,
                "{commit} {standbys}"
            );
        }
    }
}
