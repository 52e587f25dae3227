//! From files to a [`Config`].

use std::path::Path;

use countersign_words::Language;

use super::keys::Table;
use super::origins::Origins;
use super::problem::{Problem, Wrong};
use super::settings::Config;
use super::tree::{Reader, Value};
use super::{file, rules};
use crate::policy::{Policy, Rule};
use crate::{Algorithm, Digits, Issuer, Period, StepWindow};

impl Config {
    /// Reads `countersign.toml` and `conf.d/*.toml` in `dir`. Whatever of them is absent leaves the
    /// built-in defaults; `host_name` is the default issuer.
    ///
    /// Drop-ins are read after the main file, in the order of their names. For a single key the
    /// last file that has it counts. Rules add up in the order of reading, and since the first
    /// match wins, no drop-in takes effect against a rule of the main file: whoever reads the
    /// main file alone knows what its rules do.
    ///
    /// # Errors
    /// All that is wrong in all files, in the order of files and lines. To go on without them,
    /// see [`Config::default_for`].
    pub fn load(dir: &Path, host_name: &str) -> Result<Self, Vec<Problem>> {
        Self::load_with_origins(dir, host_name).map(|(config, _)| config)
    }

    /// The same, and where each value comes from.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with_origins(dir: &Path, host_name: &str) -> Result<(Self, Origins), Vec<Problem>> {
        let mut origins = Origins::default();
        let mut config = Self::default_for(host_name);
        let mut rules = Vec::new();
        let mut problems = Vec::new();
        for file in file::all(dir) {
            match file.and_then(|file| Ok((file::read(&file)?, file))) {
                Ok((text, file)) => {
                    let mut reader = Reader::new(&file, &text, &mut origins);
                    config.read(&mut reader, &mut rules);
                    problems.extend(reader.into_problems());
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            problems.extend(config.store.check(&origins));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        config.policy = Policy::new(rules);
        Ok((config, origins))
    }

    /// Takes over what one file says.
    fn read(&mut self, reader: &mut Reader<'_>, rules: &mut Vec<Rule>) {
        let tree = reader.parse();
        reader.check_keys(Table::Top, &tree);
        if let Some(value) = tree.get("issuer") {
            set(&mut self.issuer, issuer(reader, value));
        }
        if let Some(value) = tree.get("language") {
            let word = reader.word("language", value, Language::ALL, Language::as_str);
            set(&mut self.language, word);
        }
        if let Some(value) = tree.get("totp") {
            self.read_totp(reader, value);
        }
        if let Some(value) = tree.get("recovery") {
            self.read_recovery(reader, value);
        }
        if let Some(value) = tree.get("store") {
            self.store.read(reader, value);
        }
        if let Some(value) = tree.get("rule") {
            rules.extend(rules::read(reader, value));
        }
    }

    fn read_totp<'i>(&mut self, reader: &mut Reader<'i>, value: Value<'_, 'i>) {
        let Some(tree) = reader.table("totp", value) else {
            return;
        };
        reader.check_keys(Table::Totp, tree);
        if let Some(value) = tree.get("algorithm") {
            let word = reader.word("algorithm", value, Algorithm::ALL, Algorithm::as_str);
            set(&mut self.totp.algorithm, word);
        }
        if let Some(value) = tree.get("digits") {
            let digits = reader.number("digits", value, 6..=8);
            set(
                &mut self.totp.digits,
                digits.and_then(|it| Digits::new(it).ok()),
            );
        }
        if let Some(value) = tree.get("period") {
            let period = reader.number("period", value, 1..=86400);
            set(
                &mut self.totp.period,
                period.and_then(|it| Period::new(it).ok()),
            );
        }
        if let Some(value) = tree.get("window") {
            let window = reader.number("window", value, 0..=10);
            set(
                &mut self.totp.window,
                window.and_then(|it| StepWindow::new(it).ok()),
            );
        }
    }

    fn read_recovery<'i>(&mut self, reader: &mut Reader<'i>, value: Value<'_, 'i>) {
        let Some(tree) = reader.table("recovery", value) else {
            return;
        };
        reader.check_keys(Table::Recovery, tree);
        if let Some(value) = tree.get("codes") {
            set(
                &mut self.recovery_codes,
                reader.number("codes", value, 1..=20),
            );
        }
    }
}

fn issuer<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Option<Issuer> {
    match Issuer::parse(reader.text("issuer", value)?) {
        Ok(issuer) => Some(issuer),
        Err(error) => {
            reader.report(value.span(), Wrong::Issuer(error));
            None
        }
    }
}

fn set<T>(key: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *key = value;
    }
}
