//! Edits of the stacks that distributions ship, and writing that is cut short at every step.

mod crash;
mod debian;
mod fedora;
mod odd;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::PamError;
use super::plan::{Changes, Leads, Note, Plan, Tree, disable, enable};
use crate::stack::chain::Chain;
use crate::stack::files::{Changed, Files, OWN, VENDOR};
use crate::stack::reach::Reach;

const LINE: &str = "auth    required    pam_countersign.so\n";

type Memory = BTreeMap<PathBuf, Vec<u8>>;

impl Tree for Memory {
    fn services(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .keys()
            .filter(|path| path.starts_with(OWN) || path.starts_with(VENDOR))
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn leads(&self, path: &Path) -> Leads {
        // One link that leads away, for the test of it.
        if path == Path::new("/etc/pam.d/linked") {
            Leads::Away
        } else {
            Leads::Here
        }
    }
}

fn services(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The tree after the changes.
fn after(tree: &Memory, changes: &Changes) -> Memory {
    let mut tree = tree.clone();
    for (path, change) in changes {
        match change {
            Some(text) => tree.insert(path.clone(), text.clone()),
            None => tree.remove(path),
        };
    }
    tree
}

fn text(tree: &Memory, path: &str) -> String {
    String::from_utf8(tree.get(Path::new(path)).expect(path).clone()).unwrap()
}

fn sound(tree: &dyn Files, service: &str) -> Reach {
    Reach::of(&Chain::read(tree, service))
}

/// Enables, checks that codes are asked for, that a second time changes nothing, and that disabling
/// brings back every byte.
fn there_and_back(tree: &Memory, names: &[&str]) -> (Memory, Plan) {
    let plan = enable(tree, &services(names)).unwrap_or_else(|error| panic!("{names:?}: {error}"));
    let enabled = after(tree, &plan.changes);
    for service in &plan.services {
        let reach = sound(&enabled, service);
        assert!(
            reach.asked && !reach.fails_open && !reach.twice,
            "{service}: {reach:?}"
        );
    }
    let again = enable(&enabled, &services(names)).expect("a second time");
    assert_eq!(
        again.changes,
        Changes::new(),
        "a second time changes nothing"
    );
    let back = disable(&enabled, &services(names)).expect("the way back");
    assert_eq!(&after(&enabled, &back.changes), tree, "every byte is back");
    (enabled, plan)
}

fn refused(tree: &Memory, names: &[&str]) -> PamError {
    enable(tree, &services(names)).expect_err("should be refused")
}

#[test]
fn changes_are_seen_before_they_are_made() {
    let tree: Memory = crate::stack::tests::tree(&[
        ("login", "@include common-auth\n"),
        ("common-auth", "auth required pam_unix.so\n"),
    ]);
    let plan = enable(&tree, &services(&["login"])).unwrap();
    let changed = Changed {
        files: &tree,
        changes: &plan.changes,
    };
    assert!(sound(&changed, "login").is_sound());
    assert!(!sound(&tree, "login").asked);
}
