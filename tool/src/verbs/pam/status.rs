//! `pam status`

use serde::Serialize;

use crate::cli::PamStatus;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::pam::error::PamError;
use crate::pam::plan::Tree;
use crate::pam::report::{Problem, problems};
use crate::pam::services::LOGINS;
use crate::pam::trial::Record;
use crate::printable::Printable;
use crate::run::Session;
use crate::stack::chain::{Chain, Place};
use crate::stack::files::{OWN, Root};
use crate::stack::reach::{Reach, Skip};
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
        .filter(|state| known(state).is_some() || state.names_ours())
        .collect();
    shown.sort_by_key(|state| (known(state).unwrap_or(usize::MAX), state.service.clone()));
    let rows = shown.iter().map(|state| {
        let (codes, why) = state.words();
        [Printable(&state.service).to_string(), codes, why]
    });
    let head = [
        tell!("pam-head-service"),
        tell!("pam-head-codes"),
        tell!("pam-head-why"),
    ];
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(rows).collect();
    print(&table(&rows, session.screen.columns()))?;
    // Who is not root cannot see it.
    if let Ok(Some(record)) = Record::load(root) {
        let services = Printable(&record.services.join(", ")).to_string();
        print(&format!(
            "\n{}\n",
            tell!("pam-status-trial", "services" = services)
        ))?;
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

    fn names_ours(&self) -> bool {
        !self.reach.named.is_empty() || !self.reach.misplaced.is_empty()
    }

    /// The second and third column.
    fn words(&self) -> (String, String) {
        let problems = problems(&self.reach);
        let mut why: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for skip in &self.reach.exempt {
            why.push(tell!(
                "pam-exempt",
                "module" = Printable(&skip.module).to_string()
            ));
        }
        if self.chain.aborted {
            return (tell!("pam-wrong"), tell!("pam-broken-stack"));
        }
        // What README.md describes for keys: sshd has asked for something before PAM is.
        let is_key_first =
            |problem: &Problem| matches!(problem, Problem::CodeAlone | Problem::LetsAnybodyIn);
        if self.service == "sshd" && !problems.is_empty() && problems.iter().all(is_key_first) {
            return (tell!("pam-asks-but"), tell!("pam-key-first"));
        }
        let codes = if self.reach.named.is_empty() && problems.is_empty() {
            return (tell!("pam-asks-not"), String::new());
        } else if problems.iter().any(Problem::is_serious) {
            tell!("pam-wrong")
        } else if problems.is_empty() {
            tell!("pam-asks")
        } else {
            tell!("pam-asks-but")
        };
        (codes, why.join("; "))
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

/// Three columns; the last is broken at blanks to fit the terminal.
fn table(rows: &[[String; 3]], columns: Option<usize>) -> String {
    const LEAST: usize = 20;
    let width = |text: &str| text.chars().count();
    let first = rows
        .iter()
        .map(|[it, ..]| width(it))
        .max()
        .unwrap_or_default();
    let second = rows
        .iter()
        .map(|[_, it, _]| width(it))
        .max()
        .unwrap_or_default();
    let indent = first + second + 4;
    let room = columns.map_or(usize::MAX, |all| all.saturating_sub(indent).max(LEAST));
    let mut out = String::new();
    for [service, codes, why] in rows {
        let mut line = format!("{service:first$}  {codes:second$}  ");
        let mut used = 0;
        for word in why.split(' ') {
            if used > 0 && used + 1 + width(word) > room {
                out.push_str(line.trim_end());
                out.push('\n');
                line = " ".repeat(indent);
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += width(word);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_the_terminal() {
        let long = "pam_unix lets in before anybody is asked (/etc/pam.d/system-auth, line 4)";
        let rows =
            [["sshd", "asks", ""], ["sudo", "WRONG", long]].map(|row| row.map(str::to_owned));
        let text = table(&rows, Some(60));
        assert!(text.lines().count() > 2, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert_eq!(table(&rows, None).lines().count(), 2);
    }
}
