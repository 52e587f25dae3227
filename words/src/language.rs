use std::fmt;
use std::str::FromStr;

use unic_langid::LanguageIdentifier;

/// A language that everything is said in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Language {
    /// English, where nothing else is asked for.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// All of them.
    pub const ALL: &[Self] = &[Self::English, Self::French];

    /// Its code (ISO 639-1), as `language` in the configuration has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The language of a locale's name (locale(7)), such as `fr_CA.UTF-8`; English for any other.
    pub fn of_locale(locale: &str) -> Self {
        let code = locale
            .split(['_', '.', '@', '-'])
            .next()
            .unwrap_or_default();
        code.parse().unwrap_or_default()
    }

    /// What a program's environment asks for, by its variables (locale(7)): the first of
    /// `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and not empty.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    pub(crate) fn identifier(self) -> LanguageIdentifier {
        // Both are well formed; the default has no plural rules, and reads all the same.
        self.as_str().parse().unwrap_or_default()
    }
}

/// A code of no language that there are words in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownLanguage;

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the language is not one of en, fr")
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL
            .iter()
            .copied()
            .find(|language| language.as_str() == code)
            .ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_asks_for_its_language() {
        for (locale, language) in [
            ("fr_FR.UTF-8", Language::French),
            ("fr", Language::French),
            ("fr-CA", Language::French),
            ("fr@euro", Language::French),
            ("en_GB.UTF-8", Language::English),
            ("de_DE.UTF-8", Language::English),
            ("frr_DE", Language::English),
            ("C", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn the_first_variable_that_says_something_counts() {
        let set = |pairs: &'static [(&str, &str)]| {
            Language::of_environment(|name| {
                pairs
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(set(&[]), Language::English);
        assert_eq!(set(&[("LANG", "fr_FR.UTF-8")]), Language::French);
        assert_eq!(
            set(&[("LANG", "fr_FR"), ("LC_ALL", "C")]),
            Language::English
        );
        assert_eq!(set(&[("LANG", "fr_FR"), ("LC_ALL", "")]), Language::French);
    }
}
