//! What a chain means for codes: are they asked for, and what comes of it? Every course that a
//! login can take through the chain is looked at.

use std::collections::BTreeSet;

use super::chain::{Chain, Kind, Link, Place};
use super::control::{Action, Returned};
use super::module::{OUR_REFUSALS, Worth, answers, worth};
use super::run::Progress;

/// What a chain means for codes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Reach {
    /// Where our module is named, in the order of the chain.
    pub named: Vec<Place>,
    /// Somebody gets in in some course.
    pub lets_in: bool,
    /// Somebody who has proven who they are is asked for a code in some course.
    pub asked: bool,
    /// A code is asked for more than once in one course.
    pub twice: bool,
    /// Behind these, somebody who has proven who they are is let in without having been asked.
    pub skipped_by: Vec<Skip>,
    /// The same for people of a kind that the administrator has named, root among them.
    pub exempt: Vec<Skip>,
    /// Where our module is named for another question than who somebody is, and so asks nobody.
    pub misplaced: Vec<Place>,
    /// Somebody is let in although our module has refused.
    pub fails_open: bool,
    /// Somebody would be let in if our module could not be loaded.
    pub opens_when_missing: bool,
    /// A code lets in by itself.
    pub code_alone: bool,
    /// Somebody is let in who has shown nothing at all, as far as the modules are known.
    pub lets_anybody_in: bool,
    /// Whoever needs no code is refused.
    pub refuses_the_exempt: bool,
}

/// The module behind which ours has no turn.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Skip {
    /// Its name, such as `pam_unix`.
    pub module: String,
    /// Where it stands.
    pub place: Place,
}

impl Reach {
    /// What this chain means.
    pub fn of(chain: &Chain) -> Self {
        let links = &chain.links;
        let mut reach = Self {
            named: ours(links).map(|link| link.place.clone()).collect(),
            misplaced: chain.misplaced.clone(),
            ..Self::default()
        };
        if chain.aborted {
            return reach;
        }
        let ways = ways(links, &answers_of_ours());
        // Known first: nobody is an exception where nobody is asked.
        let asks = |way: &Way| way.let_in && way.proven && way.times > 0;
        reach.asked = ways.iter().any(asks);
        for way in ways.iter().filter(|way| way.let_in) {
            reach.lets_in = true;
            reach.note(links, way);
        }
        reach.skipped_by.sort();
        reach.exempt.sort();
        let missing = [(Returned::MODULE_UNKNOWN, Word::Refused)];
        let is_open = |way: &Way| way.let_in && way.times > 0;
        reach.opens_when_missing = self::ways(links, &missing).iter().any(is_open);
        let passed = |way: &&Way| way.word == Word::NotNeeded && way.proven;
        let of_exempt = ways.iter().filter(passed);
        reach.refuses_the_exempt =
            of_exempt.clone().next().is_some() && !of_exempt.clone().any(|way| way.let_in);
        reach
    }

    /// Nothing is wrong: a code is asked for after the first factor, and what it is counts.
    pub fn is_sound(&self) -> bool {
        self.asked
            && self.skipped_by.is_empty()
            && !self.twice
            && !self.fails_open
            && !self.opens_when_missing
            && !self.code_alone
            && !self.lets_anybody_in
            && !self.refuses_the_exempt
    }

    fn note(&mut self, links: &[Link], way: &Way) {
        let shown = way.proven || way.named;
        match way.word {
            Word::Unsaid => {
                if let Some(skip) = way.skipper.and_then(|at| links.get(at)) {
                    let skip = Skip {
                        module: skip.name().to_owned(),
                        place: skip.place.clone(),
                    };
                    // A condition says whom the administrator spares, also behind the password.
                    let spares = |at: usize| links.get(at).map(worth) == Some(Worth::Condition);
                    let is_spared = self.asked && way.skipper.is_some_and(spares);
                    let list = if is_spared || (way.named && !way.proven) {
                        &mut self.exempt
                    } else {
                        &mut self.skipped_by
                    };
                    if !list.contains(&skip) {
                        list.push(skip);
                    }
                }
                self.lets_anybody_in |= !shown;
            }
            Word::NotNeeded => self.lets_anybody_in |= !shown,
            Word::Accepted => self.code_alone |= !shown,
            Word::Refused => self.fails_open = true,
        }
        self.twice |= way.times > 1;
    }
}

fn ours(links: &[Link]) -> impl Iterator<Item = &Link> {
    links
        .iter()
        .filter(|link| link.kind == Kind::Module && worth(link) == Worth::Ours)
}

/// What our module said last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Word {
    Unsaid,
    NotNeeded,
    Accepted,
    Refused,
}

fn answers_of_ours() -> Vec<(Returned, Word)> {
    let refusals = OUR_REFUSALS.map(|value| (value, Word::Refused));
    [
        (Returned::SUCCESS, Word::Accepted),
        (Returned::IGNORE, Word::NotNeeded),
    ]
    .into_iter()
    .chain(refusals)
    .collect()
}

/// A course through a chain, up to some place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Way {
    progress: Progress,
    let_in: bool,
    /// A module that asks has said yes.
    proven: bool,
    /// A condition has said yes, and that decided something.
    named: bool,
    word: Word,
    /// How often our module had its turn; more than two are two.
    times: u8,
    /// The link behind which our module's turn was passed over.
    skipper: Option<usize>,
}

/// All courses to their ends.
fn ways(links: &[Link], ours_says: &[(Returned, Word)]) -> BTreeSet<Way> {
    let mut open = vec![Way {
        progress: Progress::default(),
        let_in: false,
        proven: false,
        named: false,
        word: Word::Unsaid,
        times: 0,
        skipper: None,
    }];
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    while let Some(mut way) = open.pop() {
        let Some((at, link)) = way
            .progress
            .turn(links)
            .and_then(|at| Some((at, links.get(at)?)))
        else {
            way.let_in = way.progress.result() == Returned::SUCCESS;
            ends.insert(way);
            continue;
        };
        if !seen.insert(way.clone()) {
            continue;
        }
        for next in steps(links, at, link, &way, ours_says) {
            open.push(next);
        }
    }
    ends
}

fn steps(
    links: &[Link],
    at: usize,
    link: &Link,
    way: &Way,
    ours_says: &[(Returned, Word)],
) -> Vec<Way> {
    if link.kind != Kind::Module {
        let mut next = way.clone();
        next.progress.answer(links, Returned::PERM_DENIED);
        return vec![next];
    }
    let worth = worth(link);
    let possible: Vec<(Returned, Word)> = if worth == Worth::Ours {
        ours_says.to_vec()
    } else {
        let answers = answers(link).into_iter();
        answers.map(|value| (value, way.word)).collect()
    };
    possible
        .into_iter()
        .map(|(value, word)| {
            let mut next = way.clone();
            next.word = word;
            next.progress.answer(links, value);
            if worth == Worth::Ours {
                next.times = way.times.saturating_add(1).min(2);
            }
            let counts = !matches!(
                link.control.action(value),
                Action::Ignore | Action::Bad | Action::Die
            );
            if value == Returned::SUCCESS && counts {
                next.proven |= worth == Worth::Proof;
                // "required pam_wheel" narrows down who may come; it lets nobody in.
                let decides = matches!(link.control.action(value), Action::Done | Action::Jump(_));
                next.named |= worth == Worth::Condition && decides;
            }
            let passed = links.get(at + 1..next.progress.next()).unwrap_or_default();
            if ours(passed).next().is_some() {
                next.skipper = Some(at);
            }
            next
        })
        .collect()
}
