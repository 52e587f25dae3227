//! `pam status`

use serde::Serialize;

use crate::cli::PamStatus;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::paint::Look;
use crate::pam::error::PamError;
use crate::pam::plan::Tree;
use crate::pam::report::{Problem, problems};
use crate::pam::services::LOGINS;
use crate::pam::trial::Record;
use crate::pam::way_back::over;
use crate::printable::Printable;
use crate::run::Session;
use crate::screen::Screen;
use crate::stack::chain::{Chain, Place};
use crate::stack::files::{OWN, Root};
use crate::stack::reach::{Reach, Skip};
use crate::table::{Cell, Column, Give, Table};
use crate::words::tell;

/// Shows which services ask for codes, and what is wrong.
pub fn run(args: &PamStatus, session: &Session, root: &Root) -> Result<(), ToolError> {
    let directory = std::path::Path::new(OWN);
    let services = root.services().map_err(PamError::at(directory))?;
    let services = Tree::services(root)
        .into_iter()
        .filter(|it| services.contains(it));
    let states: Vec<State> = services.map(|service| State::of(root, service)).collect();
    if args.json {
        return print_json(&states.iter().map(State::json).collect::<Vec<_>>());
    }
    // A file that only others include is nobody's login.
    let known = |state: &State| LOGINS.iter().position(|name| *name == state.service);
    let mut shown: Vec<&State> = states
        .iter()
        .filter(|state| known(state).is_some() || !state.reach.named.is_empty())
        .collect();
    shown.sort_by_key(|state| (known(state).unwrap_or(usize::MAX), state.service.clone()));
    let rows: Vec<[Cell; 3]> = shown.iter().map(|state| state.cells()).collect();
    print(&table(&rows, session.screen))?;
    // Who is not root cannot see it.
    if let Ok(Some(record)) = Record::load(root) {
        let services = Printable(&record.services.join(", ")).to_string();
        print(&format!(
            "\n{}\n",
            tell!("pam-status-trial", "services" = services)
        ))?;
        if let Err(needed) = over(&record.way_back(root).files) {
            print(&format!("{needed}.\n"))?;
        }
    }
    Ok(())
}

/// What is known of a service.
struct State {
    service: String,
    chain: Chain,
    reach: Reach,
}

impl State {
    fn of(root: &Root, service: String) -> Self {
        let chain = Chain::read(root, &service);
        let reach = Reach::of(&chain);
        Self {
            service,
            chain,
            reach,
        }
    }

    fn cells(&self) -> [Cell; 3] {
        let (look, codes, why) = self.words();
        let service = Printable(&self.service).to_string();
        [service.into(), Cell::new(look, codes), why.into()]
    }

    /// The second and third column.
    fn words(&self) -> (Look, String, String) {
        let problems = problems(&self.reach);
        let mut why: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for skip in &self.reach.exempt {
            why.push(tell!(
                "pam-exempt",
                "module" = Printable(&skip.module).to_string()
            ));
        }
        if self.chain.aborted {
            return (Look::Bad, tell!("pam-wrong"), tell!("pam-broken-stack"));
        }
        // What README.md describes for keys: sshd has asked for something before PAM is.
        let is_key_first =
            |problem: &Problem| matches!(problem, Problem::CodeAlone | Problem::LetsAnybodyIn);
        if self.service == "sshd" && !problems.is_empty() && problems.iter().all(is_key_first) {
            let key_first = tell!("pam-key-first");
            return (Look::Warning, tell!("pam-asks-but"), key_first);
        }
        let (look, codes) = if self.reach.named.is_empty() {
            return (Look::Plain, tell!("pam-asks-not"), String::new());
        } else if problems.iter().any(Problem::is_serious) {
            (Look::Bad, tell!("pam-wrong"))
        } else if problems.is_empty() {
            (Look::Good, tell!("pam-asks"))
        } else {
            (Look::Warning, tell!("pam-asks-but"))
        };
        (look, codes, why.join("; "))
    }

    fn json(&self) -> Json<'_> {
        let places = |places: &[Place]| places.iter().map(At::of).collect();
        let skips = |skips: &[Skip]| {
            skips
                .iter()
                .map(|skip| Past {
                    module: skip.module.clone(),
                    at: At::of(&skip.place),
                })
                .collect()
        };
        Json {
            service: &self.service,
            file: self
                .chain
                .file
                .as_ref()
                .map(|it| it.to_string_lossy().into_owned()),
            named: places(&self.reach.named),
            asked: self.reach.asked,
            problems: problems(&self.reach).iter().map(Problem::word).collect(),
            skipped_by: skips(&self.reach.skipped_by),
            exempt: skips(&self.reach.exempt),
            lets_anybody_in: self.reach.lets_anybody_in,
            broken: self.chain.aborted,
        }
    }
}

/// A service in JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Json<'a> {
    service: &'a str,
    file: Option<String>,
    named: Vec<At>,
    asked: bool,
    problems: Vec<&'static str>,
    skipped_by: Vec<Past>,
    exempt: Vec<Past>,
    lets_anybody_in: bool,
    broken: bool,
}

#[derive(Serialize)]
struct At {
    file: String,
    line: usize,
}

#[derive(Serialize)]
struct Past {
    module: String,
    #[serde(flatten)]
    at: At,
}

impl At {
    fn of(place: &Place) -> Self {
        Self {
            file: place.path.to_string_lossy().into_owned(),
            line: place.line,
        }
    }
}

/// Three columns; the last goes on below itself to fit the terminal.
fn table(rows: &[[Cell; 3]], screen: Screen) -> String {
    let columns = vec![
        Column::new(tell!("pam-head-service"), Give::Fold(8)),
        Column::new(tell!("pam-head-codes"), Give::Never),
        Column::new(tell!("pam-head-why"), Give::Fold(20)),
    ];
    let table = Table::fit(columns, rows.iter().map(<[Cell; 3]>::as_slice), screen);
    let rows: String = rows.iter().map(|row| table.row(row)).collect();
    table.head() + &rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{Glyphs, Ink, Terminal};

    #[test]
    fn the_table_fits_the_terminal() {
        let long = "pam_unix lets in before anybody is asked (/etc/pam.d/system-auth, line 4)";
        let rows = [["sshd", "asks", ""], ["sudo", "WRONG", long]]
            .map(|row| row.map(|text| text.to_owned().into()));
        for columns in [40, 60] {
            let screen = Screen::Terminal(Terminal {
                columns,
                lines: 24,
                ink: Ink::None,
                glyphs: Glyphs::Ascii,
            });
            let text = table(&rows, screen);
            assert!(text.lines().count() > 3, "{text}");
            assert!(
                text.lines().all(|line| line.chars().count() <= columns),
                "{text}"
            );
        }
        assert_eq!(table(&rows, Screen::Stream).lines().count(), 3);
    }
}
