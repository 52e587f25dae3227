//! What Countersign says to people: one catalogue, in each [`Language`], in Project Fluent's form.
//!
//! A message is asked for by its name, and has the same name in `en/` and `fr/`. Logs are not in
//! here: they are in English, for whoever searches them. Nothing here reads the environment or the
//! locale of the process, so that the PAM module can use it in other people's programs.
//!
//! What a login says is compiled; the rest is read by Fluent, with the feature `catalogue`, which the
//! PAM module has not.

mod ascii;
#[cfg(any(test, feature = "catalogue"))]
mod catalogue;
mod language;
mod login;
mod value;

pub use ascii::ascii;
pub use language::{Charset, Language, UnknownLanguage};
pub use value::Value;

#[cfg(any(test, feature = "catalogue"))]
use crate::catalogue::{Catalogue, DIALOG, TOOL};
use crate::login::Speech;

/// A part of the catalogue, ready in one language.
pub struct Words {
    language: Language,
    source: Source,
}

/// Where the words come from.
enum Source {
    /// The code that was made of them.
    Login,
    /// The files.
    #[cfg(any(test, feature = "catalogue"))]
    Catalogue(Catalogue),
}

impl Words {
    /// What a login says. There is nothing to read: the PAM module does it at each login.
    pub const fn of_login(language: Language) -> Self {
        Self {
            language,
            source: Source::Login,
        }
    }

    /// What polkit's dialog says of what is to be allowed.
    #[cfg(any(test, feature = "catalogue"))]
    pub fn of_dialog(language: Language) -> Self {
        Self {
            language,
            source: Source::Catalogue(Catalogue::read(DIALOG, language)),
        }
    }

    /// What the tool says.
    #[cfg(any(test, feature = "catalogue"))]
    pub fn of_tool(language: Language) -> Self {
        Self {
            language,
            source: Source::Catalogue(Catalogue::read(TOOL, language)),
        }
    }

    /// The language of these words.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A message that has no places for values, if there is one of that name.
    pub fn find(&self, name: &str) -> Option<String> {
        match &self.source {
            Source::Login => Speech::say(self.language, name, &[])?.complete(),
            #[cfg(any(test, feature = "catalogue"))]
            Source::Catalogue(catalogue) => catalogue.find(name),
        }
    }

    /// The message of that name, with values in their places. A name that is not in the catalogue
    /// reads as itself: a login or a command goes on without it. See [`say!`].
    pub fn text(&self, name: &str, values: &[(&'static str, Value<'_>)]) -> String {
        let text = match &self.source {
            Source::Login => Speech::say(self.language, name, values).map(Speech::whole),
            #[cfg(any(test, feature = "catalogue"))]
            Source::Catalogue(catalogue) => catalogue.text(name, values),
        };
        text.unwrap_or_else(|| name.to_owned())
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
