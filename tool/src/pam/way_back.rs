//! What going back from a trial would do to each file, thought out before anything is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::edit::{has_ours, take_out};
use super::error::PamError;
use super::need::{in_jumps, opened};
use super::plan::{Changes, Tree};
use crate::stack::files::Changed;

/// What becomes of one file on the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Back {
    /// It is as it was.
    Restored(PathBuf),
    /// Somebody else has changed it too; our line is out.
    TakenOut(PathBuf),
    /// Somebody else has changed it, and our line was not in it.
    Left(PathBuf),
    /// Without our line anybody would be let in, or a jump would lead elsewhere: it stays as it is,
    /// and the trial stays open.
    Needed(PathBuf),
}

/// A file on trial: as it was before, as the trial made it, and as it is.
#[derive(Clone, Copy, Debug)]
pub struct OnTrial<'a> {
    /// Which.
    pub path: &'a PathBuf,
    /// Before the trial.
    pub before: &'a Option<Vec<u8>>,
    /// As the trial made it.
    pub after: &'a Option<Vec<u8>>,
    /// Now.
    pub now: &'a Option<Vec<u8>>,
}

/// The way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WayBack {
    /// What is to be written.
    pub changes: Changes,
    /// What becomes of each file, in the order of the trial.
    pub files: Vec<Back>,
}

/// The trial is over, unless a file is left in which our line has to stay.
pub fn over(files: &[Back]) -> Result<(), PamError> {
    let needed = files.iter().filter_map(|back| match back {
        Back::Needed(path) => Some(path.clone()),
        _ => None,
    });
    match needed.collect::<Vec<_>>() {
        needed if needed.is_empty() => Ok(()),
        needed => Err(PamError::StillOnTrial(needed)),
    }
}

impl WayBack {
    /// Thinks it out. `open` names the services that let anybody in before the trial already.
    pub fn of(tree: &dyn Tree, files: &[OnTrial<'_>], open: &[String]) -> Self {
        let mut way = Self {
            changes: Changes::new(),
            files: Vec::new(),
        };
        for file in files {
            let path = file.path.clone();
            let back = if file.now == file.before {
                Back::Restored(path)
            } else if file.now == file.after {
                way.changes.insert(path.clone(), file.before.clone());
                Back::Restored(path)
            } else {
                let text = file.now.clone().unwrap_or_default();
                if has_ours(&text) {
                    way.changes.insert(path.clone(), Some(take_out(&text)));
                    Back::TakenOut(path)
                } else {
                    Back::Left(path)
                }
            };
            way.files.push(back);
        }
        let now: BTreeMap<_, _> = files
            .iter()
            .map(|file| (file.path.clone(), file.now.clone()))
            .collect();
        way.keep_what_is_needed(tree, &now, open);
        way
    }

    /// What stays changes what the rest means, so after each file all is looked at again.
    fn keep_what_is_needed(&mut self, tree: &dyn Tree, now: &Changes, open: &[String]) {
        let files = Changed {
            files: tree,
            changes: now,
        };
        let services = tree.services();
        loop {
            let after = Changed {
                files: &files,
                changes: &self.changes,
            };
            let needed = services.iter().find_map(|service| {
                let opened = if open.contains(service) {
                    Vec::new()
                } else {
                    opened(&files, &after, service)
                };
                let mut lines = opened.into_iter().chain(in_jumps(&files, service));
                lines.find(|path| self.changes.contains_key(path))
            });
            let Some(path) = needed else { return };
            self.changes.remove(&path);
            for back in &mut self.files {
                if matches!(back, Back::Restored(it) | Back::TakenOut(it) if *it == path) {
                    *back = Back::Needed(path.clone());
                }
            }
        }
    }
}
