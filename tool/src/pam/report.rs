//! What is wrong with a chain, in words.

use std::fmt;

use crate::printable::Printable;
use crate::stack::chain::Place;
use crate::stack::reach::{Reach, Skip};
use crate::words::tell;

/// Something wrong with where our line stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// Nobody is ever asked.
    NeverAsked,
    /// The line here belongs to another question of PAM, at which no code is asked for.
    Misplaced(Place),
    /// This one lets in before anybody is asked.
    SkippedBy(Skip),
    /// A wrong code lets in.
    FailsOpen,
    /// Without the module's file everybody is let in.
    OpensWhenMissing,
    /// The code is all that is asked.
    CodeAlone,
    /// Nothing is asked.
    LetsAnybodyIn,
    /// Asked twice.
    Twice,
    /// Who needs no code is refused.
    RefusesTheExempt,
}

impl Problem {
    /// Its word in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NeverAsked => "never-asked",
            Self::Misplaced(_) => "misplaced",
            Self::SkippedBy(_) => "skipped",
            Self::FailsOpen => "fails-open",
            Self::OpensWhenMissing => "opens-when-missing",
            Self::CodeAlone => "code-alone",
            Self::LetsAnybodyIn => "lets-anybody-in",
            Self::Twice => "asks-twice",
            Self::RefusesTheExempt => "refuses-the-exempt",
        }
    }

    /// Is it more than another way in that the administrator has put there: a finger, a card?
    pub fn is_serious(&self) -> bool {
        match self {
            Self::SkippedBy(skip) => !crate::stack::module::is_no_password(&skip.module),
            _ => true,
        }
    }
}

/// What is wrong, worst first. A chain without our module has nothing wrong with it here.
pub fn problems(reach: &Reach) -> Vec<Problem> {
    if reach.named.is_empty() {
        return reach
            .misplaced
            .iter()
            .cloned()
            .map(Problem::Misplaced)
            .collect();
    }
    let mut problems = Vec::new();
    let mut add = |is: bool, problem| {
        if is {
            problems.push(problem);
        }
    };
    add(!reach.asked && !reach.lets_anybody_in, Problem::NeverAsked);
    for skip in &reach.skipped_by {
        add(true, Problem::SkippedBy(skip.clone()));
    }
    add(reach.fails_open, Problem::FailsOpen);
    add(reach.opens_when_missing, Problem::OpensWhenMissing);
    add(reach.code_alone, Problem::CodeAlone);
    add(reach.lets_anybody_in, Problem::LetsAnybodyIn);
    add(reach.twice, Problem::Twice);
    add(reach.refuses_the_exempt, Problem::RefusesTheExempt);
    problems
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NeverAsked => tell!("pam-never-asked"),
            Self::Misplaced(place) => tell!(
                "pam-misplaced",
                "file" = Printable(&place.path.to_string_lossy()).to_string(),
                "line" = place.line
            ),
            Self::SkippedBy(skip) => tell!(
                "pam-skipped",
                "module" = Printable(&skip.module).to_string(),
                "file" = Printable(&skip.place.path.to_string_lossy()).to_string(),
                "line" = skip.place.line
            ),
            Self::FailsOpen => tell!("pam-fails-open"),
            Self::OpensWhenMissing => tell!("pam-opens-when-missing"),
            Self::CodeAlone => tell!("pam-code-alone"),
            Self::LetsAnybodyIn => tell!("pam-lets-anybody-in"),
            Self::Twice => tell!("pam-asks-twice"),
            Self::RefusesTheExempt => tell!("pam-refuses-the-exempt"),
        };
        f.write_str(&text)
    }
}
