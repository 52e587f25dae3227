//! What a restore has put aside, and nobody has removed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::printable::{Printable, quoted};
use crate::words::tell;

const STATE: &str = "/var/lib/countersign";
/// How the names of journals begin that were put aside.
const ASIDE: &str = "journal.before-";

/// A line for each, with how to remove it; none for whoever may not look.
pub fn told() -> Vec<String> {
    let line = |path: PathBuf| {
        let path = path.to_string_lossy();
        tell!(
            "store-aside-still",
            "path" = Printable(&path).to_string(),
            "command" = format!("`rm {}`", quoted(&path))
        )
    };
    within(Path::new(STATE)).into_iter().map(line).collect()
}

fn within(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(ASIDE)
    };
    let mut found: Vec<PathBuf> = entries.map(|it| it.path()).filter(is_aside).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journals_that_were_put_aside_are_found_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["journal", "key", "journal.before-20", "journal.before-10"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let found = within(directory.path());
        let expected = ["journal.before-10", "journal.before-20"];
        assert_eq!(found, expected.map(|name| directory.path().join(name)));
        assert!(within(&directory.path().join("nowhere")).is_empty());
    }
}
