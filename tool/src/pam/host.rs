//! The machine's stacks, or those of a copy of a machine.

use std::fs;
use std::path::{Path, PathBuf};

use super::plan::{Leads, Tree};
use crate::stack::files::{OWN, Root};

impl Tree for Root {
    fn services(&self) -> Vec<String> {
        Self::services(self).unwrap_or_default()
    }

    fn leads(&self, path: &Path) -> Leads {
        let real = self.at(path);
        if !fs::symlink_metadata(&real).is_ok_and(|it| it.is_symlink()) {
            return Leads::Here;
        }
        let within = || -> Option<PathBuf> {
            let directory = fs::canonicalize(self.at(Path::new(OWN))).ok()?;
            let target = fs::canonicalize(&real).ok()?;
            let name = target.strip_prefix(directory).ok()?;
            (name.components().count() == 1).then(|| Path::new(OWN).join(name))
        };
        within().map_or(Leads::Away, Leads::Within)
    }
}
