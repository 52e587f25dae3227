//! The documents speak of what is there: tests by their names, files by their paths.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DOCUMENTS: [&str; 8] = [
    "docs/fleet.md",
    "docs/scale.md",
    "docs/RELEASING.md",
    "docs/performance.md",
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CHANGELOG.md",
];
/// The directories that are sources.
const MEMBERS: [&str; 11] = [
    "bench",
    "bus",
    "config",
    "daemon",
    "fleet",
    "manual",
    "pam-module",
    "sheet",
    "tests",
    "tool",
    "words",
];

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).expect("a document of the project")
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn rust_files(directory: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).expect("a directory of sources");
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The names of all functions below a test attribute.
fn tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    for member in MEMBERS {
        rust_files(&Path::new(ROOT).join(member), &mut files);
    }
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let mut below_test = false;
        for line in text.lines().map(str::trim) {
            if matches!(line, "#[test]" | "#[tokio::test]") {
                below_test = true;
            } else if let Some((_, name)) = line.split_once("fn ") {
                if below_test {
                    names.extend(name.split('(').next().map(str::to_owned));
                }
                below_test = false;
            }
        }
    }
    names
}

#[test]
fn every_test_that_is_said_to_show_something_exists() {
    let there = tests();
    let text = document("SECURITY.md");
    // Rows of three columns: the last names tests.
    let named: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.matches(" |").count() == 3)
        .filter_map(|line| line.trim_end_matches(" |").rsplit(" | ").next())
        .flat_map(quoted)
        .collect();
    assert!(named.len() > 50, "the tables were not found: {named:?}");
    let missing: Vec<&str> = named
        .into_iter()
        .filter(|name| !there.contains(*name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_path_in_a_document_exists() {
    let known = |path: &str| {
        let first = path.split('/').next().unwrap_or_default();
        MEMBERS.contains(&first) || matches!(first, "scripts" | "packaging")
    };
    for name in DOCUMENTS {
        let text = document(name);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .filter(|link| !link.starts_with('#') && !link.starts_with("https://"));
        let paths = quoted(&text).filter(|path| path.contains('/') && known(path));
        let root = Path::new(ROOT);
        // A link begins where its document is, a path that is named at the root.
        let beside = root.join(name);
        let beside = beside.parent().unwrap_or(root);
        let paths = paths.map(|path| (path, root));
        for (path, from) in paths.chain(links.map(|link| (link, beside))) {
            assert!(
                from.join(path).exists(),
                "{name} speaks of {path}, which is not there"
            );
        }
    }
}

#[test]
fn make_alone_makes_every_program_that_make_install_wants() {
    let make = Command::new("make")
        .args(["--dry-run", "--directory", ROOT])
        .env_remove("MAKEFLAGS")
        .output()
        .expect("make");
    let does = String::from_utf8_lossy(&make.stdout);
    assert!(make.status.success(), "{make:?}");
    for package in [
        "pam_countersign",
        "countersignd",
        "countersign",
        "countersign-manual",
    ] {
        let named = does.split_whitespace().any(|word| word == package);
        assert!(named, "{package} is not built by:\n{does}");
    }
}
