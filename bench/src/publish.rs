//! Puts the tables between their markers in a document, and the picture beside it.

use std::fs;
use std::io::{Error, Result};
use std::path::Path;

use crate::found::Found;
use crate::{plot, table};

const BEGIN: &str = "<!-- bench: begin. `make bench` writes what stands here. -->";
const END: &str = "<!-- bench: end -->";

/// What others may take of a machine whose figures are written down, in percent.
const QUIET: f64 = 15.0;

/// Was the machine quiet, so that the figures were written?
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Quiet {
    /// They were.
    Yes,
    /// They were not: others took so many percent of it.
    No(f64),
}

impl Found {
    /// Could the machine give itself to the measurement?
    pub fn quiet(&self) -> Quiet {
        if self.machine.others <= QUIET {
            Quiet::Yes
        } else {
            Quiet::No(self.machine.others)
        }
    }
}

/// When figures are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// If the machine was quiet.
    Quiet,
    /// Whatever else went on.
    Anyway,
}

/// Writes table and picture.
pub fn publish(found: &Found, document: &Path, picture: &Path, when: When) -> Result<Quiet> {
    if let (Quiet::No(share), When::Quiet) = (found.quiet(), when) {
        return Ok(Quiet::No(share));
    }
    let text = fs::read_to_string(document)?;
    let text = replaced(&text, &table::markdown(found)).ok_or_else(|| {
        Error::other(format!(
            "{} has no '{BEGIN}' and '{END}'",
            document.display()
        ))
    })?;
    fs::write(picture, plot::svg(found))?;
    fs::write(document, text)?;
    Ok(Quiet::Yes)
}

fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::found;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let once = replaced(&text, "new\n").unwrap();
        assert_eq!(once, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replaced(&once, "new\n").unwrap(), once);
        assert_eq!(replaced("no markers", "new"), None);
    }

    #[test]
    fn figures_of_a_busy_machine_are_written_nowhere() {
        let mut found = found();
        found.machine.others = 40.0;
        let nowhere = Path::new("/nonexistent");
        assert_eq!(
            publish(&found, nowhere, nowhere, When::Quiet).unwrap(),
            Quiet::No(40.0)
        );
    }
}
