//! What Countersign says to people: one catalogue, in each [`Language`], in Project Fluent's form.
//!
//! A message is asked for by its name, and has the same name in `en/` and `fr/`. Logs are not in
//! here: they are in English, for whoever searches them. Nothing here reads the environment or the
//! locale of the process, so that the PAM module can use it in other people's programs.

mod ascii;
mod language;

use std::borrow::Cow;

pub use ascii::ascii;
pub use fluent_bundle::FluentValue as Value;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
pub use language::{Charset, Language, UnknownLanguage};

/// One part of the catalogue in all languages.
struct Part {
    english: &'static str,
    french: &'static str,
}

macro_rules! part {
    ($name:literal) => {
        Part {
            english: include_str!(concat!("en/", $name, ".ftl")),
            french: include_str!(concat!("fr/", $name, ".ftl")),
        }
    };
}

/// What a login says.
const LOGIN: &[Part] = &[part!("login")];

/// What polkit's dialog says of what is to be allowed.
const DIALOG: &[Part] = &[part!("dialog")];

/// What the tool says.
const TOOL: &[Part] = &[
    part!("tool"),
    part!("card"),
    part!("config"),
    part!("doctor"),
    part!("help"),
    part!("import"),
    part!("pam"),
    part!("store"),
];

/// A part of the catalogue, read and ready in one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// What a login says. It is small, since the PAM module reads it at each login.
    pub fn of_login(language: Language) -> Self {
        Self::read(LOGIN, language)
    }

    /// What polkit's dialog says of what is to be allowed.
    pub fn of_dialog(language: Language) -> Self {
        Self::read(DIALOG, language)
    }

    /// What the tool says.
    pub fn of_tool(language: Language) -> Self {
        Self::read(TOOL, language)
    }

    fn read(parts: &[Part], language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Marks of direction around what is put in would be copied along with a name or a command.
        bundle.set_use_isolating(false);
        for part in parts {
            let text = match language {
                Language::English => part.english,
                Language::French => part.french,
            };
            // What can be read of a text counts. That all of it can is a test's business.
            let resource = match FluentResource::try_new(text.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            let _ = bundle.add_resource(resource);
        }
        Self { language, bundle }
    }

    /// The language of these words.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A message that has no places for values, if there is one of that name.
    pub fn find(&self, name: &str) -> Option<String> {
        let pattern = self.bundle.get_message(name)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, None, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// The message of that name, with values in their places. A name that is not in the catalogue
    /// reads as itself: a login or a command goes on without it. See [`say!`].
    pub fn text(&self, name: &str, values: &[(&'static str, Value<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (key, value) in values {
            args.set(*key, value.clone());
        }
        let pattern = self.bundle.get_message(name).and_then(|it| it.value());
        let text = match pattern {
            Some(pattern) => {
                let mut errors = Vec::new();
                self.bundle
                    .format_pattern(pattern, Some(&args), &mut errors)
            }
            None => Cow::Borrowed(name),
        };
        text.into_owned()
    }
}

/// A message by its name: `say!(words, "recovery-codes-left", "count" = left)`.
#[macro_export]
macro_rules! say {
    ($words:expr, $name:literal $(, $key:literal = $value:expr)* $(,)?) => {
        $words.text($name, &[$(($key, $crate::Value::from($value))),*])
    };
}

#[cfg(test)]
mod tests;
