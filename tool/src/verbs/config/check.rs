//! Everything that is wrong with the configuration, at once, and what is odd about it.

use countersign_config::Problem;
use serde::Serialize;

use super::host;
use super::problem::say_problem;
use super::remark::{Remark, remarks};
use crate::cli::ConfigCheck;
use crate::clock;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::paint::{Look, Paint};
use crate::run::Session;
use crate::words::{tell, words};

/// Checks the files. What is wrong fails, what is odd does not.
pub async fn run(args: &ConfigCheck, session: &Session) -> Result<(), ToolError> {
    let paint = Paint::of(session.screen);
    let problems = match host::load(&args.dir) {
        Ok((config, origins)) => {
            let remarks = remarks(&config.policy, &origins, clock::now()).await;
            return if args.json {
                print_json(&Report::good(&remarks))
            } else {
                print(&as_text(&remarks, config.policy.rules().len(), paint))
            };
        }
        Err(problems) => problems,
    };
    if args.json {
        print_json(&Report::broken(&problems))?;
    } else {
        let lines = problems
            .iter()
            .map(|problem| paint.on(Look::Bad, &say_problem(words(), problem)) + "\n");
        print(&lines.collect::<String>())?;
    }
    let count = problems.len();
    Err(ToolError::BrokenConfiguration { count })
}

fn as_text(remarks: &[Remark], rules: usize, paint: Paint) -> String {
    let warnings = remarks.iter().map(|remark| {
        let text = tell!("config-warning", "text" = remark.said.as_str());
        let text = paint.on(Look::Warning, &text);
        match &remark.origin {
            Some(origin) => format!("{origin}: {text}\n"),
            None => format!("{text}\n"),
        }
    });
    let mut text: String = warnings.collect();
    let good = tell!("config-good", "rules" = rules, "warnings" = remarks.len(),);
    text.push_str(&paint.on(Look::Good, &good));
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    problems: Vec<Told>,
    warnings: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    text: String,
}

impl Report {
    fn broken(problems: &[Problem]) -> Self {
        let line = |problem: &Problem| Told {
            file: problem.file.to_string_lossy().into_owned(),
            line: problem.place.map(|place| place.line),
            column: problem.place.map(|place| place.column),
            kind: None,
            text: problem.wrong.to_string(),
        };
        Self {
            ok: false,
            problems: problems.iter().map(line).collect(),
            warnings: Vec::new(),
        }
    }

    fn good(remarks: &[Remark]) -> Self {
        let line = |remark: &Remark| Told {
            file: remark.origin.as_ref().map_or_else(String::new, |origin| {
                origin.file.to_string_lossy().into_owned()
            }),
            line: remark.origin.as_ref().map(|origin| origin.line),
            column: None,
            kind: Some(remark.kind),
            text: remark.said.clone(),
        };
        Self {
            ok: true,
            problems: Vec::new(),
            warnings: remarks.iter().map(line).collect(),
        }
    }
}
