//! What is in force by the files, and which of them says so.

use std::fmt::Write;
use std::path::Path;

use countersign_config::{Config, Origins, last_change};
use serde::Serialize;

use super::host;
use super::rule::{OriginJson, RuleJson, on_one_line};
use crate::cli::{CONFIG_DIR, ConfigShow};
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::run::Session;
use crate::screen::Screen;
use crate::table::{Cell, Column, Give, Table};
use crate::words::tell;

/// Shows every value with its origin, and the rules.
pub async fn run(args: &ConfigShow, session: &Session) -> Result<(), ToolError> {
    let (config, origins) = read(&args.dir)?;
    if args.json {
        return print_json(&as_json(&config, &origins));
    }
    let mut text = as_text(&config, &origins, session.screen);
    for note in notes(&args.dir, session).await {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{note}");
    }
    print(&text)
}

/// The files, if they can be gone by.
pub fn read(dir: &Path) -> Result<(Config, Origins), ToolError> {
    host::load(dir).map_err(|problems| ToolError::NoConfiguration {
        count: problems.len(),
    })
}

fn as_text(config: &Config, origins: &Origins, screen: Screen) -> String {
    let values = config.values();
    let settings: Vec<[Cell; 2]> = values
        .iter()
        .map(|(key, value)| {
            let shown = format!("{key} = {}", Printable(value));
            let origin = origins
                .of_key(key)
                .map(|it| Printable(&it.to_string()).to_string());
            [shown, origin.unwrap_or_else(|| tell!("config-default"))].map(Cell::from)
        })
        .collect();
    let columns = vec![
        Column::new(String::new(), Give::Fold(20)),
        Column::new(String::new(), Give::Never),
    ];
    let table = Table::fit(columns, settings.iter().map(<[Cell; 2]>::as_slice), screen);
    let mut text: String = settings.iter().map(|setting| table.row(setting)).collect();
    let rules = config.policy.rules();
    let _ = match rules {
        [] => writeln!(text, "\n{}", tell!("config-no-rules")),
        _ => writeln!(text, "\n{}", tell!("config-rules")),
    };
    for (place, rule) in rules.iter().enumerate() {
        let origin = origins.of_rule(place).map(ToString::to_string);
        let origin = origin.unwrap_or_default();
        let number = place.saturating_add(1);
        let _ = writeln!(text, "{number:4}  {origin}\n      {}", on_one_line(rule));
    }
    text
}

#[derive(Serialize)]
struct Shown {
    settings: Vec<Setting>,
    rules: Vec<RuleJson>,
}

#[derive(Serialize)]
struct Setting {
    key: &'static str,
    value: String,
    default: bool,
    #[serde(flatten)]
    origin: OriginJson,
}

fn as_json(config: &Config, origins: &Origins) -> Shown {
    let setting = |(key, value): (&'static str, String)| Setting {
        key,
        value,
        default: origins.of_key(key).is_none(),
        origin: origins.of_key(key).into(),
    };
    let rules = config.policy.rules().iter().enumerate();
    Shown {
        settings: config.values().into_iter().map(setting).collect(),
        rules: rules
            .map(|(place, rule)| RuleJson::new(place, rule, origins))
            .collect(),
    }
}

/// Where the running daemon goes by something else than these files.
pub async fn notes(dir: &Path, session: &Session) -> Vec<String> {
    let mut notes = Vec::new();
    if dir != Path::new(CONFIG_DIR) {
        return notes;
    }
    let Some(loaded) = session.configuration_loaded().await else {
        return notes;
    };
    if last_change(dir).is_some_and(|changed| changed > loaded) {
        notes.push(tell!("config-daemon-has-older"));
    }
    notes
}
