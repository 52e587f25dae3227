//! What would change, and whether it would do what it should. Nothing is written here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::edit::{
    self, PASSWORD, Way, asks, copy_of, has_ours, original_of, put_in, take_out,
    with_password_again,
};
use super::error::PamError;
use super::need::{closed, in_jumps, opened};
use super::report::{Problem, problems};
use super::services::{is_name, manager, partner};
use crate::stack::chain::{Chain, OTHER};
use crate::stack::file::{Entry, PamFile, Request};
use crate::stack::files::{Changed, Files, OWN, VENDOR, open};
use crate::stack::module::{Worth, is_no_password, worth};
use crate::stack::reach::{Reach, Skip};
use crate::stack::run::is_jumped_over;

/// A file system of which the names are known, too.
pub trait Tree: Files {
    /// All services that have a stack.
    fn services(&self) -> Vec<String>;

    /// Where a file of the directory of stacks really lies.
    fn leads(&self, path: &Path) -> Leads;
}

/// Where a name leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Leads {
    /// Nowhere: it is no link.
    Here,
    /// To this file of the same directory.
    Within(PathBuf),
    /// Out of the directory.
    Away,
}

/// Files and what would stand in them; `None` for one that would be gone.
pub type Changes = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// What is worth saying about a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// The service has it already.
    Already(String),
    /// The service was added, being the same door under another name.
    Partner(String, String),
    /// The service asks too, since it includes a file that changes.
    Also(String),
    /// An `include` became a `substack`.
    Substack(PathBuf),
    /// The distribution's file was copied.
    Copied(PathBuf),
    /// These let in without a code, as they did without a password.
    Passed(String, Skip),
    /// There is nothing to take out.
    Nothing(String),
    /// The service goes on asking, by a file that it includes.
    Still(String, PathBuf),
    /// The service is a link to this file, which changes already.
    Linked(String, PathBuf),
    /// The password is asked for again, in place of our line and the one below it that lets anybody in.
    PasswordAgain(PathBuf),
}

/// What would change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The files.
    pub changes: Changes,
    /// What to say.
    pub notes: Vec<Note>,
    /// The services that were meant, partners among them.
    pub services: Vec<String>,
}

/// Puts our line into these services' stacks.
pub fn enable(tree: &dyn Tree, named: &[String]) -> Result<Plan, PamError> {
    if !tree.has_directory() {
        return Err(PamError::NoDirectory);
    }
    let mut plan = Plan::for_services(tree, named)?;
    for service in plan.services.clone() {
        plan.add(tree, &service)?;
    }
    let changes = plan.changes.clone();
    let after = Changed {
        files: tree,
        changes: &changes,
    };
    for service in tree.services() {
        let (before, now) = (reach(tree, &service), reach(&after, &service));
        if now.twice && !before.twice {
            return Err(PamError::Twice(service));
        }
        if now.asked && !before.asked && !plan.services.contains(&service) {
            plan.notes.push(Note::Also(service));
        }
    }
    Ok(plan)
}

/// Takes our line out of these services' stacks.
pub fn disable(tree: &dyn Tree, named: &[String]) -> Result<Plan, PamError> {
    let mut plan = Plan::for_services(tree, named)?;
    for service in plan.services.clone() {
        plan.remove(tree, &service)?;
    }
    plan.check_open(tree)?;
    let changes = plan.changes.clone();
    let after = Changed {
        files: tree,
        changes: &changes,
    };
    for service in plan.services.clone() {
        if let Some(place) = reach(&after, &service).named.first() {
            let still = Note::Still(service, place.path.clone());
            plan.notes.push(still);
        }
    }
    Ok(plan)
}

/// Takes our line out of a service's stacks and puts it in anew: what both would come to, where
/// neither is refused.
pub fn renew(tree: &dyn Tree, service: &str) -> Result<(Plan, Plan), PamError> {
    let named = [service.to_owned()];
    let out = disable(tree, &named)?;
    let without = Without {
        tree,
        changes: &out.changes,
    };
    let anew = enable(&without, &named)?;
    Ok((out, anew))
}

/// A tree as it would be after some changes.
struct Without<'a> {
    tree: &'a dyn Tree,
    changes: &'a Changes,
}

impl Files for Without<'_> {
    fn real(&self, path: &Path) -> PathBuf {
        self.tree.real(path)
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        match self.changes.get(path) {
            Some(change) => change.clone(),
            None => self.tree.read(path),
        }
    }

    fn has_directory(&self) -> bool {
        self.tree.has_directory()
    }
}

impl Tree for Without<'_> {
    fn services(&self) -> Vec<String> {
        self.tree.services()
    }

    fn leads(&self, path: &Path) -> Leads {
        self.tree.leads(path)
    }
}

