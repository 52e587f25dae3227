use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Where something stands in the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A file name may hold what a terminal obeys, too.
        let file = self.file.to_string_lossy();
        write!(f, "{}:{}", file.escape_debug(), self.line)
    }
}

/// Where each value of a configuration comes from, for whoever wants to change it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origins {
    keys: BTreeMap<String, Origin>,
    rules: Vec<Origin>,
}

impl Origins {
    /// Where a key was set, by its name with that of its table: `totp.digits`. `None`: nowhere, and
    /// the default holds.
    pub fn of_key(&self, key: &str) -> Option<&Origin> {
        self.keys.get(key)
    }

    /// Where a rule stands, by its place among the rules from 0.
    pub fn of_rule(&self, rule: usize) -> Option<&Origin> {
        self.rules.get(rule)
    }

    /// The last file that has a key counts.
    pub(super) fn set(&mut self, key: String, origin: Origin) {
        self.keys.insert(key, origin);
    }

    pub(super) fn add_rule(&mut self, origin: Origin) {
        self.rules.push(origin);
    }
}
