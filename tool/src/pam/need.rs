//! Where our line cannot go without harm: it is all that asks, all that lets in, or a jump counts it.

use std::path::PathBuf;

use crate::stack::chain::Chain;
use crate::stack::files::Files;
use crate::stack::module::{Worth, worth};
use crate::stack::reach::Reach;
use crate::stack::run::is_jumped_over;

/// The files with our line through which a service asks `before`, if it lets anybody in `after`.
pub fn opened(before: &dyn Files, after: &dyn Files, service: &str) -> Vec<PathBuf> {
    if !Reach::of(&Chain::read(after, service)).lets_anybody_in {
        return Vec::new();
    }
    let named = Reach::of(&Chain::read(before, service)).named;
    named.into_iter().map(|it| before.real(&it.path)).collect()
}

/// The files with our line through which a service lets somebody in `before`, if nobody gets in `after`.
pub fn closed(before: &dyn Files, after: &dyn Files, service: &str) -> Vec<PathBuf> {
    let was = Reach::of(&Chain::read(before, service));
    if !was.lets_in || Reach::of(&Chain::read(after, service)).lets_in {
        return Vec::new();
    }
    let named = was.named.into_iter();
    named.map(|it| before.real(&it.path)).collect()
}

/// The files whose line of ours is jumped over in a service.
pub fn in_jumps(files: &dyn Files, service: &str) -> Vec<PathBuf> {
    let links = Chain::read(files, service).links;
    let ours = links.iter().enumerate();
    ours.filter(|(at, link)| worth(link) == Worth::Ours && is_jumped_over(&links, *at))
        .map(|(_, link)| files.real(&link.place.path))
        .collect()
}