/// Takes it out of every file.
pub fn disable_all(tree: &dyn Tree) -> Result<Plan, PamError> {
    let mut plan = Plan {
        services: tree.services(),
        ..Plan::default()
    };
    for service in plan.services.clone() {
        plan.remove(tree, &service)?;
    }
    plan.check_open(tree)?;
    plan.notes
        .retain(|note| matches!(note, Note::PasswordAgain(_)));
    Ok(plan)
}

fn reach(files: &dyn Files, service: &str) -> Reach {
    Reach::of(&Chain::read(files, service))
}

/// The administrator's file of a service.
fn own(service: &str) -> PathBuf {
    Path::new(OWN).join(service)
}

impl Plan {
    fn for_services(tree: &dyn Tree, named: &[String]) -> Result<Self, PamError> {
        let mut plan = Self::default();
        let there = |name: &str| is_name(name) && open(tree, name).is_some();
        for service in named {
            if !there(service) {
                return Err(PamError::NoService(service.clone()));
            }
            if !plan.services.contains(service) {
                plan.services.push(service.clone());
            }
            if let Some(partner) = partner(service)
                && there(partner)
                && !named.iter().any(|name| name == partner)
            {
                plan.services.push(partner.to_owned());
                let note = Note::Partner(partner.to_owned(), service.clone());
                plan.notes.push(note);
            }
        }
        // `su-l` includes `su`: the one that is included goes first.
        plan.services.sort();
        Ok(plan)
    }

    /// The file to be changed for a service: where it is to be written, and what is in it now.
    fn file(&mut self, tree: &dyn Tree, service: &str) -> Result<(PathBuf, Vec<u8>), PamError> {
        let changed = Changed {
            files: tree,
            changes: &self.changes,
        };
        let path = match tree.leads(&own(service)) {
            Leads::Within(path) => path,
            Leads::Away => return Err(PamError::Link(own(service))),
            Leads::Here => own(service),
        };
        if let Some(text) = changed.read(&path) {
            return Ok((path, text));
        }
        let vendor = Path::new(VENDOR).join(service);
        let text = changed
            .read(&vendor)
            .ok_or_else(|| PamError::NoService(service.to_owned()))?;
        Ok((path, copy_of(&vendor.to_string_lossy(), &text)))
    }

    fn add(&mut self, tree: &dyn Tree, service: &str) -> Result<(), PamError> {
        if service == OTHER {
            return Err(PamError::Other(own(service)));
        }
        if let Some(manager) = manager(service) {
            let name = service.to_owned();
            return Err(PamError::Managed { name, manager });
        }
        if self.is_linked(tree, service) {
            return Ok(());
        }
        let now = Changed {
            files: tree,
            changes: &self.changes,
        };
        let before = Chain::read(&now, service);
        let had = Reach::of(&before);
        if had.asked {
            if problems(&had).iter().any(Problem::is_serious) {
                return Err(unsound(service, &had));
            }
            self.notes.push(Note::Already(service.to_owned()));
            return Ok(());
        }
        if !had.named.is_empty() || !had.misplaced.is_empty() {
            return Err(unsound(service, &had));
        }
        let is_copy = now.read(&own(service)).is_none() && tree.leads(&own(service)) == Leads::Here;
        let (path, text) = self.file(tree, service)?;
        let parsed = PamFile::parse(&text);
        if parsed.unreadable.is_some() || before.aborted {
            return Err(PamError::NotUnderstood(path));
        }
        let files = Changed {
            files: tree,
            changes: &self.changes,
        };
        let asks = |entry: &Entry| entry_asks(&files, &text, entry);
        let ways = edit::ways(&parsed, asks);
        let is_proof = |link| worth(link) == Worth::Proof;
        if ways.is_empty() && before.troubles.is_empty() && !before.links.iter().any(is_proof) {
            return Err(PamError::NoFirstFactor(path));
        }
        for way in ways {
            let Some(made) = put_in(&text, &parsed, way) else {
                continue;
            };
            let mut changes = self.changes.clone();
            changes.insert(path.clone(), Some(made));
            let after = Changed {
                files: tree,
                changes: &changes,
            };
            let Some(skips) = fits(&Chain::read(&after, service)) else {
                continue;
            };
            self.changes = changes;
            let skips = skips.into_iter();
            self.notes
                .extend(skips.map(|skip| Note::Passed(service.to_owned(), skip)));
            if matches!(way, Way::BelowSubstack(_)) {
                self.notes.push(Note::Substack(path.clone()));
            }
            if is_copy {
                self.notes.push(Note::Copied(path));
            }
            return Ok(());
        }
        Err(PamError::NotUnderstood(path))
    }

