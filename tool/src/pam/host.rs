//! The machine's stacks, or those of a copy of a machine.

use std::fs;
use std::path::Path;

use super::plan::{Leads, Tree};
use crate::stack::files::Root;

impl Tree for Root {
    fn services(&self) -> Vec<String> {
        Self::services(self).unwrap_or_default()
    }

    fn leads(&self, path: &Path) -> Leads {
        let real = self.at(path);
        if !fs::symlink_metadata(&real).is_ok_and(|it| it.is_symlink()) {
            return Leads::Here;
        }
        self.within(path).map_or(Leads::Away, Leads::Within)
    }
}
