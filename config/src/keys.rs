//! Which keys there are, and which of them somebody may have meant.

use std::fmt;

/// The tables of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// What stands before the first `[table]`.
    Top,
    /// `[totp]`.
    Totp,
    /// `[recovery]`.
    Recovery,
    /// `[store]`.
    Store,
    /// `[[store.cluster]]`.
    Cluster,
    /// `[[rule]]`.
    Rule,
}

/// Keys of the top level that are tables.
const TABLES: [&str; 5] = ["totp", "recovery", "store", "cluster", "rule"];

impl Table {
    const ALL: &[Self] = &[
        Self::Top,
        Self::Totp,
        Self::Recovery,
        Self::Store,
        Self::Cluster,
        Self::Rule,
    ];

    /// Every key that may stand in this table.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Top => &["issuer", "language", "totp", "recovery", "store", "rule"],
            Self::Totp => &["algorithm", "digits", "period", "window"],
            Self::Recovery => &["codes"],
            Self::Store => &[
                "backend",
                "urls",
                "tenant",
                "cluster",
                "ca",
                "certificate",
                "key",
                "connect_within",
                "answer_within",
                "connections",
            ],
            Self::Cluster => &["tenants", "urls"],
            Self::Rule => &[
                "users",
                "groups",
                "services",
                "networks",
                "local",
                "require",
                "enroll_by",
                "remember",
            ],
        }
    }

    /// The full name of a key that sets one value, `totp.digits`. `None` for tables and for what stands in
    /// a rule.
    pub(super) fn name_of(self, key: &str) -> Option<String> {
        let prefix = match self {
            Self::Top if Self::Top.keys().contains(&key) && !TABLES.contains(&key) => "",
            Self::Totp if self.keys().contains(&key) => "totp.",
            Self::Recovery if self.keys().contains(&key) => "recovery.",
            Self::Store if self.keys().contains(&key) && !TABLES.contains(&key) => "store.",
            Self::Top | Self::Totp | Self::Recovery | Self::Store | Self::Cluster | Self::Rule => {
                return None;
            }
        };
        Some(format!("{prefix}{key}"))
    }

    /// The table that knows this key, when another one does.
    pub fn owner_of(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|table| table.keys().contains(&key))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Top => "the top level",
            Self::Totp => "[totp]",
            Self::Recovery => "[recovery]",
            Self::Store => "[store]",
            Self::Cluster => "[[store.cluster]]",
            Self::Rule => "[[rule]]",
        })
    }
}

/// Every key that the configuration knows, for whoever describes them. Names of tables are left out.
pub fn keys() -> impl Iterator<Item = &'static str> {
    Table::ALL
        .iter()
        .flat_map(|table| table.keys())
        .copied()
        .filter(|key| !TABLES.contains(key))
}

/// The known word that is nearest to the written one, if it is near enough to have been meant:
/// within two slips of the fingers, and more alike than not.
pub fn nearest(written: &str, known: &[&'static str]) -> Option<&'static str> {
    let written = written.to_lowercase();
    known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&written, word), *word))
        .filter(|(slips, word)| *slips <= 2 && slips * 2 < word.len())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through_and_other_words_are_not() {
        let known = Table::Rule.keys();
        for (written, meant) in [
            ("user", Some("users")),
            ("Users", Some("users")),
            ("REQUIRE", Some("require")),
            ("requires", Some("require")),
            ("netwroks", Some("networks")),
            ("lcoal", Some("local")),
            ("group", Some("groups")),
            ("enrol_by", Some("enroll_by")),
            ("enroll-by", Some("enroll_by")),
            ("remembers", Some("remember")),
            ("hosts", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), meant, "{written:?}");
        }
    }

    #[test]
    fn every_key_is_in_one_table() {
        for table in Table::ALL {
            for key in table.keys() {
                // The servers of a cluster are written like those of the store.
                if (*table, *key) != (Table::Cluster, "urls") {
                    assert_eq!(Table::owner_of(key), Some(*table), "{key}");
                }
            }
        }
    }
}