    /// Is the service a link to a file that changes already? Then that is said.
    fn is_linked(&mut self, tree: &dyn Tree, service: &str) -> bool {
        match tree.leads(&own(service)) {
            Leads::Within(path) if self.changes.contains_key(&path) => {
                self.notes.push(Note::Linked(service.to_owned(), path));
                true
            }
            _ => false,
        }
    }

    fn remove(&mut self, tree: &dyn Tree, service: &str) -> Result<(), PamError> {
        if self.is_linked(tree, service) {
            return Ok(());
        }
        let path = match tree.leads(&own(service)) {
            Leads::Within(path) => path,
            Leads::Here => own(service),
            Leads::Away => {
                let named = tree.read(&own(service)).is_some_and(|text| has_ours(&text));
                return if named {
                    Err(PamError::LinkAsks(own(service)))
                } else {
                    Ok(())
                };
            }
        };
        let now = Changed {
            files: tree,
            changes: &self.changes,
        };
        let text = now.read(&path).unwrap_or_default();
        if !has_ours(&text) {
            self.notes.push(Note::Nothing(service.to_owned()));
            return Ok(());
        }
        if !in_jumps(&now, service).is_empty() {
            return Err(PamError::Needed(path));
        }
        let mut left = take_out(&text);
        if self.would_open(tree, service, &path, &left)
            && open(tree, PASSWORD).is_some()
            && let Some(asking) = with_password_again(&text)
            && !self.would_open(tree, service, &path, &asking)
        {
            left = asking;
            self.notes.push(Note::PasswordAgain(path.clone()));
        }
        // What we copied, and nobody has changed since, is not needed any more.
        let original = original_of(&text).and_then(|name| {
            let original = tree.read(Path::new(&name))?;
            Some(copy_of(&name, &original))
        });
        let change = match original {
            Some(copy) if copy == left => None,
            _ => Some(left),
        };
        self.changes.insert(path, change);
        Ok(())
    }

    /// Would the service let anybody in with this text in its file?
    fn would_open(&self, tree: &dyn Tree, service: &str, path: &Path, text: &[u8]) -> bool {
        let mut changes = self.changes.clone();
        changes.insert(path.to_owned(), Some(text.to_vec()));
        let after = Changed {
            files: tree,
            changes: &changes,
        };
        !opened(tree, &after, service).is_empty()
    }

    /// No service may let anybody in, or nobody, for want of our line.
    fn check_open(&self, tree: &dyn Tree) -> Result<(), PamError> {
        let after = Changed {
            files: tree,
            changes: &self.changes,
        };
        let services = tree.services().into_iter();
        let mut needed = services.flat_map(|service| {
            let opened = opened(tree, &after, &service).into_iter();
            opened.chain(closed(tree, &after, &service))
        });
        needed
            .next()
            .map_or(Ok(()), |path| Err(PamError::Needed(path)))
    }
}

fn unsound(service: &str, reach: &Reach) -> PamError {
    let why: Vec<String> = problems(reach).iter().map(ToString::to_string).collect();
    PamError::Unsound {
        service: service.to_owned(),
        why: why.join("; "),
    }
}

/// The name under which one line is looked at as a service of its own.
const ALONE: &str = "countersign-line-alone";

/// Is a line of a file one through which somebody shows who they are?
fn entry_asks(files: &dyn Files, text: &[u8], entry: &Entry) -> bool {
    if let Request::Nonsense = entry.request {
        return false;
    }
    let line = text.get(entry.line.span.clone()).unwrap_or_default();
    let alone = Changes::from([(own(ALONE), Some(line.to_vec()))]);
    let files = Changed {
        files,
        changes: &alone,
    };
    let chain = Chain::read(&files, ALONE);
    let of_line = chain.file.as_deref() == Some(&*own(ALONE));
    of_line && asks(&chain)
}

/// Does the chain with our line do what it should? Then what passes our line by, in place of the
/// password: a certificate or a finger. That is said, and left to the administrator.
fn fits(chain: &Chain) -> Option<Vec<Skip>> {
    let reach = Reach::of(chain);
    let at = chain
        .links
        .iter()
        .position(|link| worth(link) == Worth::Ours)?;
    let sound = Reach {
        skipped_by: Vec::new(),
        ..reach.clone()
    };
    let fits = sound.is_sound()
        && reach.named.len() == 1
        && reach
            .skipped_by
            .iter()
            .all(|skip| is_no_password(&skip.module))
        && !is_jumped_over(&chain.links, at);
    fits.then_some(reach.skipped_by)
}
