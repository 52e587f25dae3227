//! What libpam makes of a chain: `_pam_dispatch_aux`, step by step.

use super::chain::{Kind, Link};
use super::control::{Action, Returned};

/// How it looks so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Impression {
    None,
    Yes,
    No,
}

/// How it looks, and what would be returned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Standing {
    impression: Impression,
    status: Returned,
}

/// A chain of which some modules have answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Progress {
    next: usize,
    previous_level: usize,
    now: Standing,
    /// What was when each substack began, by its level.
    before: Vec<Standing>,
}

impl Default for Progress {
    fn default() -> Self {
        let now = Standing {
            impression: Impression::None,
            status: Returned::PERM_DENIED,
        };
        Self {
            next: 0,
            previous_level: 0,
            now,
            before: vec![now],
        }
    }
}

impl Progress {
    /// The index of the link whose turn it is. Substacks are entered on the way.
    pub fn turn(&mut self, links: &[Link]) -> Option<usize> {
        loop {
            let link = links.get(self.next)?;
            if self.previous_level < link.level {
                // Only one that opens another at once skips a level, and none does.
                self.before.resize(link.level + 1, self.now);
                if let Some(place) = self.before.get_mut(link.level) {
                    *place = self.now;
                }
            }
            self.previous_level = link.level;
            if link.kind != Kind::Substack {
                return Some(self.next);
            }
            self.next += 1;
        }
    }

    /// Takes the answer of the link whose turn it is.
    pub fn answer(&mut self, links: &[Link], returned: Returned) {
        let Some(link) = links.get(self.next) else {
            return;
        };
        let deeper_or_same = |at: usize| links.get(at).is_some_and(|next| next.level >= link.level);
        let mut at = self.next;
        let mut over = false;
        match link.control.action(returned) {
            Action::Reset => {
                if let Some(before) = self.before.get(link.level) {
                    self.now = *before;
                }
            }
            action @ (Action::Ok | Action::Done) => {
                let can_improve = match self.now.impression {
                    Impression::None => true,
                    Impression::Yes => self.now.status == Returned::SUCCESS,
                    Impression::No => false,
                };
                if can_improve {
                    self.now = Standing {
                        impression: Impression::Yes,
                        status: returned,
                    };
                }
                over = action == Action::Done && self.now.impression == Impression::Yes;
            }
            action @ (Action::Bad | Action::Die) => {
                if self.now.impression != Impression::No {
                    self.now = Standing {
                        impression: Impression::No,
                        status: if returned == Returned::IGNORE {
                            Returned::PERM_DENIED
                        } else {
                            returned
                        },
                    };
                }
                over = action == Action::Die;
            }
            Action::Ignore => {}
            Action::Jump(count) => {
                let landing = jump(links, at, count);
                at = landing.last;
                if landing.missing > 0 {
                    self.now = Standing {
                        impression: Impression::No,
                        status: Returned::PERM_DENIED,
                    };
                }
            }
        }
        while over && deeper_or_same(at + 1) {
            at += 1;
        }
        self.next = at + 1;
    }

    /// What the application gets once nobody's turn is left.
    pub fn result(&self) -> Returned {
        if self.now.status == Returned::SUCCESS && self.now.impression != Impression::Yes {
            Returned::PERM_DENIED
        } else {
            self.now.status
        }
    }

    /// The index that comes next.
    pub const fn next(&self) -> usize {
        self.next
    }
}

struct Landing {
    /// The last link that is passed over.
    last: usize,
    /// How many more should have been.
    missing: u32,
}

/// Jumps over so many modules behind `from`; a substack with all that is in it is one.
fn jump(links: &[Link], from: usize, count: u32) -> Landing {
    let level = links.get(from).map_or(0, |link| link.level);
    let level_at = |at: usize| links.get(at).map(|link| link.level);
    let mut landing = Landing {
        last: from,
        missing: count,
    };
    while landing.missing > 0 && level_at(landing.last + 1).is_some_and(|it| it >= level) {
        landing.last += 1;
        while level_at(landing.last + 1).is_some_and(|it| it > level) {
            landing.last += 1;
        }
        landing.missing -= 1;
    }
    landing
}

/// Does some earlier link jump over the one at this place? Then that jump counts it.
pub fn is_jumped_over(links: &[Link], place: usize) -> bool {
    links.iter().enumerate().take(place).any(|(at, link)| {
        link.kind == Kind::Module
            && Returned::all().any(|value| match link.control.action(value) {
                Action::Jump(count) => jump(links, at, count).last >= place,
                _ => false,
            })
    })
}

#[cfg(test)]
/// Runs a whole chain with these answers: which links had their turn, and what comes of it.
pub fn run(links: &[Link], mut answer: impl FnMut(&Link) -> Returned) -> (Vec<usize>, Returned) {
    let mut progress = Progress::default();
    let mut ran = Vec::new();
    while let Some(at) = progress.turn(links) {
        ran.push(at);
        let returned = match links.get(at) {
            Some(link) if link.kind == Kind::Module => answer(link),
            _ => Returned::PERM_DENIED,
        };
        progress.answer(links, returned);
    }
    (ran, progress.result())
}
