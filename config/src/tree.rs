//! Typed reads out of the spanned TOML tree. Whatever does not fit is reported at its own place.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Table, nearest};
use super::origins::{Origin, Origins};
use super::problem::{Place, Problem, Wrong};

/// A key of a table with its value.
pub type Value<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// One file's text while it is read, and what is wrong in it so far.
pub struct Reader<'i> {
    file: &'i Path,
    text: &'i str,
    found: Vec<(usize, Wrong)>,
    origins: &'i mut Origins,
}

impl<'i> Reader<'i> {
    pub fn new(file: &'i Path, text: &'i str, origins: &'i mut Origins) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
            origins,
        }
    }

    pub fn report(&mut self, span: Range<usize>, wrong: Wrong) {
        self.found.push((span.start, wrong));
    }

    /// The file's tables. Syntax errors are reported, and what is whole is read all the same.
    pub fn parse(&mut self) -> DeTable<'i> {
        let (tree, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            self.report(span, Wrong::Syntax(error.message().to_owned()));
        }
        tree.into_inner()
    }

    /// The problems in the order of their places. A line that is not TOML is reported once, and
    /// nothing that follows from it there.
    pub fn into_problems(mut self) -> Vec<Problem> {
        // Sorting is stable, so a syntax error stays before what was found at the same place.
        self.found.sort_by_key(|(start, _)| *start);
        let text = self.text;
        let broken: Vec<usize> = self
            .found
            .iter()
            .filter(|(_, wrong)| matches!(wrong, Wrong::Syntax(_)))
            .map(|(start, _)| Place::of(text, *start).line)
            .collect();
        let mut problems: Vec<Problem> = Vec::new();
        let mut told = None;
        for (start, wrong) in self.found {
            let place = Place::of(text, start);
            if broken.contains(&place.line) {
                if told == Some(place.line) || !matches!(wrong, Wrong::Syntax(_)) {
                    continue;
                }
                told = Some(place.line);
            }
            problems.push(Problem {
                file: self.file.to_owned(),
                place: Some(place),
                wrong,
            });
        }
        problems
    }

    /// Reports every key that does not belong in the table.
    pub fn check_keys(&mut self, table: Table, tree: &DeTable<'i>) {
        for key in tree.keys() {
            let written = key.get_ref().as_ref();
            if let Some(name) = table.name_of(written) {
                let origin = self.origin(key.span());
                self.origins.set(name, origin);
            }
            if !table.keys().contains(&written) {
                let nearest = nearest(written, table.keys());
                self.report(
                    key.span(),
                    Wrong::UnknownKey {
                        key: written.to_owned(),
                        table,
                        nearest,
                    },
                );
            }
        }
    }

    /// Notes where a rule begins.
    pub fn note_rule(&mut self, span: Range<usize>) {
        let origin = self.origin(span);
        self.origins.add_rule(origin);
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        Origin {
            file: self.file.to_owned(),
            line: Place::of(self.text, span.start).line,
        }
    }

    pub fn table<'t>(
        &mut self,
        key: &'static str,
        value: Value<'t, 'i>,
    ) -> Option<&'t DeTable<'i>> {
        let found = value.get_ref().as_table();
        self.of_type(key, "a table", value, found)
    }

    pub fn text<'t>(&mut self, key: &'static str, value: Value<'t, 'i>) -> Option<&'t str> {
        let found = value.get_ref().as_str();
        self.of_type(key, "a string", value, found)
    }

    pub fn boolean(&mut self, key: &'static str, value: Value<'_, 'i>) -> Option<bool> {
        let found = value.get_ref().as_bool();
        self.of_type(key, "true or false", value, found)
    }

    /// A whole number in the range, in any of TOML's notations.
    pub fn number<N: TryFrom<u32>>(
        &mut self,
        key: &'static str,
        value: Value<'_, 'i>,
        allowed: RangeInclusive<u32>,
    ) -> Option<N> {
        let found = value.get_ref().as_integer();
        let digits = self.of_type(key, "a whole number", value, found)?;
        let number = u32::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| allowed.contains(number))
            .and_then(|number| N::try_from(number).ok());
        if number.is_none() {
            self.report(value.span(), Wrong::Range { key, allowed });
        }
        number
    }

    /// One of the words of a closed set.
    pub fn word<T: Copy>(
        &mut self,
        key: &'static str,
        value: Value<'_, 'i>,
        all: &[T],
        word_of: fn(T) -> &'static str,
    ) -> Option<T> {
        let written = self.text(key, value)?;
        let found = all.iter().copied().find(|word| word_of(*word) == written);
        if found.is_none() {
            let known: Box<[_]> = all.iter().copied().map(word_of).collect();
            let nearest = nearest_word(written, &known);
            self.report(
                value.span(),
                Wrong::Word {
                    key,
                    word: written.to_owned(),
                    known,
                    nearest,
                },
            );
        }
        found
    }

    /// A list of strings with at least one in it, each turned into what it means.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        value: Value<'_, 'i>,
        meaning: fn(&str) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let found = value.get_ref().as_array();
        let array = self.of_type(key, "a list of strings", value, found)?;
        if array.is_empty() {
            self.report(value.span(), Wrong::EmptyList { key });
        }
        let mut meanings = Vec::new();
        for item in array {
            let found = item.get_ref().as_str();
            match self
                .of_type(key, "a list of strings", item, found)
                .map(meaning)
            {
                Some(Ok(meant)) => meanings.push(meant),
                Some(Err(wrong)) => self.report(item.span(), wrong),
                None => {}
            }
        }
        Some(meanings)
    }

    fn of_type<T>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        value: Value<'_, 'i>,
        found: Option<T>,
    ) -> Option<T> {
        if found.is_none() {
            let found = value.get_ref().type_str();
            self.report(value.span(), Wrong::Type { key, wanted, found });
        }
        found
    }
}

/// Like [`nearest`], for words that are written in capitals.
fn nearest_word(written: &str, known: &[&'static str]) -> Option<&'static str> {
    let same = known
        .iter()
        .copied()
        .find(|word| word.eq_ignore_ascii_case(written));
    same.or_else(|| nearest(written, known))
}
